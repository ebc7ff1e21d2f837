"""Time of every audio sample on the session clock, from blocks that arrive unevenly; pure.

A sound card counts samples by a crystal of its own, some parts per million away from the
computer's, and its blocks arrive late by whatever the machine was doing. Times therefore come
from a line through many arrivals, sample index against time, never from one arrival. A lasting
step away from the line means that samples are missing.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from statistics import median
from typing import Final

import numpy as np

from journeylab.clock import NS_PER_MS, NS_PER_S

_WARM_UP_S: Final = 1.0
_LONGEST_WARM_UP_S: Final = 3.0
# Blocks of the last half second, at 20 ms each: steady when they agree this well.
_RECENT: Final = 25
_STEADY_NS: Final = 10 * NS_PER_MS
_WINDOW_S: Final = 60.0
# Below this the crystal's error is smaller than what a line through jitter would add.
_FIT_FROM_S: Final = 10.0
_REFIT_S: Final = 1.0
# No crystal is this far off; a steeper line is an artefact.
_WORST_SKEW: Final = 0.002
# A step this large, seen on every recent block, is a loss. Where the driver reports an overflow
# it is believed sooner.
_STEP_NS: Final = 30 * NS_PER_MS
_REPORTED_STEP_NS: Final = 3 * NS_PER_MS
_REPORTED_BLOCKS: Final = 8
# A better line is gone over to gently, so that blocks keep adjoining: 2 ms in 100 ms.
_SLEW: Final = 0.02
# What a driver tells about its own delay is believed up to here, which leaves room for Bluetooth:
# while it wakes a sleeping device, PulseAudio claims up to 0.7 s.
_LONGEST_DELAY_NS: Final = 300 * NS_PER_MS


@dataclass(frozen=True, slots=True)
class BlockStamp:
    """Where a block stands: time and index of its first sample, and how many were lost before.

    ``first_sample`` counts what the device recorded, lost samples included.
    """

    t_ns: int
    first_sample: int
    lost: int


class AudioTimeline:
    """Stamps blocks in their order; one instance per stream.

    The first second is dropped, and more while blocks do not yet come evenly or the driver's
    own delay is not settled, up to 3 s.

    Parameters
    ----------
    rate_hz
        Nominal rate.
    """

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._sample_ns = NS_PER_S / rate_hz
        self._received = 0  # samples since the first block, lost ones included
        self._delay_ns: float | None = None
        self._told_ns: deque[float] = deque(maxlen=_RECENT)
        # index and observed time of each block in the window
        self._seen: deque[tuple[int, float]] = deque()
        # the line: time at an index, and ns per sample
        self._line: tuple[float, int, float] | None = None
        self._refit_at = 0
        self._slew_ns = 0.0  # what is still left of the way over to the present line
        self._last_t_ns: int | None = None
        self._dropped = 0
        self._overflow_age: int | None = None

    @property
    def skew(self) -> float:
        """How much slower than nominal the device counts, as a share; 0 until known."""
        return 0.0 if self._line is None else self._line[2] / self._sample_ns - 1.0

    def add(
        self, count: int, *, heard_ns: int, told_delay_ns: float = 0.0, overflowed: bool = False
    ) -> BlockStamp | None:
        """Take a block in.

        Parameters
        ----------
        count
            Its samples.
        heard_ns
            Session time at which its last sample had arrived.
        told_delay_ns
            How long before ``heard_ns`` that sample was recorded, as the driver tells.
        overflowed
            The driver reports that samples before this block were lost.

        Returns
        -------
        BlockStamp or None
            None while warming up: the block is to be dropped.
        """
        index = self._received
        self._received += count
        observed_ns = heard_ns - count * self._sample_ns
        self._told_ns.append(told_delay_ns)
        if self._delay_ns is None:
            self._warm_up(index, observed_ns)
            return None
        observed_ns -= self._delay_ns
        if overflowed:
            self._overflow_age = 0
        self._seen.append((index, observed_ns))
        lost = self._look_for_a_step(index)
        self._fit_when_due(index)
        index += lost
        most_ns = count * self._sample_ns * _SLEW
        self._slew_ns -= min(max(self._slew_ns, -most_ns), most_ns)
        t_ns = round(self._at(index) + self._slew_ns)
        if self._last_t_ns is not None:
            t_ns = max(t_ns, self._last_t_ns + 1)
        self._last_t_ns = t_ns
        return BlockStamp(t_ns, index - self._dropped, lost)

    def _warm_up(self, index: int, observed_ns: float) -> None:
        self._seen.append((index, observed_ns))
        seconds = self._received / self._rate_hz
        if seconds < _WARM_UP_S or (not self._is_steady() and seconds < _LONGEST_WARM_UP_S):
            return
        freed_ns = self._renew_delay()
        self._dropped = self._received
        self._anchor([(at, time + freed_ns) for at, time in self._recent(_RECENT)])

    def _renew_delay(self) -> float:
        """Take the driver's delay from its last words; how much smaller it is than before, ns."""
        before_ns = self._delay_ns or 0.0
        told_ns = median(self._told_ns)
        self._delay_ns = max(told_ns, 0.0) if told_ns <= _LONGEST_DELAY_NS else 0.0
        return before_ns - self._delay_ns

    def _is_steady(self) -> bool:
        recent = [time - at * self._sample_ns for at, time in self._recent(_RECENT)]
        return (
            len(recent) == _RECENT
            and max(recent) - min(recent) < _STEADY_NS
            and max(self._told_ns) - min(self._told_ns) < _STEADY_NS
            and max(self._told_ns) <= _LONGEST_DELAY_NS
        )

    def _anchor(self, seen: list[tuple[int, float]]) -> None:
        """A line at the nominal (or known) rate through the middle of a few blocks."""
        slope = self._sample_ns if self._line is None else self._line[2]
        start = seen[0][0]
        level = median(time - (at - start) * slope for at, time in seen)
        self._line = (level, start, slope)
        self._seen = deque(seen)
        self._refit_at = self._received + round(_REFIT_S * self._rate_hz)

    def _look_for_a_step(self, index: int) -> int:
        """Samples lost, once every recent block stands off the line by as much."""
        needed, step_ns = _RECENT, float(_STEP_NS)
        if self._overflow_age is not None:
            self._overflow_age += 1
            if self._overflow_age == _REPORTED_BLOCKS:
                needed, step_ns = _REPORTED_BLOCKS, float(_REPORTED_STEP_NS)
                self._overflow_age = None
        if len(self._seen) < needed:
            return 0
        recent = self._recent(needed)
        off_ns = [time - self._at(at) for at, time in recent]
        if max(off_ns) < -step_ns:  # the driver's delay has shrunk: nothing is missing
            before_ns = self._at(index)
            freed_ns = self._renew_delay()
            self._anchor([(at, time + freed_ns) for at, time in recent])
            self._slew_ns += before_ns - self._at(index)
            return 0
        if min(off_ns) <= step_ns:
            return 0
        lost = round(median(off_ns) / self._sample_ns)
        self._received += lost
        self._anchor([(at + lost, time) for at, time in recent])
        return lost

    def _fit_when_due(self, index: int) -> None:
        if self._received < self._refit_at:
            return
        before_ns = self._at(index)
        self._fit()
        self._slew_ns += before_ns - self._at(index)

    def _fit(self) -> None:
        self._refit_at = self._received + round(_REFIT_S * self._rate_hz)
        while self._received - self._seen[0][0] > _WINDOW_S * self._rate_hz:
            self._seen.popleft()
        index = np.array([at for at, _ in self._seen], dtype=np.float64)
        start = self._seen[0][0]
        # Residuals against the line at hand keep the numbers small and show the late blocks.
        off_ns = np.array([time - self._at(at) for at, time in self._seen])
        usual = float(np.median(off_ns))
        spread = 1.4826 * float(np.median(np.abs(off_ns - usual)))
        good = np.abs(off_ns - usual) <= 3 * spread + NS_PER_MS
        slope = self._line[2] if self._line is not None else self._sample_ns
        shift, tilt = usual, 0.0
        if (index[-1] - index[0]) >= _FIT_FROM_S * self._rate_hz:
            tilt, shift = (float(v) for v in np.polyfit(index[good] - start, off_ns[good], 1))
            if abs((slope + tilt) / self._sample_ns - 1.0) > _WORST_SKEW:
                shift, tilt = usual, 0.0
        self._line = (self._at(start) + shift, start, slope + tilt)

    def _at(self, index: int) -> float:
        if self._line is None:
            raise RuntimeError("the timeline has no line before its warm-up is over")
        level, start, slope = self._line
        return level + (index - start) * slope

    def _recent(self, count: int) -> list[tuple[int, float]]:
        return [self._seen[i] for i in range(max(0, len(self._seen) - count), len(self._seen))]
