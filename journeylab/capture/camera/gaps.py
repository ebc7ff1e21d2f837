"""Counting the frames a live camera left out; pure."""

from __future__ import annotations

from collections import deque
from statistics import median
from typing import Final

from journeylab.clock import NS_PER_S

_REMEMBERED: Final = 31
_NEEDED: Final = 8
# Between one frame's duration and two: arrival jitters, a missing frame doubles the interval.
_GAP: Final = 1.6


class FrameGaps:
    """Frames missing between arrivals, against the pace the camera really keeps.

    Webcams halve their rate in poor light; that is slower, not lossy, so the pace is the median
    of the last intervals and the nominal rate only counts until those are known.
    """

    def __init__(self, rate_hz: float) -> None:
        self._nominal_ns = NS_PER_S / rate_hz
        self._intervals_ns: deque[int] = deque(maxlen=_REMEMBERED)
        self._last_ns: int | None = None

    def add(self, t_ns: int) -> int:
        """Take an arrival in; how many frames were left out just before it."""
        if self._last_ns is None:
            self._last_ns = t_ns
            return 0
        interval_ns = t_ns - self._last_ns
        self._last_ns = t_ns
        known = len(self._intervals_ns) >= _NEEDED
        pace_ns = median(self._intervals_ns) if known else self._nominal_ns
        self._intervals_ns.append(interval_ns)
        if not known or pace_ns <= 0 or interval_ns < _GAP * pace_ns:
            return 0
        return max(0, round(interval_ns / pace_ns) - 1)
