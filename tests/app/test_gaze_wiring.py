"""What the moderator reads and presses about face and gaze, with the whole app behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox
from pytestqt.qtbot import QtBot

from journeylab.app.window import Composition
from journeylab.bundle.header import ScreenGeometry
from journeylab.clock import SessionClock
from journeylab.inference.gaze import N_FEATURES
from journeylab.inference.gaze_record import GazeRecord, PointKind, ShownPoint, fit_points
from journeylab.session.calibration import CalibrationResult
from journeylab.study.folder import StudyFolder, save_study
from journeylab.study.model import Step, Stimulus, Study
from journeylab.ui.widgets.health import Level
from journeylab.vocabulary import StimulusKind

_WAIT_MS = 60_000
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def study(tmp_path: Path) -> StudyFolder:
    stimulus = Stimulus(kind=StimulusKind.INSTRUCTION, text="Look around.")
    steps = tuple(Step(id=one, title=one.title(), stimulus=stimulus) for one in ("first", "second"))
    return save_study(tmp_path / "study", Study(id="s", title="S", steps=steps))


@pytest.fixture
def app(qtbot: QtBot, study: StudyFolder, tmp_path: Path) -> Iterator[Composition]:
    composition = Composition(clock=SessionClock(), home=tmp_path / "home")
    composition.window.show()
    composition.window.open_study(study.path)
    left: list[bool] = []
    composition.left.connect(lambda: left.append(True))
    qtbot.waitUntil(lambda: composition.window._session is not None, timeout=_WAIT_MS)
    yield composition
    composition.interrupt()
    qtbot.waitUntil(lambda: bool(left), timeout=_WAIT_MS)
    composition.window.deleteLater()
    composition.deleteLater()
    qtbot.wait(20)


def _calibrated(size_px: tuple[int, int]) -> CalibrationResult:
    """A fit to eyes that looked at nine points, as a session holds it."""
    rng, points = np.random.default_rng(1), []
    for x, y in ((x, y) for y in (0.1, 0.5, 0.9) for x in (0.1, 0.5, 0.9)):
        x_px, y_px = x * size_px[0], y * size_px[1]
        features = rng.normal(0, 0.2, (20, N_FEATURES))
        features[:, -2] += np.degrees(np.arctan((0.5 - x) * 300 / 600))
        features[:, -1] += -np.degrees(np.arctan((y * 200 + 10) / 600))
        poses = np.tile([0.0, 0.0, 0.0, 0.0, 0.0, 600.0], (20, 1))
        points.append(
            ShownPoint(PointKind.CALIBRATION, x_px, y_px, 0, 1, features, poses, left_out=0)
        )
    fit = fit_points(points, screen_px=size_px)
    return CalibrationResult(GazeRecord(fit, tuple(points)), (), 30.0, 0.8, is_held_out=True)


def _start(qtbot: QtBot, app: Composition) -> None:
    setup = app.window.setup
    setup.participant.participant_id.setText("P01")
    for box in setup.findChildren(QCheckBox):
        box.setChecked(True)
    qtbot.waitUntil(setup.start_button.isEnabled, timeout=_WAIT_MS)
    setup.start_button.click()
    session = app._session
    assert session is not None
    qtbot.waitUntil(lambda: session.controller.step_index == 0, timeout=_WAIT_MS)


def test_another_display_in_a_session_is_told_with_the_way_out(
    qtbot: QtBot, app: Composition
) -> None:
    _start(qtbot, app)
    session, console = app._session, app.window.console
    panel = replace(session._geometry, width_mm=300.0, height_mm=200.0, name="eDP-1")
    session.controller.move_to(panel)
    gaze = session.controller.gaze
    with gaze._lock:
        gaze._put_in_force(_calibrated((panel.width_px, panel.height_px)))
    session.interludes.gaze.calibrated.emit(gaze.result)
    assert "0.8°" in console.gaze_sheet.card.text
    other = ScreenGeometry(panel.width_px, panel.height_px, name="HDMI-9")
    for screen in (other, panel):
        session.controller.move_to(screen)
        session.interludes.move_to(screen)
        is_back = screen is panel
        card = console.gaze_sheet.card
        assert ("Keep that calibration" in card.text) is is_back
        assert card.verdict.level is Level.FAULT and not card.is_calibrated
        assert "Shift+F9" in console.parts.course.said.toolTip()
    card.keep_button.click()
    assert card.is_calibrated and gaze.calibration is not None
    assert app.window.setup.gaze.is_calibrated, "both cards tell the same"


def test_keys_at_the_console_take_the_neutral_face_and_break_it_off(
    qtbot: QtBot, app: Composition
) -> None:
    _start(qtbot, app)
    session, console = app._session, app.window.console
    qtbot.keyClick(console, Qt.Key.Key_F8, SHIFT)
    assert session.interludes.neutral.is_running and console.gaze_sheet.isVisible()
    assert session.controller.course.is_paused
    qtbot.keyClick(console, Qt.Key.Key_F9, SHIFT)
    assert not session.interludes.gaze._interlude._reason.startswith("gaze"), "one at a time"
    qtbot.keyClick(console, Qt.Key.Key_Escape)
    assert not session.interludes.neutral.is_running
    assert "broken off" in console.gaze_sheet.card.text
    assert not session.controller.course.is_paused and not console.is_asking_to_stop
