"""Calibration procedures on played eyes."""

from __future__ import annotations

import json
from concurrent.futures import Future
from dataclasses import replace

import numpy as np
import pytest
from session_fakes import FakeAnalyser, face_measures, frame

from journeylab.bundle.header import ScreenGeometry
from journeylab.clock import NS_PER_MS, NS_PER_S, VirtualClock
from journeylab.errors import InferenceError, SessionError
from journeylab.inference.measures import FaceMeasures, no_face
from journeylab.session.calibration import CalibrationRun
from journeylab.session.calibration_desk import CalibrationDesk
from journeylab.session.panels import GazeAfterMove
from journeylab.streams import Row, Sample

SCREEN = ScreenGeometry(1920, 1080, width_mm=344.0, height_mm=194.0)
NINE = [(x, y) for y in (108, 540, 972) for x in (192, 960, 1728)]


def looking_at(
    t_ns: int, x_px: float, y_px: float, *, rng: np.random.Generator, blink: bool = False
) -> FaceMeasures:
    """Eyes whose line of sight goes to the point, with a little noise."""
    yaw, pitch = np.degrees(np.arctan(((960 - x_px) * 0.18 / 600, -(y_px * 0.18 + 10) / 600)))
    noise = rng.normal(0, 0.3, 2)
    return face_measures(t_ns, gaze_deg=(yaw + noise[0], pitch + noise[1]), blink=blink)


class Eyes:
    """Plays a calibration frame by frame at 30 Hz."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.rng = np.random.default_rng(1)
        self.analyser = FakeAnalyser()
        self.published: list[Sample] = []
        self.told: list[str] = []
        self.desk = CalibrationDesk(
            screen=SCREEN,
            publish=self.published.append,
            submit=lambda act: act(self.analyser),
            models=lambda: self.analyser.models,
            clock=self.clock,
            tell=self.told.append,
        )

    def look(self, x_px: float, y_px: float, *, seconds: float = 1.5, blink: bool = False) -> None:
        for _ in range(round(seconds * 30)):
            self.clock.advance_ns(NS_PER_S // 30)
            t_ns = self.clock.now_ns()
            self.desk.take(frame(t_ns), looking_at(t_ns, x_px, y_px, rng=self.rng, blink=blink))

    def point(self, x_px: float, y_px: float, *, blink: bool = False) -> None:
        self.desk.gaze.begin_point(x_px, y_px)
        self.look(x_px, y_px, blink=blink)
        self.desk.gaze.end_point()


@pytest.fixture
def eyes() -> Eyes:
    return Eyes()


def test_nine_points_give_gaze_with_an_honest_error(eyes: Eyes) -> None:
    for x_px, y_px in NINE:
        eyes.point(x_px, y_px)
    result = eyes.desk.gaze.finish_points()
    assert result.is_held_out
    assert 0 < result.error_px < 60
    assert result.error_deg is not None
    straight_on_deg = np.degrees(np.arctan(result.error_px * 344 / 1920 / 600))
    # Most of the points are seen aslant, where as many millimetres are fewer degrees.
    assert 0.85 * straight_on_deg < result.error_deg < straight_on_deg
    assert len(result.points) == 9
    assert eyes.analyser.calibration is result.calibration


def test_the_calibration_in_force_is_written_into_the_session(eyes: Eyes) -> None:
    for x_px, y_px in NINE:
        eyes.point(x_px, y_px)
    result = eyes.desk.gaze.finish_points()
    eyes.clock.advance_ns(NS_PER_S)
    eyes.desk.write_in_force()
    first, again = eyes.published
    assert isinstance(first, Row)
    assert isinstance(again, Row)
    assert first.values == ("gaze", "fake 1", result.record.to_json())
    assert again.values == first.values
    assert again.t_ns == first.t_ns + NS_PER_S


def test_on_another_display_the_calibration_is_out_of_force_and_written_so(eyes: Eyes) -> None:
    for x_px, y_px in NINE:
        eyes.point(x_px, y_px)
    eyes.desk.gaze.finish_points()
    eyes.clock.advance_ns(NS_PER_S)
    other = ScreenGeometry(1280, 1024, width_mm=376.0, height_mm=301.0)
    assert eyes.desk.gaze.move_to(other) is GazeAfterMove.LOST
    assert eyes.analyser.calibration is None
    last = eyes.published[-1]
    assert isinstance(last, Row)
    assert last.values[0] == "gaze_withdrawn"
    assert "another display" in json.loads(str(last.values[2]))["reason"]
    assert not eyes.desk.gaze.has_previous
    assert last.t_ns == eyes.clock.now_ns()
    written = len(eyes.published)
    eyes.desk.write_in_force()  # a recording that starts now rests on none
    # Back again: nothing is in force to be withdrawn.
    assert eyes.desk.gaze.move_to(SCREEN) is GazeAfterMove.NONE
    assert len(eyes.published) == written
    eyes.desk.gaze.move_to(other)
    for x_px, y_px in NINE:
        eyes.point(x_px, y_px)
    assert eyes.desk.gaze.finish_points().calibration.screen_px == (1280, 1024)
    assert eyes.analyser.calibration is not None


@pytest.mark.parametrize("after", [0, 4, 9])
def test_a_calibration_during_which_the_display_changed_is_none(eyes: Eyes, after: int) -> None:
    for number, (x_px, y_px) in enumerate(NINE):
        eyes.desk.gaze.begin_point(x_px, y_px)
        if number == after:
            eyes.desk.gaze.move_to(ScreenGeometry(1280, 1024))
        eyes.look(x_px, y_px)
        eyes.desk.gaze.end_point()
    if after == len(NINE):
        eyes.desk.gaze.move_to(ScreenGeometry(1280, 1024))
    with pytest.raises(InferenceError, match="display changed"):
        eyes.desk.gaze.finish_points()
    assert eyes.analyser.calibration is None
    assert eyes.published == []


def test_the_first_400_ms_of_a_point_are_left_out(eyes: Eyes) -> None:
    for x_px, y_px in NINE:
        eyes.desk.gaze.begin_point(x_px, y_px)
        eyes.look(960, 540, seconds=0.36)  # the eyes are still on their way
        eyes.look(x_px, y_px, seconds=1.2)
        eyes.desk.gaze.end_point()
    result = eyes.desk.gaze.finish_points()
    assert result.error_px < 60
    assert all(11 <= point.left_out <= 13 for point in result.points)


def test_blinks_and_lost_faces_are_left_out(eyes: Eyes) -> None:
    run = CalibrationRun(SCREEN)
    run.begin_point(10, 10, t_ns=0)
    t_ns = 500 * NS_PER_MS
    run.take(looking_at(t_ns, 10, 10, rng=eyes.rng, blink=True))
    run.take(no_face(t_ns))
    run.take(face_measures(t_ns, gaze_deg=(float("nan"), 0.0)))
    run.take(looking_at(t_ns, 10, 10, rng=eyes.rng))
    assert len(run._points[0].features) == 1
    assert run._points[0].left_out == 3


def test_results_that_come_late_still_count_for_the_point_of_their_frame(eyes: Eyes) -> None:
    run = CalibrationRun(SCREEN)
    run.begin_point(10, 10, t_ns=0)
    run.end_point(t_ns=NS_PER_S)
    run.begin_point(20, 20, t_ns=NS_PER_S + 1)
    run.take(looking_at(900 * NS_PER_MS, 10, 10, rng=eyes.rng))
    assert [len(point.features) for point in run._points] == [1, 0]


def test_a_point_shown_again_is_taken_anew(eyes: Eyes) -> None:
    for x_px, y_px in NINE:
        eyes.point(x_px, y_px, blink=(x_px, y_px) == NINE[4])
    eyes.point(*NINE[4])
    result = eyes.desk.gaze.finish_points()
    assert len(result.points) == 9
    assert result.points[-1].used > 25


def test_closed_eyes_give_no_calibration_and_the_words_why(eyes: Eyes) -> None:
    for x_px, y_px in NINE:
        eyes.point(x_px, y_px, blink=True)
    with pytest.raises(InferenceError):
        eyes.desk.gaze.finish_points()
    assert eyes.analyser.calibration is None
    assert eyes.published == []


def test_there_is_nothing_to_finish_when_no_point_was_shown(eyes: Eyes) -> None:
    with pytest.raises(SessionError, match="No calibration"):
        eyes.desk.gaze.finish_points()


def test_a_neutral_face_comes_after_its_seconds_and_is_in_force(eyes: Eyes) -> None:
    future = eyes.desk.neutral.capture(2.0)
    eyes.look(960, 540, seconds=1.9)
    assert not future.done()
    eyes.look(960, 540, seconds=0.2)
    neutral = future.result(0)
    assert eyes.analyser.neutral is neutral
    (row,) = eyes.published
    assert isinstance(row, Row)
    assert row.values == ("neutral", "fake 1", neutral.to_json())


def test_a_model_that_is_still_being_loaded_does_not_use_up_the_neutral_seconds(eyes: Eyes) -> None:
    future = eyes.desk.neutral.capture(1.0)
    eyes.clock.advance_ns(5 * NS_PER_S)
    eyes.look(960, 540, seconds=0.9)
    assert not future.done()
    eyes.look(960, 540, seconds=0.2)
    assert future.result(0).n_frames >= 30


def test_no_face_gives_no_neutral_face_and_says_so(eyes: Eyes) -> None:
    future = eyes.desk.neutral.capture(1.0)
    for _ in range(40):
        eyes.clock.advance_ns(NS_PER_S // 30)
        eyes.desk.take(frame(eyes.clock.now_ns()), no_face(eyes.clock.now_ns()))
    with pytest.raises(InferenceError, match="in 0 of 32 pictures"):
        future.result(0)
    assert "not captured" in eyes.told[0]


def test_whoever_waits_for_a_neutral_face_learns_that_the_session_ended(eyes: Eyes) -> None:
    future: Future[object] = eyes.desk.neutral.capture(2.0)  # type: ignore[assignment]
    with pytest.raises(SessionError, match="already"):
        eyes.desk.neutral.capture(2.0)
    eyes.desk.close()
    with pytest.raises(SessionError, match="ended"):
        future.result(0)


def test_a_face_that_is_seen_in_few_pictures_is_no_neutral_face(eyes: Eyes) -> None:
    future = eyes.desk.neutral.capture(1.0)
    for number in range(40):
        eyes.clock.advance_ns(NS_PER_S // 30)
        t_ns = eyes.clock.now_ns()
        seen = face_measures(t_ns) if number % 3 == 0 else no_face(t_ns)
        eyes.desk.take(frame(t_ns), seen)
    with pytest.raises(InferenceError, match=r"in 11 of 32 pictures.*take it again"):
        future.result(0)
    assert eyes.analyser.neutral is None and eyes.published == []


def test_a_face_in_the_dark_is_told_from_one_that_is_not_there(eyes: Eyes) -> None:
    future = eyes.desk.neutral.capture(1.0)
    for _ in range(40):
        eyes.clock.advance_ns(NS_PER_S // 30)
        t_ns = eyes.clock.now_ns()
        eyes.desk.take(frame(t_ns), replace(face_measures(t_ns), quality=0.1))
    with pytest.raises(InferenceError, match=r"seen well enough in 0 of 32.*light"):
        future.result(0)


def test_where_emotions_are_not_inferred_there_is_no_neutral_face_to_take(eyes: Eyes) -> None:
    future = eyes.desk.neutral.capture(1.0)
    for _ in range(40):
        eyes.clock.advance_ns(NS_PER_S // 30)
        t_ns = eyes.clock.now_ns()
        eyes.desk.take(frame(t_ns), face_measures(t_ns).without_emotion())
    with pytest.raises(InferenceError, match="No action units are inferred"):
        future.result(0)


def test_how_far_the_neutral_face_is_can_be_read_and_it_can_be_broken_off(eyes: Eyes) -> None:
    neutral = eyes.desk.neutral
    assert neutral.reading() is None
    future = neutral.capture(2.0)
    first = neutral.reading()
    assert first is not None and (first.share, first.n_frames) == (0.0, 0)
    eyes.look(960, 540, seconds=1.0)
    reading = neutral.reading()
    assert reading is not None and reading.share == pytest.approx(0.48, abs=0.02)
    assert (reading.n_frames, reading.n_seen) == (30, 30)
    neutral.abandon("The moderator broke it off.")
    with pytest.raises(SessionError, match="broke it off"):
        future.result(0)
    assert neutral.reading() is None and eyes.analyser.neutral is None
    again = neutral.capture(1.0)
    eyes.look(960, 540, seconds=1.2)
    assert eyes.analyser.neutral is again.result(0)


def test_a_capture_that_fails_leaves_the_one_before_in_force(eyes: Eyes) -> None:
    future = eyes.desk.neutral.capture(1.0)
    eyes.look(960, 540, seconds=1.2)
    taken = future.result(0)
    again = eyes.desk.neutral.capture(1.0)
    for _ in range(40):
        eyes.clock.advance_ns(NS_PER_S // 30)
        eyes.desk.take(frame(eyes.clock.now_ns()), no_face(eyes.clock.now_ns()))
    assert again.exception(0) is not None
    assert eyes.analyser.neutral is taken
    eyes.desk.write_in_force()
    rows = [sample for sample in eyes.published if isinstance(sample, Row)]
    assert [one.values[2] for one in rows] == [taken.to_json()] * 2
