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
_CHUNK_ELEMENTS: Final = 4_000_000

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
    rows = []
    for participant in dict.fromkeys(participants):
        own = np.asarray(values[[name == participant for name in participants]], dtype=np.float64)
        counts = np.isfinite(own).sum(axis=0)
        sums = np.nansum(own, axis=0)
        rows.append(np.where(counts > 0, sums / np.maximum(counts, 1), np.nan))
    return np.array(rows).reshape(len(rows), values.shape[1])


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
    weights = np.isfinite(ordered).astype(np.float64)
    return np.asarray(_weighted_trimmed_mean(ordered, weights[None])[0], dtype=np.float64)


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
    order = np.argsort(values, axis=0, kind="stable")
    ordered = np.take_along_axis(np.asarray(values, dtype=np.float64), order, axis=0)
    is_there = np.isfinite(ordered)
    drawn = rng.multinomial(
        n_participants, np.full(n_participants, 1 / n_participants), size=n_resamples
    ).astype(np.float64)
    tail = expanded_tail(n_participants, level)
    low, high = np.empty(n_points), np.empty(n_points)
    step = max(1, _CHUNK_ELEMENTS // (n_resamples * n_participants))
    for start in range(0, n_points, step):
        part = slice(start, start + step)
        weights = drawn[:, order[:, part]] * is_there[None, :, part]
        means = _weighted_trimmed_mean(ordered[:, part], weights)
        low[part], high[part] = _percentiles(means, tail)
    alone = is_there.sum(axis=0) < 2
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


def _weighted_trimmed_mean(
    ordered: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(resamples, points) from values sorted along axis 0 and how often each was drawn."""
    totals = weights.sum(axis=1)
    trim = np.where(totals >= 3, np.maximum(np.floor(TRIMMED_SHARE * totals), 1.0), 0.0)
    upto = np.cumsum(weights, axis=1)
    kept = np.minimum(upto, (totals - trim)[:, None]) - np.maximum(upto - weights, trim[:, None])
    kept = np.maximum(kept, 0.0)
    sums = np.einsum("rpt,pt->rt", kept, np.nan_to_num(ordered))
    counts = kept.sum(axis=1)
    return np.where(counts > 0, sums / np.maximum(counts, 1e-9), np.nan)


def _percentiles(
    means: NDArray[np.float64], tail: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    has_any = np.isfinite(means).any(axis=0)
    low, high = np.full(means.shape[1], np.nan), np.full(means.shape[1], np.nan)
    if has_any.any():
        bounds = np.nanquantile(means[:, has_any], (tail, 1 - tail), axis=0)
        low[has_any], high[has_any] = bounds
    return low, high
