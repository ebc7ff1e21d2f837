"""The console's bottom line says what is wrong, and keeps saying what was."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from journeylab.inference.measures import no_face
from journeylab.session.view import StreamHealth
from journeylab.ui.moderator.health_readings import health_readings
from journeylab.ui.widgets.health import Level, Reading
from moderator.conftest import PlayedSession


def _read(played: PlayedSession, *health: StreamHealth) -> dict[str, Reading]:
    view = replace(played.view(), health=health)
    measures = replace(no_face(0), interocular_px=60.0)
    return health_readings(view, measures=measures, microphone_dbfs=-30.0)


@pytest.mark.parametrize(("gaps", "said"), [(0, ""), (1, ", 1 gap"), (3, ", 3 gaps")])
def test_a_device_that_was_away_is_remembered(played: PlayedSession, gaps: int, said: str) -> None:
    readings = _read(
        played,
        StreamHealth("camera", "c", 30.0, 900, 5, None, gaps=gaps),
        StreamHealth("microphone", "m", 48_000.0, 900, 0, None, gaps=gaps),
    )
    assert readings["camera"].text == f"camera 30.0 fps{said}"
    assert readings["microphone"].text == f"mic −30 dBFS{said}"


def test_an_analysis_that_ended_is_not_shown_as_its_last_measures(played: PlayedSession) -> None:
    ended = StreamHealth("face", "face analysis", 0.0, 900, 0, "Face analysis ended.")
    assert _read(played, ended)["mesh"] == Reading(Level.FAULT, "mesh stopped")


def test_what_was_declined_is_off_and_not_missing(played: PlayedSession) -> None:
    devices = (
        StreamHealth("camera", "c", math.nan, 0, 0, None, detail="off"),
        StreamHealth("pointer", "p", math.nan, 0, 0, None, detail="off"),
        StreamHealth("microphone", "m", math.nan, 0, 0, None, detail="off"),
    )
    readings = _read(played, *devices)
    assert [readings[name].text for name in ("camera", "mouse", "microphone")] == [
        "camera off",
        "mouse off",
        "mic off",
    ]
