"""All detectors over one study."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, Protocol

import numpy as np

from journeylab.analysis.detectors import after_purchase, clusters, entry, peaks
from journeylab.analysis.detectors.aligned_study import AlignedStudy
from journeylab.analysis.detectors.finding import ALPHA, Finding, Rule
from journeylab.analysis.detectors.segments import with_segment

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
    check: Callable[[], None] | None = None,
) -> tuple[Finding, ...]:
    """What all detectors find on a study, from left to right.

    First on all participants; then on those of each value of a segment by themselves, with the 5 %
    shared out over its values, for what is lost among the others.

    Parameters
    ----------
    seed
        Of the surrogates: the same sessions give the same findings.
    check
        Called between detectors; what it raises ends the search.
    """
    if not study.people:
        return ()
    found = [with_segment(one, study) for one in _run(study, seed, ALPHA, detectors, check)]
    for name, values in study.segments().items():
        kinds = sorted(set(values.values()))
        if len(kinds) < 2:
            continue
        for value in kinds:
            own = [person for person, one in values.items() if one == value]
            if len(own) < LEAST_IN_SEGMENT:
                continue
            alone = study.only(own)
            for one in _run(alone, seed, ALPHA / len(kinds), detectors, check):
                finding = _among_all(with_segment(one, study), study)
                is_new = not any(_is_same(finding, other) for other in found)
                is_tested = finding.p is not None
                is_its = finding.segment is not None and finding.segment.name == name
                if is_new and is_tested and is_its:
                    found.append(finding)
    return tuple(sorted(found, key=lambda finding: (finding.position_s, finding.kind)))


def _run(
    study: AlignedStudy,
    seed: int,
    alpha: float,
    detectors: tuple[Detector, ...],
    check: Callable[[], None] | None,
) -> list[Finding]:
    rng = np.random.default_rng(seed)
    found: list[Finding] = []
    for detector in detectors:
        if check is not None:
            check()
        found += detector(study, rng=rng, alpha=alpha)
    return found


def _is_same(one: Finding, other: Finding) -> bool:
    return one.kind is other.kind and one.step_id == other.step_id


def _among_all(finding: Finding, study: AlignedStudy) -> Finding:
    """The same with all participants of the study as those measured."""
    seen = study.seen[:, study.grid.part(finding.step_id)].any(axis=1)
    return replace(finding, n_measured=int(seen.sum()))
