"""Work that takes longer than a frame, off the GUI thread and back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from journeylab.errors import JourneyLabError
from journeylab.logs import logger

T = TypeVar("T")

_log = logger(__name__)


class Background(QObject):
    """Runs work on a thread and hands its result to the GUI thread.

    Made, and closed, on the GUI thread. What comes back after :meth:`close` is dropped.
    """

    _come_back = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(max_workers=3, thread_name_prefix="background")
        self._is_closed = False
        self._end: Future[None] | None = None
        self._come_back.connect(self._run_here, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        work: Callable[[], T],
        *,
        done: Callable[[T], object],
        failed: Callable[[str], None],
    ) -> None:
        """Do ``work`` elsewhere; then ``done`` with its result, or ``failed`` with a sentence."""
        future = self._pool.submit(work)
        future.add_done_callback(partial(self._settle, done=done, failed=failed))

    def close(self, last: Callable[[], object] | None = None) -> Future[None]:
        """Drop what comes of running work; when it has ended, do ``last`` elsewhere.

        Returns at once; the future is done when nothing runs any more. May be called twice.
        """
        if self._end is None:
            self._is_closed = True
            self._end = Future()
            threading.Thread(target=self._finish, args=(self._end, last), name="closing").start()
        return self._end

    def _finish(self, end: Future[None], last: Callable[[], object] | None) -> None:
        try:
            self._pool.shutdown(wait=True, cancel_futures=True)
            if last is not None:
                last()
        except Exception as error:  # noqa: BLE001 - top of the thread: logged, and waiters go on
            _log.error("closing failed", exc_info=error)
        end.set_result(None)

    def _settle(
        self,
        future: Future[T],
        *,
        done: Callable[[T], object],
        failed: Callable[[str], None],
    ) -> None:
        """On the worker's thread: send the outcome to the GUI thread."""
        if future.cancelled() or self._is_closed:
            return
        error = future.exception()
        if error is None:
            self._come_back.emit(partial(done, future.result()))
        elif isinstance(error, JourneyLabError):
            self._come_back.emit(partial(failed, str(error)))
        else:
            _log.error("work in the background failed", exc_info=error)
            self._come_back.emit(partial(failed, f"Something unexpected went wrong ({error!r})."))

    @Slot(object)
    def _run_here(self, act: Callable[[], None]) -> None:
        if not self._is_closed:
            act()
