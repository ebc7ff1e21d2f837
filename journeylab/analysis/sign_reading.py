"""Read the signs of one session from its bundle, and place each on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.alignment import Visit
from journeylab.analysis.session_data import Columns, SessionData
from journeylab.analysis.signs import (
    BURST_SHOWN_S,
    Sign,
    SignKind,
    Spot,
    expression_signs,
    friction_signs,
    step_at,
)
from journeylab.clock import NS_PER_S
from journeylab.vocabulary import StimulusKind

SIGN_UNITS: Final = ("AU04", "AU12", "AU14L", "AU14R", "AU15", "AU24")
SIGN_STATES: Final = ("surprise", "fear", "boredom")
INVALID: Final = "invalid"
CURSOR_ERROR_PX: Final = 12.0
"""A cursor's hot spot is exact, the hand is not: so near to an area it counts as on it."""
LEAST_SHARE: Final = 1 / 3
"""Gaze tells a place when a third of its samples, over the sign, lie on it: eyes jump about three
times a second, and reading one thing takes them off it now and then."""
_LOOK_BACK_NS: Final = NS_PER_S // 2
"""A face answers what was looked at up to half a second ago (Dimberg & Thunberg 1998: muscles of
the face react within 0.3 to 0.5 s)."""
_SURPRISE_NS: Final = NS_PER_S
_AROUND_NS: Final = 2 * NS_PER_S
"""Signs reach so far over the ends of their step at most."""

_Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class _Points:
    """Where gaze or cursor was: (n,) sorted times, (n, 2) px, NaN where lost; its error in px."""

    t_ns: NDArray[np.int64]
    px: NDArray[np.float64]
    error_px: float

    @classmethod
    def known(cls, t_ns: NDArray[np.int64], px: NDArray[np.float64], *, error_px: float) -> _Points:
        """Those that were measured."""
        # Axis by axis: along the short one NumPy takes ten times as long.
        is_known = np.isfinite(px[:, 0]) & np.isfinite(px[:, 1])
        return cls(t_ns[is_known], px[is_known], error_px)

    def span(self, start_ns: int, end_ns: int) -> tuple[int, int]:
        """First and last place of the points between two times."""
        low = int(self.t_ns.searchsorted(start_ns))
        return low, low + int(self.t_ns[low:].searchsorted(end_ns))

    def part(self, low: int, high: int) -> _Points:
        """The points from one place to before another."""
        return _Points(self.t_ns[low:high], self.px[low:high], self.error_px)


class Areas:
    """Where the areas of interest lay at any time, from the rows of the stream ``aois``."""

    def __init__(self, rows: Columns) -> None:
        boxes = np.column_stack(
            [
                np.asarray(rows[name], dtype=np.float64)
                for name in ("x_px", "y_px", "width_px", "height_px")
            ]
        ).reshape(-1, 4)
        found: dict[str, dict[str, list[tuple[int, _Box]]]] = {}
        for t_ns, step_id, name, box in zip(
            rows.t_ns, rows["step_id"], rows["name"], boxes, strict=True
        ):
            moves = found.setdefault(str(step_id), {}).setdefault(str(name), [])
            moves.append((int(t_ns), tuple(box)))
        self._moves = {
            step_id: {
                name: (
                    np.array([t_ns for t_ns, _ in moves], dtype=np.int64),
                    np.array([box for _, box in moves], dtype=np.float64),
                )
                for name, moves in areas.items()
            }
            for step_id, areas in found.items()
        }

    def names(self, step_id: str) -> list[str]:
        """The areas of a step."""
        return list(self._moves.get(step_id, {}))

    def under(self, points: _Points, step_id: str) -> NDArray[np.int64]:
        """(n,) the place among :meth:`names` of the area each point lies on, or nearest to it
        within its error; -1 for none.

        Of areas that lie on each other it is the smallest.
        """
        areas = self._moves.get(step_id, {})
        found = np.full(len(points.t_ns), -1, dtype=np.int64)
        nearest_px = np.full(len(points.t_ns), np.inf)
        smallest_px = np.full(len(points.t_ns), np.inf)
        x, y = np.ascontiguousarray(points.px.T)
        for place, (move_ns, boxes) in enumerate(areas.values()):
            # From each move of the area to its next one it lies in one place.
            moves = np.append(np.searchsorted(points.t_ns, move_ns), len(x)).tolist()
            for box, low, high in zip(boxes, moves[:-1], moves[1:], strict=True):
                if low >= high or not np.isfinite(box).all():
                    continue
                here = slice(low, high)
                distance_px, size_px = _distance_px(x[here], y[here], box), box[2] * box[3]
                # A point in two areas is at distance 0 from both.
                is_better = (distance_px < nearest_px[here]) | (
                    (distance_px == nearest_px[here]) & (size_px < smallest_px[here])
                )
                found[here][is_better] = place
                nearest_px[here][is_better] = distance_px[is_better]
                smallest_px[here][is_better] = size_px
        found[nearest_px > points.error_px] = -1
        return found


def read_signs(
    bundle: SessionData, visits: Sequence[Visit], *, error_px: float, bursts_ns: NDArray[np.int64]
) -> tuple[Sign, ...]:
    """The signs of one session, each with its place.

    Parameters
    ----------
    visits
        The session's stays at steps.
    error_px
        One standard deviation of its point of gaze.
    bursts_ns
        When repeated clicks on one spot began.
    """
    units = bundle.table("action_units", columns=SIGN_UNITS)
    affect = bundle.table("affect", columns=SIGN_STATES)
    expressions = expression_signs(
        units.t_ns,
        {name: np.asarray(units[name], dtype=np.float64) for name in SIGN_UNITS},
        {name: _at(units.t_ns, affect, name) for name in SIGN_STATES},
        visits,
    )
    gaze = bundle.table("gaze", columns=("x_px", "y_px"))
    pointer = bundle.table("pointer", columns=("x_px", "y_px", "action"))
    placing = _Placing(
        areas=Areas(
            bundle.table(
                "aois", columns=("step_id", "name", "x_px", "y_px", "width_px", "height_px")
            )
        ),
        gaze=_Points.known(gaze.t_ns, _xy(gaze), error_px=error_px),
        cursor=_Points.known(pointer.t_ns, _xy(pointer), error_px=CURSOR_ERROR_PX),
        screen_px=(bundle.header.screen.width_px, bundle.header.screen.height_px),
        without_screen=frozenset(
            step.step_id
            for step in bundle.header.steps
            if step.kind == StimulusKind.CAMERA_ONLY.value
        ),
        visits=tuple(visits),
    )
    page = bundle.table("page", columns=("kind", "selector"))
    placed = [placing.placed(sign) for sign in expressions]
    placed += _bursts(bursts_ns, visits, placing, page)
    placed += _refusals(page, visits)
    signs = (*placed, *friction_signs(placed))
    return tuple(sorted(signs, key=lambda sign: sign.onset_ns))


@dataclass(frozen=True, slots=True, eq=False)
class _Placing:
    areas: Areas
    gaze: _Points
    cursor: _Points
    screen_px: tuple[int, int]
    without_screen: frozenset[str]
    visits: tuple[Visit, ...]
    under: dict[tuple[str, str], tuple[int, NDArray[np.int64]]] = field(default_factory=dict)
    """By source and step: from which point on it is known which area each lies on."""

    def placed(self, sign: Sign) -> Sign:
        """The sign with its place by gaze, else by cursor."""
        if sign.step_id in self.without_screen:
            return sign
        start_ns, end_ns = sign.onset_ns - _LOOK_BACK_NS, sign.offset_ns + 1
        if sign.kind is SignKind.AHA:
            # What surprised was looked at as the surprise began, not through the joy that follows.
            end_ns = min(end_ns, sign.onset_ns + _SURPRISE_NS)
        for by, points in (("gaze", self.gaze), ("cursor", self.cursor)):
            spot = self.spot(points, by, start_ns, end_ns, sign.step_id)
            if spot is not None:
                return replace(sign, spot=spot)
        return sign

    def spot(
        self, points: _Points, by: str, start_ns: int, end_ns: int, step_id: str
    ) -> Spot | None:
        """Where most of the points lay; None where there were none."""
        low, high = points.span(start_ns, end_ns)
        if low >= high:
            return None
        here_px = points.px[low:high]
        numbers = self._under(points, by, step_id, low, high)
        best = _commonest(numbers, at_least=LEAST_SHARE * len(numbers))
        if best is not None:
            here_px = here_px[numbers == best]
        elif by == "gaze" and self._cursor_tells(start_ns, end_ns, step_id):
            return None
        x, y = _middle(here_px).tolist()
        name = "" if best is None else self.areas.names(step_id)[best]
        return Spot(name, by, x / self.screen_px[0], y / self.screen_px[1])

    def _under(
        self, points: _Points, by: str, step_id: str, low: int, high: int
    ) -> NDArray[np.int64]:
        """Which areas these points lie on; told once for all points around a step."""
        key = (by, step_id)
        if key not in self.under:
            stays = [visit for visit in self.visits if visit.step_id == step_id]
            first, last = low, high
            if stays:
                first, last = points.span(
                    min(stay.start_ns for stay in stays) - _AROUND_NS,
                    max(stay.end_ns for stay in stays) + _AROUND_NS,
                )
            self.under[key] = (first, self.areas.under(points.part(first, last), step_id))
        first, numbers = self.under[key]
        if low < first or high > first + len(numbers):
            return self.areas.under(points.part(low, high), step_id)
        return numbers[low - first : high - first]

    def _cursor_tells(self, start_ns: int, end_ns: int, step_id: str) -> bool:
        spot = self.spot(self.cursor, "cursor", start_ns, end_ns, step_id)
        return spot is not None and bool(spot.name)


def _bursts(
    bursts_ns: NDArray[np.int64], visits: Sequence[Visit], placing: _Placing, page: Columns
) -> list[Sign]:
    found = []
    for start_ns in bursts_ns:
        step_id = step_at(visits, int(start_ns))
        if step_id is None:
            continue
        end_ns = int(start_ns) + round(BURST_SHOWN_S * NS_PER_S)
        spot = placing.spot(placing.cursor, "cursor", int(start_ns), end_ns, step_id) or Spot()
        if not spot.name:
            spot = replace(spot, name=_clicked(page, int(start_ns), end_ns), by="element")
        found.append(Sign(SignKind.BURST, step_id, int(start_ns), end_ns, 1.0, spot))
    return found


def _refusals(page: Columns, visits: Sequence[Visit]) -> list[Sign]:
    found = []
    for t_ns, kind, selector in zip(page.t_ns, page["kind"], page["selector"], strict=True):
        step_id = step_at(visits, int(t_ns)) if str(kind) == INVALID else None
        if step_id is not None:
            spot = Spot(str(selector), "element") if str(selector) else Spot()
            found.append(Sign(SignKind.REFUSAL, step_id, int(t_ns), int(t_ns), 1.0, spot))
    return found


def _clicked(page: Columns, start_ns: int, end_ns: int) -> str:
    for t_ns, kind, selector in zip(page.t_ns, page["kind"], page["selector"], strict=True):
        if start_ns <= t_ns < end_ns and str(kind) == "click":
            return str(selector)
    return ""


def _at(t_ns: NDArray[np.int64], affect: Columns, name: str) -> NDArray[Any]:
    """A state at the times of the action units; both come of the same frames."""
    values = np.asarray(affect[name], dtype=np.float64)
    if len(affect.t_ns) == len(t_ns) and np.array_equal(affect.t_ns, t_ns):
        return values
    aligned = np.full(len(t_ns), np.nan)
    place = np.searchsorted(affect.t_ns, t_ns)
    inside = place < len(affect.t_ns)
    inside[inside] &= affect.t_ns[place[inside]] == t_ns[inside]
    aligned[inside] = values[place[inside]]
    return aligned


def _xy(table: Columns) -> NDArray[np.float64]:
    return np.column_stack([table["x_px"], table["y_px"]]).astype(np.float64).reshape(-1, 2)


def _middle(px: NDArray[np.float64]) -> NDArray[np.float64]:
    """Median of points (n, 2) by axis, in a tenth of the time NumPy's takes for so few."""
    ordered = np.sort(px, axis=0)
    return np.asarray((ordered[(len(px) - 1) // 2] + ordered[len(px) // 2]) / 2)


def _commonest(numbers: NDArray[np.int64], *, at_least: float) -> int | None:
    """The number most of them are, of equally common ones the first; None where all are -1, or
    fewer than so many are it."""
    known = numbers[numbers >= 0]
    if not len(known):
        return None
    counts = np.bincount(known)
    most = counts.max()
    return int(known[np.argmax(counts[known] == most)]) if most >= at_least else None


def _distance_px(
    x: NDArray[np.float64], y: NDArray[np.float64], box: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(n,) from each point to a box (left, top, width, height), 0 inside."""
    left, top, width, height = box.tolist()
    beside = np.maximum(np.maximum(left - x, x - (left + width)), 0.0)
    over = np.maximum(np.maximum(top - y, y - (top + height)), 0.0)
    return np.asarray(np.hypot(beside, over), dtype=np.float64)
