"""Where a replay stands: still, or moving along with the clock at its speed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

SPEEDS: Final = (0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True, slots=True)
class Playhead:
    """Position in a session, as a function of the clock's time.

    ``at_ns`` is the session time it stood at when the clock read ``since_ns``; None while still.
    It never leaves ``start_ns`` to ``end_ns``.
    """

    start_ns: int
    end_ns: int
    at_ns: int
    speed: float = 1.0
    since_ns: int | None = None

    @property
    def is_playing(self) -> bool:
        """Whether it moves."""
        return self.since_ns is not None

    def position_ns(self, now_ns: int) -> int:
        """Session time at a reading of the clock."""
        if self.since_ns is None:
            return self._within(self.at_ns)
        return self._within(self.at_ns + round((now_ns - self.since_ns) * self.speed))

    def is_at_end(self, now_ns: int) -> bool:
        """Whether there is nothing more to play."""
        return self.position_ns(now_ns) >= self.end_ns

    def playing(self, now_ns: int) -> Playhead:
        """Moving from here on; from the start again when it stood at the end."""
        at_ns = self.position_ns(now_ns)
        at_ns = self.start_ns if at_ns >= self.end_ns else at_ns
        return replace(self, at_ns=at_ns, since_ns=now_ns)

    def still(self, now_ns: int) -> Playhead:
        """Standing where it is."""
        return replace(self, at_ns=self.position_ns(now_ns), since_ns=None)

    def moved_to(self, t_ns: int, now_ns: int) -> Playhead:
        """Elsewhere, moving as before."""
        since_ns = None if self.since_ns is None else now_ns
        return replace(self, at_ns=self._within(t_ns), since_ns=since_ns)

    def at_speed(self, speed: float, now_ns: int) -> Playhead:
        """At another speed, which must be positive, from here on.

        Raises
        ------
        ValueError
            When it is not.
        """
        if not speed > 0:
            raise ValueError(f"a speed is positive, not {speed}")
        since_ns = None if self.since_ns is None else now_ns
        return replace(self, at_ns=self.position_ns(now_ns), since_ns=since_ns, speed=speed)

    def _within(self, t_ns: int) -> int:
        return min(max(t_ns, self.start_ns), self.end_ns)
