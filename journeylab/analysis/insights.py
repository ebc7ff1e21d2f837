"""One plain sentence per step, computed from what was measured and nothing else.

Whoever a sentence counts stands in its evidence with the very moment: the sign the sentence names
holds then. What no test stands behind says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.behaviour import Behaviour, behaviour_on, quorum_of
from journeylab.analysis.cues import CUES, Cue, Shown, shown_on
from journeylab.analysis.declined import EMOTION
from journeylab.analysis.detectors.finding import Evidence, Finding, FindingKind
from journeylab.analysis.detectors.words import COUNTED, MEASURED, certainty_of, sentence_of
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
_OF_LINE: Final = (FindingKind.GREEN_PEAK, FindingKind.VALLEY)
FLAT: Final = "flat"
FLAT_VALENCE: Final = 8.0
SHARED: Final = 0.5
"""A peak or valley is tested for a cue's sentence when so many of those it counts are behind it."""


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


@dataclass(frozen=True, slots=True)
class _Clause:
    """One thing that is told: its words and mood, where, how sure, the moments of all it counts,
    and what it is of, which stays the same when its numbers change."""

    text: str
    kind: str
    position_s: float
    certainty: str
    evidence: tuple[Evidence, ...]
    about: str


def insight_of(evidence: StepEvidence) -> Insight:
    """The sentence of one step."""
    if not evidence.sessions:
        return Insight("Nobody reached this step.", "neutral", about=("nobody",))
    if not np.isfinite(evidence.mean).any():
        is_declined = all(EMOTION in one.summary.declined for one in evidence.sessions)
        why = "No face was measured on this step."
        if is_declined:
            why = "Emotion recognition: declined."
        return Insight(why, "neutral", about=("no face",))
    behaviour = behaviour_on(evidence.sessions, evidence.step_id, has_screen=evidence.has_screen)
    told = sorted(
        (one for one in evidence.findings if one.kind in _TOLD_FIRST),
        key=lambda one: _TOLD_FIRST.index(one.kind),
    )
    if told:
        return _with_findings(told, behaviour)
    shown = [
        shown_on(evidence.sessions, cue, part=evidence.part, step_id=evidence.step_id)
        for cue in (*evidence.cues, *CUES)
    ]
    strong = sorted(
        (each for each in shown if len(each.participants) >= quorum_of(each.n_measured)),
        key=lambda each: -each.share,
    )
    if strong:
        return _with_cue(evidence, strong, behaviour)
    return _without_cue(evidence, behaviour)


def _with_findings(found: Sequence[Finding], behaviour: Behaviour | None) -> Insight:
    """The most telling finding; beside it what they did, else a finding of another mood."""
    first = found[0]
    other = next((one for one in found if one.mood != first.mood and one.is_alarm), None)
    if behaviour is not None and first.mood == "negative":
        return _joined(_of_finding(first), _of_behaviour(behaviour))
    return _joined(_of_finding(first), None if other is None else _of_finding(other))


def _with_cue(evidence: StepEvidence, strong: list[Shown], behaviour: Behaviour | None) -> Insight:
    level = float(np.nanmean(evidence.mean))
    # Of cues equally common, what the study asks for itself is the story of the step, then the
    # one that agrees with the trace.
    agreeing = "joy" if level >= 0 else "negative"
    first = max(strong, key=lambda each: (each.share, each.cue.is_own, each.cue.kind == agreeing))
    kind = _kind(evidence, first)
    other = next((each for each in strong if _kind(evidence, each) != kind), None)
    second = None
    if behaviour is not None:
        second = _of_behaviour(behaviour)
    elif other is not None and other.share >= 0.5 * first.share:
        second = _of_cue(evidence, other)
    return _joined(_of_cue(evidence, first), second)


def _without_cue(evidence: StepEvidence, behaviour: Behaviour | None) -> Insight:
    second = None if behaviour is None else _of_behaviour(behaviour)
    extreme = int(np.nanargmax(np.abs(evidence.mean)))
    position_s = float(evidence.position_s[extreme])
    for finding in evidence.findings:
        if finding.kind in _OF_LINE and finding.start_s <= position_s <= finding.end_s:
            return _joined(_of_finding(finding), second)
    level = _of_level(evidence, extreme)
    if second is not None and level.about == FLAT:
        level = replace(level, evidence=())  # it counts nobody; the second does
    return _joined(level, second)


def _joined(first: _Clause, second: _Clause | None) -> Insight:
    """One sentence of one clause or two: its mood and place are the first's."""
    text, certainty, evidence = first.text, first.certainty, first.evidence
    about: tuple[str, ...] = (first.about,)
    if second is not None:
        text, evidence = f"{text}; {second.text}", (*evidence, *second.evidence)
        about = (first.about, second.about)
        if second.certainty != certainty:
            certainty += f" What stands second: {second.certainty[0].lower()}{second.certainty[1:]}"
    return Insight(
        f"{text}.",
        first.kind,
        tuple(dict.fromkeys(one.participant_id for one in evidence)),
        first.position_s,
        certainty,
        evidence,
        about=about,
    )


def _of_finding(finding: Finding) -> _Clause:
    return _Clause(
        sentence_of(finding),
        finding.mood if finding.mood != "warning" else "negative",
        finding.position_s,
        certainty_of(finding),
        finding.told_evidence,
        str(finding.kind),
    )


def _of_behaviour(behaviour: Behaviour) -> _Clause:
    return _Clause(
        behaviour.words, "negative", math.nan, COUNTED, behaviour.evidence, behaviour.about
    )


def _of_cue(evidence: StepEvidence, shown: Shown) -> _Clause:
    count = len(shown.participants)
    verb = shown.cue.singular if count == 1 else shown.cue.plural
    where = ""
    if shown.third is not None:
        mostly = "" if shown.is_all_in_third else ", most of them"
        where = f"{mostly} in the {shown.third} third"
    position_s = float(evidence.position_s[shown.strongest_point])
    kind = _kind(evidence, shown)
    return _Clause(
        f"{count} of {shown.n_measured} {verb}{where}",
        kind,
        position_s,
        _certainty_of_cue(evidence, shown, kind, position_s),
        shown.evidence,
        f"cue {shown.cue.name}",
    )


def _certainty_of_cue(evidence: StepEvidence, shown: Shown, kind: str, position_s: float) -> str:
    """That of the peak or valley there, where it is of the same people; a cue itself is counted."""
    for finding in evidence.findings:
        is_there = finding.kind in _OF_LINE and finding.start_s <= position_s <= finding.end_s
        shared = set(shown.participants) & set(finding.participants)
        if is_there and finding.mood == kind and len(shared) >= SHARED * len(shown.participants):
            line = "joy peak" if finding.kind is FindingKind.GREEN_PEAK else "valley"
            return f"{certainty_of(finding)} Tested is the {line} there; who shows it is counted."
    return COUNTED


def _kind(evidence: StepEvidence, shown: Shown) -> str:
    """Joy, negative or neutral; a formula has no sign, so that of the trace at its strongest."""
    if not shown.cue.is_own:
        return shown.cue.kind
    level = float(evidence.mean[shown.strongest_point])
    if math.isnan(level) or abs(level) <= FLAT_VALENCE:
        return "neutral"
    return "joy" if level > 0 else "negative"


def _of_level(evidence: StepEvidence, extreme: int) -> _Clause:
    """Where the mean is furthest from neutral, and those who are on that side of it there."""
    value = float(evidence.mean[extreme])
    is_flat = abs(value) <= FLAT_VALENCE
    levels = [
        (session, float(session.signal("valence")[evidence.part][extreme]))
        for session in evidence.sessions
    ]
    known = [(session, level) for session, level in levels if math.isfinite(level)]
    behind = [each for each in known if is_flat or each[1] * value > 0]
    moments = tuple(
        Evidence(
            session.summary.participant_id,
            session.summary.session_id,
            int(session.t_ns[evidence.part][extreme]),
        )
        for session, _ in behind
    )
    if is_flat:
        kind, about = "neutral", FLAT
        text = f"Flat: valence within ±{FLAT_VALENCE:.0f} of neutral"
    else:
        verb, side = ("rises", "above") if value > 0 else ("falls", "below")
        kind, about = ("joy", "level up") if value > 0 else ("negative", "level down")
        n_behind, n = (_n_people([session for session, _ in each]) for each in (behind, known))
        text = f"Valence {verb} to {signed(value)}, with {n_behind} of {n} {side} neutral there"
    if np.isfinite(evidence.mean).mean() < 0.5:
        text += ", measured on less than half of the step"
    return _Clause(text, kind, float(evidence.position_s[extreme]), MEASURED, moments, about)


def _n_people(sessions: Sequence[AlignedSession]) -> int:
    return len({session.summary.participant_id for session in sessions})
