"""Measures of the course on one step: time, order, coming back, outcome, answers, quality."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.alignment import Visit
from journeylab.analysis.recap import answers_of, kept_rows, last_skipped, outcomes_of
from journeylab.analysis.runs import Span, within
from journeylab.analysis.session_data import SessionData
from journeylab.clock import NS_PER_S
from journeylab.streams import Column
from journeylab.study.model import Step, Study
from journeylab.study.questions import Item, Question, items_of, sus_of
from journeylab.vocabulary import QuestionKind

COLUMNS: Final = (
    Column("time_on_step_s", "f8", "s", "time spent on it, all visits together", 0, None),
    Column("planned_s", "f8", "s", "planned duration", 0, None),
    Column("place", "f8", "1", "as which step it was first entered, from 1", 1, None),
    Column("visits", "f8", "1", "how often it was entered", 0, None),
    Column("revisits", "f8", "1", "how often it was entered again", 0, None),
    Column("skipped", "f8", "1", "1 where its last visit was ended by skipping", 0, 1),
    Column("markers", "f8", "1", "markers set on it and not taken back", 0, None),
    Column("notes", "f8", "1", "notes written on it", 0, None),
    Column("answers", "f8", "1", "items of its questions that were answered", 0, None),
    Column("items", "f8", "1", "items of its questions", 0, None),
    Column("ease", "f8", "1", "answer to the single ease question, 1 difficult to 7 easy", 1, 7),
    Column("manikin_valence", "f8", "1", "answer on the manikin, 1 unpleasant to 9 pleasant", 1, 9),
    Column("manikin_arousal", "f8", "1", "answer on the manikin, 1 calm to 9 excited", 1, 9),
    Column("frames", "f8", "1", "camera frames that were analysed", 0, None),
    Column("frame_rate_hz", "f8", "Hz", "analysed frames over time on step", 0, None),
    Column("face_share", "f8", "1", "share of frames with a face", 0, 1),
    Column("quality_mean", "f8", "1", "mean quality of the frames with a face", 0, 1),
    Column("samples_lost", "f8", "1", "samples of camera and face lost on the step", 0, None),
)
OUTCOME: Final = Column(
    "outcome",
    "text",
    "",
    "how the task ended, in the moderator's last judgement that was not taken back: success, "
    "partial, failed, abandoned; empty where none was given",
)
ANSWER_COLUMNS: Final = (
    Column("step_id", "text", "", "the step it was asked on; empty for the whole session"),
    Column("question_id", "text", "", "the question, as in the study file"),
    Column("item_id", "text", "", "its item: the question's id, or with what was asked behind it"),
    Column("kind", "text", "", "ease, manikin, sus, nps, scale, choice or text"),
    Column("value", "text", "", "the last answer as it was given; empty where there was none"),
    Column("number", "f8", "1", "the answer as a number; NaN where it is none, or not given"),
)
_LOST_OF: Final = ("camera", "face", "session")


@dataclass(frozen=True, slots=True, eq=False)
class CourseData:
    """What happened in a session, by step or with its time: (n,) session times of kept markers
    and of notes, of analysed frames with presence and quality, and of losses with their counts."""

    visits: tuple[Visit, ...]
    outcomes: Mapping[str, str]
    skipped: frozenset[str]
    given: Mapping[str, Mapping[str, str]]
    marker_ns: NDArray[np.int64]
    note_ns: NDArray[np.int64]
    frame_ns: NDArray[np.int64]
    has_face: NDArray[np.bool_]
    quality: NDArray[np.float64]
    lost_ns: NDArray[np.int64]
    n_lost: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One item that was asked, or the score of a SUS; ``step_id`` is empty for those about the
    whole session, ``number`` NaN for an answer that is none."""

    step_id: str
    question_id: str
    item_id: str
    kind: str
    value: str
    number: float


def read_course(session: SessionData, visits: tuple[Visit, ...]) -> CourseData:
    """Read what the measures of the course are made of; withdrawn markers and outcomes left out."""
    face = session.table("face", columns=("face", "quality"))
    health = session.table("health", columns=("of_stream", "kind", "count"))
    is_loss = np.array(
        [
            str(kind) in ("drop", "gap") and str(stream) in _LOST_OF
            for kind, stream in zip(health["kind"], health["of_stream"], strict=True)
        ],
        dtype=np.bool_,
    )
    markers = session.table("markers", columns=("label",))
    return CourseData(
        visits=visits,
        outcomes=outcomes_of(session),
        skipped=frozenset(last_skipped(session)),
        given=answers_of(session),
        marker_ns=markers.t_ns[kept_rows(session, "markers", "label")],
        note_ns=session.table("notes", columns=("text",)).t_ns,
        frame_ns=face.t_ns,
        has_face=np.asarray(face["face"]) > 0,
        quality=np.asarray(face["quality"], dtype=np.float64),
        lost_ns=health.t_ns[is_loss],
        n_lost=np.asarray(health["count"], dtype=np.int64)[is_loss],
    )


def course_measures(course: CourseData, step: Step, spans: Sequence[Span]) -> dict[str, float]:
    """The measures of one step; of one that was not reached only its plan is known."""
    measures = dict.fromkeys((column.name for column in COLUMNS), math.nan)
    measures["planned_s"] = step.planned_s
    if not spans:
        return measures
    spent_s = sum(end_ns - start_ns for start_ns, end_ns in spans) / NS_PER_S
    order = list(dict.fromkeys(visit.step_id for visit in course.visits))
    n_visits = len({visit.number for visit in course.visits if visit.step_id == step.id})
    here = within(course.frame_ns, spans)
    faces = here & course.has_face
    quality = course.quality[faces]
    quality = quality[np.isfinite(quality)]
    measures |= {
        "time_on_step_s": spent_s,
        "place": float(order.index(step.id) + 1),
        "visits": float(n_visits),
        "revisits": float(n_visits - 1),
        "skipped": float(step.id in course.skipped),
        "markers": float(within(course.marker_ns, spans).sum()),
        "notes": float(within(course.note_ns, spans).sum()),
        "frames": float(here.sum()),
        "frame_rate_hz": float(here.sum()) / spent_s,
        "face_share": float(faces.sum() / here.sum()) if here.any() else math.nan,
        "quality_mean": float(quality.mean()) if len(quality) else math.nan,
        "samples_lost": float(course.n_lost[within(course.lost_ns, spans)].sum()),
    }
    return measures | _answered(step, course.given.get(step.id, {}))


def answer_rows(course: CourseData, study: Study) -> tuple[AnswerRow, ...]:
    """Every item of the study's questions, on the steps that were reached and about the session."""
    reached = {visit.step_id for visit in course.visits}
    rows: list[AnswerRow] = []
    for step in study.steps:
        if step.id in reached:
            rows += _rows_of(step.id, step.questions, course.given.get(step.id, {}))
    return (*rows, *_rows_of("", study.questions, course.given.get("", {})))


def _rows_of(
    step_id: str, questions: Sequence[Question], given: Mapping[str, str]
) -> list[AnswerRow]:
    rows = []
    for question in questions:
        kind = question.kind.value
        for item in items_of(question):
            value = given.get(item.id, "")
            number = _number(item, value)
            rows.append(AnswerRow(step_id, question.id, item.id, kind, value, number))
        if question.kind is QuestionKind.SUS:
            score = sus_of(given, question.id)
            number = math.nan if score is None else score
            text = "" if score is None else f"{score:g}"
            rows.append(AnswerRow(step_id, question.id, question.id, kind, text, number))
    return rows


def _answered(step: Step, given: Mapping[str, str]) -> dict[str, float]:
    items = [(question, item) for question in step.questions for item in items_of(question)]
    if not items:
        return {}
    measures = {
        "items": float(len(items)),
        "answers": float(sum(bool(given.get(item.id)) for _, item in items)),
    }
    for question, item in reversed(items):  # the first of a kind stays
        number = _number(item, given.get(item.id, ""))
        if question.kind is QuestionKind.EASE:
            measures["ease"] = number
        elif item.manikin:
            measures[f"manikin_{item.manikin}"] = number
    return measures


def _number(item: Item, value: str) -> float:
    is_number = item.is_scale and value.isascii() and value.isdigit()
    return float(value) if is_number else math.nan
