"""Joins the console's acts to the session that runs: what is asked for is done, and answered."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Slot

from journeylab.app.live import LiveSession
from journeylab.errors import JourneyLabError
from journeylab.session.controller import SessionController
from journeylab.ui.moderator.console import ConsolePage
from journeylab.ui.widgets.health import Level
from journeylab.vocabulary import TaskOutcome


class ActWiring(QObject):
    """Skip, redo, unplanned steps, pause, outcomes and undo, for one session after another.

    ``session`` gives the one that runs, if any; ``ask_to_stop`` is called where a skip would lead
    past the last step. GUI thread only.
    """

    def __init__(
        self, console: ConsolePage, *, session: Callable[[], LiveSession | None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._console = console
        self._session = session
        acts = console.acts
        acts.skip_requested.connect(self._skip)
        acts.redo_requested.connect(self._redo)
        acts.unplanned_requested.connect(self._enter_unplanned)
        acts.pause_requested.connect(self._pause)
        acts.resume_requested.connect(self._resume)
        acts.outcome_requested.connect(self._set_outcome)
        acts.undo_requested.connect(self._withdraw)
        console.marker_requested.connect(self._mark)

    @Slot()
    def go_back(self) -> None:
        """To the step before, as :meth:`LiveSession.previous_step` does."""
        session = self._session()
        if session is not None:
            session.previous_step()

    @Slot(str)
    def add_note(self, text: str) -> None:
        """Keep a note of the moderator's."""
        session = self._session()
        if session is not None:
            session.add_note(text)

    @Slot()
    def _skip(self) -> None:
        def act(controller: SessionController) -> str:
            if controller.course.is_in_last_step:
                self._console.ask_to_stop()
                return ""
            left = controller.current_step
            entered = controller.course.skip()
            return f"{'' if left is None else left.title} skipped: now {entered.title}"

        self._do(act)

    @Slot()
    def _redo(self) -> None:
        self._do(lambda controller: f"{controller.course.redo().title} begun again")

    @Slot(str)
    def _enter_unplanned(self, title: str) -> None:
        def act(controller: SessionController) -> str:
            return f"{controller.course.enter_unplanned(title).title} begun, unplanned"

        self._do(act)

    @Slot()
    def _pause(self) -> None:
        self._do(partial(_said, lambda one: one.course.pause(), "Paused: nothing is kept"))

    @Slot()
    def _resume(self) -> None:
        self._do(partial(_said, lambda one: one.course.resume(), "Recording again"))

    @Slot(object)
    def _set_outcome(self, outcome: TaskOutcome) -> None:
        def act(controller: SessionController) -> str:
            step = controller.current_step
            controller.course.set_outcome(outcome)
            return f"{'Task' if step is None else step.title}: {outcome}"

        self._do(act)

    @Slot()
    def _withdraw(self) -> None:
        def act(controller: SessionController) -> str:
            said = f"{controller.remarks.withdraw_last()} taken back"
            self._console.parts.markers.say(said)
            return said

        self._do(act)

    @Slot(str, object)
    def _mark(self, label: str, at_ns: int) -> None:
        def act(controller: SessionController) -> str:
            controller.remarks.add_marker(label, at_ns=at_ns)
            return ""  # the marker's own row lights up

        self._do(act)

    def _do(self, act: Callable[[SessionController], str]) -> None:
        session = self._session()
        if session is None or session.controller is None:
            return
        try:
            said = act(session.controller)
        except JourneyLabError as error:
            self._console.acts.say(str(error), level=Level.WARNING)
        else:
            if said:
                self._console.acts.say(said)
        self._console.refresh_text()


def _said(
    act: Callable[[SessionController], None], words: str, controller: SessionController
) -> str:
    act(controller)
    return words
