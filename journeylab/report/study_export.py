"""A study's map into files, and what is read of its sessions for that; for tab and command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from journeylab.analysis.journey import JourneyMap
from journeylab.analysis.measures import study_measures
from journeylab.analysis.tables import DataTable
from journeylab.bundle.reader import Bundle
from journeylab.report.export import MapExport, write_map
from journeylab.report.faces import read_faces
from journeylab.report.files import keep_private
from journeylab.report.page import Faces
from journeylab.study.folder import StudyFolder
from journeylab.theme import LIGHT, Palette

_READING: Final = 0.4
"""Share of the progress that reading the sessions takes, where something is read of them."""


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """What is to be written: formats by name; faces only on the page, and only when asked for."""

    formats: tuple[str, ...]
    with_faces: bool = False

    @property
    def shows_faces(self) -> bool:
        """Whether any of it shows faces."""
        return self.with_faces and "html" in self.formats

    @property
    def has_tables(self) -> bool:
        """Whether any of it is a table, which the measures are written with."""
        return bool({"csv", "parquet"} & set(self.formats))


def export_study_map(
    folder: StudyFolder,
    journey: JourneyMap,
    choice: ExportChoice,
    *,
    out: Path | None = None,
    palette: Palette = LIGHT,
    progress: Callable[[float], None] | None = None,
) -> list[Path]:
    """Write a map, by default into the study's ``exports/``; returns the files.

    Those of an encrypted study are plain, and only their owner may read them.

    Parameters
    ----------
    progress
        Called with the share done, 0..1. What it raises ends the writing.

    Raises
    ------
    BundleError
        When a session cannot be read any more.
    StorageError
        When a file cannot be written.
    """
    told = progress or (lambda _share: None)
    measuring = _READING if choice.has_tables else 0.0
    reading = _READING if choice.shows_faces else 0.0
    tables: tuple[DataTable, ...] = ()
    if choice.has_tables:
        tables = study_measures(
            folder, segment=journey.segment, progress=lambda share: told(share * measuring)
        ).tables
    faces: Faces = {}
    if choice.shows_faces:
        faces = read_faces(
            journey, Bundle.open, progress=lambda share: told(measuring + share * reading)
        )
    export = MapExport(
        journey,
        out or folder.exports_path,
        folder.study.id,
        palette=palette,
        tables=tables,
        faces=faces,
    )
    written = write_map(
        export,
        choice.formats,
        progress=lambda share: told(measuring + reading + share * (1 - measuring - reading)),
    )
    return [keep_private(path, folder) for path in written]
