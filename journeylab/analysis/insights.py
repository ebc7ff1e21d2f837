"""One plain sentence per step, computed from what was measured and nothing else."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.cues import CUES, Cue, Shown, shown_on
from journeylab.analysis.journey import Insight
from journeylab.analysis.reading import AlignedSession

FLAT_VALENCE: Final = 8.0
LOOKS_AWAY: Final = 0.3
MIN_GAZE_S: Final = 2.0
"""Looking beside the screen for this share of the time, gaze having been measured for so long."""
MINUS: Final = "−"


@dataclass(frozen=True, slots=True, eq=False)
class StepEvidence:
    """What is known of one step: who reached it, and the aggregate there.

    ``mean`` and ``position_s`` (points,) belong to the step's points, which lie at ``part`` of
    the grid. ``cues`` are looked for besides the usual ones. A step without a screen has nothing to
    look away from.
    """

    step_id: str
    part: slice
    sessions: tuple[AlignedSession, ...]
    mean: NDArray[np.float64]
    position_s: NDArray[np.float64]
    cues: tuple[Cue, ...] = ()
    has_screen: bool = True


def insight_of(evidence: StepEvidence) -> Insight:
    """The sentence of one step."""
    if not evidence.sessions:
        return Insight("Nobody reached this step.", "neutral")
    known = np.isfinite(evidence.mean)
    if not known.any():
        return Insight("No face was measured on this step.", "neutral")
    shown = [
        shown_on(evidence.sessions, cue, part=evidence.part, step_id=evidence.step_id)
        for cue in (*evidence.cues, *CUES)
    ]
    strong = sorted(
        (each for each in shown if len(each.participants) >= _quorum(each.n_measured)),
        key=lambda each: -each.share,
    )
    behaviour, behaving = _behaviour(evidence)
    if not strong:
        return _without_cue(evidence, known, behaviour, behaving)
    return _with_cue(evidence, strong, behaviour, behaving)


def signed(valence: float) -> str:
    """A valence with its sign, as written on the map: +12, −38, 0."""
    rounded = round(valence)
    if rounded == 0:
        return "0"
    return f"+{rounded}" if rounded > 0 else f"{MINUS}{-rounded}"


def _with_cue(
    evidence: StepEvidence, strong: list[Shown], behaviour: str, behaving: tuple[str, ...]
) -> Insight:
    level = float(np.nanmean(evidence.mean))
    # Of cues equally common, what the study asks for itself is the story of the step, then the
    # one that agrees with the trace.
    agreeing = "joy" if level >= 0 else "negative"
    first = max(strong, key=lambda each: (each.share, each.cue.is_own, each.cue.kind == agreeing))
    sentence = _clause(first)
    kind = _kind(evidence, first)
    other = next((each for each in strong if _kind(evidence, each) != kind), None)
    people = first.participants
    if behaviour:
        sentence += f"; {behaviour}"
        people = _union(people, behaving)
    elif other is not None and other.share >= 0.5 * first.share:
        sentence += f"; {_clause(other)}"
        people = _union(people, other.participants)
    return Insight(
        f"{sentence}.",
        kind,
        people,
        float(evidence.position_s[first.strongest_point]),
    )


def _kind(evidence: StepEvidence, shown: Shown) -> str:
    """Joy, negative or neutral; a formula has no sign, so that of the trace at its strongest."""
    if not shown.cue.is_own:
        return shown.cue.kind
    level = float(evidence.mean[shown.strongest_point])
    if math.isnan(level) or abs(level) <= FLAT_VALENCE:
        return "neutral"
    return "joy" if level > 0 else "negative"


def _without_cue(
    evidence: StepEvidence,
    known: NDArray[np.bool_],
    behaviour: str,
    behaving: tuple[str, ...],
) -> Insight:
    extreme = int(np.nanargmax(np.abs(evidence.mean)))
    value, position_s = float(evidence.mean[extreme]), float(evidence.position_s[extreme])
    if abs(value) <= FLAT_VALENCE:
        text, kind = f"Flat: valence within ±{FLAT_VALENCE:.0f} of neutral", "neutral"
    else:
        verb = "rises" if value > 0 else "falls"
        text, kind = f"Valence {verb} to {signed(value)}", "joy" if value > 0 else "negative"
    if known.mean() < 0.5:
        text += ", measured on less than half of the step"
    if behaviour:
        text += f"; {behaviour}"
    people = behaving or tuple(
        dict.fromkeys(session.summary.participant_id for session in evidence.sessions)
    )
    return Insight(f"{text}.", kind, people, position_s)


def _clause(shown: Shown) -> str:
    count = len(shown.participants)
    verb = shown.cue.singular if count == 1 else shown.cue.plural
    where = f" in the {shown.third} third" if shown.third else ""
    return f"{count} of {shown.n_measured} {verb}{where}"


def _behaviour(evidence: StepEvidence) -> tuple[str, tuple[str, ...]]:
    """The most telling act on the step: refused form fields, repeated clicks, coming back, looking
    away."""
    n_reached = len({session.summary.participant_id for session in evidence.sessions})
    refused = _people(evidence, {id(s): s.refusals for s in evidence.sessions}, 1)
    if len(refused) >= _quorum(n_reached):
        plural = "have a form field refused"
        return _count(refused, n_reached, plural, "has a form field refused"), refused
    bursts = _people(evidence, {id(s): s.click_bursts for s in evidence.sessions}, 1)
    if len(bursts) >= _quorum(n_reached):
        return _count(bursts, n_reached, "click repeatedly", "clicks repeatedly"), bursts
    visits = {
        id(session): {evidence.step_id: _n_visits(session, evidence.step_id)}
        for session in evidence.sessions
    }
    back = _people(evidence, visits, 2)
    if len(back) >= _quorum(n_reached):
        return _count(back, n_reached, "come back to it", "comes back to it"), back
    return _looking_away(evidence) if evidence.has_screen else ("", ())


def _looking_away(evidence: StepEvidence) -> tuple[str, tuple[str, ...]]:
    measured: dict[str, bool] = {}
    for session in evidence.sessions:
        eyes = session.looking.measures[evidence.step_id]
        if eyes.gaze_s >= MIN_GAZE_S:
            name = session.summary.participant_id
            measured[name] = measured.get(name, False) or eyes.off_screen_share >= LOOKS_AWAY
    away = tuple(name for name, looks_away in measured.items() if looks_away)
    if not away or len(away) < _quorum(len(measured)):
        return "", ()
    return _count(away, len(measured), "look beside the screen", "looks beside the screen"), away


def _people(
    evidence: StepEvidence, counts: Mapping[int, Mapping[str, int]], at_least: int
) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            session.summary.participant_id
            for session in evidence.sessions
            if counts[id(session)].get(evidence.step_id, 0) >= at_least
        )
    )


def _n_visits(session: AlignedSession, step_id: str) -> int:
    return len({visit.number for visit in session.visits if visit.step_id == step_id})


def _count(people: Sequence[str], n: int, plural: str, singular: str) -> str:
    return f"{len(people)} of {n} {singular if len(people) == 1 else plural}"


def _union(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def _quorum(n_measured: int) -> int:
    """How many make a finding: a quarter, at least two; alone, the one there is."""
    return 1 if n_measured <= 1 else max(2, math.ceil(n_measured / 4))
