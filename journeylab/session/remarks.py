"""What the moderator and observers say of a session: markers, notes, and what they take back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from journeylab.clock import Clock
from journeylab.errors import SessionError
from journeylab.session.course import SessionCourse
from journeylab.session.events import Announcer, EventKind
from journeylab.session.outcomes import SaidOutcome
from journeylab.session.rows import marker_row, note_row, withdrawal_row
from journeylab.session.states import Act, StateCell
from journeylab.streams import Row

MODERATOR: Final = "moderator"


@dataclass(frozen=True, slots=True)
class _SetMarker:
    """One marker that can be taken back."""

    label: str
    t_ns: int


class SessionRemarks:
    """Writes markers and notes, each with its time and author; the last one can be taken back.

    Every method from any thread; SessionError when nothing is recorded.
    """

    def __init__(
        self,
        course: SessionCourse,
        *,
        cell: StateCell,
        lock: threading.RLock,
        clock: Clock,
        publish: Callable[[Row], None],
        announcer: Announcer,
    ) -> None:
        self._course = course
        self._cell = cell
        self._lock = lock
        self._clock = clock
        self._publish = publish
        self._announcer = announcer
        self._markers: list[_SetMarker] = []

    def add_marker(self, label: str, *, author: str = MODERATOR, at_ns: int | None = None) -> None:
        """Mark this instant, or that of ``at_ns`` on the session clock: when a key went down."""
        with self._lock:
            self._cell.require(Act.MARK)
            t_ns = self._clock.now_ns() if at_ns is None else min(at_ns, self._clock.now_ns())
            self._publish(marker_row(t_ns, label, author=author))
            if author == MODERATOR:
                self._markers.append(_SetMarker(label, t_ns))
        self._announcer.tell(EventKind.MARKER, label)

    def add_note(self, text: str, *, author: str = MODERATOR, at_ns: int | None = None) -> None:
        """Store a note, stamped now or with ``at_ns`` on the session clock: its first key."""
        with self._lock:
            self._cell.require(Act.NOTE)
            now_ns = self._clock.now_ns()
            t_ns = now_ns if at_ns is None else min(at_ns, now_ns)
            self._publish(note_row(t_ns, text, author=author))
        self._announcer.tell(EventKind.NOTE, text)

    def withdraw_last(self) -> str:
        """Take back the moderator's last marker or task outcome; what it was.

        Nothing is erased: the bundle holds both, and says that it was taken back.

        Raises
        ------
        SessionError
            When there is nothing to take back.
        """
        with self._lock:
            self._cell.require(Act.MARK)
            marker = self._markers[-1] if self._markers else None
            outcome = self._course.outcomes.last
            if outcome is not None and (marker is None or outcome.t_ns > marker.t_ns):
                self._withdraw_outcome(outcome)
                words = str(outcome.outcome)
            elif marker is not None:
                self._markers.pop()
                self._write_withdrawal("markers", marker.t_ns)
                words = marker.label
            else:
                raise SessionError("There is no marker to take back.")
        self._announcer.tell(EventKind.WITHDRAWN, words)
        return words

    def withdraw_outcomes(self, step_id: str) -> None:
        """Take back all that was said of how a step's task ended: it counts as not said."""
        with self._lock:
            self._cell.require(Act.MARK)
            for said in self._course.outcomes.of_step(step_id):
                self._withdraw_outcome(said)
        self._announcer.tell(EventKind.WITHDRAWN, "task outcome")

    def _withdraw_outcome(self, said: SaidOutcome) -> None:
        self._course.outcomes.forget(said)
        self._write_withdrawal("acts", said.t_ns)

    def _write_withdrawal(self, of_stream: str, of_t_ns: int) -> None:
        now_ns = self._clock.now_ns()
        self._publish(withdrawal_row(now_ns, of_stream, of_t_ns=of_t_ns, author=MODERATOR))
