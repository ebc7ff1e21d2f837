"""Heatmaps of a step: gaze, gaze while frowning, clicks, moves, and how far a page was scrolled.

Pure arithmetic on places that were read before, in pixels of the surface they lie on: the whole
page in CSS px, or a screen.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from journeylab.analysis.heatmap import COLUMNS, MIN_KERNEL_CELLS, normalise

MAX_ROWS: Final = 4000
CLICK_SIGMA: Final = 0.012
MOVE_SIGMA: Final = 0.010
"""Standard deviations of the kernels of clicks and moves, as shares of the surface's width: about a
finger's breadth of a button. The pointer is where it is told; only gaze is blurred by its error."""


class HeatKind(StrEnum):
    """What a heatmap shows."""

    GAZE = "gaze"
    FROWN = "frown"
    CLICKS = "clicks"
    MOVES = "moves"
    SCROLL = "scroll"


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """What one session left on a surface.

    ``place_px`` (n, 2) in px of the surface and ``weight`` (n,): seconds of a fixation, seconds
    times strength of the frown, seconds of moving, or 1 a click. ``base`` is what the weights are
    a share of: a session's seconds of looking or moving, or its clicks, so that each participant
    counts the same however long she stayed and however often she clicked. ``sigma_px`` is the
    kernel's standard deviation.
    """

    place_px: NDArray[np.float64]
    weight: NDArray[np.float64]
    base: float
    sigma_px: float


@dataclass(frozen=True, slots=True, eq=False)
class OnSurface:
    """One session on one surface: its marks by kind, and what of a page it saw.

    ``seen_to_px`` is the lowest row of the page that came into view, NaN on a screen;
    ``gaze_error_px`` one standard deviation of the point of gaze per axis, NaN without gaze.
    """

    participant_id: str
    session_id: str
    segments: Mapping[str, str]
    marks: Mapping[HeatKind, Marks] = field(default_factory=dict)
    seen_to_px: float = math.nan
    gaze_error_px: float = math.nan


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """What a heatmap lies on: a whole page (``url``), or the screen where that is empty.

    ``picture`` is BGR uint8 (h, w, 3) or None; ``width_px`` and ``height_px`` are CSS px of the
    page or px of the screen, whatever the picture's size is. ``device`` is the segment value its
    sessions share, ``variant`` the version of the step they met; empty where there is
    none.
    """

    url: str
    device: str
    width_px: float
    height_px: float
    picture: NDArray[np.uint8] | None
    sessions: tuple[OnSurface, ...]
    variant: str = ""

    @property
    def is_page(self) -> bool:
        return bool(self.url)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of a heatmap on it: square cells, 96 across."""
        rows = round(COLUMNS * self.height_px / max(self.width_px, 1.0))
        return int(np.clip(rows, 1, MAX_ROWS)), COLUMNS


@dataclass(frozen=True, slots=True, eq=False)
class Heatmap:
    """One heatmap: ``values`` 0..1 (rows, columns) of its peak, or of a page's rows the share of
    participants who saw them.

    ``n`` participants are behind it, of ``n_here`` who were on the surface; ``amount`` are clicks,
    or seconds; ``points`` (k, 2) the clicks as shares of width and height; ``n_beside`` marks lay
    beside the surface and are left out. ``gaze_error`` is the median standard deviation of the
    point of gaze, as a share of the width; NaN where it does not matter.
    """

    kind: HeatKind
    surface: Surface
    values: NDArray[np.float32]
    n: int
    n_here: int
    amount: float
    points: NDArray[np.float64]
    n_beside: int = 0
    gaze_error: float = math.nan


def heatmap_of(
    surface: Surface, kind: HeatKind, *, segment: Mapping[str, str] | None = None
) -> Heatmap:
    """The heatmap of a surface, of the sessions of a segment only where one is given."""
    wanted = (segment or {}).items()
    here = [
        one
        for one in surface.sessions
        if all(one.segments.get(name) == value for name, value in wanted)
    ]
    n_here = len({one.participant_id for one in here})
    if kind is HeatKind.SCROLL:
        return _scroll(surface, here, n_here)
    found = [(one, one.marks[kind]) for one in here if kind in one.marks]
    kept = [(one, _within(marks, surface)) for one, marks in found]
    kept = [(one, marks) for one, marks in kept if marks.weight.sum() > 0]
    total = np.zeros(surface.shape)
    for name in dict.fromkeys(one.participant_id for one, _ in kept):
        own = [marks for one, marks in kept if one.participant_id == name]
        base = sum(marks.base for marks in own)
        total += sum(density(marks, surface) for marks in own) / max(base, 1e-9)
    n_beside = sum(len(marks.weight) for _, marks in found)
    n_beside -= sum(len(_within(marks, surface).weight) for _, marks in found)
    points = np.empty((0, 2))
    if kind is HeatKind.CLICKS and kept:
        size = (surface.width_px, surface.height_px)
        points = np.concatenate([marks.place_px for _, marks in kept]) / size
    is_gaze = kind in (HeatKind.GAZE, HeatKind.FROWN)
    errors = [one.gaze_error_px for one, _ in kept if is_gaze and math.isfinite(one.gaze_error_px)]
    return Heatmap(
        kind=kind,
        surface=surface,
        values=normalise(total),
        n=len({one.participant_id for one, _ in kept}),
        n_here=n_here,
        amount=float(sum(marks.weight.sum() for _, marks in kept)),
        points=points,
        n_beside=n_beside,
        gaze_error=float(np.median(errors)) / surface.width_px if errors else math.nan,
    )


def density(marks: Marks, surface: Surface) -> NDArray[np.float64]:
    """(rows, columns) weight per cell, blurred by the marks' kernel.

    None of the weight is lost: what the kernel would carry over the edge is folded back.
    """
    rows, columns = surface.shape
    cells, _, _ = np.histogram2d(
        marks.place_px[:, 1],
        marks.place_px[:, 0],
        bins=(rows, columns),
        range=((0, surface.height_px), (0, surface.width_px)),
        weights=marks.weight,
    )
    sigma = (
        max(marks.sigma_px / surface.height_px * rows, MIN_KERNEL_CELLS),
        max(marks.sigma_px / surface.width_px * columns, MIN_KERNEL_CELLS),
    )
    return np.asarray(gaussian_filter(cells, sigma, mode="reflect"), dtype=np.float64)


def seen_share(seen_to_px: Sequence[float], *, height_px: float, rows: int) -> NDArray[np.float64]:
    """(rows,) share of sessions that saw the middle of each row of the page.

    Parameters
    ----------
    seen_to_px
        The lowest row that came into view, of each session.
    """
    known = np.array([seen for seen in seen_to_px if math.isfinite(seen)])
    if not len(known):
        return np.zeros(rows)
    middle_px = (np.arange(rows) + 0.5) / rows * height_px
    return np.asarray((known[:, None] > middle_px[None, :]).mean(axis=0))


def depth_of(share: float, seen_to_px: Sequence[float]) -> float:
    """How far down at least this share of sessions saw, px; NaN without any."""
    known = sorted((seen for seen in seen_to_px if math.isfinite(seen)), reverse=True)
    if not known:
        return math.nan
    return known[max(math.ceil(share * len(known)), 1) - 1]


def frown_weight(
    brow: NDArray[np.floating],
    states: NDArray[np.floating],
    *,
    brow_from: float,
    state_from: float,
) -> NDArray[np.float64]:
    """(n,) strength of the frown in each frame, 0..1: the lowered brow, or the likeliest negative
    state; 0 below their thresholds, so that the noise of a long calm look weighs nothing.

    Parameters
    ----------
    brow, states
        AU4 (n,) and the probabilities of the negative states (n, k); NaN without a face, which
        weighs nothing.
    """
    lowered = np.nan_to_num(np.asarray(brow, dtype=np.float64))
    likeliest = np.nan_to_num(np.asarray(states, dtype=np.float64)).max(axis=1, initial=0.0)
    return np.asarray(
        np.maximum(
            np.where(lowered >= brow_from, lowered, 0.0),
            np.where(likeliest >= state_from, likeliest, 0.0),
        )
    )


def mean_within(
    t_ns: NDArray[np.int64],
    values: NDArray[np.floating],
    start_ns: NDArray[np.int64],
    end_ns: NDArray[np.int64],
) -> NDArray[np.float64]:
    """(n,) mean of the values (m,) from each start to each end, both included; 0 without any."""
    before = np.concatenate([[0.0], np.cumsum(np.asarray(values, dtype=np.float64))])
    low = np.searchsorted(t_ns, start_ns, side="left")
    high = np.searchsorted(t_ns, end_ns, side="right")
    return np.asarray((before[high] - before[low]) / np.maximum(high - low, 1))


def _within(marks: Marks, surface: Surface) -> Marks:
    x, y = marks.place_px[:, 0], marks.place_px[:, 1]
    inside = (x >= 0) & (x < surface.width_px) & (y >= 0) & (y < surface.height_px)
    return Marks(marks.place_px[inside], marks.weight[inside], marks.base, marks.sigma_px)


def _scroll(surface: Surface, here: Sequence[OnSurface], n_here: int) -> Heatmap:
    rows, columns = surface.shape
    furthest: dict[str, float] = {}
    for one in here:
        if math.isfinite(one.seen_to_px):
            before = furthest.get(one.participant_id, -math.inf)
            furthest[one.participant_id] = max(before, one.seen_to_px)
    seen_px = list(furthest.values())
    share = seen_share(seen_px, height_px=surface.height_px, rows=rows)
    return Heatmap(
        kind=HeatKind.SCROLL,
        surface=surface,
        values=np.repeat(share[:, None], columns, axis=1).astype(np.float32),
        n=len(furthest),
        n_here=n_here,
        amount=depth_of(0.5, seen_px),
        points=np.empty((0, 2)),
    )
