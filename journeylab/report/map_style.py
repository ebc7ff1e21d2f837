"""Measures of the journey map: type sizes, gaps, row heights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MARGIN_PX: Final = 28.0
GUTTER_PX: Final = 124.0
NARROW_GUTTER_PX: Final = 104.0
NARROW_BELOW_PX: Final = 1300.0
COLUMN_GAP_PX: Final = 6.0
INSET_PX: Final = 10.0
"""Of pictures and texts from their column's edge."""

# Whole pixels only: Qt would round the others up, and its text would outgrow its place.
TITLE_PX: Final = 25.0
FIGURE_PX: Final = 20.0
BODY_PX: Final = 13.0
SMALL_PX: Final = 12.0
CAPS_PX: Final = 11.0
CAPS_TRACKING_PX: Final = 1.0
STEP_TITLE_PX: Final = 14.0
LINE_SPACING: Final = 1.36

MIN_COLUMN_PX: Final = 92.0
MAX_INSIGHT_LINES: Final = 7

STAGE_TINTS: Final = ("stage_tints.0", "stage_tints.1", "stage_tints.2", "stage_tints.3")
KIND_COLOURS: Final = {
    "joy": "joy",
    "negative": "negative",
    "neutral": "quiet_text",
    "warning": "warning",
}


@dataclass(frozen=True, slots=True)
class Rows:
    """Top and height of each row, px."""

    header_height: float
    steps_y: float
    steps_height: float
    screens_y: float
    screens_height: float
    trace_y: float
    trace_height: float
    gaze_y: float
    gaze_height: float
    insight_y: float
    insight_height: float
    notes_y: float
    total_height: float
