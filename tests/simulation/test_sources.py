"""The participant in real time: three sources that play what the participant does."""

from __future__ import annotations

import threading

import numpy as np

from journeylab.capture.source import Source
from journeylab.clock import NS_PER_S, SessionClock
from journeylab.simulation.participant import AUDIO_RATE_HZ, SimulatedParticipant
from journeylab.simulation.sources import simulated_sources
from journeylab.streams import AudioBlock, Frame, Row, Sample


def _first(source: Source, n: int) -> list[Sample]:
    samples: list[Sample] = []
    enough = threading.Event()

    def emit(sample: Sample) -> None:
        samples.append(sample)
        if len(samples) >= n:
            enough.set()

    source.start(emit)
    assert enough.wait(10)
    source.stop()
    assert source.status().fault is None
    return samples


def test_they_feed_camera_pointer_and_microphone_and_say_they_are_simulated(
    hurried: SimulatedParticipant,
) -> None:
    sources = simulated_sources(hurried, clock=SessionClock())
    assert [source.stream for source in sources] == ["camera", "pointer", "microphone"]
    assert all(source.is_simulated and "simulated" in source.label for source in sources)
    for source in sources:
        source.stop()


def test_the_camera_shows_the_participant_from_where_it_was_told(
    hurried: SimulatedParticipant,
) -> None:
    from_s = hurried.calibration_s + 2.0
    camera, pointer, microphone = simulated_sources(hurried, clock=SessionClock(), from_s=from_s)
    pointer.stop()
    microphone.stop()
    first = _first(camera, 1)[0]
    assert isinstance(first, Frame)
    assert np.array_equal(first.image, hurried.frame_at(from_s))


def test_the_mouse_moves_as_played(hurried: SimulatedParticipant) -> None:
    moves = hurried.pointer_between(hurried.calibration_s, hurried.duration_s)
    from_s = moves[0].t_ns / NS_PER_S - 0.05
    _, pointer, _ = simulated_sources(hurried, clock=SessionClock(), from_s=from_s)
    rows = _first(pointer, 5)
    for row, move in zip(rows[:5], moves[:5], strict=True):
        assert isinstance(row, Row)
        assert row.values[:2] == (move.x_px, move.y_px)


def test_the_voice_is_the_participants(hurried: SimulatedParticipant) -> None:
    _, _, microphone = simulated_sources(hurried, clock=SessionClock(), from_s=3.0)
    block = _first(microphone, 1)[0]
    assert isinstance(block, AudioBlock)
    expected = hurried.audio_between(3 * AUDIO_RATE_HZ, len(block.pcm))
    assert np.array_equal(block.pcm, expected)
