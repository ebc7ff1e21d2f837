"""Alerts in a running session: soon on the console, in the bundle, and silent where they must."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
from session_bench import Bench
from session_fakes import MemoryWriter, face_measures, frame

from journeylab.bundle.header import ScreenGeometry
from journeylab.clock import NS_PER_S
from journeylab.inference.measures import FaceMeasures, no_face
from journeylab.session.alert_desk import AlertDesk
from journeylab.session.live import LiveAlert
from journeylab.session.rows import step_row
from journeylab.streams import Row
from journeylab.study.model import Step, Stimulus
from journeylab.vocabulary import STATES, StepPhase, StimulusKind

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


def test_the_reason_goes_by_what_this_participant_is_shown() -> None:
    rows: list[Row] = []
    desk = AlertDesk(rows.append, screen=ScreenGeometry(1920, 1080))
    page = Stimulus(kind=StimulusKind.PAGE, url="http://127.0.0.1/")
    film = Stimulus(kind=StimulusKind.VIDEO, path="ad.mp4")
    desk.know_steps((Step(id="shop", title="Shop", stimulus=page),
                     Step(id="ad", title="Ad", stimulus=film)))  # fmt: skip
    reasons = {}
    for number, step_id in enumerate(("shop", "ad", "unplanned-1")):
        begin_ns = number * 20 * NS_PER_S
        desk.take(step_row(begin_ns, step_id, phase=StepPhase.START, visit=1))
        for n in range(1, 30 * 15):
            t_ns = begin_ns + n * NS_PER_S // 30
            desk.take_face(frame(t_ns, n), _lost_in_thought(t_ns))
        reasons[step_id] = [str(one.values[2]) for one in rows]
        desk.take(step_row(begin_ns + 15 * NS_PER_S, step_id, phase=StepPhase.END, visit=1))
        rows.clear()
    assert reasons == {
        "shop": ["Looks confused for 8 s, no click, scroll, page or entry for 8 s."],
        "ad": ["Looks confused for 12 s while the video plays."],
        "unplanned-1": ["Looks confused for 12 s at what is done off the screen."],
    }


def _lost_in_thought(t_ns: int) -> FaceMeasures:
    states = np.zeros(len(STATES))
    states[STATES.index("confusion")] = 1.0
    return replace(face_measures(t_ns), states=states)
