"""What every source promises, held by every implementation: real, file and simulated.

Each implementation lives one life (start, samples, stop), recorded once; the tests then read
what was recorded.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from capture_bench import Collector, MakeClip, wait_until
from numpy.typing import NDArray
from sound_server import SoundServer, start_sound_server

from journeylab.capture.audio.discovery import open_microphone
from journeylab.capture.audio.simulated import SimulatedMicrophone
from journeylab.capture.camera.device import CaptureHandle
from journeylab.capture.camera.simulated import SimulatedCamera
from journeylab.capture.camera.source import DeviceCamera, VideoFileCamera
from journeylab.capture.camera.v4l2 import NodeState
from journeylab.capture.pointer.motion import PointerSample
from journeylab.capture.pointer.simulated import SimulatedPointer
from journeylab.capture.pointer.source import SystemPointer
from journeylab.capture.source import Source, SourceStatus
from journeylab.clock import SessionClock
from journeylab.opencv import cv2
from journeylab.streams import STREAMS, AudioBlock, Frame, Row, Sample, StreamKind

_CLOCK = SessionClock()
_WANTED = 8


@dataclass
class Implementation:
    """One implementation under test."""

    make: Callable[[], Source]
    stimulate: Callable[[], None] = lambda: None
    kill: Callable[[], None] | None = None
    """Ends the device under a running source; None for those that cannot die from outside."""


class PacedCapture:
    """OpenCV on a file, at the pace of a camera; ``pull`` unplugs it."""

    def __init__(self, path: Path) -> None:
        self._file = cv2.VideoCapture(str(path))
        self._is_pulled = threading.Event()

    def grab(self) -> bool:
        return not self._is_pulled.wait(0.02) and bool(self._file.grab())

    def pull(self) -> None:
        self._is_pulled.set()

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)


@pytest.fixture(scope="module")
def patch() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as context:
        yield context


def _video_file(make_clip: MakeClip) -> Implementation:
    path = make_clip(frames=60)
    return Implementation(lambda: VideoFileCamera(path, clock=_CLOCK))


def _device_camera(make_clip: MakeClip) -> Implementation:
    path = make_clip(frames=200)
    opened: list[PacedCapture] = []

    def open_capture(_index: int) -> CaptureHandle:
        opened.append(PacedCapture(path))
        return opened[-1]  # type: ignore[return-value]

    return Implementation(
        lambda: DeviceCamera(
            0, clock=_CLOCK, open_capture=open_capture, probe=lambda _: NodeState.READY
        ),
        kill=lambda: opened[-1].pull(),  # noqa: PLW0108  the last one at that time
    )


def _simulated_camera() -> Implementation:
    is_broken = threading.Event()

    def render(_t_ns: int) -> NDArray[np.uint8]:
        if is_broken.is_set():
            raise ValueError("the avatar lost its face")
        return np.zeros((48, 64, 3), np.uint8)

    def make() -> Source:
        is_broken.clear()
        return SimulatedCamera(
            render, clock=_CLOCK, width_px=64, height_px=48, rate_hz=50, label="avatar"
        )

    return Implementation(make, kill=is_broken.set)


def _simulated_pointer() -> Implementation:
    is_broken = threading.Event()

    def events(start_ns: int, _end_ns: int) -> list[PointerSample]:
        if is_broken.is_set():
            raise ValueError("no hand on the mouse")
        return [PointerSample(start_ns, start_ns / 1e6, 10.0)]

    def make() -> Source:
        is_broken.clear()
        return SimulatedPointer(events, clock=_CLOCK)

    return Implementation(make, kill=is_broken.set)


def _simulated_microphone() -> Implementation:
    is_broken = threading.Event()

    def samples(_first: int, count: int) -> NDArray[np.int16]:
        return np.zeros(count + is_broken.is_set(), np.int16)

    def make() -> Source:
        is_broken.clear()
        return SimulatedMicrophone(samples, clock=_CLOCK, rate_hz=16000)

    return Implementation(make, kill=is_broken.set)


def _system_pointer(request: pytest.FixtureRequest, patch: pytest.MonkeyPatch) -> Implementation:
    display = request.getfixturevalue("xvfb")
    for name in ("WAYLAND_DISPLAY", "XDG_SESSION_TYPE"):
        patch.delenv(name, raising=False)
    patch.setenv("DISPLAY", display)

    def stimulate() -> None:
        moves = [part for x in range(100, 500, 40) for part in ("mousemove", str(x), "200")]
        subprocess.run(["xdotool", *moves], check=True)

    return Implementation(lambda: SystemPointer(clock=_CLOCK), stimulate)


def _microphone(request: pytest.FixtureRequest, patch: pytest.MonkeyPatch) -> Implementation:
    server: SoundServer = request.getfixturevalue("sound_server")
    patch.setenv("PULSE_SERVER", server.address)
    return Implementation(lambda: open_microphone("default", clock=_CLOCK))


_IMPLEMENTATIONS = (
    "video_file",
    "device_camera",
    "simulated_camera",
    "system_pointer",
    "simulated_pointer",
    "microphone",
    "simulated_microphone",
)
# The display and the sound server die in tests of their own, below; a file cannot.
_MORTAL = ("device_camera", "simulated_camera", "simulated_pointer", "simulated_microphone")


@pytest.fixture(scope="module", params=_IMPLEMENTATIONS)
def implementation(
    request: pytest.FixtureRequest, make_clip: MakeClip, patch: pytest.MonkeyPatch
) -> Implementation:
    makers: dict[str, Callable[[], Implementation]] = {
        "video_file": lambda: _video_file(make_clip),
        "device_camera": lambda: _device_camera(make_clip),
        "simulated_camera": _simulated_camera,
        "system_pointer": lambda: _system_pointer(request, patch),
        "simulated_pointer": _simulated_pointer,
        "microphone": lambda: _microphone(request, patch),
        "simulated_microphone": _simulated_microphone,
    }
    return makers[request.param]()


@dataclass
class Life:
    """What one life of a source left behind."""

    source: Source
    before: SourceStatus
    start_ns: int
    samples: list[Sample]
    during: SourceStatus
    stop_s: float
    end_ns: int
    at_stop: SourceStatus
    late_samples: int
    threads_left: list[str]
    second_start: type[Exception] | None = None
    start_after_stop: type[Exception] | None = None
    emitters: set[str] = field(default_factory=set)


@pytest.fixture(scope="module")
def life(implementation: Implementation) -> Life:
    threads = set(threading.enumerate())
    collector = Collector()
    emitters: set[str] = set()

    def emit(sample: Sample) -> None:
        emitters.add(threading.current_thread().name)
        collector(sample)

    source = implementation.make()
    before, start_ns = source.status(), _CLOCK.now_ns()
    source.start(emit)
    second_start = _error_of(lambda: source.start(emit))
    implementation.stimulate()
    assert collector.wait_for(_WANTED), f"only {len(collector.samples)} samples came"
    during = source.status()
    stopping_s = time.monotonic()
    source.stop()
    stop_s = time.monotonic() - stopping_s
    count = len(collector.samples)
    source.stop()
    time.sleep(0.1)
    return Life(
        source=source,
        before=before,
        start_ns=start_ns,
        samples=collector.samples[:count],
        during=during,
        stop_s=stop_s,
        end_ns=_CLOCK.now_ns(),
        at_stop=source.status(),
        late_samples=len(collector.samples) - count,
        threads_left=[t.name for t in set(threading.enumerate()) - threads if t.is_alive()],
        second_start=second_start,
        start_after_stop=_error_of(lambda: source.start(emit)),
        emitters=emitters,
    )


def _error_of(act: Callable[[], None]) -> type[Exception] | None:
    try:
        act()
    except RuntimeError as error:
        return type(error)
    return None


def _t_ns(sample: Sample) -> int:
    return sample.t_ns


def test_a_source_names_its_stream_and_its_device(life: Life) -> None:
    assert life.source.stream in STREAMS
    assert life.source.label


def test_a_source_says_whether_it_is_simulated(life: Life) -> None:
    assert life.source.is_simulated == type(life.source).__name__.startswith("Simulated")


def test_nothing_is_counted_before_the_start(life: Life) -> None:
    assert life.before == SourceStatus(samples=0, lost=0, fault=None, ended=False)


def test_samples_are_of_the_streams_kind(life: Life) -> None:
    kinds = {StreamKind.VIDEO: Frame, StreamKind.AUDIO: AudioBlock, StreamKind.TABLE: Row}
    spec = STREAMS[life.source.stream]
    assert {type(sample) for sample in life.samples} == {kinds[spec.kind]}
    assert {sample.stream for sample in life.samples} == {spec.name}


def test_rows_have_the_streams_columns(life: Life) -> None:
    columns = STREAMS[life.source.stream].columns
    for sample in life.samples:
        if isinstance(sample, Row):
            assert len(sample.values) == len(columns)


def test_frames_have_the_size_that_was_told(life: Life) -> None:
    frames = [sample for sample in life.samples if isinstance(sample, Frame)]
    for frame in frames:
        assert frame.image.shape == (life.source.height_px, life.source.width_px, 3)  # type: ignore[attr-defined]
        assert frame.image.dtype == np.uint8
    assert len({id(frame.image) for frame in frames}) == len(frames), "an image was used twice"


def test_audio_blocks_are_mono_int16_and_adjoin(life: Life) -> None:
    blocks = [sample for sample in life.samples if isinstance(sample, AudioBlock)]
    for block, following in pairwise(blocks):
        assert block.pcm.dtype == np.int16
        assert block.pcm.ndim == 1
        assert block.rate_hz == life.source.rate_hz  # type: ignore[attr-defined]
        assert following.first_sample >= block.first_sample + block.pcm.size


def test_time_stamps_never_go_back(life: Life) -> None:
    times = [_t_ns(sample) for sample in life.samples]
    assert times == sorted(times)


def test_time_stamps_lie_within_the_life_of_the_source(life: Life) -> None:
    # A microphone's first block was recorded up to one driver's delay before it came.
    assert life.samples[0].t_ns >= life.start_ns - 50_000_000
    assert life.samples[-1].t_ns <= life.end_ns


def test_nothing_arrives_before_it_happened(life: Life) -> None:
    for sample in life.samples:
        if sample.arrived_ns is not None:
            assert sample.arrived_ns >= sample.t_ns


def test_every_sample_is_counted(life: Life) -> None:
    assert life.at_stop.samples == len(life.samples)
    assert 0 < life.during.samples <= life.at_stop.samples


def test_a_healthy_source_has_no_fault(life: Life) -> None:
    assert life.during.fault is None
    assert life.at_stop.fault is None


def test_samples_do_not_come_from_the_thread_that_started(life: Life) -> None:
    assert threading.current_thread().name not in life.emitters


def test_a_source_starts_only_once(life: Life) -> None:
    assert life.second_start is RuntimeError
    assert life.start_after_stop is RuntimeError


def test_stop_comes_back_soon(life: Life) -> None:
    assert life.stop_s < 2


def test_nothing_is_emitted_after_stop(life: Life) -> None:
    assert life.late_samples == 0


def test_stop_leaves_no_thread(life: Life) -> None:
    assert life.threads_left == []


def test_stop_without_start_closes_the_device(implementation: Implementation) -> None:
    source = implementation.make()
    source.stop()
    source.stop()
    assert source.status().samples == 0


def _assert_it_dies_visibly(source: Source, kill: Callable[[], None], collector: Collector) -> None:
    source.start(collector)
    try:
        assert collector.wait_for(1)
        kill()
        assert wait_until(lambda: source.status().fault is not None), "no fault was shown"
        count = len(collector.samples)
        time.sleep(0.1)
        assert len(collector.samples) == count, "a dead device went on"
    finally:
        source.stop()
    fault = source.status().fault
    assert fault is not None
    assert fault.endswith(".")


@pytest.mark.parametrize("implementation", _MORTAL, indirect=True)
def test_a_dead_device_faults_and_falls_silent(
    implementation: Implementation, collector: Collector
) -> None:
    assert implementation.kill is not None
    _assert_it_dies_visibly(implementation.make(), implementation.kill, collector)


def test_a_display_that_goes_away_faults_the_pointer(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, writer = os.pipe()
    with subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", "640x480x24", "-noreset"],
        pass_fds=(writer,),
        stderr=subprocess.DEVNULL,
    ) as server:
        os.close(writer)
        with os.fdopen(reader) as pipe:
            monkeypatch.setenv("DISPLAY", ":" + pipe.readline().strip())
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        monkeypatch.delenv("XDG_SESSION_TYPE", raising=False)
        source = SystemPointer(clock=_CLOCK)
        _assert_it_dies_visibly(source, server.kill, collector)


def test_a_sound_server_that_goes_away_faults_the_microphone(
    tmp_path: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start_sound_server(tmp_path)
    monkeypatch.setenv("PULSE_SERVER", server.address)
    try:
        source = open_microphone("default", clock=_CLOCK)
        _assert_it_dies_visibly(source, server.kill, collector)
    finally:
        server.kill()
