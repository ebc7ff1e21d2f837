"""The course of one session: which step runs, and what the moderator does to it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from journeylab.clock import Clock
from journeylab.errors import SessionError
from journeylab.session.events import Announcer, EventKind
from journeylab.session.outcomes import OutcomeLog, SaidOutcome
from journeylab.session.rows import act_row
from journeylab.session.states import Act, StateCell
from journeylab.session.steps import StepLog
from journeylab.streams import Row
from journeylab.study.assignment import PREFIX, Assignment
from journeylab.study.model import Step, Stimulus
from journeylab.vocabulary import CourseAct, StimulusKind, TaskOutcome

UNPLANNED: Final = "unplanned-"
"""How the ids of unplanned steps begin; a number follows."""

_AUTHOR: Final = "moderator"


class SessionCourse:
    """Steps through a session; every act is written, with who did it.

    ``publish`` gets the rows. ``hold`` is called with true when a pause begins and false when it
    ends, with the instant. Every method from any thread; SessionError when nothing is recorded.
    """

    def __init__(
        self,
        steps: Sequence[Step],
        *,
        cell: StateCell,
        lock: threading.RLock,
        clock: Clock,
        publish: Callable[[Row], None],
        announcer: Announcer,
        hold: Callable[[bool, int], None],
    ) -> None:
        self.log = StepLog([step.id for step in steps])
        self.outcomes = OutcomeLog()
        self._steps = tuple(steps)
        self._variants: Mapping[str, str] = {}
        self.unplanned: dict[str, Step] = {}
        """The steps the study does not have, by id, in the order in which they were begun."""
        self._cell = cell
        self._lock = lock
        self._clock = clock
        self._publish = publish
        self._announcer = announcer
        self._hold = hold
        self._is_between = False
        self._is_last_skipped = False
        self._is_held = False

    @property
    def steps(self) -> tuple[Step, ...]:
        """The study's steps as this participant meets them."""
        return self._steps

    @property
    def variants(self) -> Mapping[str, str]:
        """The version of a step that this participant meets, by step id, of steps with several."""
        return self._variants

    def assign(self, assignment: Assignment) -> None:
        """The steps as this participant meets them; before the first one runs."""
        self._steps = assignment.steps
        self._variants = {
            name.removeprefix(PREFIX): variant
            for name, variant in assignment.segments.items()
            if name.startswith(PREFIX)
        }

    @property
    def current_step(self) -> Step | None:
        """The step that runs, planned or not."""
        running = self.log.running
        return None if running is None else self._step(running)

    @property
    def last_step(self) -> Step | None:
        """The study's step that was entered last, whether it runs or not."""
        place = self.log.place
        return None if place is None else self._steps[place]

    @property
    def next_step(self) -> Step | None:
        """The study's step that :meth:`go` would enter; None behind the last one."""
        place = self.log.place
        coming = 0 if place is None else place + 1
        return self._steps[coming] if coming < len(self._steps) else None

    @property
    def is_between(self) -> bool:
        """True from :meth:`end_step` until another step is entered: no step runs."""
        return self._is_between

    @property
    def is_last_skipped(self) -> bool:
        """True once the journey's last step was skipped, until another step is entered."""
        return self._is_between and self._is_last_skipped

    @property
    def is_in_last_step(self) -> bool:
        """True while, and after, the journey's last step is the one that was entered last."""
        place = self.log.place
        return place is not None and place + 1 >= len(self._steps)

    def go(self, by: int, *, at_ns: int | None = None) -> Step:
        """End the running step and enter another of the study's; the first when none ran yet.

        From an unplanned step, ``by`` 1 is the step after the one it interrupted, and -1 that one;
        between two steps, -1 is the one that ended.

        Raises
        ------
        SessionError
            When the session is paused, or there is no such step.
        """
        t_ns = self._clock.now_ns() if at_ns is None else at_ns
        with self._lock:
            self._require_running()
            step = self._enter(by, t_ns)
        self._announcer.tell(EventKind.STEP, step.title)
        return step

    def end_step(self) -> None:
        """End the running step; none runs until one is entered. Raises as :meth:`go`."""
        with self._lock:
            self._require_running()
            self._send(self.log.leave(t_ns=self._clock.now_ns()))
            self._is_between = True

    def skip(self, reason: str = "") -> Step | None:
        """Leave the running step as skipped and enter the next; raises as :meth:`go`.

        None after the last step: it has ended then, and nothing is asked about it.
        """
        with self._lock:
            self._require_running()
            t_ns = self._clock.now_ns()
            skipped = self.log.running
            if skipped is not None:
                self._write(CourseAct.SKIP, skipped, reason, t_ns)
            if self.is_in_last_step:
                self._send(self.log.leave(t_ns=t_ns))
                last = self.last_step
                self._is_last_skipped |= last is not None and last.id == skipped
                self._is_between = True
                return None
            step = self._enter(1, t_ns)
        self._announcer.tell(EventKind.STEP, step.title)
        return step

    def redo(self) -> Step:
        """Begin the running step anew, as a visit of its own; raises as :meth:`go`.

        Between two steps it is the one that ended.
        """
        with self._lock:
            self._require_running()
            step = self.last_step if self._is_between else self.current_step
            if step is None:
                raise SessionError("No step runs that could be begun anew.")
            t_ns = self._clock.now_ns()
            self._write(CourseAct.REDO, step.id, "", t_ns)
            if step.id in self.unplanned:
                self._send(self.log.enter_unplanned(step.id, t_ns=t_ns))
            else:
                self._send(self.log.enter(self.log.place or 0, t_ns=t_ns))
            self._is_between = self._is_last_skipped = False
        self._announcer.tell(EventKind.STEP, step.title)
        return step

    def enter_unplanned(self, title: str) -> Step:
        """Begin a step the study does not have, in which nothing is shown.

        Raises
        ------
        SessionError
            When it has no title, the session is paused, or no step ran yet.
        """
        title = title.strip()
        if not title:
            raise SessionError("An unplanned step needs a title.", remedy="Say what it is about.")
        with self._lock:
            self._require_running()
            if self.log.place is None:
                raise SessionError("An unplanned step comes after the first one.")
            t_ns = self._clock.now_ns()
            step_id = f"{UNPLANNED}{len(self.unplanned) + 1}"
            step = Step(
                id=step_id, title=title[:80], stimulus=Stimulus(kind=StimulusKind.CAMERA_ONLY)
            )
            self.unplanned[step_id] = step
            self._send(self.log.enter_unplanned(step_id, t_ns=t_ns))
            self._is_between = self._is_last_skipped = False
            self._write(CourseAct.UNPLANNED, step_id, step.title, t_ns)
        self._announcer.tell(EventKind.STEP, step.title)
        return step

    def pause(self, reason: str = "", *, tells: EventKind = EventKind.PAUSED) -> None:
        """Hold the session: nothing of the participant is stored until :meth:`resume`.

        Listeners are told ``tells``: a debrief is a pause, too.

        Raises
        ------
        SessionError
            When it is paused already, or no step has run yet.
        """
        with self._lock:
            self._require_running()
            step_id = self.log.last if self._is_between else self.log.running
            if step_id is None:
                raise SessionError("No step runs that could be paused.")
            t_ns = self._clock.now_ns()
            self._send(self.log.pause(t_ns=t_ns))
            self._is_held = True
            self._write(CourseAct.PAUSE, step_id, reason, t_ns)
            self._hold(True, t_ns)
        self._announcer.tell(tells)

    def resume(self) -> None:
        """Go on with what was paused.

        Raises
        ------
        SessionError
            When nothing is paused.
        """
        with self._lock:
            self._cell.require(Act.STEP)
            if not self._is_held:
                raise SessionError("The session is not paused.")
            t_ns = self._clock.now_ns()
            self._hold(False, t_ns)
            self._send(self.log.resume(t_ns=t_ns))
            self._is_held = False
            self._write(CourseAct.RESUME, self.log.last or "", "", t_ns)
        self._announcer.tell(EventKind.RESUMED)

    @property
    def is_paused(self) -> bool:
        return self._is_held

    def set_outcome(self, outcome: TaskOutcome, *, of_step: str | None = None) -> None:
        """Say how the task of the running step ended, or of the one that ran last; the latest word
        holds.

        ``of_step`` names another step that was reached. SessionError when it was not.
        """
        with self._lock:
            self._cell.require(Act.MARK)
            step_id = self.log.last if of_step is None else of_step
            if step_id is None:
                raise SessionError("No step has run yet.")
            if self.log.visit_of(step_id) == 0:
                raise SessionError("That step was not reached, so its task has no outcome.")
            t_ns = self._clock.now_ns()
            self.outcomes.add(SaidOutcome(step_id, outcome, t_ns))
            self._write(CourseAct.OUTCOME, step_id, str(outcome), t_ns)
        self._announcer.tell(EventKind.OUTCOME, str(outcome))

    def leave(self, t_ns: int) -> None:
        """End the running step: the recording ends."""
        with self._lock:
            self._send(self.log.leave(t_ns=t_ns))
            self._is_between = self._is_held = False

    def _require_running(self) -> None:
        self._cell.require(Act.STEP)
        if self._is_held:
            raise SessionError("The session is paused.", remedy="Resume it first.")

    def _enter(self, by: int, t_ns: int) -> Step:
        place, running = self.log.place, self.log.running
        is_unplanned = running is not None and running in self.unplanned
        step_back = 1 if (is_unplanned or self._is_between) and by < 0 else 0
        target = 0 if place is None else place + by + step_back
        self._send(self.log.enter(target, t_ns=t_ns))
        self._is_between = self._is_last_skipped = False
        return self._steps[target]

    def _step(self, step_id: str) -> Step:
        if step_id in self.unplanned:
            return self.unplanned[step_id]
        return next(step for step in self._steps if step.id == step_id)

    def _send(self, rows: Sequence[Row]) -> None:
        for row in rows:
            self._publish(row)

    def _write(self, act: CourseAct, step_id: str, value: str, t_ns: int) -> None:
        visit = max(1, self.log.visit_of(step_id))
        self._publish(act_row(t_ns, act, step_id=step_id, visit=visit, value=value, author=_AUTHOR))
