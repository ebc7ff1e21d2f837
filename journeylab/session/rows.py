"""The rows a session writes of itself, built in one place for live and simulated sessions."""

from __future__ import annotations

import math

from journeylab.bundle.header import ScreenGeometry
from journeylab.streams import STREAMS, Row, Sample, row
from journeylab.vocabulary import CourseAct, StepPhase


def check_columns(sample: Sample) -> None:
    """Refuse a row that has not its stream's columns.

    Raises
    ------
    ValueError
        Saying how many values were wanted and how many came.
    """
    if not isinstance(sample, Row) or sample.stream not in STREAMS:
        return
    wanted = len(STREAMS[sample.stream].columns)
    if len(sample.values) != wanted:
        raise ValueError(
            f"stream {sample.stream} has {wanted} columns, but {len(sample.values)} values came"
        )


def step_row(t_ns: int, step_id: str, *, phase: StepPhase, visit: int) -> Row:
    """A step marker; ``visit`` counts from 1."""
    return row("steps", t_ns, step_id=step_id, phase=str(phase), visit=visit)


def marker_row(t_ns: int, label: str, *, author: str) -> Row:
    """A marker of the moderator."""
    return row("markers", t_ns, label=label, author=author)


def note_row(t_ns: int, text: str, *, author: str) -> Row:
    """A free note."""
    return row("notes", t_ns, text=text, author=author)


def act_row(t_ns: int, act: CourseAct, *, step_id: str, visit: int, value: str, author: str) -> Row:
    """Something done to the course of the session."""
    return row("acts", t_ns, act=str(act), step_id=step_id, visit=visit, value=value, author=author)


def withdrawal_row(t_ns: int, of_stream: str, *, of_t_ns: int, author: str) -> Row:
    """A row of another stream, by its time, that was taken back."""
    return row("withdrawals", t_ns, of_stream=of_stream, of_t_ns=of_t_ns, author=author)


def answer_row(t_ns: int, step_id: str, *, question_id: str, value: str) -> Row:
    """An answer of the participant; ``step_id`` is empty for questions about the whole session."""
    return row("answers", t_ns, step_id=step_id, question_id=question_id, value=value)


def alert_row(t_ns: int, kind: str, *, phase: str, reason: str, step_id: str) -> Row:
    """An alert that began (``start``) or is over (``end``)."""
    return row("alerts", t_ns, kind=kind, phase=phase, reason=reason, step_id=step_id)


def display_row(t_ns: int, screen: ScreenGeometry) -> Row:
    """The display the participant sees from then on."""
    return row(
        "displays",
        t_ns,
        name=screen.name,
        width_px=screen.width_px,
        height_px=screen.height_px,
        scale=screen.scale,
        width_mm=math.nan if screen.width_mm is None else screen.width_mm,
        height_mm=math.nan if screen.height_mm is None else screen.height_mm,
    )


def calibration_row(t_ns: int, kind: str, *, version: str, data: str) -> Row:
    """A calibration in force from then on, or what became of one (``kind``); ``data`` is JSON."""
    return row("calibrations", t_ns, kind=kind, version=version, data=data)


def health_row(t_ns: int, of_stream: str, *, kind: str, count: int, detail: str) -> Row:
    """A drop, gap, fault, recovery, warning or event."""
    return row("health", t_ns, of_stream=of_stream, kind=kind, count=count, detail=detail)
