"""The analysis tab: a study's sessions, its journey map, and the seconds behind every point."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from journeylab.analysis.alignment import TimeBasis
from journeylab.analysis.journey import JourneyMap
from journeylab.analysis.moments import MomentChoice
from journeylab.report.files import written_words
from journeylab.report.scene import MomentTarget
from journeylab.report.study_export import ExportChoice
from journeylab.study.folder import StudyFolder
from journeylab.theme import LIGHT, Palette
from journeylab.ui.analysis.background import Background
from journeylab.ui.analysis.comparison_area import MomentsOf
from journeylab.ui.analysis.map_side import MapSide
from journeylab.ui.analysis.map_states import MapStates
from journeylab.ui.analysis.map_views import MapViews
from journeylab.ui.analysis.requests import export_work, journey_work
from journeylab.ui.analysis.top_bar import TopBar
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
        self._palette = palette
        self._journey: JourneyMap | None = None
        self._maps = Background("reading the sessions", self)
        self._exports = Background("writing the map", self)
        self.bar = TopBar(palette=palette)
        self.views = MapViews(palette=palette)
        self.map = self.views.map
        self.side = MapSide(palette=palette)
        self.sessions, self.panel = self.side.sessions, self.side.panel
        self.states = MapStates(self.views)
        self._build()
        self._wire()
        self.states.show_no_study()
        self._take_view()

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
            self.states.show_no_study()
            self._take_view()
            return
        self.reload()

    def reload(self) -> None:
        """Read the study's sessions again, after one was recorded or erased."""
        if self._folder is None:
            return
        self.states.wait()
        self._take_view()
        self.bar.say("")
        self._maps.run(journey_work(self._folder, self._segment, self._basis))

    def stop_reading(self) -> None:
        """Read no further; what was read of the sessions so far is kept for the next time."""
        self._maps.cancel()
        self._say_instead("Stopped", "What was read so far is kept, so the next time is shorter.")

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

    def _open_moments_of(self, moments: MomentsOf) -> None:
        """Show the moments of one of the maps that stand side by side."""
        self.side.show_journey(moments.folder, moments.journey)
        self.side.setVisible(self.side.open(moments.target))

    def export(self, choice: ExportChoice) -> None:
        """Write the map on show into the study's exports/."""
        if self._folder is None or self._journey is None or not self._journey.n_usable:
            return
        self.bar.export.begin()
        self.bar.say("Writing the map …")
        self._exports.run(export_work(self._folder, self._journey, choice, palette=self._palette))

    def _build(self) -> None:
        body = QHBoxLayout()
        body.setSpacing(0)
        body.addWidget(self.states, 1)
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
        self.states.retry_asked.connect(self.reload)
        self.states.stop_asked.connect(self.stop_reading)
        self.states.record_asked.connect(self.record_asked)
        self.map.view.chosen.connect(self.open_moment)
        self.map.zoomed.connect(self.bar.zoom.show_scale)
        self.bar.zoom.zoom_asked.connect(self.map.zoom_by)
        self.bar.zoom.fit_asked.connect(self.map.fit)
        self.bar.show_menu.lines_changed.connect(self.map.show_lines)
        self.bar.show_menu.ways_asked.connect(self.views.open_ways)
        self.bar.show_menu.seconds_wanted.connect(self._choose_basis)
        self.bar.compare_asked.connect(self.views.open_segments)
        self.views.map_shown.connect(self._take_view)
        self.views.segments.moments_asked.connect(self._open_moments_of)
        self.side.moment_shown.connect(self.moment_shown)
        self.side.replay_asked.connect(self.replay_asked)
        self.side.marked.connect(self._mark)
        self.side.journey_edited.connect(self._show_edited)
        self._maps.finished.connect(self._show_journey)
        self._maps.failed.connect(self._show_failure)
        self._maps.progressed.connect(self.states.advance)
        self._exports.progressed.connect(self.bar.export.advance)
        self._exports.finished.connect(self._tell_exported)
        self._exports.failed.connect(self._tell_export_failure)

    def _take_view(self, _is_on_map: bool = False) -> None:
        has_map, is_on_map = self.states.shows_views, self.views.is_on_map
        has_sessions = self._journey is not None and self._journey.n_usable > 0
        self.bar.refresh.setEnabled(self._folder is not None)
        if is_on_map and has_map and self._folder is not None and self._journey is not None:
            self.side.show_journey_again(self._folder, self._journey)
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

    def _show_journey(self, journey: JourneyMap) -> None:
        self._journey = journey
        if self._folder is not None:
            self.side.show_journey(self._folder, journey)
            self.views.show_journey(self._folder, journey)
        if not journey.n_all and not self._segment:
            self.states.show_empty()
        else:
            self.states.show_views()
        self._take_view()

    def _show_failure(self, words: str) -> None:
        self._say_instead("The map cannot be shown", words)

    def _say_instead(self, heading: str, words: str) -> None:
        self._journey = None
        self.states.say_instead(heading, words)
        self._take_view()

    def _mark(self, choice: MomentChoice | None) -> None:
        self.views.mark(self.side.journey, choice)

    def _show_edited(self, journey: JourneyMap) -> None:
        if self._journey is not None and journey.segment == self._journey.segment:
            self._journey = journey
        self.views.replace_journey(journey)

    def _tell_exported(self, paths: list[Path]) -> None:
        self.bar.export.end()
        where = paths[0] if len(paths) == 1 else f"{paths[0].parent} ({len(paths)} files)"
        if self._folder is not None:
            self.bar.say(written_words(where, self._folder), tone="joy")
        self.exported.emit(paths)

    def _tell_export_failure(self, words: str) -> None:
        self.bar.export.end()
        self.bar.say(words, tone="negative")

    def _stop_export(self) -> None:
        self._exports.cancel()
        self.bar.export.end()
        self.bar.say("Export stopped")
