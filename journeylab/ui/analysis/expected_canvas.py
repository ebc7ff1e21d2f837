"""Drawing what is expected: a point a step on the map's axis, by mouse or by keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from journeylab.analysis.signed import signed
from journeylab.theme import LIGHT, Palette
from journeylab.ui.widgets.style import BODY_PX, SECTION_PX, font

_LEFT: Final = 64.0
_RIGHT: Final = 20.0
_TOP: Final = 66.0
_BOTTOM: Final = 24.0
_COARSE: Final = 5
_LARGE: Final = 25
_MOVES: Final = {
    Qt.Key.Key_Up: _COARSE,
    Qt.Key.Key_Down: -_COARSE,
    Qt.Key.Key_PageUp: _LARGE,
    Qt.Key.Key_PageDown: -_LARGE,
}


@dataclass(frozen=True, slots=True)
class CanvasStep:
    """One column: ``tint`` counts its stage."""

    step_id: str
    title: str
    stage: str
    tint: int


class ExpectedCanvas(QWidget):
    """Columns of equal width from -100 to +100; a locked version is shown and answers to nothing
    but the choice of a step."""

    changed = Signal()
    """A point was set, moved or taken away by hand."""
    chosen = Signal(int)
    """Another step is chosen."""

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        self._palette = palette
        self._steps: tuple[CanvasStep, ...] = ()
        self._values: dict[str, float] = {}
        self._measured: dict[str, float] = {}
        self._index = 0
        self._is_locked = False
        self._is_drawing = False
        self.setMinimumHeight(240)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(False)
        self.setAccessibleName("Expected map")

    def sizeHint(self) -> QSize:
        return QSize(900, 420)

    @property
    def index(self) -> int:
        """The step that is chosen."""
        return self._index

    @property
    def values(self) -> dict[str, float]:
        """The points by step, of those that have one."""
        return dict(self._values)

    def show_steps(self, steps: Sequence[CanvasStep]) -> None:
        """Show a study's steps, without points."""
        self._steps = tuple(steps)
        self._values, self._measured = {}, {}
        self._choose(0)

    def show_points(
        self,
        values: Mapping[str, float],
        *,
        is_locked: bool,
        measured: Mapping[str, float] | None = None,
    ) -> None:
        """Show points; ``measured`` beside them where the version is locked."""
        self._values = dict(values)
        self._measured = dict(measured or {})
        self._is_locked = is_locked
        self._describe()
        self.update()

    def choose(self, index: int) -> None:
        """Choose a step."""
        if self._steps and 0 <= index < len(self._steps):
            self._choose(index)

    def set_value(self, value: float | None) -> None:
        """Set or take away the chosen step's point, as a hand would."""
        if self._is_locked or not self._steps:
            return
        step_id = self._steps[self._index].step_id
        if value is None:
            self._values.pop(step_id, None)
        else:
            self._values[step_id] = float(min(max(round(value), -100), 100))
        self._describe()
        self.update()
        self.changed.emit()

    def place_of(self, index: int, value: float) -> QPointF:
        """Where a step's point of a value lies, px."""
        box = self._box()
        width = box.width() / max(len(self._steps), 1)
        y = box.top() + (100 - value) / 200 * box.height()
        return QPointF(box.left() + (index + 0.5) * width, y)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self._index_at(event.position())
        if index is None:
            return
        self._choose(index)
        if event.button() == Qt.MouseButton.RightButton:
            self.set_value(None)
        elif event.button() == Qt.MouseButton.LeftButton and not self._is_locked:
            self._is_drawing = True
            self._draw_to(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._is_drawing:
            index = self._index_at(event.position())
            if index is not None and index != self._index:
                self._choose(index)
            self._draw_to(event)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._is_drawing = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if not self._steps:
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.choose(self._index + (1 if key == Qt.Key.Key_Right else -1))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.choose(0 if key == Qt.Key.Key_Home else len(self._steps) - 1)
        elif key in _MOVES:
            move = _MOVES[key]
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                move = 1 if move > 0 else -1
            now = self._values.get(self._steps[self._index].step_id)
            self.set_value(0.0 if now is None else now + move)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.set_value(None)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillRect(self.rect(), QColor(self._palette.ground))
            if not self._steps:
                return
            self._paint_columns(painter)
            self._paint_grid(painter)
            if self._measured:
                self._paint_line(
                    painter, self._measured, QColor(self._palette.text), is_dashed=False
                )
            self._paint_line(
                painter, self._values, QColor(self._palette.quiet_text), is_dashed=True
            )
            self._paint_points(painter)

    def _box(self) -> QRectF:
        width = self.width() - _LEFT - _RIGHT
        return QRectF(_LEFT, _TOP, width, self.height() - _TOP - _BOTTOM)

    def _index_at(self, place: QPointF) -> int | None:
        box = self._box()
        if not self._steps or not box.left() <= place.x() < box.right():
            return None
        return int((place.x() - box.left()) / box.width() * len(self._steps))

    def _draw_to(self, event: QMouseEvent) -> None:
        box = self._box()
        value = 100 - (event.position().y() - box.top()) / box.height() * 200
        if not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            value = round(value / _COARSE) * _COARSE
        self.set_value(value)

    def _choose(self, index: int) -> None:
        self._index = index
        self._describe()
        self.update()
        self.chosen.emit(index)

    def _describe(self) -> None:
        if self._steps:
            step = self._steps[self._index]
            value = self._values.get(step.step_id)
            words = "no point" if value is None else signed(value)
            self.setAccessibleDescription(f"{step.title}: {words}")

    def _paint_columns(self, painter: QPainter) -> None:
        box = self._box()
        width = box.width() / len(self._steps)
        tints = self._palette.stage_tints
        title_font, stage_font = font(BODY_PX, weight=600), font(SECTION_PX)
        for index, step in enumerate(self._steps):
            left = box.left() + index * width
            is_chosen = index == self._index
            if is_chosen:
                painter.fillRect(
                    QRectF(left, box.top(), width, box.height()), QColor(self._palette.surface)
                )
            head = QRectF(left + 3, 10, width - 6, 42)
            painter.setBrush(QColor(tints[step.tint % len(tints)]))
            edge = self._palette.accent if is_chosen and self.hasFocus() else None
            painter.setPen(QPen(QColor(edge), 1.5) if edge else QPen(Qt.PenStyle.NoPen))
            painter.drawRoundedRect(head, 7, 7)
            room = width - 6 - 16
            for words, used, token, y in (
                (step.title, title_font, self._palette.text, 14.0),
                (step.stage, stage_font, self._palette.quiet_text, 31.0),
            ):
                painter.setFont(used)
                painter.setPen(QColor(token))
                shown = QFontMetricsF(used).elidedText(words, Qt.TextElideMode.ElideRight, room)
                painter.drawText(
                    QRectF(left + 11, y, room, 18),
                    Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
                    shown,
                )
            if index:
                painter.setPen(QPen(QColor(self._palette.line), 1.0))
                painter.drawLine(QPointF(left, _TOP - 8), QPointF(left, box.bottom()))

    def _paint_grid(self, painter: QPainter) -> None:
        box = self._box()
        painter.setFont(font(SECTION_PX))
        for value in (100, 50, 0, -50, -100):
            y = box.top() + (100 - value) / 200 * box.height()
            style = Qt.PenStyle.DashLine if value == 0 else Qt.PenStyle.SolidLine
            token = self._palette.neutral if value == 0 else self._palette.line
            painter.setPen(QPen(QColor(token), 1.0, style))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
            painter.setPen(QColor(self._palette.quiet_text))
            painter.drawText(
                QRectF(box.left() - 56, y - 9, 46, 18),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                signed(value),
            )

    def _paint_line(
        self, painter: QPainter, values: Mapping[str, float], colour: QColor, *, is_dashed: bool
    ) -> None:
        pen = QPen(colour, 2.0)
        if is_dashed:
            pen.setDashPattern([4.0, 3.0])
        painter.setPen(pen)
        places = [
            self.place_of(index, values[step.step_id])
            for index, step in enumerate(self._steps)
            if step.step_id in values
        ]
        for start, end in pairwise(places):
            painter.drawLine(start, end)
        if not is_dashed:
            painter.setBrush(colour)
            for place in places:
                painter.drawEllipse(place, 3.0, 3.0)

    def _paint_points(self, painter: QPainter) -> None:
        box = self._box()
        painter.setFont(font(BODY_PX, weight=600))
        for index, step in enumerate(self._steps):
            value = self._values.get(step.step_id)
            is_chosen = index == self._index
            if value is None:
                if is_chosen and not self._is_locked:
                    painter.setPen(QPen(QColor(self._palette.neutral), 1.4, Qt.PenStyle.DotLine))
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    painter.drawEllipse(self.place_of(index, 0), 7.0, 7.0)
                continue
            place = self.place_of(index, value)
            colour = QColor(self._palette.accent if is_chosen else self._palette.quiet_text)
            painter.setPen(QPen(colour, 2.4))
            painter.setBrush(QColor(self._palette.ground))
            painter.drawEllipse(place, 6.5, 6.5)
            above = place.y() - 26 >= box.top() - 12
            row = QRectF(place.x() - 40, place.y() - 28 if above else place.y() + 10, 80, 18)
            painter.setPen(QColor(self._palette.text))
            painter.drawText(row, Qt.AlignmentFlag.AlignCenter, signed(value))
