"""One heatmap as a scene: the page or screen, what lies on it, and in words what is behind it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from journeylab.analysis.heatmaps import HeatKind, Heatmap
from journeylab.report import map_style as style
from journeylab.report.scene import (
    Circle,
    Density,
    Image,
    Line,
    Point,
    Polyline,
    Rect,
    Scene,
    SceneDraft,
    Text,
)
from journeylab.report.text_metrics import shorten, text_width, wrap

MARGIN_PX: Final = 24.0
WIDTH_PX: Final = 1280.0
_LEAST_WIDTH_PX: Final = 760.0
_TITLE_PX: Final = 20.0
_HEADER_PX: Final = 84.0
_LEGEND_PX: Final = 34.0
_FADED: Final = 0.55
_CLICK_RADIUS_PX: Final = 4.0
_SHARES: Final = (0.75, 0.5, 0.25)
_RAMP_STEPS: Final = 24

KIND_WORDS: Final[Mapping[HeatKind, str]] = MappingProxyType(
    {
        HeatKind.GAZE: "Where they looked",
        HeatKind.FROWN: "Where they looked when they frowned",
        HeatKind.CLICKS: "Where they clicked",
        HeatKind.MOVES: "Where they moved the pointer",
        HeatKind.SCROLL: "How far down they saw",
    }
)
_MISSING: Final[Mapping[HeatKind, str]] = MappingProxyType(
    {
        HeatKind.GAZE: "No gaze was measured here.",
        HeatKind.FROWN: "Nobody frowned while looking here.",
        HeatKind.CLICKS: "Nobody clicked here.",
        HeatKind.MOVES: "No pointer moved here.",
        HeatKind.SCROLL: "How far a page was scrolled is known of web pages only.",
    }
)


def lay_out_heatmap(
    heat: Heatmap,
    *,
    title: str,
    segment: Mapping[str, str],
    width_px: float = WIDTH_PX,
    height_px: float | None = None,
    fits_page: bool = False,
    shows_error: bool = False,
) -> Scene:
    """Lay one heatmap out for a width.

    Parameters
    ----------
    title
        Study and step.
    segment
        Whose heatmap it is; empty for all.
    height_px
        A screen is made to fit into it, where one is given; a page is as long as it is, unless
        ``fits_page``.
    shows_error
        Whether to draw how far the point of gaze is off, where it matters.
    """
    surface = heat.surface
    room_px = width_px - 2 * MARGIN_PX
    top_px = _HEADER_PX + _notes_height(heat, room_px)
    scale = room_px / surface.width_px
    if surface.is_page:
        scale = min(scale, 1.0)  # a phone's page is long enough as it is
    if height_px is not None and (fits_page or not surface.is_page):
        fitting_px = max(height_px - top_px - _LEGEND_PX - MARGIN_PX, 160.0)
        scale = min(scale, fitting_px / surface.height_px)
        # The drawing is as wide as its picture, so that it stands in the middle of its window.
        width_px = min(width_px, max(surface.width_px * scale + 2 * MARGIN_PX, _LEAST_WIDTH_PX))
        room_px = width_px - 2 * MARGIN_PX
    left_px = MARGIN_PX + max(0.0, room_px - surface.width_px * scale) / 2
    box = Rect(left_px, top_px, surface.width_px * scale, surface.height_px * scale)
    draft = SceneDraft()
    draft.begin("header")
    _draw_header(draft, heat, title=title, segment=segment, room_px=room_px)
    draft.begin("picture")
    _draw_picture(draft, heat, box)
    draft.begin("heat")
    _draw_heat(draft, heat, box)
    if shows_error and math.isfinite(heat.gaze_error):
        draft.begin("gaze error")
        _draw_error(draft, heat, box)
    draft.begin("legend")
    legend_y = box.y + box.height + 22
    _draw_legend(draft, heat, legend_y)
    total_px = legend_y + _LEGEND_PX - 14
    return draft.finish(width_px, max(total_px, height_px or 0.0), axes=None)


def base_words(heat: Heatmap, segment: Mapping[str, str]) -> str:
    """Whose heatmap it is, and how many stand behind it."""
    whose = [f"{name} {value}" for name, value in segment.items()]
    if not whose and heat.surface.device:
        whose = [heat.surface.device]
    if heat.surface.variant:
        whose.append(f"version {heat.surface.variant}")
    noun = "participant" if heat.n_here == 1 else "participants"
    parts = [*whose, f"{heat.n} of {heat.n_here} {noun}"]
    if heat.kind is HeatKind.CLICKS:
        parts.append(_counted(round(heat.amount), "click"))
        if heat.n > 1:
            parts.append("each participant's weigh the same")
    elif heat.kind is HeatKind.GAZE:
        parts.append(f"{heat.amount:.0f} s of fixation")
    elif heat.kind is HeatKind.FROWN:
        parts.append("looking time weighted by AU4 and negative states")
    if math.isfinite(heat.gaze_error):
        error_px = heat.gaze_error * heat.surface.width_px
        parts.append(f"gaze error {error_px:.0f} px")
    return " · ".join(parts)


def notes_of_heatmap(heat: Heatmap) -> tuple[str, ...]:
    """What the reader has to know besides, in sentences."""
    notes = []
    if 0 < heat.n < 5:
        notes.append(f"Only {_counted(heat.n, 'participant')}: an impression, no finding.")
    if heat.n_beside:
        noun = "mark lies" if heat.n_beside == 1 else "marks lie"
        notes.append(f"{heat.n_beside} {noun} beside it and {_is(heat.n_beside)} left out.")
    if heat.surface.is_page and heat.surface.picture is None:
        notes.append("No picture of the whole page was taken.")
    return tuple(notes)


def peak_of(heat: Heatmap) -> Point:
    """The hottest place, as shares of width and height."""
    row, column = np.unravel_index(int(heat.values.argmax()), heat.values.shape)
    rows, columns = heat.values.shape
    return (float(column) + 0.5) / columns, (float(row) + 0.5) / rows


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _is(n: int) -> str:
    return "is" if n == 1 else "are"


def _note_lines(heat: Heatmap, room_px: float) -> tuple[str, ...]:
    return wrap(" ".join(notes_of_heatmap(heat)), room_px, size_px=style.SMALL_PX)


def _notes_height(heat: Heatmap, room_px: float) -> float:
    lines = _note_lines(heat, room_px) if notes_of_heatmap(heat) else ()
    return 17.0 * len(lines)


def _draw_header(
    draft: SceneDraft, heat: Heatmap, *, title: str, segment: Mapping[str, str], room_px: float
) -> None:
    heading = f"{KIND_WORDS[heat.kind]} · {title}"
    draft.add(
        Text(
            MARGIN_PX,
            36,
            shorten(heading, room_px, size_px=_TITLE_PX, weight=600),
            _TITLE_PX,
            "text",
            600,
        ),
        Text(
            MARGIN_PX,
            60,
            shorten(base_words(heat, segment), room_px, size_px=style.BODY_PX),
            style.BODY_PX,
            "quiet_text",
        ),
    )
    if notes_of_heatmap(heat):
        for place, line in enumerate(_note_lines(heat, room_px)):
            y = 79 + 17.0 * place
            draft.add(Text(MARGIN_PX, y, line, style.SMALL_PX, "warning", 500))


def _draw_picture(draft: SceneDraft, heat: Heatmap, box: Rect) -> None:
    picture = heat.surface.picture
    draft.add(Rect(box.x, box.y, box.width, box.height, "surface", radius_px=6))
    if picture is not None:
        draft.add(
            Image(
                box.x,
                box.y,
                box.width,
                box.height,
                picture[:, :, ::-1],
                radius_px=6,
                opacity=_FADED,
                is_grey=True,  # the heat's colours are the only ones that mean anything here
                name="page" if heat.surface.is_page else "screen",
            )
        )
    draft.add(Rect(box.x, box.y, box.width, box.height, stroke="line", stroke_px=1.2, radius_px=6))


def _draw_heat(draft: SceneDraft, heat: Heatmap, box: Rect) -> None:
    if heat.n == 0:
        words = _MISSING[heat.kind]
        middle = box.x + box.width / 2
        width = text_width(words, 14, weight=500) + 44
        y = box.y + min(box.height / 2, 200.0)
        draft.add(
            Rect(middle - width / 2, y - 22, width, 44, "ground", "line", radius_px=8),
            Text(middle, y + 5, words, 14, "quiet_text", 500, "middle"),
        )
        return
    opacity = 0.55 if heat.kind is HeatKind.SCROLL else 1.0
    draft.add(
        Density(box.x, box.y, box.width, box.height, heat.values, radius_px=6, opacity=opacity)
    )
    if heat.kind is HeatKind.SCROLL:
        _draw_depths(draft, heat, box)
    for x, y in heat.points:
        centre = (box.x + float(x) * box.width, box.y + float(y) * box.height)
        draft.add(Circle(centre, _CLICK_RADIUS_PX, "ground", "negative", 1.8))


def _draw_depths(draft: SceneDraft, heat: Heatmap, box: Rect) -> None:
    """A line where fewer than three quarters, half, a quarter saw on."""
    column = heat.values[:, 0]
    drawn: set[int] = set()
    for share in _SHARES:
        row = int((column >= share).sum())
        if row in drawn or row == 0:
            continue
        drawn.add(row)
        least = min(float(column[row - 1]), 1.0)
        y = min(box.y + row / len(column) * box.height, box.y + box.height - 1)
        words = f"{100 * least:.0f} % saw this far"
        width = text_width(words, style.SMALL_PX, weight=600) + 20
        label_y = max(y - 26, box.y + 4)
        draft.add(
            Line((box.x, y), (box.x + box.width, y), "text", 1.4, (6, 4)),
            Rect(box.x + 12, label_y, width, 22, "ground", "line", radius_px=6),
            Text(box.x + 22, label_y + 15.5, words, style.SMALL_PX, "text", 600),
        )


def _draw_error(draft: SceneDraft, heat: Heatmap, box: Rect) -> None:
    """A circle of one standard deviation about the hottest place."""
    x, y = peak_of(heat)
    centre = (box.x + x * box.width, box.y + y * box.height)
    draft.add(ring(centre, heat.gaze_error * box.width))
    words = "gaze error: one standard deviation"
    width = text_width(words, style.SMALL_PX, weight=500) + 18
    left = min(max(centre[0] - width / 2, box.x + 4), box.x + box.width - width - 4)
    top = centre[1] + heat.gaze_error * box.width + 6
    if top + 22 > box.y + box.height:
        top = max(centre[1] - heat.gaze_error * box.width - 28, box.y + 4)
    draft.add(
        Rect(left, top, width, 22, "ground", "accent", 1.2, radius_px=6),
        Text(left + 9, top + 15.5, words, style.SMALL_PX, "accent", 500),
    )


def ring(centre: Point, radius_px: float, *, stroke_px: float = 2.0) -> Polyline:
    """An open circle in the accent colour."""
    turns = np.linspace(0, 2 * math.pi, 65)
    points = tuple(
        (centre[0] + radius_px * math.cos(turn), centre[1] + radius_px * math.sin(turn))
        for turn in turns
    )
    return Polyline(points, "accent", stroke_px)


def _draw_legend(draft: SceneDraft, heat: Heatmap, y: float) -> None:
    if heat.n == 0:
        return
    is_scroll = heat.kind is HeatKind.SCROLL
    left, right = ("few saw it", "all saw it") if is_scroll else ("little", "most")
    x = MARGIN_PX
    draft.add(Text(x, y + 4, left, style.SMALL_PX, "quiet_text"))
    x += text_width(left, style.SMALL_PX) + 10
    ramp = np.linspace(0.08, 1.0, _RAMP_STEPS, dtype=np.float32)[None, :].repeat(2, axis=0)
    draft.add(
        Density(x, y - 5, 150, 9, ramp, radius_px=4),
        Text(x + 160, y + 4, right, style.SMALL_PX, "quiet_text"),
    )
    if heat.kind is HeatKind.CLICKS:
        x += 160 + text_width(right, style.SMALL_PX) + 24
        draft.add(
            Circle((x, y), _CLICK_RADIUS_PX, "ground", "negative", 1.8),
            Text(x + 10, y + 4, "one click", style.SMALL_PX, "quiet_text"),
        )
