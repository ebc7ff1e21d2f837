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
    """Skip, redo, unplanned steps, pause, outcomes, markers, notes and undo, for one session after
    another.

    ``session`` gives the one that runs, if any. What was done is confirmed at the console once
    the session has accepted it, and what it refuses is said there instead. GUI thread only.
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

    @Slot(str, object)
    def add_note(self, text: str, at_ns: int | None = None) -> None:
        """Keep a note of the moderator's, stamped with the time at which she began it."""

        def act(controller: SessionController) -> None:
            controller.remarks.add_note(text, at_ns=at_ns)
            self._console.remarks.confirm_note()

        if not self._do(act):
            self._console.remarks.give_back_note(text, at_ns)

    @Slot(str, object)
    def add_last_note(self, text: str, at_ns: int | None = None) -> None:
        """Keep a note of the debrief, as :meth:`LiveSession.add_note` does."""
        session = self._session()
        if session is not None:
            session.add_note(text, at_ns)

    @Slot()
    def _skip(self) -> None:
        def act(controller: SessionController) -> None:
            left = controller.current_step
            entered = controller.course.skip()
            title = "" if left is None else left.title
            if entered is not None:
                self._console.acts.say(f"{title} skipped: now {entered.title}")
            elif left is not None:
                self._console.acts.say(f"{title} skipped")

        session = self._session()
        is_last = session is not None and session.is_in_last_step
        if self._do(act) and is_last and session is not None:
            session.next_step()  # behind it come the questions about the session, or the debrief

    @Slot()
    def _redo(self) -> None:
        self._say_of(lambda controller: f"{controller.course.redo().title} begun again")

    @Slot(str)
    def _enter_unplanned(self, title: str) -> None:
        self._say_of(
            lambda controller: f"{controller.course.enter_unplanned(title).title} begun, unplanned"
        )

    @Slot()
    def _pause(self) -> None:
        self._say_of(partial(_said, lambda one: one.course.pause(), "Paused: nothing is kept"))

    @Slot()
    def _resume(self) -> None:
        self._say_of(partial(_said, lambda one: one.course.resume(), "Recording again"))

    @Slot(object)
    def _set_outcome(self, outcome: TaskOutcome) -> None:
        def act(controller: SessionController) -> None:
            step = controller.current_step
            controller.course.set_outcome(outcome)
            title = "Task" if step is None else step.title
            self._console.acts.say(f"{title}: {outcome}", aside="Outcome kept")

        self._do(act)

    @Slot()
    def _withdraw(self) -> None:
        def act(controller: SessionController) -> None:
            said = f"{controller.remarks.withdraw_last()} taken back"
            self._console.parts.markers.say(said)
            self._console.acts.say(said, aside="The last one taken back")

        self._do(act)

    @Slot(str, object)
    def _mark(self, label: str, at_ns: int | None) -> None:
        def act(controller: SessionController) -> None:
            controller.remarks.add_marker(label, at_ns=at_ns)
            self._console.remarks.confirm_marker(label)

        self._do(act)

    def _say_of(self, act: Callable[[SessionController], str]) -> None:
        self._do(lambda controller: self._console.acts.say(act(controller)))

    def _do(self, act: Callable[[SessionController], None]) -> bool:
        """Do it; false, and said why, when the session refuses."""
        session = self._session()
        if session is None or session.controller is None:
            return False
        try:
            act(session.controller)
        except JourneyLabError as error:
            self._console.acts.say(str(error), level=Level.WARNING)
            return False
        finally:
            self._console.refresh_text()
        return True


def _said(
    act: Callable[[SessionController], None], words: str, controller: SessionController
) -> str:
    act(controller)
    return words
