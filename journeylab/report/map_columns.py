"""The map's columns: as wide as their step was long, but never too narrow to be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from journeylab.analysis.journey import MapStep
from journeylab.report import map_style as style
from journeylab.report.text_metrics import text_width, widest_word


@dataclass(frozen=True, slots=True)
class Column:
    """One step's place on the map, px."""

    step: MapStep
    x: float
    width: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def inner_width(self) -> float:
        """Room for pictures and text."""
        return self.width - 2 * style.INSET_PX


def lay_out_columns(steps: Sequence[MapStep], *, x: float, width_px: float) -> tuple[Column, ...]:
    """Share the width among the steps by duration, each at least as wide as its words.

    The columns come out wider than ``width_px`` together when their words need it.
    """
    least = [_least_width(step) for step in steps]
    widths = _share([max(step.end_s - step.start_s, 1e-3) for step in steps], least, total=width_px)
    columns = []
    for step, width in zip(steps, widths, strict=True):
        columns.append(Column(step, x, width))
        x += width
    return tuple(columns)


def _least_width(step: MapStep) -> float:
    insets = 2 * style.INSET_PX + style.COLUMN_GAP_PX
    title = text_width(step.title, style.STEP_TITLE_PX, weight=600)
    words = widest_word(step.insight.text, style.BODY_PX)
    # A very long title is shortened rather than given half the map.
    return max(style.MIN_COLUMN_PX, min(title, 170.0) + insets, min(words, 130.0) + insets)


def _share(weights: Sequence[float], least: Sequence[float], *, total: float) -> list[float]:
    """Divide ``total`` by weight; who would get less than his least gets that, the rest shares."""
    widths = list(least)
    is_fixed = [False] * len(weights)
    while not all(is_fixed):
        room = total - sum(width for width, fixed in zip(widths, is_fixed, strict=True) if fixed)
        weight = sum(w for w, fixed in zip(weights, is_fixed, strict=True) if not fixed)
        short = [
            index
            for index, w in enumerate(weights)
            if not is_fixed[index] and room * w / weight < least[index]
        ]
        if not short:
            for index, w in enumerate(weights):
                if not is_fixed[index]:
                    widths[index] = room * w / weight
            break
        for index in short:
            is_fixed[index] = True
    return widths
