"""Comparing two studies or rounds: the other one is chosen, and the difference map is shown."""

from __future__ import annotations

import math

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from journeylab.analysis.comparing import Comparison
from journeylab.report.comparison_layout import lay_out_comparison
from journeylab.report.scene import Scene
from journeylab.theme import LIGHT, Palette
from journeylab.ui.analysis.export_bar import ExportBar
from journeylab.ui.analysis.scene_painter import paint_scene
from journeylab.ui.widgets.card import ElidedLabel, Label, tooltip
from journeylab.ui.widgets.notices import EmptyState
from journeylab.ui.widgets.style import load_fonts, set_role


class ComparisonView(QWidget):
    """Paints a comparison's scene; what a step's difference is worth shows under the pointer."""

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        load_fonts()
        self._palette = palette
        self._scene: Scene | None = None
        self._painted: QPixmap | None = None
        self.setMouseTracking(True)
        self.setAccessibleName("Difference map")

    @property
    def scene(self) -> Scene | None:
        """What is shown."""
        return self._scene

    def show_scene(self, scene: Scene | None) -> None:
        """Show a scene in its own size, or nothing."""
        self._scene, self._painted = scene, None
        if scene is not None:
            width, height = scene.width_px, scene.height_px
            self.setFixedSize(QSize(math.ceil(width - 0.01), math.ceil(height - 0.01)))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._scene is None:
            return
        ratio = self.devicePixelRatioF()
        if self._painted is None or self._painted.devicePixelRatio() != ratio:
            self._painted = QPixmap(self.size() * ratio)
            self._painted.setDevicePixelRatio(ratio)
            self._painted.fill(QColor(self._palette.ground))
            with QPainter(self._painted) as painter:
                paint_scene(painter, self._scene, self._palette)
        with QPainter(self) as painter:
            painter.drawPixmap(0, 0, self._painted)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = event.position()
        hit = self._scene.hit_at(place.x(), place.y()) if self._scene is not None else None
        self.setToolTip(tooltip(hit.hint) if hit is not None else "")


class ComparisonArea(QScrollArea):
    """The view fitted to its width; a long comparison scrolls instead of shrinking."""

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        self.view = ComparisonView(palette=palette)
        self._comparison: Comparison | None = None
        self._fitted_for: tuple[int, int] | None = None
        self.setWidget(self.view)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)

    def show_comparison(self, comparison: Comparison | None) -> None:
        """Show a comparison, or nothing."""
        self._comparison, self._fitted_for = comparison, None
        if comparison is None:
            self.view.show_scene(None)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        size = (self.width(), self.height())
        if self._comparison is None or size == self._fitted_for:
            return
        self._fitted_for = size
        scene = lay_out_comparison(self._comparison, width_px=size[0], height_px=size[1])
        if scene.height_px > size[1] and scene.width_px <= size[0]:
            width = size[0] - self.verticalScrollBar().sizeHint().width()
            scene = lay_out_comparison(self._comparison, width_px=width, height_px=size[1])
        self.view.show_scene(scene)


class ComparePage(QWidget):
    """Shows a Comparison; asks for the other study, for turning it around, and for files."""

    choose_asked = Signal()
    turn_asked = Signal()
    stop_asked = Signal()
    """Reading the two studies is to be stopped."""

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        self.setProperty("role", "page")
        self._comparison: Comparison | None = None
        self.other = ElidedLabel("", role="quiet")
        self._status = Label("", role="small")
        self.choose = QPushButton("Choose study …")
        self.choose.setToolTip("Choose the folder of another study, or of another round (Ctrl+O)")
        self.turn = QPushButton("Turn around")
        self.turn.setToolTip("Set the earlier one against the later one instead")
        self.export = ExportBar()
        self.area = ComparisonArea(palette=palette)
        self._empty = EmptyState(
            "Compare with another study, or with another round",
            detail="Both traces appear on one map, with what got better, what got worse and how "
            "sure that is. Steps are matched by their id.",
            action="Choose study …",
        )
        self._loading_words = Label("Reading both studies", role="heading")
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setFixedWidth(360)
        self.stop = QPushButton("Stop")
        self._failed = EmptyState("These cannot be compared", detail="", action="Choose study …")
        self._states = QStackedWidget()
        self._build()
        self.choose.clicked.connect(self.choose_asked)
        self._empty.acted.connect(self.choose_asked)
        self._failed.acted.connect(self.choose_asked)
        self.turn.clicked.connect(self.turn_asked)
        self.stop.clicked.connect(self.stop_asked)
        self.show_nothing()

    @property
    def comparison(self) -> Comparison | None:
        """What is on show."""
        return self._comparison

    @property
    def failure(self) -> str:
        """Why nothing can be shown; empty where something is."""
        return self._failure if self._states.currentWidget() is self._failed else ""

    def show_nothing(self) -> None:
        """No study was chosen yet."""
        self._take(None, "")
        self._states.setCurrentWidget(self._empty)

    def show_loading(self, path: str) -> None:
        """Both studies are being read."""
        self._take(None, path)
        self._progress.setValue(0)
        self._states.setCurrentWidget(self._loading)

    def show_progress(self, share: float) -> None:
        """This share, 0..1, is read."""
        self._progress.setValue(round(100 * share))

    def show_comparison(self, comparison: Comparison) -> None:
        """Show the difference map."""
        self._take(comparison, self.other.text())
        self.area.show_comparison(comparison)
        self._states.setCurrentWidget(self.area)

    def show_failure(self, words: str) -> None:
        """Say why the two cannot be compared."""
        self._take(None, self.other.text())
        self._failure = words
        self._failed.show_detail(words)
        self._states.setCurrentWidget(self._failed)

    def say(self, words: str, *, tone: str = "") -> None:
        """Show a status beside the buttons."""
        self._status.show_text(words)
        set_role(self._status, tone=tone)

    def _take(self, comparison: Comparison | None, path: str) -> None:
        self._comparison = comparison
        self._failure = ""
        self.other.show_text(path)
        self.say("")
        self._bar.setVisible(bool(path))
        self.turn.setEnabled(comparison is not None)
        self.export.setEnabled(comparison is not None)

    def _build(self) -> None:
        self._bar = QFrame()
        self._bar.setProperty("role", "bar")
        self._bar.setProperty("edge", "bottom")
        row = QHBoxLayout(self._bar)
        row.setContentsMargins(16, 8, 16, 8)
        row.setSpacing(12)
        row.addWidget(Label("Compared with", role="strong"))
        row.addWidget(self.other, 1)
        row.addWidget(self._status)
        row.addWidget(self.turn)
        row.addWidget(self.choose)
        row.addWidget(self.export)
        self._loading = QWidget()
        inner = QVBoxLayout(self._loading)
        inner.setSpacing(14)
        inner.addStretch(1)
        for widget in (self._loading_words, self._progress, self.stop):
            inner.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        inner.addStretch(1)
        for state in (self._empty, self._loading, self._failed, self.area):
            self._states.addWidget(state)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._bar)
        layout.addWidget(self._states, 1)
