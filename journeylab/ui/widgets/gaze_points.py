"""The participant's screen in small, with the points of a calibration and how far gaze was off."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from journeylab.theme import DARK, Palette
from journeylab.ui.widgets.style import font

_DOT_PX: Final = 3.0
_REACH_PX: Final = 18.0
_TEXT_PX: Final = 11


@dataclass(frozen=True, slots=True)
class ShownError:
    """A point as shares of the screen; ``error_share`` of the screen's width, NaN when nothing was
    measured; ``text`` beside it; ``is_poor`` when it wants to be redone."""

    x_share: float
    y_share: float
    error_share: float
    text: str
    is_poor: bool


class GazePoints(QWidget):
    """Draws each point with a ring as wide as the gaze error there; one can be chosen.

    ``chosen`` goes out with its place in the list, -1 for none. Left and right choose, too.
    """

    chosen = Signal(int)

    def __init__(self, *, palette: Palette = DARK) -> None:
        super().__init__()
        self._palette = palette
        self._points: tuple[ShownError, ...] = ()
        self._aspect = 16 / 9
        self._at = -1
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Gaze error by point")

    @property
    def at(self) -> int:
        """Which point is chosen; -1 for none."""
        return self._at

    def sizeHint(self) -> QSize:
        return QSize(240, 140)

    def minimumSizeHint(self) -> QSize:
        return QSize(180, 104)

    def show_points(self, points: Sequence[ShownError], *, aspect: float) -> None:
        """Show another calibration on a screen of that width over height; the poorest is chosen."""
        self._points = tuple(points)
        self._aspect = aspect
        known = [at for at, one in enumerate(points) if one.is_poor]
        self._choose(max(known, key=lambda at: _badness(points[at]), default=-1))
        self.update()

    def _choose(self, at: int) -> None:
        self._at = at
        if at >= 0:
            self.setAccessibleDescription(f"Point {at + 1}: {self._points[at].text}")
        self.chosen.emit(at)
        self.update()

    def _screen(self) -> QRectF:
        room = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        width = min(room.width(), room.height() * self._aspect)
        height = width / self._aspect
        return QRectF(room.center().x() - width / 2, room.center().y() - height / 2, width, height)

    def _centre(self, point: ShownError) -> QPointF:
        screen = self._screen()
        return QPointF(
            screen.left() + point.x_share * screen.width(),
            screen.top() + point.y_share * screen.height(),
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        away = [
            (math.hypot(*(self._centre(one) - event.position()).toTuple()), at)
            for at, one in enumerate(self._points)
        ]
        distance_px, at = min(away, default=(math.inf, -1))
        self._choose(at if distance_px <= _REACH_PX else -1)

    def keyPressEvent(self, event: object) -> None:
        key = event.key()  # type: ignore[attr-defined]
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}.get(key)
        if step is None or not self._points:
            super().keyPressEvent(event)  # type: ignore[arg-type]
            return
        # With none chosen, left begins at the last and right at the first.
        at = 0 if self._at < 0 and step < 0 else self._at
        self._choose((at + step) % len(self._points))

    def paintEvent(self, _event: QPaintEvent) -> None:
        palette, screen = self._palette, self._screen()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(palette.line), 1.0))
        painter.setBrush(QColor(palette.ground))
        painter.drawRoundedRect(screen, 4, 4)
        painter.setFont(font(_TEXT_PX))
        for at, point in enumerate(self._points):
            centre = self._centre(point)
            colour = QColor(palette.warning if point.is_poor else palette.accent)
            if math.isfinite(point.error_share):
                radius = max(point.error_share * screen.width(), _DOT_PX + 2)
                painter.setPen(QPen(colour, 1.5))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(centre, radius, radius)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(centre, _DOT_PX, _DOT_PX)
            if at == self._at:
                painter.setPen(QPen(QColor(palette.text), 1.5))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(QRectF(centre.x() - 9, centre.y() - 9, 18, 18))
            painter.setPen(QColor(palette.text if at == self._at else palette.quiet_text))
            self._write(painter, point.text, beside=centre, within=screen)
        painter.end()

    @staticmethod
    def _write(painter: QPainter, text: str, *, beside: QPointF, within: QRectF) -> None:
        width = painter.fontMetrics().horizontalAdvance(text)
        x = beside.x() + 12
        if x + width > within.right() - 2:
            x = beside.x() - 12 - width
        painter.drawText(QPointF(x, beside.y() + 4), text)


def _badness(point: ShownError) -> float:
    return point.error_share if math.isfinite(point.error_share) else math.inf
