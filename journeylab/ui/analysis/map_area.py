"""The journey map in its viewport: fitted, zoomed, panned, with the lines that are wanted."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QImage,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QScrollArea, QWidget

from journeylab.analysis.journey import JourneyMap
from journeylab.report.map_lines import TraceLine
from journeylab.theme import LIGHT, Palette
from journeylab.ui.analysis.background import Background
from journeylab.ui.analysis.map_drawing import (
    MapDrawing,
    MapPart,
    MapWish,
    drawing_work,
    part_work,
)
from journeylab.ui.analysis.scene_view import SceneView
from journeylab.ui.analysis.zoom import STEP, Zoom, kept_under

_DRAG_PX = 5
SETTLE_MS = 90


class MapArea(QScrollArea):
    """The view fitted to its width; a map with many steps scrolls instead of shrinking.

    Ctrl with the wheel, a pinch and the keys +, - and 0 zoom; dragging pans.
    """

    zoomed = Signal(float)
    """The scale, 1 where the whole width is in sight."""
    drawn = Signal()
    """What was asked for is on show."""

    def __init__(self, *, palette: Palette = LIGHT, shows_header: bool = True) -> None:
        super().__init__()
        self.view = SceneView(palette=palette)
        self._shows_header = shows_header
        self._palette = palette
        self._journey: JourneyMap | None = None
        self._fitted_for: tuple[int, int] | None = None
        self._lines: frozenset[TraceLine] = frozenset({TraceLine.MEAN})
        self._shows_gaze_error = False
        self._is_drawing = False
        self._zoom = Zoom()
        self._pressed: QPoint | None = None
        self._dragged_from: tuple[QPoint, int, int] | None = None
        self._draws = Background("drawing the map", self)
        self._sharpens = Background("drawing the map's part", self)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self.view.grabGesture(Qt.GestureType.PinchGesture)
        self.setWidget(self.view)
        self.setWidgetResizable(False)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.viewport().setAutoFillBackground(False)
        self.setCornerWidget(QWidget())  # else the style draws a box between the bars
        self._draws.finished.connect(self._put)
        self._sharpens.finished.connect(self._put_sharp)
        self._settle.timeout.connect(self._sharpen)
        for bar in (self.horizontalScrollBar(), self.verticalScrollBar()):
            bar.valueChanged.connect(self._rest)

    @property
    def zoom(self) -> float:
        """The scale, 1 where the whole width is in sight."""
        return self._zoom.scale

    @property
    def is_drawn(self) -> bool:
        """Whether what was asked for is on show."""
        return self.view.scene is not None and not self._is_drawing

    def show_map(self, journey: JourneyMap | None) -> None:
        """Show a map as soon as it is drawn, or nothing."""
        self.view.show_drawing(None, None)
        self.replace_map(journey)

    def replace_map(self, journey: JourneyMap | None) -> None:
        """Show another map; the one before stays on show until it is drawn."""
        self._journey = journey
        self._fitted_for = None
        self._fit()

    def show_lines(self, lines: frozenset[TraceLine], shows_gaze_error: bool) -> None:
        """Show these lines of the trace, and how far gaze is off where that is wanted."""
        self._lines, self._shows_gaze_error = lines, shows_gaze_error
        self._draw()

    def shut_down(self) -> None:
        """End all work beside the window."""
        for background in (self._draws, self._sharpens):
            background.close()

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom about a place of the viewport, by default its middle."""
        before, self._zoom = self._zoom, self._zoom.by(factor)
        if self._zoom == before:
            return
        middle = QPointF(self.viewport().rect().center()) if at is None else at
        bars = (self.horizontalScrollBar(), self.verticalScrollBar())
        places = [
            kept_under(place, bar.value(), before.scale, self._zoom.scale)
            for bar, place in zip(bars, (middle.x(), middle.y()), strict=True)
        ]
        self.view.set_scale(self._zoom.scale)
        self._show_bars()
        self._rest()
        for bar, place in zip(bars, places, strict=True):
            bar.setValue(round(place))
        self.zoomed.emit(self._zoom.scale)

    def fit(self) -> None:
        """Show the whole width again."""
        self.zoom_by(1.0 / self._zoom.scale)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
        self._rest()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.view and self._journey is not None and self._take(event):
            return True
        return super().eventFilter(watched, event)

    def _take(self, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.Wheel and isinstance(event, QWheelEvent):
            return self._take_wheel(event)
        if kind == QEvent.Type.NativeGesture and isinstance(event, QNativeGestureEvent):
            return self._take_pinch(event)
        if kind == QEvent.Type.Gesture and isinstance(event, QGestureEvent):
            return self._take_touch(event)
        if kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._take_key(event)
        return isinstance(event, QMouseEvent) and self._take_mouse(kind, event)

    def _take_wheel(self, event: QWheelEvent) -> bool:
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return False
        turns = event.angleDelta().y() / 120.0
        place = self.viewport().mapFromGlobal(event.globalPosition())
        self.zoom_by(STEP**turns, place)
        return True

    def _take_pinch(self, event: QNativeGestureEvent) -> bool:
        if event.gestureType() != Qt.NativeGestureType.ZoomNativeGesture:
            return False
        place = self.viewport().mapFromGlobal(event.globalPosition())
        self.zoom_by(1.0 + event.value(), place)
        return True

    def _take_touch(self, event: QGestureEvent) -> bool:
        """Two fingers on a touch screen; those on a touch pad come as a native gesture."""
        pinch = event.gesture(Qt.GestureType.PinchGesture)
        if not isinstance(pinch, QPinchGesture):
            return False
        place = self.viewport().mapFromGlobal(pinch.hotSpot())
        self.zoom_by(pinch.scaleFactor(), place)
        event.accept(pinch)
        return True

    def _take_key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_by(STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom_by(1.0 / STEP)
        elif key == Qt.Key.Key_0:
            self.fit()
        else:
            return False
        return True

    def _take_mouse(self, kind: QEvent.Type, event: QMouseEvent) -> bool:
        place = event.globalPosition().toPoint()
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        if kind == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
            self._pressed = place
            return False
        if kind == QEvent.Type.MouseMove and self._pressed is not None:
            is_far = (place - self._pressed).manhattanLength() > _DRAG_PX
            if self._dragged_from is None and is_far and (across.maximum() or down.maximum()):
                self._dragged_from = (self._pressed, across.value(), down.value())
                self.view.setCursor(Qt.CursorShape.ClosedHandCursor)
            if self._dragged_from is not None:
                start, x, y = self._dragged_from
                across.setValue(x - (place - start).x())
                down.setValue(y - (place - start).y())
                return True
        if kind == QEvent.Type.MouseButtonRelease:
            was_drag = self._dragged_from is not None
            self._pressed = self._dragged_from = None
            if was_drag:
                self.view.setCursor(Qt.CursorShape.ArrowCursor)
            return was_drag
        return False

    def _fit(self) -> None:
        # Without bars: their coming and going must not lay the map out again.
        size = (self.width(), self.height())
        if size != self._fitted_for:
            self._fitted_for = size
            self._draw()

    def _draw(self) -> None:
        self._is_drawing = self._journey is not None
        if self._journey is None:
            self._draws.cancel()
            self.view.show_drawing(None, None)
            return
        wish = MapWish(
            self._journey,
            (self.width(), self.height()),
            self.verticalScrollBar().sizeHint().width(),
            self._lines,
            self._shows_gaze_error,
            self.devicePixelRatioF(),
            self._shows_header,
        )
        self._draws.run(drawing_work(wish, palette=self._palette))

    def _put(self, drawing: MapDrawing) -> None:
        self._is_drawing = False
        self.view.show_drawing(self._journey, drawing)
        self._show_bars()
        self._rest()
        self.drawn.emit()

    def _rest(self) -> None:
        """What is in sight changed: paint it sharply once it comes to rest."""
        if not self._zoom.is_fitted:
            self._settle.start()

    def _sharpen(self) -> None:
        box = self.view.visibleRegion().boundingRect()
        scene = self.view.scene
        if scene is not None and not self._zoom.is_fitted and not box.isEmpty():
            part = MapPart(scene, box, self._zoom.scale, self.devicePixelRatioF())
            self._sharpens.run(part_work(part, palette=self._palette))

    def _put_sharp(self, sharp: tuple[MapPart, QImage]) -> None:
        part, image = sharp
        if part.scene is self.view.scene and part.scale == self._zoom.scale:
            self.view.show_sharp(part.box, image)

    def _show_bars(self) -> None:
        policy = Qt.ScrollBarPolicy
        is_wider = self.view.width() > self.width()
        self.setHorizontalScrollBarPolicy(
            policy.ScrollBarAsNeeded if is_wider else policy.ScrollBarAlwaysOff
        )
