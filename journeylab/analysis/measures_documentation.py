"""Writes ``docs/measures.md`` from the declarations of the tables of measures.

``python -m journeylab.analysis.measures_documentation docs/measures.md`` writes it anew; a test
compares the file with what this module says.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from journeylab.analysis import (
    fixations,
    measures,
    measures_course,
    measures_face,
    measures_looking,
    measures_pointer,
)
from journeylab.analysis.eye_measures import ON_SCREEN_ERRORS
from journeylab.analysis.reading import BURST_PRESSES, BURST_PX, BURST_S
from journeylab.analysis.runs import LONGEST_SAMPLE_S
from journeylab.analysis.signs import CERTAIN_STATE
from journeylab.clock import NS_PER_MS, NS_PER_S
from journeylab.streams import Column

_FRONT: Final = f"""\
# The measures

<!-- Written by `python -m journeylab.analysis.measures_documentation docs/measures.md`. Change
journeylab/analysis/measures*.py instead of this file. -->

Four tables come of a study's sessions. `journeylab map STUDY --format csv,parquet` writes them,
each with its columns, units and meanings beside it.

## Rules
- **Nothing measured is NaN, never 0.** A step that was not reached has no measure but its plan. One
  without a face has no valence, one without calibrated gaze no fixation, a session without a mouse
  no click. A step on which nothing is shown on the screen has no gaze. 0 means that something was
  watched and did not happen.
- **Time on a step** is that of all its visits laid end to end; pauses belong to no visit.
- **Measured time.** A sample stands for the time to the next one, at most {LONGEST_SAMPLE_S:g} s:
  a lost face weighs nothing. Means, deviations, shares and areas are over that time; medians and
  extremes are of the frames.
- **An event of an action unit** is a stretch at {measures_face.EVENT_LOW:g} or more that reaches
  {measures_face.EVENT_HIGH:g}. Onset and offset are its first and last frame, the apex its
  strongest. Breaks of up to {measures_face.EVENT_BREAK_NS / NS_PER_S:g} s do not end it, nor does a
  face that is lost for less; what is shorter than
  {measures_face.EVENT_SHORTEST_NS / NS_PER_MS:g} ms is left out. It ends with the step.
- **A state** counts as shown at a probability of {CERTAIN_STATE:g} or more.
- **Fixations** are found by the rule `{fixations.VERSION}` of `journeylab/analysis/fixations.py`;
  one belongs to the step, and to the area of interest, in which its middle lies. Gaze counts as on
  the screen up to {ON_SCREEN_ERRORS:g} gaze errors beside it; areas are not widened, so the gaze
  error stands beside them.
- **The cursor** rests between two rows of the mouse, for the system tells every movement. A burst
  is {BURST_PRESSES} presses within {BURST_S:g} s and {BURST_PX:g} px.
- **What was taken back** (markers, outcomes) is left out; of several answers the last counts.
- **Excluded sessions** are in the tables, with their grade: leave them out by it.

A study adds a column `segment_NAME` for each of its segments, and `own_NAME_share` and
`own_NAME_peak` for each of its own expressions.
"""


def document() -> str:
    """The whole text of docs/measures.md."""
    groups: list[tuple[str, Sequence[Column]]] = [
        ("Whose, and which step", (*measures.SESSION_COLUMNS, measures.STEP_COLUMN)),
        ("About session and step", (*measures.ABOUT_COLUMNS, measures_course.OUTCOME)),
        ("Course, answers and quality", measures_course.COLUMNS),
        ("Face", measures_face.COLUMNS),
        ("Eyes", measures_looking.COLUMNS),
        ("Mouse and page", measures_pointer.COLUMNS),
    ]
    parts = [_FRONT, "## measures\n", "One row for each session and step of the study.\n"]
    for title, columns in groups:
        parts += [f"### {title}\n", _table(columns)]
    parts += _tables()
    return "\n".join(parts).rstrip() + "\n"


def _tables() -> Iterator[str]:
    for name, meaning, columns in (
        ("au_events", "One row for each movement of the face.", measures.EVENT_COLUMNS),
        ("aoi_measures", "One row for each area on a step.", measures.AREA_COLUMNS),
        ("answers", "One row for each item, and the score of each SUS.", measures.ANSWER_COLUMNS),
    ):
        yield f"## {name}\n"
        yield f"{meaning}\n"
        yield _table(columns)


def _table(columns: Sequence[Column]) -> str:
    lines = [("column", "type", "unit", "range", "meaning"), ("---",) * 5]
    lines += [
        (f"`{each.name}`", each.dtype, each.unit, _range(each), each.description)
        for each in columns
    ]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _range(column: Column) -> str:
    if column.low is None and column.high is None:
        return ""
    low, high = ("" if each is None else f"{each:g}" for each in (column.low, column.high))
    return f"{low} … {high}".strip()


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(document(), encoding="utf-8")
