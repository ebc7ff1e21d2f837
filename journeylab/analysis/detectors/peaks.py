"""Green peaks and valleys of the aggregate trace.

A peak or valley is tested by cluster permutation where there are participants enough for it; the
test's own rule of interpretation holds: a cluster says that there is a difference, not exactly
where it begins and ends. What is shown as its stretch is where the mean lies beyond neutral.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis import aggregate
from journeylab.analysis.detectors.aligned_study import AlignedStudy, PlacedSign
from journeylab.analysis.detectors.finding import (
    ALPHA,
    SURE_N,
    Evidence,
    Finding,
    FindingKind,
    Parameter,
    Rule,
)
from journeylab.analysis.detectors.gathering import (
    LEAST_PEOPLE,
    QUORUM,
    TOGETHER,
    evidence_of,
    place_of,
    quorum,
)
from journeylab.analysis.signs import SMILE_AU12, SignKind
from journeylab.analysis.statistics_chance import shifted
from journeylab.analysis.statistics_clusters import (
    POINTS_PER_STEP,
    READ_AS,
    Cluster,
    differing_clusters,
)

MIN_DISTANCE: Final = 10.0
MIN_PROMINENCE: Final = 12.0
MAX_PER_STEP: Final = 2
TEST_FROM: Final = SURE_N
"""With fewer participants one still face hides a peak from the flipping of signs; it then rests on
their signs coming together in time, tested like any cluster."""
FEW: Final = 6
"""Fewer cannot reach 5 % by flipping signs, two-sided (2 of 2^5 patterns). What they show is not
hidden but told as seen, not tested."""
_SIGNS: Final = {
    1: (SignKind.SMILE,),
    -1: (SignKind.FROWN, SignKind.PRESS, SignKind.CONTEMPT, SignKind.LOW_MOOD),
}
_PARAMETERS: Final = (
    Parameter("distance", MIN_DISTANCE, "valence"),
    Parameter("prominence", MIN_PROMINENCE, "valence"),
    Parameter("stretch", aggregate.TONE_VALENCE, "valence"),
    Parameter("quorum", QUORUM, "of those measured"),
    Parameter("most_per_step", MAX_PER_STEP),
    Parameter("cluster_test_from", TEST_FROM, "participants"),
    Parameter("test_from", FEW, "participants"),
    Parameter("alpha", ALPHA),
)
_SOURCE: Final = (
    "Cluster permutation: Maris & Oostenveld 2007, read as by Sassenhagen & Draschkow 2019: "
    f"{READ_AS}"
)

GREEN_PEAK: Final = Rule(
    FindingKind.GREEN_PEAK,
    "2",
    "The mean valence rises to 10 above neutral or more and stands out by 12, at least a quarter "
    "of the participants smile there (AU12 from 0.3 on), and a cluster permutation test finds "
    "them above their own usual level; with fewer than 12 participants, smiles come together more "
    "than chance brings together in 5 % of studies; fewer than 6 are told without a test.",
    (Parameter("AU12", SMILE_AU12), *_PARAMETERS),
    f"Smile: Ekman & Friesen 1982. {_SOURCE}",
)
VALLEY: Final = Rule(
    FindingKind.VALLEY,
    "2",
    "The mean valence falls to 10 below neutral or more and stands out by 12, at least a quarter "
    "of the participants are 10 below, and a cluster permutation test finds them below their own "
    "usual level; with fewer than 12 participants, frowns, pressed lips, sneers and drawn mouth "
    "corners come together more than chance brings together in 5 % of studies; fewer than 6 are "
    "told without a test, if they show these. Its depth is the "
    "lowest mean, its length the time the mean lies 6 or more below neutral.",
    _PARAMETERS,
    _SOURCE,
)


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    """A turning point that participants stand behind, not yet tested."""

    sign: int
    stretch: slice
    signs: tuple[PlacedSign, ...]
    finding: Finding


def find_peaks(
    study: AlignedStudy, *, rng: np.random.Generator, alpha: float = ALPHA
) -> tuple[Finding, ...]:
    """Green peaks and valleys, by :data:`GREEN_PEAK` and :data:`VALLEY`."""
    candidates = [
        candidate
        for sign in (1, -1)
        for index in _turning_points(study, sign)
        if (candidate := _candidate(study, sign, index)) is not None
    ]
    if not candidates:
        return ()
    clusters = _clusters(study) if len(study.people) >= TEST_FROM else None
    found = []
    for candidate in candidates:
        if clusters is not None:
            p = _cluster_p(study, clusters, candidate)
        else:
            p = _together_p(study, candidate, rng)
        if p <= alpha:
            found.append(replace(candidate.finding, p=p, is_cluster=clusters is not None))
        elif len(study.people) < FEW:
            found.append(candidate.finding)
    return tuple(found)


def peaks_of(level: NDArray[np.float64], *, at_least: float = -math.inf) -> list[tuple[int, float]]:
    """Index and prominence of each local maximum of ``level`` (n,), taken as 0 outside.

    A plateau counts once, at its middle. Those lower than ``at_least`` are left out.
    """
    padded = np.concatenate([[0.0], level, [0.0]])
    peaks = []
    start = 1
    while start < len(padded) - 1:
        end = start
        while end + 1 < len(padded) and padded[end + 1] == padded[start]:
            end += 1
        is_high = padded[start] >= at_least and end < len(padded) - 1
        if is_high and padded[start - 1] < padded[start] > padded[end + 1]:
            middle = (start + end) // 2
            peaks.append((middle - 1, _prominence(padded, middle)))
        start = end + 1
    return peaks


def _prominence(level: NDArray[np.float64], index: int) -> float:
    higher = np.flatnonzero(level > level[index])
    left = int(higher[higher < index].max(initial=-1)) + 1
    right = int(higher[higher > index].min(initial=len(level)))
    return float(level[index] - max(level[left : index + 1].min(), level[index:right].min()))


def _turning_points(study: AlignedStudy, sign: int) -> list[int]:
    """The most prominent ones of each step that are far enough from neutral, by prominence."""
    level = sign * np.nan_to_num(study.mean, nan=0.0)
    enough = [
        (prominence, index)
        for index, prominence in peaks_of(level, at_least=MIN_DISTANCE)
        if prominence >= MIN_PROMINENCE
    ]
    kept: list[int] = []
    taken: dict[str, int] = {}
    for _, index in sorted(enough, reverse=True):
        step_id = study.step_of(index).step_id
        if taken.get(step_id, 0) < MAX_PER_STEP:
            taken[step_id] = taken.get(step_id, 0) + 1
            kept.append(index)
    return kept


def _stretch(study: AlignedStudy, sign: int, index: int, part: slice) -> slice:
    """The unbroken run around a turning point, within its step, beyond neutral's width."""
    beyond = sign * np.nan_to_num(study.mean, nan=0.0) >= aggregate.TONE_VALENCE
    low = high = index
    while low > part.start and beyond[low - 1]:
        low -= 1
    while high + 1 < part.stop and beyond[high + 1]:
        high += 1
    return slice(low, high + 1)


def _candidate(study: AlignedStudy, sign: int, index: int) -> _Candidate | None:
    step = study.step_of(index)
    part = study.part(step)
    stretch = _stretch(study, sign, index, part)
    wide = round(TOGETHER * (part.stop - part.start))
    near = slice(max(index - wide, part.start), min(index + wide + 1, part.stop))
    measured = study.seen[:, near].any(axis=1)
    level = np.full(len(study.people), np.nan)
    level[measured] = np.nanmean(study.valence[measured][:, near], axis=1)
    shown = [
        one
        for one in study.signs_of(_SIGNS[sign], step.step_id)
        if one.first < stretch.stop and one.last >= stretch.start
    ]
    behind = np.nan_to_num(sign * level, nan=-1.0) >= MIN_DISTANCE
    if sign > 0 or len(study.people) < FEW:
        # A valley that cannot be tested needs its signs as well: two faces wander together easily.
        showing = np.zeros(len(study.people), dtype=np.bool_)
        showing[[one.person for one in shown]] = True
        behind &= showing
    if behind.sum() < quorum(int(measured.sum())):
        return None
    signs = tuple(one for one in shown if behind[one.person])
    people = tuple(study.people[person] for person in np.flatnonzero(behind))
    rule = GREEN_PEAK if sign > 0 else VALLEY
    finding = Finding(
        kind=rule.kind,
        rule=f"{rule.kind} {rule.version}",
        step_id=step.step_id,
        start_s=float(study.position_s[stretch.start]),
        position_s=float(study.position_s[index]),
        end_s=float(study.position_s[stretch.stop - 1]),
        mood="joy" if sign > 0 else "negative",
        title="Joy peak · AU12" if sign > 0 else _valley_title(signs, len(people)),
        participants=people,
        n_measured=int(measured.sum()),
        strength=float(study.mean[index]),
        unit="valence",
        place=place_of(signs) if step.has_screen else None,
        evidence=evidence_of(signs) if sign > 0 else _lowest(study, near, people),
    )
    return _Candidate(sign, stretch, signs, finding)


def _valley_title(signs: Sequence[PlacedSign], n_people: int) -> str:
    """The expression most of those behind it show, if half of them do."""
    words = {
        SignKind.FROWN: "Valley · AU4",
        SignKind.PRESS: "Valley · AU24",
        SignKind.CONTEMPT: "Valley · AU14",
        SignKind.LOW_MOOD: "Valley · AU15",
    }
    shown = {kind: len({one.person for one in signs if one.sign.kind is kind}) for kind in words}
    best = max(words, key=lambda kind: shown[kind])
    return words[best] if shown[best] >= 0.5 * n_people else "Valley"


def _lowest(study: AlignedStudy, near: slice, people: Sequence[str]) -> tuple[Evidence, ...]:
    """Where each session of those behind a valley is furthest below neutral, close to its depth."""
    found = []
    for session in study.sessions:
        valence = session.signal("valence")[near]
        is_here = session.summary.participant_id in people and bool(np.isfinite(valence).any())
        if is_here and float(np.nanmin(valence)) <= -MIN_DISTANCE:
            t_ns = int(session.t_ns[near][np.nanargmin(valence)])
            summary = session.summary
            found.append(Evidence(summary.participant_id, summary.session_id, t_ns))
    return tuple(found)


def _blocks(study: AlignedStudy) -> tuple[NDArray[np.int64], list[int]]:
    """The coarse point each point of the grid belongs to, and where steps begin among them."""
    block = np.zeros(study.grid.size, dtype=np.int64)
    begins, before = [], 0
    for step in study.steps:
        part = study.part(step)
        n = part.stop - part.start
        n_blocks = min(n, POINTS_PER_STEP)
        begins.append(before)
        block[part] = before + np.arange(n) * n_blocks // n
        before += n_blocks
    return block, begins


def _clusters(study: AlignedStudy) -> tuple[Cluster, ...]:
    block, begins = _blocks(study)
    n_blocks = int(block[-1]) + 1
    counts = np.zeros((len(study.people), n_blocks))
    sums = np.zeros_like(counts)
    known = study.seen
    for person in range(len(study.people)):
        at = block[known[person]]
        counts[person] = np.bincount(at, minlength=n_blocks)
        sums[person] = np.bincount(at, study.valence[person][known[person]], minlength=n_blocks)
    values = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    return differing_clusters(values, begins)


def _cluster_p(study: AlignedStudy, clusters: Sequence[Cluster], candidate: _Candidate) -> float:
    """The probability of the least probable cluster that reaches into the stretch."""
    block, _ = _blocks(study)
    low, high = int(block[candidate.stretch.start]), int(block[candidate.stretch.stop - 1]) + 1
    return min(
        (
            cluster.p
            for cluster in clusters
            if cluster.sign == candidate.sign and cluster.start < high and cluster.end > low
        ),
        default=1.0,
    )


def _together_p(study: AlignedStudy, candidate: _Candidate, rng: np.random.Generator) -> float:
    kinds = _SIGNS[candidate.sign]
    shown = study.shown(kinds, reach=TOGETHER)
    count = int(shown[:, candidate.stretch].sum(axis=0).max(initial=0))
    if count < LEAST_PEOPLE:
        return 1.0
    chance = shifted(study.shown_in_time(kinds), rng=rng, reaches=study.reaches(TOGETHER))
    return chance.p_of(count)
