"""Keys as they are seen: a key cap, and a button that shows the key that does the same."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QEnterEvent, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QLabel, QSizePolicy

from journeylab.theme import DARK, Palette
from journeylab.ui.widgets.style import BODY_PX, SECTION_PX, colour, font

_HEIGHT_PX = 34
_CAP_PX = 20
_PADDING_PX = 14
_GAP_PX = 8


class KeyCap(QLabel):
    """A key drawn as a small square, as wide as its name needs."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.setTextFormat(Qt.TextFormat.PlainText)  # the study names the keys
        self.setProperty("role", "key")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.show_key(key)

    def show_key(self, key: str) -> None:
        """Show another key."""
        self.setText(key)
        width_px = QFontMetrics(font(SECTION_PX, weight=600)).horizontalAdvance(key) + 12
        self.setFixedSize(max(22, width_px), 22)


class KeyButton(QAbstractButton):
    """A button with its key beside its words; ``primary`` once a screen.

    It shows the key but does not listen to it: the page that owns the action does, so that one
    key never acts twice.
    """

    def __init__(
        self, text: str, *, key: str = "", primary: bool = False, palette: Palette = DARK
    ) -> None:
        super().__init__()
        self.setText(text)
        self._key = key
        self._primary = primary
        self._palette = palette
        self._hovered = False
        self.setAccessibleName(f"{text}, key {key}" if key else text)
        # A click must not take the keyboard from the note field; Tab still reaches the button.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    @property
    def key(self) -> str:
        """The key it shows."""
        return self._key

    def show_key(self, key: str) -> None:
        """Show another key, where a study took the first."""
        if key != self._key:
            self._key = key
            self.setAccessibleName(f"{self.text()}, key {key}" if key else self.text())
            self.updateGeometry()
            self.update()

    def show_words(self, words: str, *, primary: bool | None = None) -> None:
        """Show other words, and whether it is the one thing to do."""
        is_primary = self._primary if primary is None else primary
        if words != self.text() or is_primary != self._primary:
            self._primary = is_primary
            self.setText(words)
            self.setAccessibleName(f"{words}, key {self._key}" if self._key else words)
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        width_px = QFontMetrics(font(BODY_PX, weight=600)).horizontalAdvance(self.text())
        if self._key:
            width_px += self._cap_width_px() + _GAP_PX
        return QSize(width_px + 2 * _PADDING_PX, _HEIGHT_PX)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hovered = True
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = False
        self.update()
        super().leaveEvent(event)

    def _cap_width_px(self) -> int:
        metrics = QFontMetrics(font(SECTION_PX, weight=600))
        return max(_CAP_PX + 2, metrics.horizontalAdvance(self._key) + 12)

    def paintEvent(self, _event: QPaintEvent) -> None:
        palette = self._palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        filled = self._primary and self.isEnabled()
        ground = palette.accent if filled else palette.raised
        edge = palette.line if not filled else palette.accent
        if self.hasFocus() or (self._hovered and self.isEnabled()):
            edge = palette.text if filled else palette.accent
        painter.setPen(QPen(colour(edge), 1))
        painter.setBrush(colour(ground, 0.8 if self.isDown() else 1.0 if self.isEnabled() else 0.5))
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, 7, 7)
        ink = palette.on_accent if filled else palette.text
        ink = ink if self.isEnabled() else palette.quiet_text
        left_px = float(_PADDING_PX)
        if self._key:
            cap = QRectF(left_px, (self.height() - _CAP_PX) / 2, self._cap_width_px(), _CAP_PX)
            painter.setPen(QPen(colour(ink, 0.35), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(cap.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
            painter.setPen(colour(ink))  # smaller than the words: not fainter as well
            painter.setFont(font(SECTION_PX, weight=600))
            painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, self._key)
            left_px = cap.right() + _GAP_PX
        painter.setPen(colour(ink))
        painter.setFont(font(BODY_PX, weight=600))
        words = QRectF(left_px, 0, self.width() - left_px, self.height())
        painter.drawText(
            words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self.text()
        )
