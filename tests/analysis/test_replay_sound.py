"""Sound keeps its place and, played faster or slower, its pitch."""

from __future__ import annotations

import numpy as np
import pytest

from journeylab.analysis.replay_sound import Stretcher, placed_pcm
from journeylab.clock import NS_PER_S
from journeylab.streams import AudioBlock

RATE_HZ = 16_000


def _tone(seconds: float, hz: float = 440.0) -> np.ndarray:
    t_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return (8000 * np.sin(2 * np.pi * hz * t_s)).astype(np.int16)


@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0, 4.0])
def test_a_tone_lasts_as_long_as_the_speed_says_and_stays_the_same_tone(speed: float) -> None:
    stretcher = Stretcher(RATE_HZ, speed)
    tone = _tone(8.0)
    out = np.concatenate([stretcher.stretched(part) for part in np.array_split(tone, 10)])
    assert len(out) / RATE_HZ == pytest.approx(8.0 / speed, abs=0.25)
    spectrum = np.abs(np.fft.rfft(out[:RATE_HZ].astype(float)))
    assert np.argmax(spectrum) == pytest.approx(440, abs=4)


def test_silence_fills_what_was_not_recorded() -> None:
    block = AudioBlock(2 * NS_PER_S, 0, np.full(RATE_HZ, 7, np.int16), RATE_HZ)
    pcm = placed_pcm(block, NS_PER_S, 5 * NS_PER_S, rate_hz=RATE_HZ)
    assert len(pcm) == 4 * RATE_HZ
    heard = np.flatnonzero(pcm)
    assert (heard[0], heard[-1]) == (RATE_HZ, 2 * RATE_HZ - 1)
    assert not placed_pcm(None, 0, NS_PER_S, rate_hz=RATE_HZ).any()
    assert len(placed_pcm(block, NS_PER_S, NS_PER_S, rate_hz=RATE_HZ)) == 0
