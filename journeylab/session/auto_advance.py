"""Advances a session by its planned durations, for pilots and tests."""

from __future__ import annotations

from typing import Final

from journeylab.clock import NS_PER_S, Clock
from journeylab.errors import SessionError
from journeylab.session.controller import SessionController
from journeylab.session.states import SessionState
from journeylab.study.model import Study
from journeylab.vocabulary import StimulusKind

_GOING_ON: Final = frozenset(
    {
        SessionState.IDLE,
        SessionState.PREVIEW,
        SessionState.CALIBRATING,
        SessionState.RECORDING,
    }
)


def left_out_words(study: Study) -> str:
    """What a session on rails does not ask, in a sentence; empty when it asks all there is.

    The questions of a step that is made of them are asked while it runs.
    """
    steps = [step for step in study.steps if step.stimulus.kind is not StimulusKind.QUESTIONS]
    after_steps = sum(len(step.questions) for step in steps)
    parts = []
    if after_steps:
        parts.append(f"{after_steps} after steps")
    if study.questions:
        parts.append(f"{len(study.questions)} at the end")
    if not parts:
        return ""
    are = "is" if after_steps + len(study.questions) == 1 else "are"
    return (
        f"Nobody is asked anything with --auto: of the study's questions {' and '.join(parts)} "
        f"{are} left out."
    )


class AutoAdvance:
    """Enters each step when the one before has lasted as long as planned.

    Deadlines are absolute on the clock: a late poll does not delay the steps after it. When
    somebody changes the step by hand, the plan goes on from there. Nobody is waited for: what a
    study asks after its steps and at its end is not asked. Whoever drives calls
    :meth:`poll` at the pace it likes, or waits for :attr:`deadline_ns`.
    """

    def __init__(self, controller: SessionController, *, clock: Clock) -> None:
        self._controller = controller
        self._clock = clock
        self._seen_ns: int | None = None
        self._deadline_ns: int | None = None

    @property
    def deadline_ns(self) -> int | None:
        """When the running step is over by the plan; None while none runs."""
        self._follow()
        return self._deadline_ns

    def poll(self) -> bool:
        """Advance where it is due; False when nothing is left to advance.

        That is once the last step has lasted as long as planned, or the session has failed or
        was stopped.
        """
        if self._controller.state not in _GOING_ON:
            return False
        deadline_ns = self.deadline_ns
        if deadline_ns is None or self._clock.now_ns() < deadline_ns:
            return True
        controller = self._controller
        if (controller.step_index or 0) + 1 >= len(controller.folder.study.steps):
            return False
        try:
            step = controller.next_step()
        except SessionError:
            return False  # stopped or failed on another thread since the state was asked
        self._seen_ns = controller.course.log.started_ns
        self._deadline_ns = deadline_ns + round(step.planned_s * NS_PER_S)
        return True

    def _follow(self) -> None:
        """Take the plan up from the running step when it is not the one we entered."""
        started_ns, step = self._controller.course.log.started_ns, self._controller.current_step
        if started_ns is None or step is None:
            self._seen_ns = self._deadline_ns = None
        elif started_ns != self._seen_ns:
            self._seen_ns = started_ns
            self._deadline_ns = started_ns + round(step.planned_s * NS_PER_S)
