"""Words on the participant's screen: instructions, waiting, thanks, camera-only steps."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QFont,
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from journeylab.clock import Clock
from journeylab.study.model import Step
from journeylab.theme import FONT_FAMILY, LIGHT
from journeylab.ui.participant.stage import Stage
from journeylab.ui.widgets.style import colour, font

CAMERA_ONLY_TEXT: Final = "Please carry on with what is in front of you. Take the time you need."
MORE_TEXT: Final = "More below"

_FONT_SHARE: Final = 0.03  # of the screen's height
_FONT_LEAST_PX, _FONT_MOST_PX = 22, 42
_SMALLEST_PX: Final = 20  # a long text is set smaller, but no smaller than this
_COLUMN_EM: Final = 24.0  # about 50 characters a line, which reads easily
_WIDE_COLUMN_EM: Final = 36.0  # about 70, where a text is long
_TALLEST: Final = 0.86  # of the screen's height
_LINE_HEIGHT_PERCENT: Final = 145.0
_CLOSE_LINE_HEIGHT_PERCENT: Final = 125.0  # of a long text: one and a half times its size
_EVEN_PX: Final = 4.0
_HINT_PX, _HINT_HEIGHT_PX, _HINT_GAP_PX = 20, 48.0, 16.0
_FADE_PX: Final = 40.0
_BAR_PX, _BAR_GAP_PX = 6.0, 28.0
_TURN: Final = 0.85  # of what is seen, so that a line or two stay for the eye to go on from
_LINES_A_NOTCH: Final = 3.0
_KEYS: Final = {
    Qt.Key.Key_PageDown: _TURN, Qt.Key.Key_PageUp: -_TURN,
    Qt.Key.Key_Down: 0.12, Qt.Key.Key_Up: -0.12,
    Qt.Key.Key_Home: -math.inf, Qt.Key.Key_End: math.inf,
}  # fmt: skip


class TextStage(Stage):
    """Large type on a quiet ground; nothing on it moves by itself or has a colour.

    A long text is set smaller and wider until it fits; one that does not fit at the least readable
    size can be scrolled, by wheel, by dragging, by the keys of a page, or by a click on the hint
    that there is more.
    """

    def __init__(self, *, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(clock=clock, parent=parent)
        self._text = ""
        self._document: QTextDocument | None = None
        self._offset_px = 0.0
        self._dragged_from: float | None = None

    @property
    def text(self) -> str:
        """What it says now."""
        return self._text

    @property
    def size_px(self) -> int:
        """Size of the type it is set in."""
        return self._laid_out().defaultFont().pixelSize()

    @property
    def below_px(self) -> float:
        """How much of the text lies below what is seen; 0 where all of it was, or is, seen."""
        return max(0.0, self._hidden_px() - self._offset_px)

    @property
    def hint_box(self) -> QRectF:
        """Where the hint stands that there is more; empty where there is not."""
        if self.below_px < 1:
            return QRectF()
        width = 12.0 * _HINT_PX
        return QRectF(
            (self.width() - width) / 2, self._view().bottom() + _HINT_GAP_PX, width, _HINT_HEIGHT_PX
        )

    def show_step(self, step: Step) -> None:
        """Show an instruction, or the text of a camera-only step."""
        self._expect(step.id, str(step.stimulus.kind))
        self._set_text(step.stimulus.text or CAMERA_ONLY_TEXT)

    def show_text(self, text: str) -> None:
        """Show words that belong to no step; nothing is stamped."""
        self.leave()
        self._set_text(text)

    def _set_text(self, text: str) -> None:
        self._text = text
        self._document = None
        self._offset_px = 0.0
        self.update()

    def scroll_by(self, px: float) -> None:
        """Move on in a text that does not fit, or back; never past its ends."""
        to_px = min(max(self._offset_px + px, 0.0), self._hidden_px())
        if to_px != self._offset_px:
            self._offset_px = to_px
            self.update()
            if self._is_on:
                self.view_changed.emit()

    # -- hands -------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.accept()
        notches = event.angleDelta().y() / 120.0
        self.scroll_by(-(event.pixelDelta().y() or notches * _LINES_A_NOTCH * 1.45 * self.size_px))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        share = _KEYS.get(Qt.Key(event.key()))
        if share is None or self._hidden_px() <= 0:
            super().keyPressEvent(event)
            return
        event.accept()
        self.scroll_by(share * self._view().height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()
        if self.hint_box.contains(event.position()):
            self.scroll_by(_TURN * self._view().height())
        else:
            self._dragged_from = event.position().y()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragged_from is not None and event.buttons() & Qt.MouseButton.LeftButton:
            y = event.position().y()
            self.scroll_by(self._dragged_from - y)
            self._dragged_from = y

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()
        self._dragged_from = None

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._document = None
        self._offset_px = min(self._offset_px, self._hidden_px())

    # -- painting ----------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._paint_ground(painter)
        view = self._view()
        painter.save()
        painter.setClipRect(view)
        painter.translate(view.topLeft() - QPointF(0.0, self._offset_px))
        context = QAbstractTextDocumentLayout.PaintContext()
        context.palette.setColor(QPalette.ColorRole.Text, QColor(LIGHT.text))
        self._laid_out().documentLayout().draw(painter, context)
        painter.restore()
        if self._hidden_px() > 0:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_rest(painter, view)
        painter.end()
        self._stamp_onset(self._clock.now_ns())

    def _paint_rest(self, painter: QPainter, view: QRectF) -> None:
        """That there is more: words that fade at the edge, how far one is, and a hint in words."""
        painter.setPen(Qt.PenStyle.NoPen)
        ground, clear = colour(LIGHT.surface), colour(LIGHT.surface, 0.0)
        for is_shown, edge, inside in (
            (self._offset_px > 0, view.top(), view.top() + _FADE_PX),
            (self.below_px >= 1, view.bottom(), view.bottom() - _FADE_PX),
        ):
            if is_shown:
                fade = QLinearGradient(0.0, edge, 0.0, inside)
                fade.setColorAt(0.0, ground)
                fade.setColorAt(1.0, clear)
                painter.fillRect(
                    QRectF(view.left(), min(edge, inside), view.width(), _FADE_PX), fade
                )
        bar = QRectF(view.right() + _BAR_GAP_PX, view.top(), _BAR_PX, view.height())
        whole_px = self._laid_out().size().height()
        painter.setBrush(colour(LIGHT.line))
        painter.drawRoundedRect(bar, _BAR_PX / 2, _BAR_PX / 2)
        painter.setBrush(colour(LIGHT.neutral))
        top = bar.top() + self._offset_px / whole_px * bar.height()
        height = view.height() / whole_px * bar.height()
        painter.drawRoundedRect(QRectF(bar.left(), top, _BAR_PX, height), _BAR_PX / 2, _BAR_PX / 2)
        box = self.hint_box
        if not box.isEmpty():
            painter.setPen(QPen(colour(LIGHT.neutral), 1.5))
            painter.setBrush(colour(LIGHT.ground))
            painter.drawRoundedRect(box, _HINT_HEIGHT_PX / 2, _HINT_HEIGHT_PX / 2)
            painter.setPen(colour(LIGHT.text))
            painter.setFont(font(_HINT_PX))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, f"{MORE_TEXT}  ↓")

    def _view(self) -> QRectF:
        """Where the text is seen: all of it in the middle of the screen, or as much as fits."""
        size = self._laid_out().size()
        if size.height() <= self._room_px():
            # A little above the middle looks centred.
            left = (self.width() - size.width()) / 2
            return QRectF(QPointF(left, (self.height() - size.height()) * 0.46), size)
        top = (1.0 - _TALLEST) / 2 * self.height()
        height = self._room_px() - _HINT_HEIGHT_PX - _HINT_GAP_PX
        return QRectF(QPointF((self.width() - size.width()) / 2, top), QSizeF(size.width(), height))

    def _room_px(self) -> float:
        return _TALLEST * self.height()

    def _hidden_px(self) -> float:
        """How much of the text is out of sight, above and below together."""
        return max(0.0, self._laid_out().size().height() - self._view().height())

    def _laid_out(self) -> QTextDocument:
        if self._document is None:
            self._document = self._lay_out()
        return self._document

    def _lay_out(self) -> QTextDocument:
        """The text as large and as narrow as it fits; else small, to be scrolled."""
        for size_px, column_em, line_percent in self._settings():
            document = self._set_in(size_px, column_em, line_percent)
            if document.size().height() <= self._room_px():
                _even_out(document)
                break
        return document

    def _settings(self) -> Iterator[tuple[int, float, float]]:
        """Sizes of type, px, widths of its column, em, and heights of its lines, from the most
        readable on."""
        wished = round(min(_FONT_MOST_PX, max(_FONT_LEAST_PX, _FONT_SHARE * self.height())))
        yield wished, _COLUMN_EM, _LINE_HEIGHT_PERCENT
        for size_px in range(wished, _SMALLEST_PX - 1, -1):
            yield size_px, _WIDE_COLUMN_EM, _CLOSE_LINE_HEIGHT_PERCENT

    def _set_in(self, size_px: int, column_em: float, line_percent: float) -> QTextDocument:
        type_ = QFont(FONT_FAMILY)
        type_.setPixelSize(size_px)
        document = QTextDocument()
        document.setDefaultFont(type_)
        document.setDocumentMargin(0)
        document.setPlainText(self._text)
        document.setTextWidth(min(0.84 * self.width(), column_em * size_px))
        block = QTextBlockFormat()
        block.setLineHeight(line_percent, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        cursor = QTextCursor(document)
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.mergeBlockFormat(block)
        return document


def _even_out(document: QTextDocument) -> None:
    """Make it as narrow as its number of lines allows: no word is left alone on the last one, and
    the words stand in the middle, not their column."""
    height_px = document.size().height()
    too_narrow_px, wide_px = 0.0, document.idealWidth()
    while wide_px - too_narrow_px > _EVEN_PX:
        width_px = (too_narrow_px + wide_px) / 2
        document.setTextWidth(width_px)
        if document.size().height() > height_px or document.idealWidth() > width_px:
            too_narrow_px = width_px
        else:
            wide_px = width_px
    document.setTextWidth(math.ceil(wide_px))
