"""Tempers: how strongly, how likely and how fast a simulated participant reacts."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Temper:
    """One way to be a participant.

    ``joy`` and ``displeasure`` scale the intensity of pleasant and unpleasant expressions,
    ``readiness`` the probability of any. ``pace`` scales the time spent on a step (1 as planned,
    lower is faster), ``hand_follows`` is the share of fixations the pointer goes along with,
    ``hesitation_s`` the usual pause over a target before a click, ``rage`` the probability of
    clicking again and again when frustrated. ``contempt`` is that of a sneer where others are
    merely amused.
    """

    name: str
    joy: float
    displeasure: float
    readiness: float
    pace: float
    hand_follows: float
    hesitation_s: float
    rage: float
    contempt: float
    blinks_per_min: float


_ALL: Final = (
    Temper("patient", 0.85, 0.85, 0.95, 1.05, 0.45, 0.55, 0.55, 0.35, 14.0),
    Temper("hurried", 0.80, 0.95, 0.95, 0.85, 0.70, 0.20, 0.95, 0.40, 17.0),
    Temper("sceptical", 0.75, 1.00, 0.92, 1.00, 0.40, 0.75, 0.60, 0.95, 12.0),
    Temper("delighted", 1.00, 0.75, 1.00, 0.95, 0.60, 0.35, 0.45, 0.05, 15.0),
    Temper("anxious", 0.80, 1.00, 0.98, 1.10, 0.55, 0.90, 0.70, 0.25, 21.0),
    Temper("calm", 0.75, 0.80, 0.88, 1.00, 0.35, 0.50, 0.35, 0.50, 11.0),
)

TEMPERS: Final = MappingProxyType({temper.name: temper for temper in _ALL})
"""All tempers by name, in the order in which a group of participants takes them."""
