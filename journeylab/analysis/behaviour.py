"""What participants do on a step: refused fields, repeated clicks, coming back, looking away."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from journeylab.analysis.detectors.finding import Evidence
from journeylab.analysis.reading import AlignedSession
from journeylab.analysis.signs import SignKind

LOOKS_AWAY: Final = 0.3
MIN_GAZE_S: Final = 2.0
"""Looking beside the screen for this share of the time, gaze having been measured for so long."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What several participants do on a step, in words with their number; ``evidence`` has a moment
    of each, ``about`` what it is of."""

    words: str
    about: str
    evidence: tuple[Evidence, ...]


def behaviour_on(
    sessions: Sequence[AlignedSession], step_id: str, *, has_screen: bool
) -> Behaviour | None:
    """The most telling act on a step that a quorum of participants does; None without any.

    Parameters
    ----------
    sessions
        Those that reached the step.
    has_screen
        Whether there is a screen to look away from.
    """
    n_reached = len({session.summary.participant_id for session in sessions})
    acts: tuple[tuple[_Moment, str, str, str], ...] = (
        (_refusal, "refused", "have a form field refused", "has a form field refused"),
        (_burst, "repeated clicks", "click repeatedly", "clicks repeatedly"),
        (_return, "coming back", "come back to it", "comes back to it"),
    )
    for moment_of, about, plural, singular in acts:
        found = _evidence(sessions, step_id, moment_of)
        if behaviour := _told(found, n_reached, about=about, plural=plural, singular=singular):
            return behaviour
    if not has_screen:
        return None
    looked = [one for one in sessions if one.looking.measures[step_id].gaze_s >= MIN_GAZE_S]
    return _told(
        _evidence(looked, step_id, _look_away),
        len({session.summary.participant_id for session in looked}),
        about="looking away",
        plural="look beside the screen",
        singular="looks beside the screen",
    )


def quorum_of(n_measured: int) -> int:
    """How many make a sentence: a quarter, at least two; alone, the one there is."""
    return 1 if n_measured <= 1 else max(2, math.ceil(n_measured / 4))


_Moment = Callable[[AlignedSession, str], int | None]
"""When a session does it on a step, in its time; None where it does not."""


def _refusal(session: AlignedSession, step_id: str) -> int | None:
    return _first_sign(session, step_id, SignKind.REFUSAL)


def _burst(session: AlignedSession, step_id: str) -> int | None:
    return _first_sign(session, step_id, SignKind.BURST)


def _first_sign(session: AlignedSession, step_id: str, kind: SignKind) -> int | None:
    return next(
        (one.onset_ns for one in session.signs if one.kind is kind and one.step_id == step_id), None
    )


def _return(session: AlignedSession, step_id: str) -> int | None:
    """The begin of the second visit."""
    visits = [visit for visit in session.visits if visit.step_id == step_id]
    return next((v.start_ns for v in visits if v.number != visits[0].number), None)


def _look_away(session: AlignedSession, step_id: str) -> int | None:
    """The middle of the longest look away."""
    eyes = session.looking.measures[step_id]
    return eyes.away_ns if eyes.off_screen_share >= LOOKS_AWAY else None


def _evidence(
    sessions: Sequence[AlignedSession], step_id: str, moment_of: _Moment
) -> tuple[Evidence, ...]:
    found = []
    for session in sessions:
        t_ns = moment_of(session, step_id)
        if t_ns is not None:
            summary = session.summary
            found.append(Evidence(summary.participant_id, summary.session_id, t_ns))
    return tuple(found)


def _told(
    found: tuple[Evidence, ...], n: int, *, about: str, plural: str, singular: str
) -> Behaviour | None:
    count = len({one.participant_id for one in found})
    if not count or count < quorum_of(n):
        return None
    verb = singular if count == 1 else plural
    return Behaviour(f"{count} of {n} {verb}", about, found)
