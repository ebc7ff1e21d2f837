"""What Linux says about a camera's device node, before OpenCV touches it.

OpenCV reports every failure to open a camera with the same silence; these questions tell a
missing camera from a busy one and from one this account may not use.
"""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Callable
from contextlib import suppress
from enum import Enum, auto
from pathlib import Path
from typing import Final

# linux/videodev2.h
_VIDIOC_QUERYCAP: Final = 0x80685600
_VIDIOC_REQBUFS: Final = 0xC0145608
_QUERYCAP_SIZE: Final = 104
_DEVICE_CAPS_OFFSET: Final = 88
_CAP_VIDEO_CAPTURE: Final = 0x1 | 0x1000  # single- and multi-planar
_BUF_TYPE_VIDEO_CAPTURE: Final = 1
_MEMORY_MMAP: Final = 1

OpenNode = Callable[[Path], int]
Ioctl = Callable[[int, int, bytearray], int]


class NodeState(Enum):
    """How a device node stands."""

    READY = auto()
    MISSING = auto()
    DENIED = auto()
    BUSY = auto()
    NOT_A_CAMERA = auto()  # a metadata node, a tuner, an encoder


def node_path(index: int) -> Path:
    """Device node of a camera's index."""
    return Path(f"/dev/video{index}")


def probe_node(
    path: Path, *, open_node: OpenNode | None = None, ioctl: Ioctl | None = None
) -> NodeState:
    """Ask a device node how it stands; leaves it as it was.

    Parameters
    ----------
    open_node, ioctl
        The two system calls, for tests.
    """
    call = ioctl or _system_ioctl
    try:
        node = (open_node or _system_open)(path)
    except OSError as error:
        return _state_of(error)
    try:
        answer = bytearray(_QUERYCAP_SIZE)
        call(node, _VIDIOC_QUERYCAP, answer)
        (device_caps,) = struct.unpack_from("=I", answer, _DEVICE_CAPS_OFFSET)
        if not device_caps & _CAP_VIDEO_CAPTURE:
            return NodeState.NOT_A_CAMERA
        return _buffers_state(node, call)
    except OSError as error:
        return NodeState.NOT_A_CAMERA if error.errno == errno.ENOTTY else _state_of(error)
    finally:
        with suppress(OSError):
            os.close(node)


def _buffers_state(node: int, call: Ioctl) -> NodeState:
    """Whoever streams from a camera owns its buffers: asking for one tells."""
    try:
        call(node, _VIDIOC_REQBUFS, _buffer_request(1))
    except OSError as error:
        return NodeState.BUSY if error.errno == errno.EBUSY else NodeState.READY
    with suppress(OSError):
        call(node, _VIDIOC_REQBUFS, _buffer_request(0))
    return NodeState.READY


def _buffer_request(count: int) -> bytearray:
    return bytearray(struct.pack("=5I", count, _BUF_TYPE_VIDEO_CAPTURE, _MEMORY_MMAP, 0, 0))


def _state_of(error: OSError) -> NodeState:
    if error.errno in {errno.EACCES, errno.EPERM}:
        return NodeState.DENIED
    if error.errno == errno.EBUSY:
        return NodeState.BUSY
    return NodeState.MISSING


def _system_open(path: Path) -> int:
    return os.open(path, os.O_RDWR | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))


def _system_ioctl(node: int, request: int, data: bytearray) -> int:
    from fcntl import ioctl  # not on every system this module is imported on

    return int(ioctl(node, request, data, True))
