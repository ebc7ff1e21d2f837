"""Notices that the computer slept, or that its wall clock was set, while a session runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from journeylab.clock import NS_PER_MS, NS_PER_S, Clock
from journeylab.session.health import HealthKind, HealthLog

# NTP slews by at most 0.5 ms in a second; what is set at once is more than that.
_STEP_NS: Final = 50 * NS_PER_MS
_SLEEP_NS: Final = 500 * NS_PER_MS
# Three clocks cannot be read at once: a reading during which the thread was put aside is no use.
_LONGEST_READING_NS: Final = 5 * NS_PER_MS


@dataclass(frozen=True, slots=True)
class _Offsets:
    """How far the other clocks are ahead of the session clock."""

    wall_ns: int
    boot_ns: int | None


class ClockWatch:
    """Compares the session clock with boot time and wall time, at every :meth:`poll`.

    The session clock stands still while the computer sleeps; boot time and wall time go on. When
    only wall time jumps, somebody set it. Either becomes a row of stream health and a sentence
    for the moderator, and nothing else changes: every sample is on the session clock, and the
    clock pairs follow wall time. Where there is no boot time, sleep looks like a clock step.
    """

    def __init__(self, clock: Clock, log: HealthLog) -> None:
        self._clock = clock
        self._log = log
        self._last: _Offsets | None = None

    def poll(self) -> None:
        """Look at the clocks; for the monitor thread."""
        now = self._read()
        if now is None:
            return
        last, self._last = self._last, now
        if last is None:
            return
        slept_ns = 0
        if now.boot_ns is not None and last.boot_ns is not None:
            slept_ns = now.boot_ns - last.boot_ns
        if slept_ns >= _SLEEP_NS:
            self._log.note(
                HealthKind.SUSPEND,
                f"The computer slept for {slept_ns / NS_PER_S:.1f} s; nothing was recorded "
                "meanwhile. The session goes on.",
            )
        else:
            slept_ns = 0
        step_ns = now.wall_ns - last.wall_ns - slept_ns
        if abs(step_ns) >= _STEP_NS:
            way = "forward" if step_ns > 0 else "back"
            self._log.note(
                HealthKind.CLOCK_STEP,
                f"The computer's clock was set {way} by {abs(step_ns) / NS_PER_S:.2f} s. The "
                "recording is not touched by it.",
            )

    def _read(self) -> _Offsets | None:
        before_ns = self._clock.now_ns()
        wall_ns, boot_ns = self._clock.wall_ns(), self._clock.boot_ns()
        after_ns = self._clock.now_ns()
        if after_ns - before_ns > _LONGEST_READING_NS:
            return None
        middle_ns = (before_ns + after_ns) // 2
        return _Offsets(wall_ns - middle_ns, None if boot_ns is None else boot_ns - middle_ns)
