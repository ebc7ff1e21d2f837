"""A simulated mouse: the twin of the system's pointer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from journeylab.capture.pointer.motion import PointerSample, PointerSpeed, pointer_row
from journeylab.capture.threaded import ThreadedSource
from journeylab.clock import NS_PER_S, Clock

PointerEvents: TypeAlias = Callable[[int, int], Sequence[PointerSample]]
"""What the mouse did from one time up to, not including, another; ns since the start."""


class SimulatedPointer(ThreadedSource):
    """Asks for the mouse's doings at even intervals and emits them at their own times.

    Parameters
    ----------
    events
        Called from the source's thread with adjoining intervals, in order.
    rate_hz
        How often it is asked.
    """

    def __init__(
        self,
        events: PointerEvents,
        *,
        clock: Clock,
        rate_hz: float = 125,
        label: str = "simulated mouse",
    ) -> None:
        if rate_hz <= 0:
            raise ValueError(f"rate_hz must be above 0, not {rate_hz}")
        super().__init__("pointer", label=label, clock=clock)
        self._events = events
        self._rate_hz = rate_hz

    @property
    def is_simulated(self) -> bool:
        """True."""
        return True

    def _run(self) -> None:
        start_ns = self._clock.now_ns()
        speed = PointerSpeed()
        tick = 0
        asked_ns = 0
        while True:
            tick += 1
            until_ns = round(tick * NS_PER_S / self._rate_hz)
            if not self._wait_until_ns(start_ns + until_ns):
                return
            for sample in self._events(asked_ns, until_ns):
                arrived_ns = self._clock.now_ns()
                self._give(pointer_row(sample, speed, offset_ns=start_ns, arrived_ns=arrived_ns))
            asked_ns = until_ns
