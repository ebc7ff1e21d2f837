"""What was declined is nowhere in the bundle, is not shown, and nothing is told of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from session_bench import Bench
from session_fakes import face_measures

from journeylab.bundle.reader import Bundle
from journeylab.inference.measures import no_face
from journeylab.session.consent import CONSENT_KEYS
from journeylab.session.states import SessionState
from journeylab.streams import Picture, row
from journeylab.study.folder import StudyFolder
from journeylab.vocabulary import EYE_FEATURE_COLUMNS, HEAD_POSE_COLUMNS, STATES


@pytest.fixture
def on_disk(folder: StudyFolder) -> Iterator[Bench]:
    made = Bench(folder, is_on_disk=True)
    yield made
    made.controller.close()


def _wait(is_so: object) -> None:
    for _ in range(500):
        if is_so():  # type: ignore[operator]
            return
        time.sleep(0.01)
    raise AssertionError("it did not come")


def _page_row(t_ns: int, kind: str = "click") -> object:
    return row(
        "page",
        t_ns,
        kind=kind,
        url="https://shop.example/basket",
        selector="#buy",
        page_x_px=1.0,
        page_y_px=2.0,
        scroll_x_px=0.0,
        scroll_y_px=0.0,
        detail="",
    )


def _record(bench: Bench, **consent: str) -> Bundle:
    """A short session in which everything happens; its bundle, open."""
    bench.analyser.analyse = lambda _image, *, t_ns: face_measures(t_ns, gaze_px=(10.0, 20.0))
    bench.start(**consent)
    controller = bench.controller
    _wait(lambda: controller.state is SessionState.RECORDING)
    now_ns = bench.clock.now_ns()
    area = {"x_px": 1.0, "y_px": 1.0, "width_px": 5.0, "height_px": 5.0}
    controller.publish(_page_row(now_ns))
    controller.publish(row("aois", now_ns, step_id="ad", name="price", **area))
    for stream in ("screen", "pages"):
        picture = Picture(now_ns, "ad", 4, 4, "image/png", b"picture")
        controller.publish(replace(picture, stream=stream))
    controller.begin_calibration_point(100.0, 100.0)
    time.sleep(0.4)
    controller.abandon_calibration()
    return Bundle.open(bench.stop())


WITH_ALL = {
    *("camera", "microphone", "screen", "pages", "face", "landmarks", "face_measures"),
    *("action_units", "action_units_raw", "affect", "gaze", "pointer", "page", "aois"),
}


def test_what_is_agreed_to_is_in_the_bundle(on_disk: Bench) -> None:
    with _record(on_disk) as bundle:
        assert set(bundle.streams) >= WITH_ALL


@pytest.mark.parametrize("key", CONSENT_KEYS)
def test_what_is_declined_is_nowhere_in_the_bundle(on_disk: Bench, key: str) -> None:
    with _record(on_disk, **{key: "no"}) as bundle:
        there = set(bundle.streams)
        assert not there & CONSENT_KEYS[key]
        assert there >= WITH_ALL - CONSENT_KEYS[key]
        assert bundle.header.consent[key] == "no"
        assert {name for name in CONSENT_KEYS if bundle.header.consent[name] == "no"} == {key}


def test_without_gaze_no_eyes_and_no_head_are_in_the_bundle(on_disk: Bench) -> None:
    with _record(on_disk, gaze="no") as bundle:
        face = bundle.table("face")
        assert len(face) > 3
        assert np.asarray(face["face"]).all()
        for name in (*HEAD_POSE_COLUMNS, *EYE_FEATURE_COLUMNS):
            is_kept = name.endswith("_aperture")
            assert np.isfinite(face[name]).all() == is_kept, name
        kinds = bundle.table("calibrations")["kind"]
        assert not [kind for kind in kinds if str(kind).startswith("gaze")]


def test_without_gaze_none_is_shown_to_the_moderator(bench: Bench) -> None:
    bench.analyser.analyse = lambda _image, *, t_ns: face_measures(t_ns, gaze_px=(10.0, 20.0))
    bench.controller.start_preview()
    live = bench.controller.live
    _wait(lambda: live.latest_measures() is not None)
    assert np.isfinite(live.latest_measures().gaze_px).all()
    bench.record(gaze="no")
    measures = live.latest_measures()
    assert np.isnan(measures.gaze_px).all()
    assert np.isnan(measures.head_pose).all()
    assert np.isfinite(measures.valence)


def test_a_camera_nobody_agreed_to_is_off(bench: Bench) -> None:
    bench.controller.start_preview()
    _wait(lambda: bench.camera.given)
    writer = bench.record(face_video="no", gaze="no", emotion_recognition="no")
    given = bench.camera.given
    _wait(lambda: len(writer.of("pointer")) > 20)
    assert bench.camera.given == given
    assert not writer.of("face")
    assert writer.header is not None
    assert "camera" not in writer.header.devices


def test_a_mouse_nobody_agreed_to_is_followed_no_more(bench: Bench) -> None:
    bench.controller.start_preview()
    _wait(lambda: bench.pointer.given)
    writer = bench.record(pointer="no")
    given = bench.pointer.given
    _wait(lambda: len(writer.of("camera")) > 10)
    assert bench.pointer.given == given
    assert not writer.of("pointer")


def _confused(t_ns: int) -> object:
    states = np.zeros(len(STATES))
    states[STATES.index("confusion")] = 1.0
    return replace(face_measures(t_ns), states=states)


@pytest.mark.parametrize("consent", [{"page": "no"}, {"pointer": "no"}])
def test_no_alert_says_that_she_does_not_get_on_where_it_is_not_seen(
    bench: Bench, consent: dict[str, str]
) -> None:
    bench.record(**consent)
    desk = bench.controller._engine.alerts
    start_ns = bench.clock.now_ns()
    for n in range(60):
        measures = _confused(start_ns + n * 300_000_000)
        desk.take_face(None, measures)  # type: ignore[arg-type]
    assert bench.controller.live.alerts() == ()


def test_no_alert_says_where_she_does_not_look_where_gaze_was_declined(bench: Bench) -> None:
    bench.record(gaze="no")
    desk = bench.controller._engine.alerts
    start_ns = bench.clock.now_ns()
    for n in range(60):
        desk.take_face(None, no_face(start_ns + n * 300_000_000))  # type: ignore[arg-type]
    assert bench.controller.live.alerts() == ()
