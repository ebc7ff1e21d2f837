"""Which step a session is in, its markers, and how long each step took."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence

from journeylab.clock import NS_PER_S
from journeylab.errors import SessionError
from journeylab.session.rows import step_row
from journeylab.streams import Row
from journeylab.vocabulary import StepPhase


class StepLog:
    """The steps of one session: those of its study in their order, and unplanned ones between.

    Thread-safe.
    """

    def __init__(self, step_ids: Sequence[str]) -> None:
        self._lock = threading.RLock()
        self._ids = tuple(step_ids)
        self._running: str | None = None
        self._paused: str | None = None
        self._place: int | None = None
        self._started_ns = 0
        self._visits: Counter[str] = Counter()
        self._spent_ns: Counter[str] = Counter()

    @property
    def running(self) -> str | None:
        """Id of the running step; None before the first, after the last, and while paused."""
        return self._running

    @property
    def index(self) -> int | None:
        """Position of the running step in the study; None when none of the study's runs."""
        with self._lock:
            return self._place if self._running in self._ids else None

    @property
    def place(self) -> int | None:
        """Position of the study's step that was entered last; None before the first."""
        return self._place

    @property
    def last(self) -> str | None:
        """The step that runs, is paused, or ran last."""
        with self._lock:
            place = None if self._place is None else self._ids[self._place]
            return self._running or self._paused or place

    @property
    def is_paused(self) -> bool:
        return self._paused is not None

    @property
    def started_ns(self) -> int | None:
        """When the running step began, or was resumed."""
        with self._lock:
            return None if self._running is None else self._started_ns

    @property
    def visit(self) -> int:
        """Which visit to the running step this is, from 1; 0 when none runs."""
        with self._lock:
            return 0 if self._running is None else self._visits[self._running]

    def visit_of(self, step_id: str) -> int:
        """How many times a step was entered so far."""
        with self._lock:
            return self._visits[step_id]

    def enter(self, index: int, *, t_ns: int) -> tuple[Row, ...]:
        """End the running step and start another at the same instant; the markers of both.

        Raises
        ------
        SessionError
            When there is no such step.
        """
        if not 0 <= index < len(self._ids):
            raise SessionError(
                "There is no step before the first."
                if index < 0
                else "This is the last step of the study.",
                remedy="" if index < 0 else "Stop the recording to end the session.",
            )
        with self._lock:
            rows = self._start(self._ids[index], t_ns=t_ns)
            self._place = index
        return rows

    def enter_unplanned(self, step_id: str, *, t_ns: int) -> tuple[Row, ...]:
        """End the running step and start one that the study does not have."""
        with self._lock:
            return self._start(step_id, t_ns=t_ns)

    def _start(self, step_id: str, *, t_ns: int) -> tuple[Row, ...]:
        # Two callers may have read the clock before either came in here.
        t_ns = t_ns if self._running is None else max(t_ns, self._started_ns)
        ended = self.leave(t_ns=t_ns)
        self._running, self._paused = step_id, None
        self._started_ns = t_ns
        self._visits[step_id] += 1
        started = step_row(t_ns, step_id, phase=StepPhase.START, visit=self._visits[step_id])
        return (*ended, started)

    def pause(self, *, t_ns: int) -> tuple[Row, ...]:
        """End the running step for now; :meth:`resume` starts the same visit again."""
        with self._lock:
            step_id = self._running
            rows = self.leave(t_ns=t_ns)
            self._paused = step_id
        return rows

    def resume(self, *, t_ns: int) -> tuple[Row, ...]:
        """Start the paused visit again; its marker, none when nothing was paused."""
        with self._lock:
            step_id, self._paused = self._paused, None
            if step_id is None:
                return ()
            self._running, self._started_ns = step_id, t_ns
            return (step_row(t_ns, step_id, phase=StepPhase.START, visit=self._visits[step_id]),)

    def leave(self, *, t_ns: int) -> tuple[Row, ...]:
        """End the running step, if any; its marker."""
        with self._lock:
            step_id, self._paused = self._running, None
            if step_id is None:
                return ()
            t_ns = max(t_ns, self._started_ns)
            self._spent_ns[step_id] += t_ns - self._started_ns
            self._running = None
            return (step_row(t_ns, step_id, phase=StepPhase.END, visit=self._visits[step_id]),)

    def spent_s(self, step_id: str, now_ns: int) -> float:
        """Time spent in one step so far, over all visits."""
        with self._lock:
            spent_ns = self._spent_ns[step_id]
            if step_id == self._running:
                spent_ns += max(0, now_ns - self._started_ns)
        return spent_ns / NS_PER_S

    def durations_s(self, now_ns: int) -> tuple[float, ...]:
        """Time spent in each step so far, over all visits, in the study's order."""
        with self._lock:
            return tuple(self.spent_s(step_id, now_ns) for step_id in self._ids)
