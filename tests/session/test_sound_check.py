"""Sound is checked while a session runs: a muted or too loud microphone is told, talk is not."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from session_bench import Bench
from session_fakes import sound

from journeylab.clock import NS_PER_S, VirtualClock
from journeylab.session.health import HealthLog
from journeylab.session.sound_check import MUTED_S, SoundWatch
from journeylab.simulation.voice import RATE_HZ, Voice
from journeylab.streams import AudioBlock, Row

BLOCK = RATE_HZ // 50
UTTERANCES = tuple((2.0 * n, 2.0 * n + 1.5) for n in range(600))


class Room:
    """A watch that hears a room in which somebody speaks, through a microphone that may fail."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.rows: list[Row] = []
        self.log = HealthLog(self.rows.append, clock=self.clock)  # type: ignore[arg-type]
        self.watch = SoundWatch(self.log)
        self.voice = Voice(UTTERANCES, rng=np.random.default_rng(1))
        self.murmur = Voice((), rng=np.random.default_rng(1))
        self.first = 0

    def hear(self, voice: Voice, *, seconds: float, gain: float = 1.0) -> None:
        for _ in range(round(seconds * RATE_HZ / BLOCK)):
            self.clock.advance_ns(NS_PER_S * BLOCK // RATE_HZ)
            pcm = _amplified(voice.samples(self.first, BLOCK), gain)
            self.watch.take(AudioBlock(self.clock.now_ns(), self.first, pcm, RATE_HZ))
            self.first += BLOCK


def _amplified(pcm: NDArray[np.int16], gain: float) -> NDArray[np.int16]:
    return np.clip(np.round(pcm * gain), -32768, 32767).astype(np.int16)


@pytest.fixture
def room() -> Room:
    made = Room()
    made.watch.begin()
    return made


def test_a_voice_and_a_silent_person_are_well(room: Room) -> None:
    room.hear(room.voice, seconds=20)
    room.hear(room.murmur, seconds=120)
    room.hear(room.voice, seconds=20, gain=2.0)
    assert room.rows == []


@pytest.mark.parametrize("gain", [0.0, 0.02])
def test_a_muted_microphone_is_told_after_a_while_and_when_it_is_back(
    room: Room, gain: float
) -> None:
    room.hear(room.voice, seconds=5)
    room.hear(room.murmur, seconds=MUTED_S - 1, gain=gain)
    assert room.log.warnings == ()
    room.hear(room.murmur, seconds=10, gain=gain)
    (warning,) = room.log.warnings
    assert "not even the room" in warning
    assert "See whether it is muted" in warning
    room.hear(room.murmur, seconds=2)
    assert room.log.warnings == ()
    assert [row.values[:2] for row in room.rows] == [
        ("microphone", "warning"),
        ("microphone", "recovered"),
    ]


def test_a_voice_that_is_cut_off_is_told_until_the_gain_is_lower(room: Room) -> None:
    room.hear(room.voice, seconds=10, gain=12.0)
    (warning,) = room.log.warnings
    assert "voices are cut off. Lower its gain" in warning
    room.hear(room.voice, seconds=15)
    assert len(room.log.warnings) == 1
    room.hear(room.voice, seconds=10)
    assert room.log.warnings == ()


def test_a_knock_on_the_table_is_not_told(room: Room) -> None:
    for _ in range(4):
        room.hear(room.voice, seconds=0.4, gain=40.0)
        room.hear(room.voice, seconds=14)
    assert room.rows == []


def test_nothing_is_told_before_recording() -> None:
    room = Room()
    room.hear(room.murmur, seconds=30, gain=0.0)
    assert room.rows == []
    room.watch.begin()
    room.hear(room.murmur, seconds=MUTED_S + 1, gain=0.0)
    assert len(room.log.warnings) == 1


def test_the_console_of_a_session_says_that_the_microphone_is_muted(bench: Bench) -> None:
    bench.record()
    bench.microphone.is_silent.set()
    for second in range(MUTED_S + 2):
        block = sound(bench.clock.now_ns(), 48_000 * second, amplitude=0, n=48_000)
        bench.controller.publish(block)
    view = bench.controller.view()
    assert any("See whether it is muted" in warning for warning in view.warnings)
    bench.stop()
