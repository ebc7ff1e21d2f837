"""The ways participants took through the steps, against the expected order."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeySequence, QPainter, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from journeylab.analysis.journey import JourneyMap
from journeylab.report.ways_scene import lay_out_ways
from journeylab.theme import LIGHT, Palette
from journeylab.ui.analysis.heatmap_view import PictureCanvas
from journeylab.ui.analysis.scene_painter import paint_scene

_LEAST_PX = 760


class WaysView(QWidget):
    """Draws the ways of a map's sessions, fitted to its width."""

    back_asked = Signal()

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        self._palette = palette
        self._journey: JourneyMap | None = None
        self.back = QPushButton("‹  Map")
        self.back.setProperty("role", "quiet")
        self.back.setToolTip("Back to the map (Esc)")
        self.back.clicked.connect(self.back_asked)
        leave = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        leave.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        leave.activated.connect(self.back_asked)
        self.canvas = PictureCanvas()
        self._area = QScrollArea()
        self._area.setWidget(self.canvas)
        bar = QFrame()
        row = QHBoxLayout(bar)
        row.setContentsMargins(16, 10, 16, 0)
        row.addWidget(self.back)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(bar)
        layout.addWidget(self._area, 1)

    def show_ways(self, journey: JourneyMap) -> None:
        """Show the ways of a map's sessions."""
        self._journey = journey
        self._draw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._draw()

    def _draw(self) -> None:
        if self._journey is None:
            return
        width_px = max(self._area.width() - 12, _LEAST_PX)
        scene = lay_out_ways(self._journey, width_px=width_px, height_px=self._area.height() - 2)
        ratio = self.devicePixelRatioF()
        size = QSize(round(scene.width_px * ratio), round(scene.height_px * ratio))
        image = QImage(size, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        image.fill(QColor(self._palette.ground))
        with QPainter(image) as painter:
            paint_scene(painter, scene, self._palette)
        self.canvas.show_image(image, words="Ways through the steps")
