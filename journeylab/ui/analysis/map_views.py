"""What a map is looked at through: itself, a step's heatmaps, the ways, segments side by side."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget

from journeylab.analysis.journey import JourneyMap
from journeylab.analysis.moments import MomentChoice
from journeylab.study.folder import StudyFolder
from journeylab.theme import LIGHT, Palette
from journeylab.ui.analysis.heatmap_view import HeatmapView
from journeylab.ui.analysis.map_area import MapArea
from journeylab.ui.analysis.segments_view import SegmentsView
from journeylab.ui.analysis.ways_view import WaysView


class MapViews(QStackedWidget):
    """Shows the map, or one of the views that open from it and lead back to it."""

    map_shown = Signal(bool)
    """Whether the map itself is on show."""

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        self._folder: StudyFolder | None = None
        self._journey: JourneyMap | None = None
        self.map = MapArea(palette=palette)
        self.heatmaps = HeatmapView(palette=palette)
        self.ways = WaysView(palette=palette)
        self.segments = SegmentsView(palette=palette)
        for view in (self.map, self.heatmaps, self.ways, self.segments):
            self.addWidget(view)
        self.map.view.step_chosen.connect(self.open_heatmaps)
        self.segments.step_asked.connect(self._open_heatmaps_of)
        for view in (self.heatmaps, self.ways, self.segments):
            view.back_asked.connect(self.show_map)

    @property
    def is_on_map(self) -> bool:
        """Whether the map itself is on show."""
        return self.currentWidget() is self.map

    def show_journey(self, folder: StudyFolder, journey: JourneyMap) -> None:
        """Show a map."""
        self._folder, self._journey = folder, journey
        self.map.show_map(journey)
        self.show_map()

    def replace_journey(self, journey: JourneyMap) -> None:
        """One of the maps on show with other words in it."""
        if self._journey is not None and journey.segment == self._journey.segment:
            self._journey = journey
            self.map.replace_map(journey)
        self.segments.replace_journey(journey)

    def mark(self, journey: JourneyMap | None, choice: MomentChoice | None) -> None:
        """Ring a moment on the map it is of; None takes all rings away."""
        for own, area in ((self._journey, self.map), *self.segments.shown_maps()):
            if choice is not None and own is not None and own is journey:
                area.view.mark(choice.position_s, choice.valence)
            else:
                area.view.clear_mark()

    def show_map(self) -> None:
        """Go back to the map."""
        self.heatmaps.leave()
        self.segments.leave()
        self._go_to(self.map)
        if self.isVisible():
            self.map.view.setFocus()

    def open_heatmaps(self, step_id: str) -> None:
        """Show the heatmaps of a step."""
        if self._journey is not None:
            self._open_heatmaps_of(self._journey, step_id)

    def open_ways(self) -> None:
        """Show the ways through the steps."""
        if self._journey is not None:
            self.ways.show_ways(self._journey)
            self._go_to(self.ways)

    def open_segments(self, name: str, values: tuple[str, ...]) -> None:
        """Show two of a segment's values side by side."""
        if self._folder is not None:
            self.segments.open(self._folder, name, values)
            self._go_to(self.segments)

    def _open_heatmaps_of(self, journey: JourneyMap, step_id: str) -> None:
        if self._folder is not None:
            self.heatmaps.open(self._folder, journey, step_id)
            self._go_to(self.heatmaps)

    def shut_down(self) -> None:
        """End all work beside the window."""
        self.map.shut_down()
        self.heatmaps.shut_down()
        self.segments.shut_down()

    def _go_to(self, view: MapArea | HeatmapView | WaysView | SegmentsView) -> None:
        self.setCurrentWidget(view)
        if view is not self.map:
            view.setFocus()
        self.map_shown.emit(view is self.map)
