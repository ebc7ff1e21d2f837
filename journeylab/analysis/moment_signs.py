"""The moments behind a place of the map: what was seen in each, how strongly, the worst first.

How severe one is says the one rule of :mod:`journeylab.analysis.severity`, which the replay's list
of moments follows as well.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from journeylab.analysis.alignment import Visit
from journeylab.analysis.moments import MomentChoice
from journeylab.analysis.reading import AlignedSession
from journeylab.analysis.severity import severity_of_moment
from journeylab.analysis.signed import signed
from journeylab.analysis.signs import Sign, SignKind
from journeylab.clock import NS_PER_S

REACH_S: Final = 2.0
"""A sign counts as of a moment when it holds at most this far from it."""

SIGN_WORDS: Final[Mapping[SignKind, str]] = MappingProxyType(
    {
        SignKind.SMILE: "smile (AU12)",
        SignKind.FROWN: "frown (AU4)",
        SignKind.PRESS: "lips pressed (AU24)",
        SignKind.CONTEMPT: "contempt (AU14)",
        SignKind.LOW_MOOD: "lip corners down (AU15)",
        SignKind.SURPRISE: "surprise",
        SignKind.FEAR: "fear",
        SignKind.BOREDOM: "boredom",
        SignKind.BURST: "clicks in vain",
        SignKind.REFUSAL: "field refused",
        SignKind.AHA: "Aha",
        SignKind.FRICTION: "friction",
    }
)
_COUNTED: Final = frozenset({SignKind.BURST, SignKind.REFUSAL})


@dataclass(frozen=True, slots=True)
class SeenMoment:
    """One moment: what was seen, empty while it is not known; how severe, 0..1.

    ``into_step_s`` counts from when its session first entered the step; NaN while not known.
    """

    choice: MomentChoice
    into_step_s: float = math.nan
    words: str = ""
    severity: float = 0.0


@dataclass(frozen=True, slots=True)
class SessionSigns:
    """What of a session tells of its moments: small enough to be kept of all sessions."""

    session_id: str
    visits: tuple[Visit, ...]
    signs: tuple[Sign, ...]


def signs_of(session: AlignedSession) -> SessionSigns:
    """The signs of a session that was read."""
    return SessionSigns(session.summary.session_id, session.visits, session.signs)


def seen_moments(
    choices: Sequence[MomentChoice],
    sessions: Sequence[SessionSigns],
    *,
    kind: str = "",
) -> tuple[SeenMoment, ...]:
    """The moments with what was seen in them, the most severe first.

    Parameters
    ----------
    kind
        Of the finding they stand behind: joy, negative, warning, neutral; empty for a mere place,
        which is ranked by how far its moments are from neutral on either side.
    """
    by_id = {session.session_id: session for session in sessions}
    seen = [_seen(choice, by_id.get(choice.summary.session_id), kind) for choice in choices]
    return by_severity(seen)


def by_severity(moments: Sequence[SeenMoment]) -> tuple[SeenMoment, ...]:
    """The most severe first; equals by participant and time."""
    return tuple(
        sorted(
            moments,
            key=lambda one: (-one.severity, one.choice.summary.participant_id, one.choice.t_ns),
        )
    )


def severity_of(signs: Sequence[Sign], valence: float, *, kind: str) -> float:
    """How severe a moment with these signs is, 0..1, by the rule."""
    known = [(sign.kind.value, sign.strength) for sign in signs]
    return severity_of_moment(known, valence, kind=kind)


def words_of(signs: Sequence[Sign], valence: float) -> str:
    """The signs in words, the strongest first, and where on the screen; else the valence."""
    strongest: dict[SignKind, Sign] = {}
    for sign in sorted(signs, key=lambda one: -one.strength):
        strongest.setdefault(sign.kind, sign)
    parts = []
    for sign in strongest.values():
        level = "" if sign.kind in _COUNTED else f" {sign.strength:.2f}".replace("0.", ".")
        parts.append(f"{SIGN_WORDS[sign.kind]}{level}")
    spot = next((one.spot.name for one in strongest.values() if one.spot.name), "")
    if spot:
        parts.append(f"at {spot}")
    if parts:
        return " · ".join(parts)
    if not math.isfinite(valence):
        return "no face measured"
    return f"no sign held; valence {signed(valence)}"


def into_step_s(visits: Sequence[Visit], t_ns: int) -> float:
    """Seconds since the step that a time lies in was first entered; NaN between steps."""
    here = next((visit for visit in visits if visit.start_ns <= t_ns < visit.end_ns), None)
    if here is None:
        return math.nan
    first_ns = min(visit.start_ns for visit in visits if visit.step_id == here.step_id)
    return (t_ns - first_ns) / NS_PER_S


def _seen(choice: MomentChoice, session: SessionSigns | None, kind: str) -> SeenMoment:
    if session is None:
        severity = severity_of((), choice.valence, kind=kind)
        return SeenMoment(choice, words=words_of((), choice.valence), severity=severity)
    reach_ns = round(REACH_S * NS_PER_S)
    near = [
        sign
        for sign in session.signs
        if sign.onset_ns <= choice.t_ns + reach_ns and sign.offset_ns >= choice.t_ns - reach_ns
    ]
    return SeenMoment(
        choice,
        into_step_s=into_step_s(session.visits, choice.t_ns),
        words=words_of(near, choice.valence),
        severity=severity_of(near, choice.valence, kind=kind),
    )
