"""What the team expected, on the map: a dashed line from step to step beside the measured one."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from journeylab.analysis.expectation import Expectation
from journeylab.analysis.expected import gap_sentence
from journeylab.analysis.signed import signed
from journeylab.report.scene import Circle, Hit, Line, MomentTarget, SceneDraft, TraceAxes

EXPECTED_COLOUR: Final = "quiet_text"
EXPECTED_PX: Final = 1.8
EXPECTED_DASH: Final = (6.0, 5.0)
_DOT_PX: Final = 4.0
_REACH_PX: Final = 9.0


def draw_expected(draft: SceneDraft, expectation: Expectation, axes: TraceAxes) -> None:
    """Draw a dashed line through the expected points, each answering with its gap in words."""
    places = [(axes.x_at(gap.position_s), axes.y_at(gap.expected)) for gap in expectation.gaps]
    for start, end in pairwise(places):
        draft.add(Line(start, end, EXPECTED_COLOUR, EXPECTED_PX, EXPECTED_DASH))
    for gap, (x, y) in zip(expectation.gaps, places, strict=True):
        draft.add(Circle((x, y), _DOT_PX, "ground", EXPECTED_COLOUR, EXPECTED_PX))
        words = gap_sentence(gap) if gap.is_measured else f"{gap.title}: {signed(gap.expected)}"
        if gap.words:
            words += f" Expected: {gap.words}"
        target = MomentTarget(gap.position_s, None)
        box = (x - _REACH_PX, y - _REACH_PX, 2 * _REACH_PX, 2 * _REACH_PX)
        draft.answer(Hit(*box, target, words))
