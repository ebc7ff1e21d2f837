"""The difference map as a scene: both traces, the difference step by step, and what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.comparing import ComparedMap, Comparison, StepDifference
from journeylab.analysis.comparing_words import (
    ComparedWords,
    chance_words,
    headline_of,
    mark_of,
    notes_of_comparison,
    sentences_of,
    verdict_of,
)
from journeylab.analysis.journey import Insight, MapStep
from journeylab.analysis.runs import runs_of
from journeylab.report import map_style as style
from journeylab.report.compared_place import most_different_s
from journeylab.report.map_columns import Column, lay_out_columns
from journeylab.report.map_insights import section_label
from journeylab.report.map_trace import BAND_OPACITY, draw_grid, trace_axes
from journeylab.report.scene import (
    Circle,
    Hit,
    Line,
    MomentTarget,
    Point,
    Polygon,
    Polyline,
    Rect,
    Scene,
    SceneDraft,
    Text,
    TraceAxes,
)
from journeylab.report.text_metrics import shorten, text_width, wrap

DEFAULT_WIDTH_PX: Final = 1920.0
DEFAULT_HEIGHT_PX: Final = 1080.0
_RULE_Y: Final = 92.0
_STEPS_HEIGHT: Final = 46.0
_STRIP_HEIGHT: Final = 112.0
_VERDICT_PX: Final = 44.0
"""Room of a step's difference in words, at the strip's top."""
_LEAST_TRACE_PX: Final = 210.0
_LINE_PX: Final = style.BODY_PX * style.LINE_SPACING
_SMALL_LINE_PX: Final = 16.0
_COLUMN_GAP: Final = 40.0
_KEY_PX: Final = 62.0
"""Room of a name in the key, left of the axis' numbers."""
_FIRST: Final = ("neutral", 2.0, (7.0, 4.0))
_SECOND: Final = ("text", 2.4)
_SIGNS: Final = {"joy": "better", "negative": "worse", "neutral": "also"}


@dataclass(frozen=True, slots=True)
class _Block:
    """A sentence broken to its column, with how sure it is beneath."""

    words: ComparedWords
    lines: tuple[str, ...]
    sure_lines: tuple[str, ...]

    @property
    def height(self) -> float:
        sure = len(self.sure_lines) * _SMALL_LINE_PX
        return 20.0 + len(self.lines) * _LINE_PX + sure + 14.0


def comparison_title(comparison: Comparison) -> str:
    """What a file of the comparison is called inside."""
    return f"{comparison.second.name} against {comparison.first.name}"


def lay_out_comparison(
    comparison: Comparison,
    *,
    width_px: float = DEFAULT_WIDTH_PX,
    height_px: float = DEFAULT_HEIGHT_PX,
    shows_traces: bool = True,
) -> Scene:
    """Lay a comparison out for a width and a height; higher where its words need it.

    Without header and traces where both maps stand above it.
    """
    gutter = style.GUTTER_PX if width_px >= style.NARROW_BELOW_PX else style.NARROW_GUTTER_PX
    left = style.MARGIN_PX + gutter
    columns = lay_out_columns(
        [_map_step(step) for step in comparison.steps],
        x=left,
        width_px=width_px - left - style.MARGIN_PX,
    )
    width_px = max(width_px, columns[-1].right + style.MARGIN_PX)
    right = width_px - style.MARGIN_PX
    blocks = _blocks(comparison, (right - left - _COLUMN_GAP) / 2)
    halves = _halved(blocks)
    notes = wrap(" ".join(notes_of_comparison(comparison)), right - left, size_px=style.SMALL_PX)
    words_px = max(sum(block.height for block in half) for half in halves)
    notes_px = len(notes) * _SMALL_LINE_PX + 14
    steps_y = (_RULE_Y if shows_traces else 0.0) + 14
    trace_y = steps_y + _STEPS_HEIGHT + 26
    below = 24 + _STRIP_HEIGHT + 30 + words_px + 12 + notes_px + 16
    trace_px = max(height_px - trace_y - below, _LEAST_TRACE_PX)
    strip_y = trace_y + trace_px + 24 if shows_traces else steps_y + _STEPS_HEIGHT + 12
    words_y = strip_y + _STRIP_HEIGHT + 30
    notes_y = words_y + words_px + 12
    draft = SceneDraft()
    if shows_traces:
        draft.begin("header")
        _draw_header(draft, comparison, width_px)
    draft.begin("steps")
    for column in columns[1:]:
        top = steps_y + _STEPS_HEIGHT + 6
        draft.add(Line((column.x, top), (column.x, words_y - 14), "line"))
    _draw_steps(draft, comparison, columns, steps_y)
    axes = trace_axes(columns, top_y=trace_y, bottom_y=trace_y + trace_px)
    if shows_traces:
        draft.begin("traces")
        _draw_traces(draft, comparison, axes)
    draft.begin("difference")
    _draw_strip(draft, comparison, columns, axes, strip_y)
    draft.begin("words")
    _draw_words(draft, halves, (left, left + (right - left + _COLUMN_GAP) / 2), words_y)
    _draw_labels(draft, comparison, _Rows(steps_y, trace_y, strip_y, words_y), shows_traces)
    _draw_notes(draft, notes, left, notes_y)
    height = max(height_px, notes_y + notes_px + 16)
    return draft.finish(width_px, height, axes=axes if shows_traces else None)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Where the rows begin."""

    steps_y: float
    trace_y: float
    strip_y: float
    words_y: float


def _draw_labels(
    draft: SceneDraft, comparison: Comparison, rows: _Rows, shows_traces: bool
) -> None:
    draft.begin("labels")
    section_label(draft, "Steps", rows.steps_y + 27)
    under = ("second map", "less first")
    if shows_traces:
        _draw_key(draft, comparison, rows.trace_y + 14)
        under = ("solid less", "dashed line")
    section_label(draft, "Difference", rows.strip_y + 30, under=under)
    section_label(draft, "Changes", rows.words_y + 10)


def _draw_notes(draft: SceneDraft, notes: Sequence[str], left: float, y: float) -> None:
    section_label(draft, "Notes", y + 12)
    for place, line in enumerate(notes):
        at = y + 12 + place * _SMALL_LINE_PX
        draft.add(Text(left, at, line, style.SMALL_PX, "quiet_text"))


def _map_step(step: StepDifference) -> MapStep:
    return MapStep(
        step_id=step.step_id,
        title=step.title,
        stage=step.stage,
        kind="",
        start_s=step.start_s,
        end_s=step.end_s,
        n_reached=step.second.n_reached,
        screen=None,
        heatmap=None,
        n_gaze=0,
        insight=Insight("", "neutral"),
    )


def _draw_header(draft: SceneDraft, comparison: Comparison, width_px: float) -> None:
    right, left = width_px - style.MARGIN_PX, style.MARGIN_PX
    figures = (
        (str(len(comparison.better)), "steps better", "joy"),
        (str(len(comparison.worse)), "steps worse", "negative"),
        (f"{len(comparison.steps)}", "steps compared", "text"),
    )
    for figure, label, colour in reversed(figures):
        tone = colour if figure != "0" else "text"
        draft.add(
            Text(right, 44, figure, style.FIGURE_PX, tone, 600, "end"),
            Text(right, 66, label, style.SMALL_PX, "quiet_text", anchor="end"),
        )
        right -= text_width(label, style.SMALL_PX) + 40
    room = right - left
    title = shorten(comparison_title(comparison), room, size_px=style.TITLE_PX, weight=700)
    about = f"{headline_of(comparison)} {_about(comparison.first)}; {_about(comparison.second)}."
    draft.add(
        Text(left, 44, title, style.TITLE_PX, "text", 700),
        Text(left, 70, shorten(about, room, size_px=style.BODY_PX), style.BODY_PX, "quiet_text"),
        Line((left, _RULE_Y), (width_px - style.MARGIN_PX, _RULE_Y), "line"),
    )


def _about(side: ComparedMap) -> str:
    day = f", {side.day}" if side.day else ""
    return f"{side.name}: N = {side.n_people}{day}"


def _draw_steps(
    draft: SceneDraft, comparison: Comparison, columns: Sequence[Column], y: float
) -> None:
    stages = list(dict.fromkeys(step.stage for step in comparison.steps))
    for column, step in zip(columns, comparison.steps, strict=True):
        x, width = column.x + style.COLUMN_GAP_PX / 2, column.width - style.COLUMN_GAP_PX
        room = width - 2 * style.INSET_PX
        tint = style.STAGE_TINTS[stages.index(step.stage) % len(style.STAGE_TINTS)]
        n = f"N {step.first.n} and {step.second.n}"
        title = shorten(step.title, room, size_px=style.STEP_TITLE_PX, weight=600)
        detail = shorten(n, room, size_px=style.CAPS_PX)
        x_text = x + style.INSET_PX
        draft.add(
            Rect(x, y, width, _STEPS_HEIGHT, tint, radius_px=7),
            Text(x_text, y + 19.5, title, style.STEP_TITLE_PX, "text", 600),
            Text(x_text, y + 36, detail, style.CAPS_PX, "quiet_text"),
        )


def _draw_traces(draft: SceneDraft, comparison: Comparison, axes: TraceAxes) -> None:
    draw_grid(draft, axes)
    x = np.interp(comparison.position_s, axes.knots_s, axes.knots_x)
    for side, colour in ((comparison.first, "neutral"), (comparison.second, "text")):
        for start, end in runs_of(np.isfinite(side.low) & np.isfinite(side.high)):
            part = slice(start, end)
            upper = _points(x[part], side.high[part], axes)
            lower = _points(x[part], side.low[part], axes)
            draft.add(Polygon((*upper, *reversed(lower)), colour, BAND_OPACITY * 0.8))
    colour, width, dash = _FIRST
    for points in _runs(x, comparison.first.mean, axes):
        for line in _dashes(points, dash):
            draft.add(Polyline(line, colour, width))
    for points in _runs(x, comparison.second.mean, axes):
        draft.add(Polyline(points, *_SECOND))


def _runs(
    x: NDArray[np.float64], values: NDArray[np.float64], axes: TraceAxes
) -> list[tuple[Point, ...]]:
    runs = runs_of(np.isfinite(values))
    return [_points(x[low:high], values[low:high], axes) for low, high in runs if high - low > 1]


def _dashes(points: tuple[Point, ...], dash: tuple[float, float]) -> list[tuple[Point, ...]]:
    """A line cut into dashes along its length."""
    places = np.array(points)
    lengths = np.hypot(*np.diff(places, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    cuts = np.arange(0.0, along[-1], sum(dash))
    pieces = []
    for start in cuts:
        end = min(start + dash[0], along[-1])
        inside = along[(along > start) & (along < end)]
        at = np.concatenate([[start], inside, [end]])
        columns = np.interp(at, along, places[:, 0]), np.interp(at, along, places[:, 1])
        pieces.append(tuple((float(px), float(py)) for px, py in zip(*columns, strict=True)))
    return pieces


def _draw_strip(
    draft: SceneDraft,
    comparison: Comparison,
    columns: Sequence[Column],
    axes: TraceAxes,
    y: float,
) -> None:
    """The difference as an area about zero, and each step's verdict in words on its tint."""
    half = (_STRIP_HEIGHT - _VERDICT_PX) / 2
    middle = y + _VERDICT_PX + half
    for column, step in zip(columns, comparison.steps, strict=True):
        _draw_verdict(draft, column, step, y, most_at_s=most_different_s(comparison, step))
    known = np.isfinite(comparison.difference)
    most = float(np.abs(comparison.difference[known]).max()) if known.any() else 0.0
    scale = max(25.0, np.ceil(most / 25.0) * 25.0)
    x = np.interp(comparison.position_s, axes.knots_s, axes.knots_x)
    heights = middle - comparison.difference / scale * half
    for sign, colour in ((1, "joy"), (-1, "negative")):
        clipped = np.where(sign * comparison.difference > 0, heights, middle)
        for low, high in runs_of(known):
            if high - low < 2:
                continue
            line = [
                (float(px), float(py))
                for px, py in zip(x[low:high], clipped[low:high], strict=True)
            ]
            area = (*line, (float(x[high - 1]), middle), (float(x[low]), middle))
            draft.add(Polygon(area, colour, 0.45))
    left, right = axes.knots_x[0], axes.knots_x[-1]
    draft.add(Line((left, middle), (right, middle), "neutral", 1.0))
    for value, row in (
        (f"+{scale:.0f}", y + _VERDICT_PX + 9),
        (f"−{scale:.0f}", y + _STRIP_HEIGHT),
    ):
        draft.add(Text(left - 10, row, value, style.CAPS_PX, "quiet_text", anchor="end"))


def _draw_verdict(
    draft: SceneDraft, column: Column, step: StepDifference, y: float, *, most_at_s: float
) -> None:
    x, width = column.x + style.COLUMN_GAP_PX / 2, column.width - style.COLUMN_GAP_PX
    tint = {"joy": "joy_tint", "negative": "negative_tint"}.get(step.mood, "surface")
    colour = {"joy": "joy", "negative": "negative"}.get(step.mood, "quiet_text")
    room = width - 2 * style.INSET_PX
    x_text = x + style.INSET_PX
    mark = shorten(mark_of(step), room, size_px=16, weight=600)
    verdict = shorten(verdict_of(step), room, size_px=style.CAPS_PX)
    draft.add(
        Rect(x, y, width, _VERDICT_PX, tint, radius_px=7),
        Text(x_text, y + 19, mark, 16, colour, 600),
        Text(x_text, y + 35, verdict, style.CAPS_PX, colour, 500),
    )
    hint = f"{step.title}: {chance_words(step)}"
    draft.answer(Hit(x, y, width, _STRIP_HEIGHT, MomentTarget(most_at_s, None), hint))


def _draw_key(draft: SceneDraft, comparison: Comparison, y: float) -> None:
    section_label(draft, "Emotion", y, under=("valence, 95 % band",))
    y += 42
    x = style.MARGIN_PX
    sides = ((comparison.second, False), (comparison.first, True))
    for side, is_first in sides:
        colour, width = (_FIRST[0], _FIRST[1]) if is_first else _SECOND
        dash = (4.0, 3.0) if is_first else None
        draft.add(Line((x, y - 4), (x + 16, y - 4), colour, width, dash))
        lines = wrap(side.name, _KEY_PX, size_px=style.CAPS_PX)[:4]
        for line in lines:
            draft.add(Text(x + 22, y, line, style.CAPS_PX, "quiet_text"))
            y += 14.5
        y += 4


def _blocks(comparison: Comparison, width_px: float) -> list[_Block]:
    room = width_px - 16
    return [
        _Block(
            words,
            wrap(words.text, room, size_px=style.BODY_PX),
            wrap(words.sure, room, size_px=style.SMALL_PX),
        )
        for words in sentences_of(comparison)
    ]


def _halved(blocks: Sequence[_Block]) -> tuple[list[_Block], list[_Block]]:
    """Two columns of about equal height, read down the first and then the second."""
    whole = sum(block.height for block in blocks)
    first: list[_Block] = []
    height = 0.0
    for block in blocks:
        if first and height + block.height / 2 > whole / 2:
            break
        first.append(block)
        height += block.height
    return first, list(blocks[len(first) :])


def _draw_words(
    draft: SceneDraft,
    halves: tuple[list[_Block], list[_Block]],
    lefts: tuple[float, float],
    top_y: float,
) -> None:
    for half, x in zip(halves, lefts, strict=True):
        y = top_y
        for block in half:
            kind = block.words.kind
            colour = kind if kind in ("joy", "negative") else "neutral"
            draft.add(
                Circle((x + 3.5, y + 6), 3.5, colour, colour, 0.0),
                Text(x + 13, y + 10, _SIGNS[kind], style.CAPS_PX, "quiet_text", 500),
            )
            y += 20
            for line in block.lines:
                y += _LINE_PX
                draft.add(Text(x, y - 4, line, style.BODY_PX, "text"))
            for line in block.sure_lines:
                y += _SMALL_LINE_PX
                draft.add(Text(x, y - 4, line, style.SMALL_PX, "quiet_text"))
            y += 14


def _points(
    x: NDArray[np.float64], values: NDArray[np.float64], axes: TraceAxes
) -> tuple[Point, ...]:
    return tuple(
        (float(column), axes.y_at(float(value))) for column, value in zip(x, values, strict=True)
    )
