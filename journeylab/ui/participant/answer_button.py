"""A big quiet target: one point of a scale, one choice, or a way on or back."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QEnterEvent,
    QFont,
    QFontMetrics,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from journeylab.theme import LIGHT
from journeylab.ui.participant.manikin import paint_manikin
from journeylab.ui.widgets.style import colour, font

TYPE_PX: Final = 22
LEAST_HEIGHT_PX: Final = 56
FIGURE_HEIGHT_PX: Final = 148
_PADDING_PX: Final = 20
_KEY_PX: Final = 15
_RADIUS_PX: Final = 10.0
_WRAP: Final = Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextWrapAnywhere


class AnswerButton(QAbstractButton):
    """Large words on a quiet ground, dark when chosen; never a colour that praises or blames.

    ``key`` is drawn small where a key does the same as a click. ``manikin`` is "valence" or
    "arousal" and ``level`` 0..1 where a figure stands over the words. It never takes the
    keyboard: its page has the keys.
    """

    def __init__(
        self,
        text: str,
        *,
        key: str = "",
        manikin: str = "",
        level: float = 0.0,
        is_checkable: bool = True,
        is_left_aligned: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setText(text)
        self._key = key
        self._manikin = manikin
        self._level = level
        self._is_left_aligned = is_left_aligned
        self._is_hovered = False
        self.setCheckable(is_checkable)
        self.setAccessibleName(text)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setMinimumHeight(FIGURE_HEIGHT_PX if manikin else LEAST_HEIGHT_PX)

    def set_key(self, key: str) -> None:
        """Show another key, or none."""
        self._key = key
        self.update()

    def sizeHint(self) -> QSize:
        width_px = QFontMetrics(_type()).horizontalAdvance(self.text()) + 2 * _PADDING_PX
        return QSize(width_px + self._key_room_px, self.minimumHeight())

    def minimumSizeHint(self) -> QSize:
        return QSize(LEAST_HEIGHT_PX, self.minimumHeight())

    @property
    def _key_room_px(self) -> int:
        return QFontMetrics(font(_KEY_PX)).horizontalAdvance(self._key) + 14 if self._key else 0

    @property
    def _text_width_px(self) -> int:
        if self._is_left_aligned:
            return max(1, self.width() - 2 * _PADDING_PX - self._key_room_px)
        return max(1, self.width() - 12 - self._key_room_px)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._is_left_aligned:  # long choices take as many lines as they need
            flags = int(_WRAP) | int(Qt.AlignmentFlag.AlignLeft)
            room = QRect(0, 0, self._text_width_px, 10_000)
            words = QFontMetrics(_type()).boundingRect(room, flags, self.text())
            height_px = max(LEAST_HEIGHT_PX, words.height() + 24)
            if height_px != self.minimumHeight():
                self.setMinimumHeight(height_px)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._is_hovered = True
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._is_hovered = False
        self.update()
        super().leaveEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        # The second click of a hurried hand must not leave the page that the first one brought.
        if self.isCheckable():
            super().mouseDoubleClickEvent(event)
        else:
            event.accept()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_dark = self.isChecked() or self.isDown()
        ground = LIGHT.text if is_dark else LIGHT.ground
        words = LIGHT.ground if is_dark else LIGHT.text
        quiet = LIGHT.ground if is_dark else LIGHT.quiet_text
        edge = LIGHT.text if is_dark or self._is_hovered else LIGHT.neutral
        if not self.isEnabled():
            ground, edge = LIGHT.raised, LIGHT.line
            words = quiet = LIGHT.quiet_text
        painter.setPen(QPen(colour(edge), 1.5))
        painter.setBrush(colour(ground))
        frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(frame, _RADIUS_PX, _RADIUS_PX)
        below = QRectF(self.rect())
        if self._manikin:
            side = min(self.width() - 12.0, self.height() - 44.0)
            box = QRectF((self.width() - side) / 2, 8.0, side, side)
            paint_manikin(painter, box, kind=self._manikin, level=self._level, token=words)
            below.setTop(self.height() - 36.0)
        self._paint_words(painter, below, words=words, quiet=quiet)
        painter.end()

    def _paint_words(self, painter: QPainter, where: QRectF, *, words: str, quiet: str) -> None:
        inside = where.adjusted(6, 0, -6, 0)
        if self._is_left_aligned:
            inside = where.adjusted(_PADDING_PX, 0, -_PADDING_PX, 0)
        if self._key:
            painter.setFont(font(_KEY_PX, weight=600))
            painter.setPen(colour(quiet))
            left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            if self._is_left_aligned:
                painter.drawText(inside, int(left), self._key)
                inside.setLeft(inside.left() + self._key_room_px)
            else:
                inside.adjust(_PADDING_PX - 6, 0, 6 - _PADDING_PX, 0)
                painter.drawText(inside, int(right), self._key)
                inside.setRight(inside.right() - self._key_room_px)
        painter.setFont(_type())
        painter.setPen(colour(words))
        across = (
            Qt.AlignmentFlag.AlignLeft
            if self._is_left_aligned or self._key
            else Qt.AlignmentFlag.AlignHCenter
        )
        flags = across | Qt.AlignmentFlag.AlignVCenter
        wrap = _WRAP if self._is_left_aligned else Qt.TextFlag.TextSingleLine
        painter.drawText(inside, int(flags) | int(wrap), self.text())


def _type() -> QFont:
    return font(TYPE_PX, weight=500)
