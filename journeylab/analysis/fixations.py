"""Fixations and the saccades between them, from webcam gaze.

Rule, version 1: dispersion-threshold identification, I-DT (Salvucci & Goldberg, "Identifying
fixations and saccades in eye-tracking protocols", ETRA 2000), which needs no velocity and so
suits 30 samples a second. What webcam gaze adds:

- the dispersion threshold is half a degree, the paper's lower figure, and on top of it six standard
  deviations of this session's own noise, three to an axis;
- the noise is that of gaze over 200 ms without a jump: webcam gaze wanders with the head far more
  than neighbouring samples tell;
- a running median of three samples takes out single landmarks gone astray and keeps the edges of
  saccades;
- neighbours that go over into each other are one fixation: a fixation that drifts further than
  the threshold is cut by I-DT where nothing happened. Up to 75 ms without gaze are bridged (Olsen,
  "The Tobii I-VT fixation filter", 2012), and so is a blink. Nothing is interpolated: no sample
  is counted that was not measured.

``tests/bench/validity_fixations.py`` prints what that finds of what is there; docs/decisions.md
says what decided the constants.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.blinks import NO_BLINKS, Blinks
from journeylab.analysis.viewing import Viewing
from journeylab.clock import NS_PER_MS, NS_PER_S

VERSION: Final = "i-dt-1"

BASE_DISPERSION_DEG: Final = 0.5
LARGEST_DISPERSION_DEG: Final = 5.0
NOISE_SPREAD: Final = 6.0
MERGED_SHARE: Final = 0.75
"""Neighbours are one where their nearest 100 ms lie closer than this share of the threshold."""
SHORTEST_NS: Final = 100 * NS_PER_MS
"""Fixations last at least 100 ms (Salvucci & Goldberg 2000): four samples at 30 Hz."""
BRIDGED_GAP_NS: Final = 75 * NS_PER_MS
LONGEST_BLINK_NS: Final = 500 * NS_PER_MS
LONGEST_SACCADE_NS: Final = 300 * NS_PER_MS
"""From the last sample of one fixation to the first of the next. The largest saccades take 100 ms;
sampling adds up to two frames, smoothing before us as much again."""
_LID_NS: Final = 50 * NS_PER_MS
"""On either side of a blink the moving lid pulls the iris along (Hershman et al. 2018)."""
_AT_THE_EDGE: Final = 3
_SHORT_NS: Final = 100 * NS_PER_MS
_LONG_NS: Final = 200 * NS_PER_MS
_JUMP: Final = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Fixations:
    """Fixations in the order of their time, all arrays (n,).

    ``onset_ns`` and ``offset_ns`` are the session times of the first and last sample,
    ``centre_px`` (n, 2) the mean point of gaze, which may lie beside the screen;
    ``dispersion_deg`` the sum of both axes' ranges; ``n_samples`` those measured.
    ``threshold_deg`` is the dispersion up to which samples were taken as one fixation, and
    ``noise_deg`` the standard deviation per axis it was made from (NaN without gaze).
    """

    onset_ns: NDArray[np.int64]
    offset_ns: NDArray[np.int64]
    centre_px: NDArray[np.float64]
    dispersion_deg: NDArray[np.float64]
    n_samples: NDArray[np.int64]
    threshold_deg: float
    noise_deg: float

    @property
    def duration_s(self) -> NDArray[np.float64]:
        """(n,) from the first sample to the last."""
        return np.asarray((self.offset_ns - self.onset_ns) / NS_PER_S)

    def __len__(self) -> int:
        return len(self.onset_ns)


@dataclass(frozen=True, slots=True, eq=False)
class Saccades:
    """Jumps from one fixation to the next, where gaze was measured in between; all arrays (n,).

    ``before`` is the index of the fixation each one leaves; ``amplitude_deg`` the distance of the
    two centres. **At 30 Hz neither duration nor velocity of a saccade can be resolved**: it is
    over within one to three samples. ``duration_s`` is an upper bound (it holds the sampling
    interval on both sides), and ``peak_deg_s``, the fastest step from sample to sample, a lower
    bound (the mean over a sampling interval). Use both to compare sessions, never as the eye's.
    """

    before: NDArray[np.int64]
    onset_ns: NDArray[np.int64]
    duration_s: NDArray[np.float64]
    amplitude_deg: NDArray[np.float64]
    peak_deg_s: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.before)


@dataclass(frozen=True, slots=True, eq=False)
class _Gaze:
    """Measured samples outside blinks: times (n,), smoothed degrees (n, 2), pixels (n, 2), and
    the half-open ranges without a gap."""

    t_ns: NDArray[np.int64]
    deg: NDArray[np.float64]
    px: NDArray[np.float64]
    stretches: tuple[tuple[int, int], ...]
    period_ns: int


_Window = tuple[int, int]
"""First and last sample of a fixation, both in it."""


def find_fixations(
    t_ns: NDArray[np.int64],
    gaze_px: NDArray[np.floating],
    *,
    viewing: Viewing,
    blinks: Blinks = NO_BLINKS,
) -> tuple[Fixations, Saccades]:
    """Fixations, and the saccades between them.

    Parameters
    ----------
    t_ns
        (n,) sorted session times of the samples.
    gaze_px
        (n, 2) point of gaze from the screen's top-left; NaN where it was not measured.
    viewing
        What a pixel is in degrees.
    blinks
        Samples during these, and 50 ms around them, are left out.

    Returns
    -------
    Both empty where no gaze was measured for long enough.
    """
    gaze = _measured(t_ns, gaze_px, viewing, blinks)
    noise_deg = _noise_deg(gaze)
    spread_deg = 0.0 if np.isnan(noise_deg) else NOISE_SPREAD * noise_deg
    threshold_deg = min(BASE_DISPERSION_DEG + spread_deg, LARGEST_DISPERSION_DEG)
    windows = _dispersion_windows(gaze, threshold_deg)
    windows = _merge(windows, gaze, blinks, nearer_than_deg=MERGED_SHARE * threshold_deg)
    fixations = _fixations(windows, gaze, threshold_deg=threshold_deg, noise_deg=noise_deg)
    return fixations, _saccades(windows, gaze)


def _measured(
    t_ns: NDArray[np.int64], gaze_px: NDArray[np.floating], viewing: Viewing, blinks: Blinks
) -> _Gaze:
    is_kept = np.isfinite(gaze_px[:, 0]) & np.isfinite(gaze_px[:, 1])
    lows = np.searchsorted(t_ns, blinks.onset_ns - _LID_NS)
    highs = np.searchsorted(t_ns, blinks.offset_ns + _LID_NS + 1)
    for low, high in zip(lows.tolist(), highs.tolist(), strict=True):
        is_kept[low:high] = False
    # No webcam gives two samples in a millisecond; a bundle from elsewhere may, and a million of
    # them in one would keep the windows below growing for hours.
    kept = np.flatnonzero(is_kept)
    kept = kept[np.diff(t_ns[kept] // NS_PER_MS, prepend=-1) > 0]
    times = np.asarray(t_ns[kept], dtype=np.int64)
    px = np.asarray(gaze_px[kept], dtype=np.float64)
    steps_ns = np.diff(times)
    period_ns = int(np.median(steps_ns)) if len(steps_ns) else 0
    # A slow camera's own rhythm is no gap.
    longest_ns = max(BRIDGED_GAP_NS, period_ns * 3 // 2)
    edges = [0, *(np.flatnonzero(steps_ns > longest_ns) + 1).tolist(), len(times)]
    stretches = tuple(pairwise(edges)) if len(times) else ()
    deg = _running_median(px / viewing.px_per_deg, np.array(edges))
    return _Gaze(times, deg, px, stretches, period_ns)


def _running_median(values: NDArray[np.float64], edges: NDArray[np.int64]) -> NDArray[np.float64]:
    """(n, 2) medians of three neighbours; the first and last sample of each stretch stay."""
    if len(values) < 3:
        return values
    before, here, after = values[:-2], values[1:-1], values[2:]
    smooth = values.copy()
    smooth[1:-1] = np.maximum(np.minimum(before, here), np.minimum(np.maximum(before, here), after))
    firsts, lasts = edges[:-1], edges[1:] - 1
    smooth[firsts], smooth[lasts] = values[firsts], values[lasts]
    return smooth


def _noise_deg(gaze: _Gaze) -> float:
    """Standard deviation per axis of gaze at rest; NaN where there are too few samples.

    First roughly, from the nearest quarter of all pairs of samples 100 ms apart: even where
    fixations are short, so many of them hold no saccade. Then from samples 200 ms apart between
    which gaze made no jump, that is, moved by no more than four such deviations in 100 ms.
    """
    frames = max(1, round(_SHORT_NS / gaze.period_ns)) if gaze.period_ns else 1
    apart = max(frames, round(_LONG_NS / gaze.period_ns)) if gaze.period_ns else 1
    steps, is_step = _moves(gaze, frames)
    rough_deg = _deviation(steps[is_step], nearest_share=0.25)
    moves, is_move = _moves(gaze, apart)
    if not len(moves):
        return rough_deg
    n_jumps = np.concatenate([[0], np.cumsum(is_step & (steps > _JUMP * rough_deg))])
    jumped = n_jumps[apart - frames + 1 :][: len(moves)] - n_jumps[: len(moves)]
    found_deg = _deviation(moves[is_move & (jumped == 0)], nearest_share=0.35)
    return rough_deg if math.isnan(found_deg) else found_deg


def _moves(gaze: _Gaze, frames: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """How far gaze moved over so many frames from each sample on, and whether without a gap."""
    if len(gaze.deg) <= frames:
        return np.empty(0), np.empty(0, dtype=np.bool_)
    lengths = [end - start for start, end in gaze.stretches]
    stretch = np.repeat(np.arange(len(lengths)), lengths)
    moved = np.hypot(*(gaze.deg[frames:] - gaze.deg[:-frames]).T)
    return np.asarray(moved, dtype=np.float64), stretch[frames:] == stretch[:-frames]


def _deviation(moves_deg: NDArray[np.float64], *, nearest_share: float) -> float:
    """Deviation per axis of normal samples whose distances these are, by their nearest share."""
    if not len(moves_deg):
        return math.nan
    in_deviations = math.sqrt(-2.0 * math.log(1.0 - nearest_share))  # Rayleigh
    # Both ends of a distance are noisy.
    return float(np.quantile(moves_deg, nearest_share)) / in_deviations / math.sqrt(2)


def _dispersion_windows(gaze: _Gaze, threshold_deg: float) -> list[_Window]:
    """I-DT over each stretch without a gap: the windows of samples that stay together."""
    # Plain numbers: the window grows by single samples, where arrays cost ten times as much.
    # Most samples lie within what was there before.
    t_ns = gaze.t_ns.tolist()
    x, y = gaze.deg[:, 0].tolist(), gaze.deg[:, 1].tolist()
    found: list[_Window] = []
    for begin, end in gaze.stretches:
        first = begin
        while first < end:
            last = first
            left = right = x[first]
            top = bottom = y[first]
            for place in range(first + 1, end):
                x_next, y_next = x[place], y[place]
                if left <= x_next <= right and top <= y_next <= bottom:
                    last = place
                    continue
                west, east = (x_next, right) if x_next < left else (left, max(right, x_next))
                north, south = (y_next, bottom) if y_next < top else (top, max(bottom, y_next))
                if (east - west) + (south - north) > threshold_deg:
                    break
                left, right, top, bottom = west, east, north, south
                last = place
            if t_ns[last] - t_ns[first] >= SHORTEST_NS:
                found.append((first, last))
                first = last + 1
            else:
                first += 1
    return found


class _Bridges:
    """Tells whether a fixation may go on from one sample to another: nothing to speak of between,
    or only a blink."""

    def __init__(self, gaze: _Gaze, blinks: Blinks) -> None:
        self._t_ns: list[int] = gaze.t_ns.tolist()
        self._period_ns = gaze.period_ns
        self._onset_ns: list[int] = blinks.onset_ns.tolist()
        self._offset_ns: list[int] = blinks.offset_ns.tolist()

    def over(self, last: int, first: int) -> bool:
        off_ns, on_ns = self._t_ns[last], self._t_ns[first]
        # Between neighbours lies one sampling interval; a sample that strayed adds another.
        if on_ns - off_ns <= BRIDGED_GAP_NS + self._period_ns:
            return True
        within = range(bisect_left(self._onset_ns, off_ns), bisect_right(self._offset_ns, on_ns))
        if not within:
            return False
        blink_ns = sum(self._offset_ns[k] - self._onset_ns[k] for k in within)
        return on_ns - off_ns <= min(blink_ns, LONGEST_BLINK_NS) + 2 * (_LID_NS + BRIDGED_GAP_NS)


def _merge(
    windows: list[_Window], gaze: _Gaze, blinks: Blinks, *, nearer_than_deg: float
) -> list[_Window]:
    """Neighbours that go over into each other, with nothing or only a blink between, become one."""
    if not windows:
        return []
    bridges = _Bridges(gaze, blinks)
    first, last = _ends(windows)
    begins = _means(gaze.deg, first, np.minimum(last + 1, first + _AT_THE_EDGE))
    ends = _means(gaze.deg, np.maximum(first, last + 1 - _AT_THE_EDGE), last + 1)
    is_near = (np.hypot(*(begins[1:] - ends[:-1]).T) < nearer_than_deg).tolist()
    merged = windows[:1]
    for window, near in zip(windows[1:], is_near, strict=True):
        before = merged[-1]
        if near and bridges.over(before[1], window[0]):
            merged[-1] = (before[0], window[1])
        else:
            merged.append(window)
    return merged


def _over_windows(
    ufunc: np.ufunc,
    values: NDArray[np.float64] | NDArray[np.int64],
    begins: NDArray[np.int64],
    ends: NDArray[np.int64],
) -> NDArray[Any]:
    """The ufunc's reduction of values (n, …) over each half-open, non-empty range."""
    # Every other one is of what lies between the ranges; one more value, for a range that ends
    # with the last.
    padded = np.concatenate([values, values[-1:]])
    return np.asarray(ufunc.reduceat(padded, np.column_stack([begins, ends]).ravel())[::2])


def _means(
    values: NDArray[np.float64], begins: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.float64]:
    sums = _over_windows(np.add, values, begins, ends)
    return np.asarray(sums / (ends - begins)[:, None], dtype=np.float64)


def _fixations(
    windows: list[_Window], gaze: _Gaze, *, threshold_deg: float, noise_deg: float
) -> Fixations:
    first, last = _ends(windows)
    n_samples = last - first + 1
    centre_px, dispersion_deg = np.empty((0, 2)), np.empty(0)
    if windows:
        ends = last + 1
        centre_px = _means(gaze.px, first, ends)
        highest = _over_windows(np.maximum, gaze.deg, first, ends)
        dispersion_deg = (highest - _over_windows(np.minimum, gaze.deg, first, ends)).sum(axis=1)
    return Fixations(
        onset_ns=gaze.t_ns[first],
        offset_ns=gaze.t_ns[last],
        centre_px=centre_px,
        dispersion_deg=dispersion_deg,
        n_samples=n_samples,
        threshold_deg=threshold_deg,
        noise_deg=noise_deg,
    )


def _saccades(windows: list[_Window], gaze: _Gaze) -> Saccades:
    first, last = _ends(windows)
    if len(windows) < 2:
        nothing = np.empty(0)
        none = np.empty(0, dtype=np.int64)
        return Saccades(none, none.copy(), nothing, nothing.copy(), nothing.copy())
    leaves, lands = last[:-1], first[1:]
    steps_ns = np.diff(gaze.t_ns)
    speed_deg_s = np.hypot(*np.diff(gaze.deg, axis=0).T) / (steps_ns / NS_PER_S)
    longest_ns = _over_windows(np.maximum, steps_ns, leaves, lands)
    duration_ns = gaze.t_ns[lands] - gaze.t_ns[leaves]
    # Else what happened in between was not seen.
    is_seen = (longest_ns <= max(BRIDGED_GAP_NS, gaze.period_ns * 3 // 2)) & (
        duration_ns <= LONGEST_SACCADE_NS
    )
    centre_deg = _means(gaze.deg, first, last + 1)
    return Saccades(
        before=np.flatnonzero(is_seen),
        onset_ns=gaze.t_ns[leaves][is_seen],
        duration_s=duration_ns[is_seen] / NS_PER_S,
        amplitude_deg=np.hypot(*np.diff(centre_deg, axis=0).T)[is_seen],
        peak_deg_s=_over_windows(np.maximum, speed_deg_s, leaves, lands)[is_seen],
    )


def _ends(windows: list[_Window]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    pairs = np.array(windows, dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]
