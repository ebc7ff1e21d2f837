"""The participant's display is pulled and plugged in again, on a real X display."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from journeylab.study.folder import StudyFolder
from journeylab.study.model import Step
from participant.conftest import Open, Write

_TRIAL = Path(__file__).with_name("display_trial.py")
STEP = """
[[steps]]
id = "hello"
title = "Hello"
planned_s = 5
[steps.stimulus]
kind = "instruction"
text = "Look around."
"""


def _xrandr(display: str, *arguments: str) -> None:
    subprocess.run(["xrandr", *arguments], env={**os.environ, "DISPLAY": display}, check=True)


@pytest.fixture
def two_displays(xvfb: str) -> Iterator[str]:
    """The X display, with a monitor L; the trial plugs in R."""
    _xrandr(xvfb, "--setmonitor", "L", "1000/264x800/211+0+0", "screen")
    yield xvfb
    for name in ("L", "R"):
        subprocess.run(
            ["xrandr", "--delmonitor", name],
            env={**os.environ, "DISPLAY": xvfb},
            stderr=subprocess.DEVNULL,
            check=False,
        )


def test_the_window_moves_to_what_is_left_and_back_again(
    two_displays: str, write_study: Write
) -> None:
    folder: StudyFolder = write_study(STEP, {})
    trial = subprocess.run(
        [sys.executable, str(_TRIAL), str(folder.path)],
        env={**os.environ, "DISPLAY": two_displays, "QT_QPA_PLATFORM": "xcb"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert trial.returncode == 0, trial.stderr
    told = [json.loads(line) for line in trial.stdout.splitlines()]
    right, left = [1000, 0, 800, 600], [0, 0, 1000, 800]
    assert [one["place"] for one in told if "place" in one] == [
        *(right, left, left, right),
        *(left, right),  # hidden meanwhile
    ]
    assert [one["health"] for one in told if "health" in one] == [
        ["screen", "fault"],
        ["screen", "recovered"],
    ] * 2
    assert [one["moved"] for one in told if "moved" in one] == ["L", "R"] * 2
    assert [one["hidden"] for one in told if "hidden" in one] == [True]
    words = [one["words"] for one in told if "words" in one]
    assert "display R is gone; the stimulus is shown on L" in words[0]
    assert "is back" in words[1]
    (away,) = [one for one in told if "visible" in one]
    assert away["visible"]
    assert away["step"]


def test_a_step_that_fails_unforeseen_leaves_the_session_running(
    open_window: Open, write_study: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_window(write_study(STEP, {}))

    def fail(_step: Step) -> None:
        raise ZeroDivisionError("a mistake of ours")

    monkeypatch.setattr(shop.window.stage, "show_step", fail)
    shop.window.show_step(shop.step("hello"))
    (row,) = shop.told("health")
    assert (row["of_stream"], row["kind"]) == ("stimulus", "warning")
    assert "a mistake of ours" in str(row["detail"])
    assert shop.told("stimulus", step_id="hello", what="failure")
    monkeypatch.undo()
    shop.show("hello")
