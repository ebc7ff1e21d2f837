"""The saturation curves: how far each participant moved the trace, and which insights came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from journeylab.analysis.saturation import SETTLED_POINTS, Saturation
from journeylab.theme import LIGHT, Palette
from journeylab.ui.widgets.style import SMALL_PX, font

_LEFT: Final = 40.0
_RIGHT: Final = 14.0
_TOP: Final = 24.0
_BOTTOM: Final = 24.0
_GAP: Final = 34.0
_MOST_TICKS: Final = 8


class SaturationPlot(QWidget):
    """Two plots side by side over the number of participants; shows nothing below three."""

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        self._palette = palette
        self._saturation: Saturation | None = None
        self.setMinimumHeight(170)
        self.setAccessibleName("Saturation")

    def sizeHint(self) -> QSize:
        return QSize(560, 220)

    @property
    def saturation(self) -> Saturation | None:
        """What is shown."""
        return self._saturation

    def show_saturation(self, saturation: Saturation | None) -> None:
        """Show the curves of a study, or nothing."""
        self._saturation = saturation
        self.setAccessibleDescription(saturation.words if saturation is not None else "")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        found = self._saturation
        if found is None or len(found.people) < 3:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            width = (self.width() - _GAP) / 2
            height = self.height() - _TOP - _BOTTOM
            left = QRectF(_LEFT, _TOP, width - _LEFT - _RIGHT, height)
            right = QRectF(width + _GAP + _LEFT, _TOP, width - _LEFT - _RIGHT, height)
            self._paint_change(painter, left, found)
            self._paint_insights(painter, right, found)

    def _paint_change(self, painter: QPainter, box: QRectF, found: Saturation) -> None:
        n = len(found.people)
        if not np.isfinite(found.change).any():
            self._paint_axes(painter, box, n=n, top=1.0, title="No valence was measured")
            return
        most = max(float(np.nanmax(found.change_high)), 2 * SETTLED_POINTS)
        top = float(np.ceil(most / 5.0) * 5.0)
        self._paint_axes(painter, box, n=n, top=top, title="Trace moves by, points of valence")
        known = np.isfinite(found.change)
        counts = np.arange(2, n + 1)[known]
        band = [
            *_places(box, counts, found.change_high[known], n=n, top=top),
            *reversed(_places(box, counts, found.change_low[known], n=n, top=top)),
        ]
        tint = QColor(self._palette.neutral)
        tint.setAlphaF(0.18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tint)
        painter.drawPolygon(QPolygonF(band))
        y = box.bottom() - SETTLED_POINTS / top * box.height()
        painter.setPen(QPen(QColor(self._palette.joy), 1.2, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
        self._words(painter, QRectF(box.left() + 4, y + 2, 120, 16), "settled below", "joy")
        self._line(painter, _places(box, counts, found.change[known], n=n, top=top), 2.2)

    def _paint_insights(self, painter: QPainter, box: QRectF, found: Saturation) -> None:
        n, by_size, last = len(found.people), found.found, found.last_new
        if by_size is None:
            self._paint_axes(painter, box, n=n, top=1.0, title="Findings with fewer: not tried yet")
            return
        top = float(max(by_size.n_findings, 1))
        title = f"Findings with fewer, of {by_size.n_findings}"
        if last is not None:
            title += f"; all from {last} participants on"
        self._paint_axes(painter, box, n=n, top=top, title=title)
        counts = by_size.sizes
        pen = QPen(QColor(self._palette.neutral), 1.6, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(_places(box, counts, by_size.drawn, n=n, top=top)))
        here = _places(box, counts, by_size.here.astype(np.float64), n=n, top=top)
        self._line(painter, here, 2.2)
        if last is not None:
            painter.setBrush(QColor(self._palette.ground))
            painter.setPen(QPen(QColor(self._palette.accent), 2.0))
            painter.drawEllipse(here[int(np.searchsorted(counts, last))], 4.5, 4.5)

    def _paint_axes(
        self, painter: QPainter, box: QRectF, *, n: int, top: float, title: str
    ) -> None:
        for share in (0.0, 0.5, 1.0):
            y = box.bottom() - share * box.height()
            painter.setPen(QPen(QColor(self._palette.line), 1.0))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
            if share == 0.5 and top < 2:
                continue
            row = QRectF(box.left() - 36, y - 8, 30, 16)
            self._words(painter, row, f"{top * share:.3g}", "quiet_text", end=True)
        self._words(painter, QRectF(box.left(), 0, box.width(), 16), title, "quiet_text")
        step = max(1, int(np.ceil((n - 1) / (_MOST_TICKS - 1))))
        ticks = sorted({*range(1, n + 1, step), n})
        if len(ticks) > 1 and ticks[-1] - ticks[-2] < step / 2:
            del ticks[-2]
        for count in ticks:
            x = _x(box, count, n)
            row = QRectF(x - 20, box.bottom() + 5, 40, 16)
            self._words(painter, row, str(count), "quiet_text", middle=True)

    def _line(self, painter: QPainter, points: Sequence[QPointF], width: float) -> None:
        pen = QPen(QColor(self._palette.text), width)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(list(points)))

    def _words(
        self,
        painter: QPainter,
        box: QRectF,
        words: str,
        token: str,
        *,
        middle: bool = False,
        end: bool = False,
    ) -> None:
        painter.setPen(QColor(self._palette.ink(token)))
        painter.setFont(font(SMALL_PX - 1))
        side = Qt.AlignmentFlag.AlignLeft
        if middle:
            side = Qt.AlignmentFlag.AlignHCenter
        elif end:
            side = Qt.AlignmentFlag.AlignRight
        painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, words)


def _x(box: QRectF, count: int, n: int) -> float:
    return box.left() + (count - 1) / max(n - 1, 1) * box.width()


def _places(
    box: QRectF, counts: NDArray[np.int64], values: NDArray[np.float64], *, n: int, top: float
) -> list[QPointF]:
    return [
        QPointF(_x(box, int(count), n), box.bottom() - float(value) / top * box.height())
        for count, value in zip(counts, values, strict=True)
    ]
