"""Findings as labels on the trace: one label for what lies on the same place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
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
_OF_LINE: Final = (FindingKind.GREEN_PEAK, FindingKind.VALLEY)


def callouts_of(findings: Sequence[Finding], trace: Trace) -> tuple[Callout, ...]:
    """Callouts from left to right.

    Of findings with the same mood that overlap on one step the most telling is labelled, unless
    they are of different values of a segment; what has no label of its own stands beside its
    neighbour's. A flowing set-up has no place of its own and none.
    """
    kept: list[Finding] = []
    beside: dict[int, list[Finding]] = {}
    for kind in _TELLING:
        for finding in (one for one in findings if one.kind is kind):
            neighbour = _neighbour(finding, kept)
            if neighbour is None:
                beside[len(kept)] = []
                kept.append(finding)
            else:
                beside[neighbour].append(finding)
    labels = [
        replace(
            _callout(one, trace),
            beside=tuple(_callout(each, trace) for each in beside[place]),
        )
        for place, one in enumerate(kept)
    ]
    return tuple(sorted(labels, key=lambda callout: callout.position_s))


def _neighbour(finding: Finding, kept: Sequence[Finding]) -> int | None:
    """The place of the labelled finding this one stands beside: one that covers it, else on a step
    that is full the nearest; None where it has a label of its own."""
    on_step = [n for n, other in enumerate(kept) if other.step_id == finding.step_id]
    covering = [n for n in on_step if _covers(kept[n], finding)]
    if not covering and len(on_step) < MAX_PER_STEP:
        return None
    return min(covering or on_step, key=lambda n: abs(kept[n].position_s - finding.position_s))


def _covers(other: Finding, finding: Finding) -> bool:
    is_there = (
        other.step_id == finding.step_id
        and other.mood == finding.mood
        and other.start_s <= finding.end_s
        and finding.start_s <= other.end_s
    )
    if finding.kind in _OF_LINE and finding.segment is None:
        return is_there  # the line goes down for whoever frowns there
    return is_there and _value(other) == _value(finding)


def _value(finding: Finding) -> tuple[str, str] | None:
    return None if finding.segment is None else (finding.segment.name, finding.segment.value)


def _callout(finding: Finding, trace: Trace) -> Callout:
    point = int(np.argmin(np.abs(trace.position_s - finding.position_s)))
    mean = float(trace.mean[point])
    return Callout(
        position_s=finding.position_s,
        valence=mean if np.isfinite(mean) else 0.0,
        title=_TITLES.get(finding.kind, finding.title),
        detail=detail_of(finding),
        kind=finding.mood,
        start_s=finding.start_s,
        end_s=finding.end_s,
        participants=finding.told_participants,
        certainty=certainty_of(finding),
        evidence=finding.told_evidence,
    )
