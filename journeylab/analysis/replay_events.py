"""What happened in one session, by time: the marks of a replay's timeline and its list."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.alignment import visits_of
from journeylab.analysis.cues import MIN_CUE_S
from journeylab.analysis.reading import BURST_S, click_bursts_ns
from journeylab.analysis.replay_pointer import (
    PointerActs,
    read_page_scrolls,
    read_pointer_acts,
)
from journeylab.analysis.runs import runs_of
from journeylab.analysis.session_data import Columns, SessionData
from journeylab.clock import NS_PER_S
from journeylab.study.model import Study
from journeylab.study.questions import items_of
from journeylab.vocabulary import ACTION_UNIT_NAMES, CourseAct, StepPhase

LONGEST_GAP_NS: Final = NS_PER_S
"""An event of an action unit ends where its samples pause for longer."""

UNIT_LEVEL: Final = 0.3
"""Intensity from which on an action unit counts as shown, as in the map's cues."""

UNITS_SHOWN: Final = (
    "AU01",
    "AU02",
    "AU04",
    "AU05",
    "AU12",
    "AU14L",
    "AU14R",
    "AU15",
    "AU24",
)
"""Those a rule of the map rests on: of its signs, and those that surprise is read from."""

_CLICK_REACH_NS: Final = NS_PER_S // 4
"""A page tells of a press at most this long before or after the mouse does."""

Questions = Mapping[tuple[str, str], str]
"""By step and item the words of what was asked; those of the study's end have no step."""
NO_QUESTIONS: Final[Questions] = MappingProxyType({})


class EventKind(StrEnum):
    """What an event is; the replay's marks differ by it."""

    MARKER = "marker"
    NOTE = "note"
    ALERT = "alert"
    ANSWER = "answer"
    ACT = "act"
    PAGE = "page"
    REFUSAL = "refusal"
    CLICK = "click"
    CLICKS = "clicks"
    SCROLL = "scroll"
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


def read_events(session: SessionData, questions: Questions = NO_QUESTIONS) -> EventIndex:
    """Read and index all events of a session."""
    found = [event for part in event_parts(session, questions) for event in part]
    return EventIndex(tuple(sorted(found, key=_began_ns)))


def event_parts(
    session: SessionData, questions: Questions = NO_QUESTIONS
) -> Iterator[list[ReplayEvent]]:
    """The events in parts, each read when it is asked for, so that others may read between."""
    taken_back = _taken_back(session)
    yield _markers(session, taken_back["markers"])
    yield _texts(session, "notes", EventKind.NOTE, "Note", "text")
    yield _alerts(session)
    yield _answers(session, questions)
    yield _acts(session, taken_back["acts"])
    yield _pages(session)
    yield _health(session)
    yield _texts(session, "calibrations", EventKind.CALIBRATION, "Calibration", "kind")
    yield from _pointer(session)
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


def questions_of(study: Study) -> Questions:
    """What a study asks, item by item."""
    asked = [("", question) for question in study.questions]
    asked += [(step.id, question) for step in study.steps for question in step.questions]
    return {(of, item.id): item.text for of, question in asked for item in items_of(question)}


def _answers(session: SessionData, questions: Questions) -> list[ReplayEvent]:
    rows = session.table("answers", columns=("step_id", "question_id", "value"))
    found = []
    for t_ns, step_id, item, value in zip(
        rows.t_ns, rows["step_id"], rows["question_id"], rows["value"], strict=True
    ):
        key = str(item)
        asked = questions.get((str(step_id), key)) or questions.get(("", key)) or key
        words = f"Answered: {asked}"
        found.append(_instant(t_ns, EventKind.ANSWER, words, detail=str(value), key=key))
    return found


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


def _pointer(session: SessionData) -> Iterator[list[ReplayEvent]]:
    """Every press with what it fell on, presses again and again, and every begin of scrolling."""
    acts = PointerActs(np.empty(0, dtype=np.int64), np.empty((0, 2)), ())
    for part in read_pointer_acts(session):
        acts = acts if part is None else part
        yield []
    yield _clicks(session, acts)
    lasts_ns = round(BURST_S * NS_PER_S)
    yield [
        ReplayEvent(t_ns, EventKind.CLICKS, "Clicked again and again", t_ns + lasts_ns, t_ns)
        for t_ns in click_bursts_ns(acts.press_ns, acts.press_px).tolist()
    ]
    yield [
        ReplayEvent(
            one.start_ns,
            EventKind.SCROLL,
            "Scrolled up" if one.notches > 0 else "Scrolled down",
            one.end_ns,
            one.start_ns,
        )
        for one in (*acts.scrolls, *read_page_scrolls(session, acts.scrolls))
    ]


def _clicks(session: SessionData, acts: PointerActs) -> list[ReplayEvent]:
    """The presses of the mouse; on a page with the element, which the page itself told of."""
    rows = session.table("page", columns=("kind", "selector"))
    told = np.array([str(kind) == "click" for kind in rows["kind"]], dtype=np.bool_)
    told_ns = np.asarray(rows.t_ns, dtype=np.int64)[told]
    selectors = [str(one) for one in np.asarray(rows["selector"], dtype=object)[told]]
    left = set(range(len(selectors)))
    found = []
    for t_ns, (x, y) in zip(acts.press_ns.tolist(), acts.press_px.tolist(), strict=True):
        first, last = np.searchsorted(told_ns, (t_ns - _CLICK_REACH_NS, t_ns + _CLICK_REACH_NS + 1))
        near = left.intersection(range(first, last))
        place = min(near, key=lambda n: abs(int(told_ns[n]) - t_ns), default=None)
        detail = f"at {x:.0f}, {y:.0f} px" if place is None else selectors[place]
        left.discard(-1 if place is None else place)
        found.append(_instant(t_ns, EventKind.CLICK, "Clicked", detail=detail))
    # Keys and fingers press as well, without a mouse.
    found += [
        _instant(int(told_ns[n]), EventKind.CLICK, "Clicked", detail=selectors[n])
        for n in sorted(left)
    ]
    return found


def _unit(session: SessionData, code: str) -> list[ReplayEvent]:
    rows = session.table("action_units", columns=(code,))
    words = f"AU{int(code[2:4])}{code[4:]} {ACTION_UNIT_NAMES[code[:4]]}"
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
