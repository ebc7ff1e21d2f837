"""The voice: always the same, louder while speaking, in one piece."""

from __future__ import annotations

import numpy as np

from journeylab.simulation.voice import RATE_HZ, Voice


def _voice() -> Voice:
    return Voice([(1.0, 2.0)], rng=np.random.default_rng(4))


def test_blocks_join_to_the_whole() -> None:
    whole = _voice().samples(0, 3 * RATE_HZ)
    blocks = [_voice().samples(first, 320) for first in range(0, 3 * RATE_HZ, 320)]
    assert whole.dtype == np.int16
    assert np.array_equal(np.concatenate(blocks), whole)


def test_speech_stands_out_of_the_room_and_does_not_clip() -> None:
    sound = _voice().samples(0, 3 * RATE_HZ).astype(float)
    quiet, speech = sound[:RATE_HZ], sound[int(1.2 * RATE_HZ) : int(1.8 * RATE_HZ)]
    assert 5 < quiet.std() < 200
    assert speech.std() > 10 * quiet.std()
    assert np.abs(sound).max() < 32000
