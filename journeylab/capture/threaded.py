"""The life of a source that has a thread of its own: start once, stop, never raise."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable

from journeylab.capture.source import Emit, SourceStatus
from journeylab.capture.tally import Tally
from journeylab.clock import NS_PER_MS, Clock
from journeylab.logs import logger
from journeylab.streams import Sample

# A source notices within this time that it was stopped, however far its next deadline is.
_STOP_LATENCY_NS = 50 * NS_PER_MS
# A device that went away is tried again after this, then after twice as long, up to the longest.
_FIRST_PAUSE_NS = 250 * NS_PER_MS
_LONGEST_PAUSE_NS = 2000 * NS_PER_MS

_log = logger(__name__)


class ThreadedSource(ABC):
    """Runs ``_run`` in a thread and turns its death into a fault of the status.

    A subclass opens its device in its constructor, emits through ``_give`` and closes in
    ``_close``, which is called once, from the thread that stops, after the thread has ended.

    Parameters
    ----------
    stream
        Stream fed, as declared in :data:`journeylab.streams.STREAMS`.
    label
        Human name of the device.
    """

    def __init__(self, stream: str, *, label: str, clock: Clock) -> None:
        self._stream = stream
        self._label = label
        self._clock = clock
        self._tally = Tally()
        self._stopping = threading.Event()
        self._life = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_closed = False
        self._emit: Emit | None = None

    @property
    def stream(self) -> str:
        """Name of the stream it feeds."""
        return self._stream

    @property
    def label(self) -> str:
        """Human name of the device, as written into the bundle."""
        return self._label

    @property
    def is_simulated(self) -> bool:
        """True for a simulated twin."""
        return False

    def status(self) -> SourceStatus:
        """How it fares; from any thread."""
        return self._tally.status()

    def start(self, emit: Emit) -> None:
        """Begin to emit samples, from the source's own thread. Called once, from any thread."""
        with self._life:
            if self._thread is not None or self._is_closed:
                raise RuntimeError(f"{self._label}: a source starts once, and not after its stop")
            self._emit = emit
            self._thread = threading.Thread(
                target=self._live, name=f"{self._stream} source", daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        """End the thread and close the device. From any thread but its own; twice is harmless."""
        with self._life:
            self._stopping.set()
            self._interrupt()
            if self._thread is not None and self._thread.is_alive():
                self._thread.join()
            if not self._is_closed:
                self._is_closed = True
                self._close()

    def _live(self) -> None:
        try:
            self._run()
        except Exception as error:  # noqa: BLE001  top of a thread: a dead device is shown
            _log.exception("%s died", self._label)
            self._tally.set_fault(f"{self._label} stopped: {str(error).rstrip('.')}.")

    def _give(self, sample: Sample) -> None:
        """Emit one sample and count it."""
        if self._emit is not None:
            self._emit(sample)
            self._tally.add_sample()

    def _wait_until_ns(self, deadline_ns: int) -> bool:
        """Sleep to an absolute deadline; False as soon as the source is being stopped."""
        while not self._stopping.is_set():
            now_ns = self._clock.now_ns()
            if now_ns >= deadline_ns:
                return True
            self._clock.sleep_until_ns(min(deadline_ns, now_ns + _STOP_LATENCY_NS))
        return False

    def _retry(self, attempt: Callable[[], bool]) -> bool:
        """Attempt with growing pauses until it succeeds; False when the source is being stopped."""
        pause_ns = _FIRST_PAUSE_NS
        while self._wait_until_ns(self._clock.now_ns() + pause_ns):
            if attempt():
                return True
            pause_ns = min(2 * pause_ns, _LONGEST_PAUSE_NS)
        return False

    @abstractmethod
    def _run(self) -> None:
        """Emit until stopped, ended or dead; what it raises becomes the fault."""

    def _interrupt(self) -> None:  # noqa: B027  most sources wait for nothing else
        """Wake the thread if it waits for something else than the clock."""

    def _close(self) -> None:  # noqa: B027  a simulated source has nothing to release
        """Release the device."""
