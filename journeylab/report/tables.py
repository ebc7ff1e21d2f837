"""The map as tables: steps, trace, each participant's trace, insights, sessions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.journey import JourneyMap, SessionSummary
from journeylab.analysis.tables import DataTable
from journeylab.clock import NS_PER_S
from journeylab.report.evidence import MapFinding, map_findings, median_valence, step_at
from journeylab.report.expected_table import expected_table
from journeylab.streams import Column

_STEP_ID: Final = Column("step_id", "text", "", "The step's id in study.toml.")
_POSITION: Final = Column(
    "position_s", "f8", "s", "On the map's axis: the steps' typical durations, one after another."
)
_PARTICIPANT: Final = Column("participant_id", "text", "", "The participant's id.")
_SESSION: Final = Column("session_id", "text", "", "The session's id.")
_VALENCE: Final = Column("valence", "f8", "-100..100", "Valence; empty where no face was measured.")

STEP_COLUMNS: Final = (
    _STEP_ID,
    Column("title", "text", "", "The step's title."),
    Column("stage", "text", "", "The journey's stage it belongs to."),
    Column("kind", "text", "", "Kind of stimulus."),
    Column("touchpoint", "text", "", "What is met there: an ad, a site, a package."),
    Column("channel", "text", "", "Where it is met: web, store, mail."),
    Column("owner", "text", "", "Who in the team answers for it."),
    Column("device", "text", "", "Device of the screen shown; empty where the study knows none."),
    Column("start_s", "f8", "s", "Begin on the map's axis."),
    Column("end_s", "f8", "s", "End on the map's axis."),
    Column("n_reached", "i8", "", "Participants who reached the step."),
    Column("n_gaze", "i8", "", "Sessions behind the heatmap."),
    Column("n_eyes", "i8", "", "Participants whose gaze was measured on the step."),
    Column("n_fixations", "f8", "", "Fixations, median over them."),
    Column("fixation_s", "f8", "s", "Duration of a fixation, median over them."),
    Column("k", "f8", "", "Coefficient K, median: above 0 focal, below 0 ambient."),
    Column("on_screen_share", "f8", "0..1", "Share of time looking on the screen, median."),
    Column("blinks_per_min", "f8", "1/min", "Blinks a minute, median of all with a face."),
)
TRACE_COLUMNS: Final = (
    _POSITION,
    _STEP_ID,
    Column("step_share", "f8", "0..1", "How far into the step."),
    Column("mean", "f8", "-100..100", "Robust mean of valence over participants."),
    Column("median", "f8", "-100..100", "Median of valence over participants."),
    Column("low", "f8", "-100..100", "Lower bound of the mean's 95 % band."),
    Column("high", "f8", "-100..100", "Upper bound of the mean's 95 % band."),
    Column("n_participants", "i8", "", "Participants with a valence there."),
    Column("tone", "i1", "-1, 0, 1", "1 joy, -1 a negative state, 0 neither."),
)
SESSION_TRACE_COLUMNS: Final = (
    _SESSION,
    _PARTICIPANT,
    _STEP_ID,
    _POSITION,
    Column("t_ns", "i8", "ns", "The session's own clock there; -1 where it has no such moment."),
    _VALENCE,
)
INSIGHT_COLUMNS: Final = (
    Column("source", "text", "", "callout: a label on the trace; insight: a step's sentence."),
    _STEP_ID,
    Column("title", "text", "", "The callout's title, or the step's."),
    Column("text", "text", "", "The finding in words."),
    Column("kind", "text", "", "joy, negative, neutral or warning."),
    Column("position_s", "f8", "s", "Where its evidence is strongest; empty where there is none."),
    Column("participants", "text", "", "Participants behind it, separated by blanks."),
    Column("n_participants", "i8", "", "How many stand behind it."),
    Column("n_reached", "i8", "", "Participants who reached the step."),
    Column("when", "text", "", "When, in words."),
    Column("how_sure", "text", "", "How sure, in words."),
    Column("edit", "text", "", "What the researcher did to it; empty where nothing."),
)
SESSION_COLUMNS: Final = (
    _SESSION,
    _PARTICIPANT,
    Column("file", "text", "", "The session's file."),
    Column("created_utc", "text", "UTC", "When it was recorded."),
    Column("simulated", "bool", "", "Whether the participant was simulated."),
    Column("duration_s", "f8", "s", "Time on all steps."),
    Column("face_share", "f8", "0..1", "Share of frames with a face."),
    Column("mean_quality", "f8", "0..1", "Mean quality of the face measures."),
    Column("lost", "i8", "", "Samples lost in recording."),
    Column("grade", "text", "", "A, B or C; excluded sessions are not in the map."),
    Column("reason", "text", "", "Why it has this grade."),
    Column("steps_reached", "text", "", "Ids of the steps reached, separated by blanks."),
    Column("declined", "text", "", "What the participant declined, by the consent record's keys."),
)
FINDING_COLUMNS: Final = (
    Column("kind", "text", "", "What was found."),
    Column("rule", "text", "", "The rule that finds it, with its version."),
    _STEP_ID,
    Column("title", "text", "", "Its label on the map."),
    Column("mood", "text", "", "joy, negative, warning or neutral."),
    Column("start_s", "f8", "s", "Where it begins on the map's axis."),
    Column("position_s", "f8", "s", "Where it is strongest on the map's axis."),
    Column("end_s", "f8", "s", "Where it ends on the map's axis."),
    Column("place", "text", "", "Where on the screen, by gaze or else by the cursor."),
    Column("segment", "text", "", "The group it belongs to, as name=value; empty for all."),
    Column("participants", "text", "", "Participants behind it, separated by blanks."),
    Column("n_participants", "i8", "", "How many stand behind it."),
    Column("n_measured", "i8", "", "Participants measured there."),
    Column("strength", "f8", "", "How strong it is, in the column strength_unit."),
    Column("strength_unit", "text", "", "Unit of its strength."),
    Column("p", "f8", "0..1", "Chance gives as much this often; empty where it is not tested."),
    Column("sureness", "text", "", "sure, likely, or seen without a test."),
)
MOMENT_COLUMNS: Final = (
    Column("source", "text", "", "callout, insight, or the kind of the finding."),
    _STEP_ID,
    Column("title", "text", "", "Title of the callout or finding, or the step's."),
    _PARTICIPANT,
    _SESSION,
    Column("file", "text", "", "The session's file, without its ending."),
    Column("t_s", "f8", "s", "Since the session began, as its replay counts; empty if unknown."),
    Column("t_ns", "i8", "ns", "The same on the session's own clock."),
)
NOTE_COLUMNS: Final = (Column("note", "text", "", "What is missing, in a sentence."),)
EXPRESSION_COLUMNS: Final = (
    _STEP_ID,
    Column("expression", "text", "", "The study's own expression."),
    Column("n_measured", "i8", "", "Participants with a face on the step."),
    Column("n_shown", "i8", "", "Participants who showed it."),
    Column("participants", "text", "", "Who showed it, separated by blanks."),
    Column("share_above", "f8", "0..1", "Mean share of time above its threshold."),
    Column("peak", "f8", "0..1", "Highest intensity."),
    Column("peak_participant", "text", "", "Whose it was."),
    _POSITION,
)


def map_tables(journey: JourneyMap) -> tuple[DataTable, ...]:
    """All tables of a map; without rows where the study has no session yet."""
    tables = [
        _steps(journey),
        _trace(journey),
        _session_trace(journey),
        _insights(map_findings(journey)),
        _findings(journey),
        _moments(journey),
        _sessions(journey),
        _table("notes", "What the map lacks.", NOTE_COLUMNS, [(note,) for note in journey.notes]),
    ]
    if any(step.expressions for step in journey.steps):
        tables.append(_expressions(journey))
    if journey.expected is not None:
        tables.append(expected_table(journey.expected))
    return tuple(tables)


def _steps(journey: JourneyMap) -> DataTable:
    nan = float("nan")
    rows = [
        (
            step.step_id,
            step.title,
            step.stage,
            step.kind,
            step.touchpoint,
            step.channel,
            step.owner,
            step.device,
            step.start_s,
            step.end_s,
            step.n_reached,
            step.n_gaze,
            *(
                (0, nan, nan, nan, nan, nan)
                if step.eyes is None
                else (
                    step.eyes.n,
                    step.eyes.n_fixations,
                    step.eyes.fixation_s,
                    step.eyes.k,
                    step.eyes.on_screen_share,
                    step.eyes.blinks_per_min,
                )
            ),
        )
        for step in journey.steps
    ]
    return _table("steps", "The journey's steps, one a row.", STEP_COLUMNS, rows)


def _trace(journey: JourneyMap) -> DataTable:
    trace = journey.trace
    steps = [step_at(journey, float(position_s)) for position_s in trace.position_s]
    values: dict[str, NDArray[Any]] = {
        "position_s": trace.position_s,
        "step_id": np.array([step.step_id for step in steps], dtype=object),
        "step_share": np.array(
            [
                (position_s - step.start_s) / (step.end_s - step.start_s)
                for position_s, step in zip(trace.position_s, steps, strict=True)
            ]
        ),
        "mean": trace.mean,
        "median": median_valence(journey),
        "low": trace.low,
        "high": trace.high,
        "n_participants": trace.n_people,
        "tone": trace.tone,
    }
    return DataTable("trace", "The emotional trace over the participants.", TRACE_COLUMNS, values)


def _session_trace(journey: JourneyMap) -> DataTable:
    trace = journey.trace
    n = len(trace.position_s)
    steps = [step_at(journey, float(position_s)).step_id for position_s in trace.position_s]
    summaries = [session.summary for session in journey.sessions]

    def joined(parts: Sequence[NDArray[Any]], dtype: str) -> NDArray[Any]:
        return np.concatenate(parts) if parts else np.empty(0, dtype=dtype)

    values = {
        "session_id": _texts(each.session_id for each in summaries for _ in range(n)),
        "participant_id": _texts(each.participant_id for each in summaries for _ in range(n)),
        "step_id": _texts(step_id for _ in summaries for step_id in steps),
        "position_s": np.tile(trace.position_s, len(summaries)),
        "t_ns": joined([session.t_ns for session in journey.sessions], "i8"),
        "valence": joined([session.valence for session in journey.sessions], "f8"),
    }
    words = "Each session's valence at the positions of the trace."
    return DataTable("session_trace", words, SESSION_TRACE_COLUMNS, values)


def _insights(found: Sequence[MapFinding]) -> DataTable:
    rows = []
    for one in found:
        people = () if one.target is None else one.target.participants
        rows.append(
            (
                "callout" if one.is_callout else "insight",
                one.step.step_id,
                one.title,
                one.text,
                one.kind,
                float("nan") if one.target is None else one.target.position_s,
                " ".join(people),
                len(people),
                one.step.n_reached,
                one.when,
                one.how_sure,
                one.edit,
            )
        )
    return _table("insights", "What was found, and on whom it rests.", INSIGHT_COLUMNS, rows)


def _findings(journey: JourneyMap) -> DataTable:
    rows = [
        (
            one.kind.value,
            one.rule,
            one.step_id,
            one.title,
            one.mood,
            one.start_s,
            one.position_s,
            one.end_s,
            one.place.name if one.place is not None else "",
            f"{one.segment.name}={one.segment.value}" if one.segment is not None else "",
            " ".join(one.participants),
            len(one.participants),
            one.n_measured,
            one.strength,
            one.unit,
            float("nan") if one.p is None else one.p,
            one.sureness.value,
        )
        for one in journey.findings
    ]
    return _table("findings", "What the detectors found, one a row.", FINDING_COLUMNS, rows)


def _moments(journey: JourneyMap) -> DataTable:
    """The seconds behind every callout, insight and finding, to be found again in a replay."""
    rows: list[tuple[object, ...]] = []
    for found in map_findings(journey):
        source = "callout" if found.is_callout else "insight"
        for witness in found.witnesses:
            choice = witness.choice
            about = (source, found.step.step_id, found.title)
            rows.append((*about, *_moment(choice.summary, choice.t_ns)))
    known = {session.summary.session_id: session.summary for session in journey.sessions}
    for finding in journey.findings:
        for one in finding.evidence:
            if one.session_id in known:
                about = (finding.kind.value, finding.step_id, finding.title)
                rows.append((*about, *_moment(known[one.session_id], one.t_ns)))
    words = "The moments behind each callout, insight and finding, one a row."
    return _table("moments", words, MOMENT_COLUMNS, rows)


def _moment(summary: SessionSummary, t_ns: int) -> tuple[object, ...]:
    start_ns = summary.start_ns
    t_s = float("nan") if start_ns is None else (t_ns - start_ns) / NS_PER_S
    name = summary.path.name.split(".", 1)[0]
    return (summary.participant_id, summary.session_id, name, t_s, t_ns)


def _sessions(journey: JourneyMap) -> DataTable:
    summaries = [session.summary for session in journey.sessions] + list(journey.excluded)
    names = list(dict.fromkeys(name for each in summaries for name in each.segments))
    segments = tuple(
        Column(f"segment_{name}", "text", "", f"The participant form's field {name}.")
        for name in names
    )

    def row(each: SessionSummary) -> tuple[object, ...]:
        return (
            each.session_id,
            each.participant_id,
            each.path.name,
            each.created_utc,
            each.simulated,
            each.duration_s,
            each.face_share,
            each.mean_quality,
            each.lost,
            each.grade,
            _reason(each),
            " ".join(each.steps_reached),
            " ".join(each.declined),
            *(each.segments.get(name, "") for name in names),
        )

    words = "All sessions of the map, those left out of it too."
    return _table("sessions", words, SESSION_COLUMNS + segments, [row(each) for each in summaries])


def _reason(summary: SessionSummary) -> str:
    """Why it has its grade; what a researcher wrote of it stays in the study."""
    if not summary.decision:
        return summary.reason
    return "Left out by the team." if not summary.is_usable else "Taken in by the team."


def _expressions(journey: JourneyMap) -> DataTable:
    rows = [
        (
            step.step_id,
            one.name,
            one.n_measured,
            len(one.participants),
            " ".join(one.participants),
            one.share_above,
            one.peak,
            one.peak_participant or "",
            float("nan") if one.position_s is None else one.position_s,
        )
        for step in journey.steps
        for one in step.expressions
    ]
    words = "The study's own expressions on each step."
    return _table("expressions", words, EXPRESSION_COLUMNS, rows)


def _table(
    name: str, words: str, columns: tuple[Column, ...], rows: Sequence[tuple[object, ...]]
) -> DataTable:
    values: dict[str, NDArray[Any]] = {}
    for place, column in enumerate(columns):
        cells = [row[place] for row in rows]
        values[column.name] = (
            _texts(cells) if column.dtype == "text" else np.array(cells, dtype=column.dtype)
        )
    return DataTable(name, words, columns, values)


def _texts(cells: Iterable[object]) -> NDArray[np.object_]:
    return np.array([str(cell) for cell in cells], dtype=object)
