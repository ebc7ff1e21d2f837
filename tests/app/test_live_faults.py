"""Faults of the participant's window while a real session runs in it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from journeylab.app.devices import NONE, SIMULATED, DeviceRequest
from journeylab.app.live import LiveSession, SessionRequest
from journeylab.app.uncaught import UncaughtErrors
from journeylab.assets import asset
from journeylab.bundle.header import ScreenGeometry
from journeylab.bundle.reader import Bundle
from journeylab.clock import NS_PER_S, SessionClock
from journeylab.session.consent import AGREED_TO_ALL, consent_record
from journeylab.session.controller import SessionController
from journeylab.study.folder import StudyFolder, load_study, save_study
from journeylab.ui.participant.window import ParticipantWindow

_WAIT_MS = 30_000
_STEPS = ("ad", "unboxing")


@pytest.fixture
def study(tmp_path: Path) -> StudyFolder:
    """Two steps of the demo study, without a page."""
    folder = tmp_path / "study"
    shutil.copytree(asset("demo-study"), folder)
    whole = load_study(folder).study
    steps = tuple(step for step in whole.steps if step.id in _STEPS)
    return save_study(folder, whole.model_copy(update={"steps": steps}))


class Running:
    """A session that records, and its window."""

    def __init__(self, qtbot: QtBot, study: StudyFolder) -> None:
        self._qtbot = qtbot
        self._finished: list[object] = []
        self.notices: list[str] = []
        self.session = LiveSession(
            study, screen=QGuiApplication.primaryScreen(), clock=SessionClock()
        )
        self.session.finished.connect(self._finished.append)
        self.session.failed.connect(self._finished.append)
        self.session.notice.connect(self.notices.append)
        with qtbot.waitSignal(self.session.ready, timeout=_WAIT_MS):
            self.session.open(DeviceRequest(SIMULATED, NONE, "desktop"))
        agreed = {**AGREED_TO_ALL, "audio": "no"}
        consent = consent_record(agreed, privacy=study.study.privacy, stated_by="test")
        with qtbot.waitSignal(self.session.started, timeout=_WAIT_MS):
            self.session.start(SessionRequest("P01", {"device": "desktop"}, consent))

    @property
    def window(self) -> ParticipantWindow:
        (window,) = [
            one
            for one in QApplication.topLevelWidgets()
            if isinstance(one, ParticipantWindow) and one.isVisible()
        ]
        return window

    @property
    def controller(self) -> SessionController:
        assert self.session.controller is not None
        return self.session.controller

    def alert(self) -> str:
        return self.controller.view().alert or ""

    def until(self, holds: Callable[[], bool]) -> None:
        self._qtbot.waitUntil(holds, timeout=_WAIT_MS)

    def stop(self) -> Bundle:
        self.session.stop()
        self.until(lambda: bool(self._finished))
        (path,) = self._finished
        assert isinstance(path, Path), path
        return Bundle.open(path)

    def close(self) -> None:
        self.session.close().result()
        self._qtbot.wait(20)


@pytest.fixture
def running(qtbot: QtBot, study: StudyFolder) -> Iterator[Running]:
    made = Running(qtbot, study)
    yield made
    made.close()


def _told(bundle: Bundle) -> list[str]:
    rows = bundle.table("health")
    is_ours = (rows["of_stream"] == "session") & (rows["kind"] == "warning")
    return [str(text) for text in rows["detail"][is_ours]]


@pytest.mark.qt_no_exception_capture
def test_an_exception_in_the_participants_window_is_marked_and_shown_and_the_session_goes_on(
    running: Running, qtbot: QtBot, capfd: pytest.CaptureFixture[str]
) -> None:
    hook = sys.excepthook
    window = running.window
    before_ns = running.controller.start_ns
    stages = window._stages
    stage, stages.top = stages.top, None  # type: ignore[assignment]
    for _ in range(3):
        stage.failed.emit("The video stopped.")  # a slot of ours that breaks
    stages.top = stage
    assert "wrong in the participant's window (AttributeError" in running.alert()
    running.until(lambda: any("participant's window" in text for text in running.notices))
    del window._may_close
    QCoreApplication.postEvent(window, QCloseEvent())  # an event of ours that breaks
    running.until(lambda: "_may_close" in running.alert())
    window._may_close = False
    assert "Traceback" in capfd.readouterr().err  # as without us
    qtbot.wait(300)
    running.session.next_step()
    running.until(lambda: running.controller.step_index == 1)
    qtbot.wait(500)
    with running.stop() as bundle:
        told = _told(bundle)
        assert len(told) == 2  # once for each place it came from
        assert "has_failed" in told[0]
        assert "_may_close" in told[1]
        assert all("window.py:" in text for text in told)
        assert bundle.table("steps")["step_id"].tolist() == ["ad", "ad", "unboxing", "unboxing"]
        frames_ns = bundle.frame_times_ns()
        assert frames_ns[-1] - (before_ns or 0) > 0.8 * NS_PER_S
    running.close()
    assert sys.excepthook is not hook  # nobody listens any more


@pytest.mark.qt_no_exception_capture
def test_an_exception_elsewhere_in_the_app_is_told_as_such(running: Running, qtbot: QtBot) -> None:
    def fail(_: object) -> None:
        raise ZeroDivisionError("a mistake of ours")

    running.session.happened.connect(fail)
    running.controller.remarks.add_marker("delight")
    running.until(lambda: "wrong in the app (ZeroDivisionError" in running.alert())
    with running.stop() as bundle:
        assert len(_told(bundle)) == 1
        assert bundle.table("markers")["label"].tolist() == ["delight"]


def test_the_participants_other_display_is_told_to_the_session(running: Running) -> None:
    gaze = running.controller.gaze
    gaze._result = SimpleNamespace(calibration=None)  # type: ignore[assignment]
    gaze._ledger.put_in_force("gaze", "{}")
    gaze._screen = ScreenGeometry(800, 600)
    running.session._geometry = ScreenGeometry(800, 600)  # where it was until now
    running.window.display.moved.emit(QGuiApplication.primaryScreen())
    warnings = running.controller.view().warnings
    assert any("calibrated for another display" in text for text in warnings)
    with running.stop() as bundle:
        assert bundle.table("calibrations")["kind"].tolist() == ["gaze", "gaze_withdrawn"]


def test_the_last_resort_is_given_back_and_one_listener_that_fails_harms_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before: list[object] = []
    monkeypatch.setattr(sys, "excepthook", lambda *what: before.append(what[1]))
    given = sys.excepthook
    heard: list[str] = []

    def fail(_: object) -> None:
        raise ValueError("cannot tell")

    def hear(uncaught: object) -> None:
        heard.append(str(uncaught))

    errors = UncaughtErrors()
    errors.add(fail)
    errors.add(hear)
    error = KeyError("x")
    sys.excepthook(KeyError, error, None)
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert len(heard) == 1
    assert before[0] is error
    assert len(before) == 2
    errors.remove(fail)
    assert sys.excepthook is not given
    errors.remove(hear)
    errors.remove(hear)
    assert sys.excepthook is given
