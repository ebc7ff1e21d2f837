"""The simulated twins: their deadlines, their losses, and what they are asked for."""

from __future__ import annotations

import numpy as np
import pytest
from capture_bench import Collector, wait_until
from numpy.typing import NDArray

from journeylab.capture.audio.simulated import SimulatedMicrophone
from journeylab.capture.camera.simulated import SimulatedCamera
from journeylab.capture.pointer.motion import PointerSample
from journeylab.capture.pointer.simulated import SimulatedPointer
from journeylab.clock import NS_PER_MS, NS_PER_S, VirtualClock
from journeylab.streams import AudioBlock, Frame, Row

_START_NS = 5 * NS_PER_S


def _image(_t_ns: int) -> NDArray[np.uint8]:
    return np.zeros((2, 2, 3), np.uint8)


def test_a_simulated_camera_keeps_its_deadlines_to_the_nanosecond() -> None:
    asked: list[int] = []

    def render(t_ns: int) -> NDArray[np.uint8]:
        asked.append(t_ns)
        return _image(t_ns)

    collector = Collector()
    camera = SimulatedCamera(
        render,
        clock=VirtualClock(start_ns=_START_NS),
        width_px=2,
        height_px=2,
        rate_hz=30,
        label="avatar",
    )
    camera.start(collector)
    assert collector.wait_for(301)
    camera.stop()
    assert asked[300] == 10 * NS_PER_S, "it drifts"
    assert [sample.t_ns - _START_NS for sample in collector.samples[:301]] == asked[:301]


def test_a_slow_drawing_leaves_frames_out_and_counts_them() -> None:
    clock = VirtualClock()

    def render(t_ns: int) -> NDArray[np.uint8]:
        if t_ns == 0:
            clock.advance_ns(1050 * NS_PER_MS)
        return _image(t_ns)

    collector = Collector()
    camera = SimulatedCamera(
        render, clock=clock, width_px=2, height_px=2, rate_hz=10, label="avatar"
    )
    camera.start(collector)
    assert collector.wait_for(3)
    camera.stop()
    frames = [sample for sample in collector.samples if isinstance(sample, Frame)]
    assert [frame.index for frame in frames[:3]] == [0, 10, 11]
    assert [frame.t_ns for frame in frames[:3]] == [0, NS_PER_S, 1100 * NS_PER_MS]
    assert camera.status().lost == 9


def test_a_drawing_of_the_wrong_size_is_a_fault() -> None:
    camera = SimulatedCamera(
        _image, clock=VirtualClock(), width_px=4, height_px=2, rate_hz=10, label="avatar"
    )
    camera.start(Collector())
    assert wait_until(lambda: camera.status().fault is not None)
    camera.stop()
    assert "(2, 4, 3)" in (camera.status().fault or "")


def test_a_simulated_mouse_is_asked_for_adjoining_times() -> None:
    asked: list[tuple[int, int]] = []

    def events(start_ns: int, end_ns: int) -> list[PointerSample]:
        asked.append((start_ns, end_ns))
        return [PointerSample(start_ns, 1.0, 2.0)]

    collector = Collector()
    pointer = SimulatedPointer(events, clock=VirtualClock(start_ns=_START_NS), rate_hz=125)
    pointer.start(collector)
    assert collector.wait_for(50)
    pointer.stop()
    ends = [end for _, end in asked]
    assert [start for start, _ in asked] == [0, *ends[:-1]]
    assert asked[49][1] == 400 * NS_PER_MS
    first = collector.samples[0]
    assert isinstance(first, Row)
    assert first.t_ns == _START_NS
    assert first.arrived_ns == _START_NS + 8 * NS_PER_MS


def test_a_simulated_microphone_gives_adjoining_blocks_once_they_were_heard() -> None:
    collector = Collector()
    microphone = SimulatedMicrophone(
        lambda first, count: np.arange(first, first + count).astype(np.int16),
        clock=VirtualClock(start_ns=_START_NS),
        rate_hz=16000,
    )
    microphone.start(collector)
    assert collector.wait_for(50)
    microphone.stop()
    blocks = [sample for sample in collector.samples[:50] if isinstance(sample, AudioBlock)]
    heard = np.concatenate([block.pcm for block in blocks])
    assert np.array_equal(heard, np.arange(16000))
    assert blocks[49].t_ns == _START_NS + 980 * NS_PER_MS
    assert blocks[49].arrived_ns == _START_NS + NS_PER_S


@pytest.mark.parametrize("rate_hz", [0, -1])
def test_a_rate_that_is_none_is_refused(rate_hz: int) -> None:
    clock = VirtualClock()
    with pytest.raises(ValueError, match="above 0"):
        SimulatedCamera(_image, clock=clock, width_px=2, height_px=2, rate_hz=rate_hz, label="x")
    with pytest.raises(ValueError, match="above 0"):
        SimulatedPointer(lambda _a, _b: [], clock=clock, rate_hz=rate_hz)
    with pytest.raises(ValueError, match="above 0"):
        SimulatedMicrophone(lambda _a, n: np.zeros(n, np.int16), clock=clock, rate_hz=rate_hz)
