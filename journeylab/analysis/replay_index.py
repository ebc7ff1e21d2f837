"""The events of one session and its moments by severity, read bit by bit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from journeylab.analysis.replay import ReplayTrack
from journeylab.analysis.replay_events import (
    NO_QUESTIONS,
    EventIndex,
    Questions,
    ReplayEvent,
    event_parts,
)
from journeylab.analysis.replay_moments import ReplayMoment, Sign, rank_moments, read_expressions
from journeylab.analysis.session_data import SessionData


@dataclass(frozen=True, slots=True)
class SessionIndex:
    """The events of a session and its moments by severity."""

    events: EventIndex
    moments: tuple[ReplayMoment, ...]


class IndexReader:
    """Reads one part at each call, so that what is looked at comes first; used from one thread."""

    def __init__(
        self, session: SessionData, track: ReplayTrack, questions: Questions = NO_QUESTIONS
    ) -> None:
        self._session = session
        self._track = track
        self._parts: Iterator[list[ReplayEvent]] | None = event_parts(session, questions)
        self._events: list[ReplayEvent] = []
        self._expressions: list[Sign] | None = None
        self.is_done = False

    def read_on(self) -> SessionIndex | None:
        """Read one more part; the index when that was the last.

        Raises
        ------
        BundleError
            When something is damaged; what was read before it is in the index, which comes next.
        """
        if self._parts is not None:
            parts, self._parts = self._parts, None
            part = next(parts, None)
            if part is not None:
                self._events += part
                self._parts = parts
            return None
        if self._expressions is None:
            self._expressions = []
            self._expressions = read_expressions(self._session, self._track.steps)
        self.is_done = True
        events = EventIndex(tuple(sorted(self._events, key=lambda event: event.t_ns)))
        track = self._track
        moments = rank_moments(
            events,
            track.steps,
            t_ns=track.t_ns,
            valence=track.valence,
            expressions=self._expressions,
        )
        return SessionIndex(events, moments)
