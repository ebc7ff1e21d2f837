"""Joins the debrief page to the session that ends."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

from PySide6.QtCore import QObject, Slot

from journeylab.app.live import LiveSession
from journeylab.errors import JourneyLabError
from journeylab.session.controller import SessionController
from journeylab.session.events import EventKind, SessionEvent
from journeylab.ui.moderator.debrief_page import DebriefLine, DebriefView
from journeylab.ui.moderator.window import MainWindow
from journeylab.vocabulary import TaskOutcome


class DebriefWiring(QObject):
    """Opens the debrief when a session comes to its end, and leads back from it.

    ``session`` gives the one that runs, ``stop`` ends it and saves it. GUI thread only.
    """

    def __init__(
        self,
        window: MainWindow,
        *,
        session: Callable[[], LiveSession | None],
        stop: Callable[[], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._session = session
        window.debrief.save_requested.connect(stop)
        window.debrief.back_requested.connect(self._go_back)
        window.debrief.outcome_chosen.connect(self._set_outcome)

    @Slot(object)
    def take_event(self, event: SessionEvent) -> None:
        """Open or leave the page as the session tells."""
        session = self._session()
        if session is None or session.controller is None:
            return
        if event.kind is EventKind.DEBRIEF:
            self._window.debrief.show_session(debrief_view(session.controller))
            # On one display the participant's window covers this one, and it is over.
            self._window.raise_()
            self._window.activateWindow()
        elif event.kind is EventKind.STEP:
            self._window.debrief.leave_session()
        elif event.kind in (EventKind.OUTCOME, EventKind.WITHDRAWN):
            self._window.debrief.show_lines(debrief_view(session.controller).lines)

    @Slot()
    def _go_back(self) -> None:
        session = self._session()
        if session is not None and session.steps is not None:
            session.steps.leave_debrief()

    @Slot(str, object)
    def _set_outcome(self, step_id: str, outcome: TaskOutcome | None) -> None:
        """Say how a step's task ended, or with None take back what was said of it."""
        session = self._session()
        if session is None or session.controller is None:
            return
        controller = session.controller
        try:
            if outcome is None:
                controller.remarks.withdraw_outcomes(step_id)
            else:
                controller.course.set_outcome(outcome, of_step=step_id)
        except JourneyLabError as error:
            self._window.debrief.banner.say(str(error))
            self._window.debrief.show_lines(debrief_view(controller).lines)


def debrief_view(controller: SessionController) -> DebriefView:
    """What happened in the session's steps, as far as it is known while it ends."""
    view, live, study = controller.view(), controller.live, controller.folder.study
    starts = live.step_starts()
    marks: dict[str, list[str]] = {}
    for mark in live.marker_marks():
        place = bisect_right([start.t_s for start in starts], mark.t_s) - 1
        if place >= 0:
            marks.setdefault(starts[place].label, []).append(mark.label)
    lines = [
        DebriefLine(
            step.title,
            spent_s,
            step.planned_s,
            view.outcomes.get(step.id),
            tuple(marks.get(step.id, ())),
            step.id,
        )
        for step, spent_s in zip(controller.course.steps, view.step_durations_s, strict=True)
    ]
    lines += [
        DebriefLine(
            step.title,
            controller.course.log.spent_s(step.id, 0),  # none runs any more
            None,
            view.outcomes.get(step.id),
            tuple(marks.get(step.id, ())),
            step.id,
        )
        for step in controller.course.unplanned.values()
    ]
    is_practice = controller.folder.practice_path is not None
    who = "the simulated participant" if is_practice else view.participant_id or ""
    return DebriefView(who, tuple(lines), study.hypothesis)
