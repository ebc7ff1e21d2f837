"""What was done with the mouse in one session: presses and scrolls, read in parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.session_data import SessionData
from journeylab.clock import NS_PER_S
from journeylab.vocabulary import PointerAction

SCROLL_PAUSE_S: Final = 1.0
"""Scrolling that goes on within this time is one act."""
_ROWS: Final = 150_000


@dataclass(frozen=True, slots=True, eq=False)
class Scroll:
    """One act of scrolling, ns; ``notches`` up are positive."""

    start_ns: int
    end_ns: int
    notches: float


@dataclass(frozen=True, slots=True, eq=False)
class PointerActs:
    """Presses at (n,) sorted times and (n, 2) places, px, and the acts of scrolling."""

    press_ns: NDArray[np.int64]
    press_px: NDArray[np.float64]
    scrolls: tuple[Scroll, ...]


def read_pointer_acts(session: SessionData) -> Iterator[PointerActs | None]:
    """The acts of a session, at the end; None before it, so that others may read between.

    The mouse of an hour is two million rows.
    """
    press_ns: list[NDArray[np.int64]] = [np.empty(0, dtype=np.int64)]
    press_px: list[NDArray[np.float64]] = [np.empty((0, 2))]
    scroll_ns: list[NDArray[np.int64]] = [np.empty(0, dtype=np.int64)]
    notches: list[NDArray[np.float64]] = [np.empty(0)]
    begins: list[int | None] = session.table("pointer", columns=()).t_ns[::_ROWS].tolist()
    for start_ns, end_ns in pairwise([*begins, None]):
        span = {"start_ns": start_ns, "end_ns": end_ns}
        rows = session.table("pointer", columns=("action",), **span)
        actions = np.asarray(rows["action"])
        pressed = np.flatnonzero(actions == PointerAction.PRESS)
        if len(pressed):
            place = session.table("pointer", columns=("x_px", "y_px"), **span)
            press_ns.append(place.t_ns[pressed])
            press_px.append(np.column_stack([place["x_px"][pressed], place["y_px"][pressed]]))
        scrolled = np.flatnonzero(actions == PointerAction.SCROLL)
        if len(scrolled):
            wheel = session.table("pointer", columns=("scroll_dy",), **span)
            scroll_ns.append(wheel.t_ns[scrolled])
            notches.append(np.asarray(wheel["scroll_dy"][scrolled], dtype=np.float64))
        yield None
    scrolls = scrolls_of(np.concatenate(scroll_ns), np.concatenate(notches))
    yield PointerActs(np.concatenate(press_ns), np.concatenate(press_px), scrolls)


def scrolls_of(t_ns: NDArray[np.int64], notches: NDArray[np.float64]) -> tuple[Scroll, ...]:
    """Turns of the wheel (n,) as acts of scrolling, parted by pauses and by changes of way."""
    if not len(t_ns):
        return ()
    way = np.sign(np.nan_to_num(notches))
    is_new = (np.diff(t_ns) > SCROLL_PAUSE_S * NS_PER_S) | (way[1:] * way[:-1] < 0)
    edges = [0, *(np.flatnonzero(is_new) + 1).tolist(), len(t_ns)]
    return tuple(
        Scroll(int(t_ns[first]), int(t_ns[last - 1]), float(np.nansum(notches[first:last])))
        for first, last in pairwise(edges)
    )


def read_page_scrolls(session: SessionData, wheel: tuple[Scroll, ...]) -> tuple[Scroll, ...]:
    """What pages tell of scrolling that no wheel did: by keys, a finger, or the scroll bar."""
    rows = session.table("page", columns=("kind", "url", "selector", "scroll_y_px"))
    told = zip(rows["kind"], rows["selector"], strict=True)
    places = [n for n, (kind, of) in enumerate(told) if str(kind) == "scroll" and not str(of)]
    top_px = np.array([float(rows["scroll_y_px"][n]) for n in places])
    urls = [str(rows["url"][n]) for n in places]
    before_px = [top_px[n - 1] if n and urls[n] == urls[n - 1] else 0.0 for n in range(len(places))]
    reach_ns = round(SCROLL_PAUSE_S * NS_PER_S)
    t_ns = np.asarray(rows.t_ns, dtype=np.int64)[places]
    return tuple(
        one
        for one in scrolls_of(t_ns, np.array(before_px) - top_px)
        if not any(
            turn.start_ns - reach_ns <= one.end_ns and one.start_ns <= turn.end_ns + reach_ns
            for turn in wheel
        )
    )
