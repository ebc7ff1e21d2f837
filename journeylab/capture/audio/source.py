"""A microphone of this machine, through PortAudio."""

from __future__ import annotations

import queue
from collections import deque
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from journeylab.capture.audio.level import level_dbfs
from journeylab.capture.audio.portaudio import close_stream, open_stream
from journeylab.capture.audio.timeline import AudioTimeline
from journeylab.capture.threaded import ThreadedSource
from journeylab.clock import NS_PER_S, Clock
from journeylab.streams import AudioBlock

__all__ = ["Microphone", "level_dbfs"]

_BLOCK_S: Final = 0.02
# Pairs of session time and stream time whose median difference is the stream clock's offset.
_PAIRS: Final = 50
_POLL_S: Final = 0.05
# PulseAudio may take two seconds to wake a sleeping device; a running one is never silent so long.
_SILENT_NS: Final = 4 * NS_PER_S


@dataclass(frozen=True, slots=True, eq=False)
class _HeardBlock:
    """One call of PortAudio: when by our clock and by the stream's, and what was heard."""

    heard_ns: int
    stream_s: float
    recorded_s: float
    pcm: NDArray[np.int16]
    overflowed: bool


class Microphone(ThreadedSource):
    """Mono int16 blocks of 20 ms, stamped by :class:`AudioTimeline`; its first second is dropped.

    ``status().samples`` counts blocks, ``lost`` the blocks' worth of sound that never came.
    PortAudio's thread only hands blocks over; a thread of our own stamps and emits them, and
    watches that they keep coming.

    Parameters
    ----------
    device
        Index or name as PortAudio has it; None is the system's default.
    rate_hz
        PCM samples per second.
    pulse_source
        A PulseAudio source, opened through the device ``pulse``.

    Raises
    ------
    MicrophoneError
        When PortAudio is missing, or the microphone is missing, busy, or refuses the rate.
    """

    def __init__(
        self,
        device: int | str | None = None,
        *,
        clock: Clock,
        rate_hz: int = 48000,
        pulse_source: str | None = None,
        label: str | None = None,
    ) -> None:
        name = label or pulse_source or ("default microphone" if device is None else str(device))
        super().__init__("microphone", label=name, clock=clock)
        self._rate_hz = rate_hz
        self._block = max(1, round(rate_hz * _BLOCK_S))
        self._timeline = AudioTimeline(rate_hz)
        self._offsets_ns: deque[float] = deque(maxlen=_PAIRS)
        self._blocks: queue.SimpleQueue[_HeardBlock] = queue.SimpleQueue()
        self._audio = open_stream(
            "pulse" if pulse_source is not None else device,
            pulse_source=pulse_source,
            samplerate=rate_hz,
            channels=1,
            dtype="int16",
            blocksize=self._block,
            latency="high",
            callback=self._heard,
        )

    @property
    def rate_hz(self) -> int:
        """PCM samples per second."""
        return self._rate_hz

    @property
    def timeline(self) -> AudioTimeline:
        """How times are found, for the doctor and the bench."""
        return self._timeline

    def _run(self) -> None:
        self._audio.start()
        last_heard_ns = self._clock.now_ns()
        while not self._stopping.is_set():
            try:
                block = self._blocks.get(timeout=_POLL_S)
            except queue.Empty:
                quiet_ns = self._clock.now_ns() - last_heard_ns
                if self._audio.active and quiet_ns < _SILENT_NS:
                    continue
                self._tally.set_fault(
                    f"Microphone {self._label} gives no sound any more. Check that it is plugged "
                    "in, then choose it again."
                )
                return
            last_heard_ns = block.heard_ns
            self._take(block)

    def _heard(self, data: NDArray[np.int16], _count: int, times: Any, flags: Any) -> None:
        """PortAudio's callback, in a thread that is not Python's: takes the block, no more."""
        self._blocks.put(
            _HeardBlock(
                heard_ns=self._clock.now_ns(),
                stream_s=times.currentTime,
                recorded_s=times.inputBufferAdcTime,
                pcm=data[:, 0].copy(),
                overflowed=bool(flags.input_overflow),
            )
        )

    def _take(self, block: _HeardBlock) -> None:
        # The stream's clock was read before Python's lock was waited for; ours after.
        self._offsets_ns.append(block.heard_ns - block.stream_s * NS_PER_S)
        ended_ns = block.stream_s * NS_PER_S + median(self._offsets_ns)
        told_s = block.stream_s - block.recorded_s - block.pcm.size / self._rate_hz
        stamp = self._timeline.add(
            block.pcm.size,
            heard_ns=round(ended_ns),
            # Drivers that cannot tell leave it at 0.
            told_delay_ns=told_s * NS_PER_S if block.recorded_s > 0 else 0.0,
            overflowed=block.overflowed,
        )
        if stamp is None:
            return
        if stamp.lost:
            self._tally.add_lost(max(1, round(stamp.lost / self._block)))
        self._give(
            AudioBlock(
                stamp.t_ns,
                stamp.first_sample,
                block.pcm,
                self._rate_hz,
                arrived_ns=block.heard_ns,
            )
        )

    def _close(self) -> None:
        close_stream(self._audio)
