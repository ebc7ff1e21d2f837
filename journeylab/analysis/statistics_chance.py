"""How often chance alone would bring participants' signs together, or a segment's into one hand."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import Final

import numpy as np
from numpy.typing import NDArray

N_SHIFTS: Final = 499
N_FLIPS: Final = 9999
_EXACT_UP_TO: Final = 13
"""All patterns of signs are tried up to this many participants: 2^13 is fewer than are drawn."""


@dataclass(frozen=True, slots=True, eq=False)
class Chance:
    """What counts shifted participants reach: ``most`` (shifts,) sorted, on the whole axis or in
    one window."""

    most: NDArray[np.int64]

    def p_of(self, count: float) -> float:
        """Probability that chance alone reaches this count."""
        reached = len(self.most) - int(np.searchsorted(self.most, count, side="left"))
        return (1 + reached) / (1 + len(self.most))

    def least_count(self, alpha: float) -> int:
        """The smallest count that chance alone reaches in at most ``alpha`` of cases."""
        count = 1
        while self.p_of(count) > alpha:
            count += 1
            if count > (self.most[-1] if len(self.most) else 0):
                break
        return count


def shifted(
    shown: NDArray[np.bool_], *, rng: np.random.Generator, n_shifts: int = N_SHIFTS
) -> Chance:
    """The highest number of participants at one point, were each one's time shifted at random.

    Each participant keeps what she showed, how often and how long; only when, against the others,
    is drawn. The axis is taken as a ring. Surrogates of this kind: Lancaster, Iatsenko, Pidde,
    Ticcinelli & Stefanovska, "Surrogate data for hypothesis testing of physical systems", Physics
    Reports 748, 2018, section 3.

    Parameters
    ----------
    shown
        (participants, points) at points of equal duration.
    """
    n, points = shown.shape
    starts = rng.integers(0, max(points, 1), (n_shifts, n))
    most = np.zeros(n_shifts, dtype=np.int64)
    if points == 0 or n == 0:
        return Chance(most)
    # Twice around: every start gives a view, and the counts are sums of short integers.
    ring = np.concatenate([shown, shown], axis=1).astype(np.uint16)
    turned = np.lib.stride_tricks.sliding_window_view(ring, points, axis=1)
    people = np.arange(n)
    for shift in range(n_shifts):
        most[shift] = turned[people, points - starts[shift]].sum(axis=0, dtype=np.uint16).max()
    return Chance(np.sort(most))


def shifted_into(
    shown: NDArray[np.bool_],
    window: slice,
    *,
    rng: np.random.Generator,
    n_shifts: int = N_SHIFTS,
) -> Chance:
    """How many participants show anything within one window, were each one's time shifted.

    Parameters
    ----------
    shown
        (participants, points) at points of equal duration.
    window
        The points of the window.
    """
    n, points = shown.shape
    if points == 0:
        return Chance(np.zeros(n_shifts, dtype=np.int64))
    width = window.stop - window.start
    ring = np.concatenate([shown, shown[:, :width]], axis=1).astype(np.int64)
    sums = np.concatenate([np.zeros((n, 1), dtype=np.int64), np.cumsum(ring, axis=1)], axis=1)
    hit = sums[:, width : width + points] > sums[:, :points]
    starts = rng.integers(0, points, (n_shifts, n))
    return Chance(np.sort(hit[np.arange(n)[None, :], starts].sum(axis=1)))


def sign_flip_p(differences: NDArray[np.floating], *, rng: np.random.Generator) -> float:
    """One-sided probability of a mean as high as that of ``differences`` (n,), by flipping signs.

    Exact up to thirteen values (Fisher 1935, "The Design of Experiments", section 21).
    """
    known = np.asarray(differences, dtype=np.float64)
    known = known[np.isfinite(known)]
    n = len(known)
    if n == 0:
        return 1.0
    if n <= _EXACT_UP_TO:
        patterns = (np.arange(2**n)[:, None] >> np.arange(n)) & 1
        sums = (1 - 2 * patterns) @ known
        return float(np.mean(sums >= known.sum() - 1e-9))
    sums = rng.choice((-1.0, 1.0), (N_FLIPS, n)) @ known
    return (1 + int(np.sum(sums >= known.sum() - 1e-9))) / (1 + N_FLIPS)


def more_often_p(n_shown: int, n: int, others_shown: int, others: int) -> float:
    """Probability that chance alone gives so large a share of ``n``, against that of ``others``.

    Fisher's exact test, one-sided, with the mid-p value, which is less timid with small groups
    (Lancaster 1961; Agresti, "Categorical Data Analysis", section 3.5).
    """
    total, shown = n + others, n_shown + others_shown
    ways = comb(total, shown)
    if ways == 0 or n == 0 or others == 0:
        return 1.0
    more = sum(
        comb(n, count) * comb(others, shown - count)
        for count in range(n_shown + 1, min(n, shown) + 1)
    )
    return (more + 0.5 * comb(n, n_shown) * comb(others, others_shown)) / ways
