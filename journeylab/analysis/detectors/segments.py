"""Whose finding it is: all participants', or those of one value of a segment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from journeylab.analysis.detectors.aligned_study import AlignedStudy
from journeylab.analysis.detectors.finding import ALPHA, SURE_N, SURE_P, Finding, SegmentShare
from journeylab.analysis.statistics_chance import more_often_p


def with_segment(finding: Finding, study: AlignedStudy) -> Finding:
    """The finding, with the segment it belongs to if one value's participants show it more often.

    For each value of each segment its participants are set against all others by Fisher's exact
    test with mid-p; the 5 % are shared out over the values of the segment (Bonferroni). Two
    participants of the value at least. From 12 participants on it is the 1 %: every finding is
    asked, and at 5 % every third map of seven findings would give one to the wrong hands.
    """
    on_step = _measured_on(study, finding.step_id)
    best: SegmentShare | None = None
    for name, values in study.segments().items():
        for share in _shares(finding, name, {p: v for p, v in values.items() if p in on_step}):
            if best is None or share.p < best.p:
                best = share
    return finding if best is None else replace(finding, segment=best)


def _measured_on(study: AlignedStudy, step_id: str) -> frozenset[str]:
    seen = study.seen[:, study.grid.part(step_id)].any(axis=1)
    return frozenset(study.people[person] for person in np.flatnonzero(seen))


def _shares(finding: Finding, name: str, values: Mapping[str, str]) -> list[SegmentShare]:
    behind = set(finding.participants)
    kinds = sorted(set(values.values()))
    found: list[SegmentShare] = []
    if len(kinds) < 2:
        return found
    for value in kinds:
        own = {person for person, one in values.items() if one == value}
        others = values.keys() - own
        n_own, n_others = len(own & behind), len(others & behind)
        if n_own < 2:
            continue
        p = more_often_p(n_own, len(own), n_others, len(others)) * len(kinds)
        if p <= (SURE_P if len(values) >= SURE_N else ALPHA):
            found.append(SegmentShare(name, value, n_own, len(own), min(p, 1.0)))
    return found
