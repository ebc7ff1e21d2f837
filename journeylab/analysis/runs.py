"""Stretches of time: where something holds without a break, and how long samples stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from journeylab.clock import NS_PER_S

LONGEST_SAMPLE_S: Final = 0.1
"""A sample stands for the time to the next one, at most this long: a lost face does nothing."""

Span: TypeAlias = tuple[int, int]
"""From one session time to before another, ns."""


def runs_of(holds: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Half-open index ranges over which ``holds`` (n,) is true."""
    edges = np.diff(np.concatenate([[0], holds.astype(np.int8), [0]]))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return [(int(start), int(end)) for start, end in zip(starts, ends, strict=True)]


def keep_long_runs(holds: NDArray[np.bool_], *, min_points: int) -> NDArray[np.bool_]:
    """The same, without the stretches shorter than ``min_points``."""
    kept = np.zeros(len(holds), dtype=np.bool_)
    for start, end in runs_of(holds):
        if end - start >= min_points:
            kept[start:end] = True
    return kept


def close_short_breaks(holds: NDArray[np.bool_], *, max_points: int) -> NDArray[np.bool_]:
    """The same, with breaks of at most ``max_points`` between two stretches filled."""
    edges = np.diff(np.concatenate([[0], holds.astype(np.int8), [0]]))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    is_short = starts[1:] - ends[:-1] <= max_points
    edges[starts[1:][is_short]] = 0
    edges[ends[:-1][is_short]] = 0
    return np.asarray(np.cumsum(edges)[:-1] > 0, dtype=np.bool_)


def within(t_ns: NDArray[np.int64], spans: Sequence[Span]) -> NDArray[np.bool_]:
    """(n,) whether each time lies in one of the spans."""
    inside = np.zeros(len(t_ns), dtype=np.bool_)
    for start_ns, end_ns in spans:
        inside |= (t_ns >= start_ns) & (t_ns < end_ns)
    return inside


def dwell_s(t_ns: NDArray[np.int64]) -> NDArray[np.float64]:
    """(n,) the time each sample stands for, from sorted times."""
    if len(t_ns) == 0:
        return np.empty(0)
    stands_s = np.append(np.diff(t_ns) / NS_PER_S, LONGEST_SAMPLE_S / 3)
    return np.asarray(np.clip(stands_s, 0, LONGEST_SAMPLE_S), dtype=np.float64)
