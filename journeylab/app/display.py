"""Whether there is a display to open a window on."""

from __future__ import annotations

import os
import socket
import sys
from contextlib import closing
from pathlib import Path

from journeylab.errors import DisplayError


def has_display() -> bool:
    """True when a window can be opened: Qt ends the process where it cannot."""
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM") == "offscreen":
        return True
    return _has_wayland() or _has_x()


def _has_wayland() -> bool:
    named = os.environ.get("WAYLAND_DISPLAY")
    if not named:
        return False
    path = Path(os.environ.get("XDG_RUNTIME_DIR", "")) / named  # or absolute, as it may be
    try:
        with closing(socket.socket(socket.AF_UNIX)) as compositor:
            compositor.connect(str(path))
    except OSError:
        return False
    return True


def _has_x() -> bool:
    if not os.environ.get("DISPLAY"):
        return False
    from Xlib.display import Display
    from Xlib.error import DisplayError as XDisplayError

    try:
        Display().close()
    except (XDisplayError, OSError):
        return False
    return True


def require_display() -> None:
    """Raise DisplayError when no window can be opened."""
    if not has_display():
        named = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        raise DisplayError(
            f'The display "{named}" does not answer.' if named else "There is no display.",
            remedy="Sessions need a screen: run this from a desktop, or under Xvfb with xvfb-run.",
        )
