"""The command line with a real display under it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from command_line import CommandLine
from x_display import x_display


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


@pytest.fixture(scope="module")
def monitors() -> Iterator[str]:
    """A display of two monitors: 1280x800 and, right of it, 1024x768."""
    with x_display(((1280, 800), (1024, 768))) as name:
        yield name
