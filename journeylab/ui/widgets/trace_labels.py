"""Where the names of steps and markers stand: in lanes above and below the trace, never on it.

A live trace moves, and names that gave way to it would jump. So they have lanes of their own, and
what must give way is their length: a name is cut short, then only its key is shown, then nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

GAP_PX: Final = 6.0
"""Least distance of two names in one lane."""

INDENT_PX: Final = 4.0
"""From a mark's line to its name."""


@dataclass(frozen=True, slots=True)
class LaneMark:
    """A name wanted at ``x_px``: ``least_px`` is the width in which a cut name still says
    something, ``short_px`` that of its short form, 0 where there is none."""

    x_px: float
    full_px: float
    least_px: float
    short_px: float = 0.0


@dataclass(frozen=True, slots=True)
class LanePlace:
    """Where a name stands: ``lane`` from 0, its left edge and width, whether in its short form."""

    lane: int
    left_px: float
    width_px: float
    is_short: bool = False

    @property
    def right_px(self) -> float:
        return self.left_px + self.width_px


def place_in_lanes(
    marks: Sequence[LaneMark], *, n_lanes: int, right_px: float
) -> list[LanePlace | None]:
    """A place for each name, marks from left to right; None where there is no room.

    A name leaves room for the next ``n_lanes`` marks, so that a crowd is thinned evenly and not
    from one end. No two places of one lane come nearer than :data:`GAP_PX`, and all end before
    ``right_px``.
    """
    ends = [float("-inf")] * n_lanes
    places: list[LanePlace | None] = []
    for index, mark in enumerate(marks):
        left_px = mark.x_px + INDENT_PX
        free = [lane for lane, end_px in enumerate(ends) if end_px + GAP_PX <= left_px]
        until_px = _until_px(marks, index, ends, free[0]) if free else None
        room_px = min(right_px if until_px is None else until_px, right_px) - GAP_PX - left_px
        place = _fitted(mark, free[0], left_px, room_px) if free else None
        if place is None and free:
            # Better a short name that takes the next one's room than a row of bare lines.
            place = _short(mark, free[0], left_px, right_px - GAP_PX - left_px)
        if place is not None:
            ends[place.lane] = place.right_px
        places.append(place)
    return places


def _until_px(
    marks: Sequence[LaneMark], index: int, ends: Sequence[float], lane: int
) -> float | None:
    """Where the lane will be needed: at the first mark that finds all others taken."""
    for later in range(index + 1, len(marks)):
        left_px = marks[later].x_px + INDENT_PX
        others = sum(
            1 for other, end_px in enumerate(ends) if other != lane and end_px + GAP_PX <= left_px
        )
        if others < later - index:
            return marks[later].x_px
    return None


def _fitted(mark: LaneMark, lane: int, left_px: float, room_px: float) -> LanePlace | None:
    if mark.full_px <= room_px:
        return LanePlace(lane, left_px, mark.full_px)
    if room_px >= mark.least_px:
        return LanePlace(lane, left_px, room_px)
    return _short(mark, lane, left_px, room_px)


def _short(mark: LaneMark, lane: int, left_px: float, room_px: float) -> LanePlace | None:
    if 0 < mark.short_px <= room_px:
        return LanePlace(lane, left_px, mark.short_px, is_short=True)
    return None
