"""The analysis tab: a study's sessions, its journey map, and the seconds behind every point."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from journeylab.analysis.alignment import TimeBasis
from journeylab.analysis.journey import JourneyMap
from journeylab.analysis.moments import MomentChoice
from journeylab.report.scene import MomentTarget
from journeylab.report.study_export import ExportChoice
from journeylab.study.folder import StudyFolder
from journeylab.theme import LIGHT, Palette
from journeylab.ui.analysis.background import Background
from journeylab.ui.analysis.map_side import MapSide
from journeylab.ui.analysis.map_views import MapViews
from journeylab.ui.analysis.requests import export_work, journey_work
from journeylab.ui.analysis.top_bar import TopBar
from journeylab.ui.widgets.card import Label
from journeylab.ui.widgets.notices import EmptyState
from journeylab.ui.widgets.style import apply_style


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
        self._basis = TimeBasis.SHARE
        self._journey: JourneyMap | None = None
        self._maps = Background("reading the sessions", self)
        self._exports = Background("writing the map", self)
        self.bar = TopBar(palette=palette)
        self.views = MapViews(palette=palette)
        self.map = self.views.map
        self.side = MapSide(palette=palette)
        self.sessions, self.panel = self.side.sessions, self.side.panel
        self._loading_words = Label("", role="heading")
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
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
        self._maps.run(journey_work(self._folder, self._segment, self._basis))

    def shut_down(self) -> None:
        """End all work beside the window; before the application leaves."""
        for background in (self._maps, self._exports):
            background.close()
        self.side.shut_down()
        self.views.shut_down()

    def show_sessions_list(self) -> None:
        """Show the list of sessions instead of a moment."""
        self.side.show_sessions()

    def open_moment(self, target: MomentTarget) -> None:
        """Show the moments behind a place on the map."""
        if self._journey is not None and not self.side.open(target):
            self.bar.say("No session reached this moment")

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
        for state in (self._no_study, self._empty, self._loading, self._failed, self.views):
            self._states.addWidget(state)
        body = QHBoxLayout()
        body.setSpacing(0)
        body.addWidget(self._states, 1)
        body.addWidget(self.side)
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
        self.map.zoomed.connect(self.bar.zoom.show_scale)
        self.bar.zoom.zoom_asked.connect(self.map.zoom_by)
        self.bar.zoom.fit_asked.connect(self.map.fit)
        self.bar.show_menu.lines_changed.connect(self.map.show_lines)
        self.bar.show_menu.ways_asked.connect(self.views.open_ways)
        self.bar.show_menu.seconds_wanted.connect(self._choose_basis)
        self.bar.compare_asked.connect(self.views.open_segments)
        self.views.map_shown.connect(self._take_view)
        self.side.moment_shown.connect(self.moment_shown)
        self.side.replay_asked.connect(self.replay_asked)
        self.side.marked.connect(self._mark)
        self.side.journey_edited.connect(self._show_edited)
        self._maps.finished.connect(self._show_journey)
        self._maps.failed.connect(self._show_failure)
        self._maps.progressed.connect(self._show_progress)
        self._exports.progressed.connect(self.bar.export.advance)
        self._exports.finished.connect(self._tell_exported)
        self._exports.failed.connect(self._tell_export_failure)

    def _show_state(self, state: QWidget) -> None:
        self._states.setCurrentWidget(state)
        self.bar.refresh.setEnabled(self._folder is not None)
        self._take_view(self.views.is_on_map)

    def _take_view(self, is_on_map: bool) -> None:
        has_map = self._states.currentWidget() is self.views
        has_sessions = self._journey is not None and self._journey.n_usable > 0
        self.side.setVisible(has_map and is_on_map)
        self.bar.export.setEnabled(has_map and is_on_map and has_sessions)
        self.bar.show_menu.setEnabled(has_map and is_on_map and has_sessions)
        self.bar.zoom.setEnabled(has_map and is_on_map)
        if is_on_map:
            self.bar.show_segment(self._segment)

    def _choose_segment(self, segment: dict[str, str]) -> None:
        self._segment = segment
        self.show_sessions_list()
        self.reload()

    def _choose_basis(self, is_in_seconds: bool) -> None:
        self._basis = TimeBasis.SECONDS if is_in_seconds else TimeBasis.SHARE
        self.show_sessions_list()
        self.reload()

    def _show_progress(self, share: float) -> None:
        self._progress.setValue(round(share * 100))

    def _show_journey(self, journey: JourneyMap) -> None:
        self._journey = journey
        if self._folder is not None:
            self.side.show_journey(self._folder, journey)
            self.views.show_journey(self._folder, journey)
        if not journey.n_all and not self._segment:
            self._show_state(self._empty)
            return
        self._show_state(self.views)

    def _show_failure(self, words: str) -> None:
        self._journey = None
        self._failure_words.show_text(words)
        self._show_state(self._failed)

    def _mark(self, choice: MomentChoice | None) -> None:
        if choice is None:
            self.map.view.clear_mark()
        else:
            self.map.view.mark(choice.position_s, choice.valence)

    def _show_edited(self, journey: JourneyMap) -> None:
        self._journey = journey
        self.views.replace_journey(journey)

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
