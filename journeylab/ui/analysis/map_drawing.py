"""The map laid out and painted beside the window: immutable requests, made into work."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QColor, QImage, QPainter

from journeylab.analysis.journey import JourneyMap
from journeylab.report.map_layout import lay_out_map
from journeylab.report.map_lines import TraceLine, with_lines
from journeylab.report.scene import Scene
from journeylab.theme import Palette
from journeylab.ui.analysis.background import Progress, Work
from journeylab.ui.analysis.scene_painter import paint_scene


@dataclass(frozen=True, slots=True, eq=False)
class MapWish:
    """A map to be drawn into a viewport of ``size`` px, of which a scroll bar takes ``bar_px``."""

    journey: JourneyMap
    size: tuple[int, int]
    bar_px: int
    lines: frozenset[TraceLine]
    shows_gaze_error: bool
    ratio: float
    shows_header: bool = True

    def scene(self) -> Scene:
        """The map fitted to the viewport's width; wider only where its steps need it."""
        width, height = self.size
        lay_out = partial(
            lay_out_map, self.journey, height_px=height, shows_header=self.shows_header
        )
        laid = lay_out(width_px=width)
        if laid.height_px > height + 0.01 and laid.width_px <= width:
            # It will scroll: leave the bar its room, or a second bar would come with it.
            laid = lay_out(width_px=width - self.bar_px)
        return with_lines(laid, self.journey, self.lines, shows_gaze_error=self.shows_gaze_error)


@dataclass(frozen=True, slots=True, eq=False)
class MapDrawing:
    """A scene, and its picture in the view's pixels."""

    scene: Scene
    image: QImage


@dataclass(frozen=True, slots=True, eq=False)
class MapPart:
    """A part of a scene to be painted at a scale; ``box`` in the view's pixels."""

    scene: Scene
    box: QRect
    scale: float
    ratio: float


def drawing_work(wish: MapWish, *, palette: Palette) -> Work:
    """Lay a map out and paint it: a MapDrawing."""

    def work(progress: Progress) -> MapDrawing:
        scene = wish.scene()
        progress(0.5)
        box = QRect(QPoint(), size_of(scene))
        return MapDrawing(scene, _painted(MapPart(scene, box, 1.0, wish.ratio), palette))

    return work


def part_work(part: MapPart, *, palette: Palette) -> Work:
    """Paint a part of a scene: the part, and its picture."""

    def work(progress: Progress) -> tuple[MapPart, QImage]:
        progress(0.0)
        return part, _painted(part, palette)

    return work


def size_of(scene: Scene) -> QSize:
    """Whole pixels of a scene."""
    # A rounding error must not make a map that fits exactly scroll.
    return QSize(math.ceil(scene.width_px - 0.01), math.ceil(scene.height_px - 0.01))


def _painted(part: MapPart, palette: Palette) -> QImage:
    size = QSize(round(part.box.width() * part.ratio), round(part.box.height() * part.ratio))
    image = QImage(size, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(part.ratio)
    image.fill(QColor(palette.ground))
    with QPainter(image) as painter:
        painter.translate(-part.box.x(), -part.box.y())
        painter.scale(part.scale, part.scale)
        paint_scene(painter, part.scene, palette)
    return image
