"""Which lines of the trace are shown, and on demand how far gaze is off: variants of one scene."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import replace
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.journey import JourneyMap
from journeylab.analysis.runs import runs_of
from journeylab.report import map_style as style
from journeylab.report.evidence import median_valence, participants_valence
from journeylab.report.heatmap_scene import ring
from journeylab.report.scene import Density, Layer, Polyline, Primitive, Scene, Text, TraceAxes

MEDIAN_PX: Final = 1.8
PARTICIPANT_PX: Final = 0.9


class TraceLine(StrEnum):
    """A line, or set of lines, of the trace."""

    MEAN = "mean"
    MEDIAN = "median"
    PARTICIPANTS = "participants"


_KEY_WORDS: Final = ("joy", "negative", "neither", "expected")
_OF_MEAN: Final = ("band", "mean")
_BEFORE: Final = "callouts"


def with_lines(
    scene: Scene,
    journey: JourneyMap,
    lines: Collection[TraceLine],
    *,
    shows_gaze_error: bool = False,
) -> Scene:
    """The same scene with these lines in it, beneath its labels.

    Parameters
    ----------
    scene
        As :func:`~journeylab.report.map_layout.lay_out_map` makes it of the same map.
    lines
        Without the mean its band is left out, too.
    shows_gaze_error
        Whether each heatmap shows one standard deviation of its points of gaze as a circle.
    """
    if scene.axes is None:
        return scene
    groups = [
        (name, items)
        for name, items in scene.grouped()
        if name not in _OF_MEAN or TraceLine.MEAN in lines
    ]
    added: list[tuple[str, tuple[Primitive, ...]]] = []
    if TraceLine.PARTICIPANTS in lines:
        added.append(("participants", _participant_lines(journey, scene.axes)))
    if TraceLine.MEDIAN in lines:
        added.append(("median", _median_line(journey, scene.axes)))
    names = [name for name, _ in groups]
    # The mean stays on top of single participants, and all beneath the labels.
    place = next((names.index(name) for name in ("mean", _BEFORE) if name in names), len(names))
    groups[place:place] = added
    if shows_gaze_error:
        groups.append(("gaze error", _gaze_errors(scene, journey)))
    key = _key(scene, lines, shows_gaze_error=shows_gaze_error)
    if key:
        groups.append(("key", key))
    return _joined(scene, groups)


def _joined(scene: Scene, groups: list[tuple[str, tuple[Primitive, ...]]]) -> Scene:
    items: list[Primitive] = []
    layers = []
    for name, own in groups:
        if own:
            layers.append(Layer(name, len(items), len(items) + len(own)))
            items.extend(own)
    return replace(scene, items=tuple(items), layers=tuple(layers))


def _participant_lines(journey: JourneyMap, axes: TraceAxes) -> tuple[Primitive, ...]:
    _, values = participants_valence(journey)
    lines: list[Primitive] = []
    for row in values:
        lines.extend(_line(journey, row, axes, colour="neutral", width_px=PARTICIPANT_PX))
    return tuple(lines)


def _median_line(journey: JourneyMap, axes: TraceAxes) -> tuple[Primitive, ...]:
    if not journey.n_usable:
        return ()
    return tuple(_line(journey, median_valence(journey), axes, colour="accent", width_px=MEDIAN_PX))


def _line(
    journey: JourneyMap,
    valence: NDArray[np.float64],
    axes: TraceAxes,
    *,
    colour: str,
    width_px: float,
) -> list[Polyline]:
    """The runs that were measured; thinned to about a point a pixel."""
    x = np.interp(journey.trace.position_s, axes.knots_s, axes.knots_x)
    every = max(1, len(x) // max(int(axes.knots_x[-1] - axes.knots_x[0]), 1))
    found = []
    for start, end in runs_of(np.isfinite(valence)):
        kept = np.unique(np.append(np.arange(start, end, every), end - 1))
        if len(kept) > 1:
            points = tuple((float(x[n]), axes.y_at(float(valence[n]))) for n in kept)
            found.append(Polyline(points, colour, width_px))
    return found


def _key(
    scene: Scene, lines: Collection[TraceLine], *, shows_gaze_error: bool
) -> tuple[Primitive, ...]:
    """What the lines that are shown besides are called, below the key that is there."""
    labels = next((items for name, items in scene.grouped() if name == "labels"), ())
    there = [item for item in labels if isinstance(item, Text) and item.text in _KEY_WORDS]
    if not there:
        return ()
    x, text_x, y = style.MARGIN_PX, there[-1].x, max(item.y for item in there)
    entries = [
        ("accent", MEDIAN_PX, "median", TraceLine.MEDIAN in lines),
        ("neutral", PARTICIPANT_PX, "participant", TraceLine.PARTICIPANTS in lines),
    ]
    found: list[Primitive] = []
    for colour, width_px, words, is_shown in entries:
        if is_shown:
            y += 15.5
            found.append(Polyline(((x, y - 4), (text_x - 5, y - 4)), colour, width_px))
            found.append(Text(text_x, y, words, style.CAPS_PX, "quiet_text"))
    if shows_gaze_error:
        y += 15.5
        found.append(ring((x + 6, y - 4), 4.5, stroke_px=1.6))
        found.append(Text(text_x, y, "gaze error", style.CAPS_PX, "quiet_text"))
    return tuple(found)


def _gaze_errors(scene: Scene, journey: JourneyMap) -> tuple[Primitive, ...]:
    """A circle on the hottest place of each heatmap."""
    densities = [item for item in scene.items if isinstance(item, Density)]
    steps = [step for step in journey.steps if step.heatmap is not None]
    found: list[Primitive] = []
    for item, step in zip(densities, steps, strict=False):
        if not math.isfinite(step.gaze_error):
            continue
        row, column = np.unravel_index(int(item.values.argmax()), item.values.shape)
        rows, columns = item.values.shape
        radius_px = min(step.gaze_error * item.width, min(item.width, item.height) / 2)
        # Wholly on its picture, wherever the hottest place is.
        x = item.x + (float(column) + 0.5) / columns * item.width
        y = item.y + (float(row) + 0.5) / rows * item.height
        x = min(max(x, item.x + radius_px), item.x + item.width - radius_px)
        y = min(max(y, item.y + radius_px), item.y + item.height - radius_px)
        found.append(ring((x, y), radius_px, stroke_px=1.6))
    return tuple(found)
