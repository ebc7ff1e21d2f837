"""Measures per session and step as tables, with their units and a data dictionary.

Four tables: ``measures``, one row for each session and step of the study; ``au_events``, one for
each movement of the face; ``aoi_measures``, one for each area of interest on a step; ``answers``,
one for each item that was asked. What was not measured is NaN, never 0: a step that was not
reached, a face that was not seen, gaze that was not calibrated, a mouse that told nothing.

``docs/measures.md`` is written from the declarations here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis import measures_course, measures_face, measures_looking, measures_pointer
from journeylab.analysis.cache import StudyCache, cache_of, content_of
from journeylab.analysis.exclusions import LEAST_GRADE, Decision, read_decisions
from journeylab.analysis.measures_course import AnswerRow
from journeylab.analysis.measures_face import UnitEvent
from journeylab.analysis.measures_looking import time_on_step_s
from journeylab.analysis.measures_session import SessionMeasures, measure_session
from journeylab.analysis.sessions import EXCLUDED
from journeylab.analysis.study_sessions import OpenBundle, Progress
from journeylab.analysis.tables import DataTable
from journeylab.clock import NS_PER_S
from journeylab.errors import BundleError
from journeylab.streams import Column
from journeylab.study.folder import StudyFolder
from journeylab.study.model import Study
from journeylab.vocabulary import STATES

COLUMNS_READ: Final[Mapping[str, tuple[str, ...] | None]] = {
    "face": ("face", "quality", "blink", "head_z_mm"),
    "affect": ("valence", "arousal", *STATES),
    "pointer": ("x_px", "y_px", "action", "speed_px_s", "scroll_dy"),
    "page": ("kind", "scroll_y_px"),
    **dict.fromkeys(("action_units", "gaze", "aois", "steps", "calibrations", "health")),
    **dict.fromkeys(("acts", "withdrawals", "markers", "notes", "answers")),
}
_PART: Final = "measures"

SESSION_COLUMNS: Final = (
    Column("participant_id", "text", "", "pseudonym of the participant"),
    Column("session_id", "text", "", "unique id of the session"),
)
STEP_COLUMN: Final = Column("step_id", "text", "", "the step, as in the study file")
ABOUT_COLUMNS: Final = (
    Column("recorded_utc", "text", "", "when recording began, ISO 8601"),
    Column("simulated", "f8", "1", "1 where the participant was simulated", 0, 1),
    Column("grade", "text", "", "A, B, C or excluded: how far the session can be trusted"),
    Column("step_title", "text", "", "title of the step"),
    Column("stage", "text", "", "stage the step lies in"),
    Column("reached", "f8", "1", "1 where the step was reached, else all measures are NaN", 0, 1),
)
NUMBERS: Final = (
    *measures_course.COLUMNS,
    *measures_face.COLUMNS,
    *measures_looking.COLUMNS,
    *measures_pointer.COLUMNS,
)
"""The measures of the table ``measures`` that every study has."""
EVENT_COLUMNS: Final = (
    *SESSION_COLUMNS,
    STEP_COLUMN,
    Column("action_unit", "text", "", "FACS code; L and R are the participant's own sides"),
    Column("onset_s", "f8", "s", "first frame of it, from the begin of the session", 0, None),
    Column("apex_s", "f8", "s", "its strongest frame, from the begin of the session", 0, None),
    Column("offset_s", "f8", "s", "its last frame, from the begin of the session", 0, None),
    Column("duration_s", "f8", "s", "from onset to offset", 0, None),
    Column("onset_on_step_s", "f8", "s", "time on the step until the onset", 0, None),
    Column("peak", "f8", "1", "intensity at the apex", 0, 1),
)
AREA_COLUMNS: Final = (
    *SESSION_COLUMNS,
    STEP_COLUMN,
    Column("aoi", "text", "", "the area of interest, as in the study file"),
    *measures_looking.AOI_COLUMNS,
)
ANSWER_COLUMNS: Final = (*SESSION_COLUMNS, *measures_course.ANSWER_COLUMNS)


@dataclass(frozen=True, slots=True, eq=False)
class StudyMeasures:
    """The tables of a study; ``unread`` says which bundles could not be read, and why."""

    measures: DataTable
    events: DataTable
    areas: DataTable
    answers: DataTable
    unread: tuple[str, ...] = ()

    @property
    def tables(self) -> tuple[DataTable, ...]:
        """All four, in the order in which they are documented."""
        return (self.measures, self.events, self.areas, self.answers)


def study_measures(
    folder: StudyFolder,
    *,
    segment: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    open_bundle: OpenBundle | None = None,
) -> StudyMeasures:
    """The measures of all sessions of a study, or of a segment; of excluded ones, too, which their
    grade tells, as the researcher decided.

    What was measured before is taken from the study's cache, not with a reader of the caller's
    own. ``progress`` is called with the share done; what it raises ends the measuring.

    Raises
    ------
    AnalysisError
        When what the researcher decided about the sessions cannot be read.
    """
    cache = cache_of(folder) if open_bundle is None else None
    paths = folder.bundles()
    decisions = read_decisions(folder).in_force()
    found, unread = [], []
    for place, path in enumerate(paths):
        if progress is not None:
            progress(place / len(paths))
        try:
            one = _measured(path, folder.study, cache, open_bundle)
        except BundleError as error:
            unread.append(f"{path.name}: {error.what}")
            continue
        if all(one.segments.get(name) == value for name, value in (segment or {}).items()):
            found.append(_graded(one, decisions.get(one.session_id)))
    if progress is not None:
        progress(1.0)
    return tables_of(folder.study, found, unread=unread)


def measures_columns(study: Study) -> tuple[Column, ...]:
    """The columns of the table ``measures`` of a study: with its segments and own expressions."""
    return (
        *SESSION_COLUMNS,
        *(
            Column(f"segment_{each.name}", "text", "", f"value of the segment {each.name}")
            for each in study.segments
        ),
        STEP_COLUMN,
        *ABOUT_COLUMNS,
        measures_course.OUTCOME,
        *NUMBERS,
        *(
            Column(f"own_{each.name}_{part}", "f8", "1", f"{each.name}: {what}", 0, 1)
            for each in study.expressions
            for part, what in (
                ("share", f"share of measured time at {each.threshold:g} or more"),
                ("peak", "highest intensity"),
            )
        ),
    )


def tables_of(
    study: Study, sessions: Sequence[SessionMeasures], *, unread: Iterable[str] = ()
) -> StudyMeasures:
    """The tables of sessions that were measured."""
    return StudyMeasures(
        measures=_table(
            "measures",
            "One row for each session and step of the study.",
            measures_columns(study),
            [_step_row(study, one, place) for one in sessions for place in range(len(study.steps))],
        ),
        events=_table(
            "au_events",
            "One row for each movement of the face that was shown.",
            EVENT_COLUMNS,
            [_event_row(one, event) for one in sessions for event in one.events],
        ),
        areas=_table(
            "aoi_measures",
            "One row for each area of interest on a step that was reached.",
            AREA_COLUMNS,
            [
                _of(one) | {"step_id": area.step_id, "aoi": area.name} | area.measures
                for one in sessions
                for area in one.areas
            ],
        ),
        answers=_table(
            "answers",
            "One row for each item that was asked, and for the score of each SUS.",
            ANSWER_COLUMNS,
            [_answer_row(one, answer) for one in sessions for answer in one.answers],
        ),
        unread=tuple(unread),
    )


def _graded(measured: SessionMeasures, decision: Decision | None) -> SessionMeasures:
    if decision is None:
        return measured
    if decision.is_excluded:
        return replace(measured, grade=EXCLUDED)
    return replace(measured, grade=LEAST_GRADE) if measured.grade == EXCLUDED else measured


def _measured(
    path: Path, study: Study, cache: StudyCache | None, open_bundle: OpenBundle | None
) -> SessionMeasures:
    from journeylab.bundle.reader import Bundle

    content = content_of(path)
    kept = cache.get(path, _PART, content, SessionMeasures) if cache is not None else None
    if kept is not None and _is_of(study, kept):
        return kept
    opened: Any = open_bundle(path) if open_bundle else Bundle.open(path, streams=COLUMNS_READ)
    with opened as bundle:
        measured = measure_session(bundle, study)
    if cache is not None:
        cache.put(path, _PART, content, measured)
    return measured


def _is_of(study: Study, measured: SessionMeasures) -> bool:
    """Whether what a cache file holds has every step it must have."""
    has_steps = measured.steps.keys() == {step.id for step in study.steps}
    return has_steps and all(event.step_id in measured.spans for event in measured.events)


def _step_row(study: Study, session: SessionMeasures, place: int) -> dict[str, Any]:
    step = study.steps[place]
    segments = {
        f"segment_{each.name}": session.segments.get(each.name, "") for each in study.segments
    }
    about = {
        "step_id": step.id,
        "recorded_utc": session.recorded_utc,
        "simulated": float(session.is_simulated),
        "grade": session.grade,
        "step_title": step.title,
        "stage": step.stage,
        "outcome": session.outcomes.get(step.id, ""),
    }
    return _of(session) | segments | about | session.steps[step.id]


def _event_row(session: SessionMeasures, event: UnitEvent) -> dict[str, Any]:
    def since_start_s(t_ns: int) -> float:
        return (t_ns - session.start_ns) / NS_PER_S

    return _of(session) | {
        "step_id": event.step_id,
        "action_unit": event.unit,
        "onset_s": since_start_s(event.onset_ns),
        "apex_s": since_start_s(event.apex_ns),
        "offset_s": since_start_s(event.offset_ns),
        "duration_s": (event.offset_ns - event.onset_ns) / NS_PER_S,
        "onset_on_step_s": time_on_step_s(event.onset_ns, session.spans[event.step_id]),
        "peak": event.peak,
    }


def _answer_row(session: SessionMeasures, answer: AnswerRow) -> dict[str, Any]:
    return _of(session) | {
        "step_id": answer.step_id,
        "question_id": answer.question_id,
        "item_id": answer.item_id,
        "kind": answer.kind,
        "value": answer.value,
        "number": answer.number,
    }


def _of(session: SessionMeasures) -> dict[str, Any]:
    return {"participant_id": session.participant_id, "session_id": session.session_id}


def _table(
    name: str, description: str, columns: tuple[Column, ...], rows: Sequence[Mapping[str, Any]]
) -> DataTable:
    values = {column.name: _values(column, rows) for column in columns}
    return DataTable(name, description, columns, values)


def _values(column: Column, rows: Sequence[Mapping[str, Any]]) -> NDArray[Any]:
    if column.dtype == "text":
        texts = np.empty(len(rows), dtype=object)
        texts[:] = [str(row.get(column.name, "")) for row in rows]
        return texts
    return np.array([row.get(column.name, math.nan) for row in rows], dtype=column.dtype)
