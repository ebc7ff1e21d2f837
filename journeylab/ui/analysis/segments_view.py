"""Two values of a segment: both maps side by side, and the difference with each step's test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import Enum
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from journeylab.analysis.compared_studies import ComparedPair
from journeylab.analysis.comparing import SMALL_GROUP, Comparison, compare_maps
from journeylab.analysis.journey import JourneyMap
from journeylab.analysis.journey_builder import build_journey_map
from journeylab.report.files import written_words
from journeylab.report.scene import MomentTarget
from journeylab.report.study_export import ExportChoice
from journeylab.study.folder import StudyFolder
from journeylab.theme import LIGHT, Palette
from journeylab.ui.analysis.background import Background, Progress, Work
from journeylab.ui.analysis.choice_row import ChoiceRow
from journeylab.ui.analysis.comparison_area import ComparisonArea, MomentsOf
from journeylab.ui.analysis.export_bar import WITHOUT_FACES, ExportBar
from journeylab.ui.analysis.map_area import MapArea
from journeylab.ui.analysis.requests import comparison_work
from journeylab.ui.widgets.card import ElidedLabel, Label
from journeylab.ui.widgets.inputs import ComboBox
from journeylab.ui.widgets.waiting import WaitingPage

_VALUE_PX = 150
_STRIP_PX = 196
"""Room for the steps and the difference beneath both maps; its words are scrolled to."""


class Arrangement(Enum):
    """How the two are shown."""

    MAPS = "maps"
    DIFFERENCE = "difference"


class SegmentsView(QWidget):
    """Reads both maps beside the window and shows one beside, or against, the other."""

    back_asked = Signal()
    shown = Signal(object)
    """The Comparison on show."""
    moments_asked = Signal(object)
    """A MomentsOf: a place of either map was chosen."""
    step_asked = Signal(object, str)
    """The JourneyMap of a side, and the id of the step whose heatmaps are wanted."""

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        self._folder: StudyFolder | None = None
        self._name = ""
        self._pair: ComparedPair | None = None
        self._palette = palette
        self._reads = Background("comparing the segments", self)
        self._exports = Background("writing the comparison", self)
        self.back = QPushButton("‹  Map")
        self.first = ComboBox(palette=palette)
        self.second = ComboBox(palette=palette)
        self.arrangement = ChoiceRow(palette=palette)
        self.status = ElidedLabel("", role="quiet")
        self.export = ExportBar(WITHOUT_FACES)
        self.maps = (
            MapArea(palette=palette, shows_header=False),
            MapArea(palette=palette, shows_header=False),
        )
        self.titles = (ElidedLabel("", role="strong"), ElidedLabel("", role="strong"))
        self.area = ComparisonArea(palette=palette)
        self.waiting = WaitingPage()
        self._states = QStackedWidget()
        self._build()
        self._wire()

    @property
    def pair(self) -> ComparedPair | None:
        """Both maps and their comparison; None while they are read."""
        return self._pair

    def open(self, folder: StudyFolder, name: str, values: tuple[str, ...]) -> None:
        """Show the first two of the values of a segment of a study."""
        self._folder, self._name = folder, name
        for place, box in enumerate((self.first, self.second)):
            box.clear()
            for value in values:
                box.addItem(value, value)
            box.setCurrentIndex(place)
        self._read()

    def shown_maps(self) -> list[tuple[JourneyMap, MapArea]]:
        """Both maps with where each is drawn; none while they are read."""
        return [] if self._pair is None else list(zip(self._pair.journeys, self.maps, strict=True))

    def replace_journey(self, journey: JourneyMap) -> None:
        """Either map with other words in it."""
        if self._pair is None:
            return
        first, second = (
            journey if journey.segment == own.segment else own for own in self._pair.journeys
        )
        for own, area, new in zip(self._pair.journeys, self.maps, (first, second), strict=True):
            if new is not own:
                area.replace_map(new)
        self._pair = replace(self._pair, journeys=(first, second))

    def leave(self) -> None:
        """Forget what was asked for."""
        self._reads.cancel()

    def shut_down(self) -> None:
        """End all work beside the window."""
        for background in (self._reads, self._exports):
            background.close()
        for area in self.maps:
            area.shut_down()

    def arrange(self, arrangement: Arrangement) -> None:
        """Show both maps, or the difference."""
        self.arrangement.mark(arrangement)
        self._arrange()

    def _build(self) -> None:
        self.back.setProperty("role", "quiet")
        self.back.setToolTip("Back to the map (Esc)")
        self.first.setAccessibleName("One side")
        self.second.setAccessibleName("The other side")
        self.arrangement.offer(
            [("Side by side", Arrangement.MAPS), ("Difference", Arrangement.DIFFERENCE)]
        )
        head = QHBoxLayout()
        head.setContentsMargins(16, 10, 16, 10)
        head.setSpacing(10)
        head.addWidget(self.back)
        head.addWidget(self.first)
        head.addWidget(Label("and", role="quiet"))
        head.addWidget(self.second)
        head.addWidget(self.arrangement)
        head.addWidget(self.status, 1)
        head.addWidget(self.export)
        for box in (self.first, self.second):
            box.setFixedWidth(_VALUE_PX)
        bar = QFrame()
        bar.setProperty("edge", "bottom")
        bar.setLayout(head)
        self._both = QSplitter(Qt.Orientation.Horizontal)
        self._both.setChildrenCollapsible(False)
        for title, area in zip(self.titles, self.maps, strict=True):
            self._both.addWidget(_titled(title, area))
        self._compared = QSplitter(Qt.Orientation.Vertical)
        self._compared.setChildrenCollapsible(False)
        self._compared.addWidget(self._both)
        self._compared.addWidget(self.area)
        for widget in (self.waiting, self._compared):
            self._states.addWidget(widget)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(bar)
        outer.addWidget(self._states, 1)

    def _wire(self) -> None:
        leave = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        leave.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        leave.activated.connect(self.back_asked)
        self.back.clicked.connect(self.back_asked)
        self.waiting.stopped.connect(self.back_asked)
        self.first.activated.connect(partial(self._keep_apart, self.first, self.second))
        self.second.activated.connect(partial(self._keep_apart, self.second, self.first))
        self.arrangement.chosen.connect(self._arrange)
        self.area.moments_asked.connect(self.moments_asked)
        for place, area in enumerate(self.maps):
            area.view.chosen.connect(partial(self._ask_moments, place))
            area.view.step_chosen.connect(partial(self._ask_step, place))
            other = self.maps[1 - place]
            area.horizontalScrollBar().valueChanged.connect(other.horizontalScrollBar().setValue)
            area.verticalScrollBar().valueChanged.connect(other.verticalScrollBar().setValue)
        self._reads.finished.connect(self._show)
        self._reads.progressed.connect(self.waiting.advance)
        self._reads.failed.connect(self._say)
        self.export.asked.connect(self._export)
        self.export.stopped.connect(self._stop_export)
        self._exports.progressed.connect(self.export.advance)
        self._exports.finished.connect(self._tell_exported)
        self._exports.failed.connect(self._end_export)

    def _keep_apart(self, changed: ComboBox, other: ComboBox, _place: int = 0) -> None:
        """A value is not compared with itself: the other side gives way."""
        if other.currentIndex() == changed.currentIndex():
            other.setCurrentIndex((changed.currentIndex() + 1) % other.count())
        self._read()

    def _read(self) -> None:
        if self._folder is None:
            return
        values = (str(self.first.currentData()), str(self.second.currentData()))
        self._pair = None
        self.status.show_text("")
        self.export.setEnabled(False)
        self.waiting.wait_for(f"Reading {values[0]} and {values[1]}")
        self._states.setCurrentWidget(self.waiting)
        self._reads.run(segments_work(self._folder, self._name, values))

    def _show(self, pair: ComparedPair) -> None:
        self._pair = pair
        comparison = pair.comparison
        self.area.show_pair(pair)
        sides = (comparison.first, comparison.second)
        for side, title, area, journey in zip(
            sides, self.titles, self.maps, pair.journeys, strict=True
        ):
            title.show_text(side_words(side.name, side.n_people))
            area.show_map(journey)
        self._states.setCurrentWidget(self._compared)
        self._arrange()
        self.export.setEnabled(True)
        self.status.show_text(small_words(comparison))
        self.shown.emit(comparison)

    def _arrange(self, _value: object = None) -> None:
        shows_maps = self.arrangement.value is Arrangement.MAPS
        self._both.setVisible(shows_maps)
        self.area.show_strip_only(shows_maps)
        if shows_maps:
            self._compared.setSizes([max(self._states.height() - _STRIP_PX, 1), _STRIP_PX])

    def _ask_moments(self, place: int, target: MomentTarget) -> None:
        if self._pair is not None:
            journey, folder = self._pair.journeys[place], self._pair.folders[place]
            self.moments_asked.emit(MomentsOf(folder, journey, target))

    def _ask_step(self, place: int, step_id: str) -> None:
        if self._pair is not None:
            self.step_asked.emit(self._pair.journeys[place], step_id)

    def _say(self, words: str) -> None:
        self.waiting.say(words)
        self._states.setCurrentWidget(self.waiting)

    def _export(self, choice: ExportChoice) -> None:
        if self._pair is None or self._folder is None:
            return
        self.export.begin()
        self.status.show_text("Writing the comparison …")
        self._exports.run(
            comparison_work(
                self._folder,
                self._pair.comparison,
                choice,
                segment={"by": self._name},
                palette=self._palette,
            )
        )

    def _tell_exported(self, paths: list[Path]) -> None:
        where = paths[0].name if len(paths) == 1 else f"{len(paths)} files"
        if self._folder is not None:
            self._end_export(written_words(f"exports/: {where}", self._folder))

    def _stop_export(self) -> None:
        self._exports.cancel()
        self._end_export("Export stopped")

    def _end_export(self, words: str) -> None:
        self.export.end()
        self.status.show_text(words)


def _titled(title: ElidedLabel, area: MapArea) -> QWidget:
    box = QWidget()
    layout = QVBoxLayout(box)
    layout.setContentsMargins(0, 8, 0, 0)
    layout.setSpacing(4)
    row = QHBoxLayout()
    row.setContentsMargins(16, 0, 16, 0)
    row.addWidget(title)
    layout.addLayout(row)
    layout.addWidget(area, 1)
    return box


def side_words(name: str, n_people: int) -> str:
    """A side's name with how many participants it has, marked where they are few."""
    mark = ", a small group" if n_people < SMALL_GROUP else ""
    return f"{name}: {n_people} {'participant' if n_people == 1 else 'participants'}{mark}"


def small_words(comparison: Comparison) -> str:
    """Which side is so small that only a huge difference could show; empty where none is."""
    small = [
        f"{side.name} has {side.n_people}"
        for side in (comparison.first, comparison.second)
        if side.n_people < SMALL_GROUP
    ]
    return f"Small groups, marked: {', '.join(small)} participants" if small else ""


def segments_work(folder: StudyFolder, name: str, values: tuple[str, str]) -> Work:
    """Build the maps of two values of a segment, and set one against the other."""

    def work(progress: Progress) -> ComparedPair:
        def built(place: int, segment: Mapping[str, str]) -> JourneyMap:
            return build_journey_map(
                folder,
                segment=dict(segment),
                progress=lambda share: progress((place + share) / 2),
            )

        first, second = (built(n, {name: value}) for n, value in enumerate(values))
        comparison = compare_maps(first, second, names=values)
        return ComparedPair(comparison, (first, second), (folder, folder))

    return work
