"""Gaze in a session: validated, redone, put out of force, checked, re-centred, moved by clicks."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from session_fakes import face_measures, frame
from test_calibration import NINE, SCREEN, Eyes, looking_at

from journeylab.bundle.header import ScreenGeometry
from journeylab.clock import NS_PER_MS, NS_PER_S
from journeylab.errors import InferenceError, SessionError
from journeylab.inference.gaze_record import GazeRecord, PointKind
from journeylab.session.calibration import MOVEMENT_NS, POINT_MAX_NS
from journeylab.session.panels import GazeAfterMove
from journeylab.streams import Row, row
from journeylab.vocabulary import PointerAction, PointerButton

VALIDATION = [(480, 300), (1440, 300), (960, 540), (480, 800), (1440, 800)]


def press(t_ns: int, x_px: float, y_px: float) -> Row:
    return row(
        "pointer",
        t_ns,
        x_px=x_px,
        y_px=y_px,
        action=int(PointerAction.PRESS),
        button=int(PointerButton.LEFT),
        scroll_dx=0.0,
        scroll_dy=0.0,
        speed_px_s=0.0,
    )


def kinds(eyes: Eyes) -> list[str]:
    return [str(sample.values[0]) for sample in eyes.published if isinstance(sample, Row)]


def told(eyes: Eyes, kind: str) -> dict[str, object]:
    rows = [s for s in eyes.published if isinstance(s, Row) and s.values[0] == kind]
    return dict(json.loads(str(rows[-1].values[2])))


def calibrate(eyes: Eyes, *, points: list[tuple[int, int]] = NINE) -> None:
    for x_px, y_px in points:
        eyes.point(x_px, y_px)


def validate(eyes: Eyes, *, off_px: float = 0.0) -> None:
    for x_px, y_px in VALIDATION:
        eyes.desk.gaze.begin_point(x_px, y_px, kind=PointKind.VALIDATION)
        eyes.look(x_px + off_px, y_px)
        eyes.desk.gaze.end_point()


def check(eyes: Eyes, *, off_px: float) -> None:
    eyes.desk.gaze.begin_check(960, 540)
    eyes.look(960 + off_px, 540)


@pytest.fixture
def eyes() -> Eyes:
    return Eyes()


def test_the_error_told_is_that_of_points_it_never_saw(eyes: Eyes) -> None:
    calibrate(eyes)
    validate(eyes, off_px=100)
    result = eyes.desk.gaze.finish_points()
    validation = result.validation
    assert validation is not None
    assert result.error_px == validation.error_px == pytest.approx(100, abs=25)
    assert validation.error_mm == pytest.approx(validation.error_px * 0.18, rel=0.01)
    assert validation.error_deg == pytest.approx(np.degrees(np.arctan(18 / 600)), abs=0.4)
    assert len(validation.points) == 5 and len(result.points) == 9
    assert validation.used == sum(point.used for point in validation.points)
    assert validation.n_all > validation.used, "the first 400 ms of each are left out"
    assert all(point.error_px == pytest.approx(100, abs=40) for point in validation.points)


def test_the_stored_object_holds_all_it_takes_to_fit_again(eyes: Eyes) -> None:
    calibrate(eyes)
    validate(eyes)
    result = eyes.desk.gaze.finish_points()
    stored = told(eyes, "gaze")
    record = GazeRecord.from_json(json.dumps(stored))
    assert record.refit().to_json() == result.calibration.to_json()
    assert record.validation == result.validation
    assert stored["validation"]["error_px"] == result.error_px  # type: ignore[index]


def test_a_point_is_done_when_its_samples_agree_and_at_last_after_three_seconds(
    eyes: Eyes,
) -> None:
    gaze = eyes.desk.gaze
    gaze.begin_point(960, 540)
    eyes.look(960, 540, seconds=0.6)
    reading = gaze.reading()
    assert reading is not None and not reading.is_done, "half a second has not been seen yet"
    eyes.look(960, 540, seconds=0.5)
    reading = gaze.reading()
    assert reading is not None and reading.is_done and reading.spread_deg < 1
    gaze.begin_point(192, 108)
    for place in (192, 960) * 4:
        eyes.look(place, 108, seconds=0.3)
    restless = gaze.reading()
    assert restless is not None and not restless.is_done and restless.spread_deg > 1
    eyes.clock.advance_ns(POINT_MAX_NS)
    at_last = gaze.reading()
    assert at_last is not None and at_last.is_done


def test_head_movement_takes_its_time_and_is_fitted(eyes: Eyes) -> None:
    calibrate(eyes)
    eyes.desk.gaze.begin_point(960, 540, kind=PointKind.MOVEMENT)
    eyes.look(960, 540, seconds=2.0)
    reading = eyes.desk.gaze.reading()
    assert reading is not None and not reading.is_done
    eyes.look(960, 540, seconds=MOVEMENT_NS / NS_PER_S - 1.9)
    reading = eyes.desk.gaze.reading()
    assert reading is not None and reading.is_done
    eyes.desk.gaze.end_point()
    before = sum(point.used for point in eyes.desk.gaze.finish_points().points)
    calibration = eyes.desk.gaze.calibration
    assert calibration is not None and calibration.n_all > before


def test_one_point_can_be_redone(eyes: Eyes) -> None:
    calibrate(eyes)
    validate(eyes)
    eyes.desk.gaze.begin_point(*NINE[3])
    eyes.look(1700, 100)  # she looked elsewhere
    eyes.desk.gaze.end_point()
    poor = eyes.desk.gaze.finish_points()
    eyes.desk.gaze.resume_points()
    eyes.point(*NINE[3])
    better = eyes.desk.gaze.finish_points()
    assert len(better.points) == 9
    # Outliers are left out, so the others hardly suffer; the point itself was lost.
    assert better.calibration.n_used > poor.calibration.n_used
    assert eyes.analyser.calibration is better.calibration


def test_a_calibration_that_fails_puts_the_one_before_out_of_force_and_says_so(
    eyes: Eyes,
) -> None:
    calibrate(eyes)
    first = eyes.desk.gaze.finish_points()
    for x_px, y_px in NINE:
        eyes.point(x_px, y_px, blink=True)
    with pytest.raises(InferenceError):
        eyes.desk.gaze.finish_points()
    assert eyes.analyser.calibration is None
    assert kinds(eyes) == ["gaze", "gaze_withdrawn"]
    assert "usable" in str(told(eyes, "gaze_withdrawn")["reason"])
    eyes.desk.write_in_force()
    assert kinds(eyes) == ["gaze", "gaze_withdrawn"], "nothing is in force when recording starts"
    kept = eyes.desk.gaze.keep_previous()
    assert kept is first and eyes.analyser.calibration is first.calibration
    assert kinds(eyes) == ["gaze", "gaze_withdrawn", "gaze_kept", "gaze"]
    with pytest.raises(SessionError, match="no earlier"):
        eyes.desk.gaze.keep_previous()


def test_breaking_off_is_no_silent_way_back(eyes: Eyes) -> None:
    calibrate(eyes)
    eyes.desk.gaze.finish_points()
    eyes.point(*NINE[0])
    eyes.desk.gaze.abandon_points()
    assert eyes.analyser.calibration is None
    assert kinds(eyes) == ["gaze", "gaze_withdrawn"]
    assert eyes.desk.gaze.has_previous


def test_accepting_is_written_with_the_error(eyes: Eyes) -> None:
    with pytest.raises(SessionError, match="no calibration"):
        eyes.desk.gaze.accept()
    calibrate(eyes)
    validate(eyes)
    result = eyes.desk.gaze.finish_points()
    eyes.desk.gaze.accept()
    assert told(eyes, "gaze_accepted")["error_px"] == result.error_px


def test_a_check_tells_the_drift_and_one_key_takes_it_out(eyes: Eyes) -> None:
    with pytest.raises(SessionError, match="not calibrated"):
        eyes.desk.gaze.begin_check(960, 540)
    calibrate(eyes)
    eyes.desk.gaze.finish_points()
    check(eyes, off_px=80)
    found = eyes.desk.gaze.finish_check()
    assert found.towards_px == pytest.approx([-80, 0], abs=25)
    assert found.error.error_px == pytest.approx(80, abs=25)
    written = told(eyes, "gaze_check")
    assert written["error_px"] == found.error.error_px and written["used"] == found.error.used
    shift_px = eyes.desk.gaze.recentre()
    assert shift_px == pytest.approx(found.towards_px)
    assert told(eyes, "gaze_shift")["by"] == "recentre"
    check(eyes, off_px=80)
    assert eyes.desk.gaze.finish_check().error.error_px < 30
    with pytest.raises(SessionError, match="not checked"):
        eyes.desk.gaze.recentre()
        eyes.desk.gaze.recentre()


def test_what_is_written_at_the_start_of_recording_holds_the_shift(eyes: Eyes) -> None:
    calibrate(eyes)
    eyes.desk.gaze.finish_points()
    check(eyes, off_px=80)
    eyes.desk.gaze.finish_check()
    eyes.desk.gaze.recentre()
    eyes.desk.write_in_force()
    record = GazeRecord.from_json(json.dumps(told(eyes, "gaze")))
    assert record.calibration.shift_px == pytest.approx([-80, 0], abs=25)


def test_closed_eyes_on_the_dot_are_no_drift(eyes: Eyes) -> None:
    calibrate(eyes)
    eyes.desk.gaze.finish_points()
    eyes.desk.gaze.begin_check(960, 540)
    eyes.look(960, 540, blink=True)
    with pytest.raises(InferenceError, match="not seen"):
        eyes.desk.gaze.finish_check()
    assert told(eyes, "gaze_check")["error_px"] is None


def test_clicks_shift_gaze_to_where_they_are_and_each_is_written(eyes: Eyes) -> None:
    calibrate(eyes)
    eyes.desk.gaze.finish_points()
    for _ in range(30):
        off = np.array([70.0, -30.0])
        shift_px = (
            np.zeros(2)
            if eyes.analyser.calibration is None
            else (eyes.analyser.calibration.shift_px)
        )
        for _ in range(15):
            eyes.clock.advance_ns(NS_PER_S // 30)
            t_ns = eyes.clock.now_ns()
            gaze_px = np.array([800.0, 400.0]) + off + shift_px
            eyes.desk.take(frame(t_ns), face_measures(t_ns, gaze_px=gaze_px.tolist()))
        eyes.desk.gaze.take_pointer(press(eyes.clock.now_ns() + NS_PER_MS, 800, 400))
    calibration = eyes.analyser.calibration
    assert calibration is not None
    assert calibration.shift_px == pytest.approx([-70, 30], abs=5)
    shifts = [s for s in eyes.published if isinstance(s, Row) and s.values[0] == "gaze_shift"]
    assert len(shifts) >= 28
    assert told(eyes, "gaze_shift")["by"] == "click"


def test_a_click_waits_until_it_is_known_where_the_eyes_were(eyes: Eyes) -> None:
    calibrate(eyes)
    eyes.desk.gaze.finish_points()
    at_ns = eyes.clock.now_ns() + NS_PER_S
    eyes.desk.gaze.take_pointer(press(at_ns, 900, 500))
    for _ in range(29):
        eyes.clock.advance_ns(NS_PER_S // 30)
        t_ns = eyes.clock.now_ns()
        eyes.desk.take(frame(t_ns), face_measures(t_ns, gaze_px=(950, 500)))
    assert "gaze_shift" not in kinds(eyes)
    eyes.look(960, 540, seconds=0.2)
    assert kinds(eyes).count("gaze_shift") == 1


def test_without_a_calibration_a_click_is_a_click(eyes: Eyes) -> None:
    eyes.desk.gaze.take_pointer(press(eyes.clock.now_ns(), 900, 500))
    t_ns = eyes.clock.now_ns()
    eyes.desk.take(frame(t_ns), looking_at(t_ns, 900, 500, rng=eyes.rng))
    assert eyes.published == []


PANEL = replace(SCREEN, name="eDP-1")
SMALLER = replace(PANEL, width_px=1280, height_px=720)
OTHER = ScreenGeometry(1920, 1200, width_mm=518.0, height_mm=324.0, name="HDMI-1")


def moved_to(eyes: Eyes, screen: ScreenGeometry) -> GazeAfterMove:
    return eyes.desk.gaze.move_to(screen)


@pytest.fixture
def on_panel(eyes: Eyes) -> Eyes:
    """Calibrated and validated on a panel that can be known again."""
    assert moved_to(eyes, PANEL) is GazeAfterMove.NONE
    calibrate(eyes)
    validate(eyes)
    eyes.desk.gaze.finish_points()
    return eyes


def test_another_resolution_is_written_with_the_calibration_that_holds_now(on_panel: Eyes) -> None:
    before = on_panel.desk.gaze.result
    assert before is not None
    assert moved_to(on_panel, SMALLER) is GazeAfterMove.RESCALED
    assert kinds(on_panel) == ["gaze", "gaze_rescaled", "gaze"]
    assert told(on_panel, "gaze_rescaled") == {"from_px": [1920, 1080], "to_px": [1280, 720]}
    record = GazeRecord.from_json(json.dumps(told(on_panel, "gaze")))
    assert record.calibration.screen_px == (1280, 720)
    # What a fit to the points in their new places finds is what is in force.
    again = record.refit()
    assert again.weights == pytest.approx(record.calibration.weights, rel=1e-6)
    assert again.offset_px == pytest.approx(record.calibration.offset_px, rel=1e-6)
    assert again.px_per_deg == pytest.approx(before.calibration.px_per_deg / 1.5, rel=1e-6)
    assert record.validation is not None and before.validation is not None
    assert record.validation.error_deg == before.validation.error_deg
    assert record.validation.error_mm == before.validation.error_mm
    assert record.validation.error_px == pytest.approx(before.validation.error_px / 1.5)
    on_panel.desk.write_in_force()
    assert told(on_panel, "gaze")["screen_px"] == [1280, 720]


def test_a_point_can_be_redone_after_the_resolution_changed(on_panel: Eyes) -> None:
    moved_to(on_panel, SMALLER)
    gaze = on_panel.desk.gaze
    gaze.resume_points()
    x_px, y_px = NINE[3]
    gaze.begin_point(x_px / 1.5, y_px / 1.5)
    on_panel.look(x_px, y_px)  # the same place of the panel, which is what the eyes know
    gaze.end_point()
    result = gaze.finish_points()
    assert len(result.points) == 9, "it took the place of the one before"
    assert result.calibration.screen_px == (1280, 720)
    assert result.error_deg is not None and result.error_deg < 1


def test_the_scale_alone_changes_no_pixel_and_so_nothing(on_panel: Eyes) -> None:
    in_force = on_panel.desk.gaze.result
    assert moved_to(on_panel, replace(PANEL, scale=1.5)) is GazeAfterMove.NONE
    assert on_panel.desk.gaze.result is in_force and kinds(on_panel) == ["gaze"]


def test_an_earlier_calibration_is_counted_over_as_well(on_panel: Eyes) -> None:
    on_panel.point(*NINE[0])
    on_panel.desk.gaze.abandon_points()
    moved_to(on_panel, SMALLER)
    kept = on_panel.desk.gaze.keep_previous()
    assert kept.calibration.screen_px == (1280, 720)


def test_back_on_its_panel_a_calibration_can_be_kept_but_is_not_taken_for_granted(
    on_panel: Eyes,
) -> None:
    assert moved_to(on_panel, OTHER) is GazeAfterMove.LOST
    assert on_panel.analyser.calibration is None and not on_panel.desk.gaze.has_previous
    assert moved_to(on_panel, SMALLER) is GazeAfterMove.NONE
    assert on_panel.analyser.calibration is None, "she may have moved meanwhile"
    kept = on_panel.desk.gaze.keep_previous()
    assert kept.calibration.screen_px == (1280, 720)
    assert on_panel.analyser.calibration is kept.calibration
    assert kinds(on_panel)[-2:] == ["gaze_kept", "gaze"]


def test_a_calibration_made_on_the_other_display_is_its_own(on_panel: Eyes) -> None:
    moved_to(on_panel, OTHER)
    for x_px, y_px in NINE:
        on_panel.point(x_px, y_px)
    made = on_panel.desk.gaze.finish_points()
    assert made.calibration.screen_px == (1920, 1200)
    assert moved_to(on_panel, PANEL) is GazeAfterMove.LOST
    assert on_panel.desk.gaze.keep_previous().calibration.screen_px == (1920, 1080)


def test_a_check_that_ran_while_the_display_changed_recentres_nothing(on_panel: Eyes) -> None:
    check(on_panel, off_px=80)
    on_panel.desk.gaze.finish_check()
    moved_to(on_panel, SMALLER)
    with pytest.raises(SessionError, match="not checked"):
        on_panel.desk.gaze.recentre()
