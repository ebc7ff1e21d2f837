"""The journey map on screen: fits its width, answers to the mouse and the arrow keys."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QScrollArea, QWidget

from journeylab.analysis.insights import signed
from journeylab.analysis.journey import JourneyMap
from journeylab.report.map_layout import lay_out_map
from journeylab.report.scene import MomentTarget, Scene
from journeylab.report.text_metrics import text_width
from journeylab.theme import LIGHT, Palette
from journeylab.ui.analysis.scene_painter import paint_scene
from journeylab.ui.widgets.card import tooltip
from journeylab.ui.widgets.style import font, load_fonts

_READOUT_PX = 12


class SceneView(QWidget):
    """Paints the map's scene once into a pixmap, and the pointer's reading on top."""

    chosen = Signal(object)
    """A MomentTarget: somebody clicked a point, a callout or an insight."""

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        load_fonts()
        self._palette = palette
        self._journey: JourneyMap | None = None
        self._scene: Scene | None = None
        self._painted: QPixmap | None = None
        self._hover: QPointF | None = None
        self._marker: tuple[float, float] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Journey map")

    @property
    def scene(self) -> Scene | None:
        """What is shown."""
        return self._scene

    def show_map(self, journey: JourneyMap | None, *, width_px: float, height_px: float) -> None:
        """Lay a map out for a viewport and show it."""
        self._journey = journey
        self._marker = self._marker if journey is not None else None
        self._painted = None
        self._scene = None
        if journey is not None:
            self._scene = lay_out_map(journey, width_px=width_px, height_px=height_px)
            self.setFixedSize(
                # A rounding error must not make a map that fits exactly scroll.
                QSize(
                    math.ceil(self._scene.width_px - 0.01), math.ceil(self._scene.height_px - 0.01)
                )
            )
        self.update()

    def mark(self, position_s: float, valence: float) -> None:
        """Ring the point whose moment is shown; NaN marks the time alone."""
        self._marker = (position_s, valence)
        self.update()

    def clear_mark(self) -> None:
        """Take the ring away."""
        self._marker = None
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
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_marker(painter)
            self._paint_reading(painter)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover = event.position()
        hit = None
        if self._scene is not None:
            hit = self._scene.hit_at(event.position().x(), event.position().y())
        self.setToolTip(tooltip(hit.hint) if hit is not None else "")
        self.setCursor(
            Qt.CursorShape.PointingHandCursor
            if hit is not None or self._is_on_trace(event.position())
            else Qt.CursorShape.ArrowCursor
        )
        self.update()

    def leaveEvent(self, _event: object) -> None:
        self._hover = None
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._scene is None or event.button() != Qt.MouseButton.LeftButton:
            return
        target = self._scene.target_at(event.position().x(), event.position().y())
        if target is not None:
            self.chosen.emit(target)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step_s = {Qt.Key.Key_Left: -1.0, Qt.Key.Key_Right: 1.0}.get(Qt.Key(event.key()))
        if step_s is None or self._journey is None or not self._journey.n_usable:
            super().keyPressEvent(event)
            return
        end_s = self._journey.steps[-1].end_s
        position_s = self._marker[0] + step_s if self._marker is not None else 0.0
        position_s = min(max(position_s, 0.0), end_s)
        mean = self._mean_at(position_s)
        self.chosen.emit(MomentTarget(position_s, mean if math.isfinite(mean) else None))

    def _is_on_trace(self, place: QPointF) -> bool:
        return (
            self._scene is not None
            and self._scene.axes is not None
            and self._journey is not None
            and self._journey.n_usable > 0
            and self._scene.axes.contains(place.x(), place.y())
        )

    def _mean_at(self, position_s: float) -> float:
        return _value_at(self._journey, position_s)[0] if self._journey is not None else math.nan

    def _paint_marker(self, painter: QPainter) -> None:
        if self._marker is None or self._scene is None or self._scene.axes is None:
            return
        axes = self._scene.axes
        x = axes.x_at(self._marker[0])
        accent = QColor(self._palette.accent)
        faint = QColor(accent)
        faint.setAlphaF(0.35)  # labels it crosses stay readable
        painter.setPen(QPen(faint, 1.4))
        painter.drawLine(QPointF(x, axes.top_y), QPointF(x, axes.bottom_y))
        if math.isfinite(self._marker[1]):
            painter.setBrush(QColor(self._palette.ground))
            painter.setPen(QPen(accent, 2.4))
            painter.drawEllipse(QPointF(x, axes.y_at(self._marker[1])), 6.0, 6.0)

    def _paint_reading(self, painter: QPainter) -> None:
        if self._hover is None or self._journey is None or not self._is_on_trace(self._hover):
            return
        assert self._scene is not None and self._scene.axes is not None
        if self._scene.hit_at(self._hover.x(), self._hover.y()) is not None:
            return
        axes = self._scene.axes
        position_s = axes.position_at(self._hover.x())
        mean, _ = _value_at(self._journey, position_s)
        x = self._hover.x()
        painter.setPen(QPen(QColor(self._palette.neutral), 1.0))
        painter.drawLine(QPointF(x, axes.top_y), QPointF(x, axes.bottom_y))
        if math.isfinite(mean):
            painter.setBrush(QColor(self._palette.text))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(QPointF(x, axes.y_at(mean)), 3.5, 3.5)
        words = reading_words(self._journey, position_s)
        width = text_width(words, _READOUT_PX, weight=500) + 22
        left = min(max(x - width / 2, axes.knots_x[0]), axes.knots_x[-1] - width)
        box = QRectF(left, axes.bottom_y - 30, width, 26)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._palette.text))
        painter.drawRoundedRect(box, 6, 6)
        painter.setPen(QColor(self._palette.ground))
        painter.setFont(font(_READOUT_PX, weight=500))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)


class MapArea(QScrollArea):
    """The view fitted to its width; a map with many steps scrolls instead of shrinking."""

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        self.view = SceneView(palette=palette)
        self._journey: JourneyMap | None = None
        self._fitted_for: tuple[int, int] | None = None
        self.setWidget(self.view)
        self.setWidgetResizable(False)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.viewport().setAutoFillBackground(False)

    def show_map(self, journey: JourneyMap | None) -> None:
        """Show a map, or nothing."""
        self._journey = journey
        self._fitted_for = None
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        # Without bars: their coming and going must not lay the map out again.
        size = (self.width(), self.height())
        if self._journey is None or size == self._fitted_for:
            return
        self._fitted_for = size
        self.view.show_map(self._journey, width_px=size[0], height_px=size[1])
        if self.view.height() > size[1] and self.view.width() <= size[0]:
            # It will scroll: leave the bar its room, or a second bar would come with it.
            bar = self.verticalScrollBar().sizeHint().width()
            self.view.show_map(self._journey, width_px=size[0] - bar, height_px=size[1])
        policy = Qt.ScrollBarPolicy
        is_wider = self.view.width() > size[0]
        self.setHorizontalScrollBarPolicy(
            policy.ScrollBarAsNeeded if is_wider else policy.ScrollBarAlwaysOff
        )


def reading_words(journey: JourneyMap, position_s: float) -> str:
    """What the pointer reads off the trace: step, time, valence with its base."""
    step = next((step for step in journey.steps if position_s < step.end_s), journey.steps[-1])
    mean, n_sessions = _value_at(journey, position_s)
    minutes, seconds = divmod(int(position_s), 60)
    value = signed(mean) if math.isfinite(mean) else "not measured"
    return f"{step.title} · {minutes}:{seconds:02d} · valence {value} · N = {n_sessions}"


def _value_at(journey: JourneyMap, position_s: float) -> tuple[float, int]:
    positions = journey.trace.position_s
    if len(positions) == 0:
        return math.nan, 0
    point = int(np.argmin(np.abs(positions - position_s)))
    return float(journey.trace.mean[point]), int(journey.trace.n_sessions[point])
