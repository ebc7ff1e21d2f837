"""Sessions the window has left behind: being written, or closing their devices."""

from __future__ import annotations

from concurrent.futures import Future
from functools import partial

from PySide6.QtCore import Qt

from journeylab.app.live import LiveSession


class LeavingSessions:
    """Keeps each session until all of it is gone. GUI thread only."""

    def __init__(self) -> None:
        self._sessions: list[LiveSession] = []
        self.last_end: Future[None] | None = None
        """The end of the session let go last: until then it may hold its devices."""

    def __contains__(self, session: object) -> bool:
        return session in self._sessions

    def take(self, session: LiveSession) -> None:
        """Take a session over: one that is being written first finishes that."""
        self._sessions.append(session)
        session.closed.connect(partial(self._forget, session), Qt.ConnectionType.QueuedConnection)
        if not session.is_recording:
            self.let_go(session)

    def let_go(self, session: LiveSession) -> None:
        """Close it now."""
        self.last_end = session.close()

    def close_all(self) -> None:
        """Wait until all of them are written and gone."""
        for end in [session.close() for session in self._sessions]:
            end.result()

    def _forget(self, session: LiveSession) -> None:
        if session in self._sessions:
            self._sessions.remove(session)
            session.deleteLater()
