"""The microphone of a session that is being prepared, with real sources and threads."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from journeylab.app.devices import SIMULATED, DeviceRequest
from journeylab.app.live import LiveSession, SessionRequest
from journeylab.assets import asset
from journeylab.bundle.reader import Bundle
from journeylab.clock import SessionClock
from journeylab.session.consent import AGREED_TO_ALL, consent_record
from journeylab.study.folder import StudyFolder, load_study, save_study

_WAIT_MS = 30_000


@pytest.fixture
def study(tmp_path: Path) -> StudyFolder:
    folder = tmp_path / "study"
    shutil.copytree(asset("demo-study"), folder)
    whole = load_study(folder).study
    steps = tuple(step for step in whole.steps if step.id == "unboxing")
    return save_study(folder, whole.model_copy(update={"steps": steps}))


@pytest.fixture
def session(qtbot: QtBot, study: StudyFolder) -> Iterator[LiveSession]:
    made = LiveSession(study, screen=QGuiApplication.primaryScreen(), clock=SessionClock())
    with qtbot.waitSignal(made.ready, timeout=_WAIT_MS):
        made.open(DeviceRequest(SIMULATED, SIMULATED, "desktop"))
    yield made
    made.close().result()
    made.deleteLater()


def _n_heard(session: LiveSession) -> int:
    assert session.controller is not None
    return session.controller._engine.fanout.counts()["microphone"]


def test_the_microphone_follows_what_is_agreed_to(
    qtbot: QtBot, session: LiveSession, study: StudyFolder
) -> None:
    controller, listening = session.controller, session.listening
    assert controller is not None
    assert listening is not None
    qtbot.wait(300)
    assert _n_heard(session) == 0
    assert math.isnan(controller.live.microphone_level_dbfs())
    listening.turn(True)
    qtbot.waitUntil(lambda: _n_heard(session) > 0, timeout=_WAIT_MS)
    listening.turn(False)
    qtbot.waitUntil(lambda: not controller.hearing.is_on, timeout=2000)
    heard = _n_heard(session)
    qtbot.wait(300)
    assert _n_heard(session) == heard
    for is_on in (True, False, True, False, True):  # a hand that cannot decide
        listening.turn(is_on)
    qtbot.waitUntil(lambda: _n_heard(session) > heard, timeout=_WAIT_MS)
    agreed = {**AGREED_TO_ALL, "face_video": "no"}
    consent = consent_record(agreed, privacy=study.study.privacy, stated_by="test")
    with qtbot.waitSignal(session.started, timeout=_WAIT_MS):
        session.start(SessionRequest("P01", {"device": "desktop"}, consent))
    qtbot.wait(600)
    with qtbot.waitSignal(session.finished, timeout=_WAIT_MS) as finished:
        session.stop()
    with Bundle.open(finished.args[0]) as bundle:
        assert "microphone" in bundle.streams
        assert "camera" not in bundle.streams


def test_a_session_that_starts_while_it_is_turned_off_hears_nothing(
    qtbot: QtBot, session: LiveSession, study: StudyFolder
) -> None:
    assert session.listening is not None
    session.listening.turn(True)
    qtbot.waitUntil(lambda: _n_heard(session) > 0, timeout=_WAIT_MS)
    agreed = {**AGREED_TO_ALL, "audio": "no"}
    consent = consent_record(agreed, privacy=study.study.privacy, stated_by="test")
    session.listening.turn(False)
    with qtbot.waitSignal(session.started, timeout=_WAIT_MS):
        session.start(SessionRequest("P01", {"device": "desktop"}, consent))
    heard = _n_heard(session)
    session.listening.turn(True)  # too late: her consent says what runs
    qtbot.wait(400)
    assert _n_heard(session) == heard
    with qtbot.waitSignal(session.finished, timeout=_WAIT_MS) as finished:
        session.stop()
    with Bundle.open(finished.args[0]) as bundle:
        assert "microphone" not in bundle.streams
