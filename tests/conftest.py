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

# Before any test module imports Qt: without a display of its own, Qt draws offscreen. As root,
# Chromium's sandbox cannot start.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
if os.geteuid() == 0:
    os.environ.setdefault("QTWEBENGINE_DISABLE_SANDBOX", "1")

_ROOT = Path(__file__).resolve().parent.parent

_REALTIME_FIXTURES = frozenset({"sound_server"})
_REALTIME_PLACES = (
    "app/test_demo.py",
    "app/test_full_disk.py",
    "app/test_live",
    "app/test_preparing.py",
    "app/test_questions.py",
    "app/test_whole_session.py",
    "app/test_window",
    "capture/",
    "e2e/test_interrupted_sessions.py",
    "e2e/test_moderated_session.py",
    "e2e/test_questions_on_two_monitors.py",
    "e2e/test_record_under_x.py",
    "e2e/test_two_monitors_session.py",
    "faults/",
    "session/test_live_chain.py",
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
    if shutil.which("Xvfb") is None:
        pytest.fail("Xvfb is missing: run make test, which installs it")
    reader, writer = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1920x1080x24", "-noreset"],
        pass_fds=(writer,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    with os.fdopen(reader) as pipe:
        name = ":" + pipe.readline().strip()
    try:
        yield name
    finally:
        server.terminate()
        server.wait(10)


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
