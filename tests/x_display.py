"""An X display of a test's own, with one monitor or several side by side."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

_MM_PER_PX = 0.264


@contextmanager
def x_display(sizes: Sequence[tuple[int, int]]) -> Iterator[str]:
    """The display's name, such as ``:57``; its monitors have these sizes, from left to right."""
    if shutil.which("Xvfb") is None:
        pytest.fail("Xvfb is missing: run make test, which installs it")
    reader, writer = os.pipe()
    screen = f"{sum(w for w, _ in sizes)}x{max(h for _, h in sizes)}x24"
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", screen, "-noreset"],
        pass_fds=(writer,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    with os.fdopen(reader) as pipe:
        name = ":" + pipe.readline().strip()
    try:
        if len(sizes) > 1:
            _set_monitors(sizes, display=name)
        yield name
    finally:
        server.terminate()
        server.wait(10)


def _set_monitors(sizes: Sequence[tuple[int, int]], *, display: str) -> None:
    left = 0
    for number, (width, height) in enumerate(sizes):
        mm = round(width * _MM_PER_PX), round(height * _MM_PER_PX)
        place = f"{width}/{mm[0]}x{height}/{mm[1]}+{left}+0"
        subprocess.run(
            ["xrandr", "--setmonitor", "LR"[number], place, "none" if number else "screen"],
            env={**os.environ, "DISPLAY": display},
            check=False,
            capture_output=True,
        )
        left += width
