"""Fixtures shared by all tests: a display, the real clips, the offscreen platform."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sound_server import SoundServer, start_sound_server
from x_display import x_display

# Before any test module imports Qt: without a display of its own, Qt draws offscreen. As root,
# Chromium's sandbox cannot start.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
if os.geteuid() == 0:
    os.environ.setdefault("QTWEBENGINE_DISABLE_SANDBOX", "1")

_ROOT = Path(__file__).resolve().parent.parent

_REALTIME_FIXTURES = frozenset({"sound_server"})
_REALTIME_PLACES = (
    "app/test_acting.py",
    "app/test_demo.py",
    "app/test_full_disk.py",
    "app/test_gaze_wiring.py",
    "app/test_interludes.py",
    "app/test_live",
    "app/test_preparing.py",
    "app/test_questions.py",
    "app/test_record_neutral.py",
    "app/test_replay",
    "app/test_whole_session.py",
    "app/test_window",
    "capture/",
    "e2e/test_interrupted_sessions.py",
    "e2e/test_moderated_session.py",
    "e2e/test_one_hand.py",
    "e2e/test_record_under_x.py",
    "e2e/test_shared_keyboard.py",
    "e2e/test_two_monitors_session.py",
    "faults/",
    "session/test_live_chain.py",
    "ui/participant/test_page_media.py",
    "ui/analysis/test_replay_sound.py",
    "ui/participant/test_video",
)
"""Tests that keep time with a thread, a device or a window: beside others they would be late."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what must run by itself; see ``make test``."""
    for item in items:
        place = str(item.path.relative_to(_ROOT / "tests"))
        has_fixture = _REALTIME_FIXTURES & set(getattr(item, "fixturenames", ()))
        if has_fixture or place.startswith(_REALTIME_PLACES):
            item.add_marker(pytest.mark.realtime)


@pytest.fixture(scope="session")
def faces() -> Path:
    """Folder of the real and rendered clips; skips where it is absent."""
    folder = Path(os.environ.get("JOURNEYLAB_FACES", _ROOT.parent / "shared" / "faces"))
    if not folder.is_dir():
        pytest.skip(f"no test clips: set JOURNEYLAB_FACES, or put them in {folder}")
    return folder


@pytest.fixture(scope="session")
def xvfb() -> Iterator[str]:
    """A real X display of 1920x1080 that the test owns; its name, such as ``:57``."""
    with x_display(((1920, 1080),)) as name:
        yield name


@pytest.fixture
def two_modes(xvfb: str) -> Iterator[str]:
    """The X display, which may take the mode ``smaller`` of 1280x720 as well."""
    environment = {**os.environ, "DISPLAY": xvfb}

    def xrandr(*arguments: str) -> None:
        subprocess.run(["xrandr", *arguments], env=environment, check=True)

    times = ("1280", "1280", "1280", "1280", "720", "720", "720", "720")
    xrandr("--newmode", "smaller", "0", *times)
    xrandr("--addmode", "screen", "smaller")
    # Qt knows the display by its output's name once it has a mode of its own.
    xrandr("--output", "screen", "--mode", "smaller")
    xrandr("--output", "screen", "--mode", "1920x1080")
    yield xvfb
    xrandr("--output", "screen", "--mode", "1920x1080")
    xrandr("--delmode", "screen", "smaller")
    xrandr("--rmmode", "smaller")


@pytest.fixture(scope="session")
def sound_server() -> Iterator[SoundServer]:
    """The suite's sound server."""
    if shutil.which("pulseaudio") is None or shutil.which("pacat") is None:
        pytest.fail("PulseAudio is missing: run make test, which installs it")
    # Not tmp_path: the path of a socket must be short.
    with tempfile.TemporaryDirectory(prefix="jl-pulse-") as folder:
        server = start_sound_server(Path(folder))
        try:
            yield server
        finally:
            server.hush()
            server.kill()
