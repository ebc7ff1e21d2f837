"""Room on the disk, set aside for a growing file before it is needed.

So a full disk is met while there is still room for what cannot be had again: the markers, answers
and measures of that moment, and the closing of the journal.
"""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

RESERVE_BYTES: Final = 256 << 10
"""What stays set aside behind the end: half a second of everything but video."""

_STEPS_BYTES: Final = (8 << 20, 1 << 20, 0)
_KEEP_SIZE: Final = 1
_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

Allocate = Callable[[int, int, int], int]
"""Sets aside a file's bytes from an offset on for a length, without making it longer; an errno."""


class Reserve:
    """Sets room aside in steps. Where the disk cannot, all room counts as there."""

    def __init__(self, fd: int, *, allocate: Allocate | None = None) -> None:
        self._fd = fd
        self._allocate = allocate or system_allocate()
        self._end = 0

    def holds(self, end: int) -> bool:
        """Whether the file's first ``end`` bytes have their room, which is set aside if not."""
        if self._allocate is None or end <= self._end:
            return True
        for step in _STEPS_BYTES:
            code = self._allocate(self._fd, self._end, end + step - self._end)
            if code == 0:
                self._end = end + step
                return True
            if code not in _NO_ROOM:
                self._allocate = None  # not on this disk
                return True
        return False


def system_allocate() -> Allocate | None:
    """Linux's fallocate; None on other systems."""
    try:
        function = ctypes.CDLL(None, use_errno=True).fallocate
    except (OSError, AttributeError):
        return None
    function.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_longlong, ctypes.c_longlong)
    function.restype = ctypes.c_int

    def allocate(fd: int, offset: int, length: int) -> int:
        while function(fd, _KEEP_SIZE, offset, length) != 0:
            code = ctypes.get_errno()
            if code != errno.EINTR:
                return code
        return 0

    return allocate


def give_back(fd: int, size: int) -> None:
    """Return what was set aside behind a file's end; OSError when the disk refuses."""
    os.ftruncate(fd, size)


def set_aside(path: Path, n_bytes: int) -> None:
    """Make sure of room for a file's first bytes; the file is made where there is none.

    Raises
    ------
    OSError
        When the disk has not that much. Where it cannot set room aside, it does not.
    """
    allocate = system_allocate()
    if allocate is None:
        return
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        code = allocate(fd, 0, n_bytes)
    finally:
        os.close(fd)
    if code in _NO_ROOM:
        raise OSError(code, os.strerror(code))
