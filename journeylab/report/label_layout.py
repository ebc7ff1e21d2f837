"""Place labels beside a trace so that none covers another, the trace, or a leader line.

Greedy in order of importance: each label takes the cheapest free place near its point, on the
side its kind prefers; a label that finds none in full is tried smaller, then given up, and the
caller says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.report.scene import Point

CLEARANCE_PX: Final = 6.0
NEAREST_PX: Final = 17.0
FURTHEST_SHIFT: Final = 2.2
"""Of its own width: how far a label may stand beside its point."""
BAND_COST: Final = 60.0
"""In pixels of distance: what standing wholly on the band is worth avoiding."""
TOUCHING_PX: Final = 12.0
"""So near to its point a leader may run along the trace."""
BESIDE_COST: Final = 18.0
WRONG_SIDE_COST: Final = 150.0
GIVEN_UP_COST: Final = 2000.0
_STEP_Y: Final = 7.0


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle, px."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def overlaps(self, other: Box, *, margin: float = 0.0) -> bool:
        """Whether two boxes come nearer than ``margin``."""
        return (
            self.x < other.right + margin
            and other.x < self.right + margin
            and self.y < other.bottom + margin
            and other.y < self.bottom + margin
        )

    def meets_segment(self, start: Point, end: Point) -> bool:
        """Whether a straight line runs through the box (Liang and Barsky's clipping)."""
        low, high = 0.0, 1.0
        dx, dy = end[0] - start[0], end[1] - start[1]
        for direction, distance in (
            (-dx, start[0] - self.x),
            (dx, self.right - start[0]),
            (-dy, start[1] - self.y),
            (dy, self.bottom - start[1]),
        ):
            if direction == 0:
                if distance < 0:
                    return False
                continue
            share = distance / direction
            if direction < 0:
                low = max(low, share)
            else:
                high = min(high, share)
        return low <= high


@dataclass(frozen=True, slots=True)
class LabelRequest:
    """A label wanted at a point: the box in full, smaller, and above or below preferred."""

    anchor: Point
    width: float
    height: float
    small_height: float
    prefers_above: bool


@dataclass(frozen=True, slots=True)
class PlacedLabel:
    """Where a label stands and where its leader line ends on the box."""

    box: Box
    leader_end: Point
    is_small: bool


@dataclass(frozen=True, slots=True)
class _Candidate:
    box: Box
    cost: float


@dataclass(frozen=True, slots=True, eq=False)
class TraceObstacle:
    """The trace as drawn: ``x`` (n,) rising, ``y`` (n,) px; ``top`` and ``bottom`` the band's
    edges. NaN where there is no trace."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    top: NDArray[np.float64]
    bottom: NDArray[np.float64]

    def is_met_by(self, box: Box) -> bool:
        """Whether the trace's line comes within the clearance of a box."""
        part = self._beside(box)
        y = self.y[part]
        y = y[np.isfinite(y)]
        if len(y) == 0:
            return False
        return bool(
            y.max() >= box.y - CLEARANCE_PX and y.min() <= box.bottom + CLEARANCE_PX
        ) and bool(
            # Between the lowest and highest point the line passes every row in between.
            ((y >= box.y - CLEARANCE_PX) & (y <= box.bottom + CLEARANCE_PX)).any()
            or (y.min() < box.y and y.max() > box.bottom)
        )

    def band_overlap(self, box: Box) -> float:
        """Share 0..1 of the box's width beside which the band runs through it."""
        part = self._beside(box)
        top, bottom = self.top[part], self.bottom[part]
        if len(top) == 0:
            return 0.0
        with np.errstate(invalid="ignore"):
            return float(np.mean((top < box.bottom) & (bottom > box.y)))

    def crosses(self, start: Point, end: Point) -> bool:
        """Whether a line from a point on the trace runs through the trace elsewhere."""
        left, right = sorted((start[0], end[0]))
        inside = (self.x > left) & (self.x < right) & np.isfinite(self.y)
        # At the point itself the leader touches the trace, and along a flat peak stays beside it.
        inside &= np.abs(self.x - start[0]) > TOUCHING_PX
        if not inside.any():
            return False
        slope = (end[1] - start[1]) / (end[0] - start[0])
        line_y = start[1] + slope * (self.x[inside] - start[0])
        side = np.sign(line_y - self.y[inside])
        return bool(np.any(side != side[0]) or np.any(np.abs(line_y - self.y[inside]) < 1.0))

    def _beside(self, box: Box) -> slice:
        low, high = np.searchsorted(self.x, (box.x - CLEARANCE_PX, box.right + CLEARANCE_PX))
        return slice(max(int(low) - 1, 0), int(high) + 1)


@dataclass(frozen=True, slots=True, eq=False)
class _Field:
    """What all labels share: each other, the trace, and the room there is."""

    requests: tuple[LabelRequest, ...]
    trace: TraceObstacle
    bounds: Box


def place_labels(
    requests: Sequence[LabelRequest], *, trace: TraceObstacle, bounds: Box
) -> list[PlacedLabel | None]:
    """Place labels, the most important first; None for one that finds no room.

    Where that pushes a label off its side, other orders are tried and the best is kept.

    No placed box overlaps another, the trace, a leader or an anchor, and all lie in ``bounds``.
    """
    field = _Field(tuple(requests), trace, bounds)
    best: tuple[float, list[PlacedLabel | None]] | None = None
    for order in _orders(requests):
        placed, cost = _place_in_order(field, order)
        if best is None or cost < best[0]:
            best = (cost, placed)
        if cost < WRONG_SIDE_COST:
            break  # every label stands on its own side: no other order is worth the time
    return best[1] if best is not None else []


def _orders(requests: Sequence[LabelRequest]) -> list[list[int]]:
    """The order given first; then from the right, the left, and the least important on."""
    given = list(range(len(requests)))
    by_x = sorted(given, key=lambda place: requests[place].anchor[0])
    return [given, by_x[::-1], by_x, given[::-1]] if len(requests) > 1 else [given]


def _place_in_order(field: _Field, order: Sequence[int]) -> tuple[list[PlacedLabel | None], float]:
    placed: list[PlacedLabel | None] = [None] * len(order)
    standing: list[tuple[LabelRequest, PlacedLabel]] = []
    total = 0.0
    for place in order:
        request = field.requests[place]
        found = None
        for is_small in (False, True):
            found = _best_place(field, request, standing, is_small=is_small)
            if found is not None:
                break
        if found is None:
            total += GIVEN_UP_COST
            continue
        placed[place] = found[1]
        standing.append((request, found[1]))
        total += found[0]
    return placed, total


def _best_place(
    field: _Field,
    request: LabelRequest,
    standing: Sequence[tuple[LabelRequest, PlacedLabel]],
    *,
    is_small: bool,
) -> tuple[float, PlacedLabel] | None:
    height = request.small_height if is_small else request.height
    best: tuple[float, PlacedLabel] | None = None
    for candidate in _candidates(request, height, field.bounds):
        box, cost = candidate.box, candidate.cost
        if best is not None and cost >= best[0]:
            break  # nothing further on can be cheaper
        label = PlacedLabel(box, _leader_end(request.anchor, box), is_small)
        if _is_free(field, request, label, standing):
            total = cost + BAND_COST * field.trace.band_overlap(box)
            if best is None or total < best[0]:
                best = (total, label)
    return best


def _candidates(request: LabelRequest, height: float, bounds: Box) -> list[_Candidate]:
    """Boxes on a grid around the point, cheapest first; none nearer than the least distance."""
    x, y = request.anchor
    shifts = np.linspace(-FURTHEST_SHIFT, FURTHEST_SHIFT, 23) * request.width
    lefts = np.unique(
        np.clip(x - request.width / 2 + shifts, bounds.x, bounds.right - request.width)
    )
    highest, lowest = bounds.y, bounds.bottom - height
    tops = np.concatenate(
        [
            np.arange(y - NEAREST_PX - height, highest - 0.5, -_STEP_Y),
            np.arange(y - NEAREST_PX - height + _STEP_Y, y + NEAREST_PX - 0.5, _STEP_Y),
            np.arange(y + NEAREST_PX, lowest + 0.5, _STEP_Y),
        ]
    )
    tops = tops[(tops >= highest - 0.5) & (tops <= lowest + 0.5)]
    left, top = (grid.ravel() for grid in np.meshgrid(lefts, tops))
    sideways = np.maximum(np.maximum(left - x, x - left - request.width), 0.0)
    upright = np.maximum(np.maximum(top - y, y - top - height), 0.0)
    distance = np.hypot(sideways, upright)
    off_centre = np.abs(left + request.width / 2 - x)
    is_above, is_below = top + height < y, top > y
    right_side = is_above if request.prefers_above else is_below
    wrong_side = is_below if request.prefers_above else is_above
    cost = (
        distance
        + 0.5 * off_centre
        + np.where(right_side, 0.0, BESIDE_COST)
        + np.where(wrong_side, WRONG_SIDE_COST - BESIDE_COST, 0.0)
    )
    order = np.argsort(cost, kind="stable")
    return [
        _Candidate(Box(float(left[k]), float(top[k]), request.width, height), float(cost[k]))
        for k in order
        if distance[k] >= NEAREST_PX - 0.5
    ]


def _leader_end(anchor: Point, box: Box) -> Point:
    """The nearest place on the box's edge, a little in from its corners."""
    x, y = anchor
    if box.y <= y <= box.bottom:
        inset = min(8.0, box.height / 3)
        end_y = float(np.clip(y, box.y + inset, box.bottom - inset))
        return (box.right if box.right < x else box.x, end_y)
    end_x = float(np.clip(x, box.x + 8, box.right - 8))
    return (end_x, box.bottom if box.bottom < y else box.y)


def _is_free(
    field: _Field,
    request: LabelRequest,
    label: PlacedLabel,
    standing: Sequence[tuple[LabelRequest, PlacedLabel]],
) -> bool:
    trace, requests = field.trace, field.requests
    if trace.is_met_by(label.box) or trace.crosses(request.anchor, label.leader_end):
        return False
    for other, its in standing:
        if label.box.overlaps(its.box, margin=CLEARANCE_PX):
            return False
        if label.box.meets_segment(other.anchor, its.leader_end):
            return False
        if its.box.meets_segment(request.anchor, label.leader_end):
            return False
    return not any(
        _around(other.anchor).overlaps(label.box) for other in requests if other is not request
    )


def _around(anchor: Point) -> Box:
    radius = CLEARANCE_PX
    return Box(anchor[0] - radius, anchor[1] - radius, 2 * radius, 2 * radius)
