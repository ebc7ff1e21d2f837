"""The room's murmur and a hum of a voice where a simulated participant says something."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

RATE_HZ: Final = 16_000
_NOISE_RMS: Final = 45.0
_VOICE_PEAK: Final = 5200.0
_HARMONICS: Final = (1.0, 0.75, 0.42, 0.30, 0.16, 0.10)


class Voice:
    """Mono PCM of a participant; any stretch can be asked for, and is always the same.

    Parameters
    ----------
    utterances
        Begin and end of each, s.
    """

    def __init__(
        self, utterances: Sequence[tuple[float, float]], *, rng: np.random.Generator
    ) -> None:
        self._utterances = tuple(utterances)
        self._pitch_hz = float(rng.uniform(105, 220))
        room = rng.normal(0, 1, RATE_HZ)
        # A second of room sound that joins its own beginning.
        soft = np.fft.irfft(np.fft.rfft(room) / (1 + np.arange(RATE_HZ // 2 + 1) / 400.0), RATE_HZ)
        self._room = soft / soft.std() * _NOISE_RMS

    def samples(self, first: int, count: int) -> NDArray[np.int16]:
        """PCM (count,) from a sample on, counted from the session's start."""
        index = np.arange(first, first + count)
        sound = self._room[index % RATE_HZ].copy()
        t_s = index / RATE_HZ
        for begin_s, end_s in self._utterances:
            if t_s[-1] < begin_s or t_s[0] > end_s:
                continue
            share = np.clip((t_s - begin_s) / (end_s - begin_s), 0, 1)
            loud = np.sin(np.pi * share) * (0.6 + 0.4 * np.sin(2 * np.pi * 4.0 * t_s))
            # The melody falls, as at the end of a sentence.
            turns = self._pitch_hz * (t_s - begin_s) * (1 - 0.06 * share)
            for harmonic, strength in enumerate(_HARMONICS, start=1):
                sound += _VOICE_PEAK * 0.4 * strength * loud * np.sin(2 * np.pi * harmonic * turns)
        pcm: NDArray[np.int16] = np.clip(np.round(sound), -32768, 32767).astype(np.int16)
        return pcm
