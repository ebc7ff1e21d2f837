"""Leads one session from step to step, with the questions between and the debrief at its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from journeylab.app.participant_screen import ParticipantScreen
from journeylab.session.asking import QuestionRound
from journeylab.session.controller import SessionController
from journeylab.session.debrief import begin_debrief, leave_debrief
from journeylab.session.events import EventKind, SessionEvent

_SETTLE_MS: Final = 400  # a step that has just come on has the machine to itself


class StepTasks(QObject):
    """Goes on, goes back, asks and debriefs in one session. GUI thread only.

    ``attempt`` does an act, or tells the moderator why not. ``mouse_used`` goes out when the
    participant answered with the mouse and her window does not need the keyboard.
    """

    mouse_used = Signal()

    def __init__(
        self,
        controller: SessionController,
        *,
        screen: ParticipantScreen,
        attempt: Callable[[Callable[[], object]], bool],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._controller = controller
        self._screen = screen
        self._attempt = attempt
        self._shown: QuestionRound | None = None
        screen.hear_answers(
            through=self._finish, item_shown=controller.asking.show, mouse_used=self.mouse_used.emit
        )

    @Slot()
    def go_on(self) -> None:
        """On to questions, to the next step, or after the last of both to the debrief."""
        self._attempt(self._go_on)

    @Slot()
    def go_back(self) -> None:
        """To the step before, or while questions are asked to the one they are about."""
        course = self._controller.course
        is_first = self._controller.step_index == 0
        if course.last_step is not None and not is_first:
            self._attempt(lambda: course.go(-1))

    @Slot()
    def leave_debrief(self) -> None:
        """Record again, in the last step."""
        if self._attempt(lambda: leave_debrief(self._controller.course)):
            self._screen.come_back()

    def take_event(self, event: SessionEvent) -> None:
        """Show the participant what the session tells of questions and of its end."""
        if event.kind is EventKind.ASKING:
            self._shown = self._controller.asking.current
            if self._shown is not None:  # else the moderator has gone on meanwhile
                self._screen.show_questions(self._shown.step_id, self._shown.items)
                QTimer.singleShot(_SETTLE_MS, self, self.prepare_next)
        elif event.kind is EventKind.STEP:
            QTimer.singleShot(_SETTLE_MS, self, self.prepare_next)
        elif event.kind is EventKind.DEBRIEF:
            self._screen.show_thanks()

    def prepare_next(self) -> None:
        """Read ahead what the next step shows: a picture takes longer to read than a key may.

        Not in an unplanned step: it mostly leads back to the step before it, as that was left.
        """
        course = self._controller.course
        if course.current_step is None or course.current_step in course.steps:
            self._screen.prepare_step(course.next_step)

    def _go_on(self) -> None:
        if not self._controller.asking.go_on():
            begin_debrief(self._controller.course)

    def _finish(self) -> None:
        asked, self._shown = self._shown, None
        if asked is not None:
            self._attempt(lambda: self._finish_round(asked))

    def _finish_round(self, asked: QuestionRound) -> None:
        if not self._controller.asking.finish(asked):
            begin_debrief(self._controller.course)
