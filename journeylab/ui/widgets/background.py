"""Work that would hold up the window, done beside it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

from journeylab.errors import JourneyLabError
from journeylab.logs import logger

_log = logger(__name__)


class BackgroundTask(QObject):
    """Runs one function in Qt's thread pool and tells how it ended, on the thread it lives in.

    ``done`` carries the result, ``failed`` a sentence.
    """

    done = Signal(object)
    failed = Signal(str)

    def __init__(self, work: Callable[[], object], *, parent: QObject) -> None:
        super().__init__(parent)
        self._work = work

    def start(self) -> None:
        """Begin."""
        QThreadPool.globalInstance().start(_Runnable(self._run))

    def _run(self) -> None:
        try:
            result = self._work()
        except JourneyLabError as error:
            self.failed.emit(str(error))
        except Exception as error:  # noqa: BLE001  the top of a thread: shown, and logged in full
            _log.exception("background work failed")
            self.failed.emit(f"Something unexpected went wrong ({error}).")
        else:
            self.done.emit(result)


class _Runnable(QRunnable):
    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__()
        self._work = work

    def run(self) -> None:
        self._work()
