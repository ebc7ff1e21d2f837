"""The study's own expressions in a session: how long, how strong and when, by step."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.runs import Span, dwell_s, within
from journeylab.study.model import Expression


@dataclass(frozen=True, slots=True)
class ExpressionMeasure:
    """One expression on one step of one session.

    ``share_above`` is the share of the time with a face, 0..1, during which it reached the
    study's threshold; ``peak`` its highest intensity 0..1, at session time ``peak_ns``. NaN and
    None where no face was measured.
    """

    share_above: float
    peak: float
    peak_ns: int | None


def intensities_of(
    expressions: Sequence[Expression], action_units: NDArray[np.floating]
) -> NDArray[np.float64]:
    """(n, expressions) intensities 0..1 from action units (n, 22); NaN stays NaN."""
    if not expressions:
        return np.empty((len(action_units), 0))
    return np.column_stack([one.intensity(action_units) for one in expressions])


def expression_measures(
    t_ns: NDArray[np.int64],
    intensity: NDArray[np.floating],
    spans: Mapping[str, Sequence[Span]],
    *,
    threshold: float,
) -> dict[str, ExpressionMeasure]:
    """One expression's measures on every step, by its id.

    Parameters
    ----------
    t_ns, intensity
        (n,) sorted times and intensities, NaN where no face was measured.
    spans
        The stays at each step.
    threshold
        From which on the expression counts as shown.
    """
    stands_s = dwell_s(t_ns)
    is_known = np.isfinite(intensity)
    is_above = np.nan_to_num(intensity, nan=-1.0) >= threshold
    measures = {}
    for name, own in spans.items():
        here = within(t_ns, own) & is_known
        measured_s = float(stands_s[here].sum())
        if measured_s <= 0:
            measures[name] = ExpressionMeasure(math.nan, math.nan, None)
            continue
        at = np.flatnonzero(here)
        strongest = int(at[np.argmax(intensity[at])])
        measures[name] = ExpressionMeasure(
            share_above=float(stands_s[here & is_above].sum()) / measured_s,
            peak=float(intensity[strongest]),
            peak_ns=int(t_ns[strongest]),
        )
    return measures
