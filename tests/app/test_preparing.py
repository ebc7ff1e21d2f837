"""Before a session, with real windows: consent by the participant, and the screen's delay."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from journeylab.app.participant_screen import ParticipantScreen
from journeylab.app.preparing import DECLINED_TEXT, PreparingTasks
from journeylab.assets import asset
from journeylab.clock import NS_PER_MS, SessionClock
from journeylab.inference.measures import no_face
from journeylab.session.flash_test import ScreenDelay
from journeylab.session.health import HealthLog
from journeylab.session.states import SessionState
from journeylab.session.tech_check import PictureWatch
from journeylab.streams import Frame
from journeylab.study.folder import StudyFolder, load_study
from journeylab.ui.participant.consent_stage import ConsentStage
from journeylab.ui.participant.flash_stage import FlashStage
from journeylab.ui.participant.window import ParticipantWindow
from journeylab.ui.widgets.background import Background

DELAY_MS = 110


class FakeController:
    """A session in preview: its real watch of the picture, and what it was given to keep."""

    def __init__(self, clock: SessionClock) -> None:
        self.state = SessionState.PREVIEW
        self.picture = PictureWatch(HealthLog(lambda _sample: None, clock=clock))
        self.kept: list[ScreenDelay] = []

    def keep_screen_delay(self, delay: ScreenDelay) -> None:
        self.kept.append(delay)


class Lab:
    """A participant's screen, the tasks on it, and a camera that sees the screen's light."""

    def __init__(self, folder: StudyFolder, parent: QObject) -> None:
        self.clock = SessionClock()
        self.controller = FakeController(self.clock)
        self.screen = ParticipantScreen(
            folder,
            screen=QGuiApplication.screens()[0],
            clock=self.clock,
            take=lambda _sample: None,
            complain=lambda _sentence: None,
            moved=lambda _screen: None,
        )
        self.background = Background(parent)
        self.tasks = PreparingTasks(
            self.controller,  # type: ignore[arg-type]
            screen=self.screen,
            privacy=folder.study.privacy,
            background=self.background,
            parent=parent,
        )
        self.light = 0.0
        self._rng = np.random.default_rng(1)
        self._timer = QTimer(parent)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._see)
        self._timer.start(33)

    @property
    def window(self) -> ParticipantWindow:
        window = self.screen._window
        assert window is not None
        return window

    def _see(self) -> None:
        """One frame: as bright as the screen was some time ago."""
        now_ns = self.clock.now_ns()
        level = 0.0
        if self.screen.is_open and isinstance(self.window.stage, FlashStage):
            for painted_ns, painted in self.window.stage._paints:
                if painted_ns <= now_ns - DELAY_MS * NS_PER_MS:
                    level = painted
        luma = 100 + self.light * level + self._rng.normal(0, 0.5)
        image = np.full((48, 64, 3), round(luma), np.uint8)
        self.controller.picture.take(Frame(now_ns, 0, image), no_face(now_ns))

    def close(self) -> None:
        self._timer.stop()
        self.screen.close()
        self.background.close().result()


@pytest.fixture
def lab(qtbot: QtBot) -> Iterator[Lab]:
    parent = QObject()
    made = Lab(load_study(asset("demo-study")), parent)
    yield made
    made.close()
    parent.deleteLater()
    qtbot.wait(20)


def _asked(qtbot: QtBot, lab: Lab) -> ConsentStage:
    assert lab.tasks.ask_consent(device=None)
    qtbot.waitUntil(lab.window.isActiveWindow, timeout=10_000)
    stage = lab.window.stage
    assert isinstance(stage, ConsentStage)
    return stage


def test_the_participant_agrees_on_her_screen_and_it_is_given_back(qtbot: QtBot, lab: Lab) -> None:
    stage = _asked(qtbot, lab)
    for line in stage.lines.values():
        qtbot.mouseClick(line.yes, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(lab.tasks.consented) as consented:
        qtbot.mouseClick(stage.agree, Qt.MouseButton.LeftButton)
    assert set(consented.args[0].values()) == {"yes"}
    assert not lab.window.isVisible()


def test_one_who_takes_no_part_is_told_that_nothing_was_recorded(qtbot: QtBot, lab: Lab) -> None:
    stage = _asked(qtbot, lab)
    with qtbot.waitSignal(lab.tasks.consented) as consented:
        qtbot.mouseClick(stage.decline, Qt.MouseButton.LeftButton)
    assert consented.args == [None]
    assert lab.window.isVisible()
    assert lab.window._stages.text.text == DECLINED_TEXT
    qtbot.waitUntil(lambda: not lab.window.isVisible(), timeout=15_000)


def test_a_page_taken_back_answers_nothing(qtbot: QtBot, lab: Lab) -> None:
    stage = _asked(qtbot, lab)
    given: list[object] = []
    lab.tasks.consented.connect(given.append)
    lab.tasks.take_back()
    assert not lab.window.isVisible()
    stage.decline.click()
    assert given == []


def test_nothing_is_asked_while_a_session_records(lab: Lab) -> None:
    lab.controller.state = SessionState.RECORDING
    assert not lab.tasks.ask_consent(device=None)
    assert not lab.tasks.measure_delay(device=None)
    assert not lab.screen.is_open


def test_the_delay_from_a_real_paint_to_the_camera_is_measured_and_kept(
    qtbot: QtBot, lab: Lab
) -> None:
    lab.light = 8.0
    with qtbot.waitSignal(lab.tasks.measured, timeout=60_000) as measured:
        assert lab.tasks.measure_delay(device=None)
    (delay,) = measured.args
    # The camera of this test stamps a frame up to one timer's tick late.
    assert delay.delay_ms == pytest.approx(DELAY_MS, abs=10)
    assert delay.n_changes == 17
    assert lab.controller.kept == [delay]
    assert not lab.window.isVisible()


def test_where_the_light_is_not_enough_it_says_so(qtbot: QtBot, lab: Lab) -> None:
    with qtbot.waitSignal(lab.tasks.failed, timeout=60_000) as failed:
        assert lab.tasks.measure_delay(device=None)
    assert "Darken the room" in failed.args[0]
    assert lab.controller.kept == []
