"""Whose finding it is: all participants', or those of one value of a segment."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import numpy as np

from journeylab.analysis.detectors.aligned_study import AlignedStudy
from journeylab.analysis.detectors.entry import LEAST_FALL, ad_of
from journeylab.analysis.detectors.finding import (
    ALPHA,
    SURE_N,
    SURE_P,
    Finding,
    FindingKind,
    SegmentShare,
)
from journeylab.analysis.detectors.gathering import TOGETHER
from journeylab.analysis.detectors.peaks import MIN_DISTANCE
from journeylab.analysis.reading import AlignedSession
from journeylab.analysis.signs import SignKind
from journeylab.analysis.statistics_chance import more_often_p

_SIGNS: Final[Mapping[tuple[FindingKind, str], tuple[SignKind, ...]]] = MappingProxyType(
    {
        (FindingKind.GREEN_PEAK, ""): (SignKind.SMILE,),
        (FindingKind.COGNITIVE_LOAD, ""): (SignKind.FROWN,),
        (FindingKind.FRICTION, ""): (SignKind.FRICTION,),
        (FindingKind.AHA, ""): (SignKind.AHA,),
        (FindingKind.BOREDOM, ""): (SignKind.BOREDOM,),
        (FindingKind.ENTRY_MOOD, "joy"): (SignKind.SMILE,),
        (FindingKind.ENTRY_MOOD, "negative"): (SignKind.FEAR,),
        (FindingKind.DELIGHT, ""): (SignKind.SMILE,),
        (FindingKind.DISAPPOINTMENT, ""): (SignKind.CONTEMPT,),
        (FindingKind.STRUGGLE, ""): (SignKind.FROWN, SignKind.PRESS),
    }
)
"""By kind, and mood where it matters, the signs a finding rests on; others rest on valence."""


def with_segment(
    finding: Finding, study: AlignedStudy, *, besides: Collection[str] = ()
) -> Finding:
    """The finding, with the segment it belongs to if one value's participants show it more often.

    For each value of each segment its participants are set against all others by Fisher's exact
    test with mid-p; the 5 % are shared out over the values of all segments (Bonferroni). Two
    participants of the value at least. From 12 participants on it is the 1 %: every finding is
    asked, and at 5 % every third map of seven findings would give one to the wrong hands.

    A participant who came once with each value stands on both sides, which makes the test more
    timid, not bolder.

    Parameters
    ----------
    besides
        Sessions in which the same is shown at the same place, besides those behind the finding.
    """
    people = _measured_on(study, finding.step_id)
    shown = {one.session_id for one in finding.evidence} | set(besides)
    segments = {
        name: {session: value for session, value in values.items() if session in people}
        for name, values in study.segments().items()
    }
    n_values = sum(len(set(values.values())) for values in segments.values() if _is_split(values))
    best: SegmentShare | None = None
    for name, values in segments.items():
        if not _is_split(values):
            continue
        for share in _shares(name, values, people, shown):
            p = share.p * n_values
            limit = SURE_P if len(set(people.values())) >= SURE_N else ALPHA
            if p <= limit and (best is None or p < best.p):
                best = replace(share, p=p)
    return finding if best is None else replace(finding, segment=best)


def _is_split(values: Mapping[str, str]) -> bool:
    return len(set(values.values())) >= 2


def _measured_on(study: AlignedStudy, step_id: str) -> dict[str, str]:
    """Sessions with a face on a step, and whose they are."""
    part = study.grid.part(step_id)
    return {
        session.summary.session_id: session.summary.participant_id
        for session in study.sessions
        if np.isfinite(session.signal("valence")[part]).any()
    }


def _shares(
    name: str, values: Mapping[str, str], people: Mapping[str, str], shown: Collection[str]
) -> list[SegmentShare]:
    """Each value's share and its probability, of values that two participants or more show."""
    cases = {(people[session], value) for session, value in values.items()}
    behind = {(people[session], value) for session, value in values.items() if session in shown}
    found: list[SegmentShare] = []
    for kind in sorted(set(values.values())):
        n, n_own = (sum(value == kind for _, value in each) for each in (cases, behind))
        if n_own < 2:
            continue
        p = more_often_p(n_own, n, len(behind) - n_own, len(cases) - n)
        own = tuple(s for s, value in values.items() if value == kind and s in shown)
        found.append(SegmentShare(name, kind, n_own, n, p, own))
    return found


def also_shown(finding: Finding, study: AlignedStudy) -> frozenset[str]:
    """Sessions that show at the place of a finding what its participants show, by the same sign or,
    for what is told by valence, by the same distance from neutral.

    Of what was found among one value's participants alone, this tells how many others share it.
    """
    part = study.grid.part(finding.step_id)
    reach = round(TOGETHER * (part.stop - part.start))
    here = np.flatnonzero(
        (study.position_s[part] >= finding.start_s) & (study.position_s[part] <= finding.end_s)
    )
    if not len(here):
        return frozenset()
    first, last = part.start + int(here[0]) - reach, part.start + int(here[-1]) + reach
    kinds = _SIGNS.get((finding.kind, finding.mood), _SIGNS.get((finding.kind, ""), ()))
    if kinds:
        return frozenset(
            one.session.summary.session_id
            for one in study.signs_of(kinds, finding.step_id)
            if one.first <= last and one.last >= first
        )
    near = slice(max(first, part.start), min(last + 1, part.stop))
    ad = ad_of(study)
    found = set()
    for session in study.sessions:
        level = _level(session, near)
        if finding.kind is FindingKind.DISCONNECT and ad is not None:
            fall = _level(session, study.part(ad)) - _level(session, part)
            is_shown = fall * -np.sign(finding.strength) >= LEAST_FALL
        else:
            is_shown = level <= -MIN_DISTANCE
        if is_shown:
            found.add(session.summary.session_id)
    return frozenset(found)


def _level(session: AlignedSession, points: slice) -> float:
    valence = session.signal("valence")[points]
    known = valence[np.isfinite(valence)]
    return float(known.mean()) if len(known) else math.nan
