"""What the team believes before the study, and how far from it the measured map lies.

A point a step, -100..+100, and a few words, kept beside the study in ``expected.toml`` with authors
and time. A version is locked from the moment it is there: another belief is another version, and
none is written over. The gap on a step is the participants' mean valence less the expected one,
tested against zero by flipping signs, raised for the number of steps (Holm).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated, Final, Literal

import numpy as np
from annotated_types import Ge, Le, Len

from journeylab.analysis.comparing import holm, step_means
from journeylab.analysis.detectors.finding import Sureness
from journeylab.analysis.expectation import Expectation, StepGap
from journeylab.analysis.journey import JourneyMap, MapStep
from journeylab.analysis.kept_document import read_document, write_document
from journeylab.analysis.signed import signed
from journeylab.analysis.statistics_chance import sign_flip_p
from journeylab.errors import AnalysisError
from journeylab.study.folder import StudyFolder

EXPECTED_FILE: Final = "expected.toml"
LONGEST_WORDS: Final = 200
_HEADING: Final = (
    "What the team expected of each step before it was measured, -100 to 100.\n"
    "Versions are locked: a change is a new version at the end. Written by JourneyLab."
)
_SEED: Final = 20_261_127
_MOST_GAPS: Final = 3
"""On the map; all of them stand in the view of the expected map and in the tables."""
_FEWEST: Final = 3
"""Flipping the signs of fewer participants could never show anything."""


@dataclass(frozen=True, slots=True)
class ExpectedPoint:
    """What is expected of one step: a valence, and words where somebody wrote some."""

    step_id: Annotated[str, Len(1, 64)]
    valence: Annotated[float, Ge(-100), Le(100)]
    words: Annotated[str, Len(0, LONGEST_WORDS)] = ""


@dataclass(frozen=True, slots=True)
class ExpectedVersion:
    """One locked version."""

    locked_utc: str
    authors: Annotated[str, Len(1, LONGEST_WORDS)]
    point: tuple[ExpectedPoint, ...] = field(default=())
    n_sessions: int | None = None
    """How many sessions the study had when it was locked; None in a file of before."""

    @property
    def values(self) -> Mapping[str, ExpectedPoint]:
        """The points by step."""
        return {one.step_id: one for one in self.point}


@dataclass(frozen=True, slots=True)
class ExpectedDocument:
    """All versions, oldest first."""

    format: Literal[1] = 1
    version: tuple[ExpectedVersion, ...] = ()

    @property
    def newest(self) -> ExpectedVersion | None:
        """The version in force."""
        return self.version[-1] if self.version else None


def read_expected(folder: StudyFolder) -> ExpectedDocument:
    """What the team expected; nothing where it drew nothing.

    Raises
    ------
    AnalysisError
        When the file cannot be read; it is left as it is.
    """
    return read_document(folder.path / EXPECTED_FILE, ExpectedDocument) or ExpectedDocument()


def lock_expected(
    folder: StudyFolder,
    points: Sequence[ExpectedPoint],
    *,
    authors: str,
    now_utc: str,
) -> ExpectedDocument:
    """Add a version to those there are, locked.

    Raises
    ------
    AnalysisError
        When it has no points or no authors, is the same as the last, or the file cannot be read.
    StorageError
        When it cannot be written; the versions before stay.
    """
    names = " ".join(authors.split())
    if not points:
        raise AnalysisError("Nothing is drawn yet: set at least one step's point.")
    if not names or len(names) > LONGEST_WORDS:
        raise AnalysisError("Say who expects this, such as a name or a team.")
    before = read_expected(folder)
    newest = before.newest
    if newest is not None and newest.point == tuple(points):
        raise AnalysisError(f"This is version {len(before.version)}, locked already.")
    version = ExpectedVersion(now_utc, names, tuple(points), len(folder.bundles()))
    document = replace(before, version=(*before.version, version))
    write_document(folder.path / EXPECTED_FILE, ExpectedDocument, document, heading=_HEADING)
    return document


def expectation_of(journey: JourneyMap, document: ExpectedDocument) -> Expectation | None:
    """The version in force, set against a map; None where nothing was expected."""
    newest = document.newest
    if newest is None:
        return None
    values = newest.values
    rng = np.random.default_rng(_SEED)
    gaps = [
        _gap(journey, step, values[step.step_id], rng)
        for step in journey.steps
        if step.step_id in values
    ]
    raised = holm([gap.p for gap in gaps])
    known = {step.step_id for step in journey.steps}
    return Expectation(
        version=len(document.version),
        authors=newest.authors,
        locked_utc=newest.locked_utc,
        is_before=_is_before(journey, newest),
        gaps=tuple(replace(gap, p=p) for gap, p in zip(gaps, raised, strict=True)),
        unknown=tuple(step_id for step_id in values if step_id not in known),
    )


def with_expectation(folder: StudyFolder, journey: JourneyMap) -> JourneyMap:
    """The map with what the team expected, and a note of it; the same where nothing was.

    What was measured stands without it: a file that cannot be read is told of in a note.
    """
    try:
        document = read_expected(folder)
    except AnalysisError as error:
        why = str(error).replace(str(folder.path / EXPECTED_FILE), EXPECTED_FILE)
        return replace(journey, notes=(*journey.notes, f"What was expected is not shown: {why}"))
    expectation = expectation_of(journey, document)
    if expectation is None:
        return journey
    notes = (*journey.notes, expected_note(expectation))
    return replace(journey, expected=expectation, notes=notes)


def expected_note(expectation: Expectation) -> str:
    """The expected map in the map's notes: whose it is, and its largest gaps."""
    told = [gap_sentence(gap) for gap in expectation.largest[:_MOST_GAPS]]
    return " ".join([f"Dashed: {origin_words(expectation)}", *told])


def origin_words(expectation: Expectation) -> str:
    """Who expected it, when, and whether that was before anybody was measured."""
    try:
        day = datetime.fromisoformat(expectation.locked_utc).astimezone()
        when = f" on {day.day} {day:%b %Y}"
    except ValueError:
        when = ""
    before = {True: ", before the first session", False: ", after sessions had begun", None: ""}
    told = f"{when}{before[expectation.is_before]}"
    return f"what {expectation.authors} expected{told} (version {expectation.version})."


def gap_sentences(expectation: Expectation) -> tuple[str, ...]:
    """All gaps in sentences, the largest first, then what could not be compared."""
    told = [gap_sentence(gap) for gap in expectation.largest]
    told += [
        f"{gap.title}: {signed(gap.expected)} was expected, and nobody was measured."
        for gap in expectation.gaps
        if not gap.is_measured
    ]
    if expectation.unknown:
        names = ", ".join(f"“{step_id}”" for step_id in expectation.unknown)
        told.append(f"Expected for steps the study does not have, and not compared: {names}.")
    return tuple(told)


def gap_sentence(gap: StepGap) -> str:
    """One step's gap, and how sure it is."""
    size = abs(round(gap.gap))
    how_sure = f"{sureness_words(gap)}, N = {gap.n}"
    if size == 0:
        return f"{gap.title}: as expected, {signed(gap.measured)} (N = {gap.n})."
    than = "worse" if gap.gap < 0 else "better"
    return (
        f"{gap.title}: {size} {'point' if size == 1 else 'points'} {than} than expected, "
        f"{signed(gap.measured)} instead of {signed(gap.expected)} ({how_sure})."
    )


def sureness_words(gap: StepGap) -> str:
    """How sure a gap is, in a word or two."""
    if gap.p is None:
        return "not tested"
    if gap.sureness is None:
        return "may be chance"
    return "sure" if gap.sureness is Sureness.SURE else "likely"


def _gap(
    journey: JourneyMap, step: MapStep, point: ExpectedPoint, rng: np.random.Generator
) -> StepGap:
    values = step_means(journey, step)
    p = None
    if len(values) >= _FEWEST:
        away = values - point.valence
        p = min(1.0, 2 * min(sign_flip_p(away, rng=rng), sign_flip_p(-away, rng=rng)))
    return StepGap(
        step_id=step.step_id,
        title=step.title,
        position_s=(step.start_s + step.end_s) / 2,
        expected=point.valence,
        measured=float(values.mean()) if len(values) else float("nan"),
        n=len(values),
        p=p,
        words=point.words,
    )


def _is_before(journey: JourneyMap, version: ExpectedVersion) -> bool | None:
    """Whether it was locked before any session of the study began; None where that is not known: a
    map of a segment holds some of the sessions only."""
    if version.n_sessions:
        return False
    try:
        locked = datetime.fromisoformat(version.locked_utc).timestamp()
    except ValueError:
        return False
    begun = []
    for summary in (*(one.summary for one in journey.sessions), *journey.excluded):
        try:
            begun.append(datetime.fromisoformat(summary.created_utc).timestamp())
        except ValueError:
            continue
    if not all(locked < start for start in begun):
        return False
    return None if journey.segment and version.n_sessions is None else True
