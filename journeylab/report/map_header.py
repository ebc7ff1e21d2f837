"""The map's header: what was studied, of whom, and the key figures with their base."""

from __future__ import annotations

import math

from journeylab.analysis.journey import JourneyMap
from journeylab.report import map_style as style
from journeylab.report.scene import Line, Rect, SceneDraft, Text
from journeylab.report.text_metrics import shorten, text_width

_TITLE_BASELINE = 44.0
_GOAL_BASELINE = 70.0
_FIGURE_GAP = 40.0
RULE_Y = 92.0


def draw_header(draft: SceneDraft, journey: JourneyMap, *, width_px: float) -> None:
    """Title, goal and figures; figures give way to the title from the left."""
    right = width_px - style.MARGIN_PX
    left = style.MARGIN_PX
    figures = key_figures(journey)
    chip = simulated_words(journey)
    chip_width = text_width(chip, style.SMALL_PX, weight=600) + 20 if chip else 0.0
    title_width = text_width(journey.study_title, style.TITLE_PX, weight=700)
    title_needs = min(title_width + chip_width, right * 0.6)
    while len(figures) > 2 and right - _figures_width(figures) < left + title_needs + 40:
        figures = figures[1:]
    x = _draw_figures(draft, figures, right)
    room = x - left - 32
    title = shorten(
        journey.study_title, max(room - chip_width - 12, 80), size_px=style.TITLE_PX, weight=700
    )
    draft.add(Text(left, _TITLE_BASELINE, title, style.TITLE_PX, "text", 700))
    if chip:
        chip_x = left + text_width(title, style.TITLE_PX, weight=700) + 14
        draft.add(
            Rect(chip_x, _TITLE_BASELINE - 19, chip_width, 23, "warning_tint", radius_px=11.5),
            Text(
                chip_x + 10,
                _TITLE_BASELINE - 3.5,
                chip,
                style.SMALL_PX,
                "warning",
                600,
            ),
        )
    subtitle = shorten(_subtitle(journey), max(room, 80), size_px=style.BODY_PX)
    draft.add(
        Text(left, _GOAL_BASELINE, subtitle, style.BODY_PX, "quiet_text"),
        Line((left, RULE_Y), (right, RULE_Y), "line"),
    )


def map_title(journey: JourneyMap) -> str:
    """What a file of the map is called inside."""
    return f"{journey.study_title}: journey map"


def key_figures(journey: JourneyMap) -> tuple[tuple[str, str], ...]:
    """(figure, label), least important first; only what was measured."""
    n = journey.n_usable
    figures: list[tuple[str, str]] = []
    if n:
        with_gaze = max((step.n_gaze for step in journey.steps), default=0)
        devices = {step.device for step in journey.steps if step.n_gaze}
        where = f" on {devices.pop()}" if len(devices) == 1 and "" not in devices else ""
        figures.append((f"{with_gaze} of {n}", f"with gaze{where}"))
        people = len({session.summary.participant_id for session in journey.sessions})
        last = journey.steps[-1]
        figures.append((f"{last.n_reached} of {people}", f"reached {last.title}"))
        figures.append((duration_words(journey.median_time_on_task_s), "median time on task"))
    figures.append((f"{n} of {journey.n_all}", "usable sessions"))
    return tuple((figure, shorten(label, 170, size_px=style.SMALL_PX)) for figure, label in figures)


def duration_words(duration_s: float) -> str:
    """A duration as read on the map: 15 s, 4 min 12 s, 1 h 5 min."""
    if not math.isfinite(duration_s):
        return "not known"
    seconds = round(duration_s)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        minutes, rest = divmod(seconds, 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, rest = divmod(seconds // 60, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def simulated_words(journey: JourneyMap) -> str:
    """What must be said where sessions were simulated; empty where none was."""
    if journey.n_simulated == 0:
        return ""
    if journey.n_simulated == journey.n_usable:
        return "simulated participants"
    return f"{journey.n_simulated} of {journey.n_usable} sessions simulated"


def _subtitle(journey: JourneyMap) -> str:
    parts = [f"Goal: {journey.goal}"] if journey.goal else []
    parts += [f"{name} {value}" for name, value in journey.segment.items()]
    if journey.created:
        parts.append(journey.created)
    return " · ".join(parts)


def _figure_width(figure: tuple[str, str]) -> float:
    return max(
        text_width(figure[0], style.FIGURE_PX, weight=600),
        text_width(figure[1], style.SMALL_PX),
    )


def _figures_width(figures: tuple[tuple[str, str], ...]) -> float:
    return sum(_figure_width(figure) + _FIGURE_GAP for figure in figures)


def _draw_figures(draft: SceneDraft, figures: tuple[tuple[str, str], ...], right: float) -> float:
    for figure in reversed(figures):
        draft.add(
            Text(right, _TITLE_BASELINE, figure[0], style.FIGURE_PX, "text", 600, "end"),
            Text(
                right,
                _GOAL_BASELINE - 4,
                figure[1],
                style.SMALL_PX,
                "quiet_text",
                anchor="end",
            ),
        )
        right -= _figure_width(figure) + _FIGURE_GAP
    return right + _FIGURE_GAP
