"""How often chance alone would bring participants' signs together, or a segment's into one hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from typing import Final

import numpy as np
from numpy.typing import NDArray

N_SHIFTS: Final = 999
_CELLS_AT_ONCE: Final = 1_000_000
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

    def mid_p_of(self, count: float) -> float:
        """The same with the mid-p value: cases that reach just this count weigh half. Where few
        counts are possible the plain probability is timid (Lancaster 1961)."""
        above = len(self.most) - int(np.searchsorted(self.most, count, side="right"))
        equal = len(self.most) - int(np.searchsorted(self.most, count, side="left")) - above
        return (above + 0.5 * (equal + 1)) / (1 + len(self.most))

    def least_count(self, alpha: float) -> int:
        """The smallest count that chance alone reaches in at most ``alpha`` of cases."""
        count = 1
        while self.p_of(count) > alpha:
            count += 1
            if count > (self.most[-1] if len(self.most) else 0):
                break
        return count


def shifted(
    shown: NDArray[np.bool_],
    *,
    rng: np.random.Generator,
    reaches: Sequence[tuple[slice, int]] = (),
    n_shifts: int = N_SHIFTS,
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
    reaches
        Parts of the axis, and by how many points what is shown is widened there to either side
        after it was shifted: one step's reach is longer than another's. Without any, nowhere.
    """
    n, points = shown.shape
    most = np.zeros(n_shifts, dtype=np.int64)
    if points == 0 or n == 0:
        return Chance(most)
    starts = rng.integers(0, points, (n_shifts, n))
    people = np.arange(n)
    count = np.uint8 if n < 256 else np.uint16  # sums of short integers are fast
    for part, reach in reaches or ((slice(0, points), 0),):
        width = part.stop - part.start
        if width <= 0:
            continue
        # Twice around: every start gives a view.
        wide = _widened(shown, reach).astype(count)
        views = np.lib.stride_tricks.sliding_window_view(np.tile(wide, 2), width, axis=1)
        first = (part.start - starts) % points
        at_once = max(1, _CELLS_AT_ONCE // (n * width))
        for low in range(0, n_shifts, at_once):
            counts = views[people, first[low : low + at_once]].sum(axis=1, dtype=count)
            most[low : low + at_once] = np.maximum(most[low : low + at_once], counts.max(axis=1))
    return Chance(np.sort(most))


def _widened(shown: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    """What is shown within so many points to either side, on a ring."""
    reach = min(reach, (shown.shape[1] - 1) // 2)
    if reach <= 0:
        return shown
    ring = np.concatenate([shown[:, -reach:], shown, shown[:, :reach]], axis=1)
    sums = np.cumsum(np.pad(ring.astype(np.int32), ((0, 0), (1, 0))), axis=1)
    wide = 2 * reach + 1
    return np.asarray(sums[:, wide:] > sums[:, :-wide])


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


def raised_for_number(ps: Sequence[float]) -> list[float]:
    """Each probability raised for their number (Holm 1979, "A simple sequentially rejective
    multiple test procedure"), 1 at most."""
    raised = [1.0] * len(ps)
    highest = 0.0
    for rank, place in enumerate(sorted(range(len(ps)), key=lambda place: ps[place])):
        highest = max(highest, min(1.0, ps[place] * (len(ps) - rank)))
        raised[place] = highest
    return raised
