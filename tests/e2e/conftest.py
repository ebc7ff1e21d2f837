"""The command line with a real display under it."""

from __future__ import annotations

import os

import pytest
from command_line import CommandLine


@pytest.fixture(scope="session")
def command(xvfb: str, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """The command on an X display, with a home folder of its own and no sound."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in ("WAYLAND_DISPLAY", "XDG_SESSION_TYPE", "JOURNEYLAB_FACES")
    }
    return CommandLine(
        {
            **inherited,
            "DISPLAY": xvfb,
            "HOME": str(tmp_path_factory.mktemp("home")),
            "QT_QPA_PLATFORM": "xcb",
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "NO_COLOR": "1",
        }
    )
