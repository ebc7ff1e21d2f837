"""The team's expected map set against the measured one: what the map shows of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from journeylab.analysis.detectors.finding import ALPHA, SURE_N, SURE_P, Sureness


@dataclass(frozen=True, slots=True)
class StepGap:
    """One step as expected and as measured, both valence -100..+100.

    ``measured`` is the mean over ``n`` participants, NaN for nobody; ``words`` what the team
    expected, in its own words; ``p`` the probability that chance alone gives as large a gap on any
    step, None where it cannot be tested; ``position_s`` the middle of the step on the map's axis.
    """

    step_id: str
    title: str
    position_s: float
    expected: float
    measured: float
    n: int
    p: float | None = None
    words: str = ""

    @property
    def gap(self) -> float:
        """Measured less expected; NaN where nobody was measured."""
        return self.measured - self.expected

    @property
    def is_measured(self) -> bool:
        return math.isfinite(self.measured)

    @property
    def sureness(self) -> Sureness | None:
        """How sure the gap is; None where chance may well give it."""
        if self.p is None or self.p > ALPHA:
            return None
        return Sureness.SURE if self.p <= SURE_P and self.n >= SURE_N else Sureness.LIKELY


@dataclass(frozen=True, slots=True)
class Expectation:
    """The newest version of what the team expected, with its gaps in the order of the steps.

    ``version`` counts from 1. ``is_before`` where it was locked before the first session of the
    study was recorded, None where that is not known. ``unknown`` are expected steps the study does
    not have.
    """

    version: int
    authors: str
    locked_utc: str
    is_before: bool | None
    gaps: tuple[StepGap, ...]
    unknown: tuple[str, ...] = ()

    @property
    def largest(self) -> tuple[StepGap, ...]:
        """Measured steps, the largest gap first."""
        measured = [gap for gap in self.gaps if gap.is_measured]
        return tuple(sorted(measured, key=lambda one: -abs(one.gap)))
