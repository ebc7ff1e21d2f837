"""The session clock: one monotonic time for every stream, and its anchors to wall time."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from typing import Protocol

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000

# Elsewhere no clock is known that tells sleep from a clock that was set.
_BOOT_CLOCKS = {"linux": "CLOCK_BOOTTIME", "darwin": "CLOCK_MONOTONIC"}


class Clock(Protocol):
    """What every part that stamps or waits is given; nothing else reads the time."""

    def now_ns(self) -> int:
        """Monotonic time, ns."""
        ...

    def wall_ns(self) -> int:
        """Wall time since the Unix epoch, ns; for anchors and file names only."""
        ...

    def boot_ns(self) -> int | None:
        """Like ``now_ns`` but running on while the computer sleeps, from another beginning; None
        where the system has no such clock."""
        ...

    def sleep_until_ns(self, deadline_ns: int) -> None:
        """Return at an absolute deadline of this clock, or at once if it has passed."""
        ...


@dataclass(frozen=True, slots=True)
class ClockPair:
    """One reading of both clocks.

    ``uncertainty_ns`` is the time the reading took: wall time lies within it of ``t_ns``.
    """

    t_ns: int
    wall_ns: int
    uncertainty_ns: int


class SessionClock:
    """The computer's monotonic performance counter."""

    def now_ns(self) -> int:
        return time.perf_counter_ns()

    def wall_ns(self) -> int:
        return time.time_ns()

    def boot_ns(self) -> int | None:
        number = getattr(time, _BOOT_CLOCKS.get(sys.platform, ""), None)
        return None if number is None else time.clock_gettime_ns(number)

    def sleep_until_ns(self, deadline_ns: int) -> None:
        remaining_ns = deadline_ns - time.perf_counter_ns()
        if remaining_ns > 0:
            time.sleep(remaining_ns / NS_PER_S)


class VirtualClock:
    """A clock that moves only when told, for simulated sessions and tests.

    Sleeping advances it, so code paced by deadlines runs as fast as the machine allows.
    """

    def __init__(self, *, start_ns: int = 0, wall_start_ns: int = 0) -> None:
        self._now_ns = start_ns
        self._offset_ns = wall_start_ns - start_ns
        self._slept_ns = 0

    def now_ns(self) -> int:
        return self._now_ns

    def wall_ns(self) -> int:
        return self._now_ns + self._offset_ns

    def boot_ns(self) -> int | None:
        return self._now_ns + self._slept_ns

    def sleep_until_ns(self, deadline_ns: int) -> None:
        self._now_ns = max(self._now_ns, deadline_ns)

    def advance_ns(self, duration_ns: int) -> None:
        """Move forward by a duration of at least 0 ns."""
        if duration_ns < 0:
            raise ValueError(f"a clock cannot go back: {duration_ns} ns")
        self._now_ns += duration_ns

    def suspend_ns(self, duration_ns: int) -> None:
        """The computer sleeps: wall and boot time go on, the session clock stands still."""
        self._offset_ns += duration_ns
        self._slept_ns += duration_ns

    def step_wall_ns(self, step_ns: int) -> None:
        """The wall clock is set, forward or back."""
        self._offset_ns += step_ns


def read_clock_pair(clock: Clock) -> ClockPair:
    """Read both clocks as near to each other as can be."""
    before_ns = clock.now_ns()
    wall_ns = clock.wall_ns()
    after_ns = clock.now_ns()
    return ClockPair(
        t_ns=(before_ns + after_ns) // 2, wall_ns=wall_ns, uncertainty_ns=after_ns - before_ns
    )
