"""The command line with a real display under it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator

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


@pytest.fixture(scope="module")
def monitors() -> Iterator[str]:
    """A display of two monitors: 1280x800 and, right of it, 1024x768."""
    if shutil.which("Xvfb") is None:
        pytest.fail("Xvfb is missing: run make test, which installs it")
    reader, writer = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", "2304x800x24", "-noreset"],
        pass_fds=(writer,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    with os.fdopen(reader) as pipe:
        name = ":" + pipe.readline().strip()
    for monitor in ("L 1280/338x800/211+0+0 screen", "R 1024/270x768/203+1280+0 none"):
        subprocess.run(
            ["xrandr", "--setmonitor", *monitor.split()],
            env={**os.environ, "DISPLAY": name},
            check=False,
            capture_output=True,
        )
    try:
        yield name
    finally:
        server.terminate()
        server.wait(10)
