"""A real camera's failures to open, its losses and its end, without a camera."""

from __future__ import annotations

import errno
import os
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from capture_bench import Collector, wait_until

from journeylab.capture.camera.device import DeviceCamera
from journeylab.capture.camera.discovery import CameraInfo, list_cameras, open_camera
from journeylab.capture.camera.gaps import FrameGaps
from journeylab.capture.camera.v4l2 import NodeState, probe_node
from journeylab.clock import NS_PER_MS, SessionClock, VirtualClock
from journeylab.errors import CameraError, VideoError
from journeylab.opencv import cv2

_QUERYCAP = 0x80685600


@dataclass
class ScriptedCapture:
    """Stands in for OpenCV's handle: gives frames at 30 Hz of a virtual clock, then nothing."""

    clock: VirtualClock
    frames: int = 20
    opens: bool = True
    hangs: threading.Event | None = None
    missing_before: tuple[int, ...] = ()
    damaged: tuple[int, ...] = ()
    settings: list[tuple[int, float]] = field(default_factory=list)
    grabbed: int = 0
    is_released: bool = False

    def isOpened(self) -> bool:  # noqa: N802
        return self.opens

    def grab(self) -> bool:
        if self.hangs is not None:
            self.hangs.wait(10)
            return False
        if self.grabbed >= self.frames:
            return False
        steps = 1 + (2 if self.grabbed in self.missing_before else 0)
        self.clock.advance_ns(steps * 33 * NS_PER_MS)
        self.grabbed += 1
        return True

    def retrieve(self) -> tuple[bool, np.ndarray | None]:
        if self.grabbed - 1 in self.damaged:
            return False, None
        return True, np.zeros((720, 1280, 3), np.uint8)

    def get(self, prop: int, /) -> float:
        return 30.0 if prop == cv2.CAP_PROP_FPS else 0.0

    def set(self, prop: int, value: float, /) -> bool:
        self.settings.append((prop, value))
        return True

    def release(self) -> None:
        self.is_released = True


def _camera(capture: ScriptedCapture, *, timeout_s: float = 5.0) -> DeviceCamera:
    return DeviceCamera(
        0,
        clock=capture.clock,
        first_frame_timeout_s=timeout_s,
        open_capture=lambda _: capture,
        probe=lambda _: NodeState.READY,
    )


@pytest.mark.parametrize(
    ("state", "said", "remedy"),
    [
        (NodeState.MISSING, "no camera 7", "Plug it in"),
        (NodeState.BUSY, "in use by another program", "Close"),
        (NodeState.DENIED, "may not be used", "usermod -aG video"),
        (NodeState.NOT_A_CAMERA, "gives no video", "another camera"),
    ],
)
def test_a_camera_that_cannot_be_opened_says_why(state: NodeState, said: str, remedy: str) -> None:
    with pytest.raises(CameraError, match=said) as caught:
        DeviceCamera(7, clock=VirtualClock(), probe=lambda _: state)
    assert remedy in caught.value.remedy
    assert "/dev/video7" in caught.value.what


@pytest.mark.skipif(Path("/dev/video63").exists(), reason="this machine has very many cameras")
def test_a_camera_that_is_not_there_is_told_from_the_system_itself() -> None:
    with pytest.raises(CameraError, match="There is no camera 63"):
        open_camera("63", clock=SessionClock())


def test_a_camera_taken_between_question_and_opening_is_busy() -> None:
    states = iter([NodeState.READY, NodeState.BUSY])
    capture = ScriptedCapture(VirtualClock(), opens=False)
    with pytest.raises(CameraError, match="in use"):
        DeviceCamera(
            0, clock=capture.clock, open_capture=lambda _: capture, probe=lambda _: next(states)
        )
    assert capture.is_released


def test_a_camera_without_an_image_is_refused_in_time() -> None:
    release = threading.Event()
    capture = ScriptedCapture(VirtualClock(), hangs=release)
    with pytest.raises(CameraError, match="gave no image") as caught:
        _camera(capture, timeout_s=0.2)
    assert "shutter" in caught.value.remedy
    release.set()
    assert wait_until(lambda: capture.is_released), "the camera stayed open"


def test_motion_jpeg_is_asked_for_before_the_size() -> None:
    capture = ScriptedCapture(VirtualClock())
    camera = _camera(capture)
    camera.stop()
    asked = [prop for prop, _ in capture.settings]
    assert asked.index(cv2.CAP_PROP_FOURCC) < asked.index(cv2.CAP_PROP_FRAME_WIDTH)
    assert (cv2.CAP_PROP_FRAME_WIDTH, 1280) in capture.settings
    assert (camera.width_px, camera.height_px, camera.rate_hz) == (1280, 720, 30.0)
    assert capture.is_released


def test_an_unplugged_camera_faults_its_status() -> None:
    capture = ScriptedCapture(VirtualClock(), frames=12)
    collector = Collector()
    camera = _camera(capture)
    camera.start(collector)
    assert wait_until(lambda: camera.status().fault is not None)
    camera.stop()
    # One proved that it works, one was waited for so that the next is fresh.
    assert len(collector.samples) == 10
    assert "stopped giving images" in (camera.status().fault or "")
    assert not camera.status().ended


def test_missing_and_damaged_frames_are_counted_as_lost() -> None:
    capture = ScriptedCapture(VirtualClock(), frames=60, missing_before=(40,), damaged=(50,))
    collector = Collector()
    camera = _camera(capture)
    camera.start(collector)
    assert wait_until(lambda: camera.status().fault is not None)
    camera.stop()
    status = camera.status()
    assert (status.samples, status.lost) == (57, 3)
    assert collector.samples[-1].index == 59  # type: ignore[union-attr]


def test_a_camera_that_slows_down_in_the_dark_loses_nothing() -> None:
    gaps = FrameGaps(30.0)
    times_ms = [k * 33 for k in range(40)]
    times_ms += [times_ms[-1] + k * 66 for k in range(1, 60)]
    lost = [gaps.add(time * NS_PER_MS) for time in times_ms]
    assert sum(lost[60:]) == 0, "half the rate was taken for a loss for good"


def test_a_gap_counts_the_frames_it_holds() -> None:
    gaps = FrameGaps(30.0)
    for k in range(20):
        gaps.add(k * 33 * NS_PER_MS)
    assert gaps.add((19 + 4) * 33 * NS_PER_MS) == 3


def _node(
    capabilities: int, *, on_buffers: int = 0
) -> tuple[Callable[[Path], int], Callable[[int, int, bytearray], int]]:
    """System calls of a device with these capabilities and this errno for its buffers."""

    def open_node(_path: Path) -> int:
        return os.open(os.devnull, os.O_RDONLY)

    def ioctl(_node: int, request: int, data: bytearray) -> int:
        if request == _QUERYCAP:
            struct.pack_into("=I", data, 88, capabilities)
        elif on_buffers:
            raise OSError(on_buffers, os.strerror(on_buffers))
        return 0

    return open_node, ioctl


@pytest.mark.parametrize(
    ("capabilities", "on_buffers", "state"),
    [
        (0x04200001, 0, NodeState.READY),
        (0x04200001, errno.EBUSY, NodeState.BUSY),
        (0x04200001, errno.EINVAL, NodeState.READY),  # no memory-mapped buffers: ask no further
        (0x04A00000, 0, NodeState.NOT_A_CAMERA),
    ],
)
def test_the_node_of_a_device_tells_how_it_stands(
    capabilities: int, on_buffers: int, state: NodeState
) -> None:
    open_node, ioctl = _node(capabilities, on_buffers=on_buffers)
    assert probe_node(Path("/dev/video0"), open_node=open_node, ioctl=ioctl) is state


@pytest.mark.parametrize(
    ("number", "state"),
    [
        (errno.ENOENT, NodeState.MISSING),
        (errno.ENODEV, NodeState.MISSING),
        (errno.EACCES, NodeState.DENIED),
        (errno.EBUSY, NodeState.BUSY),
    ],
)
def test_a_node_that_does_not_open_tells_why(number: int, state: NodeState) -> None:
    def refuse(_path: Path) -> int:
        raise OSError(number, os.strerror(number))

    assert probe_node(Path("/dev/video0"), open_node=refuse) is state


def test_an_ordinary_file_is_not_a_camera(tmp_path: Path) -> None:
    path = tmp_path / "video0"
    path.touch()
    assert probe_node(path) is NodeState.NOT_A_CAMERA


def test_cameras_are_listed_by_name_without_their_metadata_nodes(tmp_path: Path) -> None:
    for node, name in (("video2", "Logitech BRIO"), ("video3", "Logitech BRIO"), ("video0", "")):
        (tmp_path / node).mkdir()
        (tmp_path / node / "name").write_text(f"{name}\n")
    (tmp_path / "v4l-subdev0").mkdir()

    def probe(path: Path) -> NodeState:
        return NodeState.NOT_A_CAMERA if path.name == "video3" else NodeState.BUSY

    assert list_cameras(sysfs=tmp_path, probe=probe) == (
        CameraInfo(0, "video0"),
        CameraInfo(2, "Logitech BRIO"),
    )


def test_no_camera_at_all_is_an_empty_list(tmp_path: Path) -> None:
    assert list_cameras(sysfs=tmp_path / "absent") == ()


def test_a_name_that_is_neither_camera_nor_file_is_refused() -> None:
    with pytest.raises(VideoError, match=r"no video file and no camera .*holiday\.mp4"):
        open_camera("holiday.mp4", clock=VirtualClock())
