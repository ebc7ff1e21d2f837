"""A session with questions in the composed application: asked, answered, debriefed, stored."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from journeylab.analysis.alignment import visits_of
from journeylab.app.window import Composition
from journeylab.assets import asset
from journeylab.bundle.reader import Bundle
from journeylab.clock import NS_PER_S, SessionClock
from journeylab.session.controller import SessionController
from journeylab.study.folder import StudyFolder, load_study, save_study
from journeylab.study.questions import Question, sus_of
from journeylab.ui.moderator.debrief_page import DebriefRow
from journeylab.ui.participant.question_stage import QuestionStage
from journeylab.ui.participant.window import THANKS_TEXT, ParticipantWindow
from journeylab.vocabulary import QuestionKind, TaskOutcome

_WAIT_MS = 40_000
_LEAST_S = 1.3
_STEPS = ("ad", "unboxing")
Key = Qt.Key


class Running:
    """The application with a session that records, and both people's hands."""

    def __init__(self, qtbot: QtBot, app: Composition) -> None:
        self.qtbot = qtbot
        self.app = app
        self.window = app.window

    def until(self, holds: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(holds, timeout=_WAIT_MS)

    @property
    def controller(self) -> SessionController:
        assert self.app._session is not None and self.app._session.controller is not None
        return self.app._session.controller

    @property
    def participant(self) -> ParticipantWindow:
        windows = QApplication.topLevelWidgets()
        (window,) = [w for w in windows if isinstance(w, ParticipantWindow) and w.isVisible()]
        return window

    def begin(self, study: StudyFolder) -> None:
        window, setup = self.window, self.window.setup
        assert window.open_study(study.path)
        self.until(lambda: self.app._are_devices_known)
        camera = setup.devices.camera
        index = camera.findText("Simulated participant")
        if camera.currentIndex() != index:
            camera.setCurrentIndex(index)
            camera.activated.emit(index)
        self.until(lambda: self.app._session is not None and bool(self.app._session.controller))
        setup.findChildren(QLineEdit)[0].setText("P01")
        for box in setup.participant.findChildren(QComboBox):
            box.setCurrentIndex(1)
        for check in setup.findChildren(QCheckBox):
            check.setChecked(True)
        self.until(setup.start_button.isEnabled)
        self.qtbot.mouseClick(setup.start_button, Qt.MouseButton.LeftButton)
        self.until(lambda: window.page is window.console)
        self.until(lambda: self.controller.step_index == 0)
        self.qtbot.wait(800)
        window.console.refresh_text()

    def go_on(self) -> None:
        self.qtbot.keyClick(self.window, Key.Key_Right)

    def wait_for_item(self, item_id: str) -> QuestionStage:
        def is_shown() -> bool:
            stage = self.participant.stage
            if not isinstance(stage, QuestionStage) or stage.item is None:
                return False
            return stage.item.id == item_id and not stage._awaits_onset

        self.until(is_shown)
        stage = self.participant.stage
        assert isinstance(stage, QuestionStage)
        return stage

    def answer(self, item_id: str, key: Qt.Key) -> None:
        stage = self.wait_for_item(item_id)
        self.qtbot.keyClick(stage, key)
        self.qtbot.keyClick(stage, Key.Key_Return)

    def answer_and_mark_on_one_keyboard(
        self, item_id: str, *, answer: Qt.Key, marker: Qt.Key
    ) -> None:
        """The participant's window has the keyboard: a digit answers, with Alt it marks."""
        person, stage = self.participant, self.wait_for_item(item_id)
        person.activateWindow()
        self.qtbot.waitUntil(person.isActiveWindow)
        QTest.keyClick(person.windowHandle(), answer)
        QTest.keyClick(person.windowHandle(), marker, Qt.KeyboardModifier.AltModifier)
        assert stage.field is not None and stage.field.value == chr(answer)
        self.window.activateWindow()
        self.qtbot.waitUntil(self.window.isActiveWindow)

    def wait_for_bundle(self, study: StudyFolder) -> Path:
        self.until(lambda: self.window.page is self.window.finish)
        self.until(self.window.finish.open_button.isVisible)
        (path,) = study.bundles()
        return path


@pytest.fixture
def study(tmp_path: Path) -> StudyFolder:
    """Two steps of the demo study: one asked about, and the whole session at the end."""
    folder = tmp_path / "study"
    shutil.copytree(asset("demo-study"), folder)
    whole = load_study(folder).study
    ad, unboxing = (step for step in whole.steps if step.id in _STEPS)
    ease = Question(id="ease", kind=QuestionKind.EASE)
    steps = (ad.model_copy(update={"questions": (ease,)}), unboxing)
    at_the_end = (
        Question(id="sus", kind=QuestionKind.SUS),
        Question(id="nps", kind=QuestionKind.NPS),
    )
    return save_study(folder, whole.model_copy(update={"steps": steps, "questions": at_the_end}))


@pytest.fixture
def running(qtbot: QtBot, tmp_path: Path) -> Iterator[Running]:
    composition = Composition(clock=SessionClock(), home=tmp_path / "home")
    composition.window.show()
    composition.window.activateWindow()
    qtbot.waitUntil(composition.window.isActiveWindow)
    left: list[bool] = []
    composition.left.connect(lambda: left.append(True))
    yield Running(qtbot, composition)
    composition.interrupt()
    qtbot.waitUntil(lambda: bool(left), timeout=_WAIT_MS)
    composition.window.deleteLater()
    composition.deleteLater()
    qtbot.wait(20)


def test_answers_and_the_debriefs_notes_are_in_the_bundle_and_no_answering_in_the_steps_time(
    running: Running, study: StudyFolder, qtbot: QtBot
) -> None:
    running.begin(study)
    window = running.window
    running.go_on()
    running.wait_for_item("ease")
    asked_s = running.controller.view().elapsed_s
    window.console.refresh_text()
    assert "Questions, 1 of 1" in window.console.parts.step.text
    qtbot.wait(1500)  # a coarse timer: up to a twentieth less
    running.answer_and_mark_on_one_keyboard("ease", answer=Key.Key_3, marker=Key.Key_2)
    running.answer("ease", Key.Key_6)
    running.until(lambda: running.controller.step_index == 1)
    assert running.controller.view().elapsed_s - asked_s >= _LEAST_S
    qtbot.wait(600)
    window.console.refresh_text()
    running.go_on()
    for number in range(1, 11):
        running.answer(f"sus.{number}", Key.Key_5 if number % 2 else Key.Key_1)
    running.answer("nps", Key.Key_9)
    running.until(lambda: window.page is window.debrief)
    running.until(lambda: getattr(running.participant.stage, "text", "") == THANKS_TEXT)
    qtbot.keyClicks(window.debrief.field, "Wants the price first.")
    qtbot.keyClick(window.debrief.field, Key.Key_Return)
    qtbot.keyClicks(window.debrief.field, "Not finished typing")
    qtbot.keyClick(window, Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    bundle_path = running.wait_for_bundle(study)
    running.until(window.finish.recap.isVisible)
    for words in ("100.0 of 100", "Ease: 6 of 7", "9 of 10", "1 marker, 2 notes"):
        assert words in window.finish.recap.text
    with Bundle.open(bundle_path) as bundle:
        answers, notes = bundle.table("answers"), bundle.table("notes")
        assert list(bundle.table("markers")["label"]) == [study.study.markers[1].label]
        given = dict(zip(answers["question_id"], answers["value"], strict=True))
        assert (given["ease"], given["nps"]) == ("6", "9")
        assert sus_of(given, "sus") == 100.0
        assert list(answers["step_id"]) == ["ad"] + [""] * 11
        assert list(notes["text"]) == ["Wants the price first.", "Not finished typing"]
        first, last = visits_of(bundle.table("steps"), end_ns=bundle.end_ns)
        assert first.end_ns < answers.t_ns[0] < last.start_ns
        assert last.start_ns - first.end_ns >= _LEAST_S * NS_PER_S, "answering is no part of a step"
        assert last.end_ns < answers.t_ns[1]
        stimulus = bundle.table("stimulus")
        is_onset = stimulus["what"] == "onset"
        shown = [d for d in stimulus["detail"][is_onset] if str(d).startswith("question ")]
        assert len(shown) == 12 and shown[0] == "question ease"
        onset_ns = stimulus.t_ns[stimulus["detail"] == "question ease"][0]
        assert 0 <= onset_ns - first.end_ns < 2 * NS_PER_S, "the question comes at once"
        frames = np.asarray(list(bundle.frame_times_ns()))
        assert not (frames > bundle.table("acts").t_ns[-1]).any(), "nothing of the debrief is seen"


def test_the_moderator_ends_the_asking_and_comes_back_from_the_debrief(
    running: Running, study: StudyFolder
) -> None:
    running.begin(study)
    window = running.window
    running.go_on()
    running.wait_for_item("ease")
    running.go_on()
    running.until(lambda: running.controller.step_index == 1)
    window.console.refresh_text()
    running.go_on()
    running.wait_for_item("sus.1")
    running.go_on()
    running.until(lambda: window.page is window.debrief)
    running.qtbot.keyClick(window, Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    running.until(lambda: window.page is window.console)
    assert running.controller.step_index == 1 and not running.controller.course.is_paused
    window.console.refresh_text()
    running.go_on()
    assert window.console.is_asking_to_stop, "asked once: nothing but the end comes next"
    running.go_on()
    running.until(lambda: window.page is window.debrief)
    window.close()
    with Bundle.open(running.wait_for_bundle(study)) as bundle:
        assert len(bundle.table("answers")) == 0
        acts = bundle.table("acts")
        assert list(acts["act"]) == ["pause", "resume", "pause"]


def test_how_tasks_ended_is_said_corrected_and_taken_back_in_the_debrief(
    running: Running, study: StudyFolder, qtbot: QtBot
) -> None:
    running.begin(study)
    window, debrief = running.window, running.window.debrief
    qtbot.keyClick(window, Key.Key_F3)  # failed, of the ad, in the console
    running.go_on()
    running.wait_for_item("ease")
    running.go_on()
    running.until(lambda: running.controller.step_index == 1)
    qtbot.wait(300)
    qtbot.keyClick(window, Key.Key_F1)  # success, of the unboxing
    window.console.refresh_text()
    running.go_on()
    running.wait_for_item("sus.1")
    running.go_on()
    running.until(lambda: window.page is debrief)
    ad, unboxing = debrief.rows
    assert [row.outcome.currentText() for row in debrief.rows] == ["Failed", "Success"]

    def choose(row: DebriefRow, *keys: Qt.Key) -> None:
        row.outcome.setFocus()
        for key in keys:
            qtbot.keyClick(row.outcome, key)

    choose(ad, Key.Key_Up)  # partial
    choose(unboxing, Key.Key_Home)  # not said
    assert running.controller.course.outcomes.by_step() == {"ad": TaskOutcome.PARTIAL}
    choose(unboxing, Key.Key_End)  # abandoned
    assert [row.outcome.currentText() for row in debrief.rows] == ["Partial", "Abandoned"]
    choose(unboxing, Key.Key_Home)
    qtbot.keyClick(window, Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    path = running.wait_for_bundle(study)
    running.until(window.finish.recap.isVisible)
    assert "partial" in window.finish.recap.text and "abandoned" not in window.finish.recap.text
    with Bundle.open(path) as bundle:
        acts, back = bundle.table("acts"), bundle.table("withdrawals")
        said = acts["act"] == "outcome"
        assert list(acts["value"][said]) == ["failed", "success", "partial", "abandoned"]
        assert list(acts["step_id"][said]) == ["ad", "unboxing", "ad", "unboxing"]
        assert list(back["of_stream"]) == ["acts", "acts"]
        assert list(back["of_t_ns"]) == list(acts.t_ns[said][[1, 3]])


def test_stopping_asks_nothing(running: Running, study: StudyFolder) -> None:
    running.begin(study)
    window = running.window
    running.go_on()
    running.wait_for_item("ease")
    running.qtbot.keyClick(window, Key.Key_Escape)
    running.qtbot.keyClick(window, Key.Key_Return)
    with Bundle.open(running.wait_for_bundle(study)) as bundle:
        assert len(bundle.table("answers")) == 0
        assert set(bundle.table("steps")["step_id"]) == {"ad"}
