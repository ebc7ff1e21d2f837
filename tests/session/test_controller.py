"""One session from preview to bundle, on fake devices and a writer in memory."""

from __future__ import annotations

import threading
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from session_bench import ALL, Bench
from session_fakes import (
    FakeAnalyser,
    wait_until,
)

from journeylab.bundle.header import ScreenGeometry
from journeylab.errors import InferenceError, SessionError, StorageError, StudyError
from journeylab.session.alerts import ALERT_RULES_VERSION
from journeylab.session.controller import SessionController
from journeylab.session.events import EventKind, SessionEvent
from journeylab.session.states import SessionState
from journeylab.streams import Picture, Row
from journeylab.study import folder as study_folder
from journeylab.study.folder import StudyFolder


def test_nothing_is_stored_in_the_preview(bench: Bench) -> None:
    bench.controller.start_preview()
    wait_until(lambda: bench.controller.live.latest_measures() is not None)
    assert bench.writers == []
    assert bench.controller.state is SessionState.PREVIEW
    assert bench.microphone.starts == 0


def test_a_session_holds_its_streams_inside_its_span_and_in_order(bench: Bench) -> None:
    bench.controller.start_preview()
    wait_until(lambda: bench.controller.live.latest_measures() is not None)
    writer = bench.record()
    wait_until(lambda: len(writer.of("microphone")) > 20)
    bench.stop()
    start_ns, end_ns = bench.controller.start_ns, bench.controller.end_ns
    assert start_ns is not None
    assert end_ns is not None
    for stream in ("camera", "microphone", "pointer", "face", "affect", "steps"):
        times_ns = [sample.t_ns for sample in writer.of(stream)]
        assert times_ns, stream
        assert times_ns == sorted(times_ns), stream
        assert start_ns <= times_ns[0] <= times_ns[-1] <= end_ns, stream
    assert bench.controller.state is SessionState.DONE
    assert writer.closed == 1


def test_every_frame_was_analysed_or_is_counted(bench: Bench) -> None:
    writer = bench.record()
    wait_until(lambda: len(writer.of("camera")) > 30)
    bench.stop()
    frames = [sample.t_ns for sample in writer.of("camera")]
    faces = [sample.t_ns for sample in writer.of("face")]
    assert set(faces) <= set(frames)
    rows = [row.values for row in writer.of("health") if isinstance(row, Row)]
    skipped = sum(int(str(values[2])) for values in rows if values[0] == "face")
    assert len(faces) == len(frames) - skipped


def test_the_header_says_what_the_session_is(bench: Bench) -> None:
    writer = bench.record()
    header = writer.header
    assert header is not None
    assert (header.study_id, header.participant_id) == ("kettles", "P01")
    assert header.segments == {"device": "mobile"}
    stated, created = (
        datetime.fromisoformat(text)
        for text in (header.consent.pop("stated_utc"), header.created_utc)
    )
    assert abs((created - stated).total_seconds()) <= 2  # whole seconds, one after the other
    assert header.consent == ALL
    assert header.devices["camera"] == "fake camera"
    assert header.models == {**bench.analyser.models, "alerts": ALERT_RULES_VERSION}
    assert header.simulated
    assert [step.step_id for step in header.steps] == ["ad", "shop", "unboxing"]
    assert header.steps[0].kind == "instruction"
    assert (header.camera_width_px, header.microphone_rate_hz) == (32, 100)
    assert header.created_utc.endswith("Z")
    assert writer.path.parent == bench.controller.folder.sessions_path
    assert writer.path.name.startswith("P01-2")


def test_a_second_session_never_takes_the_name_of_the_first(
    bench: Bench, folder: StudyFolder
) -> None:
    first = bench.record().path
    folder.sessions_path.mkdir(exist_ok=True)
    for n in range(3):
        stamp = f"{first.stem[:-2]}{(int(first.stem[-2:]) + n) % 60:02d}"
        (folder.sessions_path / f"{stamp}.journal").touch()
    other = Bench(folder)
    second = other.record().path
    other.controller.close()
    assert second != first
    assert not second.with_suffix(".journal").exists()


def test_without_consent_for_video_only_the_measures_are_stored(bench: Bench) -> None:
    writer = bench.record(face_video="no")
    wait_until(lambda: len(writer.of("face")) > 5)
    bench.stop()
    assert writer.of("camera") == []
    assert len(writer.of("landmarks")) > 5


def test_a_no_to_emotion_recognition_stores_and_shows_nothing_of_it(bench: Bench) -> None:
    bench.controller.start_preview()
    wait_until(lambda: bench.controller.live.latest_measures() is not None)
    neutral = bench.controller.capture_neutral(0.1)
    neutral.result(10)
    writer = bench.record(emotion_recognition="no")
    wait_until(lambda: len(writer.of("face")) > 5)
    measures = bench.controller.live.latest_measures()
    _, valence = bench.controller.live.trace()
    bench.stop()
    for stream in ("face_measures", "action_units", "action_units_raw", "affect", "calibrations"):
        assert writer.of(stream) == [], stream
    assert measures is not None
    assert np.isnan(measures.action_units).all()
    assert np.isnan(measures.states).all()
    assert len(valence) > 0
    assert np.isnan(valence).all()
    assert len(writer.of("gaze")) > 5


@pytest.mark.parametrize(
    ("answer", "stream"), [("face_video", "camera"), ("audio", "microphone"), ("screen", "screen")]
)
def test_no_stream_is_stored_that_was_not_agreed_to(bench: Bench, answer: str, stream: str) -> None:
    writer = bench.record(**{answer: "no"})
    picture = Picture(bench.clock.now_ns(), "ad", 4, 4, "image/png", b"picture")
    bench.controller.publish(picture)
    wait_until(lambda: len(writer.of("face")) > 5)
    bench.stop()
    for name in ("camera", "microphone", "screen"):
        assert bool(writer.of(name)) == (name != stream), name


def test_without_consent_for_sound_the_microphone_does_not_even_start(bench: Bench) -> None:
    writer = bench.record(audio="no")
    wait_until(lambda: len(writer.of("camera")) > 5)
    bench.stop()
    assert bench.microphone.starts == 0
    assert writer.of("microphone") == []
    assert writer.header is not None
    assert "microphone" not in writer.header.devices
    assert writer.header.microphone_rate_hz is None


def test_a_microphone_that_was_heard_in_the_preview_is_closed_when_consent_is_refused(
    bench: Bench,
) -> None:
    bench.controller.start_preview(consent={"audio": "yes"})
    wait_until(lambda: bench.microphone.given)
    writer = bench.record(audio="no")
    given = bench.microphone.given
    wait_until(lambda: len(writer.of("camera")) > 10)
    assert bench.microphone.given == given
    assert writer.of("microphone") == []


def test_a_mouse_that_rests_is_in_the_bundle_where_it_lies(bench: Bench) -> None:
    bench.controller.start_preview()
    wait_until(lambda: bench.pointer.given)
    bench.pointer.is_silent.set()
    writer = bench.record()
    bench.stop()
    first = writer.samples[0]
    assert isinstance(first, Row)
    assert (first.stream, first.t_ns) == ("pointer", bench.controller.start_ns)
    assert first.values[:3] == (1.0, 2.0, 0)


def test_what_was_lost_in_the_preview_does_not_count(bench: Bench) -> None:
    bench.camera.lost = 49
    bench.controller.start_preview()
    wait_until(lambda: any(row.lost for row in bench.controller.view().health))
    bench.record()
    wait_until(lambda: not any(row.lost for row in bench.controller.view().health))
    bench.camera.lost = 51
    wait_until(lambda: any(row.lost == 2 for row in bench.controller.view().health))


def test_steps_are_marked_at_the_instant_of_the_call(bench: Bench) -> None:
    writer = bench.record()
    called_ns = [bench.clock.now_ns()]
    bench.controller.next_step()
    called_ns.append(bench.clock.now_ns())
    bench.controller.course.go(-1)
    called_ns.append(bench.clock.now_ns())
    assert bench.controller.current_step is not None
    assert bench.controller.current_step.id == "ad"
    bench.stop()
    rows = [row for row in writer.of("steps") if isinstance(row, Row)]
    assert [row.values for row in rows] == [
        ("ad", "start", 1),
        ("ad", "end", 1),
        ("shop", "start", 1),
        ("shop", "end", 1),
        ("ad", "start", 2),
        ("ad", "end", 2),
    ]
    assert called_ns[0] <= rows[2].t_ns <= called_ns[1]
    assert called_ns[1] <= rows[4].t_ns <= called_ns[2]
    assert rows[5].t_ns == bench.controller.end_ns
    steps = [event.step.id for event in bench.events if event.kind is EventKind.STEP and event.step]
    assert steps == ["ad", "shop", "ad"]


def test_there_is_no_step_after_the_last(bench: Bench) -> None:
    bench.record()
    bench.controller.next_step()
    bench.controller.next_step()
    with pytest.raises(SessionError, match="last step"):
        bench.controller.next_step()
    assert bench.controller.step_index == 2


def test_a_session_may_begin_before_its_first_step(bench: Bench) -> None:
    bench.controller.start_recording("P01", segments={}, consent=ALL, enter_first_step=False)
    assert bench.controller.current_step is None
    assert bench.controller.next_step().id == "ad"


def test_markers_and_notes_are_stored_and_counted(bench: Bench) -> None:
    writer = bench.record()
    bench.controller.remarks.add_marker("delight")
    bench.controller.remarks.add_marker("delight", author="observer")
    bench.controller.remarks.add_note("She laughed.")
    assert bench.controller.view().marker_counts == {"delight": 2}
    bench.stop()
    assert [row.values for row in writer.of("markers") if isinstance(row, Row)] == [
        ("delight", "moderator"),
        ("delight", "observer"),
    ]
    assert [row.values for row in writer.of("notes") if isinstance(row, Row)] == [
        ("She laughed.", "moderator")
    ]


def test_a_note_has_the_time_at_which_it_was_begun(bench: Bench) -> None:
    writer = bench.record()
    began_ns = bench.clock.now_ns()
    wait_until(lambda: bench.clock.now_ns() > began_ns + 50_000_000)
    bench.controller.remarks.add_note("She laughed.", at_ns=began_ns)
    bench.controller.remarks.add_note("Later.", at_ns=bench.clock.now_ns() + 10**12)
    bench.stop()
    first, second = (row.t_ns for row in writer.of("notes"))
    assert first == began_ns
    assert second <= bench.clock.now_ns(), "never after it came"


def test_marking_before_the_recording_is_refused_in_words(bench: Bench) -> None:
    with pytest.raises(SessionError, match="has not started, so it cannot set a marker"):
        bench.controller.remarks.add_marker("delight")


def test_a_row_that_does_not_fit_its_stream_is_refused_where_it_is_published(bench: Bench) -> None:
    with pytest.raises(ValueError, match="8 columns, but 1 values came"):
        bench.controller.publish(Row("page", 1, ("load",)))


@pytest.mark.parametrize(
    ("participant", "segments", "consent"),
    [("Ada Lovelace", {}, {}), ("P01", {"age": "9"}, {}), ("P01", {}, {"audio": "perhaps"})],
)
def test_unfit_answers_are_refused_before_anything_starts(
    bench: Bench, participant: str, segments: dict[str, str], consent: dict[str, str]
) -> None:
    with pytest.raises((StudyError, SessionError)):
        bench.controller.start_recording(participant, segments=segments, consent=consent)
    assert bench.controller.state is SessionState.IDLE
    assert bench.camera.starts == 0


def test_a_full_disk_at_the_start_is_refused_and_the_preview_goes_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.controller.start_preview()
    monkeypatch.setattr(study_folder, "free_disk_bytes", lambda _: 500_000_000)
    with pytest.raises(StorageError, match=r"at least 1\.0 GB"):
        bench.record()
    assert bench.controller.state is SessionState.PREVIEW
    assert bench.writers == []


def test_a_disk_that_fills_up_fails_the_session_visibly_and_keeps_the_rest(bench: Bench) -> None:
    bench.full_from_tick = 10
    writer = bench.record()
    wait_until(lambda: bench.controller.state is SessionState.FAILED)
    kept = len(writer.samples)
    assert kept > 0
    assert "disk is full" in (bench.controller.view().alert or "")
    with pytest.raises(SessionError, match="has failed"):
        bench.controller.next_step()
    bench.stop()
    assert bench.controller.state is SessionState.DONE
    assert len(writer.samples) == kept


def test_a_face_model_that_is_missing_refuses_the_recording(folder: StudyFolder) -> None:
    bench = Bench(folder)

    def refuse() -> FakeAnalyser:
        raise InferenceError("The face model is missing.")

    broken = SessionController(
        folder,
        sources=(bench.camera,),
        analyser_factory=refuse,
        clock=bench.clock,
        screen=ScreenGeometry(10, 10),
    )
    with pytest.raises(InferenceError, match="missing"):
        broken.start_recording("P01", segments={}, consent=ALL)
    broken.close()
    bench.controller.close()


def test_a_camera_that_dies_is_noted_and_the_session_goes_on(bench: Bench) -> None:
    writer = bench.record()
    wait_until(lambda: writer.of("camera"))
    bench.camera.fault = "The camera was unplugged."
    wait_until(lambda: bench.controller.view().faults)
    moves = len(writer.of("pointer"))
    wait_until(lambda: len(writer.of("pointer")) > moves + 20)
    assert bench.controller.state is SessionState.RECORDING
    camera = next(row for row in bench.controller.view().health if row.stream == "camera")
    assert camera.fault == "The camera was unplugged."
    bench.stop()
    rows = [row.values[:2] for row in writer.of("health") if isinstance(row, Row)]
    assert ("camera", "fault") in rows
    assert EventKind.FAULT in [event.kind for event in bench.events]


def test_nothing_is_lost_when_nobody_looks_at_the_board(bench: Bench) -> None:
    """The window is frozen: no poll of the board or the view for the whole session."""
    writer = bench.record()
    wait_until(lambda: len(writer.of("camera")) >= 60)
    bench.stop()
    start_ns, end_ns = bench.controller.start_ns or 0, bench.controller.end_ns or 0
    for source in (bench.camera, bench.pointer, bench.microphone):
        written_ns = [s.t_ns for s in writer.of(source.stream) if s.t_ns > start_ns]
        assert written_ns == [t for t in source.given_ns if start_ns < t <= end_ns], source.stream
    assert bench.controller.view().dropped == 0


def test_a_view_read_by_many_threads_does_not_disturb_the_session(bench: Bench) -> None:
    writer = bench.record()
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            bench.controller.view()
            bench.controller.live.trace()
            bench.controller.live.step_marks()

    readers = [threading.Thread(target=look) for _ in range(3)]
    for reader in readers:
        reader.start()
    bench.controller.next_step()
    wait_until(lambda: len(writer.of("camera")) > 30)
    done.set()
    for reader in readers:
        reader.join()
    bench.stop()
    assert bench.controller.view().dropped == 0


def test_the_view_tells_time_steps_and_rates(bench: Bench) -> None:
    writer = bench.record()
    wait_until(lambda: len(writer.of("camera")) > 60)
    view = bench.controller.view()
    assert view.state is SessionState.RECORDING
    assert view.participant_id == "P01"
    assert 0.5 < view.elapsed_s < 10
    assert view.step_index == 0
    assert view.step_durations_s[0] == pytest.approx(view.step_elapsed_s)
    assert 0 < view.latency_ms < 2000
    assert view.free_disk_bytes is not None
    health = {row.stream: row for row in view.health}
    assert set(health) == {"camera", "pointer", "microphone", "face"}
    assert health["camera"].rate_hz == pytest.approx(60, rel=0.35)
    assert health["microphone"].rate_hz == pytest.approx(48_000, rel=0.35)
    assert health["face"].label == "face analysis"
    assert view.alert is None


def test_a_listener_that_fails_takes_nothing_down(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: SessionEvent) -> None:
        raise RuntimeError("the window is gone")

    bench.controller.add_listener(fail)
    bench.analyser.breaks_on = lambda n: n == 10  # told on the inference thread
    writer = bench.record()
    wait_until(lambda: len(writer.of("face")) > 30)
    bench.controller.next_step()
    bench.stop()
    assert bench.controller.state is SessionState.DONE
    assert "the window is gone" in caplog.text


def test_a_device_that_is_off_is_shown_as_off(bench: Bench) -> None:
    bench.record(audio="no")
    wait_until(lambda: bench.controller.view().health)
    wait_until(
        lambda: {h.stream: h.detail for h in bench.controller.view().health}["microphone"] == "off"
    )


def test_a_bundle_that_cannot_be_written_may_be_tried_again(bench: Bench) -> None:
    writer = bench.record()
    refusals = iter([True])
    write_bundle = bench.controller._write_bundle

    def refuse(journal: Path, *, progress: object = None) -> Path:
        if next(refusals, False):
            raise StorageError("The disk is too full.")
        return write_bundle(journal)

    bench.controller._write_bundle = refuse  # type: ignore[assignment]
    bench.controller.stop_recording()
    with pytest.raises(StorageError):
        bench.controller.finalise()
    assert bench.controller.state is SessionState.FAILED
    assert bench.controller.finalise() == writer.path
    assert bench.controller.state is SessionState.DONE


def test_closing_in_the_midst_ends_the_recording_and_keeps_the_journal(bench: Bench) -> None:
    writer = bench.record()
    wait_until(lambda: writer.of("camera"))
    bench.controller.close()
    bench.controller.close()
    assert writer.closed == 1
    assert bench.finalised == []
    assert bench.controller.state is SessionState.CLOSED


def test_a_neutral_face_taken_in_the_preview_is_in_the_bundle(bench: Bench) -> None:
    bench.controller.start_preview()
    bench.controller.capture_neutral(0.3).result(5)
    writer = bench.record()
    bench.stop()
    (row,) = writer.of("calibrations")
    assert isinstance(row, Row)
    assert row.values[0] == "neutral"
    assert bench.controller.start_ns is not None
    assert row.t_ns >= bench.controller.start_ns
    assert EventKind.CALIBRATION in [event.kind for event in bench.events]


def test_calibrating_is_a_state_of_its_own_before_the_recording(bench: Bench) -> None:
    bench.controller.start_preview()
    bench.controller.begin_calibration_point(10, 10)
    assert bench.controller.state is SessionState.CALIBRATING
    with pytest.raises(SessionError, match="is calibrating"):
        bench.record()
    bench.controller.gaze.end_point()
    with pytest.raises(InferenceError):
        bench.controller.finish_calibration()
    assert bench.controller.state is SessionState.PREVIEW
