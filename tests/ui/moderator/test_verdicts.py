"""The technical check says what is wrong and what to do."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from journeylab.inference.measures import Mesh, no_face
from journeylab.inference.picture_check import PictureMeasures
from journeylab.session.view import StreamHealth
from journeylab.ui.moderator.health_readings import latency_reading
from journeylab.ui.moderator.verdicts import (
    camera_verdict,
    disk_verdict,
    displays_verdict,
    microphone_verdict,
    overall_verdict,
    picture_verdicts,
)
from journeylab.ui.widgets.health import Level, Reading

PICTURE = PictureMeasures(
    face_luma=150.0,
    right_luma=150.0,
    left_luma=150.0,
    around_luma=140.0,
    eye_white_luma=190.0,
    interocular_px=95.0,
    share_of_width=0.15,
    x=0.5,
    y=0.6,
    blur_mm=0.7,
    glare_mm=0.0,
)
FACE = replace(no_face(0), mesh=Mesh(np.zeros((478, 3), np.float32), 640, 480), quality=0.9)


@pytest.mark.parametrize(
    ("rate_hz", "level"), [(30.0, Level.GOOD), (24.0, Level.WARNING), (9.0, Level.FAULT)]
)
def test_a_slow_camera_is_pointed_out(rate_hz: float, level: Level) -> None:
    reading = camera_verdict(StreamHealth("camera", "c", rate_hz, 90, 0, None))
    assert reading.level is level
    assert f"{rate_hz:.1f}" in reading.text


def test_a_camera_that_stopped_says_so_in_its_own_words() -> None:
    reading = camera_verdict(StreamHealth("camera", "c", 0.0, 90, 0, "It was unplugged."))
    assert (reading.level, reading.text) == (Level.FAULT, "It was unplugged.")


def test_each_line_gives_its_figure_and_what_is_bad_says_what_to_do() -> None:
    good = picture_verdicts(PICTURE, FACE)
    assert [one.text for one in good.values()] == [
        "Light: 190 of 255, even on the face",
        "Face: 95 px from eye to eye, well placed",
        "Sharpness: edges 0.7 mm wide",
        "Glasses: no glare at the eyes",
    ]
    assert {one.level for one in good.values()} == {Level.GOOD}
    bad = picture_verdicts(replace(PICTURE, glare_mm=8.2, blur_mm=1.6, around_luma=380.0), FACE)
    assert bad["Light"].text.startswith("Light: the background is 2.0 times as bright as the face")
    assert bad["Sharpness"].level is bad["Glasses"].level is Level.WARNING
    assert "8 mm wide" in bad["Glasses"].text


def test_no_face_is_a_fault_and_one_not_seen_yet_is_none() -> None:
    waiting = picture_verdicts(None, None)
    assert waiting["Face"].text == "Face: waiting for the first measures"
    absent = picture_verdicts(None, no_face(0))
    assert absent["Face"].level is Level.FAULT
    assert absent["Light"].level is waiting["Light"].level is Level.OFF
    hidden = picture_verdicts(PICTURE, replace(FACE, quality=0.3))
    assert "quality 0.30" in hidden["Face"].text


def test_one_line_says_whether_to_start_and_what_to_better_first() -> None:
    good = Reading(Level.GOOD, "")
    readings = dict.fromkeys(("Camera", "Face", "Light", "Disk"), good)
    assert overall_verdict(readings).text == "All is well."
    warned = {**readings, "Light": Reading(Level.WARNING, ""), "Disk": Reading(Level.WARNING, "")}
    assert overall_verdict(warned).text == "Usable, and better after a look at light and disk."
    broken = {**warned, "Face": Reading(Level.FAULT, "")}
    assert overall_verdict(broken) == Reading(Level.FAULT, "Not ready: see to face.")
    waiting = {**warned, "Camera": Reading(Level.OFF, "")}
    assert overall_verdict(waiting).level is Level.OFF


def test_a_single_display_is_pointed_out() -> None:
    assert displays_verdict(0).level is Level.OFF
    assert displays_verdict(1).level is Level.WARNING
    assert displays_verdict(2).text == "Displays: 2, the participant has one"


@pytest.mark.parametrize(
    ("level_dbfs", "level"),
    [
        (-21.0, Level.GOOD),
        (-70.0, Level.WARNING),
        (-math.inf, Level.WARNING),
        (-2.0, Level.WARNING),
        (math.nan, Level.OFF),
    ],
)
def test_the_microphone_is_judged_by_its_level(level_dbfs: float, level: Level) -> None:
    microphone = StreamHealth("microphone", "m", 48_000.0, 1, 0, None)
    assert microphone_verdict(microphone, level_dbfs).level is level


def test_a_declined_microphone_is_off_and_not_at_fault() -> None:
    microphone = StreamHealth("microphone", "m", math.nan, 0, 0, None, detail="off")
    declined = microphone_verdict(microphone, math.nan, voice="no")
    assert (declined.level, declined.text) == (Level.OFF, "Microphone: off, it is not agreed to")
    unasked = microphone_verdict(microphone, math.nan)
    assert unasked.text == "Microphone: off, until voice is agreed to, or checked"


@pytest.mark.parametrize(
    ("free_bytes", "level"), [(2e11, Level.GOOD), (3e9, Level.WARNING), (5e8, Level.FAULT)]
)
def test_little_room_on_the_disk_is_pointed_out(free_bytes: float, level: Level) -> None:
    assert disk_verdict(int(free_bytes), None).level is level


def test_a_slow_trace_is_pointed_out() -> None:
    assert latency_reading(140.0).level is Level.WARNING
    assert latency_reading(math.nan).text == "latency –"
