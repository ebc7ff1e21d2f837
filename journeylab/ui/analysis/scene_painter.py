"""Paints a scene with QPainter: the same primitives the exports are made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPainterPath, QPen, QPolygonF

from journeylab.report.colour import heat_rgba, picture_pixels
from journeylab.report.scene import (
    Circle,
    Density,
    Image,
    Line,
    Polygon,
    Polyline,
    Primitive,
    Rect,
    Scene,
    Text,
    colour_of,
    ink_of,
)
from journeylab.report.text_metrics import text_width
from journeylab.theme import FONT_FAMILY, Palette


def paint_scene(painter: QPainter, scene: Scene, palette: Palette) -> None:
    """Paint a scene in its own pixels; the painter's transform does the rest."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    ground = QColor(colour_of(scene.ground, palette))
    painter.fillRect(QRectF(0, 0, scene.width_px, scene.height_px), ground)
    for item in scene.items:
        _paint(painter, item, palette)


def to_image(pixels: NDArray[np.uint8]) -> QImage:
    """A QImage that owns a copy of RGB or RGBA pixels (h, w, 3 or 4)."""
    pixels = np.ascontiguousarray(pixels)
    height, width, channels = pixels.shape
    form = QImage.Format.Format_RGB888 if channels == 3 else QImage.Format.Format_RGBA8888
    return QImage(pixels.data, width, height, channels * width, form).copy()


def _paint(painter: QPainter, item: Primitive, palette: Palette) -> None:
    match item:
        case Text():
            _paint_text(painter, item, palette)
        case Image() | Density():
            _paint_picture(painter, item, palette)
        case Line() | Polyline():
            _paint_line(painter, item, palette)
        case _:
            _paint_shape(painter, item, palette)


def _colour(token: str, palette: Palette, opacity: float = 1.0) -> QColor:
    colour = QColor(colour_of(token, palette))
    colour.setAlphaF(opacity)
    return colour


def _paint_shape(painter: QPainter, item: Rect | Polygon | Circle, palette: Palette) -> None:
    opacity = 1.0 if isinstance(item, Circle) else item.opacity
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if item.fill:
        painter.setBrush(_colour(item.fill, palette, opacity))
    if not isinstance(item, Polygon) and item.stroke and item.stroke_px:
        painter.setPen(QPen(_colour(item.stroke, palette, opacity), item.stroke_px))
    if isinstance(item, Circle):
        painter.drawEllipse(QPointF(*item.centre), item.radius_px, item.radius_px)
    elif isinstance(item, Polygon):
        painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in item.points]))
    else:
        box = QRectF(item.x, item.y, item.width, item.height)
        painter.drawRoundedRect(box, item.radius_px, item.radius_px)


def _paint_line(painter: QPainter, item: Line | Polyline, palette: Palette) -> None:
    pen = QPen(_colour(item.stroke, palette), item.stroke_px)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    if isinstance(item, Polyline):
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in item.points]))
        return
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if item.dash is not None:
        pen.setDashPattern([part / item.stroke_px for part in item.dash])
    painter.setPen(pen)
    painter.drawLine(QPointF(*item.start), QPointF(*item.end))


def _paint_text(painter: QPainter, item: Text, palette: Palette) -> None:
    font = QFont(FONT_FAMILY)
    font.setPixelSize(round(item.size_px))
    font.setWeight(QFont.Weight(item.weight))
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    if item.tracking_px:
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, item.tracking_px)
    painter.setFont(font)
    painter.setPen(QColor(ink_of(item.colour, palette)))
    width = text_width(item.text, item.size_px, weight=item.weight, tracking_px=item.tracking_px)
    x = item.x - {"start": 0.0, "middle": width / 2, "end": width}[item.anchor]
    painter.drawText(QPointF(x, item.y), item.text)


def _paint_picture(painter: QPainter, item: Image | Density, palette: Palette) -> None:
    box = QRectF(item.x, item.y, item.width, item.height)
    pixels = picture_pixels(item) if isinstance(item, Image) else heat_rgba(item.values, palette)
    painter.save()
    path = QPainterPath()
    path.addRoundedRect(box, item.radius_px, item.radius_px)
    painter.setClipPath(path, Qt.ClipOperation.IntersectClip)
    painter.setOpacity(item.opacity)
    scale = painter.deviceTransform().m11()
    image = to_image(pixels)
    if image.width() > box.width() * scale * 1.5:
        # QPainter's own filter looks at four pixels only: shrink well before, once.
        image = image.scaled(
            max(1, round(box.width() * scale)),
            max(1, round(box.height() * scale)),
            Qt.AspectRatioMode.IgnoreAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    painter.drawImage(box, image)
    painter.restore()
