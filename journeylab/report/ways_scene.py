"""The ways through the steps as a scene: the expected order in a row, every other way as an arc."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from journeylab.analysis.journey import JourneyMap
from journeylab.analysis.paths import ENTRY, Paths, Way, WayKind, paths_of
from journeylab.report import map_style as style
from journeylab.report.scene import Line, Point, Polygon, Polyline, Rect, Scene, SceneDraft, Text
from journeylab.report.text_metrics import shorten, text_width, wrap

_MARGIN: Final = 28.0
_NODE_HEIGHT: Final = 46.0
_ARC_LEAST: Final = 46.0
_ARC_STEP: Final = 30.0
_ARC_MOST: Final = 190.0
_MOST_PX: Final = 6.0
_LINE_PX: Final = 20.0
_HEAD_PX: Final = 8.0
_COLOURS: Final[Mapping[WayKind, str]] = MappingProxyType(
    {
        WayKind.EXPECTED: "joy",
        WayKind.SKIP: "warning",
        WayKind.BACK: "negative",
        WayKind.AGAIN: "negative",
        WayKind.EARLY_END: "quiet_text",
    }
)


def ways_of(journey: JourneyMap) -> Paths:
    """The ways of a map's sessions, against the study's order of steps."""
    sessions = [(one.summary.participant_id, one.path) for one in journey.sessions]
    return paths_of(sessions, [step.step_id for step in journey.steps])


def lay_out_ways(journey: JourneyMap, *, width_px: float, height_px: float = 0.0) -> Scene:
    """Lay the ways of a map's sessions out for a width; higher where the words need it."""
    paths = ways_of(journey)
    titles = {step.step_id: step.title for step in journey.steps}
    pitch = (width_px - 2 * _MARGIN) / max(len(titles), 1)
    node_px = pitch - min(max(pitch * 0.32, 18.0), 60.0)
    middles = {
        step_id: _MARGIN + pitch * (place + 0.5) for place, step_id in enumerate(paths.expected)
    }
    above = _tallest(paths, WayKind.SKIP, middles, pitch)
    below = _tallest(paths, WayKind.BACK, middles, pitch)
    row_y = 104 + above
    draft = SceneDraft()
    draft.begin("header")
    _draw_header(draft, journey, paths, width_px)
    draft.begin("ways")
    for way in paths.ways:
        _draw_way(draft, way, paths, middles, row_y=row_y, node_px=node_px, pitch=pitch)
    draft.begin("steps")
    for step_id, x in middles.items():
        box = Rect(x - node_px / 2, row_y, node_px, _NODE_HEIGHT, "surface", "line", 1.2, 8)
        reached = f"{_visitors(paths, step_id)} of {paths.n}"
        _draw_node(draft, box, titles[step_id], reached)
    draft.begin("words")
    y = row_y + _NODE_HEIGHT + below + 56
    for sentence, colour in way_sentences(paths, titles):
        for place, line in enumerate(wrap(sentence, width_px - 2 * _MARGIN - 18, size_px=13)):
            if place == 0:
                draft.add(Rect(_MARGIN, y - 9, 8, 8, colour, radius_px=4))
            draft.add(Text(_MARGIN + 18, y, line, style.BODY_PX, "text"))
            y += _LINE_PX
        y += 4
    return draft.finish(width_px, max(height_px, y + 12), axes=None)


def way_sentences(paths: Paths, titles: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What was otherwise than expected, most participants first; a sentence and its colour each."""
    if not paths.ways:
        return (("No session went through any step.", "quiet_text"),)
    n_straight = len(paths.as_expected)
    verb = "goes" if n_straight == 1 else "go"
    sentences = [(f"{n_straight} of {paths.n} {verb} through all steps as expected.", "joy")]
    others = [way for way in paths.ways if way.kind is not WayKind.EXPECTED]
    # Who begins later than at the first step is told as a skip, too.
    for way in sorted(others, key=lambda one: -one.n):
        one = way.n == 1
        names = ", ".join(way.participants[:4]) + (" …" if way.n > 4 else "")
        if way.kind is WayKind.SKIP and way.start == ENTRY:
            act = f"{'begins' if one else 'begin'} at {titles[way.end]}"
        elif way.kind is WayKind.SKIP:
            missed = _between(paths, way, titles)
            act = f"{'goes' if one else 'go'} from {titles[way.start]} straight to "
            act += f"{titles[way.end]}, past {missed}"
        elif way.kind is WayKind.BACK:
            act = f"{'goes' if one else 'go'} back from {titles[way.start]} to {titles[way.end]}"
        elif way.kind is WayKind.AGAIN:
            act = f"{'begins' if one else 'begin'} {titles[way.start]} again"
        else:
            act = f"{'ends' if one else 'end'} at {titles[way.start]}"
        sentences.append((f"{way.n} of {paths.n} {act} ({names}).", _COLOURS[way.kind]))
    return tuple(sentences)


def _between(paths: Paths, way: Way, titles: Mapping[str, str]) -> str:
    order = paths.expected
    missed = order[order.index(way.start) + 1 : order.index(way.end)]
    return ", ".join(titles[step_id] for step_id in missed)


def _visitors(paths: Paths, step_id: str) -> int:
    return len({name for way in paths.ways if way.end == step_id for name in way.participants})


def _span(way: Way, middles: Mapping[str, float], pitch: float) -> float:
    """How many steps a way reaches over."""
    if ENTRY in (way.start, way.end):
        return 1.0
    return abs(middles[way.end] - middles[way.start]) / pitch


def _arc_px(way: Way, middles: Mapping[str, float], pitch: float) -> float:
    return min(_ARC_LEAST + _ARC_STEP * (_span(way, middles, pitch) - 1), _ARC_MOST)


def _tallest(paths: Paths, kind: WayKind, middles: Mapping[str, float], pitch: float) -> float:
    own = [way for way in paths.ways if way.kind is kind]
    if kind is WayKind.BACK:
        own += [way for way in paths.ways if way.kind is WayKind.AGAIN]
    return max((_arc_px(way, middles, pitch) + 18 for way in own), default=20.0)


def _draw_header(draft: SceneDraft, journey: JourneyMap, paths: Paths, width_px: float) -> None:
    room = width_px - 2 * _MARGIN
    whose = " · ".join(f"{name} {value}" for name, value in journey.segment.items())
    base = f"{journey.study_title} · N = {paths.n}" + (f" · {whose}" if whose else "")
    draft.add(
        Text(_MARGIN, 40, "Ways through the steps", 20.0, "text", 600),
        Text(
            _MARGIN,
            63,
            shorten(base, room, size_px=style.BODY_PX),
            style.BODY_PX,
            "quiet_text",
        ),
    )
    x = _MARGIN
    for colour, words in (
        ("joy", "as expected"),
        ("warning", "steps left out"),
        ("negative", "back, or again"),
    ):
        draft.add(
            Line((x, 84), (x + 20, 84), colour, 3.0),
            Text(x + 27, 88, words, style.SMALL_PX, "quiet_text"),
        )
        x += 27 + text_width(words, style.SMALL_PX) + 22


def _draw_node(draft: SceneDraft, box: Rect, title: str, reached: str) -> None:
    x = box.x + box.width / 2
    name = shorten(title, box.width - 12, size_px=style.BODY_PX, weight=600)
    draft.add(
        box,
        Text(x, box.y + 20, name, style.BODY_PX, "text", 600, "middle"),
        Text(x, box.y + 37, reached, style.CAPS_PX, "quiet_text", anchor="middle"),
    )


def _draw_way(
    draft: SceneDraft,
    way: Way,
    paths: Paths,
    middles: Mapping[str, float],
    *,
    row_y: float,
    node_px: float,
    pitch: float,
) -> None:
    if ENTRY in (way.start, way.end):
        return  # told in words; arrows from nowhere would only clutter
    colour = _COLOURS[way.kind]
    stroke_px = 1.4 + (_MOST_PX - 1.4) * way.n / max(paths.n, 1)
    middle_y = row_y + _NODE_HEIGHT / 2
    start_x, end_x = middles[way.start], middles[way.end]
    if way.kind is WayKind.EXPECTED:
        points = [
            (start_x + node_px / 2, middle_y),
            (end_x - node_px / 2 - _HEAD_PX, middle_y),
        ]
        label = ((points[0][0] + points[1][0]) / 2 + 2, middle_y - stroke_px / 2 - 6)
    else:
        points = _arc_of(way, middles, row_y=row_y, node_px=node_px, pitch=pitch)
        x, y = points[len(points) // 2]
        label = (x, y - 6 if way.kind is WayKind.SKIP else y + 16)
    draft.add(Polyline(tuple(points), colour, stroke_px))
    draft.add(_arrow_head(points[-2], points[-1], colour, half_px=max(6.0, stroke_px * 1.1)))
    draft.add(Text(*label, str(way.n), style.SMALL_PX, colour, 600, "middle"))


def _arc_of(
    way: Way, middles: Mapping[str, float], *, row_y: float, node_px: float, pitch: float
) -> list[Point]:
    """Above the row forwards, below it backwards; its tip leaves the arrow's head its room."""
    is_above = way.kind is WayKind.SKIP
    away = -1.0 if is_above else 1.0
    edge_y = row_y if is_above else row_y + _NODE_HEIGHT
    start_x, end_x = middles[way.start], middles[way.end]
    height = _arc_px(way, middles, pitch) * away
    # Two arcs at one node do not cover each other: out at one side, in at the other.
    shift = node_px * 0.18
    if way.kind is WayKind.AGAIN:
        shift, height = -shift, height * 0.7
    sign = 1.0 if end_x >= start_x else -1.0
    start = (start_x + sign * shift, edge_y)
    return _arc(start, (end_x - sign * shift, edge_y + away * _HEAD_PX), height)


def _arc(start: Point, end: Point, height: float) -> list[Point]:
    """Half an ellipse from start to end."""
    turns = np.linspace(np.pi, 0, 33)
    rise = np.linspace(start[1], end[1], 33)
    centre, reach = (start[0] + end[0]) / 2, (end[0] - start[0]) / 2
    return [
        (float(centre + reach * np.cos(turn)), float(y + height * np.sin(turn)))
        for turn, y in zip(turns, rise, strict=True)
    ]


def _arrow_head(before: Point, tip: Point, colour: str, *, half_px: float) -> Polygon:
    along = np.array(tip) - np.array(before)
    along = along / max(float(np.hypot(*along)), 1e-9)
    across = np.array((-along[1], along[0]))
    foot = np.array(tip) - along * 2
    corners = (np.array(tip) + along * _HEAD_PX, foot + across * half_px, foot - across * half_px)
    return Polygon(tuple((float(x), float(y)) for x, y in corners), colour)
