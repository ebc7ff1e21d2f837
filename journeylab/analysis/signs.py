"""Signs in one session: expressions that held, clicks in vain, refused fields; when and where.

Read at the rate of the camera, before anything is brought onto the map's axis, so that a surprise
of half a second is not lost in a step of half an hour.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.alignment import Visit
from journeylab.analysis.runs import close_short_breaks, runs_of
from journeylab.clock import NS_PER_S


class SignKind(StrEnum):
    """What a participant may show or do."""

    SMILE = "smile"
    FROWN = "frown"
    PRESS = "press"
    CONTEMPT = "contempt"
    LOW_MOOD = "low_mood"
    SURPRISE = "surprise"
    FEAR = "fear"
    BOREDOM = "boredom"
    BURST = "burst"
    REFUSAL = "refusal"
    AHA = "aha"
    FRICTION = "friction"


SMILE_AU12: Final = 0.30
FROWN_AU04: Final = 0.30
PRESS_AU24: Final = 0.30
CONTEMPT_AU14: Final = 0.25
LOW_MOOD_AU15: Final = 0.35
"""Intensities from which a movement counts as shown: FACS' level B begins there, C for AU15, which
is read with more error."""
CERTAIN_STATE: Final = 0.5
HELD_S: Final = 0.6
"""Expressions of feeling last from half a second to four (Ekman & Friesen 1982, "Felt, false, and
miserable smiles"); what is shorter is speech, a twitch or noise."""
SURPRISE_S: Final = 0.2
"""Surprise is the briefest of them."""
BOREDOM_S: Final = 4.0
"""A blink closes the lids as well, for at most half a second; boredom lasts."""
BREAK_S: Final = 0.3
"""Shorter breaks, such as a blink or one lost frame, do not end an expression."""
AHA_S: Final = 3.0
"""Joy begins at most this long after the surprise ended."""
BEHAVIOUR_S: Final = 5.0
"""Pressed lips and a click in vain or a refused field belong together within this time: about what
a person takes to read a message and try again."""
BURST_SHOWN_S: Final = 1.5


@dataclass(frozen=True, slots=True)
class Spot:
    """Where on the screen: the area of interest or element, empty where none is known; how it was
    told (gaze, cursor, element); x and y as shares of the screen, NaN where not measured."""

    name: str = ""
    by: str = ""
    x: float = math.nan
    y: float = math.nan


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign on one step of a session; ``strength`` is the highest intensity 0..1, or a count."""

    kind: SignKind
    step_id: str
    onset_ns: int
    offset_ns: int
    strength: float
    spot: Spot = Spot()


@dataclass(frozen=True, slots=True)
class _Held:
    kind: SignKind
    threshold: float
    least_s: float


_HELD: Final = (
    _Held(SignKind.SMILE, SMILE_AU12, HELD_S),
    _Held(SignKind.FROWN, FROWN_AU04, HELD_S),
    _Held(SignKind.PRESS, PRESS_AU24, HELD_S),
    _Held(SignKind.CONTEMPT, CONTEMPT_AU14, HELD_S),
    _Held(SignKind.LOW_MOOD, LOW_MOOD_AU15, HELD_S),
    _Held(SignKind.SURPRISE, CERTAIN_STATE, SURPRISE_S),
    _Held(SignKind.FEAR, CERTAIN_STATE, HELD_S),
    _Held(SignKind.BOREDOM, CERTAIN_STATE, BOREDOM_S),
)


def expression_signs(
    t_ns: NDArray[np.int64],
    units: Mapping[str, NDArray[Any]],
    states: Mapping[str, NDArray[Any]],
    visits: Sequence[Visit],
) -> tuple[Sign, ...]:
    """Expressions that held, and the Aha moments among them, in order of onset, nowhere placed.

    Parameters
    ----------
    t_ns
        (n,) sorted times of the frames with a face.
    units
        AU04, AU12, AU14L, AU14R, AU15 and AU24, (n,) each, 0..1, NaN where lost.
    states
        surprise, fear and boredom, (n,) each.
    visits
        What lies outside of them is left out.
    """
    smile, press = units["AU12"], units["AU24"]
    with np.errstate(invalid="ignore"):
        # A brow lowered while lips press is friction's, and under a smile no confusion.
        is_else = (press >= PRESS_AU24) | (smile >= SMILE_AU12)
    signals = {
        SignKind.SMILE: smile,
        SignKind.FROWN: np.where(is_else, 0.0, units["AU04"]),
        SignKind.PRESS: press,
        SignKind.CONTEMPT: np.abs(units["AU14L"] - units["AU14R"]),
        SignKind.LOW_MOOD: units["AU15"],
        SignKind.SURPRISE: states["surprise"],
        SignKind.FEAR: states["fear"],
        SignKind.BOREDOM: states["boredom"],
    }
    signs: list[Sign] = []
    for visit in visits:
        signs += _held_signs(t_ns, signals, visit)
    return tuple(sorted([*signs, *_ahas(signs)], key=lambda sign: sign.onset_ns))


def friction_signs(signs: Sequence[Sign]) -> tuple[Sign, ...]:
    """Pressed lips with a burst of clicks or a refused field close by, on the same step.

    The page tells exactly which field it refused; eyes wander over a form meanwhile. Without one,
    the place is that of the lips, by gaze, else by cursor; else that of the clicks.
    """
    behaviour = [sign for sign in signs if sign.kind in (SignKind.BURST, SignKind.REFUSAL)]
    reach_ns = round(BEHAVIOUR_S * NS_PER_S)
    found = []
    for press in (sign for sign in signs if sign.kind is SignKind.PRESS):
        near = [
            one
            for one in behaviour
            if one.step_id == press.step_id
            and one.onset_ns <= press.offset_ns + reach_ns
            and one.offset_ns >= press.onset_ns - reach_ns
        ]
        if near:
            told = [one for one in near if one.kind is SignKind.REFUSAL and one.spot.name]
            if not told and not press.spot.name:
                told = near[:1]
            spot = press.spot
            if told:
                spot = replace(spot, name=told[0].spot.name, by=told[0].spot.by)
            found.append(
                Sign(
                    SignKind.FRICTION,
                    press.step_id,
                    press.onset_ns,
                    press.offset_ns,
                    press.strength,
                    spot,
                )
            )
    return tuple(found)


def step_at(visits: Sequence[Visit], t_ns: int) -> str | None:
    """The step a time lies in; None between steps and in pauses."""
    for visit in visits:
        if visit.start_ns <= t_ns < visit.end_ns:
            return visit.step_id
    return None


def _held_signs(
    t_ns: NDArray[np.int64], signals: Mapping[SignKind, NDArray[Any]], visit: Visit
) -> list[Sign]:
    """Those of one stay: an expression does not reach over the end of a step."""
    low, high = np.searchsorted(t_ns, (visit.start_ns, visit.end_ns))
    times_ns = t_ns[low:high]
    if len(times_ns) < 2:
        return []
    frame_s = max(float(np.median(np.diff(times_ns))) / NS_PER_S, 1e-6)
    found = []
    for held in _HELD:
        values = np.asarray(signals[held.kind][low:high], dtype=np.float64)
        holds = np.nan_to_num(values, nan=-1.0) >= held.threshold
        holds = close_short_breaks(holds, max_points=int(BREAK_S / frame_s))
        for start, end in runs_of(holds):
            onset_ns, offset_ns = int(times_ns[start]), int(times_ns[end - 1])
            if (offset_ns - onset_ns) / NS_PER_S + frame_s < held.least_s:
                continue
            strength = float(np.nanmax(values[start:end]))
            found.append(Sign(held.kind, visit.step_id, onset_ns, offset_ns, strength))
    return found


def _ahas(signs: Sequence[Sign]) -> list[Sign]:
    smiles = [sign for sign in signs if sign.kind is SignKind.SMILE]
    found = []
    for surprise in (sign for sign in signs if sign.kind is SignKind.SURPRISE):
        latest_ns = surprise.offset_ns + round(AHA_S * NS_PER_S)
        after = [
            smile
            for smile in smiles
            if smile.step_id == surprise.step_id and surprise.onset_ns < smile.onset_ns <= latest_ns
        ]
        if after:
            first = after[0]
            found.append(
                Sign(
                    SignKind.AHA,
                    surprise.step_id,
                    surprise.onset_ns,
                    max(first.offset_ns, surprise.offset_ns),
                    first.strength,
                )
            )
    return found
