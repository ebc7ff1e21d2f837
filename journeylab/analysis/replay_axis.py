"""The replay's time axis: which stretch of the session is seen, and where its ticks stand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from journeylab.clock import NS_PER_S

SHORTEST_NS: Final = 5 * NS_PER_S
_PACES_S: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600)
_TICK_PX: Final = 84.0


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """``first_ns`` to ``last_ns`` of a session from ``start_ns`` to ``end_ns``, over a width."""

    start_ns: int
    end_ns: int
    first_ns: int
    last_ns: int
    width_px: float

    @property
    def length_ns(self) -> int:
        """How much of the session is seen."""
        return max(1, self.last_ns - self.first_ns)

    def x_of(self, t_ns: int) -> float:
        """Place of a session time, px; outside 0..width where it is not seen."""
        return (t_ns - self.first_ns) / self.length_ns * self.width_px

    def time_at(self, x_px: float) -> int:
        """Session time at a place, within the session."""
        share = x_px / max(1.0, self.width_px)
        t_ns = self.first_ns + round(share * self.length_ns)
        return min(max(t_ns, self.start_ns), self.end_ns)

    def zoomed(self, factor: float, about_ns: int) -> TimeAxis:
        """``factor`` times as much of the session (less than 1 looks closer), one time kept in its
        place."""
        wanted = min(max(round(self.length_ns * factor), SHORTEST_NS), self.end_ns - self.start_ns)
        share = (about_ns - self.first_ns) / self.length_ns
        return self._from(about_ns - round(share * wanted), wanted)

    def following(self, t_ns: int) -> TimeAxis:
        """Turned on like a page where a time has left it."""
        if self.first_ns <= t_ns <= self.last_ns:
            return self
        return self._from(t_ns - self.length_ns // 20, self.length_ns)

    def ticks(self) -> tuple[tuple[int, str], ...]:
        """Times with their words, minutes and seconds from the session's start."""
        least_s = self.length_ns / NS_PER_S * _TICK_PX / max(1.0, self.width_px)
        whole_hours_s = (int(least_s) // _PACES_S[-1] + 1) * _PACES_S[-1]
        pace_s = next((pace for pace in _PACES_S if pace >= least_s), whole_hours_s)
        first = -(-(self.first_ns - self.start_ns) // (pace_s * NS_PER_S))
        last = (self.last_ns - self.start_ns) // (pace_s * NS_PER_S)
        return tuple(
            (self.start_ns + number * pace_s * NS_PER_S, time_words(number * pace_s))
            for number in range(first, last + 1)
        )

    def _from(self, first_ns: int, length_ns: int) -> TimeAxis:
        length_ns = min(length_ns, self.end_ns - self.start_ns)
        first_ns = min(max(first_ns, self.start_ns), self.end_ns - length_ns)
        return replace(self, first_ns=first_ns, last_ns=first_ns + length_ns)


def time_words(seconds: float, *, tenths: bool = False) -> str:
    """Minutes and seconds, such as 12:03 or 12:03.4."""
    tenth = int(seconds * 10 + 1e-6)
    whole = tenth // 10
    words = f"{whole // 60}:{whole % 60:02d}"
    return f"{words}.{tenth % 10}" if tenths else words
