"""Devices that go away and come back: opened again by themselves, on the same clock."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from capture_bench import Collector, MakeClip, wait_until
from sound_server import SoundServer, start_sound_server

from journeylab.capture.audio.discovery import open_microphone
from journeylab.capture.camera import source as camera_source
from journeylab.capture.camera.device import DeviceCamera
from journeylab.capture.camera.source import VideoFileCamera
from journeylab.capture.camera.v4l2 import NodeState
from journeylab.capture.camera.video import DecodedImage, VideoReader
from journeylab.clock import NS_PER_MS, NS_PER_S, SessionClock
from journeylab.errors import VideoError
from journeylab.opencv import cv2
from journeylab.streams import AudioBlock, Frame

_FRAME_S = 0.01


@dataclass
class Plug:
    """A camera's cable: what OpenCV opens gives images while it is in."""

    is_in: bool = True
    index: int = 0
    image: np.ndarray = field(default_factory=lambda: np.zeros((48, 64, 3), np.uint8))
    opened: list[int] = field(default_factory=list)

    def probe(self, index: int) -> NodeState:
        return NodeState.READY if self.is_in and index == self.index else NodeState.MISSING

    def open(self, index: int) -> PluggedCapture:
        self.opened.append(index)
        return PluggedCapture(self)


@dataclass
class PluggedCapture:
    """OpenCV's handle on that camera; one that was cut off stays dead."""

    plug: Plug
    is_dead: bool = False

    def isOpened(self) -> bool:  # noqa: N802
        return self.plug.is_in

    def grab(self) -> bool:
        time.sleep(_FRAME_S)
        self.is_dead = self.is_dead or not self.plug.is_in
        return not self.is_dead

    def retrieve(self) -> tuple[bool, np.ndarray]:
        return True, self.plug.image

    def get(self, prop: int, /) -> float:
        return 1 / _FRAME_S if prop == cv2.CAP_PROP_FPS else 0.0

    def set(self, _prop: int, _value: float, /) -> bool:
        return True

    def release(self) -> None:
        self.is_dead = True


@pytest.fixture
def plug() -> Plug:
    return Plug()


@pytest.fixture
def camera(plug: Plug) -> Iterator[DeviceCamera]:
    made = DeviceCamera(
        0,
        clock=SessionClock(),
        locate=lambda: plug.index if plug.is_in else None,
        open_capture=plug.open,
        probe=plug.probe,
    )
    yield made
    made.stop()


def _frames(collector: Collector) -> list[Frame]:
    return [sample for sample in list(collector.samples) if isinstance(sample, Frame)]


def test_a_camera_that_is_plugged_in_again_goes_on_and_says_what_is_missing(
    plug: Plug, camera: DeviceCamera, collector: Collector
) -> None:
    camera.start(collector)
    assert collector.wait_for(20)
    plug.is_in = False
    assert wait_until(lambda: camera.status().fault is not None)
    assert "tried again by itself" in (camera.status().fault or "")
    n_before = len(collector.samples)
    time.sleep(0.4)
    assert len(collector.samples) == n_before
    plug.is_in = True
    assert collector.wait_for(n_before + 10)
    camera.stop()
    status = camera.status()
    assert status.fault is None
    frames, (gap,) = _frames(collector), status.gaps
    last, first = frames[n_before - 1], frames[n_before]
    assert (gap.begin_ns, gap.end_ns) == (last.t_ns, first.t_ns)
    assert gap.end_ns - gap.begin_ns > 0.4 * NS_PER_S
    assert gap.lost == first.index - last.index - 1
    assert gap.lost == pytest.approx((gap.end_ns - gap.begin_ns) / (_FRAME_S * NS_PER_S), rel=0.3)
    assert status.lost >= gap.lost
    times_ns = [frame.t_ns for frame in frames]
    assert times_ns == sorted(times_ns)


def test_a_camera_may_come_back_under_another_number(
    plug: Plug, camera: DeviceCamera, collector: Collector
) -> None:
    camera.start(collector)
    assert collector.wait_for(5)
    plug.is_in = False
    assert wait_until(lambda: camera.status().fault is not None)
    plug.index, plug.is_in = 2, True
    assert wait_until(lambda: bool(camera.status().gaps))
    assert plug.opened == [0, 2]


def test_a_camera_that_comes_back_with_other_images_is_not_taken(
    plug: Plug, camera: DeviceCamera, collector: Collector
) -> None:
    camera.start(collector)
    assert collector.wait_for(5)
    plug.is_in = False
    assert wait_until(lambda: camera.status().fault is not None)
    n_before = len(collector.samples)
    plug.image, plug.is_in = np.zeros((480, 640, 3), np.uint8), True
    assert wait_until(lambda: len(plug.opened) > 1)
    time.sleep(0.2)
    assert camera.status().fault is not None
    assert len(collector.samples) == n_before


def test_a_camera_that_is_away_does_not_hold_up_the_end(
    plug: Plug, camera: DeviceCamera, collector: Collector
) -> None:
    camera.start(collector)
    assert collector.wait_for(5)
    plug.is_in = False
    assert wait_until(lambda: camera.status().fault is not None)
    began_s = time.monotonic()
    camera.stop()
    assert time.monotonic() - began_s < 0.5


def test_a_file_that_vanishes_between_two_rounds_goes_on_when_it_is_back(
    make_clip: MakeClip, collector: Collector
) -> None:
    clip = make_clip(frames=12, rate_hz=30)
    camera = VideoFileCamera(clip, clock=SessionClock(), loop=True)
    camera.start(collector)
    assert collector.wait_for(5)
    away = clip.rename(clip.with_name("away.mp4"))
    assert wait_until(lambda: camera.status().fault is not None)
    assert "no video file" in (camera.status().fault or "")
    time.sleep(0.5)
    n_before = len(collector.samples)
    away.rename(clip)
    assert collector.wait_for(n_before + 15)
    camera.stop()
    status, frames = camera.status(), _frames(collector)
    (gap,) = status.gaps
    assert status.fault is None
    assert (gap.begin_ns, gap.end_ns) == (frames[n_before - 1].t_ns, frames[n_before].t_ns)
    assert gap.lost == frames[n_before].index - frames[n_before - 1].index - 1
    steps_ms = np.diff([frame.t_ns for frame in frames]) / NS_PER_MS
    assert np.delete(steps_ms, n_before - 1) == pytest.approx(1000 / 30, abs=1)
    late_ms = [(f.arrived_ns - f.t_ns) / NS_PER_MS for f in frames[n_before:] if f.arrived_ns]
    assert np.median(late_ms) < 100  # the file plays on at its pace, not behind it


def test_a_file_that_breaks_off_goes_on_where_it_would_be_by_now(
    make_clip: MakeClip, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = make_clip(frames=60, rate_hz=30)
    opened: list[Path] = []

    class BreakingReader(VideoReader):
        """A drive that is pulled while the file is read for the first time."""

        def __init__(self, path: Path) -> None:
            super().__init__(path)
            opened.append(path)

        def __iter__(self) -> Iterator[DecodedImage]:
            for n, image in enumerate(super().__iter__()):
                if n == 10 and len(opened) == 1:
                    raise VideoError(f"{clip} cannot be read to its end (I/O error).")
                yield image

    monkeypatch.setattr(camera_source, "VideoReader", BreakingReader)
    camera = VideoFileCamera(clip, clock=SessionClock())
    camera.start(collector)
    assert wait_until(lambda: camera.status().fault is not None)
    time.sleep(0.3)
    clip.touch()
    assert wait_until(lambda: camera.status().ended)
    camera.stop()
    frames, (gap,) = _frames(collector), camera.status().gaps
    times_ms = [(frame.t_ns - frames[0].t_ns) / NS_PER_MS for frame in frames]
    assert len(times_ms) == len(set(times_ms))
    assert times_ms == sorted(times_ms)
    assert times_ms[-1] == pytest.approx(59 * 1000 / 30, abs=1)
    assert gap.lost == 60 - len(frames)
    assert gap.lost > 5


@pytest.fixture
def own_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[SoundServer, Path]]:
    """A sound server that this test may kill."""
    with tempfile.TemporaryDirectory(prefix="jl-pulse-") as folder:
        server = start_sound_server(Path(folder))
        monkeypatch.setenv("PULSE_SERVER", server.address)
        yield server, Path(folder)
        server.kill()


def test_a_microphone_whose_server_dies_is_heard_again_when_the_server_is_back(
    own_server: tuple[SoundServer, Path], collector: Collector
) -> None:
    server, folder = own_server
    microphone = open_microphone("mic", clock=SessionClock())
    microphone.start(collector)
    assert collector.wait_for(20)
    server.kill()
    assert wait_until(lambda: microphone.status().fault is not None)
    time.sleep(0.3)  # what PortAudio still held
    n_before = len(collector.samples)
    (folder / "native").unlink(missing_ok=True)
    again = start_sound_server(folder)
    try:
        assert collector.wait_for(n_before + 20, timeout_s=20)
        microphone.stop()
    finally:
        again.kill()
    status = microphone.status()
    assert status.fault is None
    (gap,) = status.gaps
    blocks = [block for block in collector.samples if isinstance(block, AudioBlock)]
    last, first = blocks[n_before - 1], blocks[n_before]
    assert gap.end_ns == first.t_ns
    assert gap.begin_ns == pytest.approx(last.t_ns + 20 * NS_PER_MS, abs=NS_PER_MS)
    # Samples are counted on as if it had been there all the time.
    counted_s = (first.first_sample - last.first_sample) / 48000
    assert counted_s == pytest.approx((first.t_ns - last.t_ns) / NS_PER_S, abs=0.05)
    assert gap.lost == pytest.approx((gap.end_ns - gap.begin_ns) / (20 * NS_PER_MS), abs=3)
