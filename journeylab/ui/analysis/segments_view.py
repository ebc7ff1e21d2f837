"""Two values of a segment side by side: both traces, and a strip with the test of each step."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from journeylab.analysis.comparing import SMALL_GROUP, Comparison, compare_maps
from journeylab.analysis.journey import JourneyMap
from journeylab.analysis.journey_builder import build_journey_map
from journeylab.study.folder import StudyFolder
from journeylab.theme import LIGHT, Palette
from journeylab.ui.analysis.background import Background, Progress, Work
from journeylab.ui.analysis.compare_page import ComparisonArea
from journeylab.ui.widgets.card import ElidedLabel, Label
from journeylab.ui.widgets.inputs import ComboBox

_VALUE_PX = 150


class SegmentsView(QWidget):
    """Reads both maps beside the window and shows one against the other."""

    back_asked = Signal()
    shown = Signal(object)
    """The Comparison on show."""

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        self._folder: StudyFolder | None = None
        self._name = ""
        self._reads = Background("comparing the segments", self)
        self.back = QPushButton("‹  Map")
        self.first = ComboBox(palette=palette)
        self.second = ComboBox(palette=palette)
        self.status = ElidedLabel("", role="quiet")
        self.area = ComparisonArea(palette=palette)
        self._words = Label("", role="heading", wrap=True)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._states = QStackedWidget()
        self._build()
        self._wire()

    def open(self, folder: StudyFolder, name: str) -> None:
        """Show the first two values of a segment of a study."""
        self._folder, self._name = folder, name
        values = next(one.values for one in folder.study.segments if one.name == name)
        for place, box in enumerate((self.first, self.second)):
            box.clear()
            for value in values:
                box.addItem(value, value)
            box.setCurrentIndex(place)
        self._read()

    def leave(self) -> None:
        """Forget what was asked for."""
        self._reads.cancel()

    def shut_down(self) -> None:
        """End all work beside the window."""
        self._reads.close()

    def _build(self) -> None:
        self.back.setProperty("role", "quiet")
        self.back.setToolTip("Back to the map (Esc)")
        self.first.setAccessibleName("One side, dashed")
        self.second.setAccessibleName("The other side, solid")
        head = QHBoxLayout()
        head.setContentsMargins(16, 10, 16, 10)
        head.setSpacing(10)
        head.addWidget(self.back)
        head.addWidget(Label("Dashed", role="quiet"))
        head.addWidget(self.first)
        head.addWidget(Label("solid", role="quiet"))
        head.addWidget(self.second)
        head.addWidget(self.status, 1)
        for box in (self.first, self.second):
            box.setFixedWidth(_VALUE_PX)
        bar = QFrame()
        bar.setLayout(head)
        waiting = QWidget()
        middle = QVBoxLayout(waiting)
        middle.setContentsMargins(80, 0, 80, 0)
        self._words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        middle.addStretch(1)
        middle.addWidget(self._words)
        middle.addSpacing(12)
        middle.addWidget(self._progress)
        middle.addStretch(2)
        self._states.addWidget(waiting)
        self._states.addWidget(self.area)
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
        self.first.activated.connect(partial(self._keep_apart, self.first, self.second))
        self.second.activated.connect(partial(self._keep_apart, self.second, self.first))
        self._reads.finished.connect(self._show)
        self._reads.progressed.connect(self._show_progress)
        self._reads.failed.connect(self._say)

    def _keep_apart(self, changed: ComboBox, other: ComboBox, _place: int = 0) -> None:
        """A value is not compared with itself: the other side gives way."""
        if other.currentIndex() == changed.currentIndex():
            other.setCurrentIndex((changed.currentIndex() + 1) % other.count())
        self._read()

    def _read(self) -> None:
        if self._folder is None:
            return
        values = (str(self.first.currentData()), str(self.second.currentData()))
        self.status.show_text("")
        self._say(f"Reading {values[0]} and {values[1]}")
        self._progress.setVisible(True)
        self._reads.run(segments_work(self._folder, self._name, values))

    def _show_progress(self, share: float) -> None:
        self._progress.setValue(round(share * 100))

    def _show(self, comparison: Comparison) -> None:
        self.area.show_comparison(comparison)
        self._states.setCurrentWidget(self.area)
        self.status.show_text(small_words(comparison))
        self.shown.emit(comparison)

    def _say(self, words: str) -> None:
        self._words.show_text(words)
        self._progress.setValue(0)
        self._progress.setVisible(False)
        self._states.setCurrentIndex(0)


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

    def work(progress: Progress) -> Comparison:
        def built(place: int, segment: Mapping[str, str]) -> JourneyMap:
            return build_journey_map(
                folder,
                segment=dict(segment),
                progress=lambda share: progress((place + share) / 2),
            )

        first, second = (built(n, {name: value}) for n, value in enumerate(values))
        return compare_maps(first, second, names=values)

    return work
