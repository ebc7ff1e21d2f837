"""What a simulated participant feels on which step: the planted truth of a played session."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from journeylab.simulation.tempers import Temper
from journeylab.study.model import Step, Study
from journeylab.vocabulary import StimulusKind


class Feeling(StrEnum):
    """Expressions a participant can show."""

    JOY = "joy"
    AHA = "aha"
    INTEREST = "interest"
    CONFUSION = "confusion"
    FRUSTRATION = "frustration"
    LOW_MOOD = "low_mood"
    CONTEMPT = "contempt"


_PLEASANT: Final = frozenset({Feeling.JOY, Feeling.AHA, Feeling.INTEREST})


@dataclass(frozen=True, slots=True)
class Reaction:
    """One feeling on one step, from ``start_s`` to ``end_s`` after the step's start; onset and
    offset lie inside. ``strength`` 0..1 is that of its apex."""

    feeling: Feeling
    start_s: float
    end_s: float
    strength: float


@dataclass(frozen=True, slots=True)
class _Tendency:
    """That people tend to react so: ``begin`` and ``end`` are shares of the step."""

    feeling: Feeling
    probability: float
    begin: float
    end: float
    strength: float = 1.0


# The demo study's story. By device where it differs; of a step's tendencies each is drawn.
_STORY: Final[Mapping[str, Mapping[str, tuple[_Tendency, ...]]]] = {
    "ad": {"any": (_Tendency(Feeling.JOY, 0.95, 0.22, 0.92, 0.95),)},
    "landing": {"any": (_Tendency(Feeling.LOW_MOOD, 0.25, 0.45, 0.75, 0.35),)},
    "product": {"any": (_Tendency(Feeling.AHA, 0.90, 0.36, 0.90),)},
    "compare": {
        "desktop": (_Tendency(Feeling.CONFUSION, 0.97, 0.22, 0.86),),
        "mobile": (_Tendency(Feeling.CONFUSION, 0.25, 0.40, 0.60, 0.6),),
    },
    "cart": {"any": (_Tendency(Feeling.INTEREST, 0.45, 0.35, 0.75, 0.7),)},
    "checkout": {
        "desktop": (_Tendency(Feeling.FRUSTRATION, 0.15, 0.55, 0.75, 0.6),),
        "mobile": (_Tendency(Feeling.FRUSTRATION, 0.98, 0.30, 0.92),),
    },
    "confirmed": {"any": (_Tendency(Feeling.JOY, 0.98, 0.14, 0.95),)},
    "unboxing": {"any": ()},  # joy or contempt, by temper
}

# Any other study: each step is given one of these by its id, the same for all participants.
_BY_KIND: Final[Mapping[StimulusKind, tuple[Feeling | None, ...]]] = {
    StimulusKind.VIDEO: (Feeling.JOY, Feeling.JOY, Feeling.INTEREST, None),
    StimulusKind.IMAGE: (Feeling.JOY, Feeling.AHA, Feeling.CONFUSION, None),
    StimulusKind.PAGE: (Feeling.CONFUSION, Feeling.FRUSTRATION, Feeling.AHA, Feeling.JOY, None),
    StimulusKind.SCREENS: (Feeling.CONFUSION, Feeling.AHA, Feeling.FRUSTRATION, Feeling.JOY, None),
    StimulusKind.INSTRUCTION: (None, Feeling.INTEREST),
    StimulusKind.QUESTIONS: (None,),
    StimulusKind.CAMERA_ONLY: (Feeling.JOY, Feeling.CONTEMPT, Feeling.CONFUSION),
}


def reactions_to(
    step: Step,
    *,
    study: Study,
    temper: Temper,
    device: str,
    duration_s: float,
    rng: np.random.Generator,
) -> tuple[Reaction, ...]:
    """The reactions a participant shows on one visit of a step, in order of time."""
    reactions = []
    for tendency in _tendencies(step, study=study, temper=temper, device=device, rng=rng):
        probability = min(1.0, tendency.probability * temper.readiness)
        # Drawn whether used or not, so that one step's outcome does not shift the next one's.
        drawn, shift, vigour = rng.uniform(), rng.normal(0.0, 0.05), rng.uniform(0.85, 1.08)
        if drawn > probability:
            continue
        scale = temper.joy if tendency.feeling in _PLEASANT else temper.displeasure
        begin = float(np.clip(tendency.begin + shift, 0.03, 0.9)) * duration_s
        end = float(np.clip(tendency.end + shift, 0.1, 0.97)) * duration_s
        strength = float(np.clip(tendency.strength * scale * vigour, 0.0, 1.0))
        reactions.append(Reaction(tendency.feeling, begin, end, strength))
    return tuple(sorted(reactions, key=lambda reaction: reaction.start_s))


def _tendencies(
    step: Step, *, study: Study, temper: Temper, device: str, rng: np.random.Generator
) -> tuple[_Tendency, ...]:
    if step.id == "unboxing":
        if rng.uniform() < temper.contempt:
            return (_Tendency(Feeling.CONTEMPT, 1.0, 0.30, 0.72),)
        return (_Tendency(Feeling.JOY, 0.95, 0.42, 0.85, 0.9),)
    if step.id in _STORY:
        by_device = _STORY[step.id]
        return by_device.get(device) or by_device.get("any") or by_device["desktop"]
    # Not hash(): that differs from one run of Python to the next.
    digest = hashlib.sha256(f"{study.id}/{step.id}".encode()).digest()
    choices = _BY_KIND[step.stimulus.kind]
    feeling = choices[digest[0] % len(choices)]
    return () if feeling is None else (_Tendency(feeling, 0.85, 0.30, 0.80),)
