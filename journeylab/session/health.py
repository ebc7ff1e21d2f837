"""How a session fares: its log of drops, gaps, faults and recoveries; rates; room on the disk."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final

from journeylab.clock import NS_PER_S, Clock
from journeylab.logs import logger
from journeylab.session.rows import health_row
from journeylab.streams import Sample
from journeylab.study.folder import free_disk_bytes

_log = logger(__name__)

SESSION: Final = "session"
"""The subject of a health row that concerns no single stream."""

LOW_DISK_BYTES: Final = 5_000_000_000
NEEDED_DISK_BYTES: Final = 1_000_000_000
_SECONDS_PER_HOUR: Final = 3600.0


class HealthKind(StrEnum):
    """Kinds of health rows."""

    DROP = "drop"
    GAP = "gap"
    FAULT = "fault"
    RECOVERED = "recovered"
    WARNING = "warning"


class HealthLog:
    """Writes health rows into the session and keeps what is wrong at the moment.

    ``tell`` hears of each fault, recovery and warning as a sentence, on the thread that noted
    it, outside the lock.
    """

    def __init__(
        self,
        publish: Callable[[Sample], None],
        *,
        clock: Clock,
        tell: Callable[[HealthKind, str], None] | None = None,
    ) -> None:
        self._publish = publish
        self._clock = clock
        self._tell = tell
        self._lock = threading.Lock()
        self._faults: dict[str, str] = {}
        self._warnings: dict[str, str] = {}
        self._lost: dict[str, int] = {}
        self._end_ns: int | None = None

    def drop(self, of_stream: str, *, count: int, detail: str) -> None:
        """Samples that were published and did not get through."""
        self._lose(of_stream, HealthKind.DROP, count=count, detail=detail)

    def gap(self, of_stream: str, *, count: int, detail: str) -> None:
        """Samples the device never gave."""
        self._lose(of_stream, HealthKind.GAP, count=count, detail=detail)

    def fault(self, of_stream: str, sentence: str) -> None:
        """Something is wrong from now on. The same sentence again is not noted twice."""
        self._note_state(self._faults, of_stream, sentence, kind=HealthKind.FAULT)

    def warn(self, of_stream: str, sentence: str) -> None:
        """Something the moderator should know. The same sentence again is not noted twice."""
        self._note_state(self._warnings, of_stream, sentence, kind=HealthKind.WARNING)

    def recover(self, of_stream: str, sentence: str) -> None:
        """What was wrong with the stream is over; nothing when nothing was."""
        with self._lock:
            if self._faults.pop(of_stream, None) is None:
                return
            self._write(of_stream, HealthKind.RECOVERED, 0, sentence)
        _log.info("%s: %s", of_stream, sentence)
        if self._tell is not None:
            self._tell(HealthKind.RECOVERED, sentence)

    def end(self, end_ns: int) -> None:
        """What is noted from now on is stamped with the session's end at the latest."""
        with self._lock:
            self._end_ns = end_ns

    def forget_losses(self) -> None:
        """Count losses from now on; when recording starts."""
        with self._lock:
            self._lost.clear()

    def fault_of(self, of_stream: str) -> str | None:
        return self._faults.get(of_stream)

    def lost_of(self, of_stream: str) -> int:
        """Samples lost by drops and gaps together, since they were last forgotten."""
        return self._lost.get(of_stream, 0)

    @property
    def faults(self) -> tuple[str, ...]:
        with self._lock:
            # What concerns the whole session comes first: it decides what the moderator does.
            return tuple(self._faults[key] for key in sorted(self._faults, key=_session_first))

    @property
    def warnings(self) -> tuple[str, ...]:
        with self._lock:
            return tuple(self._warnings.values())

    def _lose(self, of_stream: str, kind: HealthKind, *, count: int, detail: str) -> None:
        with self._lock:
            self._lost[of_stream] = self._lost.get(of_stream, 0) + count
            self._write(of_stream, kind, count, detail)
        _log.warning("%s: %s of %d (%s)", of_stream, kind, count, detail)

    def _note_state(
        self, board: dict[str, str], of_stream: str, sentence: str, *, kind: HealthKind
    ) -> None:
        with self._lock:
            if board.get(of_stream) == sentence:
                return
            board[of_stream] = sentence
            self._write(of_stream, kind, 0, sentence)
        _log.warning("%s: %s", of_stream, sentence)
        if self._tell is not None:
            self._tell(kind, sentence)

    def _write(self, of_stream: str, kind: HealthKind, count: int, detail: str) -> None:
        # Stamped and published under the lock, so that rows of several threads stay in order.
        t_ns = self._clock.now_ns()
        if self._end_ns is not None:
            t_ns = min(t_ns, self._end_ns)
        self._publish(health_row(t_ns, of_stream, kind=kind, count=count, detail=detail))


def _session_first(key: str) -> tuple[bool, str]:
    return (key != SESSION, key)


class RateMeter:
    """Rates of counters over a sliding window. Fed and read by one thread."""

    def __init__(self, *, window_s: float) -> None:
        self._window_ns = round(window_s * NS_PER_S)
        self._readings: deque[tuple[int, dict[str, int]]] = deque()

    def read(self, t_ns: int, counts: Mapping[str, int]) -> None:
        """Take in all counters as they stand at ``t_ns``."""
        self._readings.append((t_ns, dict(counts)))
        # One reading older than the window stays, so that the window is always full.
        while len(self._readings) > 2 and self._readings[1][0] <= t_ns - self._window_ns:
            self._readings.popleft()

    def rate_hz(self, key: str) -> float:
        """Increase per second over the window; NaN before there are two readings."""
        if len(self._readings) < 2:
            return float("nan")
        (first_ns, first), (last_ns, last) = self._readings[0], self._readings[-1]
        if last_ns <= first_ns:
            return float("nan")
        return (last.get(key, 0) - first.get(key, 0)) * NS_PER_S / (last_ns - first_ns)


class DiskWatch:
    """Room on the study's disk, and for how many hours it lasts at the present rate."""

    _WRITTEN = "written"

    def __init__(self, folder: Path, log: HealthLog, *, window_s: float = 30.0) -> None:
        self._folder = folder
        self._log = log
        self._rate = RateMeter(window_s=window_s)
        self.free_bytes: int | None = None
        self.hours_left: float | None = None

    def poll(self, t_ns: int, bytes_written: int | None) -> None:
        """Look at the disk; ``bytes_written`` is None while nothing is recorded."""
        try:
            self.free_bytes = free_disk_bytes(self._folder)
        except OSError as error:
            self._log.warn(SESSION, f"The disk of {self._folder} cannot be read ({error}).")
            return
        if self.free_bytes < LOW_DISK_BYTES:
            self._log.warn(
                SESSION,
                f"The disk of {self._folder} has less than {LOW_DISK_BYTES / 1e9:.0f} GB free. "
                "Free some space before the next session.",
            )
        if bytes_written is None:
            return
        self._rate.read(t_ns, {self._WRITTEN: bytes_written})
        rate = self._rate.rate_hz(self._WRITTEN)
        if rate > 0:
            self.hours_left = self.free_bytes / rate / _SECONDS_PER_HOUR
