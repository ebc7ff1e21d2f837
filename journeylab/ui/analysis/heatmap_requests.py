"""What the heatmaps' view asks for beside the window: immutable requests, made into work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage, QPainter

from journeylab.analysis.heatmap_reading import StepHeat, read_step_heat
from journeylab.analysis.heatmaps import HeatKind, Surface, heatmap_of
from journeylab.analysis.journey import JourneyMap
from journeylab.analysis.screens import stimulus_picture
from journeylab.analysis.step_gaze import as_met
from journeylab.bundle.reader import Bundle
from journeylab.report.files import keep_private
from journeylab.report.heatmap_scene import lay_out_heatmap
from journeylab.report.raster import fitting_scale, write_png
from journeylab.report.scene import Scene
from journeylab.study.folder import StudyFolder
from journeylab.theme import LIGHT, Palette
from journeylab.ui.analysis.background import Progress, Work
from journeylab.ui.analysis.scene_painter import paint_scene

EXPORT_SCALE = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class HeatmapWish:
    """Which heatmap is to be drawn, for whom and how."""

    surface: Surface
    kind: HeatKind
    title: str
    segment: Mapping[str, str]
    shows_error: bool = False
    fits_page: bool = False

    def scene(self, width_px: float, height_px: float | None) -> Scene:
        """The drawing."""
        return lay_out_heatmap(
            heatmap_of(self.surface, self.kind, segment=self.segment),
            title=self.title,
            segment=self.segment,
            width_px=width_px,
            height_px=height_px,
            fits_page=self.fits_page,
            shows_error=self.shows_error,
        )


def heat_work(folder: StudyFolder, journey: JourneyMap, step_id: str) -> Work:
    """Read a step's surfaces; a screen nobody's picture was taken of gets the study's own."""
    summaries = [session.summary for session in journey.sessions]
    step = next(step for step in folder.study.steps if step.id == step_id)

    def work(progress: Progress) -> StepHeat:
        heat = read_step_heat(summaries, step_id, Bundle.open, progress=progress)
        surfaces = tuple(
            replace(one, picture=stimulus_picture(folder, as_met(step, one.variant), one.device))
            if one.picture is None and not one.is_page
            else one
            for one in heat.surfaces
        )
        return replace(heat, surfaces=surfaces)

    return work


def heat_picture_work(
    wish: HeatmapWish, *, width_px: float, height_px: float, ratio: float, palette: Palette
) -> Work:
    """Draw a heatmap as it is shown: painted beside the window, since pages are long."""

    def work(progress: Progress) -> QImage:
        scene = wish.scene(width_px, height_px)
        progress(0.5)
        scale = fitting_scale(scene, ratio)  # of a page so long that it would take gigabytes
        size = QSize(round(scene.width_px * scale), round(scene.height_px * scale))
        image = QImage(size, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(scale)
        image.fill(QColor(palette.ground))
        with QPainter(image) as painter:
            paint_scene(painter, scene, palette)
        return image

    return work


def heat_export_work(
    wish: HeatmapWish, path: Path, folder: StudyFolder, *, palette: Palette = LIGHT
) -> Work:
    """Write a heatmap as a picture, larger than it is shown."""

    def work(_progress: Progress) -> Path:
        scene = wish.scene(1280.0, None)
        return keep_private(write_png(scene, path, palette=palette, scale=EXPORT_SCALE), folder)

    return work
