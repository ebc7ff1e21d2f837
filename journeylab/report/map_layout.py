"""The journey map as a scene: header, steps, screens, trace, gaze, insights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from journeylab.analysis.journey import JourneyMap
from journeylab.report import map_style as style
from journeylab.report.map_columns import Column, lay_out_columns
from journeylab.report.map_expected import EXPECTED_COLOUR, EXPECTED_PX
from journeylab.report.map_header import RULE_Y, draw_header
from journeylab.report.map_insights import (
    draw_insights,
    draw_notes,
    insight_height,
    notes_height,
    section_label,
)
from journeylab.report.map_pictures import (
    draw_gaze,
    draw_screens,
    draw_step_headers,
    place_words,
)
from journeylab.report.map_style import Rows
from journeylab.report.map_trace import draw_trace, trace_axes
from journeylab.report.scene import Line, Polyline, Scene, SceneDraft, Text

DEFAULT_WIDTH_PX: Final = 1920.0
ASPECT: Final = 16 / 9
MIN_TRACE_PX: Final = 190.0
MIN_PICTURE_PX: Final = 52.0
MAX_PICTURE_PX: Final = 150.0
_STEPS_HEIGHT: Final = 46.0
_PLACE_LINE: Final = 15.0
_TRACE_AIR: Final = 22.0
_GAZE_CAPTION: Final = 17.0


def lay_out_map(
    journey: JourneyMap,
    *,
    width_px: float = DEFAULT_WIDTH_PX,
    height_px: float | None = None,
    shows_header: bool = True,
) -> Scene:
    """Lay the map out for a width, and for a height where one is given.

    Parameters
    ----------
    width_px
        Wished width. The scene is wider where the steps' words need it.
    height_px
        Wished height, 16:9 without. The scene is higher where its rows need it, never lower:
        the trace takes the room that is left.
    shows_header
        Whether title, goal and figures stand above it; not where another map stands beside it.
    """
    gutter = style.GUTTER_PX if width_px >= style.NARROW_BELOW_PX else style.NARROW_GUTTER_PX
    left = style.MARGIN_PX + gutter
    columns = lay_out_columns(journey.steps, x=left, width_px=width_px - left - style.MARGIN_PX)
    width_px = max(width_px, columns[-1].right + style.MARGIN_PX)
    text_width = width_px - left - style.MARGIN_PX
    rows = _rows(
        columns,
        header_px=RULE_Y if shows_header else 0.0,
        height_px=height_px or width_px / ASPECT,
        notes_px=notes_height(journey.notes, width_px=text_width),
    )
    axes = trace_axes(
        columns,
        top_y=rows.trace_y + _TRACE_AIR,
        bottom_y=rows.trace_y + rows.trace_height - _TRACE_AIR,
    )
    draft = SceneDraft()
    if shows_header:
        draft.begin("header")
        draw_header(draft, journey, width_px=width_px)
    draft.begin("steps")
    _draw_verticals(draft, columns, rows)
    people = len({session.summary.participant_id for session in journey.sessions})
    draw_step_headers(draft, columns, rows, n_people=people)
    draft.begin("screens")
    draw_screens(draft, columns, rows)
    n_unlabelled = draw_trace(draft, journey, axes)
    draft.begin("gaze")
    draw_gaze(draft, columns, rows)
    draft.begin("insights")
    draw_insights(draft, columns, rows)
    draft.begin("labels")
    _draw_labels(draft, journey, rows, n_unlabelled=n_unlabelled)
    draw_notes(draft, journey.notes, rows, x=left + style.INSET_PX, width_px=text_width)
    return draft.finish(width_px, rows.total_height, axes=axes)


def _rows(
    columns: Sequence[Column], *, header_px: float, height_px: float, notes_px: float
) -> Rows:
    steps_y = header_px + 14
    steps_px = _STEPS_HEIGHT
    if any(place_words(column.step) for column in columns):
        steps_px += _PLACE_LINE
    screens_y = steps_y + steps_px + 14
    insight_px = insight_height(columns)
    fixed = screens_y + 14 + _GAZE_CAPTION + 11 + insight_px + 6 + notes_px + 16
    room = height_px - fixed
    widest = max(column.inner_width for column in columns)
    picture = float(np.clip(room * 0.19, MIN_PICTURE_PX, min(MAX_PICTURE_PX, widest / 1.3)))
    trace_height = max(room - 2 * picture, MIN_TRACE_PX + 2 * _TRACE_AIR)
    trace_y = screens_y + picture + 10
    gaze_y = trace_y + trace_height + 4
    insight_y = gaze_y + picture + _GAZE_CAPTION + 11
    notes_y = insight_y + insight_px + 6
    return Rows(
        header_height=header_px,
        steps_y=steps_y,
        steps_height=steps_px,
        screens_y=screens_y,
        screens_height=picture,
        trace_y=trace_y,
        trace_height=trace_height,
        gaze_y=gaze_y,
        gaze_height=picture,
        insight_y=insight_y,
        insight_height=insight_px,
        notes_y=notes_y,
        total_height=max(height_px, notes_y + notes_px + 16),
    )


def _draw_verticals(draft: SceneDraft, columns: Sequence[Column], rows: Rows) -> None:
    for column in columns[1:]:
        top = rows.steps_y + rows.steps_height + 6
        draft.add(Line((column.x, top), (column.x, rows.notes_y - 2), "line"))


def _draw_labels(draft: SceneDraft, journey: JourneyMap, rows: Rows, *, n_unlabelled: int) -> None:
    section_label(draft, "Steps", rows.steps_y + 27)
    section_label(draft, "Screens", rows.screens_y + rows.screens_height / 2)
    section_label(draft, "Gaze", rows.gaze_y + rows.gaze_height / 2)
    section_label(draft, "Insight", rows.insight_y + 32)
    if journey.notes:
        section_label(draft, "Notes", rows.notes_y + 12)
    n = journey.trace.n_people
    most, least = (int(n.max()), int(n.min())) if len(n) else (0, 0)
    base = f"N = {most}" if most == least else f"N = {least} to {most}"
    has_band = bool(np.isfinite(journey.trace.low).any())
    under = ["valence", base, *(["95 % band"] if has_band else [])]
    if n_unlabelled:
        under.append(f"{n_unlabelled} without label")
    y = rows.trace_y + _TRACE_AIR + 30
    section_label(draft, "Emotion", y, under=under)
    _draw_key(draft, y + 17 + 15.5 * len(under) + 8, has_expected=journey.expected is not None)


def _draw_key(draft: SceneDraft, y: float, *, has_expected: bool) -> None:
    for colour, words in (("joy", "joy"), ("negative", "negative"), ("neutral", "neither")):
        x = style.MARGIN_PX
        draft.add(
            Polyline(((x, y - 4), (x + 12, y - 4)), colour, 2.4),
            Text(x + 17, y, words, style.CAPS_PX, "quiet_text"),
        )
        y += 15.5
    if has_expected:
        x = style.MARGIN_PX
        draft.add(
            Line((x, y - 4), (x + 12, y - 4), EXPECTED_COLOUR, EXPECTED_PX, (5, 2)),
            Text(x + 17, y, "expected", style.CAPS_PX, "quiet_text"),
        )
