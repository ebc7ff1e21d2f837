"""The points on the participant's screen: their order and pace, breaking off, redoing, checking."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from journeylab.app.calibrating import POINTS_AT, VALIDATION_AT, Calibration, DriftCheck, points_due
from journeylab.errors import InferenceError, SessionError
from journeylab.inference.gaze_record import PointKind
from journeylab.session.calibration import PointReading
from journeylab.ui.moderator.ports import GazeChoice

SIZE_PX = (1000, 800)


class FakeDesk:
    """Says what it was asked; a point is done after it was asked about ``patience`` times."""

    def __init__(self) -> None:
        self.acts: list[str] = []
        self.patience = 1
        self.asked = 0
        self.fails = False

    def reading(self) -> PointReading:
        self.asked += 1
        return PointReading(20, 0.5, self.asked >= self.patience)

    def end_point(self) -> None:
        self.asked = 0

    def resume_points(self) -> None:
        self.acts.append("resume")

    def begin_check(self, x_px: float, y_px: float) -> None:
        if self.fails:
            raise SessionError("Gaze is not calibrated.")
        self.acts.append(f"check {x_px:.0f} {y_px:.0f}")

    def finish_check(self) -> str:
        if self.patience > 1:
            raise InferenceError("The eyes were not seen on the dot.")
        return "found"


class FakeController:
    def __init__(self) -> None:
        self.gaze = FakeDesk()

    def begin_calibration_point(self, x_px: float, y_px: float, *, kind: PointKind) -> None:
        self.gaze.acts.append(f"{kind} {x_px:.0f} {y_px:.0f}")

    def finish_calibration(self) -> str:
        return "result"

    def abandon_calibration(self) -> None:
        self.gaze.acts.append("abandon")


class FakeScreen:
    is_open = True

    def __init__(self) -> None:
        self.seen: list[str] = []

    def show_point(self, x_px: float, y_px: float) -> None:
        self.seen.append(f"{x_px:.0f} {y_px:.0f}")

    def show_dot(self, x_px: float, y_px: float) -> None:
        self.seen.append(f"dot {x_px:.0f} {y_px:.0f}")

    def hide_dot(self) -> None:
        self.seen.append("no dot")

    def hide(self) -> None:
        self.seen.append("hidden")


class AtOnce:
    """Work that is done where it is asked for."""

    def run(
        self, work: Callable[[], object], *, done: Callable[[object], None], **_: object
    ) -> None:
        done(work())


@pytest.fixture
def parent(qtbot: QtBot) -> QObject:
    return QObject()


def begun(
    parent: QObject, *, n_points: int = 9, is_paced: bool = False, is_redo: bool = False
) -> tuple[Calibration, FakeController, FakeScreen]:
    controller, screen = FakeController(), FakeScreen()
    points = points_due(n_points, SIZE_PX)
    calibration = Calibration(
        controller,  # type: ignore[arg-type]
        screen=screen,  # type: ignore[arg-type]
        points=points[:1] if is_redo else points,
        choice=GazeChoice(n_points, is_paced),
        background=AtOnce(),  # type: ignore[arg-type]
        is_redo=is_redo,
        parent=parent,
    )
    return calibration, controller, screen


@pytest.mark.parametrize("n_points", [5, 9, 13])
def test_calibration_then_head_movement_then_other_points(n_points: int) -> None:
    points = points_due(n_points, SIZE_PX)
    kinds = [point.kind for point in points]
    assert kinds == (
        [PointKind.CALIBRATION] * n_points
        + [PointKind.MOVEMENT]
        + [PointKind.VALIDATION] * len(VALIDATION_AT)
    )
    assert len(set(POINTS_AT[n_points])) == n_points
    assert not set(VALIDATION_AT) & set(POINTS_AT[n_points])
    assert all(0 < p.x_px < SIZE_PX[0] and 0 < p.y_px < SIZE_PX[1] for p in points)


def test_points_follow_each_other_as_they_are_done(qtbot: QtBot, parent: QObject) -> None:
    calibration, controller, screen = begun(parent, n_points=5)
    told = []
    calibration.progressed.connect(told.append)
    with qtbot.waitSignal(calibration.done, timeout=10_000) as done:
        calibration.begin()
    assert done.args == ["result"]
    assert len(controller.gaze.acts) == 11
    assert controller.gaze.acts[0] == "calibration 100 80"
    assert [one.place for one in told] == [1, 2, 3, 4, 5, 1, 1, 2, 3, 4, 5]
    assert {one.of for one in told if one.kind is PointKind.VALIDATION} == {5}
    assert screen.seen[-1] == "hidden"


def test_at_the_moderators_pace_nothing_goes_on_by_itself(qtbot: QtBot, parent: QObject) -> None:
    calibration, controller, _ = begun(parent, is_paced=True)
    calibration.begin()
    qtbot.wait(200)
    assert len(controller.gaze.acts) == 1
    calibration.advance()
    assert len(controller.gaze.acts) == 2
    calibration.break_off()


def test_breaking_off_leaves_no_calibration(qtbot: QtBot, parent: QObject) -> None:
    calibration, controller, screen = begun(parent, is_paced=True)
    calibration.begin()
    with qtbot.waitSignal(calibration.failed) as failed:
        calibration.break_off()
    assert "broken off" in failed.args[0]
    assert controller.gaze.acts[-1] == "abandon" and screen.seen[-1] == "hidden"
    calibration.advance()
    assert controller.gaze.acts[-1] == "abandon"


def test_one_point_is_redone_in_the_run_it_belongs_to(qtbot: QtBot, parent: QObject) -> None:
    calibration, controller, _ = begun(parent, is_redo=True)
    with qtbot.waitSignal(calibration.done, timeout=10_000):
        calibration.begin()
    assert controller.gaze.acts == ["resume", "calibration 100 80"]


def _check(parent: QObject) -> tuple[DriftCheck, FakeController, FakeScreen]:
    controller, screen = FakeController(), FakeScreen()
    check = DriftCheck(
        controller,  # type: ignore[arg-type]
        screen=screen,  # type: ignore[arg-type]
        size_px=SIZE_PX,
        parent=parent,
    )
    return check, controller, screen


def test_a_check_shows_one_dot_in_the_middle(qtbot: QtBot, parent: QObject) -> None:
    check, controller, screen = _check(parent)
    with qtbot.waitSignal(check.done) as done:
        check.begin()
        check.begin()  # the key pressed twice is one check
    assert done.args == ["found"]
    assert controller.gaze.acts == ["check 500 400"]
    assert screen.seen == ["dot 500 400", "no dot"]


def test_a_check_that_cannot_be_says_why(qtbot: QtBot, parent: QObject) -> None:
    check, controller, screen = _check(parent)
    controller.gaze.fails = True
    with qtbot.waitSignal(check.failed) as failed:
        check.begin()
    assert "not calibrated" in failed.args[0] and screen.seen == []
    controller.gaze.fails, controller.gaze.patience = False, 3
    with qtbot.waitSignal(check.failed) as failed:
        check.begin()
    assert "not seen" in failed.args[0] and screen.seen == ["dot 500 400", "no dot"]
