"""What happened in one session, by time: the marks of a replay's timeline and its list."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.alignment import visits_of
from journeylab.analysis.cues import MIN_CUE_S
from journeylab.analysis.reading import BURST_S, click_bursts_ns
from journeylab.analysis.runs import runs_of
from journeylab.analysis.session_data import Columns, SessionData
from journeylab.clock import NS_PER_S
from journeylab.vocabulary import ACTION_UNIT_NAMES, CourseAct, PointerAction, StepPhase

LONGEST_GAP_NS: Final = NS_PER_S
"""An event of an action unit ends where its samples pause for longer."""

UNIT_LEVEL: Final = 0.3
"""Intensity from which on an action unit counts as shown, as in the map's cues."""

_POINTER_ROWS: Final = 150_000

UNITS_SHOWN: Final = ("AU04", "AU12", "AU15", "AU24")


class EventKind(StrEnum):
    """What an event is; the replay's marks differ by it."""

    MARKER = "marker"
    NOTE = "note"
    ALERT = "alert"
    ANSWER = "answer"
    ACT = "act"
    PAGE = "page"
    REFUSAL = "refusal"
    CLICKS = "clicks"
    UNIT = "unit"
    HEALTH = "health"
    CALIBRATION = "calibration"


@dataclass(frozen=True, slots=True)
class ReplayEvent:
    """One event: from ``t_ns`` to ``end_ns``, which are the same for an instant.

    ``apex_ns`` is its strongest moment and ``level`` its strength there, 0..1, NaN where it has
    none; ``key`` tells events of one kind apart, such as the action unit.
    """

    t_ns: int
    kind: EventKind
    words: str
    end_ns: int
    apex_ns: int
    detail: str = ""
    key: str = ""
    level: float = float("nan")


@dataclass(frozen=True, slots=True)
class EventIndex:
    """All events of a session in the order they began."""

    events: tuple[ReplayEvent, ...] = ()

    def __len__(self) -> int:
        return len(self.events)

    def between(self, start_ns: int, end_ns: int) -> tuple[ReplayEvent, ...]:
        """Events that began with start <= t < end."""
        first = bisect_left(self.events, start_ns, key=_began_ns)
        return self.events[first : bisect_left(self.events, end_ns, key=_began_ns)]

    def after(self, t_ns: int) -> ReplayEvent | None:
        """The first that began after a time."""
        place = bisect_right(self.events, t_ns, key=_began_ns)
        return self.events[place] if place < len(self.events) else None

    def before(self, t_ns: int) -> ReplayEvent | None:
        """The last that began before a time."""
        place = bisect_left(self.events, t_ns, key=_began_ns)
        return self.events[place - 1] if place else None

    def of(self, *kinds: EventKind) -> tuple[ReplayEvent, ...]:
        """Those of some kinds only."""
        return tuple(event for event in self.events if event.kind in kinds)


def read_events(session: SessionData) -> EventIndex:
    """Read and index all events of a session."""
    found = [event for part in event_parts(session) for event in part]
    return EventIndex(tuple(sorted(found, key=_began_ns)))


def event_parts(session: SessionData) -> Iterator[list[ReplayEvent]]:
    """The events in parts, each read when it is asked for, so that others may read between."""
    taken_back = _taken_back(session)
    yield _markers(session, taken_back["markers"])
    yield _texts(session, "notes", EventKind.NOTE, "Note", "text")
    yield _alerts(session)
    yield _answers(session)
    yield _acts(session, taken_back["acts"])
    yield _pages(session)
    yield _health(session)
    yield _texts(session, "calibrations", EventKind.CALIBRATION, "Calibration", "kind")
    yield from _click_bursts(session)
    for code in UNITS_SHOWN:
        yield _unit(session, code)


def _began_ns(event: ReplayEvent) -> int:
    return event.t_ns


def _instant(
    t_ns: int, kind: EventKind, words: str, *, detail: str = "", key: str = ""
) -> ReplayEvent:
    return ReplayEvent(int(t_ns), kind, words, int(t_ns), int(t_ns), detail, key)


def _taken_back(session: SessionData) -> dict[str, set[int]]:
    rows = session.table("withdrawals", columns=("of_stream", "of_t_ns"))
    found: dict[str, set[int]] = {"markers": set(), "acts": set()}
    for stream, t_ns in zip(rows["of_stream"], rows["of_t_ns"], strict=True):
        found.setdefault(str(stream), set()).add(int(t_ns))
    return found


def _markers(session: SessionData, taken_back: set[int]) -> list[ReplayEvent]:
    rows = session.table("markers", columns=("label", "author"))
    return [
        _instant(t_ns, EventKind.MARKER, str(label), detail=str(author), key=str(label))
        for t_ns, label, author in zip(rows.t_ns, rows["label"], rows["author"], strict=True)
        if int(t_ns) not in taken_back
    ]


def _texts(
    session: SessionData, stream: str, kind: EventKind, words: str, column: str
) -> list[ReplayEvent]:
    rows = session.table(stream, columns=(column,))
    return [
        _instant(t_ns, kind, words, detail=str(text))
        for t_ns, text in zip(rows.t_ns, rows[column], strict=True)
    ]


_ALERT_WORDS: Final = {
    "stuck": "Seemed stuck",
    "frustrated": "Seemed frustrated",
    "off_screen": "Looked off the screen",
}


def _alerts(session: SessionData) -> list[ReplayEvent]:
    """Alerts from their start to their end; one that was not ended lasts to the session's end."""
    rows = session.table("alerts", columns=("kind", "phase", "reason"))
    found: list[ReplayEvent] = []
    begun: dict[str, tuple[int, str]] = {}

    def close(kind: str, end_ns: int) -> None:
        t_ns, reason = begun.pop(kind)
        words = _ALERT_WORDS.get(kind, kind)
        found.append(ReplayEvent(t_ns, EventKind.ALERT, words, end_ns, t_ns, reason, kind))

    for t_ns, kind, phase, reason in zip(
        rows.t_ns, rows["kind"], rows["phase"], rows["reason"], strict=True
    ):
        name = str(kind)
        if name in begun:
            close(name, int(t_ns))
        if str(phase) == StepPhase.START:
            begun[name] = (int(t_ns), str(reason))
    for name in tuple(begun):
        close(name, session.end_ns)
    return found


def _answers(session: SessionData) -> list[ReplayEvent]:
    rows = session.table("answers", columns=("question_id", "value"))
    return [
        _instant(t_ns, EventKind.ANSWER, f"Answered {question}", detail=str(value))
        for t_ns, question, value in zip(rows.t_ns, rows["question_id"], rows["value"], strict=True)
    ]


_ACT_WORDS: Final = {
    CourseAct.SKIP: "Step skipped",
    CourseAct.REDO: "Step begun again",
    CourseAct.UNPLANNED: "Unplanned step",
    CourseAct.PAUSE: "Paused",
    CourseAct.RESUME: "Went on",
    CourseAct.OUTCOME: "Outcome",
}


def _acts(session: SessionData, taken_back: set[int]) -> list[ReplayEvent]:
    rows = session.table("acts", columns=("act", "value"))
    return [
        _instant(
            t_ns,
            EventKind.ACT,
            _ACT_WORDS.get(CourseAct(act), str(act)) if act in set(CourseAct) else str(act),
            detail=str(value),
            key=str(act),
        )
        for t_ns, act, value in zip(rows.t_ns, rows["act"], rows["value"], strict=True)
        if int(t_ns) not in taken_back
    ]


_PAGE_WORDS: Final = {"load": "Page loaded", "url": "Page", "refused": "Address refused"}


def _pages(session: SessionData) -> list[ReplayEvent]:
    rows = session.table("page", columns=("kind", "url", "selector", "detail"))
    found = []
    for t_ns, kind, url, selector, detail in zip(
        rows.t_ns, rows["kind"], rows["url"], rows["selector"], rows["detail"], strict=True
    ):
        if kind == "invalid":
            words = "The form refused a field"
            event = _instant(t_ns, EventKind.REFUSAL, words, detail=str(detail or selector))
            found.append(event)
        elif kind in _PAGE_WORDS:
            found.append(_instant(t_ns, EventKind.PAGE, _PAGE_WORDS[kind], detail=str(url)))
    return found


def _health(session: SessionData) -> list[ReplayEvent]:
    rows = session.table("health", columns=("of_stream", "kind", "detail"))
    return [
        _instant(t_ns, EventKind.HEALTH, f"{stream}: {kind}", detail=str(detail), key=str(kind))
        for t_ns, stream, kind, detail in zip(
            rows.t_ns, rows["of_stream"], rows["kind"], rows["detail"], strict=True
        )
    ]


def _click_bursts(session: SessionData) -> Iterator[list[ReplayEvent]]:
    """In parts as well: the mouse of an hour is two million rows."""
    press_ns: list[NDArray[np.int64]] = [np.empty(0, dtype=np.int64)]
    press_px: list[NDArray[np.float64]] = [np.empty((0, 2))]
    begins: list[int | None] = session.table("pointer", columns=()).t_ns[::_POINTER_ROWS].tolist()
    for start_ns, end_ns in pairwise([*begins, None]):
        span = {"start_ns": start_ns, "end_ns": end_ns}
        action = session.table("pointer", columns=("action",), **span)
        at = np.flatnonzero(np.asarray(action["action"]) == PointerAction.PRESS)
        if len(at):
            place = session.table("pointer", columns=("x_px", "y_px"), **span)
            press_ns.append(place.t_ns[at])
            press_px.append(np.column_stack([place["x_px"][at], place["y_px"][at]]))
        yield []
    bursts_ns = click_bursts_ns(np.concatenate(press_ns), np.concatenate(press_px))
    lasts_ns = round(BURST_S * NS_PER_S)
    yield [
        ReplayEvent(t_ns, EventKind.CLICKS, "Clicked again and again", t_ns + lasts_ns, t_ns)
        for t_ns in bursts_ns.tolist()
    ]


def _unit(session: SessionData, code: str) -> list[ReplayEvent]:
    rows = session.table("action_units", columns=(code,))
    words = f"AU{int(code[2:4])} {ACTION_UNIT_NAMES[code]}"
    return [
        ReplayEvent(onset, EventKind.UNIT, words, offset, apex, key=code, level=level)
        for onset, apex, offset, level in shown_spans(rows, code)
    ]


def shown_spans(rows: Columns, code: str) -> list[tuple[int, int, int, float]]:
    """Onset, apex, offset (session time, ns) and intensity at the apex of an action unit.

    From where it reaches :data:`UNIT_LEVEL` to where it falls below, if that lasts for
    :data:`~journeylab.analysis.cues.MIN_CUE_S`; a lost sample, or a pause between samples, ends it.
    """
    t_ns: NDArray[np.int64] = rows.t_ns
    level = np.nan_to_num(np.asarray(rows[code], dtype=np.float64), nan=-1.0)
    found = []
    for first, last in runs_of(level >= UNIT_LEVEL):
        gaps = np.flatnonzero(np.diff(t_ns[first:last]) > LONGEST_GAP_NS) + first + 1
        for start, end in zip((first, *gaps), (*gaps, last), strict=True):
            if t_ns[end - 1] - t_ns[start] >= MIN_CUE_S * NS_PER_S:
                apex = int(start + np.argmax(level[start:end]))
                found.append(
                    (int(t_ns[start]), int(t_ns[apex]), int(t_ns[end - 1]), float(level[apex]))
                )
    return found


def step_titles(session: SessionData) -> dict[str, str]:
    """Titles of the planned steps, and of unplanned ones as the moderator named them."""
    titles = {step.step_id: step.title for step in session.header.steps}
    acts = session.table("acts", columns=("act", "step_id", "value"))
    for act, step_id, value in zip(acts["act"], acts["step_id"], acts["value"], strict=True):
        if act == CourseAct.UNPLANNED:
            titles.setdefault(str(step_id), str(value))
    return titles


@dataclass(frozen=True, slots=True)
class ReplayStep:
    """One stay at a step; ``visit`` counts how often it was entered, from 1."""

    step_id: str
    title: str
    start_ns: int
    end_ns: int
    visit: int


def read_steps(session: SessionData) -> tuple[ReplayStep, ...]:
    """The stays at steps in their order, with their titles."""
    rows = session.table("steps", columns=("step_id", "phase", "visit"))
    titles = step_titles(session)
    return tuple(
        ReplayStep(
            visit.step_id,
            titles.get(visit.step_id, visit.step_id),
            visit.start_ns,
            visit.end_ns,
            visit.number,
        )
        for visit in visits_of(rows, end_ns=session.end_ns)
    )
