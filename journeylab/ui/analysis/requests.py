"""What the analysis tab asks for beside the window: immutable requests, made into work."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from journeylab.analysis.alignment import TimeBasis
from journeylab.analysis.comparing import Comparison
from journeylab.analysis.journey import JourneyMap
from journeylab.analysis.journey_builder import build_journey_map
from journeylab.analysis.moments import Moment, MomentChoice, read_moment
from journeylab.bundle.reader import Bundle
from journeylab.report.comparison_export import (
    ComparisonExport,
    comparison_stem,
    write_comparison,
)
from journeylab.report.files import keep_private
from journeylab.report.study_export import ExportChoice, export_study_map
from journeylab.study.folder import StudyFolder
from journeylab.theme import Palette
from journeylab.ui.analysis.background import Progress, Work


def journey_work(
    folder: StudyFolder, segment: dict[str, str], basis: TimeBasis = TimeBasis.SHARE
) -> Work:
    """Build a study's map."""

    def work(progress: Progress) -> JourneyMap:
        return build_journey_map(folder, segment=segment, basis=basis, progress=progress)

    return work


def moment_work(choice: MomentChoice) -> Work:
    """Read one moment of one session."""

    def work(_progress: Progress) -> Moment:
        with Bundle.open(choice.summary.path) as bundle:
            return read_moment(bundle, choice)

    return work


def export_work(
    folder: StudyFolder, journey: JourneyMap, choice: ExportChoice, *, palette: Palette
) -> Work:
    """Write a map into the study's exports/, drawn as the command line draws it."""

    def work(progress: Progress) -> list[Path]:
        return export_study_map(folder, journey, choice, palette=palette, progress=progress)

    return work


def comparison_work(
    folder: StudyFolder,
    comparison: Comparison,
    choice: ExportChoice,
    *,
    segment: Mapping[str, str],
    palette: Palette,
) -> Work:
    """Write a comparison into the study's exports/; ``segment`` goes into the files' names."""
    stem = comparison_stem(folder.study, comparison, segment)
    export = ComparisonExport(comparison, folder.exports_path, stem, palette)

    def work(progress: Progress) -> list[Path]:
        written = write_comparison(export, choice.formats, progress=progress)
        return [keep_private(path, folder) for path in written]

    return work
