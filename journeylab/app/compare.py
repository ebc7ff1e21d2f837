"""``journeylab map --compare``: two studies set against each other, written as files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from journeylab.analysis.compared_studies import compare_studies
from journeylab.analysis.journey_builder import build_journey_map
from journeylab.app.map import check_formats
from journeylab.report.comparison_export import (
    ComparisonExport,
    comparison_stem,
    write_comparison,
)
from journeylab.report.files import keep_private
from journeylab.study.folder import load_study
from journeylab.theme import LIGHT, Palette

_READING = 0.8
"""Share of the progress that reading takes; the rest is writing."""


def run_compare(
    study: Path,
    other: Path,
    *,
    segment: dict[str, str] | None = None,
    out: Path,
    formats: Sequence[str] = ("png",),
    palette: Palette = LIGHT,
    progress: Callable[[float], None] | None = None,
) -> list[Path]:
    """Write the difference of two studies; the files, in the order of ``formats``.

    Raises
    ------
    AnalysisError
        For a format that cannot be written, and where the two cannot be compared.
    StudyError
        For a study that cannot be read, or an unknown segment.
    StorageError
        When a file cannot be written.
    """
    wanted = check_formats(formats)
    folder, beside = load_study(study), load_study(other)
    told = progress or (lambda _share: None)
    journey = build_journey_map(
        folder, segment=segment, progress=lambda share: told(share * _READING / 2)
    )
    comparison = compare_studies(
        folder, beside, journey=journey, progress=lambda share: told(share * _READING)
    ).comparison
    export = ComparisonExport(
        comparison, out, comparison_stem(folder.study, comparison, segment or {}), palette
    )
    written = write_comparison(
        export, wanted, progress=lambda share: told(_READING + share * (1 - _READING))
    )
    return [keep_private(path, folder) for path in written]
