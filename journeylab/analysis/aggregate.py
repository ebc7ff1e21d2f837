"""Many participants' traces as one: robust mean, its band, and its tone."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.runs import close_short_breaks, keep_long_runs

TRIMMED_SHARE: Final = 0.2
BAND: Final = 0.95
N_RESAMPLES: Final = 400
_POINTS_AT_ONCE: Final = 32

TONE_VALENCE: Final = 6.0
TONE_SHARE: Final = 1 / 3
SMILE: Final = 0.25
STATE: Final = 0.4
"""Tone: the mean is this far from neutral, and in a third of the participants AU12 (joy) or a
negative state is above its threshold."""
MIN_TONE_S: Final = 1.0


def by_participant(
    values: NDArray[np.floating], participants: Sequence[str]
) -> NDArray[np.float64]:
    """Mean of each participant's sessions: (participants, points) from (sessions, points)."""
    names = list(dict.fromkeys(participants))
    if len(names) == len(participants):
        return np.array(values, dtype=np.float64)
    rows = np.empty((len(names), values.shape[1]))
    of = np.array([names.index(name) for name in participants])
    for place in range(len(names)):
        own = np.asarray(values[of == place], dtype=np.float64)
        counts = np.isfinite(own).sum(axis=0)
        rows[place] = np.where(counts > 0, np.nansum(own, axis=0) / np.maximum(counts, 1), np.nan)
    return rows


def robust_mean(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Trimmed mean over participants: one extreme face does not make a peak.

    From three participants on, the highest and lowest fifth, at least one each, are left out.

    Parameters
    ----------
    values
        (participants, points), NaN where a participant has no value.

    Returns
    -------
    (points,), NaN where nobody has one.
    """
    ordered = np.sort(np.asarray(values, dtype=np.float64), axis=0)  # NaN goes last
    is_there = np.isfinite(ordered)
    n = is_there.sum(axis=0)
    trim = np.where(n >= 3, np.maximum(np.floor(TRIMMED_SHARE * n), 1), 0)
    place = np.arange(len(ordered))[:, None]
    is_kept = is_there & (place >= trim) & (place < n - trim)
    sums = np.where(is_kept, ordered, 0.0).sum(axis=0)
    return np.where(n > 0, sums / np.maximum(n - 2 * trim, 1), np.nan)


def bootstrap_band(
    values: NDArray[np.floating],
    *,
    rng: np.random.Generator,
    n_resamples: int = N_RESAMPLES,
    level: float = BAND,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Bounds of the robust mean, by resampling participants.

    The percentiles are widened for small groups as in Hesterberg, "What Teachers Should Know
    About the Bootstrap" (2015), section 5.3: plain percentiles are too narrow by the factor
    sqrt((n-1)/n) and by the ratio of normal to t quantiles.

    Parameters
    ----------
    values
        (participants, points), NaN where missing.

    Returns
    -------
    Lower and upper bound, (points,) each; NaN where fewer than two participants stand.
    """
    n_participants, n_points = values.shape
    if n_participants < 2:
        nothing = np.full(n_points, np.nan)
        return nothing, nothing.copy()
    drawn = rng.multinomial(
        n_participants, np.full(n_participants, 1 / n_participants), size=n_resamples
    )
    means = _resampled_means(np.asarray(values, dtype=np.float64), drawn)
    low, high = _percentiles(means, expanded_tail(n_participants, level))
    alone = np.isfinite(values).sum(axis=0) < 2
    low[alone], high[alone] = np.nan, np.nan
    return low, high


def expanded_tail(n: int, level: float) -> float:
    """Share of resamples to leave out on each side, for ``n`` participants."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    freedom = n - 1
    # Cornish-Fisher expansion of Student's t quantile (Abramowitz & Stegun 26.7.5).
    t = (
        z
        + (z**3 + z) / (4 * freedom)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
    )
    return NormalDist().cdf(-t * (n / freedom) ** 0.5)


def tone_of(
    mean: NDArray[np.floating],
    smiling: NDArray[np.floating],
    negative: NDArray[np.floating],
    *,
    point_s: NDArray[np.floating],
) -> NDArray[np.int8]:
    """Colour of the trace: +1 joy, -1 a negative state, 0 neither.

    Parameters
    ----------
    mean
        (points,) valence.
    smiling, negative
        (points,) share of participants above the threshold of AU12, of a negative state.
    point_s
        (points,) time each point stands for; shorter stretches than a second take no colour.
    """
    min_points = max(2, round(MIN_TONE_S / max(float(np.median(point_s)), 1e-6)))
    with np.errstate(invalid="ignore"):
        is_joy = (mean > TONE_VALENCE) & (smiling >= TONE_SHARE)
        is_negative = (mean < -TONE_VALENCE) & (negative >= TONE_SHARE)
    tone = np.zeros(len(mean), dtype=np.int8)
    for holds, value in ((is_joy, 1), (is_negative, -1)):
        filled = close_short_breaks(holds, max_points=min_points) & (np.sign(mean) == value)
        tone[keep_long_runs(filled, min_points=min_points)] = value
    return tone


def share_above(values: NDArray[np.floating], threshold: float) -> NDArray[np.float64]:
    """(points,) share of those measured whose value is at least ``threshold``; NaN: nobody."""
    measured = np.isfinite(values).sum(axis=0)
    above = np.sum(np.nan_to_num(values, nan=-np.inf) >= threshold, axis=0)
    return np.where(measured > 0, above / np.maximum(measured, 1), np.nan)


def _resampled_means(values: NDArray[np.float64], drawn: NDArray[np.int64]) -> NDArray[np.float64]:
    """(resamples, points) trimmed means of values (participants, points), each participant taken
    as often as drawn (resamples, participants); NaN where none of those drawn has a value.

    With the values of a point in order and the count c_i of those drawn up to the i-th, the sum
    of what is left between the trimmed ends is, by parts, upper x_n - lower x_1 - sum of
    clip(c_i, lower, upper) (x_(i+1) - x_i): a sum over counts, and no weight for each value.
    """
    order = np.argsort(values, axis=0, kind="stable")  # NaN goes last
    ordered = np.take_along_axis(values, order, axis=0)
    is_there = np.isfinite(ordered)
    # Missing ones repeat the last value there is, so that they add nothing.
    last = np.maximum(is_there.sum(axis=0) - 1, 0)
    highest = np.take_along_axis(ordered, last[None], axis=0)[0]
    padded = np.where(is_there, ordered, highest).astype(np.float32)
    times_drawn = np.ascontiguousarray(drawn.T, dtype=np.float32)
    totals = np.isfinite(values).T.astype(np.float32) @ times_drawn
    parts = [np.empty((0, len(drawn)))]
    for start in range(0, values.shape[1], _POINTS_AT_ONCE):
        part = slice(start, start + _POINTS_AT_ONCE)
        parts.append(
            _trimmed_means(
                padded[:, part], order[:, part], is_there[:, part], times_drawn, totals[part]
            )
        )
    return np.concatenate(parts).T


def _trimmed_means(
    ordered: NDArray[np.float32],
    order: NDArray[np.int64],
    is_there: NDArray[np.bool_],
    times_drawn: NDArray[np.float32],
    totals: NDArray[np.float32],
) -> NDArray[np.float64]:
    """(points, resamples) for a few points, whose counts stay in the processor's cache."""
    there = is_there.astype(np.float32)[:, :, None]
    lower = np.where(totals >= 3, np.maximum(np.floor(TRIMMED_SHARE * totals), 1), 0)
    lower = lower.astype(np.float32)
    upper = totals - lower
    sums = upper * ordered[-1][:, None] - lower * ordered[0][:, None]
    counts, clipped = np.zeros_like(totals), np.empty_like(totals)
    is_whole = bool(is_there.all())
    for place, step in enumerate(np.diff(ordered, axis=0)):
        drawn_here = times_drawn.take(order[place], axis=0)
        counts += drawn_here if is_whole else drawn_here * there[place]
        np.maximum(counts, lower, out=clipped)
        np.minimum(clipped, upper, out=clipped)
        clipped *= step[:, None]
        sums -= clipped
    left = upper - lower
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(left > 0, sums / left, np.nan).astype(np.float64)


def _percentiles(
    means: NDArray[np.float64], tail: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Quantiles ``tail`` and ``1 - tail`` over the resamples that have a value, linear between
    neighbours; NaN where none has."""
    ordered = np.sort(means, axis=0)
    n = np.isfinite(ordered).sum(axis=0)
    bounds = []
    for share in (tail, 1 - tail):
        position = share * np.maximum(n - 1, 0)
        below = np.floor(position).astype(np.int64)
        above = np.minimum(below + 1, np.maximum(n - 1, 0))
        first = np.take_along_axis(ordered, below[None], axis=0)[0]
        second = np.take_along_axis(ordered, above[None], axis=0)[0]
        bounds.append(first + (second - first) * (position - below))
    return bounds[0], bounds[1]
