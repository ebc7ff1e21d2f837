"""Feelings as action units over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.simulation.reactions import Feeling, Reaction
from journeylab.vocabulary import ACTION_UNIT_COLUMNS

ONSET_S: Final = 0.40
"""Time from the first movement to the apex; of spontaneous expressions about 0.4 s."""
OFFSET_S: Final = 0.55
SURPRISE_S: Final = 1.1

_SURPRISE: Final = {"AU01": 0.85, "AU02": 0.9, "AU05": 0.6, "AU25": 0.25, "AU26": 0.65}
_JOY: Final = {"AU06": 0.7, "AU12": 0.95, "AU25": 0.25}
_UNITS: Final[Mapping[Feeling, Mapping[str, float]]] = {
    Feeling.JOY: _JOY,
    Feeling.INTEREST: {"AU01": 0.25, "AU02": 0.30, "AU12": 0.15},
    Feeling.CONFUSION: {"AU04": 0.95, "AU07": 0.45},
    Feeling.FRUSTRATION: {"AU04": 0.75, "AU17": 0.25, "AU23": 0.20, "AU24": 0.95},
    Feeling.LOW_MOOD: {"AU01": 0.20, "AU15": 0.70, "AU17": 0.30},
    Feeling.CONTEMPT: {"AU07": 0.15, "AU14R": 1.0},
}
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
            # An apex is never quite still.
            phase = rng.uniform(0, 2 * np.pi)
            course = course * (1 + 0.05 * np.sin(2 * np.pi * 0.7 * t_s + phase))
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
