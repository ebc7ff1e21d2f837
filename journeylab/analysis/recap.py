"""What one session brought, for the moderator right after it: outcomes, answers, what to redo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from journeylab.analysis.alignment import time_on_steps_s, visits_of
from journeylab.analysis.declined import EMOTION, GAZE, is_absent
from journeylab.analysis.redoing import steps_to_redo
from journeylab.analysis.session_data import SessionData
from journeylab.clock import NS_PER_S
from journeylab.study.model import Study
from journeylab.study.questions import Item, Question, items_of, sus_of
from journeylab.vocabulary import CourseAct, QuestionKind, StimulusKind

LEAST_RATE_HZ: Final = 20.0
"""An expression of a quarter of a second is seen five times at this rate."""
LEAST_FACE_SHARE: Final = 0.9
_NOT_ANSWERED: Final = "not answered"
_ON_SCREEN: Final = frozenset(
    {StimulusKind.VIDEO, StimulusKind.IMAGE, StimulusKind.SCREENS, StimulusKind.PAGE}
)


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One question in short, and what was answered; ``is_text`` for the participant's own words."""

    question: str
    answer: str
    is_text: bool = False


@dataclass(frozen=True, slots=True)
class StepRecap:
    """One step of the study: time in it over all visits, 0 when it was not reached; the outcome
    the moderator gave last, empty without one; whether it was skipped; answers about it."""

    title: str
    spent_s: float
    planned_s: float
    outcome: str = ""
    is_skipped: bool = False
    answers: tuple[AnswerLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Recap:
    """A session in short. ``answers`` are those about the whole session; ``to_redo`` are sentences,
    empty when nothing is to be done otherwise next time."""

    steps: tuple[StepRecap, ...]
    answers: tuple[AnswerLine, ...]
    n_markers: int
    n_notes: int
    to_redo: tuple[str, ...]


def recap_of(session: SessionData, study: Study, *, has_sound: bool) -> Recap:
    """Sum up one session of a study; ``has_sound`` tells whether its bundle holds any."""
    steps = session.table("steps", columns=("step_id", "phase", "visit"))
    visits = visits_of(steps, end_ns=session.end_ns)
    spent_s = time_on_steps_s(visits)
    given = answers_of(session)
    outcomes, skipped = outcomes_of(session), last_skipped(session)
    lines = tuple(
        StepRecap(
            step.title,
            spent_s.get(step.id, 0.0),
            step.planned_s,
            outcomes.get(step.id, ""),
            step.id in skipped,
            _lines(step.questions, given.get(step.id, {})) if step.id in spent_s else (),
        )
        for step in study.steps
    )
    return Recap(
        lines,
        _lines(study.questions, given.get("", {})),
        n_markers=len(kept_rows(session, "markers", "label")),
        n_notes=len(session.table("notes", columns=("text",))),
        to_redo=(
            *_to_redo(session, study, has_sound=has_sound),
            *steps_to_redo(session, study, visits, skipped=skipped),
        ),
    )


def kept_rows(session: SessionData, stream: str, column: str) -> list[int]:
    """Places of the rows of a stream that were not taken back; ``column`` is any one of it."""
    taken = session.table("withdrawals", columns=("of_stream", "of_t_ns"))
    back = {
        int(t_ns)
        for of_stream, t_ns in zip(taken["of_stream"], taken["of_t_ns"], strict=True)
        if of_stream == stream
    }
    times_ns = session.table(stream, columns=(column,)).t_ns
    return [place for place, t_ns in enumerate(times_ns) if int(t_ns) not in back]


def outcomes_of(session: SessionData) -> dict[str, str]:
    """By step, the outcome the moderator gave last and did not take back."""
    acts = session.table("acts", columns=("act", "step_id", "value"))
    outcomes: dict[str, str] = {}
    for place in kept_rows(session, "acts", "act"):
        if acts["act"][place] == CourseAct.OUTCOME:
            outcomes[str(acts["step_id"][place])] = str(acts["value"][place])
    return outcomes


def last_skipped(session: SessionData) -> set[str]:
    """Steps whose last visit was ended by skipping."""
    acts = session.table("acts", columns=("act", "step_id"))
    starts = session.table("steps", columns=("step_id", "phase"))
    phases = zip(starts["step_id"], starts["phase"], starts.t_ns, strict=True)
    last_start_ns = {str(one): int(t_ns) for one, phase, t_ns in phases if phase == "start"}
    return {
        str(step_id)
        for act, step_id, t_ns in zip(acts["act"], acts["step_id"], acts.t_ns, strict=True)
        if act == CourseAct.SKIP and int(t_ns) >= last_start_ns.get(str(step_id), 0)
    }


def answers_of(session: SessionData) -> dict[str, dict[str, str]]:
    """Step to question to the last answer; the session's own under an empty id."""
    rows = session.table("answers", columns=("step_id", "question_id", "value"))
    given: dict[str, dict[str, str]] = {}
    for step_id, question_id, value in zip(
        rows["step_id"], rows["question_id"], rows["value"], strict=True
    ):
        given.setdefault(str(step_id), {})[str(question_id)] = str(value)
    return given


def _lines(questions: Sequence[Question], given: dict[str, str]) -> tuple[AnswerLine, ...]:
    return tuple(line for question in questions for line in _lines_of(question, given))


def _lines_of(question: Question, given: dict[str, str]) -> tuple[AnswerLine, ...]:
    items = items_of(question)
    if question.kind is QuestionKind.SUS:
        score = sus_of(given, question.id)
        n_given = sum(bool(given.get(item.id)) for item in items)
        words = f"{score:.1f} of 100" if score is not None else f"{n_given} of 10 answered"
        return (AnswerLine("Usability (SUS)", words),)
    return tuple(
        AnswerLine(
            _short_name(question, item),
            _value_in_words(item, given.get(item.id, "")),
            is_text=question.kind is QuestionKind.TEXT and bool(given.get(item.id)),
        )
        for item in items
    )


def _short_name(question: Question, item: Item) -> str:
    if question.kind is QuestionKind.EASE and not question.text:
        return "Ease"
    if question.kind is QuestionKind.NPS and not question.text:
        return "Would recommend"
    return item.manikin.capitalize() if item.manikin else item.text


def _value_in_words(item: Item, value: str) -> str:
    if not value:
        return _NOT_ANSWERED
    return f"{value} of {item.last}" if item.is_scale else value


def _to_redo(session: SessionData, study: Study, *, has_sound: bool) -> tuple[str, ...]:
    said = [*_calibration(session, study), *_camera(session)]
    if session.header.consent.get("audio") == "yes" and not has_sound:
        said.append("No sound was recorded: choose a microphone and watch its level first.")
    return tuple(said)


def _calibration(session: SessionData, study: Study) -> list[str]:
    kinds = [str(kind) for kind in session.table("calibrations", columns=("kind",))["kind"]]
    of_gaze = [kind for kind in kinds if kind in ("gaze", "gaze_kept", "gaze_withdrawn")]
    said = []
    is_shown = any(step.stimulus.kind in _ON_SCREEN for step in study.steps)
    if is_shown and not is_absent(session.header, GAZE):
        if not of_gaze:
            said.append("Gaze was not calibrated: do it before the next session.")
        elif of_gaze[-1] == "gaze_withdrawn":
            said.append("Gaze was lost with its calibration: calibrate again before the next one.")
    infers_emotion = session.header.consent.get("emotion_recognition") != "no"
    if "neutral" not in kinds and infers_emotion and study.privacy.infers_emotion:
        said.append("No neutral face was taken: take one on the set-up page before the next one.")
    return said


def _camera(session: SessionData) -> list[str]:
    if is_absent(session.header, EMOTION, GAZE):
        return []  # nobody agreed to her face being measured
    face = session.table("face", columns=("face",))
    if len(face) < 2:
        return ["No camera picture was analysed: look after the camera."]
    said = []
    rate_hz = NS_PER_S / max(float(np.median(np.diff(face.t_ns))), 1.0)
    if rate_hz < LEAST_RATE_HZ:
        said.append(
            f"Only {rate_hz:.0f} pictures of the face a second, {LEAST_RATE_HZ:.0f} are needed: "
            "more light, and no other program beside."
        )
    found = float(np.mean(np.asarray(face["face"], dtype=np.float64) > 0))
    if found < LEAST_FACE_SHARE:
        said.append(
            f"No face in {100 * (1 - found):.0f} % of the pictures: seat the next participant in "
            "the middle of the picture."
        )
    return said
