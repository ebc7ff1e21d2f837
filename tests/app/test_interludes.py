"""Neutral face and gaze, before a session and in it, by a participant who looks at the dot.

Session, windows and bundle are those that ship; the camera gives empty pictures, and the analyser
reads from the participant's window where she looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot
from session.session_fakes import IMAGE, FakeAnalyser, FakeSource, face_measures

from journeylab.app.devices import DeviceRequest, OpenedDevices
from journeylab.app.live import LiveSession, SessionRequest
from journeylab.bundle.header import ScreenGeometry
from journeylab.bundle.reader import Bundle
from journeylab.clock import NS_PER_S, SessionClock
from journeylab.inference.measures import FaceMeasures, no_face
from journeylab.session.consent import AGREED_TO_ALL, consent_record
from journeylab.session.controller import SessionController
from journeylab.streams import Frame
from journeylab.study.folder import StudyFolder, save_study
from journeylab.study.model import Step, Stimulus, Study
from journeylab.ui.moderator.ports import GazeChoice
from journeylab.ui.participant.calibration_stage import CalibrationStage
from journeylab.ui.participant.neutral_stage import NEUTRAL_TEXT
from journeylab.ui.participant.window import ParticipantWindow
from journeylab.vocabulary import StimulusKind

_WAIT_MS = 30_000
_AWAY_MM = 600.0
_MM_PER_PX = 0.25


class Looks(FakeAnalyser):
    """Sees eyes that rest on whatever dot the participant is shown; none while she ``is_away``."""

    def __init__(self) -> None:
        super().__init__()
        self.is_away = False
        self.at_px, self.middle_px = (0.0, 0.0), 0.0
        self._rng = np.random.default_rng(5)

    def analyse(self, image: np.ndarray, *, t_ns: int) -> FaceMeasures:
        super().analyse(image, t_ns=t_ns)
        if self.is_away:
            return no_face(t_ns)
        yaw = np.degrees(np.arctan((self.middle_px - self.at_px[0]) * _MM_PER_PX / _AWAY_MM))
        noise_deg = self._rng.normal(0, 0.2, 2)
        pitch = -np.degrees(np.arctan((self.at_px[1] * _MM_PER_PX + 10) / _AWAY_MM))
        return face_measures(t_ns, gaze_deg=np.array((yaw, pitch)) + noise_deg)

    def look(self, window: ParticipantWindow) -> None:
        """Look at what the window shows now; on the GUI thread."""
        self.middle_px = window.width() / 2
        self.at_px = self.middle_px, window.height() / 2
        for stage in (window.over.shown, window.stage):
            if isinstance(stage, CalibrationStage):
                self.at_px = stage.point.x(), stage.point.y()
                return


class Lab:
    """A live session on the one screen there is."""

    def __init__(self, qtbot: QtBot, study: StudyFolder, eyes: Looks) -> None:
        self._qtbot = qtbot
        self.eyes = eyes
        self.notices: list[str] = []
        self.ended: list[object] = []
        self.session = LiveSession(
            study, screen=QGuiApplication.primaryScreen(), clock=SessionClock()
        )
        self.session.finished.connect(self.ended.append)
        self.session.failed.connect(self.ended.append)
        self.session.notice.connect(self.notices.append)
        with qtbot.waitSignal(self.session.ready, timeout=_WAIT_MS):
            self.session.open(DeviceRequest("0", "none"))
        assert self.session.interludes is not None
        self.neutral, self.gaze = self.session.interludes.neutral, self.session.interludes.gaze
        self.neutral._seconds, self.neutral._reading_s = 0.8, 0.3
        self._timer = QTimer(self.session)
        self._timer.timeout.connect(self._look)
        self._timer.start(10)

    def _look(self) -> None:
        window = self.session._window._window
        if window is not None:
            self.eyes.look(window)

    @property
    def controller(self) -> SessionController:
        assert self.session.controller is not None
        return self.session.controller

    @property
    def window(self) -> ParticipantWindow:
        window = self.session._window._window
        assert window is not None
        return window

    def start(self, *, takes_neutral: bool = False, **answers: str) -> None:
        agreed = {**AGREED_TO_ALL, "face_video": "no", "audio": "no", **answers}
        consent = consent_record(
            agreed, privacy=self.session.folder.study.privacy, stated_by="test"
        )
        with self._qtbot.waitSignal(self.session.started, timeout=_WAIT_MS):
            self.session.start(SessionRequest("P01", {}, consent, takes_neutral))
        assert self.window.isVisible()

    def until(self, holds: Callable[[], object]) -> None:
        self._qtbot.waitUntil(lambda: bool(holds()), timeout=_WAIT_MS)

    def in_step(self) -> str:
        step = self.controller.current_step
        return "" if step is None else step.id

    def calibrate(self) -> None:
        with self._qtbot.waitSignal(self.gaze.calibrated, timeout=_WAIT_MS):
            self.gaze.calibrate(GazeChoice(5))
            assert self.window.isVisible()

    def stop(self) -> Bundle:
        self.session.stop()
        self.until(lambda: self.ended)
        (path,) = self.ended
        assert isinstance(path, Path), path
        return Bundle.open(path)


@pytest.fixture
def study(tmp_path: Path) -> StudyFolder:
    steps = tuple(
        Step(
            id=name,
            title=name.title(),
            planned_s=5.0,
            stimulus=Stimulus(kind=StimulusKind.INSTRUCTION, text="Look around."),
        )
        for name in ("first", "second")
    )
    return save_study(tmp_path / "study", Study(id="s", title="S", steps=steps))


@pytest.fixture
def lab(qtbot: QtBot, study: StudyFolder, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    eyes = Looks()

    def devices(*_: object, clock: SessionClock, **__: object) -> OpenedDevices:
        camera = FakeSource(
            "camera", lambda t_ns, index: Frame(t_ns, index, IMAGE), rate_hz=30.0, clock=clock
        )
        return OpenedDevices((camera,), needs_window_pointer=False)

    monkeypatch.setattr("journeylab.app.live.open_devices", devices)
    monkeypatch.setattr("journeylab.app.live.FrameAnalyser", lambda **_: eyes)
    monkeypatch.setattr("journeylab.session.calibration.MOVEMENT_NS", NS_PER_S // 2)
    made = Lab(qtbot, study, eyes)
    yield made
    made.session.close().result()
    made.session.deleteLater()
    qtbot.wait(20)


def _acts(bundle: Bundle) -> list[tuple[str, str]]:
    rows = bundle.table("acts")
    return [(str(a), str(v)) for a, v in zip(rows["act"], rows["value"], strict=True)]


def test_the_neutral_face_is_taken_before_a_session_and_is_in_it(lab: Lab, qtbot: QtBot) -> None:
    told: list[object] = []
    lab.neutral.progressed.connect(told.append)
    with qtbot.waitSignal(lab.neutral.taken, timeout=_WAIT_MS) as taken:
        assert lab.neutral.take()
        assert NEUTRAL_TEXT in lab.window.over.neutral.text
        assert not lab.neutral.take(), "one at a time"
        lab.gaze.calibrate(GazeChoice(5))
        lab.until(lambda: lab.window.over.neutral.text.endswith("1"))
    assert taken.args[0].startswith("Neutral face taken, from ")
    assert "busy" in " ".join(lab.notices)
    assert told[0].is_reading and told[-1].done_s == pytest.approx(0.8, abs=0.15)
    assert told[-1].n_seen == told[-1].n_frames > 15
    lab.until(lambda: not lab.window.isVisible())
    assert not lab.neutral._interlude.is_running
    lab.start()
    with lab.stop() as bundle:
        assert bundle.table("calibrations")["kind"].tolist() == ["neutral"]


def test_a_face_that_is_not_there_is_told_and_can_be_taken_again(lab: Lab, qtbot: QtBot) -> None:
    lab.eyes.is_away = True
    with qtbot.waitSignal(lab.neutral.failed, timeout=_WAIT_MS) as failed:
        lab.neutral.take()
    assert "the face was found in 0 of" in failed.args[0] and "again" in failed.args[0]
    assert not lab.window.isVisible()
    lab.eyes.is_away = False
    with qtbot.waitSignal(lab.neutral.taken, timeout=_WAIT_MS):
        assert lab.neutral.take()


def test_in_a_session_it_holds_the_step_and_goes_on_with_it(lab: Lab, qtbot: QtBot) -> None:
    lab.start()
    lab.until(lambda: lab.in_step() == "first")
    with qtbot.waitSignal(lab.neutral.ended, timeout=_WAIT_MS):
        assert lab.neutral.take()
        assert lab.controller.course.is_paused
        lab.until(lambda: not lab.session._window._cover.isHidden())
        over = lab.window.over.neutral
        children = lab.window.children()
        assert children.index(over) > children.index(lab.session._window._cover), "it lies on top"
    lab.until(lab.session._window._cover.isHidden)
    assert not lab.controller.course.is_paused and lab.in_step() == "first"
    assert lab.window.over.shown is None and lab.window.isVisible()
    with lab.stop() as bundle:
        assert "neutral" in bundle.table("calibrations")["kind"].tolist()
        assert _acts(bundle) == [("pause", "neutral face"), ("resume", "")]
        steps = bundle.table("steps")
        assert set(steps["step_id"]) == {"first"} and set(steps["visit"]) == {1}


def test_a_session_that_was_paused_stays_paused(lab: Lab, qtbot: QtBot) -> None:
    lab.start()
    lab.until(lambda: lab.in_step() == "first")
    lab.controller.course.pause()
    with qtbot.waitSignal(lab.neutral.ended, timeout=_WAIT_MS):
        assert lab.neutral.take()
    assert lab.controller.course.is_paused
    cover = lab.session._window._cover
    lab.until(lambda: not cover.isHidden())
    assert lab.window.focusWidget() is cover, "no key reaches the step beneath"
    lab.controller.course.resume()
    lab.until(cover.isHidden)


def test_gaze_can_be_calibrated_again_after_another_display(lab: Lab, qtbot: QtBot) -> None:
    lab.calibrate()
    assert not lab.window.isVisible()
    lab.start()
    lab.until(lambda: lab.in_step() == "first")
    geometry = lab.session._geometry
    other = ScreenGeometry(geometry.width_px, geometry.height_px, name="HDMI-9")
    lab.controller.move_to(other)
    moved: list[object] = []
    lab.gaze.moved.connect(moved.append)
    lab.session.interludes.move_to(other)
    assert moved == [None]
    assert any("until it is calibrated again" in one for one in lab.controller.view().warnings)
    lab.calibrate()
    assert lab.controller.gaze.calibration is not None
    lab.until(lambda: lab.eyes.calibration is lab.controller.gaze.calibration)
    assert not lab.controller.view().warnings
    lab.until(lambda: not lab.controller.course.is_paused)
    assert lab.in_step() == "first" and lab.window.over.shown is None
    with qtbot.waitSignal(lab.gaze.checked, timeout=_WAIT_MS) as checked:
        lab.gaze.check()
    assert checked.args[0].error.error_px < 20
    assert not lab.controller.course.is_paused
    lab.gaze.check()
    assert not lab.neutral.take(), "the dot has her screen"
    lab.until(lambda: lab.window.over.shown is None)
    with lab.stop() as bundle:
        kinds = bundle.table("calibrations")["kind"].tolist()
        assert kinds == ["gaze", "gaze_withdrawn", "gaze", "gaze_check", "gaze_check"]
        assert _acts(bundle) == [("pause", "gaze calibration"), ("resume", "")]


def test_another_resolution_of_her_panel_leaves_gaze_as_it_is(lab: Lab) -> None:
    panel = replace(lab.session._geometry, width_mm=300.0, height_mm=200.0, name="eDP-1")
    lab.controller.move_to(panel)
    lab.calibrate()
    lab.start()
    half = replace(panel, width_px=panel.width_px // 2, height_px=panel.height_px // 2)
    lab.controller.move_to(half)
    view = lab.controller.view()
    assert not view.warnings and "counted over" in (view.alert or "")
    assert lab.controller.gaze.calibration.screen_px == (half.width_px, half.height_px)
    with lab.stop() as bundle:
        kinds = bundle.table("calibrations")["kind"].tolist()
        assert kinds == ["gaze", "gaze_rescaled", "gaze"]


def test_whoever_goes_on_with_the_session_breaks_it_off(lab: Lab, qtbot: QtBot) -> None:
    lab.start()
    lab.until(lambda: lab.in_step() == "first")
    lab.gaze.calibrate(GazeChoice(9))
    lab.until(lambda: lab.window.over.shown is not None and lab.controller.course.is_paused)
    with qtbot.waitSignal(lab.gaze.failed, timeout=_WAIT_MS) as failed:
        lab.controller.course.resume()  # P at the console
    assert "broken off" in failed.args[0]
    assert lab.window.over.shown is None and not lab.controller.course.is_paused
    assert lab.neutral.take(), "the screen is free again"
    lab.neutral.break_off()
    assert not lab.controller.course.is_paused


def test_a_session_that_is_stopped_meanwhile_says_thank_you(lab: Lab) -> None:
    lab.start()
    lab.until(lambda: lab.in_step() == "first")
    lab.neutral.take()
    lab.until(lambda: lab.window.over.shown is not None)
    window = lab.window
    with lab.stop() as bundle:
        assert window.over.shown is None
        assert bundle.table("calibrations")["kind"].tolist() == []


def test_a_session_may_begin_with_it(lab: Lab) -> None:
    lab.start(takes_neutral=True)
    assert lab.in_step() == "" and lab.window.over.shown is lab.window.over.neutral
    lab.until(lambda: lab.in_step() == "first")
    assert lab.window.over.shown is None
    assert any("Neutral face taken" in one for one in lab.notices)
    with lab.stop() as bundle:
        rows = bundle.table("calibrations")
        assert rows["kind"].tolist() == ["neutral"]
        assert rows.t_ns[0] < bundle.table("steps").t_ns[0]
        assert _acts(bundle) == [], "there was no step to hold"


def test_a_session_that_begins_with_it_can_be_begun_at_once(lab: Lab, qtbot: QtBot) -> None:
    lab.start(takes_neutral=True)
    lab.session.next_step()
    lab.until(lambda: lab.in_step() == "first")
    qtbot.wait(300)
    assert lab.in_step() == "first" and lab.window.over.shown is None


def test_where_emotions_were_declined_none_is_asked_for(lab: Lab) -> None:
    lab.start(takes_neutral=True, emotion_recognition="no")
    lab.until(lambda: lab.in_step() == "first")
    assert lab.window.over.shown is None and not lab.neutral.is_running
    assert not lab.neutral.take(), "nor can it be asked for"
    assert "declined" in lab.notices[-1]


def test_where_gaze_was_declined_there_is_nothing_to_calibrate(lab: Lab, qtbot: QtBot) -> None:
    lab.start(gaze="no")
    lab.until(lambda: lab.in_step() == "first")
    with qtbot.waitSignal(lab.gaze.said) as said:
        lab.gaze.calibrate(GazeChoice(5))
    assert "declined" in said.args[0] and not lab.controller.course.is_paused


def test_a_camera_that_gives_nothing_does_not_wait_for_ever(
    lab: Lab, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("journeylab.app.neutral_tasks._PATIENCE_S", 0.4)
    (camera,) = lab.session._devices.sources
    camera.is_silent.set()
    with qtbot.waitSignal(lab.neutral.failed, timeout=_WAIT_MS) as failed:
        lab.neutral.take()
    assert "no picture came" in failed.args[0]
