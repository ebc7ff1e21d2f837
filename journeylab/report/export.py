"""The journey map as files: its size, their names, the formats; one place for tab and command."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from journeylab.analysis.alignment import TimeBasis
from journeylab.analysis.journey import JourneyMap
from journeylab.analysis.tables import DataTable
from journeylab.report.document import write_pdf
from journeylab.report.map_header import map_title
from journeylab.report.map_layout import lay_out_map
from journeylab.report.page import Faces, write_html
from journeylab.report.raster import write_png
from journeylab.report.scene import Scene
from journeylab.report.slides import write_pptx
from journeylab.report.svg import write_svg
from journeylab.report.table_files import write_tables
from journeylab.report.tables import map_tables
from journeylab.theme import LIGHT, Palette

WIDTH_PX: Final = 1920.0
HEIGHT_PX: Final = 1080.0
PNG_SCALE: Final = 2.0
"""Pixels of the file per pixel of the scene: crisp on a projector and in print."""


@dataclass(frozen=True, slots=True, eq=False)
class MapExport:
    """What is written, and where: every format draws the same scene.

    ``tables`` are written beside the map's own; ``faces`` are shown on the page, none without.
    """

    journey: JourneyMap
    folder: Path
    study_id: str
    palette: Palette = LIGHT
    tables: tuple[DataTable, ...] = ()
    faces: Faces = field(default_factory=dict)

    def path(self, extension: str) -> Path:
        """The map's file of a format."""
        journey = self.journey
        name = map_file_name(
            self.study_id,
            journey.segment,
            extension,
            in_seconds=journey.basis is TimeBasis.SECONDS,
            with_faces=bool(self.faces) and extension == "html",
        )
        return self.folder / name


def export_scene(journey: JourneyMap) -> Scene:
    """The map as every export draws it, 1920 by 1080 or larger where its words need it."""
    return lay_out_map(journey, width_px=WIDTH_PX, height_px=HEIGHT_PX)


def map_file_name(
    study_id: str,
    segment: Mapping[str, str],
    extension: str,
    *,
    in_seconds: bool = False,
    with_faces: bool = False,
) -> str:
    """Name of a map's file, such as ``first-purchase-map-device-mobile-faces.html``.

    Maps that show something else have another name, so that none is written over another.
    """
    parts = [study_id, "map", *segment_parts(segment)]
    parts += ["seconds"] if in_seconds else []
    parts += ["faces"] if with_faces else []
    return f"{'-'.join(parts)}.{extension}"


def segment_parts(segment: Mapping[str, str]) -> list[str]:
    """Fields and values of a segment as parts of a file's name: two fields may share a value."""
    words = (word for pair in segment.items() for word in pair)
    return ["".join(c if c.isalnum() else "_" for c in word) for word in words]


def write_map(
    export: MapExport,
    formats: Sequence[str],
    *,
    progress: Callable[[float], None] | None = None,
) -> list[Path]:
    """Write the map in some formats of ``FORMATS``, into a folder made where missing.

    Parameters
    ----------
    progress
        Called with the share done, 0..1, around each format. What it raises ends the writing.

    Returns
    -------
    The files, in the order of ``formats``.

    Raises
    ------
    StorageError
        When one cannot be written; those before it are whole, and none is left in part.
    """
    scene = export_scene(export.journey)
    return write_each([partial(_WRITERS[name], export, scene) for name in formats], progress)


def write_each(
    writers: Sequence[Callable[[], list[Path]]], progress: Callable[[float], None] | None
) -> list[Path]:
    """What each of them writes, one after the other; ``progress`` is told the share done, 0..1."""
    written: list[Path] = []
    for place, write in enumerate(writers):
        if progress is not None:
            progress(place / len(writers))
        written += write()
    if progress is not None:
        progress(1.0)
    return list(dict.fromkeys(written))  # tables of both kinds share their dictionaries


def _png(export: MapExport, scene: Scene) -> list[Path]:
    path = export.path("png")
    return [write_png(scene, path, palette=export.palette, scale=PNG_SCALE)]


def _svg(export: MapExport, scene: Scene) -> list[Path]:
    title = map_title(export.journey)
    return [write_svg(scene, export.path("svg"), title=title, palette=export.palette)]


def _pdf(export: MapExport, scene: Scene) -> list[Path]:
    title = map_title(export.journey)
    return [write_pdf(scene, export.path("pdf"), title=title, palette=export.palette)]


def _pptx(export: MapExport, scene: Scene) -> list[Path]:
    return [write_pptx(export.journey, scene, export.path("pptx"), palette=export.palette)]


def _html(export: MapExport, scene: Scene) -> list[Path]:
    path = export.path("html")
    page = write_html(export.journey, scene, path, palette=export.palette, faces=export.faces)
    return [page]


def _csv(export: MapExport, _scene: Scene) -> list[Path]:
    return _tables(export, "csv")


def _parquet(export: MapExport, _scene: Scene) -> list[Path]:
    return _tables(export, "parquet")


def _tables(export: MapExport, extension: str) -> list[Path]:
    stem = export.path(extension).stem
    tables = (*map_tables(export.journey), *export.tables)
    return write_tables(tables, export.folder, stem=stem, extension=extension)


_WRITERS: Final[Mapping[str, Callable[[MapExport, Scene], list[Path]]]] = {
    "png": _png,
    "svg": _svg,
    "pdf": _pdf,
    "pptx": _pptx,
    "html": _html,
    "csv": _csv,
    "parquet": _parquet,
}
FORMATS: Final = tuple(_WRITERS)
"""Every format the map is written in."""
