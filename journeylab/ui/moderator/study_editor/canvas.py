"""A picture on which boxes are drawn, moved and resized, by mouse and by keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from journeylab.study.boxes import (
    BoxPx,
    between,
    edges_at,
    is_drawn,
    moved_by,
    resized_by,
    touched,
)
from journeylab.theme import Palette
from journeylab.ui.widgets.style import SMALL_PX, colour, font

_REACH_PX: Final = 6
_HANDLE_PX: Final = 7
_NUDGES: Final = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_CURSORS: Final = {
    "": Qt.CursorShape.SizeAllCursor,
    "l": Qt.CursorShape.SizeHorCursor,
    "r": Qt.CursorShape.SizeHorCursor,
    "t": Qt.CursorShape.SizeVerCursor,
    "b": Qt.CursorShape.SizeVerCursor,
    "lt": Qt.CursorShape.SizeFDiagCursor,
    "rb": Qt.CursorShape.SizeFDiagCursor,
    "rt": Qt.CursorShape.SizeBDiagCursor,
    "lb": Qt.CursorShape.SizeBDiagCursor,
}


@dataclass(frozen=True, slots=True)
class NamedBox:
    """A box on the picture; a hotspot is drawn dashed."""

    name: str
    box: BoxPx
    is_hotspot: bool = False


@dataclass(frozen=True, slots=True)
class _Drag:
    """What the mouse holds: a new box (``index`` None), or edges of one that is there."""

    start: QPointF
    box: BoxPx
    index: int | None = None
    edges: str = ""


class BoxCanvas(QWidget):
    """Shows a picture whole, with boxes over it; boxes are in pixels of the picture.

    ``drawn`` goes out with a new box, ``changed`` with the number of one and what it has become,
    ``chosen`` with the number of the one that was touched (-1 for none), ``removed`` with the one
    to be taken away. It keeps nothing itself: who listens shows the boxes anew.
    """

    drawn = Signal(object)
    changed = Signal(int, object)
    chosen = Signal(int)
    removed = Signal(int)

    def __init__(self, *, palette: Palette) -> None:
        super().__init__()
        self._palette = palette
        self._image = QImage()
        self._boxes: tuple[NamedBox, ...] = ()
        self._selected = -1
        self._drag: _Drag | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumHeight(160)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Areas on the picture")

    def sizeHint(self) -> QSize:
        return QSize(640, 360)

    def show_image(self, image: QImage) -> None:
        """Show another picture; a null one for none."""
        self._image = image
        self._drag = None
        self.update()

    def show_boxes(self, boxes: Sequence[NamedBox], *, selected: int) -> None:
        """Show these boxes, one of them chosen (-1 for none)."""
        self._boxes, self._selected = tuple(boxes), selected
        self.update()

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the picture."""
        return self._image.width(), self._image.height()

    @property
    def selected(self) -> int:
        """The number of the chosen box, -1 for none."""
        return self._selected

    def to_widget(self, x_px: float, y_px: float) -> QPointF:
        """Where a pixel of the picture is drawn."""
        area, scale = self._area(), self._scale()
        return QPointF(area.left() + x_px * scale, area.top() + y_px * scale)

    def _scale(self) -> float:
        if self._image.isNull():
            return 1.0
        fits = min(self.width() / self._image.width(), self.height() / self._image.height())
        return max(fits, 1e-6)

    def _area(self) -> QRectF:
        scale = self._scale()
        width, height = self._image.width() * scale, self._image.height() * scale
        return QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)

    def _to_picture(self, point: QPointF) -> QPointF:
        return (point - self._area().topLeft()) / self._scale()

    # -- mouse ---------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._image.isNull():
            return
        at = self._to_picture(event.position())
        grip = self._grip(at)
        if grip is None:
            self._drag = _Drag(at, (round(at.x()), round(at.y()), 0, 0))
            self._choose(-1)
        else:
            index, edges = grip
            self._drag = _Drag(at, self._boxes[index].box, index, edges)
            self._choose(index)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = self._to_picture(event.position())
        if self._drag is None:
            grip = None if self._image.isNull() else self._grip(at)
            cross = Qt.CursorShape.CrossCursor
            self.setCursor(cross if grip is None else _CURSORS[grip[1]])
            return
        self._drag = self._pulled(self._drag, at)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._drag is None:
            return
        drag, self._drag = self._pulled(self._drag, self._to_picture(event.position())), None
        self.update()
        if drag.index is None:
            if is_drawn(drag.box):
                self.drawn.emit(drag.box)
        elif drag.box != self._boxes[drag.index].box:
            self.changed.emit(drag.index, drag.box)

    def _pulled(self, drag: _Drag, at: QPointF) -> _Drag:
        if drag.index is None:
            box = between((drag.start.x(), drag.start.y()), (at.x(), at.y()), self.size_px)
        else:
            by = at - drag.start
            dx, dy, origin = round(by.x()), round(by.y()), self._boxes[drag.index].box
            if drag.edges:
                box = resized_by(origin, drag.edges, dx, dy, self.size_px)
            else:
                box = moved_by(origin, dx, dy, self.size_px)
        return _Drag(drag.start, box, drag.index, drag.edges)

    def _grip(self, at: QPointF) -> tuple[int, str] | None:
        """Which box is touched, and by which edges; the chosen one comes first."""
        reach = _REACH_PX / self._scale()
        if 0 <= self._selected < len(self._boxes):
            edges = edges_at(self._boxes[self._selected].box, at.x(), at.y(), reach)
            if edges:
                return self._selected, edges
        index = touched([one.box for one in self._boxes], at.x(), at.y())
        if index is None:
            return None
        return index, edges_at(self._boxes[index].box, at.x(), at.y(), reach) or ""

    def _choose(self, index: int) -> None:
        if index != self._selected:
            self._selected = index
            self.chosen.emit(index)

    # -- keyboard ------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if not 0 <= self._selected < len(self._boxes):
            super().keyPressEvent(event)
            return
        box = self._boxes[self._selected].box
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit(self._selected)
        elif key in _NUDGES:
            held = event.modifiers()
            far = 10 if held & Qt.KeyboardModifier.ShiftModifier else 1
            dx, dy = (far * by for by in _NUDGES[key])
            if held & Qt.KeyboardModifier.ControlModifier:
                new = resized_by(box, "rb", dx, dy, self.size_px)
            else:
                new = moved_by(box, dx, dy, self.size_px)
            if new != box:
                self.changed.emit(self._selected, new)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        if self._boxes and self._selected < 0 and event.reason() != Qt.FocusReason.MouseFocusReason:
            self._choose(0)
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()
        super().focusOutEvent(event)

    # -- painting ------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        area = self._area()
        if not self._image.isNull():
            painter.drawImage(area, self._image)
        edge = self._palette.accent if self.hasFocus() else self._palette.line
        painter.setPen(QPen(colour(edge), 1))
        painter.drawRect(area.adjusted(-0.5, -0.5, 0.5, 0.5))
        for index, one in enumerate(self._boxes):
            is_held = self._drag is not None and self._drag.index == index
            box = self._drag.box if is_held and self._drag is not None else one.box
            self._paint_box(painter, NamedBox(one.name, box, one.is_hotspot), index)
        if self._drag is not None and self._drag.index is None:
            self._paint_box(painter, NamedBox("", self._drag.box), self._selected)

    def _paint_box(self, painter: QPainter, one: NamedBox, index: int) -> None:
        is_selected = index == self._selected
        left, top, width, height = one.box
        rect = QRectF(self.to_widget(left, top), self.to_widget(left + width, top + height))
        ink = self._palette.warning if one.is_hotspot else self._palette.accent
        style = Qt.PenStyle.DashLine if one.is_hotspot else Qt.PenStyle.SolidLine
        painter.setPen(QPen(colour(ink), 2.0 if is_selected else 1.4, style))
        painter.setBrush(colour(ink, 0.22 if is_selected else 0.10))
        painter.drawRect(rect)
        if one.name:
            self._paint_name(painter, one.name, rect, ink)
        if is_selected:
            painter.setPen(QPen(colour(ink), 1))
            painter.setBrush(colour(self._palette.on_accent))
            for corner in (rect.topLeft(), rect.topRight(), rect.bottomLeft(), rect.bottomRight()):
                half = _HANDLE_PX / 2
                painter.drawRect(QRectF(corner.x() - half, corner.y() - half, *(_HANDLE_PX,) * 2))

    def _paint_name(self, painter: QPainter, name: str, rect: QRectF, ink: str) -> None:
        letters = font(SMALL_PX, weight=600)
        metrics = QFontMetrics(letters)
        shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, 160)
        width = metrics.horizontalAdvance(shown) + 10
        top = rect.top() - 18 if rect.top() >= self._area().top() + 18 else rect.top()
        tag = QRectF(rect.left(), top, width, 18)
        painter.fillRect(tag, colour(self._palette.ground, 0.88))
        painter.setFont(letters)
        is_hotspot = ink == self._palette.warning
        painter.setPen(colour(self._palette.warning_text if is_hotspot else self._palette.text))
        painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, shown)
