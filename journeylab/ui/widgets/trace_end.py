"""The moving end of the live trace: its last seconds and the dot at the present."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QBrush, QPainter, QPen

from journeylab.ui.widgets.trace_model import pieces

_DOT_PX = 11.0
_MARGIN_PX = 8.0


class TraceEnd(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph has no types
    """Some points in the pens of their tones, and a dot on the last, painted as one item.

    A plot's own curves and scatters ask each other for bounds and pixel sizes at every change;
    thirty times a second that costs more than the painting.

    Parameters
    ----------
    pens
        The pen of each tone.
    dot
        Filling and rim of the dot.
    """

    def __init__(self, pens: dict[int, QPen], *, dot: tuple[QBrush, QPen]) -> None:
        super().__init__()
        self._pens = pens
        self._dot = dot
        self._x = self._y = np.empty(0)
        self._tone = np.empty(0, np.int8)
        self._bounds = QRectF()

    def set_points(
        self, x: NDArray[np.float64], y: NDArray[np.float64], tone: NDArray[np.int8]
    ) -> None:
        """Show these points, (n,) each; y is NaN where the trace has a gap."""
        self.prepareGeometryChange()
        self._x, self._y, self._tone = x, y, tone
        self._bounds = self._bounds_of(x, y[np.isfinite(y)])
        self.update()

    def _bounds_of(self, x: NDArray[np.float64], seen: NDArray[np.float64]) -> QRectF:
        if not len(seen):
            return QRectF()
        wide, high = self.pixelVectors()
        dx, dy = (0.0, 0.0) if wide is None else (_MARGIN_PX * wide.x(), _MARGIN_PX * high.y())
        low, high_y = float(seen.min()), float(seen.max())
        bounds = QRectF(QPointF(float(x[0]), low), QPointF(float(x[-1]), high_y))
        return bounds.adjusted(-abs(dx), -abs(dy), abs(dx), abs(dy))

    def boundingRect(self) -> QRectF:  # noqa: N802  Qt's name
        return self._bounds

    def paint(self, painter: QPainter, *_: Any) -> None:
        if not len(self._x):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        drawable = np.nan_to_num(self._y)  # a gap is not joined; its place must still be a number
        for tone, pen in self._pens.items():
            joined = pieces(self._y, self._tone, of=tone)
            if joined.any():
                painter.setPen(pen)
                painter.drawPath(
                    pg.arrayToQPath(self._x, drawable, connect=joined, finiteCheck=False)
                )
        if np.isfinite(self._y[-1]):
            at = painter.transform().map(QPointF(float(self._x[-1]), float(self._y[-1])))
            painter.resetTransform()
            painter.setPen(self._dot[1])
            painter.setBrush(self._dot[0])
            painter.drawEllipse(at, _DOT_PX / 2, _DOT_PX / 2)
