"""The microphone before a session: on while its level is watched, off at once."""

from __future__ import annotations

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from journeylab.capture.source import Source
from journeylab.session.hearing import Hearing
from journeylab.ui.widgets.background import Background

_LONGEST_S = 10.0


class Listening(QObject):
    """Turns the microphone of one session on and off, off the GUI thread, one after the other.

    ``reopen`` opens it anew where it was stopped. ``failed`` goes out with a sentence. GUI thread
    only, but for :meth:`wait`.
    """

    failed = Signal(str)

    def __init__(
        self,
        hearing: Hearing,
        *,
        reopen: Callable[[], Source | None],
        background: Background,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._hearing = hearing
        self._reopen = reopen
        self._background = background
        self._is_wanted = False
        self._is_turning = False
        self._settled = threading.Event()
        self._settled.set()

    def turn(self, is_on: bool) -> None:
        """Have the microphone run, or stop it at once."""
        self._is_wanted = is_on
        self._follow()

    def wait(self) -> None:
        """Return when nothing is being turned; from another thread."""
        self._settled.wait(_LONGEST_S)

    def _follow(self) -> None:
        if self._is_turning or self._is_wanted == self._hearing.is_on:
            return
        self._is_turning = True
        self._settled.clear()
        is_on = self._is_wanted

        def work() -> None:
            try:
                if is_on:
                    self._hearing.begin(self._reopen)
                else:
                    self._hearing.end()
            finally:
                self._settled.set()

        self._background.run(work, done=lambda _: self._turned(is_on), failed=self._fail)

    def _turned(self, is_on: bool) -> None:
        self._is_turning = False
        if self._is_wanted != is_on:  # wanted otherwise meanwhile
            self._follow()

    def _fail(self, sentence: str) -> None:
        self._is_turning = False
        self._is_wanted = False
        self.failed.emit(sentence)
