"""A microphone of this machine, through PortAudio."""

from __future__ import annotations

import queue
from collections import deque
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from journeylab.capture.audio.portaudio import (
    close_stream,
    input_devices,
    load_portaudio,
    open_stream,
)
from journeylab.capture.audio.timeline import AudioTimeline
from journeylab.capture.source import Gap
from journeylab.capture.threaded import ThreadedSource
from journeylab.clock import NS_PER_S, Clock
from journeylab.errors import MicrophoneError
from journeylab.logs import logger
from journeylab.streams import AudioBlock

_BLOCK_S: Final = 0.02
# Pairs of session time and stream time whose median difference is the stream clock's offset.
_PAIRS: Final = 50
_POLL_S: Final = 0.05
# PulseAudio may take two seconds to wake a sleeping device; a running one is never silent so long.
_SILENT_NS: Final = 4 * NS_PER_S

_log = logger(__name__)


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
    watches that they keep coming. A microphone that falls silent faults the status and is opened
    again, with growing pauses, until it is heard; its samples are counted on as if it had never
    been away.

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
        self._device = device
        self._pulse_source = pulse_source
        self._first_ns: int | None = None  # of the first sample of all
        self._last_ns = 0  # the end of the last block
        self._base = 0  # samples before the present opening, those never heard included
        self._next = 0  # the sample after the last block
        self._is_back = False
        self._audio: Any | None = self._open(device)

    @property
    def rate_hz(self) -> int:
        """PCM samples per second."""
        return self._rate_hz

    @property
    def timeline(self) -> AudioTimeline:
        """How times are found, for the doctor and the bench."""
        return self._timeline

    def _open(self, device: int | str | None) -> Any:
        return open_stream(
            "pulse" if self._pulse_source is not None else device,
            pulse_source=self._pulse_source,
            samplerate=self._rate_hz,
            channels=1,
            dtype="int16",
            blocksize=self._block,
            latency="high",
            callback=self._heard,
        )

    def _run(self) -> None:
        if self._audio is not None:
            self._audio.start()
        last_heard_ns = self._last_ns = self._clock.now_ns()
        while not self._stopping.is_set():
            try:
                block = self._blocks.get(timeout=_POLL_S)
            except queue.Empty:
                quiet_ns = self._clock.now_ns() - last_heard_ns
                if self._audio is not None and self._audio.active and quiet_ns < _SILENT_NS:
                    continue
                self._tally.set_fault(
                    f"Microphone {self._label} gives no sound any more. Check that it is plugged "
                    "in; it is tried again by itself."
                )
                if not self._retry(self._reopen):
                    return
                last_heard_ns = self._clock.now_ns()
                continue
            last_heard_ns = block.heard_ns
            self._take(block)

    def _reopen(self) -> bool:
        """Try once to have the microphone back."""
        self._close()
        # What the lost one still delivered would be taken for the new one's.
        self._blocks = queue.SimpleQueue()
        try:
            self._audio = self._open(self._present_device())
            self._audio.start()
        except (MicrophoneError, load_portaudio().PortAudioError) as error:
            _log.info("%s is not back yet: %s", self._label, error)
            return False
        self._timeline = AudioTimeline(self._rate_hz)
        self._offsets_ns.clear()
        self._is_back = True
        return True

    def _present_device(self) -> int | str | None:
        """The device's present index: numbers are given anew when something is plugged in."""
        if not isinstance(self._device, int):
            return self._device
        devices = input_devices()
        named = [int(device["index"]) for device in devices if device["name"] == self._label]
        if not named and not self._label.isdecimal():
            raise MicrophoneError(f"There is no microphone {self._label}.")
        return named[0] if named else self._device

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
        if self._is_back:
            # Where the samples would stand, had it never been away.
            away_ns = stamp.t_ns - (self._first_ns or stamp.t_ns)
            self._base = max(self._next, round(away_ns * self._rate_hz / NS_PER_S))
            missing = self._base - self._next
            gap = Gap(self._last_ns, stamp.t_ns, round(missing / self._block))
            self._tally.end_fault(gap)
            self._is_back = False
        elif stamp.lost:
            self._tally.add_lost(max(1, round(stamp.lost / self._block)))
        if self._first_ns is None:
            self._first_ns = stamp.t_ns
        first = self._base + stamp.first_sample
        self._next = first + block.pcm.size
        self._last_ns = stamp.t_ns + block.pcm.size * NS_PER_S // self._rate_hz
        self._give(
            AudioBlock(
                stamp.t_ns,
                first,
                block.pcm,
                self._rate_hz,
                arrived_ns=block.heard_ns,
            )
        )

    def _close(self) -> None:
        if self._audio is not None:
            audio, self._audio = self._audio, None
            close_stream(audio)
