"""Stretches over which something holds without a break."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray


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
    filled = holds.copy()
    stretches = runs_of(holds)
    for (_, end), (start, _) in pairwise(stretches):
        if start - end <= max_points:
            filled[end:start] = True
    return filled
