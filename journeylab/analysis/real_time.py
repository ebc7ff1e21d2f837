"""The same sessions on an axis of real seconds: each step counted from when it was entered.

Within a step, time runs on over all visits laid end to end, as long as each participant stayed;
nothing is stretched. So fewer and fewer stand behind the later points of a step, which the trace
tells by its number of sessions, and a step ends where nine of ten have left it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.alignment import (
    MAX_POINTS,
    POINTS_PER_S,
    StepGrid,
    Visit,
    align_step,
    step_times_ns,
    visits_of,
)
from journeylab.analysis.cache import content_of
from journeylab.analysis.expressions import intensities_of
from journeylab.analysis.read_once import ReadOnce
from journeylab.analysis.readers import Readers
from journeylab.analysis.reading import SIGNALS, STATES_READ, UNITS, AlignedSession
from journeylab.analysis.session_data import SessionData
from journeylab.analysis.study_sessions import Progress, Reading
from journeylab.clock import NS_PER_S
from journeylab.study.model import Expression, Step
from journeylab.vocabulary import ACTION_UNIT_COLUMNS

LEFT_SHARE: Final = 0.9
"""A step is as long as its stays but for the longest tenth: one who slept must not be the axis."""
LEAST_POINTS: Final = 8
_PART: Final = "seconds"
_POINT_NS: Final = round(NS_PER_S / POINTS_PER_S)


@dataclass(frozen=True, slots=True, eq=False)
class SecondsSignals:
    """One session at four points a second of each step it reached, one step after another.

    ``n_points`` by step; ``signals`` (n, len(SIGNALS)) and ``t_ns`` (n,) at these points,
    ``expressions`` (n,) by name; NaN where nothing was measured.
    """

    n_points: dict[str, int]
    signals: NDArray[np.float32]
    t_ns: NDArray[np.int64]
    expressions: dict[str, NDArray[np.float32]]

    def part(self, step_id: str) -> slice:
        """Where a step's points lie; empty for one that was not reached."""
        start = 0
        for name, n in self.n_points.items():
            if name == step_id:
                return slice(start, start + n)
            start += n
        return slice(0, 0)


@dataclass(frozen=True, slots=True)
class SecondsAxis:
    """The axis of a study: ``factors`` points of a session make one of the grid's, by step;
    ``lengths_s`` by step."""

    grid: StepGrid
    factors: tuple[int, ...]
    lengths_s: tuple[float, ...]


def seconds_axis(durations_s: Sequence[Mapping[str, float]], steps: Sequence[Step]) -> SecondsAxis:
    """The axis for sessions that spent so long on each step, by its id.

    A step nobody reached keeps its planned duration.
    """
    n_points, factors, lengths_s = [], [], []
    for step in steps:
        spent_s = [session[step.id] for session in durations_s if step.id in session]
        length_s = (
            float(np.quantile(spent_s, LEFT_SHARE, method="higher")) if spent_s else step.planned_s
        )
        own = max(math.ceil(length_s * POINTS_PER_S), LEAST_POINTS)
        factor = -(-own // MAX_POINTS)
        n = -(-own // factor)
        n_points.append(n)
        factors.append(factor)
        lengths_s.append(n * factor / POINTS_PER_S)
    grid = StepGrid(tuple(step.id for step in steps), tuple(n_points))
    return SecondsAxis(grid, tuple(factors), tuple(lengths_s))


def read_seconds(bundle: SessionData, expressions: Sequence[Expression]) -> SecondsSignals:
    """Read the signals of one session at four points a second of each step."""
    bundle = ReadOnce(bundle)
    steps = bundle.table("steps", columns=("step_id", "phase", "visit"))
    visits = visits_of(steps, end_ns=bundle.end_ns)
    n_points: dict[str, int] = {}
    for step_id in dict.fromkeys(visit.step_id for visit in visits):
        spent_ns = sum(v.end_ns - v.start_ns for v in visits if v.step_id == step_id)
        n_points[step_id] = max(1, -(-spent_ns // _POINT_NS))
    affect = bundle.table("affect", columns=("valence", *STATES_READ))
    units = bundle.table("action_units", columns=ACTION_UNIT_COLUMNS if expressions else UNITS)
    felt = np.column_stack([affect[name] for name in ("valence", *STATES_READ)])
    moved = np.column_stack([units[name] for name in UNITS])
    signals = np.hstack(
        [
            _aligned(affect.t_ns, felt, visits, n_points),
            _aligned(units.t_ns, moved, visits, n_points),
        ]
    )
    own: dict[str, NDArray[np.float32]] = {}
    if expressions:
        every = np.column_stack([units[name] for name in ACTION_UNIT_COLUMNS])
        shown = _aligned(units.t_ns, intensities_of(expressions, every), visits, n_points)
        own = {one.name: shown[:, place] for place, one in enumerate(expressions)}
    times_ns = [
        step_times_ns(visits, step_id, n_points=n, total_ns=n * _POINT_NS)
        for step_id, n in n_points.items()
    ]
    t_ns = np.concatenate([np.empty(0, dtype=np.int64), *times_ns])
    return SecondsSignals(n_points, signals, t_ns, own)


def in_seconds(
    readers: Readers,
    sessions: Sequence[AlignedSession],
    *,
    progress: Progress | None = None,
) -> tuple[tuple[AlignedSession, ...], SecondsAxis]:
    """The sessions on a common axis of real seconds.

    Their signals are read from the cache, else from their bundles.

    Raises
    ------
    BundleError
        When a bundle that was read before cannot be read any more.
    """
    reading = readers.reading
    axis = seconds_axis([each.durations_s for each in sessions], reading.folder.study.steps)
    found: dict[Path, SecondsSignals] = {}
    for session in sessions:
        kept = _from_cache(reading, session.summary.path)
        if kept is not None:
            found[session.summary.path] = kept
    missing = [each.summary.path for each in sessions if each.summary.path not in found]
    for path, signals in readers.each(read_seconds_of, missing):
        found[path] = signals
        if progress is not None:
            progress(len(found) / len(sessions))
    return tuple(on_axis(each, found[each.summary.path], axis) for each in sessions), axis


def read_seconds_of(reading: Reading, path: Path) -> SecondsSignals:
    """The signals of one session from its bundle, kept in the cache."""
    with reading.opened(path) as bundle:
        signals = read_seconds(bundle, reading.folder.study.expressions)
    if reading.cache is not None:
        reading.cache.put(path, _PART, content_of(path), signals)
    return signals


def on_axis(session: AlignedSession, signals: SecondsSignals, axis: SecondsAxis) -> AlignedSession:
    """A session with its signals in real seconds; NaN after it left a step."""
    values, times_ns = [], []
    own: dict[str, list[NDArray[np.float32]]] = {name: [] for name in signals.expressions}
    for step_id, n, factor in zip(
        axis.grid.step_ids, axis.grid.n_points, axis.factors, strict=True
    ):
        part = signals.part(step_id)
        values.append(_pooled(signals.signals[part], n, factor))
        for name, each in signals.expressions.items():
            own[name].append(_pooled(each[part, None], n, factor)[:, 0])
        padded = np.full(n * factor, -1, dtype=np.int64)
        here = signals.t_ns[part][: n * factor]
        padded[: len(here)] = here
        # The point's middle; its first one where the session left before that.
        middle, first = padded[factor // 2 :: factor], padded[::factor]
        times_ns.append(np.where(middle >= 0, middle, first))
    return replace(
        session,
        signals=np.concatenate(values),
        t_ns=np.concatenate(times_ns),
        expressions={name: np.concatenate(parts) for name, parts in own.items()},
        axis_s=dict(zip(axis.grid.step_ids, axis.lengths_s, strict=True)),
    )


def seconds_notes(sessions: Sequence[AlignedSession], axis: SecondsAxis) -> tuple[str, ...]:
    """That the axis is of seconds, and what it leaves out where a stay is longer than its step."""
    basis = "Time within each step is in real seconds from entering it."
    lengths_s = dict(zip(axis.grid.step_ids, axis.lengths_s, strict=True))
    n_cut = sum(
        spent_s > lengths_s.get(step_id, math.inf)
        for session in sessions
        for step_id, spent_s in session.durations_s.items()
    )
    if not n_cut:
        return (basis,)
    stays = "One long stay is" if n_cut == 1 else f"{n_cut} long stays are"
    return (basis, f"{stays} cut where nine of ten had left the step.")


def _from_cache(reading: Reading, path: Path) -> SecondsSignals | None:
    if reading.cache is None:
        return None
    kept = reading.cache.get(path, _PART, content_of(path), SecondsSignals)
    if kept is None:
        return None
    n = sum(kept.n_points.values())
    shapes = [kept.t_ns.shape, *(each.shape for each in kept.expressions.values())]
    is_whole = kept.signals.shape == (n, len(SIGNALS)) and all(each == (n,) for each in shapes)
    names = {one.name for one in reading.folder.study.expressions}
    return kept if is_whole and set(kept.expressions) == names else None


def _aligned(
    t_ns: NDArray[np.int64],
    values: NDArray[np.floating],
    visits: Sequence[Visit],
    n_points: Mapping[str, int],
) -> NDArray[np.float32]:
    parts = [
        align_step(
            t_ns, values, visits, step_id=step_id, n_points=n, total_ns=n * _POINT_NS
        ).astype(np.float32)
        for step_id, n in n_points.items()
    ]
    return np.concatenate([np.empty((0, values.shape[1]), dtype=np.float32), *parts])


def _pooled(values: NDArray[np.float32], n: int, factor: int) -> NDArray[np.float32]:
    """(n, k) means of ``factor`` neighbours each; NaN where there is none."""
    padded = np.full((n * factor, values.shape[1]), np.nan, dtype=np.float32)
    here = values[: n * factor]
    padded[: len(here)] = here
    if factor == 1:
        return padded
    groups = padded.reshape(n, factor, -1)
    counts = np.isfinite(groups).sum(axis=1)
    sums = np.nansum(groups, axis=1)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan).astype(np.float32)
