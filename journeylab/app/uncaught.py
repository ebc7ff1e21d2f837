"""Exceptions nobody caught, told to the sessions that run.

What a slot or an event handler of ours raises ends in Qt's loop, which has Python print it and goes
on. The loop, and the session with it, is right to go on; but it must be seen.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, TypeAlias

from journeylab.logs import logger

_log = logger(__name__)

_PARTICIPANTS: Final = "journeylab.ui.participant"
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Uncaught:
    """One exception: what it says, the line it came from, and whose window that belongs to."""

    what: str
    place: str
    is_participants: bool

    @property
    def sentence(self) -> str:
        """For the moderator, and for the bundle."""
        if self.is_participants:
            return (
                f"Something went wrong in the participant's window ({self.what}, {self.place}). "
                "The session goes on; look at what the participant sees."
            )
        return f"Something went wrong in the app ({self.what}, {self.place}). The session goes on."


Listener: TypeAlias = Callable[[Uncaught], None]


class UncaughtErrors:
    """Python's last resort for exceptions, shared by those who listen. GUI thread only.

    Whoever was there before is asked as well, so that nothing is said less than without it.
    """

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._before = sys.excepthook

    def add(self, listener: Listener) -> None:
        """Tell ``listener`` of each from now on."""
        if not self._listeners:
            self._before = sys.excepthook
            sys.excepthook = self._take
        self._listeners.append(listener)

    def remove(self, listener: Listener) -> None:
        """Tell it no more; nothing when it is not known."""
        if listener not in self._listeners:
            return
        self._listeners.remove(listener)
        # Not where somebody else came after: theirs would be lost.
        if not self._listeners and sys.excepthook == self._take:
            sys.excepthook = self._before

    def _take(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        self._before(kind, error, trace)
        if not issubclass(kind, Exception):
            return
        uncaught = _described(error, trace)
        for listener in tuple(self._listeners):
            try:
                listener(uncaught)
            except Exception:  # noqa: BLE001 - the last resort has nobody to raise to
                _log.exception("an exception could not be told: %s", uncaught.what)


def _described(error: BaseException, trace: TracebackType | None) -> Uncaught:
    frames = list(traceback.walk_tb(trace))
    ours = [str(frame.f_globals.get("__name__", "")) for frame, _ in frames]
    place = f"{Path(frames[-1][0].f_code.co_filename).name}:{frames[-1][1]}" if frames else "?"
    return Uncaught(
        what=repr(error)[:_LONGEST],
        place=place,
        is_participants=any(name.startswith(_PARTICIPANTS) for name in ours),
    )


UNCAUGHT: Final = UncaughtErrors()
"""The one of this process: Python has one place to put it."""
