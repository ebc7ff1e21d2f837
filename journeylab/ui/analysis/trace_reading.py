"""What is painted over the trace: the ring of a moment, and what the pointer reads."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from journeylab.analysis.journey import JourneyMap
from journeylab.analysis.signed import signed
from journeylab.report.scene import TraceAxes
from journeylab.report.text_metrics import text_width
from journeylab.theme import Palette
from journeylab.ui.widgets.style import font

_READOUT_PX = 12


def paint_marker(
    painter: QPainter,
    axes: TraceAxes | None,
    marker: tuple[float, float] | None,
    palette: Palette,
) -> None:
    """Ring a (position, valence); a valence of NaN marks the time alone."""
    if marker is None or axes is None:
        return
    x = axes.x_at(marker[0])
    accent = QColor(palette.accent)
    faint = QColor(accent)
    faint.setAlphaF(0.35)  # labels it crosses stay readable
    painter.setPen(QPen(faint, 1.4))
    painter.drawLine(QPointF(x, axes.top_y), QPointF(x, axes.bottom_y))
    if math.isfinite(marker[1]):
        painter.setBrush(QColor(palette.ground))
        painter.setPen(QPen(accent, 2.4))
        painter.drawEllipse(QPointF(x, axes.y_at(marker[1])), 6.0, 6.0)


def paint_reading(
    painter: QPainter,
    axes: TraceAxes,
    journey: JourneyMap,
    x: float,
    *,
    palette: Palette,
    in_sight: QRect,
) -> None:
    """The mean at a pixel column, and in words what stands behind it, within what is in sight."""
    position_s = axes.position_at(x)
    mean, _ = value_at(journey, position_s)
    painter.setPen(QPen(QColor(palette.neutral), 1.0))
    painter.drawLine(QPointF(x, axes.top_y), QPointF(x, axes.bottom_y))
    if math.isfinite(mean):
        painter.setBrush(QColor(palette.text))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawEllipse(QPointF(x, axes.y_at(mean)), 3.5, 3.5)
    words = reading_words(journey, position_s)
    width = text_width(words, _READOUT_PX, weight=500) + 22
    first = max(axes.knots_x[0], in_sight.left() + 4.0)
    last = min(axes.knots_x[-1], in_sight.right() - 4.0)
    left = min(max(x - width / 2, first), max(last - width, first))
    foot = min(axes.bottom_y, in_sight.bottom() - 4.0)
    box = QRectF(left, foot - 30, width, 26)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(palette.text))
    painter.drawRoundedRect(box, 6, 6)
    painter.setPen(QColor(palette.ground))
    painter.setFont(font(_READOUT_PX, weight=500))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)


def reading_words(journey: JourneyMap, position_s: float) -> str:
    """What the pointer reads off the trace: step, time, valence with its base."""
    step = next((step for step in journey.steps if position_s < step.end_s), journey.steps[-1])
    mean, n_people = value_at(journey, position_s)
    minutes, seconds = divmod(int(position_s), 60)
    value = signed(mean) if math.isfinite(mean) else "not measured"
    return f"{step.title} · {minutes}:{seconds:02d} · valence {value} · N = {n_people}"


def value_at(journey: JourneyMap, position_s: float) -> tuple[float, int]:
    """Mean valence nearest to a position, NaN where there is none, and how many are behind it."""
    positions = journey.trace.position_s
    if len(positions) == 0:
        return math.nan, 0
    point = int(np.argmin(np.abs(positions - position_s)))
    return float(journey.trace.mean[point]), int(journey.trace.n_people[point])
