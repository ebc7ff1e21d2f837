"""What stands behind each finding of the map: who, when, how sure; in words for every export."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.aggregate import by_participant
from journeylab.analysis.detectors.finding import Evidence
from journeylab.analysis.insight_edits import HIDDEN, mark_words
from journeylab.analysis.journey import Callout, Insight, JourneyMap, MapStep, SessionTrace
from journeylab.analysis.moments import MomentChoice, moments_at
from journeylab.analysis.signed import signed
from journeylab.clock import NS_PER_S
from journeylab.report.map_header import duration_words
from journeylab.report.map_insights import insight_target
from journeylab.report.map_trace import callout_target
from journeylab.report.scene import MomentTarget

_MOST_NAMED: Final = 12
"""Names in a sentence; the tables have all."""


@dataclass(frozen=True, slots=True)
class Witness:
    """One session behind a finding: what its participant's face told at that moment.

    ``into_step_s`` counts from the session's first moment on the step; ``valence`` is NaN where
    no face was measured. ``session`` is what its file is called, and ``session_s`` counts from its
    begin, as the replay does; NaN where that is not known.
    """

    participant_id: str
    details: str
    into_step_s: float
    choice: MomentChoice

    @property
    def valence(self) -> float:
        return self.choice.valence

    @property
    def session(self) -> str:
        return self.choice.summary.path.name.split(".", 1)[0]

    @property
    def session_s(self) -> float:
        start_ns = self.choice.summary.start_ns
        return math.nan if start_ns is None else (self.choice.t_ns - start_ns) / NS_PER_S


@dataclass(frozen=True, slots=True, eq=False)
class MapFinding:
    """A callout or an insight, and what it rests on.

    ``kind`` is joy, negative, neutral or warning; ``target`` is where it leads on the map, None
    where there is nothing to look at, and then there are no witnesses either. ``edit`` tells what
    the researcher did to it, empty where nothing; who hid it wants it on no slide and no page.
    """

    title: str
    text: str
    kind: str
    step: MapStep
    target: MomentTarget | None
    who: str
    when: str
    how_sure: str
    witnesses: tuple[Witness, ...]
    is_callout: bool
    edit: str = ""
    is_hidden: bool = False


def map_findings(journey: JourneyMap) -> tuple[MapFinding, ...]:
    """All findings of a map: its callouts along the trace, each followed by what was found beside
    it and has no label, then each step's insight."""
    callouts = sorted(journey.callouts, key=lambda callout: callout.position_s)
    return tuple(
        chain(
            chain.from_iterable(_of_label(journey, callout) for callout in callouts),
            (_of_insight(journey, step, step.insight) for step in journey.steps),
        )
    )


def step_at(journey: JourneyMap, position_s: float) -> MapStep:
    """The step that a position on the map's axis lies in."""
    return next((step for step in journey.steps if position_s < step.end_s), journey.steps[-1])


def participants_valence(
    journey: JourneyMap,
) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Participants and their valence (participants, n), their sessions averaged; on the positions
    of the map's trace, NaN where one has none."""
    people = [session.summary.participant_id for session in journey.sessions]
    if not people:
        return (), np.empty((0, len(journey.trace.position_s)))
    values = np.stack([session.valence for session in journey.sessions])
    return tuple(dict.fromkeys(people)), by_participant(values, people)


def median_valence(journey: JourneyMap) -> NDArray[np.float64]:
    """Median over participants (n,), NaN where nobody has a value."""
    _, values = participants_valence(journey)
    median = np.full(values.shape[1], np.nan)
    known = np.isfinite(values).any(axis=0)
    median[known] = np.nanmedian(values[:, known], axis=0)
    return median


def clock_words(duration_s: float) -> str:
    """Seconds into a session or step as minutes and seconds, such as 1:05.3."""
    tenths = round(duration_s * 10)
    return f"{tenths // 600}:{tenths % 600 // 10:02d}.{tenths % 10}"


def valence_words(valence: float) -> str:
    """A valence with its sign, or that none was measured."""
    return signed(valence) if np.isfinite(valence) else "no face"


def _of_label(journey: JourneyMap, callout: Callout) -> tuple[MapFinding, ...]:
    beside = (
        replace(
            _of_callout(journey, one), text=f"{one.detail}, beside “{callout.title}” on the map"
        )
        for one in callout.beside
    )
    return (_of_callout(journey, callout), *beside)


def _of_callout(journey: JourneyMap, callout: Callout) -> MapFinding:
    target = callout_target(callout)
    step = step_at(journey, callout.position_s)
    return MapFinding(
        title=callout.title,
        text=callout.detail,
        kind=callout.kind,
        step=step,
        target=target,
        who=_who(step, callout.participants),
        when=_when(step, callout.position_s, callout.start_s, callout.end_s),
        how_sure=_how_sure(journey, callout.position_s, callout.certainty),
        witnesses=_witnesses(journey, step, target, callout.evidence),
        is_callout=True,
    )


def _of_insight(journey: JourneyMap, step: MapStep, insight: Insight) -> MapFinding:
    target = insight_target(insight)
    position_s = insight.position_s
    return MapFinding(
        title=step.title,
        text=insight.text,
        kind=insight.kind,
        step=step,
        target=target,
        who=_who(step, insight.participants),
        when="" if position_s is None else _when(step, position_s, None, None),
        how_sure=(
            insight.certainty
            if position_s is None
            else _how_sure(journey, position_s, insight.certainty)
        ),
        witnesses=() if target is None else _witnesses(journey, step, target, insight.evidence),
        is_callout=False,
        # Who of the team it was stays in the study.
        edit="" if insight.mark is None else mark_words(replace(insight.mark, author="the team")),
        is_hidden=insight.mark is not None and insight.mark.state == HIDDEN,
    )


def _who(step: MapStep, participants: tuple[str, ...]) -> str:
    if step.n_reached == 0:
        return "Nobody reached this step."
    if not participants:
        return "Nobody is singled out."
    noun = "participant" if step.n_reached == 1 else "participants"
    base = f"{len(participants)} of {step.n_reached} {noun} who reached {step.title}"
    named = ", ".join(participants[:_MOST_NAMED])
    rest = len(participants) - _MOST_NAMED
    return f"{base}: {named} and {rest} more." if rest > 0 else f"{base}: {named}."


def _when(step: MapStep, position_s: float, start_s: float | None, end_s: float | None) -> str:
    length = duration_words(step.end_s - step.start_s)
    if start_s is not None and end_s is not None and end_s > start_s:
        first, last = max(start_s - step.start_s, 0.0), end_s - step.start_s
        return (
            f"{step.title}, from {clock_words(first)} to {clock_words(last)} of {length}, "
            f"most at {clock_words(position_s - step.start_s)}."
        )
    return f"{step.title}, at {clock_words(position_s - step.start_s)} of {length}."


def _how_sure(journey: JourneyMap, position_s: float, certainty: str) -> str:
    return " ".join(part for part in (certainty, _valence_there(journey, position_s)) if part)


def _valence_there(journey: JourneyMap, position_s: float) -> str:
    trace = journey.trace
    point = int(np.argmin(np.abs(trace.position_s - position_s)))
    mean, low, high = (float(each[point]) for each in (trace.mean, trace.low, trace.high))
    n = int(trace.n_people[point])
    if not np.isfinite(mean):
        return "No valence was measured at this moment."
    words = f"Mean valence {signed(mean)}, N = {n}"
    if not (np.isfinite(low) and np.isfinite(high)):
        return f"{words}; too few participants for a band."
    words += f", 95 % band {signed(low)} to {signed(high)}"
    if round(low) > 0:
        return f"{words}: the whole band lies above neutral."
    if round(high) < 0:
        return f"{words}: the whole band lies below neutral."
    return f"{words}: neutral lies within the band."


def _witnesses(
    journey: JourneyMap, step: MapStep, target: MomentTarget, evidence: tuple[Evidence, ...]
) -> tuple[Witness, ...]:
    """The very moments that a detector named; without them, where its participants are then."""
    sessions = {session.summary.session_id: session for session in journey.sessions}
    if evidence:
        known = [(sessions.get(one.session_id), one.t_ns) for one in evidence]
        choices = [
            _choice(journey, step, session, t_ns) for session, t_ns in known if session is not None
        ]
    else:
        found, _ = moments_at(journey, target.position_s, participants=target.participants)
        choices = list(found)
    inside = (journey.trace.position_s >= step.start_s) & (journey.trace.position_s < step.end_s)
    witnesses = []
    for choice in choices:
        t_ns = sessions[choice.summary.session_id].t_ns[inside]
        reached = t_ns[t_ns >= 0]
        begin_ns = int(reached.min()) if len(reached) else choice.t_ns
        witnesses.append(
            Witness(
                choice.summary.participant_id,
                " · ".join(choice.summary.segments.values()),
                max(choice.t_ns - begin_ns, 0) / NS_PER_S,
                choice,
            )
        )
    return tuple(witnesses)


def _choice(journey: JourneyMap, step: MapStep, session: SessionTrace, t_ns: int) -> MomentChoice:
    distance = np.where(session.t_ns >= 0, np.abs(session.t_ns - t_ns), np.iinfo(np.int64).max)
    point = int(np.argmin(distance))
    return MomentChoice(
        session.summary,
        step.title,
        t_ns,
        float(session.valence[point]),
        float(journey.trace.position_s[point]),
    )
