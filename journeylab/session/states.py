"""The states of a session, the moves between them and the acts they allow, as tables."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from journeylab.errors import SessionError


class SessionState(StrEnum):
    """Where a session stands. STOPPING lasts until :meth:`finalise` is called."""

    IDLE = "idle"
    PREVIEW = "preview"
    CALIBRATING = "calibrating"
    RECORDING = "recording"
    STOPPING = "stopping"
    FINALISING = "finalising"
    DONE = "done"
    FAILED = "failed"
    CLOSED = "closed"


class Act(StrEnum):
    """What may be asked of a session."""

    PREVIEW = "start the preview"
    RECORD = "start recording"
    CALIBRATE = "calibrate"
    CAPTURE_NEUTRAL = "capture the neutral face"
    STEP = "change the step"
    MARK = "set a marker"
    NOTE = "write a note"
    STOP = "stop recording"
    FINALISE = "write the bundle"


_S = SessionState

MOVES: Final[Mapping[SessionState, frozenset[SessionState]]] = MappingProxyType(
    {
        _S.IDLE: frozenset({_S.PREVIEW, _S.CLOSED}),
        _S.PREVIEW: frozenset({_S.CALIBRATING, _S.RECORDING, _S.FAILED, _S.CLOSED}),
        _S.CALIBRATING: frozenset({_S.PREVIEW, _S.FAILED, _S.CLOSED}),
        _S.RECORDING: frozenset({_S.STOPPING, _S.FAILED}),
        _S.STOPPING: frozenset({_S.FINALISING, _S.FAILED, _S.CLOSED}),
        _S.FINALISING: frozenset({_S.DONE, _S.FAILED}),
        _S.DONE: frozenset({_S.CLOSED}),
        # A failed session keeps its journal: it can still be stopped and written.
        _S.FAILED: frozenset({_S.STOPPING, _S.FINALISING, _S.CLOSED}),
        _S.CLOSED: frozenset(),
    }
)

ACTS: Final[Mapping[Act, frozenset[SessionState]]] = MappingProxyType(
    {
        Act.PREVIEW: frozenset({_S.IDLE}),
        Act.RECORD: frozenset({_S.IDLE, _S.PREVIEW}),
        Act.CALIBRATE: frozenset({_S.PREVIEW, _S.CALIBRATING, _S.RECORDING}),
        Act.CAPTURE_NEUTRAL: frozenset({_S.PREVIEW, _S.RECORDING}),
        Act.STEP: frozenset({_S.RECORDING}),
        Act.MARK: frozenset({_S.RECORDING}),
        Act.NOTE: frozenset({_S.RECORDING}),
        Act.STOP: frozenset({_S.RECORDING, _S.FAILED}),
        Act.FINALISE: frozenset({_S.STOPPING, _S.FAILED}),
    }
)

WORDS: Final[Mapping[SessionState, str]] = MappingProxyType(
    {
        _S.IDLE: "has not started",
        _S.PREVIEW: "is in preview",
        _S.CALIBRATING: "is calibrating",
        _S.RECORDING: "is recording",
        _S.STOPPING: "is stopping",
        _S.FINALISING: "is being written",
        _S.DONE: "is done",
        _S.FAILED: "has failed",
        _S.CLOSED: "is closed",
    }
)


class StateCell:
    """Holds the state of one session; every change goes through the table, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._state = SessionState.IDLE

    @property
    def state(self) -> SessionState:
        return self._state

    def require(self, act: Act) -> SessionState:
        """The state, when it allows the act.

        Raises
        ------
        SessionError
            Saying what the session is doing and when the act is allowed.
        """
        state = self._state
        if state not in ACTS[act]:
            allowed = " or ".join(WORDS[one] for one in SessionState if one in ACTS[act])
            raise SessionError(
                f"The session {WORDS[state]}, so it cannot {act}.",
                remedy=f"That is possible while it {allowed}.",
            )
        return state

    def move(self, to: SessionState) -> SessionState:
        """Move to a state and return the one before.

        Raises
        ------
        SessionError
            When the table does not know the move.
        """
        with self._lock:
            before = self._state
            if to not in MOVES[before]:
                raise SessionError(
                    f'The session {WORDS[before]} and cannot move from "{before}" to "{to}".'
                )
            self._state = to
            return before

    def move_from(self, allowed: SessionState, to: SessionState) -> bool:
        """Move only when the state is ``allowed``; whether it did. For moves that may race."""
        with self._lock:
            if self._state is not allowed:
                return False
            self._state = to
            return True
