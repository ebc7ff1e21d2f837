"""Two groups of participants compared on several steps at once, against chance.

Participants are shuffled between the groups as they are, with all their steps, and each step's
difference is held against the largest difference that any step shows then (Westfall & Young,
"Resampling-Based Multiple Testing", 1993, single-step maxT). So the steps together give a false
alarm as rarely as one would, and no more is asked of them than what they have in common allows.
"""

from __future__ import annotations

from itertools import combinations
from math import comb
from typing import Final

import numpy as np
from numpy.typing import NDArray

N_RESAMPLES: Final = 9999
_MOST_EXACT: Final = 5000
_LEAST: Final = 2
_TOLERANCE: Final = 1e-9


def difference_ps(
    first: NDArray[np.floating], second: NDArray[np.floating], *, rng: np.random.Generator
) -> list[float | None]:
    """Two-sided probabilities that chance alone gives as large a difference of means on any step.

    All ways to share the participants out are tried where there are at most 5000, else 9999 drawn.

    Parameters
    ----------
    first, second
        (participants, steps) of each group, NaN where somebody has no value.

    Returns
    -------
    One a step; None where fewer than two of either group have a value.
    """
    n = len(first)
    values = np.concatenate([first, second]).astype(np.float64)
    known = np.isfinite(values)
    is_tested = (known[:n].sum(axis=0) >= _LEAST) & (known[n:].sum(axis=0) >= _LEAST)
    if not is_tested.any():
        return [None] * values.shape[1]
    known = known[:, is_tested]
    filled = np.where(known, values[:, is_tested], 0.0)
    centred = np.where(known, filled - filled.sum(axis=0) / known.sum(axis=0), 0.0)
    spread = np.sqrt((centred**2).sum(axis=0) / np.maximum(known.sum(axis=0) - 1, 1))
    shares, is_exact = _shared_out(n, len(values), rng)
    sizes = _sizes(shares, centred, known, np.maximum(spread, _TOLERANCE))
    observed = _sizes(_as_it_is(n, len(values)), centred, known, np.maximum(spread, _TOLERANCE))[0]
    largest = sizes.max(axis=1)
    reached = (largest[:, None] >= observed[None, :] - _TOLERANCE).sum(axis=0)
    # Of all ways the one that happened is among them; of drawn ones it is added.
    added = 0 if is_exact else 1
    ps = iter((reached + added) / (len(shares) + added))
    return [float(next(ps)) if tested else None for tested in is_tested]


def _shared_out(n: int, n_all: int, rng: np.random.Generator) -> tuple[NDArray[np.float64], bool]:
    """(ways, participants) 1 for those who come into the first group; whether those are all."""
    is_exact = comb(n_all, n) <= _MOST_EXACT
    if is_exact:
        chosen = np.array(list(combinations(range(n_all), n)))
    else:
        chosen = np.argsort(rng.random((N_RESAMPLES, n_all), dtype=np.float32), axis=1)[:, :n]
    shares = np.zeros((len(chosen), n_all))
    np.put_along_axis(shares, chosen, 1.0, axis=1)
    return shares, is_exact


def _as_it_is(n: int, n_all: int) -> NDArray[np.float64]:
    return (np.arange(n_all) < n).astype(np.float64)[None, :]


def _sizes(
    shares: NDArray[np.float64],
    centred: NDArray[np.float64],
    known: NDArray[np.bool_],
    spread: NDArray[np.float64],
) -> NDArray[np.float64]:
    """(ways, steps) difference of the groups' means over its standard error; 0 where a way leaves
    a group without a value."""
    counts = shares @ known
    others = known.sum(axis=0) - counts
    sums = shares @ centred
    has_both = (counts > 0) & (others > 0)
    counts, others = np.maximum(counts, 1), np.maximum(others, 1)
    differences = np.abs((centred.sum(axis=0) - sums) / others - sums / counts)
    return np.where(has_both, differences / (spread * np.sqrt(1 / counts + 1 / others)), 0.0)
