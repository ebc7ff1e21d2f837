"""Findings as labels on the trace: one label for what lies on the same place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from journeylab.analysis.detectors.finding import Finding, FindingKind
from journeylab.analysis.detectors.words import certainty_of, detail_of
from journeylab.analysis.journey import Callout, Trace

MAX_PER_STEP: Final = 3
_TITLES: Final = {
    FindingKind.COGNITIVE_LOAD: "High Cognitive Load",
    FindingKind.FRICTION: "Friction / Rage Click Risk",
}
_TELLING: Final = (
    FindingKind.FRICTION,
    FindingKind.AHA,
    FindingKind.COGNITIVE_LOAD,
    FindingKind.DISAPPOINTMENT,
    FindingKind.DISCONNECT,
    FindingKind.ENTRY_MOOD,
    FindingKind.DELIGHT,
    FindingKind.STRUGGLE,
    FindingKind.BOREDOM,
    FindingKind.GREEN_PEAK,
    FindingKind.VALLEY,
)
"""The telling ones first: what says only that the line goes up or down comes last."""


def callouts_of(findings: Sequence[Finding], trace: Trace) -> tuple[Callout, ...]:
    """Callouts from left to right.

    Of findings with the same mood that overlap on one step the most telling is labelled; a flowing
    set-up has no place of its own and none.
    """
    kept: list[Finding] = []
    for kind in _TELLING:
        for finding in findings:
            if finding.kind is not kind or any(_covers(other, finding) for other in kept):
                continue
            if sum(other.step_id == finding.step_id for other in kept) < MAX_PER_STEP:
                kept.append(finding)
    return tuple(
        sorted((_callout(one, trace) for one in kept), key=lambda callout: callout.position_s)
    )


def _covers(other: Finding, finding: Finding) -> bool:
    return (
        other.step_id == finding.step_id
        and other.mood == finding.mood
        and other.start_s <= finding.end_s
        and finding.start_s <= other.end_s
    )


def _callout(finding: Finding, trace: Trace) -> Callout:
    point = int(np.argmin(np.abs(trace.position_s - finding.position_s)))
    mean = float(trace.mean[point])
    return Callout(
        position_s=finding.position_s,
        valence=mean if np.isfinite(mean) else 0.0,
        title=_TITLES.get(finding.kind, finding.title),
        detail=detail_of(finding),
        kind=finding.mood,
        start_s=finding.start_s if finding.mood == "negative" else None,
        end_s=finding.end_s if finding.mood == "negative" else None,
        participants=finding.participants,
        certainty=certainty_of(finding),
        evidence=finding.evidence,
    )
