"""Beside the map: the sessions, the moments behind what was clicked, or one of them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from journeylab.analysis.insight_edits import EditAction
from journeylab.analysis.journey import JourneyMap, SessionSummary
from journeylab.analysis.moment_signs import SeenMoment, SessionSigns
from journeylab.analysis.moments import Moment, MomentChoice
from journeylab.report.found_place import FoundPlace, place_of
from journeylab.report.scene import MomentTarget
from journeylab.study.folder import StudyFolder
from journeylab.theme import LIGHT, Palette
from journeylab.ui.analysis.background import Background
from journeylab.ui.analysis.moment_panel import MomentPanel
from journeylab.ui.analysis.moment_requests import edit_work, seen_work
from journeylab.ui.analysis.moments_panel import MomentsPanel
from journeylab.ui.analysis.replay.target import ReplayTarget
from journeylab.ui.analysis.requests import moment_work
from journeylab.ui.analysis.session_list import SessionList
from journeylab.ui.widgets.card import Label, SectionLabel

SIDE_PX = 312


class MapSide(QFrame):
    """Leads from a place of the map to its moments, and from one of them to its replay."""

    moment_shown = Signal(object)
    """The Moment on show."""
    replay_asked = Signal(object)
    """A ReplayTarget."""
    marked = Signal(object)
    """The MomentChoice to ring on the map, None for none."""
    journey_edited = Signal(object)
    """The JourneyMap with the researcher's edit in it."""

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        self._folder: StudyFolder | None = None
        self._journey: JourneyMap | None = None
        self._target: MomentTarget | None = None
        self._place: FoundPlace | None = None
        self._known: dict[Path, SessionSigns] = {}
        self._choices: tuple[MomentChoice, ...] = ()
        self._index = 0
        self._seen = Background("reading what was seen", self)
        self._moments = Background("reading the moment", self)
        self._edits = Background("keeping the edit", self)
        self.sessions = SessionList(palette=palette)
        self.list = MomentsPanel(palette=palette)
        self.panel = MomentPanel(palette=palette)
        self._session_count = Label("", role="small")
        self._replay = QPushButton("Open replay")
        self._replay.setToolTip("Replay the selected session (Enter, or a double click on it)")
        self._stack = QStackedWidget()
        self._build()
        self._wire()

    @property
    def journey(self) -> JourneyMap | None:
        """The map whose sessions and moments are shown."""
        return self._journey

    def show_journey(self, folder: StudyFolder, journey: JourneyMap) -> None:
        """Show the sessions of a map."""
        if self._folder is None or self._folder.path != folder.path:
            self.panel.blur_faces(folder.study.privacy.blur_faces)
        self._folder, self._journey = folder, journey
        self._known = {}
        self.show_sessions()
        summaries = [session.summary for session in journey.sessions] + list(journey.excluded)
        self.sessions.show_sessions(summaries)
        self._session_count.show_text(f"{journey.n_usable} of {journey.n_all} usable")

    def show_journey_again(self, folder: StudyFolder, journey: JourneyMap) -> None:
        """Come back to a map's sessions, where another's moments were on show."""
        if journey is not self._journey:
            self.show_journey(folder, journey)

    def show_sessions(self) -> None:
        """Show the list of sessions instead of moments."""
        for background in (self._seen, self._moments):
            background.cancel()
        self._target = self._place = None
        self.marked.emit(None)
        self._stack.setCurrentIndex(0)

    def open(self, target: MomentTarget) -> bool:
        """List the moments behind a place of the map; False where there are none."""
        if self._journey is None or self._folder is None:
            return False
        return self._open(target, place_of(self._journey, target))

    def _open_beside(self, place: FoundPlace) -> None:
        self._open(MomentTarget(place.position_s), place)

    def _open(self, target: MomentTarget, place: FoundPlace) -> bool:
        if self._folder is None or not place.choices:
            return False
        self._target, self._place = target, place
        self._moments.cancel()
        self.list.show_place(place)
        self.list.show_moments([SeenMoment(choice) for choice in place.choices])
        self.list.list.select_key(str(place.nearest))
        self._choices = place.choices
        self.marked.emit(place.choices[place.nearest])
        self._stack.setCurrentWidget(self.list)
        self._seen.run(seen_work(self._folder, place, self._known))
        return True

    def look_at(self, choice: MomentChoice) -> None:
        """Show face and screen of one of the moments that are listed."""
        self._choices = tuple(one.choice for one in self.list.moments)
        self._ask_for(self._choices.index(choice))

    def shut_down(self) -> None:
        """End all work beside the window."""
        for background in (self._seen, self._moments, self._edits):
            background.close()

    def _build(self) -> None:
        self.setProperty("role", "side")
        self.setProperty("edge", "left")
        self.setFixedWidth(SIDE_PX)
        sessions = QWidget()
        layout = QVBoxLayout(sessions)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        head = QHBoxLayout()
        head.addWidget(SectionLabel("Sessions"))
        head.addStretch(1)
        head.addWidget(self._session_count)
        layout.addLayout(head)
        layout.addWidget(self.sessions, 1)
        layout.addWidget(self._replay)
        self.panel.back.setText("‹  Moments")
        for widget in (sessions, self.list, self.panel):
            self._stack.addWidget(widget)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(14, 12, 10, 12)
        outer.addWidget(self._stack)

    def _wire(self) -> None:
        back = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        back.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        back.activated.connect(self._go_back)
        blur = QShortcut(QKeySequence("B"), self)
        blur.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        blur.activated.connect(self._blur)
        self._replay.clicked.connect(self.sessions.open_selected)
        self.sessions.opened.connect(self._replay_session)
        self.list.back_asked.connect(self.show_sessions)
        self.list.chosen.connect(self.look_at)
        self.list.replay_asked.connect(self._replay_moment)
        self.list.place_asked.connect(self._open_beside)
        self.list.insight.edited.connect(self._edit)
        self.list.insight.undo_asked.connect(self._undo)
        self.panel.back_asked.connect(self._show_list)
        self.panel.other_asked.connect(self._ask_for_other)
        self.panel.replay_asked.connect(self._replay_moment)
        self._seen.finished.connect(self._show_seen)
        self._seen.failed.connect(self.list.say)
        self._moments.finished.connect(self._show_moment)
        self._moments.failed.connect(self.panel.show_failure)
        self._edits.finished.connect(self._show_edited)
        self._edits.failed.connect(self.list.insight.say)

    def _blur(self) -> None:
        """Blur the face, or not, while one is on show."""
        if self._stack.currentWidget() is self.panel:
            self.panel.blur.toggle()

    def _go_back(self) -> None:
        if self._stack.currentWidget() is self.panel:
            self._show_list()
        elif self.list.insight.is_editing:
            self.list.insight.stop_editing()
        else:
            self.show_sessions()

    def _show_list(self) -> None:
        self._moments.cancel()
        self._stack.setCurrentWidget(self.list)

    def _show_seen(self, moments: tuple[SeenMoment, ...]) -> None:
        selected = self.list.list.selected()
        before = None if selected is None else self.list.moments[int(selected.key)].choice
        self.list.say("")
        self.list.show_moments(moments)
        places = [n for n, one in enumerate(moments) if one.choice == before]
        if places:
            self.list.list.select_key(str(places[0]))

    def _ask_for_other(self, direction: int) -> None:
        index = self._index + direction
        if 0 <= index < len(self._choices):
            self._ask_for(index)

    def _ask_for(self, index: int) -> None:
        self._index = index
        choice = self._choices[index]
        self.panel.expect(choice, index=index, count=len(self._choices))
        self.marked.emit(choice)
        self.sessions.select_session(choice.summary)
        self._stack.setCurrentWidget(self.panel)
        self._moments.run(moment_work(choice))

    def _show_moment(self, moment: Moment) -> None:
        self.panel.show_moment(moment)
        self.moment_shown.emit(moment)

    def _replay_moment(self, choice: MomentChoice) -> None:
        self.replay_asked.emit(ReplayTarget(choice.summary.path, choice.t_ns))

    def _replay_session(self, summary: SessionSummary) -> None:
        self.replay_asked.emit(ReplayTarget(summary.path))

    def _edit(self, action: EditAction | None, text: str = "") -> None:
        if self._folder is None or self._journey is None or self._place is None:
            return
        step_id = self._place.step.step_id
        self._edits.run(edit_work(self._folder, self._journey, step_id, action, text))

    def _undo(self) -> None:
        self._edit(None)

    def _show_edited(self, journey: JourneyMap) -> None:
        self._journey = journey
        if self._target is not None and self._place is not None:
            place = place_of(journey, self._target)
            self._place = place
            self.list.show_place(place, is_read=True)
        self.journey_edited.emit(journey)
