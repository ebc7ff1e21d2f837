"""Valence, arousal and states from action units, smoothed causally."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.clock import NS_PER_MS
from journeylab.vocabulary import ACTION_UNIT_COLUMNS, STATES

RULES_VERSION: Final = "affect-1"

_INDEX: Final = {code: at for at, code in enumerate(ACTION_UNIT_COLUMNS)}

# Valence after AFFDEX (McDuff et al. 2016, "AFFDEX SDK", CHI EA): smile and cheek raise add to it;
# inner brow raise, brow furrow, nose wrinkle, upper lip raise, lip corner depressor, chin raise
# and lip press take from it. AU6 alone is also pain and crying, so it counts with AU12 only.
_NEGATIVE: Final = {
    "AU04": 0.75,
    "AU09": 0.65,
    "AU10": 0.50,
    "AU15": 0.70,
    "AU17": 0.30,
    "AU24": 0.45,
}
_INNER_BROW_WITH_FURROW: Final = 0.60
_CHEEK_WITH_SMILE: Final = 0.30
# Corners drawn back under a furrow are crying or pain, whose cheeks rise too (Prkachin 1992).
_FURROW_DENIES_SMILE: Final = 0.60
# A smile carries nose, lips and chin with it; from half its strength on, this much of their
# negative is not believed. The furrow is no part of a smile and stays.
_SMILE_EXCUSES: Final = 0.75
_LOWER_FACE: Final = ("AU09", "AU10", "AU15", "AU17", "AU24")

# How much of the face moves (AFFDEX's engagement), a wide eye or open mouth counting double.
_AROUSAL: Final = {
    "AU01": 0.25,
    "AU02": 0.25,
    "AU04": 0.30,
    "AU05": 0.45,
    "AU06": 0.25,
    "AU09": 0.40,
    "AU10": 0.30,
    "AU12": 0.45,
    "AU15": 0.25,
    "AU17": 0.15,
    "AU20": 0.35,
    "AU23": 0.25,
    "AU24": 0.25,
    "AU25": 0.20,
    "AU26": 0.40,
}

_TAU_NS: Final = 80 * NS_PER_MS
"""Time constant of the smoothing: the mean delay of a slow change, a step is at 85 % after 150
ms."""
_GAP_NS: Final = 1000 * NS_PER_MS
"""After a gap this long the past says nothing any more."""
_IDLE_TAU_NS: Final = 5000 * NS_PER_MS


@dataclass(frozen=True, slots=True)
class StateRule:
    """How one state is read.

    Attributes
    ----------
    evidence
        Weights by action unit, summing to 1; their weighted mean is the evidence.
    needs
        Units without which there is none: the evidence is at most their lowest, doubled.
    against
        Share of the evidence each of these units takes away when full.
    source
        Where the rule was published.
    """

    state: str
    evidence: Mapping[str, float]
    needs: tuple[str, ...]
    source: str
    against: Mapping[str, float] = field(default_factory=dict)


STATE_RULES: Final = (
    StateRule(
        "joy",
        {"AU12": 0.75, "AU06": 0.25},
        ("AU12",),
        "EMFACS 6+12 (Ekman & Friesen 1983)",
        {"AU04": 0.4, "AU15": 0.6, "AU09": 0.4},
    ),
    StateRule(
        "surprise",
        {"AU01": 0.25, "AU02": 0.25, "AU05": 0.2, "AU26": 0.3},
        ("AU02",),
        "EMFACS 1+2+5+26 (Ekman & Friesen 1983)",
        {"AU04": 0.6, "AU20": 0.5},
    ),
    StateRule(
        "confusion",
        {"AU04": 0.75, "AU07": 0.25},
        ("AU04",),
        "AU4 with AU7 (Craig et al. 2008; Grafsgaard et al. 2011)",
        {"AU12": 0.8, "AU24": 0.5, "AU23": 0.5, "AU09": 0.6, "AU15": 0.5},
    ),
    StateRule(
        "frustration",
        {"AU04": 0.4, "AU24": 0.4, "AU17": 0.1, "AU23": 0.1},
        ("AU24",),
        "AU4 (Grafsgaard et al. 2013) with anger's pressed lips 23, 24 (Ekman & Friesen 1983)",
        {"AU12": 0.7, "AU26": 0.5},
    ),
    StateRule(
        "sadness",
        {"AU01": 0.3, "AU04": 0.3, "AU15": 0.3, "AU17": 0.1},
        ("AU15",),
        "EMFACS 1+4+15 (Ekman & Friesen 1983)",
        {"AU12": 0.9, "AU24": 0.3},
    ),
    StateRule(
        "contempt",
        {"AU14": 1.0},
        ("AU14",),
        "unilateral 12 or 14 (Ekman & Friesen 1986)",
        {"AU25": 0.8, "AU26": 0.8},
    ),
    StateRule(
        "fear",
        {"AU01": 0.15, "AU02": 0.1, "AU04": 0.2, "AU05": 0.25, "AU20": 0.3},
        ("AU20", "AU05"),
        "EMFACS 1+2+4+5+7+20+26 (Ekman & Friesen 1983)",
        {"AU12": 0.9},
    ),
    StateRule(
        "disgust",
        {"AU09": 0.6, "AU10": 0.3, "AU15": 0.05, "AU17": 0.05},
        ("AU09",),
        "EMFACS 9+15+16, 10 (Ekman & Friesen 1983)",
        {"AU12": 0.7},
    ),
    StateRule(
        "anger",
        {"AU04": 0.35, "AU05": 0.2, "AU07": 0.15, "AU23": 0.3},
        ("AU04", "AU23"),
        "EMFACS 4+5+7+23 (Ekman & Friesen 1983)",
        {"AU12": 0.9, "AU01": 0.4},
    ),
    StateRule(
        "boredom",
        {"AU43": 1.0},
        (),
        "AU43 (Craig et al. 2008), on a face long still",
        {"AU12": 1.0, "AU04": 0.8, "AU26": 0.6},
    ),
)


def _vector(weights: Mapping[str, float]) -> NDArray[np.float64]:
    vector = np.zeros(len(ACTION_UNIT_COLUMNS))
    for code, weight in weights.items():
        vector[_INDEX[code]] = weight
    return vector


_LOWER_WEIGHTS: Final = _vector({code: _NEGATIVE[code] for code in _LOWER_FACE})
_AROUSAL_WEIGHTS: Final = _vector(_AROUSAL)
_EVIDENCE: Final = np.array([_vector(rule.evidence) for rule in STATE_RULES])
_AGAINST: Final = np.array([_vector(rule.against) for rule in STATE_RULES])
_NEEDS: Final = np.array([_vector(dict.fromkeys(rule.needs, 1.0)) > 0 for rule in STATE_RULES])
_BOREDOM: Final = STATES.index("boredom")
_AU01, _AU04, _AU06, _AU12 = (_INDEX[code] for code in ("AU01", "AU04", "AU06", "AU12"))


@dataclass(frozen=True, slots=True, eq=False)
class Affect:
    """Valence -100..100, arousal 0..100, states (10,) 0..1 in the order of STATES."""

    valence: float
    arousal: float
    states: NDArray[np.float64]


def instant_valence(action_units: NDArray[np.float64]) -> float:
    """Valence -100..100 of one face, from its action units (22,)."""
    smile, furrow = action_units[_AU12], action_units[_AU04]
    cheeks = 1.0 + _CHEEK_WITH_SMILE * (action_units[_AU06] - 0.5)
    positive = min(1.0, smile * cheeks) * (1.0 - _FURROW_DENIES_SMILE * furrow)
    excused = 1.0 - _SMILE_EXCUSES * min(1.0, 2.0 * smile)
    lower = excused * (1.0 - np.prod(1.0 - _LOWER_WEIGHTS * action_units))
    grief = _INNER_BROW_WITH_FURROW * np.sqrt(action_units[_AU01] * furrow)
    upper = 1.0 - (1.0 - _NEGATIVE["AU04"] * furrow) * (1.0 - grief)
    negative = 1.0 - (1.0 - lower) * (1.0 - upper)
    return float(100.0 * np.clip(positive - negative, -1.0, 1.0))


def instant_arousal(action_units: NDArray[np.float64]) -> float:
    """Arousal 0..100 of one face, from its action units (22,)."""
    return float(100.0 * (1.0 - np.prod(1.0 - _AROUSAL_WEIGHTS * action_units)))


def instant_states(action_units: NDArray[np.float64], *, idle: float = 0.0) -> NDArray[np.float64]:
    """Probabilities (10,) of the states for one face; ``idle`` 0..1 is how still it has been."""
    evidence = _EVIDENCE @ action_units
    lowest = np.where(_NEEDS, action_units, np.inf).min(axis=1)
    evidence = np.minimum(evidence, 2.0 * lowest)
    evidence = evidence * np.prod(1.0 - _AGAINST * action_units, axis=1)
    # Drooping lids are boredom only on a face that has long been still.
    evidence[_BOREDOM] = idle * min(1.0, 0.3 + evidence[_BOREDOM])
    # Smooth step: little below 0.2, certain from 0.8.
    certain = np.clip((evidence - 0.1) / 0.6, 0.0, 1.0)
    return np.asarray(certain * certain * (3.0 - 2.0 * certain))


@dataclass(frozen=True, slots=True, eq=False)
class AffectState:
    """What the smoothing remembers; NaN and None before the first face."""

    t_ns: int | None = None
    smooth: NDArray[np.float64] | None = None
    idle: float = 0.0

    def seen(self, action_units: NDArray[np.float64], *, t_ns: int) -> tuple[AffectState, Affect]:
        """State and smoothed affect after one more face.

        Depends on nothing but the faces and their times, so live and offline agree.
        """
        arousal = instant_arousal(action_units)
        since_ns = None if self.t_ns is None else t_ns - self.t_ns
        fresh = self.smooth is None or since_ns is None or not 0 <= since_ns <= _GAP_NS
        idle = 0.0 if fresh else self.idle
        if not fresh and since_ns is not None:
            still = float(np.clip(1.0 - arousal / 25.0, 0.0, 1.0))
            idle += (still - idle) * (1.0 - float(np.exp(-since_ns / _IDLE_TAU_NS)))
        states = instant_states(action_units, idle=idle)
        now = np.concatenate(([instant_valence(action_units), arousal], states))
        if fresh or self.smooth is None or since_ns is None:
            smooth = now
        else:
            smooth = self.smooth + (now - self.smooth) * (1.0 - np.exp(-since_ns / _TAU_NS))
        affect = Affect(float(smooth[0]), float(smooth[1]), smooth[2:].copy())
        return AffectState(t_ns, smooth, idle), affect
