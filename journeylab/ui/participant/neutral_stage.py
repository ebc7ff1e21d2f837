"""The page on which the participant lets her face rest: a dot, a few words, and how long still."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from journeylab.clock import Clock
from journeylab.theme import LIGHT
from journeylab.ui.participant.stage import Stage
from journeylab.ui.widgets.style import font

NEUTRAL_TEXT: Final = "Please look at the dot and let your face relax."
NEUTRAL_THANKS: Final = "Thank you."
_MORE: Final = "There is nothing to do and nothing to say. It takes about {n} seconds."

_DOT_RADIUS_PX: Final = 7.0
_RING_PX: Final = 30.0
_SHARE_TITLE, _LEAST_TITLE_PX, _MOST_TITLE_PX = 0.034, 26, 42
_WHOLE_TURN: Final = 16 * 360


class NeutralStage(Stage):
    """A dot in the middle, in a ring that is used up as the seconds go. Nothing else moves.

    Before the seconds count the ring is whole, so that she has read what is asked by then.
    """

    def __init__(self, *, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(clock=clock, parent=parent)
        self._text = NEUTRAL_TEXT
        self._more = ""
        self._left_s: float | None = None
        self._whole_s = 1.0

    @property
    def text(self) -> str:
        """All it says now."""
        counted = "" if self._left_s is None else str(math.ceil(self._left_s))
        return " ".join(part for part in (self._text, self._more, counted) if part)

    def begin(self, seconds: float) -> None:
        """Say what is asked, and for how long."""
        self._text, self._more = NEUTRAL_TEXT, _MORE.format(n=round(seconds))
        self._whole_s, self._left_s = seconds, None
        self.setAccessibleName(f"{self._text} {self._more}")
        self.update()

    def show_left(self, left_s: float) -> None:
        """The seconds count, and so many are left."""
        self._left_s = max(0.0, left_s)
        self.update()

    def show_thanks(self) -> None:
        """It is over."""
        self._text, self._more, self._left_s = NEUTRAL_THANKS, "", None
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._paint_ground(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        title_px = round(min(_MOST_TITLE_PX, max(_LEAST_TITLE_PX, _SHARE_TITLE * self.height())))
        self._paint_words(painter, title_px)
        if self._more:
            self._paint_dot(painter, title_px)
        painter.end()

    def _paint_words(self, painter: QPainter, title_px: int) -> None:
        """Above the dot, so that the eyes come to it from reading."""
        middle, gap_px = self.rect().center(), 2.2 * title_px
        width_px = 0.84 * self.width()
        left_px = (self.width() - width_px) / 2
        centred = Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap
        if not self._more:
            painter.setPen(QColor(LIGHT.text))
            painter.setFont(font(title_px))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._text)
            return
        more_px = max(20, round(0.66 * title_px))
        foot = QRectF(left_px, 0, width_px, middle.y() - gap_px - _RING_PX)
        painter.setPen(QColor(LIGHT.quiet_text))
        painter.setFont(font(more_px))
        painter.drawText(foot, int(centred | Qt.AlignmentFlag.AlignBottom), self._more)
        head = foot.adjusted(0, 0, 0, -2.0 * more_px)
        painter.setPen(QColor(LIGHT.text))
        painter.setFont(font(title_px))
        painter.drawText(head, int(centred | Qt.AlignmentFlag.AlignBottom), self._text)

    def _paint_dot(self, painter: QPainter, title_px: int) -> None:
        centre = QPointF(self.width() / 2, self.height() / 2)
        ring = QRectF(centre.x() - _RING_PX, centre.y() - _RING_PX, 2 * _RING_PX, 2 * _RING_PX)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(LIGHT.line), 4.0))
        painter.drawEllipse(ring)
        share = 1.0 if self._left_s is None else self._left_s / self._whole_s
        pen = QPen(QColor(LIGHT.quiet_text), 4.0)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawArc(ring, _WHOLE_TURN // 4, round(_WHOLE_TURN * share))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(LIGHT.text))
        painter.drawEllipse(centre, _DOT_RADIUS_PX, _DOT_RADIUS_PX)
        painter.setBrush(QColor(LIGHT.ground))
        painter.drawEllipse(centre, 2.0, 2.0)
        if self._left_s is not None:
            below = QRectF(0, ring.bottom() + 0.6 * title_px, self.width(), 2.0 * title_px)
            painter.setPen(QColor(LIGHT.quiet_text))
            painter.setFont(font(max(20, round(0.66 * title_px))))
            painter.drawText(
                below,
                Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop,
                str(math.ceil(self._left_s)),
            )
