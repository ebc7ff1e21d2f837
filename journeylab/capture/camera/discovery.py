"""Which cameras there are, and opening one by what the moderator typed or chose."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from journeylab.capture.camera.source import DeviceCamera, VideoFileCamera
from journeylab.capture.camera.v4l2 import NodeState, node_path, probe_node
from journeylab.capture.source import CameraSource
from journeylab.clock import Clock
from journeylab.errors import VideoError

_SYSFS: Final = Path("/sys/class/video4linux")
# Where the system keeps no list of cameras, these indices are tried.
_TRIED: Final = 4


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """A camera to choose: ``index`` opens it, ``name`` is for people."""

    index: int
    name: str


def list_cameras(
    *, sysfs: Path = _SYSFS, probe: Callable[[Path], NodeState] = probe_node
) -> tuple[CameraInfo, ...]:
    """Cameras of this machine by index, busy and forbidden ones included.

    Parameters
    ----------
    sysfs, probe
        Where Linux lists video devices and how one is asked what it is, for tests.
    """
    if sys.platform != "linux":
        return _try_cameras()
    found = []
    for node in sysfs.glob("video*") if sysfs.is_dir() else ():
        match = re.fullmatch(r"video(\d+)", node.name)
        # A webcam has further nodes for metadata; they give no images.
        if match is None or probe(node_path(int(match[1]))) is NodeState.NOT_A_CAMERA:
            continue
        found.append(CameraInfo(int(match[1]), _name(node)))
    return tuple(sorted(found, key=lambda camera: camera.index))


def open_camera(spec: str, *, clock: Clock, loop: bool = False) -> CameraSource:
    """Open a camera by its number, its device node, its name, or a video file as a camera.

    Parameters
    ----------
    spec
        ``"0"``, ``"/dev/video0"``, a name of :func:`list_cameras`, or the path of a video file.
    loop
        For a video file: begin again at its end.

    Raises
    ------
    CameraError
        As :class:`DeviceCamera`.
    VideoError
        As :class:`VideoFileCamera`, and when there is neither a file nor a camera of that name.
    """
    match = re.fullmatch(r"(?:/dev/video)?(\d{1,3})", spec.strip())
    if match is not None:
        index = int(match[1])
        return _open_device(index, list_cameras(), clock=clock)
    path = Path(spec).expanduser()
    if not path.exists():
        cameras = list_cameras()
        for camera in cameras:
            if camera.name == spec:
                return _open_device(camera.index, cameras, clock=clock)
        listed = ", ".join(f"{camera.index} ({camera.name})" for camera in cameras)
        raise VideoError(
            f'There is no video file and no camera called "{spec}".',
            remedy=f"Check the name and folder; cameras here: {listed or 'none'}.",
        )
    return VideoFileCamera(path, clock=clock, loop=loop)


def _open_device(index: int, cameras: tuple[CameraInfo, ...], *, clock: Clock) -> DeviceCamera:
    name = {camera.index: camera.name for camera in cameras}.get(index)
    # Cameras of the same make that are there already are other cameras.
    others = {camera.index for camera in cameras if camera.name == name} - {index}

    def locate() -> int | None:
        here = [camera.index for camera in list_cameras() if camera.name == name]
        mine = [one for one in here if one not in others]
        return index if index in mine else next(iter(mine), None)

    is_known = name is not None and sys.platform == "linux"
    return DeviceCamera(index, clock=clock, label=name, locate=locate if is_known else None)


def _name(node: Path) -> str:
    try:
        name = (node / "name").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        name = ""
    return name or node.name


def _try_cameras() -> tuple[CameraInfo, ...]:
    from journeylab.opencv import cv2

    found = []
    for index in range(_TRIED):
        capture = cv2.VideoCapture(index, cv2.CAP_ANY)
        if capture.isOpened():
            found.append(CameraInfo(index, f"camera {index}"))
        capture.release()
    return tuple(found)
