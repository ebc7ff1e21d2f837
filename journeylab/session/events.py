"""What a session tells those who listen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from journeylab.clock import Clock
from journeylab.errors import SessionError
from journeylab.logs import logger
from journeylab.session.health import HealthKind
from journeylab.session.states import SessionState, StateCell
from journeylab.study.model import Step

_log = logger(__name__)


class EventKind(StrEnum):
    """What happened to a session."""

    STATE = "state"
    STEP = "step"
    ASKING = "asking"
    DEBRIEF = "debrief"
    PAUSED = "paused"
    RESUMED = "resumed"
    MARKER = "marker"
    OUTCOME = "outcome"
    WITHDRAWN = "withdrawn"
    NOTE = "note"
    FAULT = "fault"
    RECOVERED = "recovered"
    WARNING = "warning"
    CALIBRATION = "calibration"


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """One happening: ``text`` is a sentence, a marker's label or a note; ``step`` the step now
    running, None when none does."""

    kind: EventKind
    t_ns: int
    state: SessionState
    step: Step | None = None
    text: str = ""

    @property
    def is_early_stop(self) -> bool:
        """The session stopped by itself, for the reason in ``text``."""
        is_stop = self.kind is EventKind.STATE and self.state is SessionState.STOPPING
        return is_stop and bool(self.text)


Listener: TypeAlias = Callable[[SessionEvent], None]


class Announcer:
    """Tells of one session: those who listen are called on the thread that acted, outside locks.

    ``current_step`` is asked at each event.
    """

    def __init__(
        self, cell: StateCell, *, clock: Clock, current_step: Callable[[], Step | None]
    ) -> None:
        self._cell = cell
        self._clock = clock
        self._current_step = current_step
        self._lock = threading.Lock()
        self._listeners: tuple[Listener, ...] = ()

    def add(self, listener: Listener) -> None:
        with self._lock:
            self._listeners = (*self._listeners, listener)

    def tell(self, kind: EventKind, text: str = "") -> None:
        event = SessionEvent(
            kind, self._clock.now_ns(), self._cell.state, self._current_step(), text
        )
        for listener in self._listeners:
            try:
                listener(event)
            except Exception:  # noqa: BLE001 - a view that fails must not end a thread that measures
                _log.exception("a listener failed on %s", event.kind)

    def tell_health(self, kind: HealthKind, sentence: str) -> None:
        """A fault, recovery, warning or event; drops and gaps are shown as numbers."""
        known = kind in (HealthKind.FAULT, HealthKind.RECOVERED)
        self.tell(EventKind(str(kind)) if known else EventKind.WARNING, sentence)

    def tell_calibration(self, sentence: str) -> None:
        self.tell(EventKind.CALIBRATION, sentence)

    def fail(self, sentence: str) -> None:
        """Move the session to FAILED, from wherever the table allows it, and tell why."""
        try:
            self._cell.move(SessionState.FAILED)
        except SessionError:
            return  # failed or closed already
        self.tell(EventKind.STATE, sentence)
