"""The participant tries every way out of her window, with real keys under a real window manager.

What a window manager grabs for itself (Alt+Tab, minimising) no program can forbid: there the
window comes back.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from participant.conftest import Write

_TRIAL = Path(__file__).with_name("leaving_trial.py")
_STEPS = """
[[steps]]
id = "page"
title = "Page"
[steps.stimulus]
kind = "page"
path = "stimuli/page.html"
"""
_PAGE = """<!doctype html><title>Page</title><body style="margin: 0; height: 3000px">
<a href="page.html?2" target=_blank style="position: fixed; left: 100px; top: 40px;
font-size: 40px">A link to another window</a>
"""


@pytest.fixture
def managed(xvfb: str, tmp_path: Path) -> Iterator[str]:
    """The X display with a window manager on it."""
    if shutil.which("fluxbox") is None:
        pytest.fail("fluxbox is missing: run make test, which installs it")
    environment = {**os.environ, "DISPLAY": xvfb, "HOME": str(tmp_path)}
    with (tmp_path / "fluxbox.txt").open("wb") as log:
        manager = subprocess.Popen(["fluxbox"], env=environment, stdout=log, stderr=log)
        try:
            yield xvfb
        finally:
            manager.terminate()
            manager.wait(10)


@pytest.fixture
def told(managed: str, write_study: Write) -> list[dict]:
    """What the trial said."""
    folder = write_study(_STEPS, {"stimuli/page.html": _PAGE})
    environment = {
        **os.environ,
        "DISPLAY": managed,
        "QT_QPA_PLATFORM": "xcb",
        "LIBGL_ALWAYS_SOFTWARE": "1",
    }
    environment.pop("WAYLAND_DISPLAY", None)
    ended = subprocess.run(
        [sys.executable, str(_TRIAL), str(folder.path)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return [json.loads(line) for line in ended.stdout.splitlines()]


@pytest.mark.timeout(240)
def test_no_key_and_no_mouse_leads_out_and_the_window_comes_back(told: list[dict]) -> None:
    tried = [one for one in told if "way" in one]
    assert len(tried) >= 30
    for one in tried:
        assert one == {
            "way": one["way"],
            "is_full": True,
            "windows": ["ParticipantWindow"],
            "popups": False,
            "is_same_page": True,
            "zoom": 1.0,
            "step": True,
        }
    meetings = {one["when"]: one for one in told if "when" in one}
    # Between steps the same program stays in front: it is the coming back that is seen in one.
    assert meetings["between steps"] == {
        "when": "between steps",
        "other_is_seen": True,
        "has_keys": False,
    }
    for when in ("in a step", "in a step, Alt+Tab"):
        assert (meetings[when]["other_is_seen"], meetings[when]["has_keys"]) == (False, True)
    (small,) = [one for one in told if "was_small" in one]
    assert small == {"was_small": True, "is_full_again": True}
