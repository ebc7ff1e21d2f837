"""How a session fares: its log of drops, gaps, faults, recoveries and events; rates."""

from __future__ import annotations

import logging
import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

from journeylab.clock import NS_PER_S, Clock
from journeylab.logs import logger
from journeylab.session.rows import health_row
from journeylab.streams import STREAMS, Row, Sample

_log = logger(__name__)

SESSION: Final = "session"
"""The subject of a health row that concerns no single stream."""

NEEDED_DISK_BYTES: Final = 1_000_000_000
"""Free room without which no session starts, and below which one is stopped."""

_SHOWN_NS: Final = 60 * NS_PER_S
_REMEMBERED: Final = 16
_COLUMNS: Final = [column.name for column in STREAMS["health"].columns]


class HealthKind(StrEnum):
    """Kinds of health rows."""

    DROP = "drop"
    GAP = "gap"
    FAULT = "fault"
    RECOVERED = "recovered"
    WARNING = "warning"
    SUSPEND = "suspend"
    CLOCK_STEP = "clock_step"


class HealthLog:
    """Writes health rows into the session and keeps what is wrong at the moment.

    ``tell`` hears of each fault, recovery, warning and event as a sentence, on the thread that
    noted it, outside the lock.
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
        self._gaps: Counter[str] = Counter()
        self._events: deque[tuple[int, str]] = deque(maxlen=_REMEMBERED)
        self._end_ns: int | None = None

    def drop(self, of_stream: str, *, count: int, detail: str) -> None:
        """Samples that were published and did not get through."""
        self._lose(of_stream, HealthKind.DROP, count=count, detail=detail)

    def gap(self, of_stream: str, *, count: int, detail: str) -> None:
        """Samples the device never gave."""
        self._lose(of_stream, HealthKind.GAP, count=count, detail=detail)

    def silence(self, of_stream: str, begin_ns: int, *, end_ns: int, count: int = 0) -> None:
        """A gap that is over: no sample between the two instants, where ``count`` were due."""
        self._gaps[of_stream] += 1
        length_s = (end_ns - begin_ns) / NS_PER_S
        detail = f"no samples for {length_s:.2f} s, from {begin_ns} ns to {end_ns} ns"
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
        self._say(of_stream, HealthKind.RECOVERED, sentence)

    def settle(self, of_stream: str, sentence: str) -> None:
        """What was warned of is over; nothing when nothing was."""
        with self._lock:
            if self._warnings.pop(of_stream, None) is None:
                return
            self._write(of_stream, HealthKind.RECOVERED, 0, sentence)
        self._say(of_stream, HealthKind.RECOVERED, sentence)

    def note(self, kind: HealthKind, sentence: str) -> None:
        """Something that happened to the whole session and is over: shown for a minute."""
        with self._lock:
            self._events.append((self._clock.now_ns(), sentence))
            self._write(SESSION, kind, 0, sentence)
        self._say(SESSION, kind, sentence)

    def take(self, row: Row) -> None:
        """A fault, recovery or warning that another part reports as a row of stream health.

        A warning of the whole session is of something that happened and is over.
        """
        values = dict(zip(_COLUMNS, row.values, strict=True))
        of_stream, detail = str(values["of_stream"]), str(values["detail"])
        match HealthKind(str(values["kind"])):
            case HealthKind.FAULT:
                self.fault(of_stream, detail)
            case HealthKind.RECOVERED:
                self.recover(of_stream, detail)
            case HealthKind.WARNING if of_stream == SESSION:
                self.note(HealthKind.WARNING, detail)
            case HealthKind.WARNING:
                self.warn(of_stream, detail)
            case kind:
                raise ValueError(f"a part reports faults, recoveries and warnings, not a {kind}")

    def end(self, end_ns: int) -> None:
        """What is noted from now on is stamped with the session's end at the latest."""
        with self._lock:
            self._end_ns = end_ns

    def begin(self) -> None:
        """Recording starts: losses count from now on, and what is wrong already is written."""
        with self._lock:
            self._lost.clear()
            self._gaps.clear()
            for kind, board in (
                (HealthKind.FAULT, self._faults),
                (HealthKind.WARNING, self._warnings),
            ):
                for of_stream, sentence in board.items():
                    self._write(of_stream, kind, 0, sentence)

    def fault_of(self, of_stream: str) -> str | None:
        return self._faults.get(of_stream)

    def lost_of(self, of_stream: str) -> int:
        """Samples lost by drops and gaps together, since they were last forgotten."""
        return self._lost.get(of_stream, 0)

    def gaps_of(self, of_stream: str) -> int:
        """Times the stream was silent though it should not have been, since then."""
        return self._gaps[of_stream]

    def events(self, now_ns: int) -> tuple[str, ...]:
        """What happened to the session within the last minute, newest first."""
        with self._lock:
            since_ns = now_ns - _SHOWN_NS
            return tuple(text for t_ns, text in reversed(self._events) if t_ns >= since_ns)

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
        self._say(of_stream, kind, sentence)

    def _say(self, of_stream: str, kind: HealthKind, sentence: str) -> None:
        level = logging.INFO if kind is HealthKind.RECOVERED else logging.WARNING
        _log.log(level, "%s: %s", of_stream, sentence)
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
