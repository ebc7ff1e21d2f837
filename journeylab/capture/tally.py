"""What a source has given and lost: counted by its thread, read by any."""

from __future__ import annotations

import threading

from journeylab.capture.source import Gap, SourceStatus


class Tally:
    """Thread-safe counts behind a source's status."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._samples = 0
        self._lost = 0
        self._fault: str | None = None
        self._ended = False
        self._gaps: tuple[Gap, ...] = ()

    def add_sample(self) -> None:
        """One sample was emitted."""
        with self._lock:
            self._samples += 1

    def add_lost(self, count: int) -> None:
        """So many samples never reached us, or came too late to be of use."""
        if count > 0:
            with self._lock:
                self._lost += count

    def set_fault(self, sentence: str) -> None:
        """The device died; the first sentence stays, since it names the cause."""
        with self._lock:
            if self._fault is None:
                self._fault = sentence

    def end_fault(self, gap: Gap) -> None:
        """The device is back; called before the first sample after the gap is emitted."""
        with self._lock:
            self._fault = None
            self._lost += gap.lost
            self._gaps = (*self._gaps, gap)

    def set_ended(self) -> None:
        """A source of finite length has given all it had."""
        with self._lock:
            self._ended = True

    def status(self) -> SourceStatus:
        """A consistent reading."""
        with self._lock:
            return SourceStatus(self._samples, self._lost, self._fault, self._ended, self._gaps)
