"""``journeylab map``: aggregate a study and write its journey map."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from journeylab.analysis.alignment import TimeBasis
from journeylab.analysis.journey import JourneyMap
from journeylab.analysis.journey_builder import build_journey_map
from journeylab.errors import AnalysisError
from journeylab.report.export import FORMATS
from journeylab.report.study_export import ExportChoice, export_study_map
from journeylab.study.folder import StudyFolder, load_study
from journeylab.theme import LIGHT, Palette

_READING = 0.7
"""Share of the progress that reading the sessions takes; the rest is writing."""


def run_map(
    study: Path,
    *,
    segment: dict[str, str] | None = None,
    out: Path | None = None,
    formats: Sequence[str] = ("png",),
    palette: Palette = LIGHT,
    with_faces: bool = False,
    basis: TimeBasis = TimeBasis.SHARE,
    progress: Callable[[float], None] | None = None,
    warn: Callable[[str], None] | None = None,
) -> list[Path]:
    """Write the journey map of a study.

    Parameters
    ----------
    study
        The study's folder.
    segment
        Only sessions with these values, such as ``{"device": "mobile"}``.
    out
        Folder to write to, made where missing; by default the study's ``exports/``.
    formats
        Names of formats, of ``report.export.FORMATS``; PNG is written at twice its size, 3840 by
        2160 pixels or more.
    with_faces
        Whether the page shows the faces behind each finding; else no export shows one.
    basis
        Whether every stay at a step is stretched to the same length, or counted in seconds.
    progress
        Called with the share done, 0..1, after each session and around each format.
    warn
        Told each session that is left out, and why, in a sentence.

    Returns
    -------
    The files, in the order of ``formats``.

    Raises
    ------
    AnalysisError
        For a format that cannot be written; and, once the map is written, that it has no usable
        session.
    StudyError
        For a study that cannot be read, or an unknown segment.
    StorageError
        When a file cannot be written.
    """
    choice = ExportChoice(check_formats(formats), with_faces)
    folder = load_study(study)
    told = progress or (lambda _share: None)
    journey = build_journey_map(
        folder, segment=segment, basis=basis, progress=lambda share: told(share * _READING)
    )
    if warn is not None:
        for summary in journey.excluded if journey.n_usable else ():
            warn(f"{summary.path} is left out of the map: {summary.reason}")
        if with_faces and not choice.shows_faces:
            warn("No faces are shown: only html can show them.")
        if folder.study.privacy.is_encrypted:
            warn("Written unencrypted. Only you may read the files of this encrypted study.")
    paths = export_study_map(
        folder,
        journey,
        choice,
        out=out,
        palette=palette,
        progress=lambda share: told(_READING + share * (1 - _READING)),
    )
    if journey.n_usable == 0:
        raise _nothing_usable(folder, journey, paths[0].parent)
    return paths


def check_formats(formats: Sequence[str]) -> tuple[str, ...]:
    """The formats in lower case, each once; AnalysisError for one that cannot be written."""
    wanted = tuple(dict.fromkeys(name.strip().lower().lstrip(".") for name in formats))
    if not wanted:
        raise AnalysisError("No format was given.", remedy=_can_write())
    for name in wanted:
        if name not in FORMATS:
            raise AnalysisError(
                f'There is no format "{name}" for the journey map.', remedy=_can_write()
            )
    return wanted


def _can_write() -> str:
    return f"It writes: {', '.join(FORMATS)}."


def _nothing_usable(folder: StudyFolder, journey: JourneyMap, out: Path) -> AnalysisError:
    """Why the map has nobody on it, and what to do."""
    sessions = folder.sessions_path
    says_so = f"The map in {out} says so."
    if journey.excluded:
        first = journey.excluded[0]
        count = len(journey.excluded)
        base = "The only session" if count == 1 else f"None of the {count} sessions"
        return AnalysisError(
            f"{base} in {sessions} is {'not ' if count == 1 else ''}usable "
            f"({first.path.name}: {first.reason.rstrip('.')}). {says_so}",
            remedy="The analysis tab shows every session's grade and reason; record again.",
        )
    if journey.segment:
        words = ", ".join(f"{name}={value}" for name, value in journey.segment.items())
        return AnalysisError(
            f"No session in {sessions} has {words}. {says_so}",
            remedy="Leave the segment out, or record such a session.",
        )
    return AnalysisError(
        f"There is no session in {sessions}. {says_so}",
        remedy=f"Record one: journeylab record {folder.path} --participant P01",
    )
