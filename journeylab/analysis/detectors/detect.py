"""All detectors over one study."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, Protocol

import numpy as np

from journeylab.analysis.detectors import after_purchase, clusters, entry, peaks
from journeylab.analysis.detectors.aligned_study import AlignedStudy
from journeylab.analysis.detectors.finding import ALPHA, Finding, FindingKind, Rule
from journeylab.analysis.detectors.segments import also_shown, with_segment

RULES: Final[tuple[Rule, ...]] = (
    peaks.GREEN_PEAK,
    peaks.VALLEY,
    clusters.LOAD,
    clusters.FRICTION,
    clusters.AHA,
    clusters.BOREDOM,
    entry.ENTRY_MOOD,
    entry.DISCONNECT,
    after_purchase.DELIGHT,
    after_purchase.DISAPPOINTMENT,
    after_purchase.STRUGGLE,
    after_purchase.FLOW,
)
"""Every rule there is, in the order in which they are published."""
LEAST_IN_SEGMENT: Final = 4
"""A value of a segment is looked through by itself from so many participants on: of three, two
that coincide are already most."""
_OF_WHOLE_STEP: Final = frozenset(
    {
        FindingKind.ENTRY_MOOD,
        FindingKind.DISCONNECT,
        FindingKind.DELIGHT,
        FindingKind.DISAPPOINTMENT,
        FindingKind.STRUGGLE,
        FindingKind.FLOW,
    }
)
_SEED: Final = 20_261_127


class Detector(Protocol):
    """From an aligned study to findings; deterministic for a given generator."""

    def __call__(
        self, study: AlignedStudy, *, rng: np.random.Generator, alpha: float
    ) -> tuple[Finding, ...]: ...


DETECTORS: Final[tuple[Detector, ...]] = (
    peaks.find_peaks,
    clusters.find_clusters,
    entry.find_entry,
    after_purchase.find_after_purchase,
)


def find_findings(
    study: AlignedStudy,
    *,
    seed: int = _SEED,
    detectors: tuple[Detector, ...] = DETECTORS,
    progress: Callable[[float], None] | None = None,
) -> tuple[Finding, ...]:
    """What all detectors find on a study, from left to right.

    First on all participants; then on those of each value of a segment by themselves, with the 5 %
    shared out over the values of all segments, for what is lost among the others. What is found so
    keeps the number of its own participants, and its probability is told times the values.

    Parameters
    ----------
    seed
        Of the surrogates: the same sessions give the same findings.
    progress
        Called with the share done, 0..1, between detectors; what it raises ends the search.
    """
    if not study.people:
        return ()
    groups = _groups(study)
    told = _Told(progress, (1 + len(groups)) * len(detectors))
    found = [with_segment(one, study) for one in _run(study, seed, ALPHA, detectors, told)]
    for name, value in groups:
        alone = study.of_segment(name, value)
        for one in _run(alone, seed, ALPHA / len(groups), detectors, told):
            if one.p is None:
                continue
            finding = replace(one, p=min(one.p * len(groups), 1.0))
            own_ids = {session.summary.session_id for session in alone.sessions}
            others = also_shown(finding, study) - own_ids
            finding = with_segment(finding, study, besides=others)
            own = finding.segment
            is_its = own is not None and (own.name, own.value) == (name, value)
            if is_its and not any(_is_same(finding, other) for other in found):
                found.append(finding)
    return tuple(sorted(found, key=lambda finding: (finding.position_s, finding.kind)))


class _Told:
    """Tells the share of the detectors that have run; what is told may raise."""

    def __init__(self, progress: Callable[[float], None] | None, n: int) -> None:
        self._progress = progress
        self._n = n
        self._done = 0

    def one_more(self) -> None:
        self._done += 1
        if self._progress is not None:
            self._progress(self._done / self._n)


def _groups(study: AlignedStudy) -> list[tuple[str, str]]:
    """Segments' values to be looked through by themselves: each the segment's name and a value."""
    people = {one.summary.session_id: one.summary.participant_id for one in study.sessions}
    found = []
    for name, values in study.segments().items():
        kinds = sorted(set(values.values()))
        if len(kinds) < 2:
            continue
        for value in kinds:
            own = {people[session] for session, one in values.items() if one == value}
            if len(own) >= LEAST_IN_SEGMENT:
                found.append((name, value))
    return found


def _run(
    study: AlignedStudy,
    seed: int,
    alpha: float,
    detectors: tuple[Detector, ...],
    told: _Told,
) -> list[Finding]:
    rng = np.random.default_rng(seed)
    found: list[Finding] = []
    for detector in detectors:
        found += detector(study, rng=rng, alpha=alpha)
        told.one_more()
    return found


def _is_same(one: Finding, other: Finding) -> bool:
    """Whether a finding of one value says no more than another: of its kind, on its step, at its
    time, and not of another value."""
    if one.kind is not other.kind or one.step_id != other.step_id or not other.is_alarm:
        return False
    own, its = one.segment, other.segment
    if own is not None and its is not None and own.name == its.name and own.value != its.value:
        return False
    is_at_once = one.start_s <= other.end_s and other.start_s <= one.end_s
    return is_at_once or one.kind in _OF_WHOLE_STEP
