"""The live trace as the eye gets it: thinned to the screen's width, with a tone for each piece."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

TONE_THRESHOLD: Final = 12.0
"""Valence beyond which a piece of the trace is drawn as joy or as negative."""

SPANS_S: Final = (60.0, 120.0, 180.0, 300.0, 600.0)
"""Widths of the time axis: it changes seldom, so that between two changes only the trace moves."""

_FILL: Final = 0.94
"""Share of the axis the trace may fill before the axis grows: room for the dot and a label."""


def visible_window(now_s: float) -> tuple[float, float]:
    """Start and end of the time axis at a moment of the session, s.

    The axis begins with the session and grows in steps; past ten minutes it moves on by the
    minute.
    """
    for span_s in SPANS_S:
        if now_s <= span_s * _FILL:
            return 0.0, span_s
    span_s = SPANS_S[-1]
    start_s = np.ceil((now_s - span_s * _FILL) / 60.0) * 60.0
    return float(start_s), float(start_s + span_s)


def thin(
    t_s: NDArray[np.float64],
    valence: NDArray[np.float64],
    *,
    start_s: float,
    bucket_s: float,
    n_buckets: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean valence in buckets of fixed place, so that what is drawn once never shimmers.

    Parameters
    ----------
    t_s, valence
        Shape (n,), time ascending; NaN valence is a lost sample.
    start_s, bucket_s, n_buckets
        The buckets: bucket ``i`` covers ``start_s + i * bucket_s`` onwards.

    Returns
    -------
    x, y
        Shape (m,), m at most ``n_buckets``: each bucket's centre and mean. A bucket whose
        samples were all lost is NaN; buckets after the last sample, and those in which no
        sample fell because samples are sparser than buckets, are left out.
    """
    first = int(np.searchsorted(t_s, start_s))
    t_s, valence = t_s[first:], valence[first:]
    index = ((t_s - start_s) / bucket_s).astype(np.int64)
    inside = index < n_buckets
    if not inside.all():
        index, valence = index[inside], valence[inside]
    finite = np.isfinite(valence)
    seen = np.bincount(index, minlength=0)
    count = np.bincount(index[finite], minlength=len(seen))
    total = np.bincount(index[finite], weights=valence[finite], minlength=len(seen))
    used = np.flatnonzero(seen)
    mean = np.full(len(used), np.nan)
    np.divide(total[used], count[used], out=mean, where=count[used] > 0)
    return start_s + (used.astype(np.float64) + 0.5) * bucket_s, mean


def tone_of(valence: NDArray[np.float64]) -> NDArray[np.int8]:
    """+1 joy, -1 negative, 0 neither (or lost), shape (n,)."""
    tone = np.zeros(len(valence), dtype=np.int8)
    with np.errstate(invalid="ignore"):
        tone[valence >= TONE_THRESHOLD] = 1
        tone[valence <= -TONE_THRESHOLD] = -1
    return tone


def pieces(y: NDArray[np.float64], tone: NDArray[np.int8], *, of: int) -> NDArray[np.int32]:
    """Which points join the next one in a line of one tone, shape (n,): the form pyqtgraph takes.

    A piece has the tone of its later end; nothing is joined across a lost sample.
    """
    joined = np.zeros(len(y), dtype=np.int32)
    if len(y) > 1:
        finite = np.isfinite(y)
        joined[:-1] = (tone[1:] == of) & finite[1:] & finite[:-1]
    return joined
