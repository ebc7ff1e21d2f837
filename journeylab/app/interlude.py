"""Something the participant does for the session between what she does in it."""

from __future__ import annotations

from contextlib import suppress

from journeylab.errors import SessionError
from journeylab.session.controller import SessionController
from journeylab.session.states import SessionState


class Interlude:
    """Has her screen for one thing at a time, and holds a session that records meanwhile.

    A session that was paused stays paused afterwards; before its first step there is nothing to
    hold. GUI thread only.
    """

    def __init__(self, controller: SessionController) -> None:
        self._controller = controller
        self._reason = ""
        self._holds = False

    @property
    def is_running(self) -> bool:
        """True from :meth:`begin` to :meth:`end`."""
        return bool(self._reason)

    @property
    def is_in_session(self) -> bool:
        """Whether the session records: her screen is in use then, and something lies over it."""
        return self._controller.state is SessionState.RECORDING

    def begin(self, reason: str, *, holds: bool = True) -> None:
        """Hold the session, and write why; without ``holds`` it goes on beneath.

        Raises
        ------
        SessionError
            When something else is on her screen, or the session neither previews nor records.
        """
        if self._reason:
            raise SessionError(f"The participant is busy: {self._reason}.", remedy="Wait for it.")
        if self._controller.state not in (SessionState.PREVIEW, SessionState.RECORDING):
            raise SessionError("That is done before a session, or while it is recorded.")
        course = self._controller.course
        has_begun = course.last_step is not None or course.current_step is not None
        if holds and self.is_in_session and has_begun and not course.is_paused:
            course.pause(reason)
            self._holds = True
        self._reason = reason

    def end(self) -> None:
        """Go on with the session, unless somebody did already."""
        holds, self._holds, self._reason = self._holds, False, ""
        if holds and self.is_in_session and self._controller.course.is_paused:
            with suppress(SessionError):  # stopped on another thread since it was asked
                self._controller.course.resume()
