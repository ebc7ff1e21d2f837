"""The hand on the mouse: minimum-jerk moves, pauses, clicks and clicks of rage."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from journeylab.capture.pointer.motion import PointerSample
from journeylab.clock import NS_PER_S
from journeylab.vocabulary import PointerAction, PointerButton

REPORT_HZ: Final = 125.0
PRESS_S: Final = 0.09


@dataclass(frozen=True, slots=True)
class Aim:
    """The hand shall be at a point, px, at a time, s; and click there or not. ``target_px`` is
    the target's width, which sets how long the move takes (Fitts 1954)."""

    at_s: float
    x_px: float
    y_px: float
    click: bool = False
    target_px: float = 60.0


class PointerTrack:
    """All samples of one participant's mouse, in order of time."""

    def __init__(self, samples: Sequence[PointerSample]) -> None:
        self._samples = list(samples)
        self._times_ns = [sample.t_ns for sample in samples]

    @property
    def samples(self) -> Sequence[PointerSample]:
        """Every sample."""
        return self._samples

    def between(self, t0_s: float, t1_s: float) -> list[PointerSample]:
        """Samples from one time up to, not including, another, s."""
        first = bisect_left(self._times_ns, round(t0_s * NS_PER_S))
        last = bisect_left(self._times_ns, round(t1_s * NS_PER_S))
        return self._samples[first:last]


def track_of(
    aims: Sequence[Aim], *, start_px: tuple[float, float], rng: np.random.Generator
) -> PointerTrack:
    """The mouse's samples for a list of aims in order of time."""
    samples: list[PointerSample] = []
    x_px, y_px = start_px
    free_s = 0.0
    for aim in aims:
        way_px = float(np.hypot(aim.x_px - x_px, aim.y_px - y_px))
        at_s = max(aim.at_s, free_s)
        if way_px >= 1.0:
            difficulty = float(np.log2(way_px / aim.target_px + 1))
            wanted_s = 0.12 + 0.15 * difficulty
            begin_s = max(free_s, at_s - wanted_s)
            at_s = max(at_s, begin_s + 0.6 * wanted_s)
            samples += _move(
                (x_px, y_px), (aim.x_px, aim.y_px), begin_s=begin_s, end_s=at_s, rng=rng
            )
            x_px, y_px = aim.x_px, aim.y_px
        free_s = at_s
        if aim.click:
            samples += _click(at_s + 0.01, x_px, y_px)
            free_s = at_s + 0.01 + PRESS_S
    return PointerTrack(samples)


def _move(
    start: tuple[float, float],
    end: tuple[float, float],
    *,
    begin_s: float,
    end_s: float,
    rng: np.random.Generator,
) -> list[PointerSample]:
    n = max(2, round((end_s - begin_s) * REPORT_HZ))
    share = np.arange(1, n + 1) / n
    eased = share**3 * (10 - 15 * share + 6 * share**2)
    dx, dy = end[0] - start[0], end[1] - start[1]
    # A hand swings round its wrist or elbow: the path bows to one side.
    bow = rng.normal(0, 0.06) * np.sin(np.pi * eased)
    x = start[0] + dx * eased - dy * bow
    y = start[1] + dy * eased + dx * bow
    t_ns = np.round((begin_s + (end_s - begin_s) * share) * NS_PER_S).astype(np.int64)
    return [
        PointerSample(t, px, py)
        for t, px, py in zip(t_ns.tolist(), x.round().tolist(), y.round().tolist(), strict=True)
    ]


def _click(at_s: float, x_px: float, y_px: float) -> list[PointerSample]:
    return [
        PointerSample(round(t_s * NS_PER_S), round(x_px), round(y_px), action, PointerButton.LEFT)
        for t_s, action in (
            (at_s, PointerAction.PRESS),
            (at_s + PRESS_S, PointerAction.RELEASE),
        )
    ]
