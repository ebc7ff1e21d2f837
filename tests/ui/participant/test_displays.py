"""Displays of every scale, and one that changes while a session runs, on a real X display.

What is seen is read from the X display itself; what is said of it must agree within 2 px.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from journeylab.study.folder import StudyFolder
from participant.conftest import Write

_HERE = Path(__file__).parent
_WITHIN_PX = 2.0
_STEPS = """
[[steps]]
id = "page"
title = "Page"
[steps.stimulus]
kind = "page"
path = "stimuli/page.html"
[[steps]]
id = "picture"
title = "Picture"
[steps.stimulus]
kind = "image"
path = "stimuli/marks.png"
"""
_PAGE = """<!doctype html><title>Marks</title>
<style>body { margin: 0; background: white }
button { position: fixed; border: 0; width: 40px; height: 30px }</style>
<button id=red style="left: 10%; top: 12%; background: rgb(230, 0, 0)"></button>
<button id=green style="left: 83%; top: 30%; background: rgb(0, 160, 0)"></button>
<button id=blue style="left: 47%; top: 88%; background: rgb(0, 0, 230)"></button>
"""
_COLOURS = {"red": (230, 0, 0), "green": (0, 160, 0), "blue": (0, 0, 230)}
# Scale factors by display; the participant's size; whether the moderator's display is beside it.
_CASES = {
    "both 1": ("1;1", (1024, 768), True),
    "1 beside 1.25": ("1;1.25", (1366, 768), True),
    "2 beside 1.5": ("2;1.5", (1023, 767), True),
    "1.25 beside 2": ("1.25;2", (1024, 768), True),
    "one display of 1.75": ("1.75", (1366, 768), False),
}
_BESIDE_PX = (501, 451)


@pytest.fixture
def marks(write_study: Write) -> StudyFolder:
    """A page and a picture, each with a red, a green and a blue mark."""
    folder = write_study(_STEPS, {"stimuli/page.html": _PAGE})
    image = Image.new("RGB", (1024, 768), "white")
    draw = ImageDraw.Draw(image)
    for colour, (x, y) in zip(_COLOURS.values(), ((100, 90), (850, 230), (480, 670)), strict=True):
        draw.rectangle((x, y, x + 39, y + 29), fill=colour)
    image.save(folder.path / "stimuli" / "marks.png")
    return folder


@contextmanager
def _monitors(display: str, **boxes: tuple[str, str]) -> Iterator[None]:
    environment = {**os.environ, "DISPLAY": display}
    for name, (box, output) in boxes.items():
        subprocess.run(["xrandr", "--setmonitor", name, box, output], env=environment, check=True)
    try:
        yield
    finally:
        for name in boxes:
            subprocess.run(["xrandr", "--delmonitor", name], env=environment, check=True)


def _trial(display: str, script: str, *arguments: str, **settings: str) -> list[dict]:
    environment = {
        **os.environ,
        "DISPLAY": display,
        "QT_QPA_PLATFORM": "xcb",
        "LIBGL_ALWAYS_SOFTWARE": "1",
        **settings,
    }
    for name in ("WAYLAND_DISPLAY", "XDG_SESSION_TYPE"):
        environment.pop(name, None)
    ended = subprocess.run(
        [sys.executable, str(_HERE / script), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return [json.loads(line) for line in ended.stdout.splitlines()]


def _apart_px(one: list[float], other: list[float]) -> float:
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("case", _CASES)
def test_clicks_dots_and_elements_agree_on_displays_of_any_scale(
    marks: StudyFolder, xvfb: str, case: str
) -> None:
    scales, (width_px, height_px), has_other = _CASES[case]
    left_px, top_px = (_BESIDE_PX[0], 37) if has_other else (0, 0)
    participants = f"{width_px}/270x{height_px}/203+{left_px}+{top_px}"
    monitors = {"R": (participants, "none" if has_other else "screen")}
    if has_other:
        beside = f"{_BESIDE_PX[0]}/130x{_BESIDE_PX[1]}/120+0+0"
        monitors = {"L": (beside, "screen"), **monitors}
    with _monitors(xvfb, **monitors):
        told = _trial(
            xvfb,
            "scale_trial.py",
            str(marks.path),
            *("R", str(left_px), str(top_px), str(width_px), str(height_px)),
            QT_SCREEN_SCALE_FACTORS=scales,
        )
    (screen,) = [one for one in told if "origin" in one]
    assert screen["name"] == "R"
    assert screen["scale"] == float(scales.rsplit(";", 1)[-1])
    assert screen["origin"] == [left_px, top_px]
    assert screen["mm"] == [270, 203]
    # Qt tells whole logical px; displays have even sizes, which come out exactly.
    within_px = 0 if width_px % 2 == 0 else 1
    assert _apart_px(screen["size"], [width_px, height_px]) <= within_px
    _check_clicks(told, scales=[screen["scale"]])
    _check_dots(told)


def _check_clicks(told: list[dict], *, scales: list[float]) -> None:
    """Each mark was clicked on the page at each scale, then on the picture."""
    clicks = [one for one in told if "seen" in one]
    assert [one["mark"] for one in clicks] == [*_COLOURS] * (len(scales) + 1)
    for one in clicks:
        assert _apart_px(one["seen"], one["system"]) == 0
        assert _apart_px(one["seen"], one["window"]) <= _WITHIN_PX
    answers = [one for one in told if "selector" in one]
    assert [one["selector"] for one in answers] == [f"#{name}" for name in _COLOURS] * len(scales)
    for index, (answer, one) in enumerate(zip(answers, clicks, strict=False)):
        scale = scales[index // len(_COLOURS)]
        assert _apart_px([at * scale for at in answer["page"]], one["seen"]) <= _WITHIN_PX


def _check_dots(told: list[dict]) -> None:
    dots = [one for one in told if "dot" in one]
    assert len(dots) == 5
    for one in dots:
        assert _apart_px(one["dot"], one["found"]) <= _WITHIN_PX


@pytest.mark.parametrize("scale", ["1", "1.5"])
def test_a_display_that_changes_its_resolution_is_filled_again_and_told(
    marks: StudyFolder, two_modes: str, scale: str
) -> None:
    told = _trial(two_modes, "resolution_trial.py", str(marks.path), QT_SCALE_FACTOR=scale)
    full, low = [1920, 1080], [1280, 720]
    assert [one["place"] for one in told if "place" in one] == [full, low, full]
    moved = [one for one in told if "moved" in one]
    assert [one["size"] for one in moved] == [low, full]
    assert {one["scale"] for one in moved} == {float(scale)}
    assert [one["health"] for one in told if "health" in one] == [["session", "warning"]] * 2
    words = [one["words"] for one in told if "words" in one]
    assert "from 1920 × 1080 px" in words[0] and "to 1280 × 720 px" in words[0]
    assert "fills it again" in words[0]
    assert told[-1] == {"step": True}


@pytest.mark.parametrize("scale", [1.25, 2.0])
def test_a_scale_that_changes_in_the_middle_leaves_clicks_and_dots_right(
    marks: StudyFolder, two_modes: str, scale: float
) -> None:
    whole = ("screen", "0", "0", "1920", "1080")
    told = _trial(two_modes, "scale_trial.py", str(marks.path), *whole, str(scale))
    screens = [one for one in told if "origin" in one]
    assert [one["scale"] for one in screens] == [1.0, scale]
    assert [one["size"] for one in screens] == [[1920, 1080]] * 2
    _check_clicks(told, scales=[1.0, scale])
    _check_dots(told)
