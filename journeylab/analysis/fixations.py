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
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

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
    windows: list[_Window] = []
    for start, end in gaze.stretches:
        windows += _dispersion_windows(gaze, start, end, threshold_deg)
    windows = _merge(windows, gaze, blinks, nearer_than_deg=MERGED_SHARE * threshold_deg)
    fixations = _fixations(windows, gaze, threshold_deg=threshold_deg, noise_deg=noise_deg)
    return fixations, _saccades(windows, gaze)


def _measured(
    t_ns: NDArray[np.int64], gaze_px: NDArray[np.floating], viewing: Viewing, blinks: Blinks
) -> _Gaze:
    is_kept = np.isfinite(gaze_px).all(axis=1) if len(t_ns) else np.zeros(0, dtype=np.bool_)
    for onset_ns, offset_ns in zip(blinks.onset_ns, blinks.offset_ns, strict=True):
        low, high = np.searchsorted(t_ns, (onset_ns - _LID_NS, offset_ns + _LID_NS + 1))
        is_kept[low:high] = False
    # No webcam gives two samples in a millisecond; a bundle from elsewhere may, and a million of
    # them in one would keep the windows below growing for hours.
    _, first_of_ms = np.unique(t_ns[is_kept] // NS_PER_MS, return_index=True)
    times = np.asarray(t_ns[is_kept][first_of_ms], dtype=np.int64)
    px = np.asarray(gaze_px[is_kept][first_of_ms], dtype=np.float64).reshape(-1, 2)
    steps_ns = np.diff(times)
    period_ns = int(np.median(steps_ns)) if len(steps_ns) else 0
    # A slow camera's own rhythm is no gap.
    longest_ns = max(BRIDGED_GAP_NS, period_ns * 3 // 2)
    edges = [0, *(np.flatnonzero(steps_ns > longest_ns) + 1).tolist(), len(times)]
    stretches = tuple(pairwise(edges)) if len(times) else ()
    deg = px / viewing.px_per_deg
    for start, end in stretches:
        deg[start:end] = _running_median(deg[start:end])
    return _Gaze(times, deg, px, stretches, period_ns)


def _running_median(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 2) medians of three neighbours; the first and last sample stay."""
    if len(values) < 3:
        return values
    smooth = values.copy()
    smooth[1:-1] = np.median(np.stack((values[:-2], values[1:-1], values[2:])), axis=0)
    return smooth


def _noise_deg(gaze: _Gaze) -> float:
    """Standard deviation per axis of gaze at rest; NaN where there are too few samples.

    First roughly, from the nearest quarter of all pairs of samples 100 ms apart: even where
    fixations are short, so many of them hold no saccade. Then from samples 200 ms apart between
    which gaze made no jump, that is, moved by no more than four such deviations in 100 ms.
    """
    frames = max(1, round(_SHORT_NS / gaze.period_ns)) if gaze.period_ns else 1
    apart = max(frames, round(_LONG_NS / gaze.period_ns)) if gaze.period_ns else 1
    steps = [_moves(gaze.deg[start:end], frames) for start, end in gaze.stretches]
    rough_deg = _deviation(np.concatenate(steps or [np.empty(0)]), nearest_share=0.25)
    still = []
    for (start, end), step in zip(gaze.stretches, steps, strict=True):
        moves = _moves(gaze.deg[start:end], apart)
        if not len(moves):
            continue
        n_jumps = np.concatenate([[0], np.cumsum(step > _JUMP * rough_deg)])
        within = n_jumps[apart - frames + 1 :] - n_jumps[: len(n_jumps) - 1 - (apart - frames)]
        still.append(moves[within[: len(moves)] == 0])
    found_deg = _deviation(np.concatenate(still or [np.empty(0)]), nearest_share=0.35)
    return rough_deg if math.isnan(found_deg) else found_deg


def _moves(deg: NDArray[np.float64], frames: int) -> NDArray[np.float64]:
    """How far gaze moved over so many frames, from each sample that has one so much later."""
    if len(deg) <= frames:
        return np.empty(0)
    return np.asarray(np.hypot(*(deg[frames:] - deg[:-frames]).T), dtype=np.float64)


def _deviation(moves_deg: NDArray[np.float64], *, nearest_share: float) -> float:
    """Deviation per axis of normal samples whose distances these are, by their nearest share."""
    if not len(moves_deg):
        return math.nan
    in_deviations = math.sqrt(-2.0 * math.log(1.0 - nearest_share))  # Rayleigh
    # Both ends of a distance are noisy.
    return float(np.quantile(moves_deg, nearest_share)) / in_deviations / math.sqrt(2)


def _dispersion_windows(gaze: _Gaze, start: int, end: int, threshold_deg: float) -> list[_Window]:
    """I-DT over one stretch without a gap: the windows of samples that stay together."""
    # Plain numbers: the window grows by single samples, where arrays cost ten times as much.
    t_ns = gaze.t_ns[start:end].tolist()
    x, y = gaze.deg[start:end, 0].tolist(), gaze.deg[start:end, 1].tolist()
    n = len(t_ns)
    found: list[_Window] = []
    first = 0
    while first < n:
        last = first
        left = right = x[first]
        top = bottom = y[first]
        while last + 1 < n:
            x_next, y_next = x[last + 1], y[last + 1]
            wide = max(right, x_next) - min(left, x_next)
            high = max(bottom, y_next) - min(top, y_next)
            if wide + high > threshold_deg:
                break
            left, right = min(left, x_next), max(right, x_next)
            top, bottom = min(top, y_next), max(bottom, y_next)
            last += 1
        if t_ns[last] - t_ns[first] >= SHORTEST_NS:
            found.append((start + first, start + last))
            first = last + 1
        else:
            first += 1
    return found


def _merge(
    windows: list[_Window], gaze: _Gaze, blinks: Blinks, *, nearer_than_deg: float
) -> list[_Window]:
    """Neighbours that go over into each other, with nothing or only a blink between, become one."""
    merged: list[_Window] = []
    for window in windows:
        if merged:
            before = merged[-1]
            apart = gaze.deg[_end_of(before)].mean(axis=0) - gaze.deg[_begin_of(window)].mean(
                axis=0
            )
            is_near = float(np.hypot(*apart)) < nearer_than_deg
            if is_near and _is_bridged(gaze, before[1], window[0], blinks):
                merged[-1] = (before[0], window[1])
                continue
        merged.append(window)
    return merged


def _is_bridged(gaze: _Gaze, last: int, first: int, blinks: Blinks) -> bool:
    """Whether a fixation may go on from one sample to another: nothing to speak of in between."""
    off_ns, on_ns = int(gaze.t_ns[last]), int(gaze.t_ns[first])
    # Between neighbours lies one sampling interval; a sample that strayed adds another.
    if on_ns - off_ns <= BRIDGED_GAP_NS + gaze.period_ns:
        return True
    within = (blinks.onset_ns >= off_ns) & (blinks.offset_ns <= on_ns)
    if not within.any():
        return False
    blink_ns = int((blinks.offset_ns[within] - blinks.onset_ns[within]).sum())
    return on_ns - off_ns <= min(blink_ns, LONGEST_BLINK_NS) + 2 * (_LID_NS + BRIDGED_GAP_NS)


def _end_of(window: _Window) -> slice:
    return slice(max(window[0], window[1] + 1 - _AT_THE_EDGE), window[1] + 1)


def _begin_of(window: _Window) -> slice:
    return slice(window[0], min(window[1] + 1, window[0] + _AT_THE_EDGE))


def _samples(window: _Window) -> slice:
    return slice(window[0], window[1] + 1)


def _fixations(
    windows: list[_Window], gaze: _Gaze, *, threshold_deg: float, noise_deg: float
) -> Fixations:
    n = len(windows)
    centre_px, dispersion_deg = np.empty((n, 2)), np.empty(n)
    for place, window in enumerate(windows):
        centre_px[place] = gaze.px[_samples(window)].mean(axis=0)
        dispersion_deg[place] = np.ptp(gaze.deg[_samples(window)], axis=0).sum()
    first, last = _ends(windows)
    return Fixations(
        onset_ns=gaze.t_ns[first],
        offset_ns=gaze.t_ns[last],
        centre_px=centre_px,
        dispersion_deg=dispersion_deg,
        n_samples=last - first + 1,
        threshold_deg=threshold_deg,
        noise_deg=noise_deg,
    )


def _saccades(windows: list[_Window], gaze: _Gaze) -> Saccades:
    first, last = _ends(windows)
    rows = []
    longest_step_ns = max(BRIDGED_GAP_NS, gaze.period_ns * 3 // 2)
    for before in range(len(windows) - 1):
        leaves, lands = int(last[before]), int(first[before + 1])
        steps_ns = np.diff(gaze.t_ns[leaves : lands + 1])
        if steps_ns.max() > longest_step_ns or steps_ns.sum() > LONGEST_SACCADE_NS:
            continue  # what happened in between was not seen
        path = np.hypot(*np.diff(gaze.deg[leaves : lands + 1], axis=0).T)
        here, there = (gaze.deg[_samples(windows[at])].mean(axis=0) for at in (before, before + 1))
        rows.append(
            (
                before,
                gaze.t_ns[leaves],
                steps_ns.sum() / NS_PER_S,
                float(np.hypot(*(there - here))),
                float((path / (steps_ns / NS_PER_S)).max()),
            )
        )
    columns = list(zip(*rows, strict=True)) or [()] * 5
    return Saccades(
        before=np.array(columns[0], dtype=np.int64),
        onset_ns=np.array(columns[1], dtype=np.int64),
        duration_s=np.array(columns[2], dtype=np.float64),
        amplitude_deg=np.array(columns[3], dtype=np.float64),
        peak_deg_s=np.array(columns[4], dtype=np.float64),
    )


def _ends(windows: list[_Window]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    pairs = np.array(windows, dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]
