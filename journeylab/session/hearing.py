"""The microphone before a session: it runs while its level is watched, and stops at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from journeylab.capture.source import Source
from journeylab.session.sources import SourceRack
from journeylab.session.states import SessionState, StateCell

MICROPHONE: Final = "microphone"
_BEFORE: Final = frozenset({SessionState.PREVIEW, SessionState.CALIBRATING})


class Hearing:
    """Starts and stops the microphone of a session that previews.

    Nothing of what it hears is kept: the level of the last tenth of a second is shown. Once a
    session records, or is over, its consent alone says what runs, and nothing is done here.
    """

    def __init__(self, rack: SourceRack, *, cell: StateCell) -> None:
        self._rack = rack
        self._cell = cell

    @property
    def is_on(self) -> bool:
        """Whether the microphone runs."""
        return MICROPHONE in self._rack.started

    @property
    def needs_another(self) -> bool:
        """Whether the microphone was stopped, and must be opened anew before it can run."""
        return MICROPHONE in self._rack.streams and MICROPHONE not in self._rack.usable

    def begin(self, reopen: Callable[[], Source | None]) -> None:
        """Have it run; ``reopen`` opens it anew where it was stopped. Blocks.

        Raises
        ------
        MicrophoneError
            When it cannot be opened any more.
        """
        if self._cell.state not in _BEFORE:
            return
        if self.needs_another and (source := reopen()) is not None:
            self._rack.replace(source)
        if self._cell.state in _BEFORE:  # opening it takes a while
            self._rack.start({MICROPHONE})

    def end(self) -> None:
        """Stop and close it. Blocks until it is."""
        if self._cell.state in _BEFORE and self.is_on:
            self._rack.stop({MICROPHONE})
