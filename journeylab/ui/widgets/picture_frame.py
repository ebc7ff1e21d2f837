"""What a picture's place shows while there is no picture."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter

from journeylab.theme import Palette
from journeylab.ui.widgets.style import BODY_PX, colour, font


def paint_words(
    painter: QPainter, place: QRect, words: str, *, palette: Palette, radius_px: int, margin_px: int
) -> None:
    """Fill the place with quiet words on the ground, wrapped and centred."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(palette.ground))
    painter.drawRoundedRect(QRectF(place), radius_px, radius_px)
    painter.setPen(colour(palette.quiet_text))
    painter.setFont(font(BODY_PX))
    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    painter.drawText(place.adjusted(margin_px, 0, -margin_px, 0), flags, words)
