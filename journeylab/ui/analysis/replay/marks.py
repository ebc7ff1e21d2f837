"""How the replay's events look: their lane, colour and shape, the same on timeline and in lists."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from journeylab.analysis.replay_events import EventKind
from journeylab.theme import Palette
from journeylab.ui.widgets.style import colour

TOKENS: Final = MappingProxyType(
    {
        EventKind.MARKER: "warning",
        EventKind.NOTE: "accent",
        EventKind.ALERT: "negative",
        EventKind.REFUSAL: "negative",
        EventKind.CLICKS: "negative",
        EventKind.CLICK: "quiet_text",
        EventKind.SCROLL: "quiet_text",
        EventKind.ANSWER: "quiet_text",
        EventKind.ACT: "quiet_text",
        EventKind.PAGE: "quiet_text",
        EventKind.HEALTH: "warning",
        EventKind.CALIBRATION: "quiet_text",
    }
)
_JOYFUL_UNITS: Final = frozenset({"AU12", "AU06"})
_OPEN_UNITS: Final = frozenset({"AU01", "AU02", "AU05"})
"""Of surprise, which is neither good nor bad."""


def token_of(kind: EventKind, key: str = "") -> str:
    """The palette's token of an event."""
    if kind is EventKind.UNIT:
        if key in _OPEN_UNITS:
            return "accent"
        return "joy" if key in _JOYFUL_UNITS else "negative"
    return TOKENS[kind]


def paint_mark(
    painter: QPainter, centre: QPointF, kind: EventKind, *, key: str, palette: Palette
) -> None:
    """A mark of 8 px: its shape tells the kind as well as its colour."""
    ink = colour(getattr(palette, token_of(kind, key)))
    x, y = centre.x(), centre.y()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    if kind is EventKind.MARKER:
        painter.drawPolygon(
            QPolygonF([QPointF(x - 4, y + 4), QPointF(x + 4, y + 4), QPointF(x, y - 4)])
        )
    elif kind is EventKind.NOTE:
        painter.drawRoundedRect(QRectF(x - 4, y - 4, 8, 8), 2, 2)
    elif kind in (EventKind.CLICKS, EventKind.REFUSAL):
        painter.setPen(QPen(ink, 2))
        painter.drawLine(QPointF(x - 3, y - 3), QPointF(x + 3, y + 3))
        painter.drawLine(QPointF(x - 3, y + 3), QPointF(x + 3, y - 3))
    elif kind is EventKind.CLICK:
        painter.drawEllipse(centre, 2, 2)
    elif kind in (EventKind.ALERT, EventKind.UNIT):
        painter.drawEllipse(centre, 4, 4)
    elif kind is EventKind.HEALTH:
        painter.drawPolygon(
            QPolygonF([QPointF(x - 4, y - 4), QPointF(x + 4, y - 4), QPointF(x, y + 4)])
        )
    else:
        painter.drawRect(QRectF(x - 1, y - 4, 2, 8))


def paint_flag(painter: QPainter, foot: QPointF, *, palette: Palette, is_chosen: bool) -> None:
    """The flag of an annotation, 13 px high, on its foot."""
    ink = colour(palette.text if is_chosen else palette.accent)
    x, y = foot.x(), foot.y()
    painter.setPen(QPen(ink, 1.5))
    painter.drawLine(QPointF(x, y), QPointF(x, y - 13))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    painter.drawPolygon(QPolygonF([QPointF(x, y - 13), QPointF(x + 9, y - 9.5), QPointF(x, y - 6)]))
