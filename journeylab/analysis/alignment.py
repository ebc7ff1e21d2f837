"""Bring sessions of different pace, order and length onto one axis, step by step.

Within a step, time runs from 0 to 1 over all of a participant's visits to it, laid end to end;
a step that was skipped is missing, never zero. Columns of the map are as long as the median
participant stayed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.session_data import Columns
from journeylab.clock import NS_PER_S
from journeylab.study.model import Step
from journeylab.vocabulary import StepPhase

POINTS_PER_S: Final = 4.0
MIN_POINTS: Final = 48
MAX_POINTS: Final = 600
LONGEST_BRIDGED_GAP_S: Final = 1.0
"""Lost samples are bridged over at most this long; a longer gap stays NaN."""


class TimeBasis(StrEnum):
    """What time within a step is: a share of each stay, or seconds since the step was entered."""

    SHARE = "share"
    SECONDS = "seconds"


@dataclass(frozen=True, slots=True)
class Visit:
    """One stay at a step, in session time.

    ``number`` counts how often the step was entered; after a pause the same visit goes on, as a
    stay of its own.
    """

    step_id: str
    start_ns: int
    end_ns: int
    number: int = 1

    @property
    def duration_s(self) -> float:
        return (self.end_ns - self.start_ns) / NS_PER_S


@dataclass(frozen=True, slots=True)
class StepGrid:
    """How many points each step has on the map; the same for every session of a study."""

    step_ids: tuple[str, ...]
    n_points: tuple[int, ...]

    @property
    def size(self) -> int:
        return sum(self.n_points)

    def part(self, step_id: str) -> slice:
        """Where a step's points lie in an aligned array."""
        index = self.step_ids.index(step_id)
        start = sum(self.n_points[:index])
        return slice(start, start + self.n_points[index])

    def positions_s(self, durations_s: Sequence[float]) -> NDArray[np.float64]:
        """(n,) centre of each point on the axis, for steps of these durations."""
        parts = []
        start_s = 0.0
        for n, duration_s in zip(self.n_points, durations_s, strict=True):
            parts.append(start_s + (np.arange(n) + 0.5) / n * duration_s)
            start_s += duration_s
        return np.concatenate(parts) if parts else np.empty(0)


def grid_of(steps: Sequence[Step]) -> StepGrid:
    """The grid of a study: four points a planned second, within bounds."""
    return StepGrid(
        tuple(step.id for step in steps),
        tuple(
            int(np.clip(round(step.planned_s * POINTS_PER_S), MIN_POINTS, MAX_POINTS))
            for step in steps
        ),
    )


def visits_of(steps: Columns, *, end_ns: int) -> tuple[Visit, ...]:
    """Stays at steps, in the order they began, from step_id, phase and visit of ``steps``.

    A stay without an end marker (a session that broke off) lasts until the next step begins, or
    until ``end_ns``. Stays of no duration are left out.
    """
    visits: list[Visit] = []
    open_step: tuple[str, int, int] | None = None

    def close(t_ns: int) -> None:
        if open_step is not None:
            step_id, start_ns, number = open_step
            visits.append(Visit(step_id, start_ns, t_ns, number))

    order = np.argsort(steps.t_ns, kind="stable")
    for index in order:
        t_ns, step_id = int(steps.t_ns[index]), str(steps["step_id"][index])
        if str(steps["phase"][index]) == StepPhase.START:
            close(t_ns)
            open_step = (step_id, t_ns, int(steps["visit"][index]))
        elif open_step is not None and open_step[0] == step_id:
            close(t_ns)
            open_step = None
    if open_step is not None:
        close(max(end_ns, open_step[1]))
    return tuple(visit for visit in visits if visit.end_ns > visit.start_ns)


def time_on_steps_s(visits: Sequence[Visit]) -> dict[str, float]:
    """Time spent on each step that was reached, all its visits together."""
    durations_s: dict[str, float] = {}
    for visit in visits:
        durations_s[visit.step_id] = durations_s.get(visit.step_id, 0.0) + visit.duration_s
    return durations_s


def step_times_ns(
    visits: Sequence[Visit], step_id: str, *, n_points: int, total_ns: int | None = None
) -> NDArray[np.int64]:
    """(n_points,) session time behind each point of a step; -1 where it was not reached.

    The points stand for the time on the step, or for its first ``total_ns``.
    """
    stays = [visit for visit in visits if visit.step_id == step_id]
    if not stays:
        return np.full(n_points, -1, dtype=np.int64)
    lengths = np.array([visit.end_ns - visit.start_ns for visit in stays], dtype=np.int64)
    begins = np.concatenate([[0], np.cumsum(lengths)])
    span_ns = begins[-1] if total_ns is None else total_ns
    within = ((np.arange(n_points) + 0.5) / n_points * span_ns).astype(np.int64)
    within = np.minimum(within, begins[-1] - 1)
    stay = np.clip(np.searchsorted(begins, within, side="right") - 1, 0, len(stays) - 1)
    starts = np.array([visit.start_ns for visit in stays], dtype=np.int64)
    return np.asarray(starts[stay] + within - begins[stay], dtype=np.int64)


def align_step(
    t_ns: NDArray[np.int64],
    values: NDArray[np.floating],
    visits: Sequence[Visit],
    *,
    step_id: str,
    n_points: int,
    total_ns: int | None = None,
) -> NDArray[np.float64]:
    """Mean of the samples behind each point of one step.

    Parameters
    ----------
    t_ns, values
        (n,) and (n, k): sorted times and the signals at them, NaN where lost.
    visits, step_id
        The session's stays, and the step wanted.
    n_points
        Points of this step on the map.
    total_ns
        What they stand for together; the time on the step where None.

    Returns
    -------
    (n_points, k); NaN where nothing was measured for more than a second, or the step was not
    reached.
    """
    stays = [visit for visit in visits if visit.step_id == step_id]
    n_signals = values.shape[1]
    if total_ns is None:
        total_ns = sum(visit.end_ns - visit.start_ns for visit in stays)
    if not stays or total_ns <= 0:
        return np.full((n_points, n_signals), np.nan)
    sums = np.zeros((n_signals, n_points))
    counts = np.zeros((n_signals, n_points))
    before_ns = 0
    for visit in stays:
        low, high = np.searchsorted(t_ns, (visit.start_ns, visit.end_ns))
        within = t_ns[low:high] - visit.start_ns + before_ns
        point = np.minimum(within * n_points // total_ns, n_points - 1)
        here = np.ascontiguousarray(values[low:high].T, dtype=np.float64)
        is_whole = bool(np.isfinite(here).all())
        if is_whole:
            counts += np.bincount(point, minlength=n_points)
        for signal, own in enumerate(here):
            if is_whole:
                sums[signal] += np.bincount(point, own, minlength=n_points)
                continue
            known = np.isfinite(own)
            counts[signal] += np.bincount(point[known], minlength=n_points)
            sums[signal] += np.bincount(point[known], own[known], minlength=n_points)
        before_ns += visit.end_ns - visit.start_ns
    with np.errstate(invalid="ignore"):
        means = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan).T
    point_s = total_ns / NS_PER_S / n_points
    for signal in range(n_signals):
        means[:, signal] = _bridge_gaps(means[:, signal], point_s)
    return means


def align(
    t_ns: NDArray[np.int64],
    values: NDArray[np.floating],
    visits: Sequence[Visit],
    *,
    grid: StepGrid,
) -> NDArray[np.float64]:
    """(grid.size, k): :func:`align_step` for every step of the grid, one after the other."""
    parts = [
        align_step(t_ns, values, visits, step_id=step_id, n_points=n)
        for step_id, n in zip(grid.step_ids, grid.n_points, strict=True)
    ]
    return np.concatenate(parts) if parts else np.empty((0, values.shape[1]))


def axis_durations_s(
    sessions: Sequence[Mapping[str, float]], steps: Sequence[Step]
) -> tuple[float, ...]:
    """Length of each step on the map: the median time of those who reached it.

    A step nobody reached keeps its planned duration, so that it still has its place.
    """
    durations_s = []
    for step in steps:
        spent = [session[step.id] for session in sessions if step.id in session]
        durations_s.append(float(np.median(spent)) if spent else step.planned_s)
    return tuple(durations_s)


def _bridge_gaps(values: NDArray[np.float64], point_s: float) -> NDArray[np.float64]:
    known = np.flatnonzero(np.isfinite(values))
    if len(known) == 0 or len(known) == len(values):
        return values
    everywhere = np.arange(len(values))
    bridged = np.interp(everywhere, known, values[known])
    after = np.minimum(np.searchsorted(known, everywhere), len(known) - 1)
    before = np.maximum(np.searchsorted(known, everywhere, side="right") - 1, 0)
    # Between two known points the gap is their distance; beyond the last one, that to it.
    gap = np.where(
        (known[before] <= everywhere) & (known[after] >= everywhere),
        known[after] - known[before],
        np.minimum(np.abs(known[after] - everywhere), np.abs(everywhere - known[before])),
    )
    return np.where(gap * point_s <= LONGEST_BRIDGED_GAP_S, bridged, np.nan)
