"""The journey map as a file: its size, its name, its formats; one place for tab and command."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from journeylab.analysis.journey import JourneyMap
from journeylab.report.map_layout import lay_out_map
from journeylab.report.raster import write_png
from journeylab.report.scene import Scene
from journeylab.theme import LIGHT, Palette

WIDTH_PX: Final = 1920.0
HEIGHT_PX: Final = 1080.0
PNG_SCALE: Final = 2.0
"""Pixels of the file per pixel of the scene: crisp on a projector and in print."""


def export_scene(journey: JourneyMap) -> Scene:
    """The map as every export draws it, 1920 by 1080 or larger where its words need it."""
    return lay_out_map(journey, width_px=WIDTH_PX, height_px=HEIGHT_PX)


def map_file_name(study_id: str, segment: dict[str, str], extension: str) -> str:
    """Name of a map's file, such as ``first-purchase-map-mobile.png``."""
    values = ("".join(c if c.isalnum() else "_" for c in value) for value in segment.values())
    return f"{'-'.join([study_id, 'map', *values])}.{extension}"


def write_map_png(
    journey: JourneyMap, folder: Path, *, study_id: str, palette: Palette = LIGHT
) -> Path:
    """Write the map as PNG into a folder, made where missing; returns the file.

    Raises
    ------
    StorageError
        When it cannot be written.
    """
    path = folder / map_file_name(study_id, journey.segment, "png")
    return write_png(export_scene(journey), path, palette=palette, scale=PNG_SCALE)
