"""The rows a session writes of itself, built in one place for live and simulated sessions."""

from __future__ import annotations

from journeylab.streams import STREAMS, Row, Sample, row
from journeylab.vocabulary import StepPhase


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


def calibration_row(t_ns: int, kind: str, *, version: str, data: str) -> Row:
    """A calibration in force from then on, or what became of one (``kind``); ``data`` is JSON."""
    return row("calibrations", t_ns, kind=kind, version=version, data=data)


def health_row(t_ns: int, of_stream: str, *, kind: str, count: int, detail: str) -> Row:
    """A drop, gap, fault, recovery, warning or event."""
    return row("health", t_ns, of_stream=of_stream, kind=kind, count=count, detail=detail)
