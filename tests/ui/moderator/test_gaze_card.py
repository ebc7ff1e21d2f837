"""The gaze card: what comes, what happens, what came of it, and the moderator's answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from journeylab.inference.gaze import N_FEATURES
from journeylab.inference.gaze_record import (
    GazeRecord,
    PointError,
    PointKind,
    ShownPoint,
    fit_points,
    validate,
)
from journeylab.session.calibration import CalibrationResult
from journeylab.ui.moderator.gaze_card import GazeCard
from journeylab.ui.moderator.ports import GazeChoice, GazePoint, GazeProgress, NeutralProgress
from journeylab.ui.widgets.health import Level

SCREEN_PX = (1920, 1080)
MM_PER_PX = 0.18
LEFT = Qt.MouseButton.LeftButton


def _shown(kind: PointKind, x_px: float, y_px: float, *, off_px: float = 0.0) -> ShownPoint:
    features = np.random.default_rng(1).normal(0, 0.2, (20, N_FEATURES))
    features[:, -2] += np.degrees(np.arctan((960 - x_px - off_px) * MM_PER_PX / 600))
    features[:, -1] += -np.degrees(np.arctan((y_px * MM_PER_PX + 10) / 600))
    poses = np.tile([0.0, 0.0, 0.0, 0.0, 0.0, 600.0], (20, 1))
    return ShownPoint(kind, x_px, y_px, 0, 1, features, poses, 5)


def _result(*, off_px: float) -> CalibrationResult:
    grid = [(x, y) for y in (108.0, 540.0, 972.0) for x in (192.0, 960.0, 1728.0)]
    others = [(500.0, 400.0), (1400.0, 300.0), (960.0, 700.0)]
    points = [_shown(PointKind.CALIBRATION, *at) for at in grid]
    points += [_shown(PointKind.VALIDATION, *at, off_px=off_px) for at in others]
    calibration = fit_points(points, screen_px=SCREEN_PX)
    validation = validate(calibration, points, mm_per_px=MM_PER_PX)
    assert validation is not None
    errors = tuple(PointError(x, y, 20, 5, 30.0, 0.5, 5.0) for x, y in grid)
    return CalibrationResult(
        GazeRecord(calibration, tuple(points), validation),
        errors,
        validation.error_px,
        validation.error_deg,
        True,
    )


@pytest.fixture
def card(qtbot: QtBot) -> GazeCard:
    card = GazeCard()
    qtbot.addWidget(card)
    card.resize(900, 240)
    card.set_open(True)
    card.show()
    return card


def test_before_it_says_what_comes_and_asks(qtbot: QtBot, card: GazeCard) -> None:
    assert "9 dots" in card.text and "half a minute" in card.text
    assert card.choice() == GazeChoice(9, False)
    card.n_points.setCurrentIndex(2)
    card.pace.setCurrentIndex(1)
    assert "13 dots" in card.text and card.choice() == GazeChoice(13, True)
    with qtbot.waitSignal(card.asked):
        qtbot.mouseClick(card.calibrate_button, LEFT)


def test_meanwhile_it_says_what_the_participant_does(qtbot: QtBot, card: GazeCard) -> None:
    card.show_progress(GazeProgress(PointKind.CALIBRATION, 3, 9))
    assert "3 of 9" in card.text and card.problem and not card.next_button.isVisible()
    card.show_progress(GazeProgress(PointKind.MOVEMENT, 1, 1, is_paced=True))
    assert "turn your head" in card.text and "Space" in card.text
    with qtbot.waitSignal(card.advanced):
        qtbot.mouseClick(card.next_button, LEFT)
    with qtbot.waitSignal(card.broken_off):
        qtbot.mouseClick(card.break_button, LEFT)


def test_a_good_result_is_told_with_what_it_rests_on(qtbot: QtBot, card: GazeCard) -> None:
    card.show_result(_result(off_px=60.0), has_previous=False)
    assert card.problem == ""
    for words in ("°", "px", "mm", "3 points", "60 of 75 samples"):
        assert words in card.text
    assert not card.keep_button.isVisible()
    with qtbot.waitSignal(card.accepted):
        qtbot.mouseClick(card.accept_button, LEFT)
    assert "Accepted" in card.text and not card.accept_button.isVisible()


def test_a_point_is_chosen_told_and_redone(qtbot: QtBot, card: GazeCard) -> None:
    card.show_result(_result(off_px=60.0), has_previous=False)
    assert not card.redo_button.isEnabled()
    card.points.setFocus()
    qtbot.keyClick(card.points, Qt.Key.Key_Left)  # the last one
    assert "Validation point at 960, 700 px" in card.text and "20 of 25 samples" in card.text
    with qtbot.waitSignal(card.redo_asked) as asked:
        qtbot.mouseClick(card.redo_button, LEFT)
    assert asked.args == [GazePoint(PointKind.VALIDATION, 960.0, 700.0)]


def test_a_poor_result_says_so(card: GazeCard) -> None:
    card.show_result(_result(off_px=350.0), has_previous=True)
    assert "too far for a map" in card.text
    assert card.keep_button.isVisible()


def test_an_unknown_screen_size_is_told_in_px_alone(card: GazeCard) -> None:
    result = _result(off_px=60.0)
    validation = result.validation
    assert validation is not None
    in_px = replace(validation, error_deg=None, error_mm=None)
    record = replace(result.record, validation=in_px)
    card.show_result(replace(result, record=record, error_deg=None), has_previous=False)
    assert "°" not in card.verdict.text and "px" in card.verdict.text


def test_a_failure_says_why_and_that_nothing_is_in_force(qtbot: QtBot, card: GazeCard) -> None:
    card.show_failure("The eyes did not follow the points.", has_previous=True)
    assert "did not follow" in card.text and "out of force" in card.text
    with qtbot.waitSignal(card.keep_asked):
        qtbot.mouseClick(card.keep_button, LEFT)
    card.show_failure("The eyes did not follow the points.", has_previous=False)
    assert not card.keep_button.isVisible()


def test_the_neutral_face_comes_first_and_says_how_far_it_is(qtbot: QtBot, card: GazeCard) -> None:
    assert card.neutral.text.startswith("Neutral face not taken yet")
    assert card.not_yet == "Neutral face not taken yet, gaze not calibrated"
    with qtbot.waitSignal(card.neutral.asked):
        qtbot.mouseClick(card.neutral.button, LEFT)
    card.show_neutral(NeutralProgress(0.0, 5.0, 0, 0, is_reading=True))
    assert "reads" in card.text and card.problem
    assert not card.calibrate_button.isEnabled() and not card.neutral.button.isEnabled()
    card.show_neutral(NeutralProgress(2.0, 5.0, 60, 58))
    assert "2 of 5 s, face well seen" in card.text
    card.show_neutral(NeutralProgress(3.0, 5.0, 90, 30))
    assert "face seen in 33% only" in card.text and card.neutral.row.level is Level.WARNING
    with qtbot.waitSignal(card.broken_off):
        qtbot.mouseClick(card.break_button, LEFT)
    card.show_neutral_taken("Neutral face taken, from 148 of 150 pictures")
    assert "148 of 150" in card.text and card.neutral.row.level is Level.GOOD
    assert not card.problem and not card.break_button.isVisible()
    assert card.neutral.button.isEnabled() and card.neutral.button.text() == "Take again"
    assert card.not_yet == "Gaze not calibrated yet"


def test_one_that_failed_leaves_the_one_before(card: GazeCard) -> None:
    card.show_neutral_failed("No neutral face: the face was found in 3 of 150 pictures only.")
    assert "found in 3 of 150" in card.text and "stays" not in card.text
    assert card.neutral.is_missing and card.neutral.row.level is Level.WARNING
    card.show_neutral_taken("Neutral face taken, from 148 of 150 pictures")
    card.show_neutral_failed("The neutral face was broken off.")
    assert "The one taken before stays" in card.text and not card.neutral.is_missing
    card.show_none()
    assert card.neutral.is_missing and "not taken yet" in card.text


def test_without_emotions_there_is_nothing_to_take(card: GazeCard) -> None:
    card.neutral.set_needed(False)
    assert "not needed" in card.text and not card.neutral.button.isEnabled()
    assert card.not_yet == "Gaze not calibrated yet"


def test_while_one_runs_the_other_cannot_begin(card: GazeCard) -> None:
    card.show_progress(GazeProgress(PointKind.CALIBRATION, 3, 9))
    assert not card.neutral.button.isEnabled()
    card.show_result(_result(off_px=60.0), has_previous=False)
    assert card.neutral.button.isEnabled() and card.is_calibrated
    card.show_neutral(NeutralProgress(2.0, 5.0, 60, 58))
    assert not card.accept_button.isEnabled()
    card.show_neutral_taken("Neutral face taken, from 148 of 150 pictures")
    assert card.accept_button.isEnabled() and card.not_yet == ""
