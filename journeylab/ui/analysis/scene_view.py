"""The journey map on screen: fits its width, zooms and pans, answers to the mouse and the keys."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRect, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from journeylab.analysis.journey import JourneyMap
from journeylab.report.scene import Hit, MomentTarget, Scene, StepTarget, TraceAxes
from journeylab.theme import LIGHT, Palette
from journeylab.ui.analysis.map_drawing import MapDrawing, size_of
from journeylab.ui.analysis.trace_reading import paint_marker, paint_reading, value_at
from journeylab.ui.widgets.card import tooltip
from journeylab.ui.widgets.style import load_fonts


class SceneView(QWidget):
    """Shows the map as it was painted beside the window, and the pointer's reading on top.

    Zoomed in, the picture is stretched, so that zooming and panning never wait for the painting;
    a sharp one of what is in sight is laid over it when it comes.
    """

    chosen = Signal(object)
    """A MomentTarget: somebody clicked a point, a callout or an insight."""
    step_chosen = Signal(str)
    """The id of a step whose picture was clicked."""

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        load_fonts()
        self._palette = palette
        self._journey: JourneyMap | None = None
        self._scene: Scene | None = None
        self._painted: QImage | None = None
        self._sharp: tuple[QRect, QImage] | None = None
        self._scale = 1.0
        self._hover: QPointF | None = None
        self._marker: tuple[float, float] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Journey map")

    @property
    def scene(self) -> Scene | None:
        """What is shown."""
        return self._scene

    @property
    def scale(self) -> float:
        """Pixels of the view per pixel of the scene."""
        return self._scale

    def show_drawing(self, journey: JourneyMap | None, drawing: MapDrawing | None) -> None:
        """Show a map as it was drawn, or nothing."""
        self._journey = journey
        self._scene = None if drawing is None else drawing.scene
        self._painted = None if drawing is None else drawing.image
        self._marker = self._marker if journey is not None else None
        self._sharp = None
        self._resize()
        self.update()

    def set_scale(self, scale: float) -> None:
        """Show the scene larger; 1 is its own size."""
        self._scale = scale
        self._sharp = None
        self._resize()
        self.update()

    def show_sharp(self, box: QRect, image: QImage) -> None:
        """Lay a part that was painted at the present scale over the stretched picture."""
        self._sharp = (box, image)
        self.update()

    def mark(self, position_s: float, valence: float) -> None:
        """Ring the point whose moment is shown; NaN marks the time alone."""
        self._marker = (position_s, valence)
        self.update()

    def clear_mark(self) -> None:
        """Take the ring away."""
        self._marker = None
        self.update()

    def hit_at(self, place: QPointF) -> Hit | None:
        """What answers there, if anything."""
        if self._scene is None:
            return None
        return self._scene.hit_at(place.x() / self._scale, place.y() / self._scale)

    def choose_at(self, place: QPointF) -> None:
        """Do what a click there does."""
        if self._scene is None:
            return
        target = self._scene.target_at(place.x() / self._scale, place.y() / self._scale)
        if isinstance(target, StepTarget):
            self.step_chosen.emit(target.step_id)
        elif target is not None:
            self.chosen.emit(target)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._scene is None or self._painted is None:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(self.rect(), self._painted)
            if self._sharp is not None:
                painter.drawImage(self._sharp[0].topLeft(), self._sharp[1])
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_marker(painter, self._axes(), self._marker, self._palette)
            if self._hover is not None and self.hit_at(self._hover) is None:
                self._paint_reading(painter, self._hover, event.rect())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover = event.position()
        hit = self.hit_at(event.position())
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
        if event.button() == Qt.MouseButton.LeftButton:
            self.choose_at(event.position())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step_s = {Qt.Key.Key_Left: -1.0, Qt.Key.Key_Right: 1.0}.get(Qt.Key(event.key()))
        if step_s is None or self._journey is None or not self._journey.n_usable:
            super().keyPressEvent(event)
            return
        end_s = self._journey.steps[-1].end_s
        position_s = self._marker[0] + step_s if self._marker is not None else 0.0
        position_s = min(max(position_s, 0.0), end_s)
        mean, _ = value_at(self._journey, position_s)
        self.chosen.emit(MomentTarget(position_s, mean if math.isfinite(mean) else None))

    def _resize(self) -> None:
        if self._scene is not None:
            own = size_of(self._scene)
            self.setFixedSize(round(own.width() * self._scale), round(own.height() * self._scale))

    def _axes(self) -> TraceAxes | None:
        """The axes of the trace in the view's own pixels."""
        if self._scene is None or self._scene.axes is None:
            return None
        return self._scene.axes.scaled(self._scale)

    def _is_on_trace(self, place: QPointF) -> bool:
        axes = self._axes()
        return (
            axes is not None
            and self._journey is not None
            and self._journey.n_usable > 0
            and axes.contains(place.x(), place.y())
        )

    def _paint_reading(self, painter: QPainter, place: QPointF, shown: QRect) -> None:
        axes = self._axes()
        if self._journey is None or axes is None or not self._is_on_trace(place):
            return
        in_sight = self.visibleRegion().boundingRect()
        in_sight = shown if in_sight.isEmpty() else in_sight
        paint_reading(
            painter, axes, self._journey, place.x(), palette=self._palette, in_sight=in_sight
        )
