"""Rows of the map made of pictures: step headers, screens, gaze."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.declined import GAZE, SCREEN
from journeylab.analysis.journey import MapStep
from journeylab.report import map_style as style
from journeylab.report.map_columns import Column
from journeylab.report.map_header import duration_words
from journeylab.report.map_style import Rows
from journeylab.report.scene import Density, Hit, Image, Rect, SceneDraft, StepTarget, Text
from journeylab.report.text_metrics import shorten, text_width, wrap
from journeylab.vocabulary import StimulusKind

_DEFAULT_ASPECT: Final = 16 / 10
_CAMERA_ONLY: Final = StimulusKind.CAMERA_ONLY.value
_FADED: Final = 0.45


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a picture lies, px."""

    x: float
    y: float
    width: float
    height: float


def place_words(step: MapStep) -> str:
    """What is met on a step, where, and who answers for it; empty where the study does not say."""
    owner = f"owner: {step.owner}" if step.owner else ""
    return " · ".join(part for part in (step.touchpoint, step.channel, owner) if part)


def _fitting_place(step: MapStep, room: float) -> str:
    """As many of the words, whole, as there is room for: a word that is cut says nothing."""
    for met in (
        step,
        replace(step, channel=""),
        replace(step, owner=""),
        replace(step, channel="", owner=""),
    ):
        words = place_words(met)
        if text_width(words, style.CAPS_PX) <= room:
            return words
    return shorten(place_words(step), room, size_px=style.CAPS_PX)


def draw_step_headers(
    draft: SceneDraft, columns: Sequence[Column], rows: Rows, *, n_people: int
) -> None:
    """Title, stage, duration and how many reached it, on the tint of its stage; beneath, what is
    met there."""
    stages = list(dict.fromkeys(column.step.stage for column in columns))
    for column in columns:
        step = column.step
        tint = style.STAGE_TINTS[stages.index(step.stage) % len(style.STAGE_TINTS)]
        width = column.width - style.COLUMN_GAP_PX
        room = width - 2 * style.INSET_PX
        duration = duration_words(step.end_s - step.start_s)
        reached = f"{step.n_reached} of {n_people}" if n_people else ""
        details = [step.stage, duration if n_people else f"{duration} planned", reached]
        detail = " · ".join(part for part in details if part)
        if shorten(detail, room, size_px=style.CAPS_PX) != detail:
            detail = " · ".join(part for part in details[1:] if part)
        draft.add(
            Rect(
                column.x + style.COLUMN_GAP_PX / 2,
                rows.steps_y,
                width,
                rows.steps_height,
                tint,
                radius_px=7,
            ),
            Text(
                column.x + style.COLUMN_GAP_PX / 2 + style.INSET_PX,
                rows.steps_y + 19.5,
                shorten(step.title, room, size_px=style.STEP_TITLE_PX, weight=600),
                style.STEP_TITLE_PX,
                "text",
                600,
            ),
            Text(
                column.x + style.COLUMN_GAP_PX / 2 + style.INSET_PX,
                rows.steps_y + 36,
                shorten(detail, room, size_px=style.CAPS_PX),
                style.CAPS_PX,
                "quiet_text",
            ),
        )
        if place := _fitting_place(step, room):
            draft.add(
                Text(
                    column.x + style.COLUMN_GAP_PX / 2 + style.INSET_PX,
                    rows.steps_y + 51,
                    place,
                    style.CAPS_PX,
                    "quiet_text",
                )
            )


def draw_screens(draft: SceneDraft, columns: Sequence[Column], rows: Rows) -> None:
    """Each step's screen, or in words why there is none."""
    for column in columns:
        step = column.step
        frame = _frame(column, step.screen, rows.screens_y, rows.screens_height)
        if step.screen is not None:
            draft.add(_picture(frame, step.screen, name=screen_name(step.step_id)))
        else:
            words = "pictures declined" if SCREEN in step.declined else "no picture of the screen"
            words = "camera only" if step.kind == _CAMERA_ONLY else words
            _draw_missing(draft, frame, words)
        draft.add(_outline(frame))
        _answer(draft, column, frame)


def screen_name(step_id: str) -> str:
    """What the picture of a step's screen is called in the scene."""
    return f"screen of {step_id}"


def draw_gaze(draft: SceneDraft, columns: Sequence[Column], rows: Rows) -> None:
    """Gaze density over the faded screen, or in words why there is none."""
    for column in columns:
        step = column.step
        frame = _frame(column, step.screen, rows.gaze_y, rows.gaze_height)
        if step.heatmap is None:
            words = "gaze declined" if GAZE in step.declined else "no gaze measured"
            words = "no screen" if step.kind == _CAMERA_ONLY else words
            _draw_missing(draft, frame, words)
            _answer(draft, column, frame)
            draft.add(_outline(frame))
            continue
        draft.add(_box(frame, "surface"))
        if step.screen is not None:
            # Without its own colours: the heat's are the only ones that mean anything here.
            draft.add(_picture(frame, step.screen, opacity=_FADED, is_grey=True))
        draft.add(
            Density(frame.x, frame.y, frame.width, frame.height, step.heatmap, radius_px=5),
            _outline(frame),
        )
        _answer(draft, column, frame)
        base = f"n = {step.n_gaze}"
        full = f"{base} · {step.device}" if step.device else base
        if text_width(full, style.CAPS_PX) <= column.inner_width:
            base = full
        draft.add(
            Text(
                column.x + style.INSET_PX,
                rows.gaze_y + rows.gaze_height + 14,
                shorten(base, column.inner_width, size_px=style.CAPS_PX),
                style.CAPS_PX,
                "quiet_text",
            )
        )


def _answer(draft: SceneDraft, column: Column, frame: Frame) -> None:
    """A click on a picture leads to the step's heatmaps, where there is a screen to look at."""
    step = column.step
    if step.kind != _CAMERA_ONLY and step.n_reached:
        hint = f"Show the heatmaps of {step.title}"
        target = StepTarget(step.step_id)
        draft.answer(Hit(frame.x, frame.y, frame.width, frame.height, target, hint))


def _frame(column: Column, screen: NDArray[np.uint8] | None, y: float, height: float) -> Frame:
    aspect = _DEFAULT_ASPECT if screen is None else screen.shape[1] / screen.shape[0]
    width = min(column.inner_width, height * aspect)
    return Frame(column.x + style.INSET_PX, y, width, min(height, width / aspect))


def _picture(
    frame: Frame,
    bgr: NDArray[np.uint8],
    *,
    name: str = "",
    opacity: float = 1.0,
    is_grey: bool = False,
) -> Image:
    return Image(
        frame.x,
        frame.y,
        frame.width,
        frame.height,
        bgr[:, :, ::-1],
        radius_px=5,
        opacity=opacity,
        is_grey=is_grey,
        name=name,
    )


def _box(frame: Frame, fill: str) -> Rect:
    return Rect(frame.x, frame.y, frame.width, frame.height, fill, radius_px=5)


def _outline(frame: Frame) -> Rect:
    return Rect(
        frame.x, frame.y, frame.width, frame.height, stroke="line", stroke_px=1.2, radius_px=5
    )


def _draw_missing(draft: SceneDraft, frame: Frame, words: str) -> None:
    draft.add(_box(frame, "surface"))
    lines = wrap(words, max(frame.width - 12, 20), size_px=style.SMALL_PX)
    line_height = style.SMALL_PX * style.LINE_SPACING
    y = frame.y + frame.height / 2 - (len(lines) - 1) * line_height / 2 + 4
    for line in lines:
        draft.add(
            Text(
                frame.x + frame.width / 2,
                y,
                line,
                style.SMALL_PX,
                "quiet_text",
                anchor="middle",
            )
        )
        y += line_height
