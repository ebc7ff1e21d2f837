"""Measures of the mouse and the page on one step: way, speed, straightness, spread, clicks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.runs import Span, within
from journeylab.clock import NS_PER_S
from journeylab.streams import Column
from journeylab.vocabulary import PointerAction

GRID: Final = (16, 9)
"""Columns and rows of the screen over which the spread is counted: cells of a hand's aim."""
LONGEST_MOVE_NS: Final = 100_000_000
"""Two places further apart in time are two movements: the hand rested, or the mouse was lifted."""

COLUMNS: Final = (
    Column(
        "pointer_path_px",
        "f8",
        "px",
        "way of the cursor while it moved; jumps over more than 100 ms are left out",
        0,
        None,
    ),
    Column("pointer_moving_s", "f8", "s", "time in which it moved", 0, None),
    Column("pointer_speed_mean_px_s", "f8", "px/s", "way over time in which it moved", 0, None),
    Column("pointer_speed_peak_px_s", "f8", "px/s", "highest speed over 100 ms", 0, None),
    Column(
        "pointer_efficiency",
        "f8",
        "1",
        "straight distance over way, from each click to the next one or from the step's first "
        "place to the first click; mean over the clicks, 1 is straight",
        0,
        1,
    ),
    Column(
        "pointer_entropy",
        "f8",
        "bit",
        f"spread of the cursor's time over {GRID[0]} by {GRID[1]} parts of the screen: 0 is one "
        "part, each bit twice as many",
        0,
        None,
    ),
    Column("clicks", "f8", "1", "presses of a button", 0, None),
    Column("click_bursts", "f8", "1", "three clicks or more on one spot in 1.5 s", 0, None),
    Column("scrolls", "f8", "1", "turns of the wheel", 0, None),
    Column("scroll_notches", "f8", "notch", "how far the wheel was turned, both ways", 0, None),
    Column("scroll_depth_px", "f8", "px", "furthest vertical scroll offset of a page", 0, None),
    Column("fields_refused", "f8", "1", "form fields the page refused", 0, None),
)


@dataclass(frozen=True, slots=True, eq=False)
class PointerData:
    """The mouse and page of a session: times (n,) and columns of ``pointer``, ``bursts_ns`` the
    times of repeated clicks; times, kinds and scroll offsets of ``page``."""

    t_ns: NDArray[np.int64]
    px: NDArray[np.float64]
    action: NDArray[np.int64]
    speed_px_s: NDArray[np.float64]
    scroll_dy: NDArray[np.float64]
    bursts_ns: NDArray[np.int64]
    page_ns: NDArray[np.int64]
    page_kind: NDArray[np.object_]
    page_scroll_px: NDArray[np.float64]


def pointer_measures(
    pointer: PointerData, spans: Sequence[Span], *, screen_px: tuple[int, int]
) -> dict[str, float]:
    """The measures of one step.

    A session without any row of the mouse has none of them. In one that has, a step without a row
    has a way of 0, for the system tells every movement.
    """
    measures = dict.fromkeys((column.name for column in COLUMNS), math.nan)
    measures |= _page(pointer, spans)
    if not len(pointer.t_ns):
        return measures
    path_px = moving_s = 0.0
    straight: list[float] = []
    for span in spans:
        low, high = np.searchsorted(pointer.t_ns, span)
        # A row without a place is none of the way; the rows around it are neighbours.
        is_placed = np.isfinite(pointer.px[low:high]).all(axis=1)
        px, t_ns = pointer.px[low:high][is_placed], pointer.t_ns[low:high][is_placed]
        steps_px, steps_ns = np.hypot(*np.diff(px, axis=0).T), np.diff(t_ns)
        # Over a gap nobody told of the way: it is neither way nor time of moving.
        is_moving = (steps_px > 0) & (steps_ns <= LONGEST_MOVE_NS)
        path_px += float(steps_px[is_moving].sum())
        moving_s += float(steps_ns[is_moving].sum()) / NS_PER_S
        presses = np.flatnonzero(pointer.action[low:high][is_placed] == PointerAction.PRESS)
        straight += _straightness(px, steps_px, presses)
    here = within(pointer.t_ns, spans)
    speed = pointer.speed_px_s[here]
    speed = speed[np.isfinite(speed)]
    turned = here & (pointer.action == PointerAction.SCROLL)
    measures |= {
        "pointer_path_px": path_px,
        "pointer_moving_s": moving_s,
        "pointer_speed_mean_px_s": path_px / moving_s if moving_s > 0 else math.nan,
        "pointer_speed_peak_px_s": float(speed.max()) if len(speed) else math.nan,
        "pointer_efficiency": sum(straight) / len(straight) if straight else math.nan,
        "pointer_entropy": _entropy(pointer, spans, screen_px),
        "clicks": float(np.sum(here & (pointer.action == PointerAction.PRESS))),
        "click_bursts": float(within(pointer.bursts_ns, spans).sum()),
        "scrolls": float(turned.sum()),
        "scroll_notches": float(np.nansum(np.abs(pointer.scroll_dy[turned]))),
    }
    return measures


def _straightness(
    px: NDArray[np.float64], steps_px: NDArray[np.float64], presses: NDArray[np.int64]
) -> list[float]:
    """Of each way that ends in a click: straight distance over way; not of a click on the spot."""
    if not len(presses):
        return []
    way_px = np.concatenate([[0.0], np.cumsum(steps_px)])
    found = []
    for begin, end in pairwise([0, *presses.tolist()]):
        travelled = float(way_px[end] - way_px[begin])
        if travelled > 0:
            found.append(min(1.0, float(np.hypot(*(px[end] - px[begin]))) / travelled))
    return found


def _entropy(pointer: PointerData, spans: Sequence[Span], screen_px: tuple[int, int]) -> float:
    """Shannon entropy of the cursor's time over the parts of the screen; between two rows it
    rests. NaN where it was never on the screen."""
    spent_s = np.zeros(GRID[0] * GRID[1])
    for start_ns, end_ns in spans:
        # Before its first row of the step it was where its last one before left it.
        first = max(0, int(np.searchsorted(pointer.t_ns, start_ns, side="right")) - 1)
        last = int(np.searchsorted(pointer.t_ns, end_ns))
        if first >= last:
            continue
        times_ns = np.maximum(pointer.t_ns[first:last], start_ns)
        rests_s = np.diff(np.append(times_ns, end_ns)) / NS_PER_S
        share = pointer.px[first:last] / np.array(screen_px)
        is_on = ((share >= 0) & (share < 1)).all(axis=1)
        cell = (share[is_on] * np.array(GRID)).astype(np.int64)
        spent_s += np.bincount(
            cell[:, 1] * GRID[0] + cell[:, 0], rests_s[is_on], minlength=len(spent_s)
        )
    total_s = spent_s.sum()
    if total_s <= 0:
        return math.nan
    share = spent_s[spent_s > 0] / total_s
    return float(-(share @ np.log2(share))) + 0.0  # not -0


def _page(pointer: PointerData, spans: Sequence[Span]) -> dict[str, float]:
    """Of steps on which a page told something; others have none."""
    here = within(pointer.page_ns, spans)
    if not here.any():
        return {}
    kinds = pointer.page_kind[here]
    offsets = pointer.page_scroll_px[here][kinds == "scroll"]
    offsets = offsets[np.isfinite(offsets)]
    return {
        "scroll_depth_px": float(offsets.max(initial=0.0)),
        "fields_refused": float(np.sum(kinds == "invalid")),
    }
