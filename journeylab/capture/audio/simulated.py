"""A simulated microphone: the twin of a real one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from journeylab.capture.threaded import ThreadedSource
from journeylab.clock import NS_PER_S, Clock
from journeylab.streams import AudioBlock

Samples: TypeAlias = Callable[[int, int], NDArray[np.int16]]
"""``samples(first, count)``: mono PCM, shape (count,), int16; ``first`` counts from the start."""

_BLOCK_S: Final = 0.02


class SimulatedMicrophone(ThreadedSource):
    """Gives blocks of 20 ms, each as soon as it would have been heard.

    Parameters
    ----------
    samples
        Called from the source's thread with adjoining ranges, in order.
    """

    def __init__(
        self,
        samples: Samples,
        *,
        clock: Clock,
        rate_hz: int,
        label: str = "simulated microphone",
    ) -> None:
        if rate_hz < 1:
            raise ValueError(f"rate_hz must be above 0, not {rate_hz}")
        super().__init__("microphone", label=label, clock=clock)
        self._samples = samples
        self._rate_hz = rate_hz

    @property
    def is_simulated(self) -> bool:
        """True."""
        return True

    @property
    def rate_hz(self) -> int:
        """PCM samples per second."""
        return self._rate_hz

    def _run(self) -> None:
        start_ns = self._clock.now_ns()
        count = max(1, round(self._rate_hz * _BLOCK_S))
        first = 0
        while self._wait_until_ns(start_ns + self._time_of(first + count)):
            pcm = self._samples(first, count)
            if pcm.shape != (count,) or pcm.dtype != np.int16:
                raise ValueError(
                    f"it should give int16 ({count},), but gave {pcm.dtype} {pcm.shape}"
                )
            self._give(
                AudioBlock(
                    start_ns + self._time_of(first),
                    first,
                    pcm,
                    self._rate_hz,
                    arrived_ns=self._clock.now_ns(),
                )
            )
            first += count

    def _time_of(self, sample: int) -> int:
        return sample * NS_PER_S // self._rate_hz
