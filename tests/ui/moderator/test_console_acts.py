"""What leads a session on, by key and by mouse: skip, redo, unplanned, pause, outcome, undo."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from journeylab.clock import NS_PER_MS, NS_PER_S
from journeylab.session.rows import act_row, step_row
from journeylab.study.folder import StudyFolder
from journeylab.study.model import MarkerKey
from journeylab.ui.moderator.console import ConsolePage
from journeylab.ui.moderator.console_keys import PressTimes
from journeylab.ui.moderator.ports import SetupChoice
from journeylab.ui.moderator.step_list import StepState
from journeylab.ui.widgets.health import Level
from journeylab.vocabulary import CourseAct, StepPhase, TaskOutcome

_LEFT = Qt.MouseButton.LeftButton
_ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def page(qtbot: QtBot, played, folder: StudyFolder, choice: SetupChoice) -> ConsolePage:
    page = ConsolePage(clock=played.clock)
    qtbot.addWidget(page)
    page.resize(1366, 768)
    page.show()
    page.activateWindow()
    page.show_session(folder, choice, played)
    qtbot.waitUntil(page.isActiveWindow)
    return page


@pytest.fixture
def asked(page: ConsolePage) -> list[object]:
    asked: list[object] = []
    acts = page.acts
    acts.skip_requested.connect(lambda: asked.append("skip"))
    acts.redo_requested.connect(lambda: asked.append("redo"))
    acts.pause_requested.connect(lambda: asked.append("pause"))
    acts.resume_requested.connect(lambda: asked.append("resume"))
    acts.undo_requested.connect(lambda: asked.append("undo"))
    acts.unplanned_requested.connect(lambda title: asked.append(("unplanned", title)))
    acts.outcome_requested.connect(asked.append)
    page.marker_requested.connect(lambda label, _ns: asked.append(("marker", label)))
    return asked


def test_every_act_has_a_key(qtbot: QtBot, page: ConsolePage, asked: list[object]) -> None:
    key = Qt.Key
    for one in (key.Key_S, key.Key_R, key.Key_P, key.Key_F1, key.Key_F2, key.Key_F3, key.Key_F4):
        qtbot.keyClick(page, one)
    qtbot.keyClick(page, key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert asked == ["skip", "redo", "pause", *TaskOutcome, "undo"]


def test_every_act_has_a_button(qtbot: QtBot, page: ConsolePage, asked: list[object]) -> None:
    course = page.parts.course
    for button in (course.skip, course.redo, page.parts.header.pause, *course.outcomes.values()):
        qtbot.mouseClick(button, _LEFT)
    qtbot.mouseClick(page.parts.markers.undo, _LEFT)
    assert asked == ["skip", "redo", "pause", *TaskOutcome, "undo"]


def test_what_is_refused_or_paused_is_said(qtbot: QtBot, page: ConsolePage, played) -> None:
    said: list[str] = []
    page.said.connect(lambda words, _level: said.append(words))
    played.set(is_paused=True)
    page.refresh_text()
    qtbot.keyClick(page, Qt.Key.Key_U)
    page.show_notice("The session is paused. Resume it first.", level=Level.WARNING)
    assert said == [
        "The session is paused: go on first.",
        "The session is paused. Resume it first.",
    ]
    assert page.parts.course.said.text()


def test_an_unplanned_step_is_titled_in_its_line_and_begun_with_enter(
    qtbot: QtBot, page: ConsolePage, asked: list[object]
) -> None:
    field = page.parts.course.title_field
    qtbot.keyClick(page, Qt.Key.Key_U)
    qtbot.waitUntil(field.hasFocus)
    qtbot.keyClicks(field, "1 phone rings")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert asked == [("unplanned", "1 phone rings")]
    assert page.parts.course.unplanned.isVisible()
    qtbot.mouseClick(page.parts.course.unplanned, _LEFT)
    qtbot.waitUntil(field.hasFocus)
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert not page.is_asking_to_stop
    assert len(asked) == 1


def test_an_unplanned_step_is_begun_by_the_mouse_alone(
    qtbot: QtBot, page: ConsolePage, asked: list[object]
) -> None:
    course = page.parts.course
    qtbot.mouseClick(course.unplanned, _LEFT)
    qtbot.waitUntil(course.begin_it.isVisible)
    qtbot.mouseClick(course.begin_it, _LEFT)
    assert asked == [("unplanned", "Unplanned step")]
    assert course.unplanned.isVisible() and not course.begin_it.isVisible()


def test_a_marker_of_the_study_wins_over_a_fixed_key(
    qtbot: QtBot,
    page: ConsolePage,
    played,
    folder: StudyFolder,
    choice: SetupChoice,
    asked: list[object],
) -> None:
    own = (MarkerKey(key="s", label="smile"), MarkerKey(key="?", label="odd"))
    study = folder.study.model_copy(update={"markers": own})
    page.show_session(replace(folder, study=study), choice, played)
    qtbot.keyClick(page, Qt.Key.Key_S)
    assert asked == [("marker", "smile")]
    qtbot.keyClick(page, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert asked == [("marker", "smile"), "skip"]
    qtbot.keyClick(page, Qt.Key.Key_S, Qt.KeyboardModifier.AltModifier)
    assert asked == [("marker", "smile"), "skip", ("marker", "smile")]
    assert page.parts.course.skip.key == "Ctrl+S"
    assert page.key_sheet.texts["Ctrl+S"] == "Skip the step"
    assert page.key_sheet.texts["s"] == "smile"
    page.show_session(folder, choice, played)
    assert page.parts.course.skip.key == "S"


def test_no_marker_key_of_one_character_can_lock_out_an_act(page: ConsolePage) -> None:
    for act in page.keys.acts:
        assert any(len(key) > 1 for key in act.keys), act.name


def test_every_act_has_a_key_that_acts_whoever_has_the_keyboard(
    page: ConsolePage, played, folder: StudyFolder, choice: SetupChoice
) -> None:
    letters = tuple(MarkerKey(key=one, label=f"marks {one}") for one in "nprsuxz?")
    crowded = folder.study.model_copy(update={"markers": letters})
    for study in (folder.study, crowded):
        page.show_session(replace(folder, study=study), choice, played)
        lasting = [page.keys.lasting_key(act.name) for act in page.keys.acts]
        assert all(lasting), dict(zip(lasting, page.keys.acts, strict=True))
        assert len(set(lasting)) == len(lasting)
        taken = {f"Alt+{one.key}".lower() for one in study.markers}
        assert not taken & {key.lower() for key in lasting}
        assert set(lasting) <= set(page.key_sheet.texts)


def test_all_keys_are_in_the_handbook(page: ConsolePage) -> None:
    told = (_ROOT / "docs" / "keys.md").read_text(encoding="utf-8")
    for act in page.keys.acts:
        for key in (page.keys.shown_key(act.name), page.keys.lasting_key(act.name)):
            assert f"`{key}`" in told, f"{act.words}: {key}"
        assert act.words in told, act.words


def test_a_study_of_many_markers_has_all_of_them_on_the_sheet(
    qtbot: QtBot, page: ConsolePage, played, folder: StudyFolder, choice: SetupChoice
) -> None:
    many = tuple(MarkerKey(key=one, label=f"marks {one}") for one in "123456789abcdefghijklm")
    study = folder.study.model_copy(update={"markers": many})
    page.show_session(replace(folder, study=study), choice, played)
    qtbot.keyClick(page, Qt.Key.Key_F12)
    assert {one.key for one in many} <= set(page.key_sheet.texts)
    assert page.rect().contains(page.key_sheet.geometry())


def test_all_keys_are_listed_on_one_sheet(qtbot: QtBot, page: ConsolePage) -> None:
    qtbot.keyClick(page, Qt.Key.Key_F12)
    assert page.key_sheet.isVisible()
    listed = page.key_sheet.texts
    assert listed["1"] == "confusion"
    assert listed["Alt+1"] == "confusion" and listed["Alt+S"] == "Skip the step"
    assert {page.keys.shown_key(act.name) for act in page.keys.acts} <= set(listed)
    assert page.rect().contains(page.key_sheet.geometry())
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert not page.key_sheet.isVisible()
    assert not page.is_asking_to_stop


def test_a_pause_says_plainly_that_nothing_is_kept(
    qtbot: QtBot, page: ConsolePage, played, asked: list[object]
) -> None:
    played.set(is_paused=True, step_title=None, place=1, step_id="landing")
    played.reading = replace(played.reading, step_index=None)
    page.refresh_text()
    assert page.parts.paused.isVisible()
    assert "Nothing of the participant is kept" in page.parts.paused.text
    assert page.parts.steps.lines[1].state is StepState.PAUSED
    assert page.parts.guide.text == "Wait."
    assert not page.parts.header.next.isEnabled()
    qtbot.keyClick(page, Qt.Key.Key_P)
    assert asked == ["resume"]
    played.set(is_paused=False, step_index=1, step_title="Landing")
    page.refresh_text()
    assert not page.parts.paused.isVisible()
    assert page.parts.header.next.isEnabled()


def test_an_unplanned_step_stands_under_the_one_it_interrupts(page: ConsolePage, played) -> None:
    played.set(place=1, step_title="Phone rings", step_id="unplanned-1", step_elapsed_s=7.0)
    played.reading = replace(played.reading, step_index=None)
    page.refresh_text()
    titles = [title for title, _ in page.parts.steps.texts]
    assert titles == ["Ad", "Landing", "Phone rings", "Cart"]
    assert page.parts.steps.current == 2
    assert "Phone rings" in page.parts.guide.text
    played.set(step_index=2, step_title="Cart")
    page.refresh_text()
    assert [title for title, _ in page.parts.steps.texts] == ["Ad", "Landing", "Cart"]


def test_outcomes_and_skips_are_words_in_the_list(page: ConsolePage, played) -> None:
    played.live.take(step_row(0, "ad", phase=StepPhase.START, visit=1))
    played.live.take(
        act_row(0, CourseAct.SKIP, step_id="ad", visit=1, value="", author="moderator")
    )
    played.set(outcomes={"landing": TaskOutcome.PARTIAL}, step_durations_s=(15.2, 14.0, 0.0))
    page.refresh_text()
    assert page.parts.steps.texts[0] == ("Ad", "skipped · 0:15")
    assert page.parts.steps.texts[1] == ("Landing", "partial · 0:14")
    assert page.parts.course.outcomes[TaskOutcome.PARTIAL].isChecked()
    played.set(outcomes={})
    page.refresh_text()
    assert not any(one.isChecked() for one in page.parts.course.outcomes.values())


def test_the_guide_has_task_success_and_guide(
    page: ConsolePage, played, folder: StudyFolder, choice: SetupChoice
) -> None:
    step = folder.study.steps[1].model_copy(update={"task": "Find a bike.", "success": "In cart."})
    study = folder.study.model_copy(
        update={"steps": (folder.study.steps[0], step, folder.study.steps[2])}
    )
    page.show_session(replace(folder, study=study), choice, played)
    assert page.parts.guide.text == "Find a bike.\nIn cart.\nWait."


def test_a_press_that_waited_has_the_time_at_which_the_key_went_down() -> None:
    times = PressTimes()
    boot_ns = 77 * NS_PER_S
    # (pressed after boot, ms; waited, ms): the first one waited least.
    for pressed_ms, waited_ms in ((1000, 1), (1500, 80), (2000, 30)):
        arrived_ns = boot_ns + (pressed_ms + waited_ms) * NS_PER_MS
        found_ns = times.pressed_ns(pressed_ms, arrived_ns=arrived_ns)
        assert abs(found_ns - boot_ns - pressed_ms * NS_PER_MS) <= NS_PER_MS


def test_a_stamp_without_a_meaning_is_not_believed() -> None:
    times = PressTimes()
    assert times.pressed_ns(0, arrived_ns=5 * NS_PER_S) == 5 * NS_PER_S
    times.pressed_ns(4_000_000_000, arrived_ns=6 * NS_PER_S)
    # The window system's counter began anew: what came now is taken as it came.
    assert times.pressed_ns(10, arrived_ns=7 * NS_PER_S) == 7 * NS_PER_S
