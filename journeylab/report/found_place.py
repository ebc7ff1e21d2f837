"""What lies behind a place of the map that was clicked: a finding, an insight, or a mere point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from journeylab.analysis.journey import JourneyMap, MapStep
from journeylab.analysis.moments import MomentChoice, moments_at
from journeylab.analysis.signed import signed
from journeylab.report.evidence import MapFinding, clock_words, map_findings, step_at
from journeylab.report.map_trace import callout_target
from journeylab.report.scene import MomentTarget


@dataclass(frozen=True, slots=True, eq=False)
class FoundPlace:
    """The words of a place, and the moments behind it.

    ``kind`` is joy, negative, warning or neutral, empty for a mere point; ``nearest`` is the
    index of the choice that was clicked at. ``is_insight`` where the researcher may reword it.
    ``beside`` are findings at the same place, or on the same full step, that have no label.
    """

    title: str
    text: str
    kind: str
    who: str
    when: str
    how_sure: str
    step: MapStep
    position_s: float
    choices: tuple[MomentChoice, ...]
    nearest: int
    is_insight: bool = False
    beside: tuple[FoundPlace, ...] = ()


def place_of(journey: JourneyMap, target: MomentTarget) -> FoundPlace:
    """The finding that leads to this target, else the point of the trace."""
    all_found = map_findings(journey)
    found = next((one for one in all_found if one.target == target), None)
    if found is not None and found.witnesses:
        return replace(_of_finding(found), beside=_beside(journey, found, all_found))
    step = step_at(journey, target.position_s)
    choices, nearest = moments_at(
        journey, target.position_s, valence=target.valence, participants=target.participants
    )
    point = int(np.argmin(np.abs(journey.trace.position_s - target.position_s)))
    mean = float(journey.trace.mean[point])
    level = f"mean valence {signed(mean)}" if np.isfinite(mean) else "no valence measured"
    n = len(choices)
    return FoundPlace(
        title=step.title,
        text=f"{level[0].upper()}{level[1:]}",
        kind="",
        who=f"{n} session" if n == 1 else f"{n} sessions",
        when=f"{clock_words(target.position_s - step.start_s)} into {step.title}",
        how_sure="",
        step=step,
        position_s=target.position_s,
        choices=choices,
        nearest=nearest,
    )


def _beside(
    journey: JourneyMap, found: MapFinding, all_found: Sequence[MapFinding]
) -> tuple[FoundPlace, ...]:
    """What stands beside a label, in the order in which it is listed after it."""
    label = next((one for one in journey.callouts if callout_target(one) == found.target), None)
    if label is None or not found.is_callout:
        return ()
    first = all_found.index(found) + 1
    beside = all_found[first : first + len(label.beside)]
    return tuple(_of_finding(one) for one in beside if one.witnesses)


def _of_finding(found: MapFinding) -> FoundPlace:
    assert found.target is not None
    return FoundPlace(
        title=found.title,
        text=found.text,
        kind=found.kind,
        who=found.who,
        when=found.when,
        how_sure=found.how_sure,
        step=found.step,
        position_s=found.target.position_s,
        choices=tuple(witness.choice for witness in found.witnesses),
        nearest=0,
        is_insight=not found.is_callout,
    )
