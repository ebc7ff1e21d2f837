"""Feelings as action units over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.simulation.reactions import Feeling, Reaction
from journeylab.vocabulary import ACTION_UNIT_COLUMNS

ONSET_S: Final = 0.5
"""Time of the first rise; spontaneous expressions take half a second and more."""
OFFSET_S: Final = 0.9
SURPRISE_S: Final = 1.1

_SURPRISE: Final = {"AU01": 0.85, "AU02": 0.9, "AU05": 0.6, "AU25": 0.25, "AU26": 0.65}
_JOY: Final = {"AU06": 0.5, "AU12": 0.95, "AU25": 0.25}
_UNITS: Final[Mapping[Feeling, Mapping[str, float]]] = {
    Feeling.JOY: _JOY,
    Feeling.INTEREST: {"AU01": 0.25, "AU02": 0.30, "AU12": 0.15},
    Feeling.CONFUSION: {"AU04": 0.95, "AU07": 0.45},
    Feeling.FRUSTRATION: {"AU04": 0.75, "AU17": 0.25, "AU23": 0.20, "AU24": 0.95},
    Feeling.LOW_MOOD: {"AU01": 0.20, "AU15": 0.70, "AU17": 0.30},
    Feeling.CONTEMPT: {"AU07": 0.15, "AU14R": 1.0},
}
# Where in its course a feeling is strongest: joy soon, trouble builds up. Before and after it the
# expression holds this share of its apex.
_APEX: Final[Mapping[Feeling, tuple[float, float]]] = {
    Feeling.CONFUSION: (0.45, 0.80),
    Feeling.FRUSTRATION: (0.55, 0.85),
}
_SOON: Final = (0.18, 0.45)
_HELD: Final = 0.55
_WAVES_HZ: Final = ((0.37, 0.09), (0.83, 0.05))
# Between reactions a face is nearly still, not quite: slow drifts of what people do while reading.
_REST: Final = {"AU01": 0.05, "AU04": 0.07, "AU12": 0.06, "AU15": 0.05, "AU24": 0.06}
_REST_HZ: Final = (0.07, 0.19)
_INDEX: Final = {code: i for i, code in enumerate(ACTION_UNIT_COLUMNS)}


def action_units_over(
    t_s: NDArray[np.float64],
    reactions: Sequence[Reaction],
    *,
    sneers_left: bool,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Intensities (n, 22) at times (n,), in the order of ACTION_UNIT_COLUMNS.

    Unsided columns of sided units hold the stronger side; reactions that overlap do not add up,
    the stronger counts.
    """
    units = np.zeros((len(t_s), len(ACTION_UNIT_COLUMNS)))
    for reaction in reactions:
        for codes, begin_s, end_s in _phases(reaction):
            course = envelope(t_s, begin_s, end_s) * reaction.strength
            low, high = _APEX.get(reaction.feeling, _SOON)
            course *= _swell((t_s - begin_s) / (end_s - begin_s), apex=rng.uniform(low, high))
            for hz, depth in _WAVES_HZ:
                course *= 1 + depth * np.sin(2 * np.pi * (hz * t_s + rng.uniform()))
            for code, share in codes.items():
                column = units[:, _INDEX[_to_side(code, left=sneers_left)]]
                np.maximum(column, share * np.clip(course, 0, 1), out=column)
    for code in ("AU12", "AU14"):
        both = units[:, _INDEX[code]]
        for side in "LR":
            np.maximum(units[:, _INDEX[code + side]], both, out=units[:, _INDEX[code + side]])
        units[:, _INDEX[code]] = np.maximum(
            units[:, _INDEX[code + "L"]], units[:, _INDEX[code + "R"]]
        )
    return units


def envelope(t_s: NDArray[np.float64], begin_s: float, end_s: float) -> NDArray[np.float64]:
    """Onset, apex and offset as a course 0..1 of minimum jerk."""
    length_s = end_s - begin_s
    onset_s, offset_s = min(ONSET_S, 0.45 * length_s), min(OFFSET_S, 0.45 * length_s)
    up = _eased((t_s - begin_s) / onset_s)
    down = _eased((t_s - (end_s - offset_s)) / offset_s)
    course: NDArray[np.float64] = up * (1 - down)
    return course


def resting_over(
    t_s: NDArray[np.float64], *, from_s: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """What a face does between its expressions, (n, 22); nothing before ``from_s``."""
    units = np.zeros((len(t_s), len(ACTION_UNIT_COLUMNS)))
    awake = _eased((t_s - from_s) / 2.0)
    for code, most in _REST.items():
        waves = [np.sin(2 * np.pi * (hz * t_s + rng.uniform())) for hz in _REST_HZ]
        units[:, _INDEX[code]] = most * awake * np.clip(np.mean(waves, axis=0), 0, 1)
    return units


def _swell(share: NDArray[np.float64], *, apex: float) -> NDArray[np.float64]:
    """1 at the apex, less before and after."""
    distance = np.where(share < apex, (apex - share) / apex, (share - apex) / (1 - apex))
    course: NDArray[np.float64] = 1 - (1 - _HELD) * _eased(distance)
    return course


def _eased(share: NDArray[np.float64]) -> NDArray[np.float64]:
    s = np.clip(share, 0.0, 1.0)
    course: NDArray[np.float64] = s**3 * (10 - 15 * s + 6 * s**2)
    return course


def _phases(reaction: Reaction) -> list[tuple[Mapping[str, float], float, float]]:
    if reaction.feeling is not Feeling.AHA:
        return [(_UNITS[reaction.feeling], reaction.start_s, reaction.end_s)]
    # Surprise, and joy rising while it fades.
    turn_s = reaction.start_s + min(SURPRISE_S, 0.4 * (reaction.end_s - reaction.start_s))
    return [
        (_SURPRISE, reaction.start_s, turn_s + 0.3),
        (_JOY, turn_s - 0.1, reaction.end_s),
    ]


def _to_side(code: str, *, left: bool) -> str:
    return code[:-1] + "L" if left and code.endswith("R") else code
