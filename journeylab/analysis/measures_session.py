"""All measures of one session: every stream read once, every step measured."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from journeylab.analysis.alignment import Visit, visits_of
from journeylab.analysis.expressions import expression_measures, intensities_of
from journeylab.analysis.eye_measures import spans_of
from journeylab.analysis.looking import Looking, read_looking
from journeylab.analysis.measures_course import (
    AnswerRow,
    answer_rows,
    course_measures,
    read_course,
)
from journeylab.analysis.measures_face import FaceData, UnitEvent, face_measures, unit_events
from journeylab.analysis.measures_looking import Area, area_measures, areas_of, looking_measures
from journeylab.analysis.measures_pointer import PointerData, pointer_measures
from journeylab.analysis.read_once import ReadOnce
from journeylab.analysis.reading import click_bursts_ns
from journeylab.analysis.runs import Span
from journeylab.analysis.session_data import SessionData
from journeylab.analysis.sessions import EXCLUDED, summarise
from journeylab.study.model import Study
from journeylab.vocabulary import ACTION_UNIT_COLUMNS, STATES, PointerAction, StimulusKind


@dataclass(frozen=True, slots=True)
class AreaRow:
    """The measures of one area of interest on one step, by name."""

    step_id: str
    name: str
    measures: dict[str, float]


@dataclass(frozen=True, slots=True)
class SessionMeasures:
    """All measures of one session, before they stand in tables.

    ``steps`` are measures by step and then name, of every step of the study. Times of ``events``
    are session time; ``start_ns`` is the session's begin, ``spans`` are the stays by step.
    """

    participant_id: str
    session_id: str
    recorded_utc: str
    segments: dict[str, str]
    is_simulated: bool
    grade: str
    start_ns: int
    spans: dict[str, tuple[Span, ...]]
    steps: dict[str, dict[str, float]]
    outcomes: dict[str, str]
    events: tuple[UnitEvent, ...] = ()
    areas: tuple[AreaRow, ...] = ()
    answers: tuple[AnswerRow, ...] = ()


def measure_session(session: SessionData, study: Study) -> SessionMeasures:
    """All measures of one session of a study."""
    session = ReadOnce(session)
    summary = summarise(session)
    visits = visits_of(
        session.table("steps", columns=("step_id", "phase", "visit")), end_ns=session.end_ns
    )
    spans = {step_id: tuple(own) for step_id, own in spans_of(visits).items()}
    face = _read_face(session)
    events = _events(face, visits)
    looking = read_looking(session, visits)
    pointer = _read_pointer(session)
    course = read_course(session, visits)
    areas = areas_of(
        session.table("aois", columns=("step_id", "name", "x_px", "y_px", "width_px", "height_px"))
    )
    expressions = _expressions(face, spans, study)
    steps: dict[str, dict[str, float]] = {}
    area_rows: list[AreaRow] = []
    for step in study.steps:
        own = spans.get(step.id, ())
        steps[step.id] = {"reached": float(bool(own))}
        steps[step.id] |= course_measures(course, step, own)
        if not own:
            continue
        # Without a screen they look at a thing on the table; nothing of it lies on the screen.
        has_screen = step.stimulus.kind is not StimulusKind.CAMERA_ONLY
        on_step = areas.get(step.id, ()) if has_screen else ()
        on_it = [event for event in events if event.step_id == step.id]
        steps[step.id] |= face_measures(face, own, on_it)
        steps[step.id] |= _looking(looking, step.id, own, on_step, has_screen=has_screen)
        steps[step.id] |= pointer_measures(pointer, own, screen_px=looking.viewing.screen_px)
        steps[step.id] |= expressions.get(step.id, {})
        area_rows += _areas(looking, pointer, step.id, own, on_step)
    header = session.header
    return SessionMeasures(
        participant_id=header.participant_id,
        session_id=header.session_id,
        recorded_utc=header.created_utc,
        segments=dict(header.segments),
        is_simulated=header.simulated,
        grade=summary.grade if header.study_id == study.id else EXCLUDED,
        start_ns=session.start_ns,
        spans=spans,
        steps=steps,
        outcomes=dict(course.outcomes),
        events=events,
        areas=tuple(area_rows),
        answers=answer_rows(course, study),
    )


def _read_face(session: SessionData) -> FaceData:
    names = ("valence", "arousal", *STATES)
    affect = session.table("affect", columns=names)
    units = session.table("action_units", columns=ACTION_UNIT_COLUMNS)
    return FaceData(
        affect.t_ns,
        {name: np.asarray(affect[name], dtype=np.float64) for name in names},
        units.t_ns,
        {name: np.asarray(units[name], dtype=np.float64) for name in ACTION_UNIT_COLUMNS},
    )


def _read_pointer(session: SessionData) -> PointerData:
    rows = session.table("pointer", columns=("x_px", "y_px", "action", "speed_px_s", "scroll_dy"))
    page = session.table("page", columns=("kind", "scroll_y_px"))
    px = np.column_stack([rows["x_px"], rows["y_px"]]).astype(np.float64).reshape(-1, 2)
    action = np.asarray(rows["action"], dtype=np.int64)
    presses = action == PointerAction.PRESS
    return PointerData(
        t_ns=rows.t_ns,
        px=px,
        action=action,
        speed_px_s=np.asarray(rows["speed_px_s"], dtype=np.float64),
        scroll_dy=np.asarray(rows["scroll_dy"], dtype=np.float64),
        bursts_ns=click_bursts_ns(rows.t_ns[presses], px[presses]),
        page_ns=page.t_ns,
        page_kind=np.array([str(kind) for kind in page["kind"]], dtype=object),
        page_scroll_px=np.asarray(page["scroll_y_px"], dtype=np.float64),
    )


def _events(face: FaceData, visits: Sequence[Visit]) -> tuple[UnitEvent, ...]:
    found = [
        event
        for visit in visits
        for unit in ACTION_UNIT_COLUMNS
        for event in unit_events(
            face.units_ns,
            face.units[unit],
            unit=unit,
            step_id=visit.step_id,
            span=(visit.start_ns, visit.end_ns),
        )
    ]
    return tuple(sorted(found, key=lambda event: (event.onset_ns, event.unit)))


def _looking(
    looking: Looking,
    step_id: str,
    spans: Sequence[Span],
    areas: Sequence[Area],
    *,
    has_screen: bool,
) -> dict[str, float]:
    found = looking_measures(looking, step_id, spans, areas)
    if has_screen:
        return found
    return {name: each if name.startswith("blink") else math.nan for name, each in found.items()}


def _areas(
    looking: Looking,
    pointer: PointerData,
    step_id: str,
    spans: Sequence[Span],
    areas: Sequence[Area],
) -> list[AreaRow]:
    eyes = looking.measures.get(step_id)
    return [
        AreaRow(
            step_id,
            area.name,
            area_measures(
                looking,
                area,
                spans,
                pointer_ns=pointer.t_ns,
                pointer_px=pointer.px,
                is_press=pointer.action == PointerAction.PRESS,
                has_gaze=eyes is not None and eyes.gaze_s > 0,
            ),
        )
        for area in areas
    ]


def _expressions(
    face: FaceData, spans: Mapping[str, Sequence[Span]], study: Study
) -> dict[str, dict[str, float]]:
    """The study's own expressions by step and column."""
    if not study.expressions:
        return {}
    values = np.column_stack([face.units[name] for name in ACTION_UNIT_COLUMNS])
    found: dict[str, dict[str, float]] = {}
    columns = intensities_of(study.expressions, values).T
    for one, column in zip(study.expressions, columns, strict=True):
        measured = expression_measures(face.units_ns, column, spans, threshold=one.threshold)
        for step_id, measure in measured.items():
            own = found.setdefault(step_id, {})
            own[f"own_{one.name}_share"] = measure.share_above
            own[f"own_{one.name}_peak"] = measure.peak
    return found
