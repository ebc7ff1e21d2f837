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
from journeylab.session.rows import marker_row, note_row, withdrawal_row
from journeylab.session.states import Act, StateCell
from journeylab.streams import Row

MODERATOR: Final = "moderator"


@dataclass(frozen=True, slots=True)
class _Said:
    """One thing that can be taken back."""

    of_stream: str
    t_ns: int
    words: str


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
        self._markers: list[_Said] = []

    def add_marker(self, label: str, *, author: str = MODERATOR, at_ns: int | None = None) -> None:
        """Mark this instant, or that of ``at_ns`` on the session clock: when a key went down."""
        with self._lock:
            self._cell.require(Act.MARK)
            t_ns = self._clock.now_ns() if at_ns is None else min(at_ns, self._clock.now_ns())
            self._publish(marker_row(t_ns, label, author=author))
            if author == MODERATOR:
                self._markers.append(_Said("markers", t_ns, label))
        self._announcer.tell(EventKind.MARKER, label)

    def add_note(self, text: str, *, author: str = MODERATOR) -> None:
        """Store a note, stamped now."""
        with self._lock:
            self._cell.require(Act.NOTE)
            self._publish(note_row(self._clock.now_ns(), text, author=author))
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
            said = self._last()
            if said is None:
                raise SessionError("There is no marker to take back.")
            if said.of_stream == "markers":
                self._markers.pop()
            else:
                self._course.withdraw_outcome(said.t_ns)
            row = withdrawal_row(
                self._clock.now_ns(), said.of_stream, of_t_ns=said.t_ns, author=MODERATOR
            )
            self._publish(row)
        self._announcer.tell(EventKind.WITHDRAWN, said.words)
        return said.words

    def _last(self) -> _Said | None:
        found = self._markers[-1:]
        outcome = self._course.last_outcome
        if outcome is not None:
            found.append(_Said("acts", outcome[1], str(outcome[0])))
        return max(found, key=lambda said: said.t_ns) if found else None
