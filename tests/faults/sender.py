"""A live session of known samples through the real fan-out, recorder, encoder and journal.

What was sent stands on a tape, a file mapped into memory that survives kill -9. Every value
follows from the stream and the sample's number, so what is recovered can be checked one by one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
from bundle.sent import a_header

from journeylab.bundle.writer import BundleWriter
from journeylab.clock import NS_PER_S, SessionClock
from journeylab.session.backlog import Bounded
from journeylab.session.fanout import FanOut
from journeylab.session.health import HealthLog
from journeylab.session.recorder import WAITING, Recorder
from journeylab.streams import STREAMS, AudioBlock, Frame, Row, Sample

AUDIO_RATE_HZ = 48_000
BLOCK_SAMPLES = 960
WIDTH_PX, HEIGHT_PX = 640, 360
_BIT_PX = 36
_BITS = 16
_GRID = 2**15

SENT = (
    "camera",
    "microphone",
    "pointer",
    "face",
    "landmarks",
    "action_units",
    "markers",
    "answers",
)
"""The streams on the tape, in its order."""

_SLOTS = 1 << 17


class Tape:
    """Times of all samples sent, by stream; written by one process, read by another."""

    def __init__(self, path: Path) -> None:
        mode = "r+" if path.exists() else "w+"
        self._cells = np.memmap(path, dtype=np.int64, mode=mode, shape=(len(SENT), _SLOTS))

    def note(self, stream: str, t_ns: int) -> int:
        """Note one more sample, before it is sent; its number."""
        cells = self._cells[SENT.index(stream)]
        number = int(cells[0])
        cells[1 + number] = t_ns
        cells[0] = number + 1
        return number

    def times_ns(self, stream: str) -> np.ndarray:
        """Times of the stream's samples, in order."""
        cells = self._cells[SENT.index(stream)]
        return np.array(cells[1 : 1 + int(cells[0])])


def image_of(number: int) -> np.ndarray:
    """A picture that tells its number in black and white squares above a gradient."""
    image = _GRADIENT.copy()
    for bit in range(_BITS):
        left = 8 + bit * _BIT_PX
        image[8 : 8 + _BIT_PX, left : left + _BIT_PX] = 235 if number >> bit & 1 else 20
    level = 40 + number * 5 % 150
    image[200:300, 100:500] = (level, 255 - level, 128)
    return image


def number_in(image: np.ndarray) -> int:
    """The number a picture tells."""
    middle = image[8 + _BIT_PX // 2, :, 1].astype(int)
    bits = [middle[8 + bit * _BIT_PX + _BIT_PX // 2] > 128 for bit in range(_BITS)]
    return sum(1 << bit for bit, is_set in enumerate(bits) if is_set)


def pcm_of(number: int) -> np.ndarray:
    """One block of sound, unlike its neighbours."""
    samples = np.arange(number * BLOCK_SAMPLES, (number + 1) * BLOCK_SAMPLES)
    return (samples * 7919 % 60_000 - 30_000).astype(np.int16)


def values_of(stream: str, number: int) -> tuple[object, ...]:
    """Values of a row, exact in float32, with all bits of the number in them."""
    values: list[object] = []
    for place, column in enumerate(STREAMS[stream].columns):
        if column.shape:
            values.append(((_MESH + number * 7) % _GRID / _GRID).astype(np.float32))
        elif column.dtype == "text":
            values.append(f"{column.name} {number} grüße 🙂")
        elif column.dtype == "u1":
            values.append(number % 2)
        else:
            values.append(float((number * 31 + place * 1009) % (1 << 20)) / 4)
    return tuple(values)


def sample_of(stream: str, number: int, *, t_ns: int) -> Sample:
    """The sample of that number."""
    arrived_ns = t_ns + 1000 * (number % 7 + 1)
    if stream == "camera":
        return Frame(t_ns, number, image_of(number), arrived_ns)
    if stream == "microphone":
        return AudioBlock(t_ns, number * BLOCK_SAMPLES, pcm_of(number), AUDIO_RATE_HZ, arrived_ns)
    return Row(stream, t_ns, values_of(stream, number), arrived_ns)


_SOURCES: tuple[tuple[float, tuple[str, ...]], ...] = (
    (30.0, ("camera",)),
    (50.0, ("microphone",)),
    (500.0, ("pointer",)),
    (30.0, ("face", "landmarks", "action_units")),
    (3.0, ("markers", "answers")),
)


class LiveSession:
    """Sources on threads of their own into a recorder. ``faults`` are the recorder's sentences."""

    def __init__(self, path: Path, tape: Tape, *, waiting: Bounded = WAITING) -> None:
        self.clock = SessionClock()
        self.tape = tape
        self.fanout = FanOut()
        self.log = HealthLog(self.fanout.publish, clock=self.clock)
        self.faults: list[str] = []
        self.errors: list[BaseException] = []
        self.recorder = Recorder(
            self.fanout,
            lambda: BundleWriter(path, a_header(), clock=self.clock),
            streams=tuple(STREAMS),
            clock=self.clock,
            log=self.log,
            on_fault=self.faults.append,
            waiting=waiting,
        )
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._send, args=(rate_hz, streams), daemon=True)
            for rate_hz, streams in _SOURCES
        ]

    def start(self) -> None:
        self.recorder.start()
        for thread in self._threads:
            thread.start()

    def run(self, seconds: float, *, until: Callable[[], object] = lambda: False) -> None:
        """Let it send for so long, or until something has happened."""
        deadline_ns = self.clock.now_ns() + round(seconds * NS_PER_S)
        while self.clock.now_ns() < deadline_ns and not until():
            self._stopping.wait(0.01)

    def stop(self) -> bool:
        """End sources and recorder; whether the recorder ended in time."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        return self.recorder.finish(20)

    def _send(self, rate_hz: float, streams: tuple[str, ...]) -> None:
        try:
            start_ns, k = self.clock.now_ns(), 0
            while not self._stopping.is_set():
                due_ns = start_ns + round(k * NS_PER_S / rate_hz)
                self.clock.sleep_until_ns(due_ns)
                t_ns = self.clock.now_ns()
                for stream in streams:
                    number = self.tape.note(stream, t_ns)
                    self.fanout.publish(sample_of(stream, number, t_ns=t_ns))
                k += 1
        except BaseException as error:
            self.errors.append(error)
            raise


def _gradient() -> np.ndarray:
    x = np.linspace(40, 200, WIDTH_PX)[None, :]
    y = np.linspace(0, 40, HEIGHT_PX)[:, None]
    planes = (x + 0 * y, x / 2 + y, 220 - x + y)
    return np.stack(planes, axis=-1).astype(np.uint8)


_GRADIENT = _gradient()
_MESH = np.arange(478 * 3).reshape(478, 3) * 23
