"""The self-assessment manikin as line figures, drawn for this project.

Source of the idea, not of the drawing: Bradley & Lang 1994. Valence shows in the mouth and the
brows, arousal in the burst in the chest and in how far the eyes are open.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPolygonF

from journeylab.ui.widgets.style import colour

_RAYS = 12


def paint_manikin(painter: QPainter, box: QRectF, *, kind: str, level: float, token: str) -> None:
    """Draw one figure into a box; ``kind`` is "valence" or "arousal", ``level`` 0..1.

    0 is unpleasant or calm, 1 pleasant or excited; ``token`` is the colour of the lines.
    """
    painter.save()
    painter.translate(box.topLeft())
    painter.scale(box.width() / 100.0, box.height() / 100.0)
    pen = QPen(colour(token), 2.6)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if kind == "valence":
        _paint_face(painter, level, token=token)
    else:
        _paint_body(painter, level, token=token)
    painter.restore()


def _paint_face(painter: QPainter, level: float, *, token: str) -> None:
    painter.drawEllipse(QPointF(50, 50), 44, 44)
    painter.setBrush(colour(token))
    for x in (34.0, 66.0):
        painter.drawEllipse(QPointF(x, 42), 3.2, 4.2)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    bend = 2.0 * level - 1.0
    inner = 28.0 + 5.0 * bend if bend < 0 else 28.0 - 2.0 * bend
    for outer_x, inner_x in ((25.0, 42.0), (75.0, 58.0)):
        lift = 6.0 * max(0.0, -bend)  # sad brows rise towards the middle
        painter.drawLine(QPointF(outer_x, 29 + lift / 2), QPointF(inner_x, inner + lift / 3))
    mouth = QPainterPath(QPointF(28, 68 - 6 * bend))
    mouth.quadTo(QPointF(50, 68 + 24 * bend), QPointF(72, 68 - 6 * bend))
    painter.drawPath(mouth)


def _paint_body(painter: QPainter, level: float, *, token: str) -> None:
    painter.drawEllipse(QPointF(50, 17), 14, 14)
    painter.setBrush(colour(token))
    open_px = 0.7 + 2.6 * level
    for x in (44.5, 55.5):
        painter.drawEllipse(QPointF(x, 16), 2.0, open_px)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(20, 33, 60, 62), 9, 9)
    painter.drawPolygon(_burst(QPointF(50, 64), radius=3.0 + 22.0 * level, level=level))
    if level > 0.5:  # it shakes
        for x, sign in ((12.0, -1.0), (88.0, 1.0)):
            for y in (46.0, 60.0, 74.0)[: 1 + round(4 * (level - 0.5))]:
                painter.drawLine(QPointF(x, y), QPointF(x + 7 * sign, y))


def _burst(middle: QPointF, *, radius: float, level: float) -> QPolygonF:
    """A star whose points grow with its size; nearly a dot when calm."""
    depth = 0.85 - 0.4 * level
    points = []
    for n in range(2 * _RAYS):
        r = radius if n % 2 == 0 else radius * depth
        angle = math.pi * n / _RAYS
        points.append(QPointF(middle.x() + r * math.sin(angle), middle.y() - r * math.cos(angle)))
    return QPolygonF(points)
