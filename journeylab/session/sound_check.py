"""The technical check of the sound: a microphone that is muted, or set too loud.

The set-up page shows the level; the session repeats the check silently, and what turns bad
becomes a warning of stream health that goes away again.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.capture.audio.level import level_dbfs
from journeylab.session.health import HealthLog
from journeylab.streams import AudioBlock, Sample

MICROPHONE: Final = "microphone"

MUTED_DBFS: Final = -80.0
"""An open microphone hears its room, if nobody speaks; a muted one gives zeros, or the last bit."""
MUTED_S: Final = 30
"""Long, because a driver that suppresses noise makes a room silent, too, until somebody speaks."""
_FULL_SCALE: Final = 32_600  # of 32,767: some converters stop a little short of it
_CUT_SHARE: Final = 0.001  # of a second's samples; the peaks of a voice that just fits touch none
_CUT_SECONDS, _CUT_WITHIN_S = 5, 20
"""A knock on the table cuts off a second or two, a voice set too loud one after the other."""


class SoundWatch:
    """Judges each second of sound; one warning of the microphone while it is muted or too loud.

    Fed on the microphone's thread with its blocks, whatever their size. That people are silent
    says nothing: only a microphone that does not hear its room counts as muted.
    """

    def __init__(self, log: HealthLog) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._is_recording = False
        self._blocks: list[NDArray[np.int16]] = []
        self._n_waiting = 0
        self._muted_s = 0
        self._cut: deque[bool] = deque(maxlen=_CUT_WITHIN_S)

    def begin(self) -> None:
        """Recording starts: what is bad from now on is warned of."""
        with self._lock:
            self._is_recording = True
            self._muted_s = 0
            self._cut.clear()

    def take(self, sample: Sample) -> None:
        """Take in a block; on the thread that publishes it."""
        if not isinstance(sample, AudioBlock):
            return
        self._blocks.append(sample.pcm)
        self._n_waiting += len(sample.pcm)
        if self._n_waiting < sample.rate_hz:
            return
        second = np.concatenate(self._blocks)
        self._blocks.clear()
        self._n_waiting = 0
        with self._lock:
            if self._is_recording:
                self._judge(second)

    def _judge(self, second: NDArray[np.int16]) -> None:
        self._muted_s = self._muted_s + 1 if level_dbfs(second) < MUTED_DBFS else 0
        # Not by np.abs: there is no +32768.
        is_full = (second >= _FULL_SCALE) | (second <= -_FULL_SCALE)
        self._cut.append(bool(np.mean(is_full) > _CUT_SHARE))
        if self._muted_s >= MUTED_S:
            self._log.warn(
                MICROPHONE,
                f"The microphone has heard nothing for {MUTED_S} s, not even the room. See "
                "whether it is muted, or its plug is loose.",
            )
        elif sum(self._cut) >= _CUT_SECONDS:
            self._log.warn(
                MICROPHONE,
                "The microphone is too loud: voices are cut off. Lower its gain, or move it away.",
            )
        elif not self._muted_s and not any(self._cut):
            self._log.settle(MICROPHONE, "The microphone hears well again.")
