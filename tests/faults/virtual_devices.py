"""Real source classes on a clock that jumps from event to event, with the truth beside them.

One thread does everything: when the camera waits for its next frame, all that happens until then
is done first. So two hours pass in minutes, and every sample's true instant is known.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from journeylab.capture.audio.source import Microphone
from journeylab.capture.camera.device import DeviceCamera
from journeylab.capture.camera.v4l2 import NodeState
from journeylab.capture.source import Emit
from journeylab.clock import NS_PER_MS, NS_PER_S, VirtualClock
from journeylab.opencv import cv2

_BLOCK = 960
_DRIVER_DELAY_NS = 12 * NS_PER_MS
_SCRAMBLE = 40_503
_UNSCRAMBLE = pow(_SCRAMBLE, -1, 1 << 16)
_STREAM_EPOCH_S = 123.4  # the sound driver counts from another beginning


class EventClock(VirtualClock):
    """Virtual time in which whoever sleeps lets all others do what is due until then."""

    def __init__(self, *, wall_start_ns: int) -> None:
        super().__init__(start_ns=NS_PER_S, wall_start_ns=wall_start_ns)
        self._order = count()
        self._due: list[tuple[int, int, Callable[[], None]]] = []

    def at(self, t_ns: int, act: Callable[[], None]) -> None:
        """Have something done at an instant."""
        heapq.heappush(self._due, (t_ns, next(self._order), act))

    def every(self, period_ns: int, act: Callable[[], None]) -> None:
        """Have something done again and again, from one period from now on."""
        first_ns = self.now_ns()
        turns = count(2)

        def again() -> None:
            act()
            self.at(first_ns + next(turns) * period_ns, again)

        self.at(first_ns + period_ns, again)

    def sleep_until_ns(self, deadline_ns: int) -> None:
        while self._due and self._due[0][0] <= deadline_ns:
            t_ns, _, act = heapq.heappop(self._due)
            super().sleep_until_ns(t_ns)
            act()
        super().sleep_until_ns(deadline_ns)


@dataclass
class Usb:
    """A camera of an uneven rate behind OpenCV's handle; its frames take 4 to 14 ms to arrive."""

    clock: EventClock
    rng: np.random.Generator
    rate_hz: float
    end_ns: int
    unplugged_ns: tuple[int, int]
    taken: int = 0
    taken_ns: int = 0  # true instant of the frame that arrived last
    is_running: bool = False

    def __post_init__(self) -> None:
        self._start_ns = self.clock.now_ns()
        self._is_dead = False
        self._images = self.rng.integers(0, 255, (8, 120, 160, 3), np.uint8)

    @property
    def is_in(self) -> bool:
        begin_ns, end_ns = self.unplugged_ns
        return not begin_ns <= self.clock.now_ns() < end_ns

    def open(self, _index: int) -> Usb:
        self._is_dead = False
        return self

    def isOpened(self) -> bool:  # noqa: N802  OpenCV's name
        return self.is_in

    def grab(self) -> bool:
        if not self.is_running:
            return True  # while it is being opened, before the session
        since_ns = self.clock.now_ns() - self._start_ns
        self.taken = max(self.taken + 1, round(since_ns * self.rate_hz / NS_PER_S))
        self.taken_ns = self._start_ns + round(self.taken * NS_PER_S / self.rate_hz)
        late_ms = 4 + min(10.0, self.rng.exponential(2.0))
        self.clock.sleep_until_ns(self.taken_ns + round(late_ms * NS_PER_MS))
        self._is_dead = self._is_dead or not self.is_in
        return not self._is_dead and self.clock.now_ns() < self.end_ns

    def retrieve(self) -> tuple[bool, NDArray[np.uint8]]:
        return True, self._images[self.taken % len(self._images)]

    def get(self, prop: int, /) -> float:
        return self.rate_hz if prop == cv2.CAP_PROP_FPS else 0.0

    def set(self, _prop: int, _value: float, /) -> bool:
        return True

    def release(self) -> None:
        self._is_dead = True


class DrivenCamera(DeviceCamera):
    """The device camera, run by :meth:`drive` on the calling thread instead of its own."""

    def __init__(self, usb: Usb) -> None:
        super().__init__(
            0,
            clock=usb.clock,
            locate=lambda: 0 if usb.is_in else None,
            open_capture=usb.open,
            probe=lambda _: NodeState.READY if usb.is_in else NodeState.MISSING,
        )
        self._usb = usb

    def start(self, emit: Emit) -> None:
        self._emit = emit

    def drive(self) -> None:
        """Give frames until the session's end."""
        usb = self._usb
        usb.is_running = True
        usb.clock.at(usb.end_ns, self._stopping.set)
        self._live()


class DrivenMicrophone(Microphone):
    """The microphone, its PortAudio stream played by a crystal that is ``skew_ppm`` slow.

    Each PCM value tells its own number, modulo 2^16 (see :func:`number_of`), and so when it was
    heard. Multiplied by an odd number, so that it packs no better than sound does.
    """

    def __init__(
        self, clock: EventClock, rng: np.random.Generator, *, skew_ppm: float, end_ns: int
    ) -> None:
        super().__init__(clock=clock, label="driven microphone")
        self._rng = rng
        self._events = clock
        self._sample_ns = NS_PER_S / self.rate_hz * (1 + skew_ppm * 1e-6)
        self._start_ns = clock.now_ns()
        self._end_ns = end_ns
        self._n_blocks = 0
        self._arrived_ns = 0

    def _open(self, _device: object) -> Any:
        return SimpleNamespace(active=True, start=lambda: None)

    def _close(self) -> None:
        """There is no device."""

    def start(self, emit: Emit) -> None:
        self._emit = emit
        self._schedule()

    def true_ns(self, sample: int) -> float:
        """When the sample of that number was heard."""
        return self._start_ns + sample * self._sample_ns

    def _schedule(self) -> None:
        heard_ns = self.true_ns((self._n_blocks + 1) * _BLOCK)
        late_ms = self._rng.exponential(3.0)
        if self._rng.random() < 0.002:
            late_ms += 80.0  # the machine was busy: what follows comes in a bunch
        arrival_ns = round(heard_ns + _DRIVER_DELAY_NS + late_ms * NS_PER_MS)
        self._arrived_ns = max(arrival_ns, self._arrived_ns + NS_PER_MS // 10)
        if self._arrived_ns < self._end_ns:
            self._events.at(self._arrived_ns, self._hear)

    def _hear(self) -> None:
        first = self._n_blocks * _BLOCK
        self._n_blocks += 1
        numbers = np.arange(first, first + _BLOCK, dtype=np.int64) * _SCRAMBLE
        pcm = numbers.astype(np.uint16).view(np.int16)
        now_s = self._clock.now_ns() / NS_PER_S + _STREAM_EPOCH_S
        # The driver tells its delay to the last sample; it does not know of the machine's.
        begun_s = now_s - (_BLOCK * self._sample_ns + _DRIVER_DELAY_NS) / NS_PER_S
        times = SimpleNamespace(currentTime=now_s, inputBufferAdcTime=begun_s)
        self._heard(pcm[:, None], _BLOCK, times, SimpleNamespace(input_overflow=False))
        self._take(self._blocks.get())
        self._schedule()


def number_of(pcm: NDArray[np.int16]) -> NDArray[np.int64]:
    """Numbers of samples, modulo 2^16."""
    return pcm.view(np.uint16).astype(np.int64) * _UNSCRAMBLE % (1 << 16)
