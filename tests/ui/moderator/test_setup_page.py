"""The set-up page: nothing starts before it may, and its choices arrive complete."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from journeylab.session.consent import CONSENT_KEYS
from journeylab.session.flash_test import ScreenDelay
from journeylab.study.folder import StudyFolder
from journeylab.study.model import Segment, Step, Stimulus, Study
from journeylab.study.quotas import Quota, StudyTally
from journeylab.ui.moderator.participant_form import next_id
from journeylab.ui.moderator.ports import DeviceOption, DisplayOption, NeutralProgress, SetupChoice
from journeylab.ui.moderator.setup_page import SetupPage
from journeylab.vocabulary import StimulusKind

CAMERAS = (DeviceOption("0", "Integrated camera"),)
MICROPHONES = (DeviceOption("default", "Default microphone"),)
DISPLAYS = (DisplayOption(0, "This display"), DisplayOption(1, "Second display"))


def _with_quotas(**quotas: int) -> Study:
    step = Step(id="a", title="A", stimulus=Stimulus(kind=StimulusKind.INSTRUCTION, text="Look."))
    device = Segment(name="device", values=("desktop", "mobile"), quotas=quotas)
    return Study(id="s", title="S", steps=(step,), segments=(device,), participants=12)


@pytest.fixture
def page(qtbot: QtBot, folder: StudyFolder) -> SetupPage:
    page = SetupPage(choose_file=lambda _parent: Path("/clips/face.mp4"))
    qtbot.addWidget(page)
    page.resize(1366, 718)
    page.show()
    page.activateWindow()
    page.set_devices(CAMERAS, microphones=MICROPHONES, displays=DISPLAYS)
    page.show_study(folder, taken=("P01", "P02", "P02"))
    qtbot.waitUntil(page.isActiveWindow)
    return page


def _activate(qtbot: QtBot, box: QComboBox, text: str) -> None:
    """Choose an entry as a hand on the keyboard does."""
    box.setFocus()
    steps = box.findText(text) - box.currentIndex()
    for _ in range(abs(steps)):
        qtbot.keyClick(box, Qt.Key.Key_Down if steps > 0 else Qt.Key.Key_Up)


def test_start_waits_for_each_thing_and_says_which(qtbot: QtBot, page: SetupPage, played) -> None:
    assert not page.start_button.isEnabled()
    assert page.reason == "Enter the participant's id."
    qtbot.keyClicks(page.participant.participant_id, "Anna Smith")
    assert "cannot be a participant id" in page.reason
    page.participant.participant_id.clear()
    qtbot.keyClicks(page.participant.participant_id, "P03")
    assert page.reason == "Choose the participant's device."
    _activate(qtbot, page.participant.segment_boxes["device"], "mobile")
    assert page.reason == "The participant has not agreed to take part yet."
    page.consent.agrees.click()
    assert page.reason == "The camera is not open yet."
    assert not page.start_button.isEnabled()
    page.set_session(played)
    assert page.reason == ""
    assert page.start_button.isEnabled()
    page.consent.agrees.click()
    assert not page.start_button.isEnabled()


def test_the_choice_is_complete_with_the_mouse(qtbot: QtBot, page: SetupPage, played) -> None:
    left = Qt.MouseButton.LeftButton
    page.set_session(played)
    page.participant.participant_id.setText("P03")
    page.participant.segment_boxes["device"].setCurrentText("desktop")
    for box in (page.consent.agrees, *page.consent.streams.values()):
        qtbot.mouseClick(box, left, pos=box.rect().center() - box.rect().center() / 1.2)
    with qtbot.waitSignal(page.start_requested) as started:
        qtbot.mouseClick(page.start_button, left)
    (choice,) = started.args
    assert isinstance(choice, SetupChoice)
    assert (choice.participant_id, choice.segments) == ("P03", {"device": "desktop"})
    assert (choice.camera, choice.microphone, choice.screen_index) == ("0", "default", 0)
    assert {choice.consent[key] for key in CONSENT_KEYS} == {"yes"}
    with qtbot.waitSignal(page.calibrate_requested):
        qtbot.mouseClick(page.gaze.calibrate_button, left)


def test_the_keyboard_alone_reaches_start(qtbot: QtBot, page: SetupPage, played) -> None:
    page.set_session(played)
    page.participant.participant_id.setFocus()
    qtbot.keyClicks(page.participant.participant_id, "P03")
    started: list[SetupChoice] = []
    page.start_requested.connect(started.append)
    for _ in range(30):
        focus = page.window().focusWidget()
        if focus is page.participant.segment_boxes["device"]:
            qtbot.keyClick(focus, Qt.Key.Key_Down)
        if focus in (page.consent.agrees, page.consent.streams["screen"], page.start_button):
            qtbot.keyClick(focus, Qt.Key.Key_Space)
        if started:
            break
        qtbot.keyClick(focus, Qt.Key.Key_Tab)
    assert started
    assert started[0].consent["screen"] == "yes"
    assert started[0].consent["face_video"] == "no"


def test_declined_audio_leaves_the_microphone_closed(page: SetupPage) -> None:
    page.consent.agrees.setChecked(True)
    assert page.choice().microphone == "none"
    page.consent.streams["audio"].setChecked(True)
    assert page.choice().microphone == "default"


def test_a_new_camera_asks_for_a_preview(qtbot: QtBot, page: SetupPage) -> None:
    with qtbot.waitSignal(page.preview_requested) as asked:
        _activate(qtbot, page.devices.camera, "Simulated participant")
    assert asked.args[0].is_simulated
    assert asked.args[0].microphone == "simulated"


def test_a_video_file_is_a_camera(qtbot: QtBot, page: SetupPage) -> None:
    asked: list[SetupChoice] = []
    page.preview_requested.connect(asked.append)
    _activate(qtbot, page.devices.camera, "Video file…")
    assert asked[-1].camera == "/clips/face.mp4"
    assert page.devices.camera.currentText() == "face.mp4"


def test_no_file_chosen_keeps_the_camera(qtbot: QtBot, folder: StudyFolder) -> None:
    page = SetupPage(choose_file=lambda _parent: None)
    qtbot.addWidget(page)
    page.set_devices(CAMERAS, microphones=(), displays=DISPLAYS)
    page.devices.camera.setCurrentIndex(page.devices.camera.count() - 1)
    page.devices.camera.activated.emit(page.devices.camera.currentIndex())
    assert page.choice().camera == "0"


def test_a_camera_plugged_in_later_is_taken_unless_another_was_chosen(
    qtbot: QtBot, page: SetupPage
) -> None:
    page.set_devices((), microphones=(), displays=DISPLAYS)
    assert page.choice().camera == "simulated"
    page.set_devices(CAMERAS, microphones=MICROPHONES, displays=DISPLAYS)
    assert page.choice().camera == "0"
    _activate(qtbot, page.devices.camera, "Simulated participant")
    page.set_devices(CAMERAS, microphones=MICROPHONES, displays=DISPLAYS)
    assert page.choice().camera == "simulated"


def test_an_id_in_use_is_pointed_out(page: SetupPage) -> None:
    page.participant.participant_id.setText("P02")
    assert page.participant.hint.startswith("P02 has 2 sessions already.")
    assert page.participant.problem() != "Enter the participant's id."
    assert page.participant.suggestion.text() == "Use P03, the next free id"
    page.participant.suggestion.click()
    assert page.choice().participant_id == "P03"
    assert page.participant.suggestion.isHidden()


def test_a_full_quota_is_pointed_out_and_keeps_nobody_out(qtbot: QtBot, page: SetupPage) -> None:
    form = page.participant
    quotas = (Quota("device", "desktop", 1, 8), Quota("device", "mobile", 8, 8))
    tally = StudyTally(usable=9, too_poor=2, wanted=12, quotas=quotas)
    form.show_study(_with_quotas(desktop=8, mobile=8), taken=("P01",))
    form.show_tally(tally)
    assert form.counts == "desktop 1 of 8 · mobile 8 of 8 Usable 9 of 12, 2 more were too poor"
    form.participant_id.setText("P30")
    _activate(qtbot, form.segment_boxes["device"], "desktop")
    assert "is full" not in form.counts
    _activate(qtbot, form.segment_boxes["device"], "mobile")
    assert "Mobile is full: 8 of 8. You may go on" in form.counts
    assert form.problem() == ""
    form.show_study(_with_quotas(desktop=8, mobile=8))  # not counted yet: nothing is claimed
    assert form.counts == ""


def test_the_next_id_follows_those_in_use() -> None:
    assert next_id(("P01", "P07", "pilot")) == "P08"
    assert next_id(()) == "P01"


def test_verdicts_follow_the_session(page: SetupPage, played) -> None:
    page.set_session(played)
    lines = page.checks.rows
    assert lines["Face"].text == "Face: waiting for the first measures"
    assert page.checks.verdict.text == "Looking at camera and face."
    played.see_face(0.5, valence=0.0)
    page.refresh_curves()
    page.refresh_text()
    assert page.preview.has_frame
    assert lines["Camera"].text == "Camera: 30.0 frames a second"
    assert lines["Light"].text == "Light: 120 of 255, even on the face"
    assert lines["Disk"].text == "Disk: 212 GB free, room for 9 hours"
    assert lines["Displays"].text == "Displays: 2, the participant has one"
    assert page.checks.verdict.text.startswith("Usable, and better after a look at sharpness")


def test_a_problem_keeps_what_was_entered(page: SetupPage) -> None:
    page.participant.participant_id.setText("P03")
    page.show_problem("The camera 0 is busy. Close the other program.")
    assert page.banner.isVisible()
    assert page.choice().participant_id == "P03"


def test_the_next_participant_has_agreed_to_nothing(page: SetupPage, folder: StudyFolder) -> None:
    page.consent.agrees.setChecked(True)
    page.consent.streams["audio"].setChecked(True)
    page.show_study(folder)
    assert page.consent.values()["audio"] == "no"
    assert not page.consent.agrees.isChecked()


def _answered(page: SetupPage, **answers: str) -> dict[str, str]:
    keys = (*CONSENT_KEYS, "sharing")
    page.consent.show_answers({key: answers.get(key, "yes") for key in keys})
    return page.consent.values()


def test_what_the_participant_answers_on_her_screen_is_hers_to_state(page: SetupPage) -> None:
    record = _answered(page, audio="no", emotion_recognition="no")
    assert record["stated_by"] == "participant"
    assert (record["audio"], record["face_video"], record["sharing"]) == ("no", "yes", "yes")
    assert record["emotion_recognition"] == "no"
    assert "estimates emotions" in record["text"]
    assert page.consent.problem() == ""
    assert page.choice().microphone == "none"
    page.consent.streams["screen"].click()  # corrected by the moderator: hers to state now
    assert page.consent.values()["stated_by"] == "moderator"
    assert page.consent.values()["screen"] == "no"


def test_what_the_moderator_enters_is_stated_by_her(page: SetupPage) -> None:
    page.consent.agrees.click()
    assert page.consent.values()["stated_by"] == "moderator"


def test_nothing_begins_while_the_participant_reads(qtbot: QtBot, page: SetupPage, played) -> None:
    page.set_session(played)
    page.participant.participant_id.setText("P03")
    page.participant.segment_boxes["device"].setCurrentText("desktop")
    practised: list[SetupChoice] = []
    page.practice_requested.connect(practised.append)
    with qtbot.waitSignal(page.consent.asked):
        qtbot.keyClick(page, Qt.Key.Key_F2)
    page.consent.show_asking()
    assert page.reason == "The participant is reading the consent page."
    assert not page.start_button.isEnabled()
    assert not page.gaze.calibrate_button.isEnabled()
    assert not page.consent.agrees.isEnabled()
    qtbot.keyClick(page, Qt.Key.Key_F5)
    assert practised == []
    with qtbot.waitSignal(page.consent.taken_back):
        qtbot.keyClick(page, Qt.Key.Key_Escape)
    page.consent.show_taken_back()
    assert page.reason == "The participant has not agreed to take part yet."
    _answered(page)
    assert page.start_button.isEnabled()


def test_one_who_takes_no_part_is_not_recorded(page: SetupPage, played) -> None:
    page.set_session(played)
    page.participant.participant_id.setText("P03")
    page.participant.segment_boxes["device"].setCurrentText("desktop")
    _answered(page)
    page.consent.show_answers(None)
    assert not page.start_button.isEnabled()
    assert page.reason == "The participant does not want to take part."
    assert "Nothing was recorded" in page.consent.state_text
    assert page.consent.values()["face_video"] == "no"


def test_a_preview_that_closes_takes_the_page_back(page: SetupPage, played) -> None:
    page.set_session(played)
    page.consent.show_asking()
    page.set_session(None)
    assert not page.consent.is_asking


def test_the_screens_delay_is_asked_for_and_shown(qtbot: QtBot, page: SetupPage, played) -> None:
    page.set_session(played)
    with qtbot.waitSignal(page.checks.delay_asked):
        qtbot.keyClick(page, Qt.Key.Key_F7)
    page.checks.show_measuring()
    assert page.reason.startswith("The screen flashes")
    assert not page.checks.delay_button.isEnabled()
    page.checks.show_delay(ScreenDelay(83.4, 4.2, 3.0, 0.8, 17, 250))
    assert page.checks.delay.text.startswith("Screen delay: 83 ± 4 ms from screen to camera")
    assert page.reason == "Enter the participant's id."
    page.checks.show_no_delay("The flashes cannot be told. Darken the room.")
    assert "Darken the room" in page.checks.delay.text
    page.set_session(None)
    assert page.checks.delay.text.startswith("Screen delay: not measured")


def test_emotion_recognition_is_no_until_the_moderator_was_told_yes(page: SetupPage) -> None:
    page.consent.agrees.setChecked(True)
    assert {page.consent.values()[key] for key in CONSENT_KEYS} == {"no"}
    page.consent.streams["emotion_recognition"].setChecked(True)
    assert page.consent.values()["emotion_recognition"] == "yes"


def test_the_answers_of_one_participant_are_not_taken_for_another(page: SetupPage, played) -> None:
    page.set_session(played)
    page.participant.participant_id.setText("P03")
    page.participant.segment_boxes["device"].setCurrentText("desktop")
    page.consent.show_asking()
    _answered(page)
    assert page.start_button.isEnabled()
    page.participant.participant_id.setText("P04")
    assert not page.start_button.isEnabled()
    assert page.reason == "The participant has not agreed to take part yet."
    assert "another participant" in page.consent.state_text
    assert {page.consent.values()[key] for key in CONSENT_KEYS} == {"no"}


def test_an_id_that_is_typed_while_she_reads_keeps_her_answers(
    qtbot: QtBot, page: SetupPage, played
) -> None:
    page.set_session(played)
    page.consent.show_asking()
    qtbot.keyClicks(page.participant.participant_id, "P0")
    _answered(page)
    qtbot.keyClicks(page.participant.participant_id, "3")
    assert page.consent.values()["stated_by"] == "participant"
    page.devices.camera.setFocus()
    page.participant.participant_id.setText("P04")
    assert page.consent.values()["stated_by"] == "moderator"
    assert not page.consent.agrees.isChecked()


def test_another_id_takes_the_page_back_that_the_participant_reads(
    qtbot: QtBot, page: SetupPage, played
) -> None:
    page.set_session(played)
    page.participant.participant_id.setText("P03")
    page.consent.show_asking()
    with qtbot.waitSignal(page.consent.taken_back):
        page.participant.participant_id.setText("P04")
    assert not page.consent.is_asking


def test_the_microphone_runs_after_a_yes_and_stops_at_a_no(page: SetupPage, played) -> None:
    wanted: list[bool] = []
    page.sound_wanted.connect(wanted.append)
    page.set_session(played)
    assert wanted == []
    page.consent.show_asking()
    _answered(page)
    assert wanted == [True]
    page.consent.streams["audio"].click()
    assert wanted == [True, False]
    page.consent.streams["audio"].click()
    page.consent.show_answers(None)
    assert wanted == [True, False, True, False]


def test_the_moderator_checks_the_microphone_before_anybody_is_asked(
    qtbot: QtBot, page: SetupPage, played
) -> None:
    wanted: list[bool] = []
    page.sound_wanted.connect(wanted.append)
    page.set_session(played)
    qtbot.keyClick(page, Qt.Key.Key_F3)
    assert page.checks.is_listening
    page.consent.show_asking()  # the participant is there
    assert wanted == [True, False]
    assert not page.checks.listen_button.isEnabled()
    _answered(page, audio="no")
    qtbot.keyClick(page, Qt.Key.Key_F3)
    page.refresh_text()
    assert not page.checks.is_listening
    assert wanted == [True, False]


def test_what_is_not_taken_yet_is_named_but_does_not_stop_a_session(
    qtbot: QtBot, page: SetupPage, played
) -> None:
    page.participant.participant_id.setText("P03")
    page.participant.segment_boxes["device"].setCurrentText("desktop")
    page.consent.agrees.setChecked(True)
    page.consent.streams["gaze"].setChecked(True)
    page.set_session(played)
    assert page.reason == "" and page.start_button.isEnabled()
    assert page._reason.text() == "Neutral face not taken yet, gaze not calibrated"
    page.gaze.show_neutral(NeutralProgress(1.0, 5.0, 30, 30))
    assert "being taken" in page.reason and not page.start_button.isEnabled()
    page.gaze.show_neutral_taken("Neutral face taken, from 148 of 150 pictures")
    assert page.start_button.isEnabled() and page._reason.text() == "Gaze not calibrated yet"
    page.set_session(None)
    assert page.gaze.neutral.is_missing, "another session is another face"


def test_keys_take_the_neutral_face_and_calibrate(qtbot: QtBot, page: SetupPage, played) -> None:
    asked: list[str] = []
    page.gaze.neutral.asked.connect(lambda: asked.append("neutral"))
    page.calibrate_requested.connect(lambda _: asked.append("gaze"))
    qtbot.keyClick(page, Qt.Key.Key_F8)
    qtbot.keyClick(page, Qt.Key.Key_F9)
    assert asked == [], "there is no session yet"
    page.set_session(played)
    qtbot.keyClick(page, Qt.Key.Key_F8)
    qtbot.keyClick(page, Qt.Key.Key_F9)
    assert asked == ["neutral", "gaze"]


def test_gaze_that_was_declined_is_not_to_be_calibrated(page: SetupPage, played) -> None:
    page.set_session(played)
    page.participant.participant_id.setText("P03")
    page.participant.segment_boxes["device"].setCurrentText("desktop")
    page.consent.show_asking()
    _answered(page, gaze="no")
    assert not page.gaze.calibrate_button.isEnabled()
    assert "gaze" not in page._reason.text().lower()
    assert page.start_button.isEnabled()
    page.consent.streams["gaze"].click()
    assert page.gaze.calibrate_button.isEnabled()
