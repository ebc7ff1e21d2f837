"""Work that would freeze the window, done beside it: the latest request only."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeAlias

from PySide6.QtCore import QObject, Signal

from journeylab.errors import JourneyLabError
from journeylab.logs import logger

_log = logger(__name__)

Progress: TypeAlias = Callable[[float], None]
Work: TypeAlias = Callable[[Progress], object]
"""Immutable request in, result out; calls its argument with the share done, 0..1."""


class _CancelledError(Exception):
    """A newer request, or the end of the window, made this one needless."""


class Background(QObject):
    """Runs one piece of work at a time in a thread that ends when nothing waits.

    Used from the GUI thread; its signals arrive there. A newer request cancels the running one
    at its next report of progress and replaces the waiting one; the result of a replaced
    request is never told.
    """

    finished = Signal(object)
    failed = Signal(str)
    progressed = Signal(float)
    _told = Signal(int, str, object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._waiting: tuple[int, Work] | None = None
        self._latest = 0
        self._told.connect(self._deliver)

    @property
    def is_busy(self) -> bool:
        """Whether work is running or waiting."""
        with self._lock:
            return self._thread is not None

    def run(self, work: Work) -> None:
        """Do this next, instead of whatever else was asked for."""
        with self._lock:
            self._latest += 1
            self._waiting = (self._latest, work)
            if self._thread is None:
                self._thread = threading.Thread(target=self._loop, name=self._name, daemon=True)
                self._thread.start()

    def cancel(self) -> None:
        """Forget what was asked for; nothing of it is told any more."""
        with self._lock:
            self._latest += 1
            self._waiting = None

    def close(self, *, timeout_s: float = 10.0) -> None:
        """Cancel and wait for the thread; at the end of the window."""
        self.cancel()
        thread = self._thread
        if thread is not None:
            thread.join(timeout_s)

    def _loop(self) -> None:
        while True:
            with self._lock:
                if self._waiting is None:
                    self._thread = None
                    return
                token, work = self._waiting
                self._waiting = None
            self._do(token, work)

    def _do(self, token: int, work: Work) -> None:
        def report(share: float) -> None:
            if token != self._latest:
                raise _CancelledError
            self._tell(token, "progress", share)

        try:
            self._tell(token, "result", work(report))
        except _CancelledError:
            return
        except JourneyLabError as error:
            self._tell(token, "error", str(error))
        except Exception:  # noqa: BLE001 - top of a thread: logged, and told to the person
            _log.exception("%s failed", self._name)
            self._tell(token, "error", f"{self._name.capitalize()} failed. The log says more.")

    def _tell(self, token: int, what: str, value: object) -> None:
        try:
            self._told.emit(token, what, value)
        except RuntimeError:
            # The window was deleted meanwhile: there is nobody left to tell.
            raise _CancelledError from None

    def _deliver(self, token: int, what: str, value: object) -> None:
        if token != self._latest:
            return
        if what == "progress":
            self.progressed.emit(value)
        elif what == "result":
            self.finished.emit(value)
        else:
            self.failed.emit(value)
