"""Two maps set against each other, step by step: two studies, two rounds, or two segments.

Steps are matched by their id. On each, the participants' mean valence of one map is tested against
that of the other by shuffling participants, all steps at once (``statistics_compare``). How many
reach a step is tested by Fisher's exact test, raised for the number of steps (Holm, "A Simple
Sequentially Rejective Multiple Test Procedure", Scand. J. Statistics 6, 1979). Participants of both
maps count as different people: an id says nothing across studies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis import aggregate
from journeylab.analysis.detectors.finding import ALPHA, SURE_N, SURE_P, Finding, Sureness
from journeylab.analysis.journey import JourneyMap, MapStep
from journeylab.analysis.statistics_chance import raised_for_number
from journeylab.analysis.statistics_compare import difference_ps
from journeylab.errors import AnalysisError

SMALL_GROUP: Final = 5
"""A step with fewer participants on either side is marked."""
BAND: Final = 0.95
_SEED: Final = 20_261_127


@dataclass(frozen=True, slots=True, eq=False)
class ComparedMap:
    """One of the two maps, on the axis both share.

    ``mean``, ``low`` and ``high`` (n,) are its trace at the comparison's positions; ``day`` is the
    day of its last session, empty where it has none.
    """

    name: str
    day: str
    n_usable: int
    n_all: int
    n_people: int
    n_simulated: int
    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StepOfMap:
    """What one map has on a step: mean valence over ``n`` participants (NaN for nobody), and how
    many of its ``n_people`` reached it."""

    valence: float
    n: int
    n_reached: int
    n_people: int


@dataclass(frozen=True, slots=True)
class StepDifference:
    """One step of both maps, from ``start_s`` to ``end_s`` on the shared axis.

    ``difference`` is the second's valence less the first's, with its 95 % interval ``low`` to
    ``high`` (Welch); ``p`` the probability that chance alone gives as large a one on any step, None
    where nothing can be tested. ``reached_p`` is that of the shares that reached it.
    """

    step_id: str
    title: str
    stage: str
    start_s: float
    end_s: float
    first: StepOfMap
    second: StepOfMap
    difference: float
    low: float
    high: float
    p: float | None
    reached_p: float | None

    @property
    def is_small(self) -> bool:
        """Whether so few participants stand on one side that only a huge difference could show."""
        return min(self.first.n, self.second.n) < SMALL_GROUP

    @property
    def sureness(self) -> Sureness | None:
        """How sure the difference of valence is; None where chance may well give it."""
        if self.p is None or self.p > ALPHA:
            return None
        is_sure = self.p <= SURE_P and self.first.n + self.second.n >= SURE_N
        return Sureness.SURE if is_sure else Sureness.LIKELY

    @property
    def mood(self) -> str:
        """joy where the second is better, negative where worse, neutral where neither shows."""
        if self.sureness is None:
            return "neutral"
        return "joy" if self.difference > 0 else "negative"


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """The second map against the first.

    ``position_s`` (n,) is the shared axis: the steps both have, each as long as in the second map;
    ``difference`` (n,) the second's trace less the first's. ``only_first`` and ``only_second`` are
    titles of steps the other does not have. ``gone`` are the first's findings which the second has
    not, ``new`` the second's which the first has not, on shared steps.
    """

    first: ComparedMap
    second: ComparedMap
    steps: tuple[StepDifference, ...]
    position_s: NDArray[np.float64]
    difference: NDArray[np.float64]
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    gone: tuple[Finding, ...] = ()
    new: tuple[Finding, ...] = ()
    is_reordered: bool = False

    @property
    def better(self) -> tuple[StepDifference, ...]:
        """Steps on which the second is better, the largest difference first."""
        return tuple(sorted((s for s in self.steps if s.mood == "joy"), key=_size))

    @property
    def worse(self) -> tuple[StepDifference, ...]:
        """Steps on which the second is worse, the largest difference first."""
        return tuple(sorted((s for s in self.steps if s.mood == "negative"), key=_size))

    @property
    def unclear(self) -> tuple[StepDifference, ...]:
        """Steps whose difference chance may well give, in the order of the axis."""
        return tuple(step for step in self.steps if step.mood == "neutral")


def compare_maps(
    first: JourneyMap, second: JourneyMap, *, names: tuple[str, str], seed: int = _SEED
) -> Comparison:
    """Set a second map against a first.

    Parameters
    ----------
    names
        What the two are called, such as ``("Round 1", "Round 2")``.
    seed
        Of the permutations where all are too many, so that the same sessions give the same answer.

    Raises
    ------
    AnalysisError
        When the two share no step.
    """
    by_id = {step.step_id: step for step in first.steps}
    pairs = [(by_id[step.step_id], step) for step in second.steps if step.step_id in by_id]
    if not pairs:
        raise AnalysisError(
            f"“{names[0]}” and “{names[1]}” have no step in common: steps are matched by their id, "
            f"and these are {_ids(first)} there, {_ids(second)} here.",
            remedy="Give the same steps the same id in both study.toml files.",
        )
    ps = difference_ps(
        _person_means(first, [one for one, _ in pairs]),
        _person_means(second, [other for _, other in pairs]),
        rng=np.random.default_rng(seed),
    )
    position_s, curves, starts = _shared_axis(first, second, pairs)
    steps = [
        _difference(first, second, pair, start_s=start_s, p=p)
        for pair, start_s, p in zip(pairs, starts, ps, strict=True)
    ]
    shared = {step.step_id for _, step in pairs}
    known = [step.step_id for step in first.steps if step.step_id in shared]
    return Comparison(
        first=_compared(first, names[0], curves[0]),
        second=_compared(second, names[1], curves[1]),
        steps=_with_reached_raised(steps),
        position_s=position_s,
        difference=curves[1][0] - curves[0][0],
        only_first=tuple(step.title for step in first.steps if step.step_id not in shared),
        only_second=tuple(step.title for step in second.steps if step.step_id not in shared),
        gone=_not_in(first.findings, second.findings, shared),
        new=_not_in(second.findings, first.findings, shared),
        is_reordered=known != [step.step_id for _, step in pairs],
    )


def step_means(journey: JourneyMap, step: MapStep) -> NDArray[np.float64]:
    """(participants,) mean valence of each on a step, of those measured there."""
    means = _person_means(journey, [step])[:, 0]
    return means[np.isfinite(means)]


def _person_means(journey: JourneyMap, steps: Sequence[MapStep]) -> NDArray[np.float64]:
    """(participants, steps) mean valence, NaN where somebody was not measured."""
    if not journey.sessions:
        return np.empty((0, len(steps)))
    position_s = journey.trace.position_s
    people = [session.summary.participant_id for session in journey.sessions]
    valence = aggregate.by_participant(
        np.stack([session.valence for session in journey.sessions]), people
    )
    known = np.isfinite(valence)
    means = np.full((len(valence), len(steps)), np.nan)
    for place, step in enumerate(steps):
        part = (position_s >= step.start_s) & (position_s < step.end_s)
        counts = known[:, part].sum(axis=1)
        sums = np.where(known, valence, 0.0)[:, part].sum(axis=1)
        means[:, place] = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    return means


def holm(ps: Sequence[float | None]) -> list[float | None]:
    """Each probability raised for their number after Holm; what is not tested stays None."""
    raised = iter(raised_for_number([p for p in ps if p is not None]))
    return [None if p is None else next(raised) for p in ps]


def _shared_axis(
    first: JourneyMap, second: JourneyMap, pairs: Sequence[tuple[MapStep, MapStep]]
) -> tuple[
    NDArray[np.float64],
    tuple[tuple[NDArray[np.float64], ...], tuple[NDArray[np.float64], ...]],
    list[float],
]:
    """Positions, (mean, low, high) of both traces there, and where each step starts."""
    positions: list[NDArray[np.float64]] = []
    parts: tuple[list[list[NDArray[np.float64]]], ...] = ([], [])
    starts, start_s = [], 0.0
    for one, other in pairs:
        at = second.trace.position_s
        at = at[(at >= other.start_s) & (at < other.end_s)]
        duration_s = other.end_s - other.start_s
        share = (at - other.start_s) / max(duration_s, 1e-9)
        positions.append(start_s + share * duration_s)
        parts[0].append(_at_shares(first, one, share))
        parts[1].append(_at_shares(second, other, share))
        starts.append(start_s)
        start_s += duration_s
    curves = tuple(
        tuple(np.concatenate([part[place] for part in of]) for place in range(3)) for of in parts
    )
    return np.concatenate(positions), (curves[0], curves[1]), starts


def _at_shares(
    journey: JourneyMap, step: MapStep, share: NDArray[np.float64]
) -> list[NDArray[np.float64]]:
    trace = journey.trace
    part = (trace.position_s >= step.start_s) & (trace.position_s < step.end_s)
    own = (trace.position_s[part] - step.start_s) / max(step.end_s - step.start_s, 1e-9)
    curves = (trace.mean, trace.low, trace.high)
    return [np.interp(share, own, curve[part]) for curve in curves]


def _difference(
    first: JourneyMap,
    second: JourneyMap,
    pair: tuple[MapStep, MapStep],
    *,
    start_s: float,
    p: float | None,
) -> StepDifference:
    before, after = (
        step_means(journey, step) for journey, step in zip((first, second), pair, strict=True)
    )
    sides = tuple(
        StepOfMap(
            float(values.mean()) if len(values) else float("nan"),
            len(values),
            step.n_reached,
            _n_people(journey),
        )
        for journey, step, values in zip((first, second), pair, (before, after), strict=True)
    )
    low, high = _interval(before, after)
    step = pair[1]
    return StepDifference(
        step_id=step.step_id,
        title=step.title,
        stage=step.stage,
        start_s=start_s,
        end_s=start_s + step.end_s - step.start_s,
        first=sides[0],
        second=sides[1],
        difference=sides[1].valence - sides[0].valence,
        low=low,
        high=high,
        p=p,
        reached_p=_reached_p(sides[0], sides[1]),
    )


def _with_reached_raised(steps: Sequence[StepDifference]) -> tuple[StepDifference, ...]:
    reached = holm([step.reached_p for step in steps])
    return tuple(replace(step, reached_p=p) for step, p in zip(steps, reached, strict=True))


def _interval(before: NDArray[np.float64], after: NDArray[np.float64]) -> tuple[float, float]:
    """95 % interval of the difference of means (Welch 1947); NaN where it has none."""
    nothing = float("nan"), float("nan")
    if min(len(before), len(after)) < 2 or max(np.ptp(before), np.ptp(after)) == 0:
        return nothing
    from scipy.stats import ttest_ind

    interval = ttest_ind(after, before, equal_var=False).confidence_interval(BAND)
    return float(interval.low), float(interval.high)


def _reached_p(one: StepOfMap, other: StepOfMap) -> float | None:
    if min(one.n_people, other.n_people) < 2:
        return None
    from scipy.stats import fisher_exact

    table = [[side.n_reached, side.n_people - side.n_reached] for side in (one, other)]
    return float(fisher_exact(table).pvalue)


def _compared(
    journey: JourneyMap, name: str, curves: tuple[NDArray[np.float64], ...]
) -> ComparedMap:
    mean, low, high = curves
    return ComparedMap(
        name=name,
        day=journey.created,
        n_usable=journey.n_usable,
        n_all=journey.n_all,
        n_people=_n_people(journey),
        n_simulated=journey.n_simulated,
        mean=mean,
        low=low,
        high=high,
    )


def _not_in(
    findings: Sequence[Finding], others: Sequence[Finding], steps: set[str]
) -> tuple[Finding, ...]:
    known = {(one.kind, one.step_id) for one in others}
    return tuple(
        one
        for one in findings
        if one.is_alarm and one.step_id in steps and (one.kind, one.step_id) not in known
    )


def _n_people(journey: JourneyMap) -> int:
    return len({session.summary.participant_id for session in journey.sessions})


def _ids(journey: JourneyMap) -> str:
    names = [step.step_id for step in journey.steps]
    return ", ".join(names[:4]) + (" …" if len(names) > 4 else "")


def _size(step: StepDifference) -> float:
    return -abs(step.difference)
