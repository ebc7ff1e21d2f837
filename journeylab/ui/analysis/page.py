"""The analysis tab: a study's sessions, its journey map, and the seconds behind every point."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from journeylab.analysis.journey import JourneyMap, SessionSummary
from journeylab.analysis.moments import Moment, MomentChoice, moments_at
from journeylab.report.scene import MomentTarget
from journeylab.report.study_export import ExportChoice
from journeylab.study.folder import StudyFolder
from journeylab.theme import LIGHT, Palette
from journeylab.ui.analysis.background import Background
from journeylab.ui.analysis.moment_panel import MomentPanel
from journeylab.ui.analysis.replay.target import ReplayTarget
from journeylab.ui.analysis.requests import export_work, journey_work, moment_work
from journeylab.ui.analysis.scene_view import MapArea
from journeylab.ui.analysis.session_list import SessionList
from journeylab.ui.analysis.top_bar import TopBar
from journeylab.ui.widgets.card import Label, SectionLabel
from journeylab.ui.widgets.notices import EmptyState
from journeylab.ui.widgets.style import apply_style

SIDE_PX = 312


class AnalysisPage(QWidget):
    """Reads beside the window and shows what came: empty, loading, failed, or the map."""

    exported = Signal(object)
    """Paths of the files written."""
    moment_shown = Signal(object)
    """The Moment on show."""
    replay_asked = Signal(object)
    """A ReplayTarget: a session is to be replayed."""
    record_asked = Signal()
    """The empty study's one thing to do next."""

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        apply_style(self, palette)
        self._folder: StudyFolder | None = None
        self._segment: dict[str, str] = {}
        self._journey: JourneyMap | None = None
        self._choices: tuple[MomentChoice, ...] = ()
        self._index = 0
        self._maps = Background("reading the sessions", self)
        self._moments = Background("reading the moment", self)
        self._exports = Background("writing the map", self)
        self.bar = TopBar(palette=palette)
        self.map = MapArea(palette=palette)
        self.sessions = SessionList(palette=palette)
        self.panel = MomentPanel(palette=palette)
        self._session_count = Label("", role="small")
        self._loading_words = Label("", role="heading")
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._replay = QPushButton("Open replay")
        self._replay.setToolTip("Replay the selected session (Enter, or a double click on it)")
        self._failure_words = Label("", role="quiet", wrap=True)
        self._retry = QPushButton("Read again")
        self._empty = EmptyState(
            "No session has been recorded yet",
            detail="Record the first one; its journey appears here as soon as it is finished.",
            action="Record a session",
        )
        self._no_study = EmptyState(
            "No study is open", detail="Open a study to see its sessions and its journey map."
        )
        self._states = QStackedWidget()
        self._side = QStackedWidget()
        self._build()
        self._wire()
        self._show_state(self._no_study)

    @property
    def journey(self) -> JourneyMap | None:
        """The map on show."""
        return self._journey

    @property
    def folder(self) -> StudyFolder | None:
        """The study on show."""
        return self._folder

    @property
    def is_loading(self) -> bool:
        """Whether sessions are being read."""
        return self._maps.is_busy

    def set_study(self, folder: StudyFolder | None) -> None:
        """Show a study, reading its sessions anew; None shows that no study is open."""
        self._folder = folder
        self._segment = {}
        self._journey = None
        self.bar.show_study(folder.study if folder is not None else None)
        self.show_sessions_list()
        if folder is None:
            self._maps.cancel()
            self._show_state(self._no_study)
            return
        self.reload()

    def reload(self) -> None:
        """Read the study's sessions again, after one was recorded or erased."""
        if self._folder is None:
            return
        self._loading_words.show_text("Reading the sessions")
        self._progress.setValue(0)
        self._show_state(self._loading)
        self.bar.say("")
        self._maps.run(journey_work(self._folder, self._segment))

    def shut_down(self) -> None:
        """End all work beside the window; before the application leaves."""
        for background in (self._maps, self._moments, self._exports):
            background.close()

    def show_sessions_list(self) -> None:
        """Show the list of sessions instead of a moment."""
        self._moments.cancel()
        self.map.view.clear_mark()
        self._side.setCurrentIndex(0)

    def open_moment(self, target: MomentTarget) -> None:
        """Show the session nearest to a place on the map, at that second."""
        if self._journey is None:
            return
        self._choices, first = moments_at(
            self._journey,
            target.position_s,
            valence=target.valence,
            participants=target.participants,
        )
        if not self._choices:
            self.bar.say("No session reached this moment")
            return
        self._ask_for(first)

    def export(self, choice: ExportChoice) -> None:
        """Write the map on show into the study's exports/."""
        if self._folder is None or self._journey is None or not self._journey.n_usable:
            return
        self.bar.export.begin()
        self.bar.say("Writing the map …")
        self._exports.run(export_work(self._folder, self._journey, choice))

    def _build(self) -> None:
        self._loading = _centred(self._loading_words, self._progress)
        heading = Label("The map cannot be shown", role="heading")
        self._failed = _centred(heading, self._failure_words, self._retry)
        for state in (self._no_study, self._empty, self._loading, self._failed, self.map):
            self._states.addWidget(state)
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
        self._side.addWidget(sessions)
        self._side.addWidget(self.panel)
        side = QFrame()
        side.setProperty("role", "side")
        side.setProperty("edge", "left")
        side.setFixedWidth(SIDE_PX)
        side_layout = QVBoxLayout(side)
        side_layout.setContentsMargins(14, 12, 10, 12)
        side_layout.addWidget(self._side)
        self._side_frame = side
        body = QHBoxLayout()
        body.setSpacing(0)
        body.addWidget(self._states, 1)
        body.addWidget(side)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.bar)
        outer.addLayout(body, 1)

    def _wire(self) -> None:
        self.bar.segment_chosen.connect(self._choose_segment)
        self.bar.export.asked.connect(self.export)
        self.bar.export.stopped.connect(self._stop_export)
        self.bar.refresh_asked.connect(self.reload)
        self._retry.clicked.connect(self.reload)
        self._empty.acted.connect(self.record_asked)
        self.map.view.chosen.connect(self.open_moment)
        self.panel.back_asked.connect(self.show_sessions_list)
        self.panel.other_asked.connect(self._ask_for_other)
        self.panel.replay_asked.connect(self._replay_moment)
        self._replay.clicked.connect(self.sessions.open_selected)
        self.sessions.opened.connect(self._replay_session)
        self._maps.finished.connect(self._show_journey)
        self._maps.failed.connect(self._show_failure)
        self._maps.progressed.connect(self._show_progress)
        self._moments.finished.connect(self._show_moment)
        self._moments.failed.connect(self.panel.show_failure)
        self._exports.progressed.connect(self.bar.export.advance)
        self._exports.finished.connect(self._tell_exported)
        self._exports.failed.connect(self._tell_export_failure)

    def _show_state(self, state: QWidget) -> None:
        self._states.setCurrentWidget(state)
        has_map = state is self.map
        self._side_frame.setVisible(has_map)
        has_sessions = self._journey is not None and self._journey.n_usable > 0
        self.bar.export.setEnabled(has_map and has_sessions)
        self.bar.refresh.setEnabled(self._folder is not None)
        if has_map and self.isVisible():
            self.map.view.setFocus()

    def _choose_segment(self, segment: dict[str, str]) -> None:
        self._segment = segment
        self.show_sessions_list()
        self.reload()

    def _show_progress(self, share: float) -> None:
        self._progress.setValue(round(share * 100))

    def _show_journey(self, journey: JourneyMap) -> None:
        self._journey = journey
        summaries = [session.summary for session in journey.sessions] + list(journey.excluded)
        self.sessions.show_sessions(summaries)
        self._session_count.show_text(f"{journey.n_usable} of {journey.n_all} usable")
        if not summaries and not self._segment:
            self._show_state(self._empty)
            return
        self.map.show_map(journey)
        self._show_state(self.map)

    def _show_failure(self, words: str) -> None:
        self._journey = None
        self._failure_words.show_text(words)
        self._show_state(self._failed)

    def _ask_for_other(self, direction: int) -> None:
        index = self._index + direction
        if 0 <= index < len(self._choices):
            self._ask_for(index)

    def _ask_for(self, index: int) -> None:
        self._index = index
        choice = self._choices[index]
        self.panel.expect(choice, index=index, count=len(self._choices))
        self.map.view.mark(choice.position_s, choice.valence)
        self.sessions.select_session(choice.summary)
        self._side.setCurrentWidget(self.panel)
        self._moments.run(moment_work(choice))

    def _show_moment(self, moment: Moment) -> None:
        self.panel.show_moment(moment)
        self.moment_shown.emit(moment)

    def _replay_moment(self, choice: MomentChoice) -> None:
        self.replay_asked.emit(ReplayTarget(choice.summary.path, choice.t_ns))

    def _replay_session(self, summary: SessionSummary) -> None:
        self.replay_asked.emit(ReplayTarget(summary.path))

    def _tell_exported(self, paths: list[Path]) -> None:
        self.bar.export.end()
        where = paths[0] if len(paths) == 1 else f"{paths[0].parent} ({len(paths)} files)"
        self.bar.say(f"Written to {where}", tone="joy")
        self.exported.emit(paths)

    def _tell_export_failure(self, words: str) -> None:
        self.bar.export.end()
        self.bar.say(words, tone="negative")

    def _stop_export(self) -> None:
        self._exports.cancel()
        self.bar.export.end()
        self.bar.say("Export stopped")


def _centred(*widgets: QWidget) -> QWidget:
    # The column has the width, not the labels: only so do wrapped words get their height.
    column = QWidget()
    column.setFixedWidth(480)
    inner = QVBoxLayout(column)
    inner.setContentsMargins(0, 0, 0, 0)
    inner.setSpacing(14)
    for widget in widgets:
        if isinstance(widget, Label):
            widget.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        if isinstance(widget, QPushButton):
            inner.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        else:
            inner.addWidget(widget)
    box = QWidget()
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(column)  # an aligned widget would be given its shortest height
    row.addStretch(1)
    layout = QVBoxLayout(box)
    layout.addStretch(1)
    layout.addLayout(row)
    layout.addStretch(1)
    return box
