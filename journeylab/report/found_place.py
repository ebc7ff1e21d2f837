"""What lies behind a place of the map that was clicked: a finding, an insight, or a mere point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from journeylab.analysis.journey import JourneyMap, MapStep
from journeylab.analysis.moments import MomentChoice, moments_at
from journeylab.analysis.signed import signed
from journeylab.report.evidence import MapFinding, clock_words, map_findings, step_at
from journeylab.report.scene import MomentTarget


@dataclass(frozen=True, slots=True, eq=False)
class FoundPlace:
    """The words of a place, and the moments behind it.

    ``kind`` is joy, negative, warning or neutral, empty for a mere point; ``nearest`` is the
    index of the choice that was clicked at. ``is_insight`` where the researcher may reword it.
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


def place_of(journey: JourneyMap, target: MomentTarget) -> FoundPlace:
    """The finding that leads to this target, else the point of the trace."""
    found = next((one for one in map_findings(journey) if one.target == target), None)
    if found is not None and found.witnesses:
        return _of_finding(found, target)
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


def _of_finding(found: MapFinding, target: MomentTarget) -> FoundPlace:
    return FoundPlace(
        title=found.title,
        text=found.text,
        kind=found.kind,
        who=found.who,
        when=found.when,
        how_sure=found.how_sure,
        step=found.step,
        position_s=target.position_s,
        choices=tuple(witness.choice for witness in found.witnesses),
        nearest=0,
        is_insight=not found.is_callout,
    )
