"""One plain sentence per step, computed from what was measured and nothing else."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.cues import CUES, Cue, Shown, shown_on
from journeylab.analysis.detectors.finding import Finding, FindingKind
from journeylab.analysis.detectors.words import certainty_of, sentence_of
from journeylab.analysis.journey import Insight
from journeylab.analysis.reading import AlignedSession
from journeylab.analysis.signed import signed

__all__ = ["StepEvidence", "insight_of", "signed"]

_TOLD_FIRST: Final = (
    FindingKind.FRICTION,
    FindingKind.COGNITIVE_LOAD,
    FindingKind.AHA,
    FindingKind.DISAPPOINTMENT,
    FindingKind.DELIGHT,
    FindingKind.STRUGGLE,
    FindingKind.DISCONNECT,
    FindingKind.BOREDOM,
    FindingKind.ENTRY_MOOD,
    FindingKind.FLOW,
)
"""Findings that say more than where the line goes, the most telling first."""
FLAT_VALENCE: Final = 8.0
LOOKS_AWAY: Final = 0.3
MIN_GAZE_S: Final = 2.0
"""Looking beside the screen for this share of the time, gaze having been measured for so long."""


@dataclass(frozen=True, slots=True, eq=False)
class StepEvidence:
    """What is known of one step: who reached it, and the aggregate there.

    ``mean`` and ``position_s`` (points,) belong to the step's points, which lie at ``part`` of
    the grid. ``cues`` are looked for besides the usual ones. A step without a screen has nothing to
    look away from. ``findings`` are those of the detectors on this step.
    """

    step_id: str
    part: slice
    sessions: tuple[AlignedSession, ...]
    mean: NDArray[np.float64]
    position_s: NDArray[np.float64]
    cues: tuple[Cue, ...] = ()
    has_screen: bool = True
    findings: tuple[Finding, ...] = ()


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
    told = sorted(
        (one for one in evidence.findings if one.kind in _TOLD_FIRST),
        key=lambda one: _TOLD_FIRST.index(one.kind),
    )
    if told:
        return _with_findings(told, behaviour, behaving)
    if not strong:
        return _without_cue(evidence, known, behaviour, behaving)
    return _sure_of(_with_cue(evidence, strong, behaviour, behaving), evidence.findings)


def _with_findings(found: Sequence[Finding], behaviour: str, behaving: tuple[str, ...]) -> Insight:
    """The most telling finding; beside it what they did, else a finding of another mood."""
    first = found[0]
    sentence, people, evidence = sentence_of(first), first.participants, first.evidence
    other = next((one for one in found if one.mood != first.mood and one.is_alarm), None)
    if behaviour and first.mood == "negative":
        sentence += f"; {behaviour}"
        people = _union(people, behaving)
    elif other is not None:
        sentence += f"; {sentence_of(other)}"
        people = _union(people, other.participants)
        evidence = (*evidence, *other.evidence)
    return Insight(
        f"{sentence}.",
        first.mood if first.mood != "warning" else "negative",
        people,
        first.position_s,
        certainty_of(first),
        evidence,
    )


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


def _sure_of(insight: Insight, findings: Sequence[Finding]) -> Insight:
    """The same with the certainty of the peak or valley it tells of, if one was found."""
    for finding in findings:
        if finding.mood == insight.kind:
            return replace(insight, certainty=certainty_of(finding), evidence=finding.evidence)
    return insight


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
