"""Alerts in a running session: soon on the console, in the bundle, and silent where they must."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
from session_bench import Bench
from session_fakes import MemoryWriter, face_measures

from journeylab.clock import NS_PER_S
from journeylab.inference.measures import FaceMeasures, no_face
from journeylab.session.live import LiveAlert
from journeylab.streams import Row
from journeylab.vocabulary import STATES

_AT_ONCE_S = 1.0


def _confused(t_ns: int) -> FaceMeasures:
    states = np.zeros(len(STATES))
    states[STATES.index("confusion")] = 1.0
    states[STATES.index("frustration")] = 1.0
    return replace(face_measures(t_ns), states=states)


def _see(bench: Bench, make: object) -> None:
    bench.analyser.analyse = lambda _image, *, t_ns: make(t_ns)  # type: ignore[operator]


def _await_alert(bench: Bench) -> tuple[LiveAlert, float]:
    """The first alert on the live board, and how long after its frame a console sees it, s."""
    for _ in range(600):
        alerts = bench.controller.live.alerts()
        if alerts:
            return alerts[0], (bench.clock.now_ns() - alerts[0].since_ns) / NS_PER_S
        time.sleep(1 / 30)  # as often as the console looks
    raise AssertionError("no alert came")


def _rows(writer: MemoryWriter) -> list[tuple[object, ...]]:
    return [one.values for one in writer.of("alerts") if isinstance(one, Row)]


def test_an_alert_is_seen_within_a_second_of_its_frame_and_a_pause_ends_it(bench: Bench) -> None:
    _see(bench, no_face)
    writer = bench.record()
    alert, delay_s = _await_alert(bench)
    assert (alert.kind, alert.reason) == ("off_screen", "No face for 4 s.")
    assert delay_s < _AT_ONCE_S
    bench.controller.course.pause()
    assert bench.controller.live.alerts() == ()
    time.sleep(0.3)
    assert bench.controller.live.alerts() == ()
    bench.controller.course.resume()
    bench.stop()
    assert _rows(writer) == [
        ("off_screen", "start", "No face for 4 s.", "ad"),
        ("off_screen", "end", "No face for 4 s.", "ad"),
    ]


def test_frustration_is_told_and_ends_with_the_recording(bench: Bench) -> None:
    _see(bench, _confused)
    writer = bench.record()
    alert, delay_s = _await_alert(bench)
    assert alert.kind == "frustrated"
    assert delay_s < _AT_ONCE_S
    bench.stop()
    assert [row[:2] for row in _rows(writer)] == [("frustrated", "start"), ("frustrated", "end")]


def test_nothing_of_emotion_is_told_without_consent_to_it(bench: Bench) -> None:
    _see(bench, _confused)
    writer = bench.record(emotion_recognition="no")
    time.sleep(4.0)
    assert bench.controller.live.alerts() == ()
    bench.stop()
    assert _rows(writer) == []
