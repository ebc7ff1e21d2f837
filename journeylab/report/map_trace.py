"""The emotional trace, drawn like an EKG: band, line by tone, zero, callouts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.journey import Callout, JourneyMap, Trace
from journeylab.analysis.runs import runs_of
from journeylab.report import map_style as style
from journeylab.report.label_layout import (
    Box,
    LabelRequest,
    PlacedLabel,
    TraceObstacle,
    place_labels,
)
from journeylab.report.map_columns import Column
from journeylab.report.map_expected import draw_expected
from journeylab.report.scene import (
    Circle,
    Hit,
    Line,
    MomentTarget,
    Point,
    Polygon,
    Polyline,
    Rect,
    SceneDraft,
    Text,
    TraceAxes,
)
from journeylab.report.text_metrics import text_width

TRACE_PX: Final = 2.3
BAND_OPACITY: Final = 0.15
TONE_COLOURS: Final = {1: "joy", -1: "negative", 0: "neutral"}
_LABEL_HEIGHT: Final = 38.0
_SMALL_LABEL_HEIGHT: Final = 22.0
_LABEL_TITLE_PX: Final = 12.0
_LABEL_DETAIL_PX: Final = 11.0
_COUNT_HEIGHT: Final = 9.0
_RING_PX: Final = 11.0
"""Half the side of the square about a finding's ring that answers to a click."""
_NEAR_LINE_PX: Final = 14.0


def trace_axes(columns: Sequence[Column], *, top_y: float, bottom_y: float) -> TraceAxes:
    """Axes of the trace's area for these columns."""
    knots_s = [columns[0].step.start_s, *(column.step.end_s for column in columns)]
    knots_x = [columns[0].x, *(column.right for column in columns)]
    return TraceAxes(tuple(knots_s), tuple(knots_x), top_y, bottom_y)


def callout_target(callout: Callout) -> MomentTarget:
    """Where a callout leads."""
    return MomentTarget(callout.position_s, callout.valence, callout.participants)


def draw_trace(draft: SceneDraft, journey: JourneyMap, axes: TraceAxes) -> int:
    """Draw the whole row within its axes; returns how many callouts found no room."""
    draft.begin("grid")
    draw_grid(draft, axes)
    trace = journey.trace
    for callout in journey.callouts:
        _draw_zone(draft, callout, axes, trace)
    if not np.isfinite(trace.mean).any():
        _draw_expected(draft, journey, axes)
        _draw_empty(draft, journey, axes)
        return 0
    x = np.interp(trace.position_s, axes.knots_s, axes.knots_x)
    draft.begin("band")
    _draw_band(draft, trace, x, axes)
    draft.begin("counts")
    _draw_counts(draft, trace, x, axes)
    draft.begin("mean")
    _draw_line(draft, trace, x, axes)
    _draw_expected(draft, journey, axes)
    draft.begin("callouts")
    return _draw_callouts(draft, journey.callouts, _obstacle(trace, x, axes), axes)


def draw_part(
    draft: SceneDraft, trace: Trace, axes: TraceAxes, *, position_s: float | None = None
) -> None:
    """Draw a stretch of a trace, all of it within ``axes``, and a ring on one position."""
    left, right = axes.knots_x[0], axes.knots_x[-1]
    draft.add(Line((left, axes.y_at(0)), (right, axes.y_at(0)), "neutral", 1.2, (4, 4)))
    x = np.interp(trace.position_s, axes.knots_s, axes.knots_x)
    _draw_band(draft, trace, x, axes)
    _draw_line(draft, trace, x, axes)
    if position_s is None or not len(x):
        return
    point = int(np.argmin(np.abs(trace.position_s - position_s)))
    if np.isfinite(trace.mean[point]):
        colour = TONE_COLOURS[int(trace.tone[point])]
        place = (float(x[point]), axes.y_at(float(trace.mean[point])))
        draft.add(Circle(place, 6.0, "ground", colour, 2.4))


def _draw_expected(draft: SceneDraft, journey: JourneyMap, axes: TraceAxes) -> None:
    if journey.expected is not None:
        draft.begin("expected")
        draw_expected(draft, journey.expected, axes)


def draw_grid(draft: SceneDraft, axes: TraceAxes) -> None:
    """Draw the lines of valence with their numbers."""
    left, right = axes.knots_x[0], axes.knots_x[-1]
    for valence in (100, 50, 0, -50, -100):
        y = axes.y_at(valence)
        if valence == 0:
            draft.add(Line((left, y), (right, y), "neutral", 1.2, (4, 4)))
        else:
            draft.add(Line((left, y), (right, y), "line"))
        words = f"+{valence}" if valence > 0 else str(valence).replace("-", "−")
        draft.add(Text(left - 10, y + 4, words, style.CAPS_PX, "quiet_text", anchor="end"))


def _draw_zone(draft: SceneDraft, callout: Callout, axes: TraceAxes, trace: Trace) -> None:
    if callout.kind != "negative" or callout.start_s is None or callout.end_s is None:
        return
    x, right = axes.x_at(callout.start_s), axes.x_at(callout.end_s)
    height = axes.bottom_y - axes.top_y
    draft.add(Rect(x, axes.top_y, right - x, height, "negative_tint", opacity=0.75))
    inside = (trace.position_s >= callout.start_s) & (trace.position_s <= callout.end_s)
    known = trace.mean[inside & np.isfinite(trace.mean)]
    # The zone leads to its cluster; the line that runs through it, to the point clicked at.
    above_y, below_y = axes.bottom_y, axes.bottom_y
    if len(known):
        above_y = axes.y_at(float(known.max())) - _NEAR_LINE_PX
        below_y = axes.y_at(float(known.min())) + _NEAR_LINE_PX
    for top_y, bottom_y in ((axes.top_y, above_y), (below_y, axes.bottom_y)):
        if bottom_y > top_y:
            draft.answer(_leads(callout, x, top_y, right - x, bottom_y - top_y))


def _leads(callout: Callout, x: float, y: float, width: float, height: float) -> Hit:
    hint = f"{callout.title}: {callout.detail}" if callout.detail else callout.title
    return Hit(x, y, width, height, callout_target(callout), hint)


def _draw_empty(draft: SceneDraft, journey: JourneyMap, axes: TraceAxes) -> None:
    words = journey.notes[0] if journey.notes else "No valence was measured."
    middle = (axes.knots_x[0] + axes.knots_x[-1]) / 2
    width = text_width(words, 15, weight=500) + 48
    y = axes.y_at(0)
    draft.add(
        Rect(middle - width / 2, y - 24, width, 48, "ground", "line", radius_px=8),
        Text(middle, y + 5, words, 15, "quiet_text", 500, "middle"),
    )


def _draw_band(draft: SceneDraft, trace: Trace, x: NDArray[np.float64], axes: TraceAxes) -> None:
    has_band = np.isfinite(trace.low) & np.isfinite(trace.high)
    for start, end in runs_of(has_band):
        part = slice(start, end)
        upper = _points(x[part], trace.high[part], axes)
        lower = _points(x[part], trace.low[part], axes)
        draft.add(Polygon((*upper, *reversed(lower)), "neutral", BAND_OPACITY))


def _draw_line(draft: SceneDraft, trace: Trace, x: NDArray[np.float64], axes: TraceAxes) -> None:
    for start, end in runs_of(np.isfinite(trace.mean)):
        edges = [start, *(start + 1 + np.flatnonzero(np.diff(trace.tone[start:end]))), end]
        for low, high in pairwise(edges):
            # Neighbouring colours share a point, so that the line has no gap.
            part = slice(int(low), min(int(high) + 1, end))
            points = _points(x[part], trace.mean[part], axes)
            if len(points) > 1:
                draft.add(Polyline(points, TONE_COLOURS[int(trace.tone[low])], TRACE_PX))


def _draw_counts(draft: SceneDraft, trace: Trace, x: NDArray[np.float64], axes: TraceAxes) -> None:
    """A strip below the trace where not all sessions stand behind every point."""
    most = int(trace.n_people.max())
    if most == 0 or int(trace.n_people.min()) == most:
        return
    foot = axes.bottom_y + 6 + _COUNT_HEIGHT
    edges = [0, *(1 + np.flatnonzero(np.diff(trace.n_people))), len(x)]
    for low, high in pairwise(edges):
        height = _COUNT_HEIGHT * int(trace.n_people[low]) / most
        right = x[high] if high < len(x) else axes.knots_x[-1]
        left = x[low] if low else axes.knots_x[0]
        draft.add(Rect(left, foot - height, right - left, height, "neutral", opacity=0.22))
    draft.add(Text(style.MARGIN_PX, foot, "N by point", style.CAPS_PX, "quiet_text"))


def _draw_callouts(
    draft: SceneDraft, callouts: Sequence[Callout], obstacle: TraceObstacle, axes: TraceAxes
) -> int:
    ordered = sorted(callouts, key=lambda callout: -abs(callout.valence))
    requests = [_request(callout, axes) for callout in ordered]
    # Above the +100 line there is still air, and below the -100 line a little.
    bounds = Box(
        axes.knots_x[0] + 2,
        axes.top_y - 30,
        axes.knots_x[-1] - axes.knots_x[0] - 4,
        axes.bottom_y - axes.top_y + 34,
    )
    places = place_labels(requests, trace=obstacle, bounds=bounds)
    for callout, request, place in zip(ordered, requests, places, strict=True):
        colour = style.KIND_COLOURS[callout.kind]
        if place is not None:
            _draw_label(draft, callout, request.anchor, place)
        x, y = request.anchor
        draft.add(Circle((x, y), 5.0, "ground", colour, 2.0))
        draft.answer(_leads(callout, x - _RING_PX, y - _RING_PX, 2 * _RING_PX, 2 * _RING_PX))
    return sum(place is None for place in places)


def _request(callout: Callout, axes: TraceAxes) -> LabelRequest:
    width = 24 + max(
        text_width(callout.title, _LABEL_TITLE_PX, weight=600),
        text_width(callout.detail, _LABEL_DETAIL_PX),
    )
    return LabelRequest(
        anchor=(axes.x_at(callout.position_s), axes.y_at(callout.valence)),
        width=width,
        height=_LABEL_HEIGHT,
        small_height=_SMALL_LABEL_HEIGHT,
        prefers_above=callout.valence >= 0,
    )


def _draw_label(draft: SceneDraft, callout: Callout, anchor: Point, place: PlacedLabel) -> None:
    colour = style.KIND_COLOURS[callout.kind]
    box = place.box
    middle = box.x + box.width / 2
    draft.add(
        Line(anchor, place.leader_end, colour, 1.2),
        Rect(box.x, box.y, box.width, box.height, "ground", colour, 1.2, 6),
        Text(middle, box.y + 16, callout.title, _LABEL_TITLE_PX, colour, 600, "middle"),
    )
    if not place.is_small:
        draft.add(
            Text(
                middle,
                box.y + 30.5,
                callout.detail,
                _LABEL_DETAIL_PX,
                "quiet_text",
                anchor="middle",
            )
        )
    draft.answer(_leads(callout, box.x, box.y, box.width, box.height))


def _obstacle(trace: Trace, x: NDArray[np.float64], axes: TraceAxes) -> TraceObstacle:
    def rows(valence: NDArray[np.float64]) -> NDArray[np.float64]:
        share = (100.0 - valence) / 200.0
        return np.asarray(axes.top_y + share * (axes.bottom_y - axes.top_y))

    return TraceObstacle(x, rows(trace.mean), rows(trace.high), rows(trace.low))


def _points(
    x: NDArray[np.float64], valence: NDArray[np.float64], axes: TraceAxes
) -> tuple[Point, ...]:
    return tuple(
        (float(column), axes.y_at(float(value))) for column, value in zip(x, valence, strict=True)
    )
