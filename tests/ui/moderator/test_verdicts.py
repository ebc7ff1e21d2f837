"""The technical check says what is wrong and what to do."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from journeylab.inference.measures import Mesh, no_face
from journeylab.session.view import StreamHealth
from journeylab.ui.moderator.health_readings import latency_reading
from journeylab.ui.moderator.verdicts import (
    camera_verdict,
    disk_verdict,
    face_verdict,
    light_verdict,
    measure_light,
    microphone_verdict,
)
from journeylab.ui.widgets.health import Level


def _mesh(low: float = 0.4, high: float = 0.6) -> Mesh:
    xyz = np.zeros((478, 3), np.float32)
    xyz[:, :2] = np.random.default_rng(0).uniform(low, high, (478, 2))
    return Mesh(xyz, 640, 480)


def _image(face: int, around: int, *, right_half: int | None = None) -> np.ndarray:
    image = np.full((480, 640, 3), around, np.uint8)
    image[180:300, 240:400] = face
    if right_half is not None:
        image[180:300, 320:400] = right_half
    return image


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


@pytest.mark.parametrize(
    ("image", "word"),
    [
        (_image(30, 60), "dark"),
        (_image(235, 200), "overexposed"),
        (_image(90, 220), "from behind"),
        (_image(150, 100, right_half=60), "one side"),
        (_image(130, 100), "even"),
    ],
)
def test_light_on_the_face_is_judged(image: np.ndarray, word: str) -> None:
    assert word in light_verdict(measure_light(image, _mesh())).text


@pytest.mark.parametrize(("low", "high"), [(-0.3, 0.02), (0.98, 1.4), (-0.5, 1.5), (0.5, 0.5001)])
def test_a_face_partly_outside_the_picture_still_has_light(low: float, high: float) -> None:
    light = measure_light(_image(100, 100), _mesh(low, high))
    assert (light.face, light.left, light.right, light.around) == (100, 100, 100, 100)


def test_no_face_small_face_and_face_at_the_edge_differ() -> None:
    good = replace(no_face(0), mesh=_mesh(), quality=0.9, interocular_px=120.0)
    assert face_verdict(good).level is Level.GOOD
    assert "none found" in face_verdict(no_face(0)).text
    assert "small" in face_verdict(replace(good, interocular_px=40.0)).text
    assert "edge" in face_verdict(replace(good, mesh=_mesh(0.85, 0.95))).text
    assert "0.30" in face_verdict(replace(good, quality=0.3)).text


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
    assert microphone_verdict(microphone, math.nan).text == "Microphone: off, audio was declined"


@pytest.mark.parametrize(
    ("free_bytes", "level"), [(2e11, Level.GOOD), (3e9, Level.WARNING), (5e8, Level.FAULT)]
)
def test_little_room_on_the_disk_is_pointed_out(free_bytes: float, level: Level) -> None:
    assert disk_verdict(int(free_bytes), None).level is level


def test_a_slow_trace_is_pointed_out() -> None:
    assert latency_reading(140.0).level is Level.WARNING
    assert latency_reading(math.nan).text == "latency –"
