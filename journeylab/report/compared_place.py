"""From a place of a comparison to the same place on either of its maps."""

from __future__ import annotations

import numpy as np

from journeylab.analysis.comparing import Comparison, StepDifference
from journeylab.analysis.journey import JourneyMap
from journeylab.report.scene import MomentTarget


def most_different_s(comparison: Comparison, step: StepDifference) -> float:
    """Where on a step, s on the shared axis, the two traces lie furthest apart in the direction
    that the step's difference has; its middle where nothing is known."""
    position_s = comparison.position_s
    inside = np.flatnonzero((position_s >= step.start_s) & (position_s < step.end_s))
    ahead = comparison.difference[inside] * (-1.0 if step.difference < 0 else 1.0)
    if not np.isfinite(ahead).any():
        return (step.start_s + step.end_s) / 2
    return float(position_s[inside[int(np.nanargmax(ahead))]])


def place_on(
    journey: JourneyMap, comparison: Comparison, target: MomentTarget
) -> MomentTarget | None:
    """What a place of the comparison is on one of its maps; None where that has no such step."""
    compared = comparison.steps[-1]
    for step in comparison.steps:
        if target.position_s < step.end_s:
            compared = step
            break
    own = next((step for step in journey.steps if step.step_id == compared.step_id), None)
    if own is None:
        return None
    length_s = max(compared.end_s - compared.start_s, 1e-9)
    share = (target.position_s - compared.start_s) / length_s
    return MomentTarget(own.start_s + share * (own.end_s - own.start_s), target.valence)
