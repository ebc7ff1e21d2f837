"""Eye movements: fixations, saccades and blinks, from published figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.simulation.places import Place

# Scene viewing: fixations of 200 to 400 ms, skewed (Rayner 2009).
_FIXATION_MEDIAN_S: Final = 0.30
_FIXATION_LOG_SD: Final = 0.35
# Saccade duration 21 ms + 2.2 ms a degree (Bahill, Clark & Stark 1975).
_SACCADE_BASE_S: Final = 0.021
_SACCADE_S_PER_DEG: Final = 0.0022
# A blink closes faster than it opens (VanderWerf et al. 2003).
_BLINK_DOWN_S: Final = 0.08
_BLINK_SHUT_S: Final = 0.04
_BLINK_UP_S: Final = 0.15


@dataclass(frozen=True, slots=True)
class Fixation:
    """The eyes rest on a point of the screen, px, from a time on, s."""

    start_s: float
    x_px: float
    y_px: float


@dataclass(frozen=True, slots=True)
class Rectangle:
    """Where a step's picture lies on the screen, px."""

    left_px: float
    top_px: float
    width_px: float
    height_px: float

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Screen position of shares of the picture."""
        return self.left_px + x * self.width_px, self.top_px + y * self.height_px


def wander(
    places: Sequence[Place],
    *,
    on: Rectangle,
    start_s: float,
    end_s: float,
    rng: np.random.Generator,
) -> list[Fixation]:
    """Fixations from one time to another, drawn to places by their weight."""
    weights = np.array([place.weight for place in places])
    fixations = []
    now_s, last = start_s, -1
    while now_s < end_s:
        shares = weights.copy()
        if last >= 0:
            # One looks at the same place twice or thrice, then rarely back at once.
            shares[last] *= 0.9 if rng.uniform() < 0.5 else 0.1
        choice = int(rng.choice(len(places), p=shares / shares.sum()))
        place = places[choice]
        x = place.x + place.half_width * float(np.clip(rng.normal(0, 0.5), -1, 1))
        y = place.y + place.half_height * float(np.clip(rng.normal(0, 0.5), -1, 1))
        fixations.append(Fixation(now_s, *on.point(x, y)))
        now_s += _FIXATION_MEDIAN_S * float(np.exp(rng.normal(0, _FIXATION_LOG_SD)))
        last = choice
    return fixations


def gaze_over(
    t_s: NDArray[np.float64], fixations: Sequence[Fixation], *, px_per_deg: float
) -> NDArray[np.float64]:
    """Point of gaze (n, 2) px at times (n,) for fixations in order of time."""
    starts = np.array([fixation.start_s for fixation in fixations])
    points = np.array([(fixation.x_px, fixation.y_px) for fixation in fixations])
    now = np.clip(np.searchsorted(starts, t_s, side="right") - 1, 0, len(starts) - 1)
    before = np.maximum(now - 1, 0)
    way = np.linalg.norm(points[now] - points[before], axis=1)
    duration_s = _SACCADE_BASE_S + _SACCADE_S_PER_DEG * way / px_per_deg
    share = np.clip((t_s - starts[now]) / duration_s, 0, 1)
    share = share**3 * (10 - 15 * share + 6 * share**2)
    gaze: NDArray[np.float64] = points[before] + (points[now] - points[before]) * share[:, None]
    return gaze


def blinks_over(
    t_s: NDArray[np.float64],
    *,
    per_min: float,
    spared: Sequence[tuple[float, float]],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Closure 0..1 of the eyes at times (n,); no blink begins inside a ``spared`` interval, s."""
    closure = np.zeros(len(t_s))
    now_s, end_s = float(t_s[0]), float(t_s[-1])
    while True:
        now_s += 1.2 + float(rng.exponential(max(60.0 / per_min - 1.2, 0.5)))
        for begin_s, until_s in spared:
            if begin_s <= now_s < until_s:
                now_s = until_s
        if now_s >= end_s:
            return closure
        down = np.clip((t_s - now_s) / _BLINK_DOWN_S, 0, 1)
        up_from_s = now_s + _BLINK_DOWN_S + _BLINK_SHUT_S
        up = np.clip((t_s - up_from_s) / _BLINK_UP_S, 0, 1)
        shut = np.sin(down * np.pi / 2) * np.cos(up * np.pi / 2)
        closure = np.maximum(closure, np.where(up < 1.0, shut, 0.0))
