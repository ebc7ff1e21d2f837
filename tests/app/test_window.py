"""The composed application, driven through its widgets: one simulated session, start to map."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from journeylab.app.window import Composition
from journeylab.assets import asset
from journeylab.bundle.reader import Bundle
from journeylab.clock import SessionClock
from journeylab.study.folder import StudyFolder, load_study, save_study
from journeylab.ui.participant.window import ParticipantWindow
from journeylab.ui.widgets.health import Level

_WAIT_MS = 30_000
_STEPS = ("ad", "unboxing")


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """No thread and no window outlives what the test opened."""
    threads = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 5
    while (left := _threads_since(threads)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not left
    assert not _participant_windows()


def _threads_since(before: set[threading.Thread]) -> list[str]:
    return [one.name for one in threading.enumerate() if one not in before]


def _participant_windows() -> list[ParticipantWindow]:
    windows = QApplication.topLevelWidgets()
    return [one for one in windows if isinstance(one, ParticipantWindow) and one.isVisible()]


@pytest.fixture
def study(tmp_path: Path) -> StudyFolder:
    """Two steps of the demo study, without a page: the browser has a test of its own."""
    folder = tmp_path / "study"
    shutil.copytree(asset("demo-study"), folder)
    whole = load_study(folder).study
    steps = tuple(step for step in whole.steps if step.id in _STEPS)
    return save_study(folder, whole.model_copy(update={"steps": steps}))


@pytest.fixture
def app(qtbot: QtBot, tmp_path: Path) -> Iterator[Composition]:
    composition = Composition(clock=SessionClock(), home=tmp_path / "home")
    composition.window.show()
    composition.window.activateWindow()
    qtbot.waitUntil(composition.window.isActiveWindow)
    left: list[bool] = []
    composition.left.connect(lambda: left.append(True))
    yield composition
    composition.interrupt()
    qtbot.waitUntil(lambda: bool(left), timeout=_WAIT_MS)
    composition.window.deleteLater()
    composition.deleteLater()
    qtbot.wait(20)


def _fill_in(app: Composition, participant_id: str) -> None:
    setup = app.window.setup
    setup.findChildren(QLineEdit)[0].setText(participant_id)
    for box in setup.participant.findChildren(QComboBox):
        box.setCurrentIndex(1)
    for box in setup.findChildren(QCheckBox):
        box.setChecked(True)


def _until(qtbot: QtBot, holds: Callable[[], bool]) -> None:
    qtbot.waitUntil(holds, timeout=_WAIT_MS)


def _open(qtbot: QtBot, app: Composition, study: StudyFolder) -> None:
    assert app.window.open_study(study.path)
    camera = app.window.setup.devices.camera
    _until(qtbot, lambda: app._are_devices_known)
    index = camera.findText("Simulated participant")
    if camera.currentIndex() != index:
        camera.setCurrentIndex(index)
        camera.activated.emit(index)
    _until(qtbot, lambda: app._session is not None and app._session.controller is not None)


def test_session_from_preview_to_map(qtbot: QtBot, app: Composition, study: StudyFolder) -> None:
    window = app.window
    _open(qtbot, app, study)
    _fill_in(app, "P01")
    _until(qtbot, window.setup.start_button.isEnabled)
    qtbot.mouseClick(window.setup.start_button, Qt.MouseButton.LeftButton)
    _until(qtbot, lambda: window.page is window.console)
    _until(qtbot, lambda: bool(_participant_windows()))
    qtbot.wait(1200)
    # The participant's click takes the keyboard to her window: the keys stay the moderator's.
    participant = _participant_windows()[0]
    participant.activateWindow()
    qtbot.waitUntil(participant.isActiveWindow)
    qtbot.keyClick(participant, Qt.Key.Key_1)
    qtbot.keyClick(participant, Qt.Key.Key_Right)
    controller = app._session.controller if app._session is not None else None
    assert controller is not None
    _until(qtbot, lambda: controller.step_index == 1)
    qtbot.wait(600)
    window.console.refresh_text()
    qtbot.keyClick(window, Qt.Key.Key_Right)
    assert window.console.is_asking_to_stop
    qtbot.keyClick(window, Qt.Key.Key_Return)
    _until(qtbot, lambda: window.page is window.finish)
    _until(qtbot, window.finish.open_button.isVisible)
    (path,) = study.bundles()
    with Bundle.open(path) as bundle:
        assert bundle.header.participant_id == "P01"
        assert list(bundle.table("markers")["label"]) == ["confusion"]
        steps = bundle.table("steps")
        started = steps["step_id"][steps["phase"] == "start"]
        assert list(started) == list(_STEPS)
    qtbot.keyClick(window.finish.open_button, Qt.Key.Key_Return)
    assert window.page is window.analysis
    _until(qtbot, lambda: app.analysis.journey is not None and app.analysis.journey.n_all == 1)
    journey = app.analysis.journey
    seen = [one.summary.participant_id for one in journey.sessions]
    assert seen + [one.participant_id for one in journey.excluded] == ["P01"]
    # The next participant is previewed, with a session of her own.
    before = app._session
    window.finish.next_button.click()
    _until(qtbot, lambda: app._session is not None and app._session.controller is not None)
    assert app._session is not before
    _until(qtbot, lambda: window.setup.preview.has_frame)
    assert window.page is window.setup


def test_the_participant_consents_on_her_screen_and_the_bundle_says_so(
    qtbot: QtBot, app: Composition, study: StudyFolder
) -> None:
    setup = app.window.setup
    _open(qtbot, app, study)
    setup.participant.participant_id.setText("P03")
    for box in setup.participant.segment_boxes.values():
        box.setCurrentIndex(1)
    _until(qtbot, setup.consent.ask_button.isEnabled)
    qtbot.keyClick(setup, Qt.Key.Key_F2)
    _until(qtbot, lambda: bool(_participant_windows()))
    assert setup.consent.is_asking
    participant = _participant_windows()[0]
    qtbot.waitUntil(participant.isActiveWindow, timeout=_WAIT_MS)
    assert app._session is not None and app._session.journal_path is None
    for key in (*"YNYYYYNN", Qt.Key.Key_Return):
        qtbot.keyClick(participant.stage, key)
    _until(qtbot, setup.start_button.isEnabled)
    assert not participant.isVisible()
    setup.start_button.click()
    _until(qtbot, lambda: app.window.page is app.window.console)
    _until(qtbot, lambda: app._session.controller.step_index == 0)
    app.interrupt()
    _until(qtbot, lambda: bool(study.bundles()))
    with Bundle.open(study.bundles()[0]) as bundle:
        consent = bundle.header.consent
        assert consent["stated_by"] == "participant"
        assert (consent["emotion_recognition"], consent["face_video"]) == ("yes", "no")
        assert (consent["audio"], consent["screen"], consent["sharing"]) == ("yes", "no", "no")


def test_practice_runs_a_whole_session_and_leaves_nothing_behind(
    qtbot: QtBot, app: Composition, study: StudyFolder
) -> None:
    window = app.window
    _open(qtbot, app, study)
    before = _files(study.path)
    qtbot.keyClick(window.setup, Qt.Key.Key_F5)
    _until(qtbot, lambda: window.page is window.console)
    assert "PRACTICE" in window.console.parts.header.title_text
    session = app._session
    assert session is not None and session.controller is not None
    _until(qtbot, lambda: session.controller.step_index == 0)
    place = session.folder.practice_path
    assert place is not None and list(place.glob("*.journal"))
    qtbot.wait(1200)
    session.stop()
    window.show_finalising()
    _until(qtbot, window.finish.next_button.isVisible)
    assert not window.finish.open_button.isVisible()
    assert (place / "practice").parent.is_dir() and len(session.folder.bundles()) == 1
    window.finish.next_button.click()
    _until(qtbot, lambda: not place.exists())
    _until(qtbot, lambda: window.page is window.setup)
    _until(qtbot, lambda: app._session is not None and app._session.controller is not None)
    assert app._session.folder.practice_path is None
    assert study.bundles() == ()
    assert _files(study.path) - before <= {study.exports_path}
    tally = app._count._counter.count(study)
    assert (tally.usable, tally.simulated) == (0, 0)


def _files(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


def test_closed_preview_leaves_no_device_open(
    qtbot: QtBot, app: Composition, study: StudyFolder
) -> None:
    _open(qtbot, app, study)
    first = app._session
    assert first is not None
    began = time.monotonic()
    app.window.setup.ask_for_preview()
    assert time.monotonic() - began < 0.1  # the window does not wait for devices to close
    _until(qtbot, lambda: app._session is not first and app._session.controller is not None)
    assert first not in app._others


def test_devices_opened_too_late_are_closed_again(
    qtbot: QtBot, app: Composition, study: StudyFolder
) -> None:
    _open(qtbot, app, study)
    app.window.setup.ask_for_preview()
    overtaken = app._session
    assert overtaken is not None and overtaken.controller is None
    app.window.setup.ask_for_preview()
    _until(qtbot, lambda: app._session is not None and app._session.controller is not None)
    _until(qtbot, lambda: overtaken not in app._others)


def test_trouble_is_said_where_the_moderator_looks(
    qtbot: QtBot, app: Composition, study: StudyFolder
) -> None:
    _open(qtbot, app, study)
    assert app._session is not None
    app._session.trouble.emit("The page shop.html could not be loaded.")
    assert "shop.html" in app.window.setup.banner.text
    assert app._session.interludes is not None
    app._session.interludes.gaze.failed.emit("The eyes did not follow the points.")
    assert "did not follow" in app.window.setup.gaze.text
    app._session.interludes.gaze.said.emit("Gaze is re-centred.", True)
    assert app.window.setup.banner.text == "Gaze is re-centred."
    assert app.window.setup.banner.property("level") == Level.GOOD.value
    _fill_in(app, "P02")
    _until(qtbot, app.window.setup.start_button.isEnabled)
    app.window.setup.start_button.click()
    _until(qtbot, lambda: app.window.page is app.window.console)
    _until(qtbot, lambda: app._session.controller.step_index == 0)
    app.window.console.refresh_text()
    app._session.trouble.emit("The page shop.html could not be loaded.")
    app.window.console.refresh_text()
    alert = app.window.console.parts.alert
    assert alert.isVisible()
    assert "shop.html" in alert.text
    app.interrupt()  # as the system's SIGTERM does: the session is written before the app leaves
    _until(qtbot, lambda: bool(study.bundles()))


def test_a_yes_to_the_voice_after_the_session_asks_nothing_of_what_is_closed(
    qtbot: QtBot, app: Composition, study: StudyFolder
) -> None:
    _open(qtbot, app, study)
    first = app._session
    app._close_session()
    _until(qtbot, lambda: first not in app._others)
    app.window.setup.sound_wanted.emit(True)  # an exception in a slot would fail the test
    app.window.setup.sound_wanted.emit(False)
