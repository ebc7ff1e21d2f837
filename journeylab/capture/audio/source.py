"""A microphone of this machine, through PortAudio."""

from __future__ import annotations

from collections import deque
from statistics import median
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from journeylab.capture.audio.level import level_dbfs
from journeylab.capture.audio.portaudio import close_stream, open_stream
from journeylab.capture.audio.timeline import AudioTimeline
from journeylab.capture.threaded import ThreadedSource
from journeylab.clock import NS_PER_MS, NS_PER_S, Clock
from journeylab.logs import logger
from journeylab.streams import AudioBlock

__all__ = ["Microphone", "level_dbfs"]

_BLOCK_S: Final = 0.02
# Pairs of session time and stream time whose median difference is the stream clock's offset.
_PAIRS: Final = 50
_WATCH_NS: Final = 200 * NS_PER_MS
# PulseAudio may take two seconds to wake a sleeping device; a running one is never silent so long.
_SILENT_NS: Final = 4 * NS_PER_S

_log = logger(__name__)


class Microphone(ThreadedSource):
    """Mono int16 blocks of 20 ms, stamped by :class:`AudioTimeline`; its first second is dropped.

    ``status().samples`` counts blocks, ``lost`` the blocks' worth of sound that never came.
    Blocks are emitted from PortAudio's thread; a thread of our own watches that they keep coming.

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
        self._last_heard_ns = clock.now_ns()
        self._is_dead = False
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
        self._last_heard_ns = self._clock.now_ns()
        self._audio.start()
        while self._wait_until_ns(self._clock.now_ns() + _WATCH_NS):
            quiet_ns = self._clock.now_ns() - self._last_heard_ns
            if self._is_dead:
                return
            if not self._audio.active or quiet_ns > _SILENT_NS:
                self._die("it gives no sound any more. Check that it is plugged in")
                return

    def _heard(self, data: NDArray[np.int16], _count: int, times: Any, flags: Any) -> None:
        """PortAudio's callback: its thread, its buffer."""
        if self._is_dead or self._stopping.is_set():
            return
        try:
            self._take(data[:, 0].copy(), times, bool(flags.input_overflow))
        except Exception as error:  # noqa: BLE001  top of PortAudio's thread: shown as a fault
            _log.exception("%s died", self._label)
            self._die(str(error))

    def _take(self, pcm: NDArray[np.int16], times: Any, overflowed: bool) -> None:
        now_ns = self._clock.now_ns()
        self._last_heard_ns = now_ns
        # The stream's clock was read before Python's lock was waited for; ours after.
        self._offsets_ns.append(now_ns - times.currentTime * NS_PER_S)
        heard_ns = times.currentTime * NS_PER_S + median(self._offsets_ns)
        recorded_s = pcm.size / self._rate_hz
        told_s = times.currentTime - times.inputBufferAdcTime - recorded_s
        stamp = self._timeline.add(
            pcm.size,
            heard_ns=round(heard_ns),
            told_delay_ns=told_s * NS_PER_S if times.inputBufferAdcTime > 0 else 0.0,
            overflowed=overflowed,
        )
        if stamp is None:
            return
        if stamp.lost:
            self._tally.add_lost(max(1, round(stamp.lost / self._block)))
        self._give(
            AudioBlock(stamp.t_ns, stamp.first_sample, pcm, self._rate_hz, arrived_ns=now_ns)
        )

    def _die(self, reason: str) -> None:
        self._is_dead = True
        self._tally.set_fault(f"Microphone {self._label}: {reason}.")

    def _close(self) -> None:
        close_stream(self._audio)
