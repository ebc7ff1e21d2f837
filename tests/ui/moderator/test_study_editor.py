"""The editor: studies made and changed by mouse and by keyboard, undone, checked, and saved."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from journeylab.assets import asset
from journeylab.study.folder import StudyFolder, load_study, save_study
from journeylab.study.model import Aoi
from journeylab.study.saving import open_for_editing, save_edited
from journeylab.study.study_key import KEYRING
from journeylab.study.templates import templates
from journeylab.ui.moderator.study_editor.area_rows import AreaForm
from journeylab.ui.moderator.study_editor.dialog import StudyEditor
from journeylab.ui.moderator.study_editor.markers_form import MarkerForm, MarkersForm
from journeylab.ui.moderator.study_editor.questions_form import QuestionForm
from journeylab.ui.moderator.study_editor.study_pages import (
    GoalForm,
    PrivacyPart,
    SegmentForm,
    SegmentsForm,
    SegmentValueForm,
)
from journeylab.vocabulary import QuestionKind, StimulusKind

LEFT = Qt.MouseButton.LeftButton
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
LONG_MS = 20_000

Opens = Callable[..., StudyEditor]


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "elsewhere" / "shot.png"
    path.parent.mkdir()
    Image.new("RGB", (800, 600), "gray").save(path)
    return path


@pytest.fixture
def opens(qtbot: QtBot, tmp_path: Path, picture: Path) -> Opens:
    def open_it(study: Path | None = None) -> StudyEditor:
        editor = StudyEditor(
            where=tmp_path / "studies", study=study, choose_file=lambda *_: picture
        )
        qtbot.addWidget(editor, before_close_func=_let_go)
        editor.show()
        editor.activateWindow()
        qtbot.waitUntil(editor.isActiveWindow, timeout=LONG_MS)
        return editor

    return open_it


def _let_go(editor: QWidget) -> None:
    assert isinstance(editor, StudyEditor)
    editor._discard()


@pytest.fixture
def shop(tmp_path: Path) -> StudyFolder:
    """A study on the disk, made of a template."""
    folder, _ = save_edited(*open_for_editing(templates()[0].path), tmp_path / "shop")
    return folder


def press(qtbot: QtBot, key: Qt.Key, held: Qt.KeyboardModifier = CTRL) -> None:
    """A key, wherever the keyboard is."""
    target = QApplication.focusWidget()
    assert target is not None
    qtbot.keyClick(target, key, held)


def goal_form(editor: StudyEditor) -> GoalForm:
    form = editor.pages["Goal"][0].form
    assert isinstance(form, GoalForm)
    return form


def saved(qtbot: QtBot, editor: StudyEditor, act: Callable[[], None]) -> StudyFolder:
    with qtbot.waitSignal(editor.saved, timeout=LONG_MS) as signal:
        act()
    folder = load_study(signal.args[0])
    folder.check_stimuli()
    return folder


# -- making a study -------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_template_is_made_a_study_with_two_clicks(
    qtbot: QtBot, opens: Opens, number: int
) -> None:
    editor = opens()
    qtbot.mouseClick(editor.start.buttons[number + 1], LEFT)
    assert not editor.desk.problems
    folder = saved(qtbot, editor, lambda: qtbot.mouseClick(editor.save_button, LEFT))
    assert folder.study.steps == templates()[number].study.steps


def test_an_empty_study_is_filled_with_the_mouse(
    qtbot: QtBot, opens: Opens, tmp_path: Path
) -> None:
    editor = opens()
    qtbot.mouseClick(editor.start.buttons[0], LEFT)
    qtbot.keyClicks(goal_form(editor).title.line, "First purchase: mobile")
    editor.show_step(0)
    page = editor.step_page
    qtbot.mouseClick(page.tabs["Shows"], LEFT)
    page.stimulus.kind.box.setCurrentIndex(1)
    qtbot.mouseClick(page.stimulus.path.choose_button, LEFT)
    assert editor.desk.study.steps[0].stimulus.kind is StimulusKind.IMAGE
    editor.show_step(1)
    page.stimulus.source.box.setCurrentIndex(1)
    qtbot.keyClicks(page.stimulus.url.line, "https://shop.example/")
    qtbot.keyClicks(page.stimulus.allow.line, "pay.example, *.cdn.example")
    folder = saved(qtbot, editor, lambda: qtbot.mouseClick(editor.save_button, LEFT))
    assert folder.path == tmp_path / "studies" / "first-purchase-mobile"
    ad, landing = folder.study.steps
    assert ad.stimulus.path == "stimuli/ad/shot.png"
    assert landing.stimulus.url == "https://shop.example/"
    assert landing.stimulus.allow == ("pay.example", "*.cdn.example")


def test_the_keyboard_alone_makes_a_study(qtbot: QtBot, opens: Opens) -> None:
    editor = opens()
    qtbot.keyClick(editor, Qt.Key.Key_4)
    assert QApplication.focusWidget() is goal_form(editor).title.line
    press(qtbot, Qt.Key.Key_A)
    qtbot.keyClicks(QApplication.focusWidget(), "Kettle")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert editor.isVisible(), "Enter in a field is not the end of the form"
    editor.steps.list.setFocus()
    qtbot.keyClick(editor.steps.list, Qt.Key.Key_Home)
    qtbot.keyClick(editor.steps.list, Qt.Key.Key_Down)
    press(qtbot, Qt.Key.Key_D)
    press(qtbot, Qt.Key.Key_Down, ALT)
    press(qtbot, Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier)
    press(qtbot, Qt.Key.Key_Z)
    folder = saved(qtbot, editor, lambda: press(qtbot, Qt.Key.Key_Return))
    ids = [step.id for step in folder.study.steps]
    assert ids[:4] == ["ad", "confirmed", "mail", "confirmed-2"]
    assert folder.study.title == "Kettle"


def test_what_is_missing_is_said_at_its_field_and_nothing_is_lost(
    qtbot: QtBot, opens: Opens, tmp_path: Path
) -> None:
    editor = opens()
    editor.begin_with(None)
    assert goal_form(editor).title.remark == "", "nobody is blamed before she began"
    qtbot.mouseClick(editor.save_button, LEFT)
    assert goal_form(editor).title.remark == "⚠ Give the study a title."
    assert editor.status.text() == "3 things to mend before it can be saved"
    qtbot.keyClicks(goal_form(editor).title.line, "Pilot")
    assert goal_form(editor).title.remark == ""
    press(qtbot, Qt.Key.Key_F8, Qt.KeyboardModifier.NoModifier)
    assert (editor.steps.index, editor.step_page.tab) == (0, 1)
    assert editor.step_page.stimulus.path.remark == "⚠ Choose a video file."
    assert not (tmp_path / "studies").exists()
    assert editor.desk.study.title == "Pilot"


def test_hints_are_shown_one_after_the_other_and_stop_nobody(
    qtbot: QtBot, opens: Opens, tmp_path: Path
) -> None:
    study = load_study(asset("demo-study")).study
    study = study.model_copy(update={"steps": study.steps[-1:], "hypothesis": ""})
    editor = opens(save_study(tmp_path / "short", study).path)
    assert editor.status.text() == "Ready to be saved, with 3 hints"
    assert "1 stage makes a short journey" in editor.side.about_steps.text()
    qtbot.mouseClick(editor.show_button, LEFT)
    assert "No ad stands before the first step" in editor.step_page.remarks.text()
    for _ in range(2):
        press(qtbot, Qt.Key.Key_F8, Qt.KeyboardModifier.NoModifier)
    assert goal_form(editor).hypothesis.remark.startswith("Hint: Without a hypothesis")
    press(qtbot, Qt.Key.Key_F8, Qt.KeyboardModifier.NoModifier)
    assert editor.steps.index == 0
    qtbot.keyClicks(editor.step_page.facts.title.line, "My ")
    saved(qtbot, editor, lambda: press(qtbot, Qt.Key.Key_Return))


def test_a_second_study_of_the_same_title_gets_a_folder_of_its_own(
    opens: Opens, tmp_path: Path
) -> None:
    (tmp_path / "studies" / "pilot").mkdir(parents=True)
    editor = opens()
    editor.begin_with(None)
    goal_form(editor).title.edited.emit("Pilot")
    assert editor.target == tmp_path / "studies" / "pilot-2"


def test_a_passphrase_encrypts_the_new_study(qtbot: QtBot, opens: Opens) -> None:
    editor = opens()
    editor.begin_with(templates()[0])
    editor.show_page("Privacy")
    form = editor.pages["Privacy"][0].form
    assert isinstance(form, PrivacyPart)
    form.privacy.encrypts.setChecked(True)
    form.privacy.passphrase.setText("short")
    qtbot.mouseClick(editor.save_button, LEFT)
    assert "at least 12" in editor.banner.text
    for line in (form.privacy.passphrase, form.privacy.again):
        line.setText("four unrelated words here")
    folder = saved(qtbot, editor, lambda: qtbot.mouseClick(editor.save_button, LEFT))
    assert folder.study.privacy.is_encrypted
    KEYRING.drop(folder.path)


# -- changing a study -----------------------------------------------------------------------------


def test_an_existing_study_is_changed_in_place(
    qtbot: QtBot, opens: Opens, shop: StudyFolder
) -> None:
    editor = opens(shop.path)
    assert editor.save_button.text() == "Save"
    form = goal_form(editor)
    form.kind.box.setCurrentIndex(1)
    form.participants.line.selectAll()
    qtbot.keyClicks(form.participants.line, "25")
    folder = saved(qtbot, editor, lambda: press(qtbot, Qt.Key.Key_S))
    assert folder.path == shop.path
    assert folder.study.goal == "Churn: more first orders"
    assert folder.study.participants == 25
    text = (shop.path / "study.toml").read_text(encoding="utf-8")
    assert "# The mood people enter with is measured on the ad." in text


def test_nothing_entered_changes_nothing(qtbot: QtBot, opens: Opens, shop: StudyFolder) -> None:
    """Every page and tab is shown once: showing is no edit."""
    for template in (shop.path, *(folder.path for folder in templates())):
        editor = opens(template)
        for name in editor.pages:
            editor.show_page(name)
        for index in range(len(editor.desk.study.steps)):
            editor.show_step(index)
            for tab in range(4):
                editor.step_page.show_tab(tab)
        assert not editor.desk.history.undoes
        assert editor.desk.study == load_study(template).study
        editor.reject()
        assert not editor.isVisible(), "with nothing to lose it closes at once"


def test_the_keyboard_passes_the_lists_without_leaving_what_is_open(
    qtbot: QtBot, opens: Opens, shop: StudyFolder
) -> None:
    editor = opens(shop.path)
    assert QApplication.focusWidget() is editor.side.pages, "no field to change by chance"
    editor.show_step(2)
    for one in (editor.side.pages, editor.steps.list, editor.side.pages):
        one.setFocus(Qt.FocusReason.TabFocusReason)
        assert editor.steps.index == 2
    qtbot.keyClick(editor.side.pages, Qt.Key.Key_Down)
    assert (editor.side.pages.currentRow(), editor.steps.index) == (0, -1)
    editor.steps.list.setFocus(Qt.FocusReason.TabFocusReason)
    assert editor.side.pages.currentRow() == 0
    qtbot.keyClick(editor.steps.list, Qt.Key.Key_Down)
    assert (editor.side.pages.currentRow(), editor.steps.index) == (-1, 0)


def test_undo_walks_over_all_fields_and_pages(
    qtbot: QtBot, opens: Opens, shop: StudyFolder
) -> None:
    editor = opens(shop.path)
    before = editor.desk.study
    qtbot.keyClicks(goal_form(editor).title.line, "ab")
    editor.show_step(1)
    qtbot.keyClicks(editor.step_page.facts.guide.area, "Wait. ")
    qtbot.mouseClick(editor.steps.remove_button, LEFT)
    states = [editor.desk.study]
    for _ in range(3):
        press(qtbot, Qt.Key.Key_Z)
        states.append(editor.desk.study)
    assert states[-1] == before
    assert not editor.undo_button.isEnabled()
    press(qtbot, Qt.Key.Key_Z, CTRL | SHIFT)
    assert editor.desk.study.title == "abFirst purchase"
    qtbot.mouseClick(editor.redo_button, LEFT)
    qtbot.mouseClick(editor.redo_button, LEFT)
    assert editor.desk.study == states[0]


def test_steps_are_dragged_to_another_place(opens: Opens, shop: StudyFolder) -> None:
    editor = opens(shop.path)
    editor.steps.list.dragged.emit(0, 2)
    assert [step.id for step in editor.desk.study.steps[:3]] == ["landing", "product", "ad"]
    assert editor.steps.index == 2
    hint = editor.desk.remark(("steps", 0))
    assert "No ad stands before the first step" in hint[0]


def test_a_new_step_goes_below_the_chosen_one_and_gets_its_id_from_its_title(
    qtbot: QtBot, opens: Opens, shop: StudyFolder
) -> None:
    editor = opens(shop.path)
    editor.show_step(1)
    qtbot.mouseClick(editor.steps.add_button, LEFT)
    qtbot.keyClicks(editor.step_page.facts.title.line, "Choose a size")
    step = editor.desk.study.steps[2]
    assert (step.title, step.id, editor.steps.index) == ("Choose a size", "choose-a-size", 2)


def test_a_stage_of_ones_own_is_kept_as_it_was_typed(
    qtbot: QtBot, opens: Opens, shop: StudyFolder
) -> None:
    editor = opens(shop.path)
    editor.show_step(0)
    line = editor.step_page.facts.stage.box.lineEdit()
    assert line is not None
    line.setFocus()
    for typed in ("Awareness", "First hour"):
        line.selectAll()
        qtbot.keyClicks(line, typed)
        press(qtbot, Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier)
        assert editor.desk.study.steps[0].stage == typed
        line.setFocus()


def test_ids_that_sessions_know_stay(qtbot: QtBot, opens: Opens, shop: StudyFolder) -> None:
    shop.prepare_for_writing()
    (shop.sessions_path / "P01.h5").write_bytes(b"")
    editor = opens(shop.path)
    editor.show_step(0)
    qtbot.keyClicks(editor.step_page.facts.title.line, "Old ")
    assert (editor.desk.study.steps[0].title, editor.desk.study.steps[0].id) == ("Old Ad", "ad")


def test_the_last_step_may_go_and_the_study_cannot_be_saved_without(
    qtbot: QtBot, opens: Opens, tmp_path: Path
) -> None:
    step = load_study(asset("demo-study")).study.step("unboxing")
    demo = load_study(asset("demo-study")).study.model_copy(update={"steps": (step,)})
    editor = opens(save_study(tmp_path / "one", demo).path)
    editor.show_step(0)
    qtbot.mouseClick(editor.steps.remove_button, LEFT)
    assert editor.desk.problems[0][1] == "The study has no step. Add the first one."
    press(qtbot, Qt.Key.Key_N)
    assert len(editor.desk.study.steps) == 1


def test_questions_are_added_with_a_click(qtbot: QtBot, opens: Opens, shop: StudyFolder) -> None:
    editor = opens(shop.path)
    editor.show_step(0)
    qtbot.mouseClick(editor.step_page.tabs["Questions"], LEFT)
    form = editor.step_page.questions
    for kind in (QuestionKind.MANIKIN, QuestionKind.CHOICE):
        qtbot.mouseClick(form.add_buttons[kind], LEFT)
    row = form.rows.rows[1].form
    assert isinstance(row, QuestionForm)
    assert row.text.remark == "⚠ Write the question."
    qtbot.keyClicks(row.text.line, "Which one?")
    row.choices.area.setPlainText("this\nthat\n")
    manikin, choice = editor.desk.study.steps[0].questions
    assert (manikin.kind, choice.choices) == (QuestionKind.MANIKIN, ("this", "that"))
    assert not editor.desk.problems
    qtbot.mouseClick(form.rows.rows[1].up_button, LEFT)
    assert editor.desk.study.steps[0].questions == (choice, manikin)


def test_a_version_is_compared_with_another(qtbot: QtBot, opens: Opens, shop: StudyFolder) -> None:
    editor = opens(shop.path)
    editor.show_step(0)
    page = editor.step_page
    qtbot.mouseClick(page.tabs["Shows"], LEFT)
    qtbot.mouseClick(page.versions.add_button, LEFT)
    qtbot.keyClicks(page.versions.title.line, "Loud")
    qtbot.mouseClick(page.stimulus.path.choose_button, LEFT)
    qtbot.mouseClick(page.tabs["Areas"], LEFT)
    assert not page.areas.inherited.isHidden()
    assert "measured by version A's areas" in page.remarks.text(), "which do not fit it"
    page.areas.canvas.drawn.emit((0, 0, 400, 300))
    folder = saved(qtbot, editor, lambda: qtbot.mouseClick(editor.save_button, LEFT))
    (variant,) = folder.study.steps[0].variants
    assert (variant.id, variant.title) == ("b", "Loud")
    assert variant.stimulus.path == "stimuli/ad-b/shot.png"
    assert [aoi.box for aoi in variant.aois] == [(0, 0, 400, 300)]
    assert folder.study.steps[0].stimulus.path == "stimuli/ad.png"


# -- segments, markers, privacy -------------------------------------------------------------------


def test_segments_have_values_with_quotas(qtbot: QtBot, opens: Opens, shop: StudyFolder) -> None:
    editor = opens(shop.path)
    editor.show_page("Segments")
    form = editor.pages["Segments"][0].form
    assert isinstance(form, SegmentsForm)
    age = next(one for one in form.add_buttons if one.property("segment") == "age-band")
    qtbot.mouseClick(age, LEFT)
    qtbot.mouseClick(form.own_button, LEFT)
    own = form.rows.rows[3].form
    assert isinstance(own, SegmentForm)
    own.name.line.selectAll()
    qtbot.keyClicks(own.name.line, "Home Town")
    value = own.values.rows[0].form
    assert isinstance(value, SegmentValueForm)
    qtbot.keyClicks(value.value.line, "Bern")
    qtbot.keyClicks(value.wanted.line, "12")
    qtbot.keyClicks(value.value.line, "e")
    segment = editor.desk.study.segments[3]
    assert (segment.name, segment.values) == ("home-town", ("Berne",))
    assert segment.quotas == {"Berne": 12}
    qtbot.mouseClick(own.add_button, LEFT)
    assert own.values.rows[1].form.value.remark == "⚠ Name the value, or take it away."  # type: ignore[attr-defined]
    qtbot.mouseClick(own.values.rows[1].remove_button, LEFT)
    assert not editor.desk.problems


def test_two_markers_of_one_key_are_told_at_the_second(
    qtbot: QtBot, opens: Opens, shop: StudyFolder
) -> None:
    editor = opens(shop.path)
    editor.show_page("Markers")
    form = editor.pages["Markers"][0].form
    assert isinstance(form, MarkersForm)
    qtbot.mouseClick(form.add_button, LEFT)
    row = form.rows.rows[-1].form
    assert isinstance(row, MarkerForm)
    qtbot.keyClicks(row.label.line, "price read")
    assert editor.desk.study.markers[-1].key == "5"
    row.key.line.selectAll()
    qtbot.keyClicks(row.key.line, "2")
    assert row.key.remark == '⚠ "frustration" has the key 2 already.'
    qtbot.mouseClick(editor.save_button, LEFT)
    assert editor.isVisible()
    assert editor.desk.study.markers[-1].label == "price read"


def test_a_day_that_is_none_is_told_and_kept(qtbot: QtBot, opens: Opens, shop: StudyFolder) -> None:
    editor = opens(shop.path)
    editor.show_page("Privacy")
    form = editor.pages["Privacy"][0].form
    assert isinstance(form, PrivacyPart)
    qtbot.keyClicks(form.privacy.keep_until, "soon")
    assert '"soon" is no day' in form.problem.text()
    qtbot.mouseClick(editor.save_button, LEFT)
    assert editor.isVisible()
    assert form.privacy.keep_until.text() == "soon"
    form.privacy.keep_until.setText("2031-02-03")
    folder = saved(qtbot, editor, lambda: qtbot.mouseClick(editor.save_button, LEFT))
    assert str(folder.study.privacy.keep_until) == "2031-02-03"


# -- areas ----------------------------------------------------------------------------------------


def test_an_area_is_drawn_moved_resized_named_and_removed_with_the_mouse(
    qtbot: QtBot, opens: Opens, shop: StudyFolder
) -> None:
    editor = opens(shop.path)
    editor.show_step(0)
    qtbot.mouseClick(editor.step_page.tabs["Areas"], LEFT)
    areas = editor.step_page.areas
    canvas = areas.canvas
    qtbot.waitUntil(lambda: canvas.size_px == (1280, 720), timeout=LONG_MS)

    def drag(start: tuple[int, int], end: tuple[int, int]) -> None:
        begin, finish = (canvas.to_widget(*point).toPoint() for point in (start, end))
        qtbot.mousePress(canvas, LEFT, pos=begin)
        qtbot.mouseMove(canvas, (begin + finish) / 2)
        qtbot.mouseMove(canvas, finish)
        qtbot.mouseRelease(canvas, LEFT, pos=finish)

    def last() -> Aoi:
        return editor.desk.study.steps[0].aois[-1]

    drag((100, 560), (400, 660))
    assert len(editor.desk.study.steps[0].aois) == 3
    qtbot.keyClicks(QApplication.focusWidget(), "button")
    assert last().name == "button"
    near = 3  # px of the picture: half a pixel of the screen
    assert last().box == pytest.approx((100, 560, 300, 100), abs=near)
    drag((250, 610), (300, 640))
    assert last().box == pytest.approx((150, 590, 300, 100), abs=2 * near)
    left, top, width, height = last().box or (0, 0, 0, 0)
    drag((left + width, top + height), (9999, 9999))
    assert last().box == (left, top, 1280 - left, 720 - top), "it is cut at the edge"
    press(qtbot, Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier)
    assert [aoi.name for aoi in editor.desk.study.steps[0].aois] == ["promise", "product"]
    canvas_point = canvas.to_widget(1240, 20).toPoint()
    qtbot.mouseClick(canvas, LEFT, pos=canvas_point)
    assert len(editor.desk.study.steps[0].aois) == 2, "a click draws nothing"


def test_an_area_is_drawn_on_a_second_of_the_ad_and_undone(
    qtbot: QtBot, opens: Opens, tmp_path: Path
) -> None:
    shutil.copytree(asset("demo-study"), tmp_path / "demo")
    editor = opens(tmp_path / "demo")
    editor.show_step(0)
    qtbot.mouseClick(editor.step_page.tabs["Areas"], LEFT)
    areas = editor.step_page.areas
    canvas, scrubber = areas.canvas, areas.scrubber
    qtbot.waitUntil(lambda: canvas.size_px == (1280, 720), timeout=LONG_MS)
    qtbot.waitUntil(lambda: scrubber.slider.maximum() > 10_000, timeout=LONG_MS)
    first = canvas.grab().toImage()
    scrubber.slider.setFocus()
    for _ in range(4):
        qtbot.keyClick(scrubber.slider, Qt.Key.Key_PageUp)
    assert scrubber.media_s == 4.0
    qtbot.waitUntil(lambda: canvas.grab().toImage() != first, timeout=LONG_MS)
    begin, end = (canvas.to_widget(*at).toPoint() for at in ((200, 100), (600, 300)))
    qtbot.mousePress(canvas, LEFT, pos=begin)
    qtbot.mouseMove(canvas, end)
    qtbot.mouseRelease(canvas, LEFT, pos=end)
    qtbot.keyClicks(QApplication.focusWidget(), "kettle")
    form = areas.areas.rows[-1].form
    assert isinstance(form, AreaForm)
    form.begin.line.setFocus()
    qtbot.keyClicks(form.begin.line, "3.5")
    form.end.line.setFocus()
    qtbot.keyClicks(form.end.line, "8")
    area = editor.desk.study.steps[0].aois[-1]
    assert (area.name, area.from_s, area.to_s) == ("kettle", 3.5, 8.0)
    assert area.box == pytest.approx((200, 100, 400, 200), abs=3)
    n_shown = len(areas._shown)
    canvas.chosen.emit(-1)
    scrubber.slider.setValue(9000)
    qtbot.waitUntil(lambda: len(areas._shown) == n_shown - 1, timeout=LONG_MS)
    for left in ((3.5, None), (0.0, None)):
        press(qtbot, Qt.Key.Key_Z)
        area = editor.desk.study.steps[0].aois[-1]
        assert (area.from_s, area.to_s) == left
    for _ in range(2):
        press(qtbot, Qt.Key.Key_Y)
    again = saved(qtbot, editor, editor.save).study.steps[0].aois[-1]
    assert (again.name, again.from_s, again.to_s) == ("kettle", 3.5, 8.0)


def test_an_area_of_a_video_that_ends_before_it_begins_is_told(
    qtbot: QtBot, opens: Opens, tmp_path: Path
) -> None:
    shutil.copytree(asset("demo-study"), tmp_path / "demo")
    editor = opens(tmp_path / "demo")
    area = Aoi(name="kettle", box=(0, 0, 99, 99), from_s=3.5)
    editor.desk.put(("steps", 0, "aois"), (area,), "area")
    editor.show_step(0)
    qtbot.mouseClick(editor.step_page.tabs["Areas"], LEFT)
    form = editor.step_page.areas.areas.rows[0].form
    assert isinstance(form, AreaForm)
    qtbot.keyClicks(form.end.line, "2")
    assert "ends after the second at which it begins" in form.name.remark


def test_an_area_is_nudged_with_the_keys(qtbot: QtBot, opens: Opens, shop: StudyFolder) -> None:
    editor = opens(shop.path)
    editor.show_step(0)
    editor.step_page.show_tab(2)
    areas = editor.step_page.areas
    areas.add_button.setFocus()
    qtbot.keyClick(areas.add_button, Qt.Key.Key_Space)
    assert QApplication.focusWidget() is areas.canvas
    before = editor.desk.study.steps[0].aois[-1].box
    none = Qt.KeyboardModifier.NoModifier
    for key, held in (
        (Qt.Key.Key_Right, none), (Qt.Key.Key_Down, SHIFT), (Qt.Key.Key_Right, CTRL),
        (Qt.Key.Key_Up, CTRL | SHIFT),
    ):  # fmt: skip
        qtbot.keyClick(areas.canvas, key, held)
    assert before == (480, 270, 320, 180)
    assert editor.desk.study.steps[0].aois[-1].box == (481, 280, 321, 170)
    press(qtbot, Qt.Key.Key_Z)
    assert editor.desk.study.steps[0].aois[-1].box == before, "nudges are undone as one"


def test_a_hotspot_is_drawn_and_led_to_a_screen(qtbot: QtBot, opens: Opens, tmp_path: Path) -> None:
    folder, _ = save_edited(*open_for_editing(templates()[1].path), tmp_path / "app")
    editor = opens(folder.path)
    editor.show_step(2)
    editor.step_page.show_tab(2)
    areas = editor.step_page.areas
    areas.screen_choice.box.setCurrentIndex(3)
    areas.draws.box.setCurrentIndex(1)
    areas.canvas.drawn.emit((10, 20, 30, 40))
    stimulus = editor.desk.study.steps[2].stimulus
    assert stimulus.screens[3].hotspots[0].leads_to == "welcome"
    row = areas.hotspots.rows[0].form
    row.leads_to.box.setCurrentIndex(2)  # type: ignore[attr-defined]
    stimulus = editor.desk.study.steps[2].stimulus
    assert stimulus.screens[3].hotspots[0].leads_to == "permission"
    assert stimulus.screens[3].hotspots[0].box == (10, 20, 30, 40)


def test_a_screen_by_another_name_keeps_its_hotspots_and_areas(
    qtbot: QtBot, opens: Opens, tmp_path: Path
) -> None:
    folder, _ = save_edited(*open_for_editing(templates()[1].path), tmp_path / "app")
    editor = opens(folder.path)
    editor.show_step(2)
    editor.step_page.show_tab(1)
    screens = editor.step_page.stimulus.screens
    line = screens.rows[2].form.name.line  # type: ignore[attr-defined]
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, "Ask first")
    step = editor.desk.study.steps[2]
    assert step.stimulus.screens[2].id == "ask-first"
    assert step.stimulus.screens[1].hotspots[0].leads_to == "ask-first"
    assert {aoi.screen for aoi in step.aois} == {"ask-first"}
    assert not editor.desk.problems


def test_areas_of_a_screen_that_is_gone_can_be_removed(
    qtbot: QtBot, opens: Opens, tmp_path: Path
) -> None:
    folder, _ = save_edited(*open_for_editing(templates()[1].path), tmp_path / "app")
    editor = opens(folder.path)
    editor.show_step(2)
    editor.step_page.show_tab(1)
    qtbot.mouseClick(editor.step_page.stimulus.screens.rows[2].remove_button, LEFT)
    assert len(editor.desk.problems) == 3, "two areas, and a hotspot that leads nowhere"
    editor.step_page.show_tab(2)
    rows = editor.step_page.areas.areas.rows
    assert "a screen that is not there" in rows[0].form.name.remark  # type: ignore[attr-defined]
    qtbot.mouseClick(rows[1].remove_button, LEFT)
    qtbot.mouseClick(rows[0].remove_button, LEFT)
    assert len(editor.desk.problems) == 1
    press(qtbot, Qt.Key.Key_Z)
    press(qtbot, Qt.Key.Key_Z)
    press(qtbot, Qt.Key.Key_Z)
    assert editor.desk.study == folder.study


def test_an_area_of_a_picture_becomes_one_of_a_page(
    qtbot: QtBot, opens: Opens, shop: StudyFolder
) -> None:
    editor = opens(shop.path)
    editor.show_step(0)
    editor.step_page.show_tab(1)
    editor.step_page.stimulus.kind.box.setCurrentIndex(3)
    editor.step_page.stimulus.source.box.setCurrentIndex(1)
    qtbot.keyClicks(editor.step_page.stimulus.url.line, "https://shop.example")
    editor.step_page.show_tab(2)
    row = editor.step_page.areas.selectors.rows[0].form
    qtbot.keyClicks(row.selector.line, "#promise")  # type: ignore[attr-defined]
    assert editor.desk.study.steps[0].aois[0] == Aoi(name="promise", selector="#promise")
    assert not editor.desk.problems


def test_selectors_are_given_for_pages(qtbot: QtBot, opens: Opens, shop: StudyFolder) -> None:
    editor = opens(shop.path)
    editor.show_step(1)
    editor.step_page.show_tab(2)
    areas = editor.step_page.areas
    qtbot.mouseClick(areas.add_selector, LEFT)
    qtbot.keyClicks(QApplication.focusWidget(), "hero")
    row = areas.selectors.rows[1].form
    assert row.selector.remark.startswith("⚠ Give a CSS selector")  # type: ignore[attr-defined]
    qtbot.keyClicks(row.selector.line, "#hero")  # type: ignore[attr-defined]
    assert editor.desk.study.steps[1].aois[1] == Aoi(name="hero", selector="#hero")


def test_an_area_off_its_new_picture_is_told(
    qtbot: QtBot, opens: Opens, shop: StudyFolder, tmp_path: Path
) -> None:
    editor = opens(shop.path)
    editor.show_step(0)
    editor.step_page.show_tab(1)
    editor.step_page.stimulus.path.edited.emit(str(tmp_path / "elsewhere" / "shot.png"))
    areas = editor.step_page.areas
    editor.step_page.show_tab(2)
    assert "lies off the picture" in areas.areas.rows[1].form.name.remark  # type: ignore[attr-defined]
    assert "⚠" in editor.step_page.tabs["Areas"].text()
    editor.step_page.show_tab(1)
    editor.step_page.stimulus.path.edited.emit(str(tmp_path / "gone.png"))
    assert "is not there" in editor.step_page.stimulus.path.remark
    editor.step_page.show_tab(2)
    assert not areas.no_picture.isHidden()


# -- leaving, and others at the same file ---------------------------------------------------------


def test_leaving_asks_when_something_would_be_lost(
    qtbot: QtBot, opens: Opens, shop: StudyFolder
) -> None:
    editor = opens(shop.path)
    qtbot.keyClicks(goal_form(editor).title.line, "x")
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    assert editor.isVisible()
    assert "lost" in editor.ask_bar.text
    keep = editor.ask_bar.buttons[1]
    qtbot.mouseClick(keep, LEFT)
    assert editor.ask_bar.isHidden()
    editor.close()
    assert editor.isVisible()
    qtbot.mouseClick(editor.ask_bar.buttons[0], LEFT)
    assert not editor.isVisible()
    assert load_study(shop.path).study == shop.study


def test_a_file_changed_meanwhile_is_not_written_over_unseen(
    qtbot: QtBot, opens: Opens, shop: StudyFolder
) -> None:
    file = shop.path / "study.toml"
    editor = opens(shop.path)
    qtbot.keyClicks(goal_form(editor).title.line, "My ")
    theirs = file.read_text(encoding="utf-8").replace("participants = 30", "participants = 31")
    file.write_text(theirs, encoding="utf-8")
    qtbot.mouseClick(editor.save_button, LEFT)
    qtbot.waitUntil(editor.ask_bar.isVisible, timeout=LONG_MS)
    assert "changed by someone else" in editor.ask_bar.text
    assert file.read_text(encoding="utf-8") == theirs
    qtbot.mouseClick(editor.ask_bar.buttons[2], LEFT)
    assert editor.desk.study.title == "My First purchase"
    qtbot.mouseClick(editor.save_button, LEFT)
    qtbot.waitUntil(editor.ask_bar.isVisible, timeout=LONG_MS)
    over = editor.ask_bar.buttons[1]
    folder = saved(qtbot, editor, lambda: qtbot.mouseClick(over, LEFT))
    assert folder.study.title == "My First purchase"


def test_the_file_of_someone_else_can_be_opened_again(
    qtbot: QtBot, opens: Opens, shop: StudyFolder
) -> None:
    file = shop.path / "study.toml"
    editor = opens(shop.path)
    qtbot.keyClicks(goal_form(editor).title.line, "My ")
    text = file.read_text(encoding="utf-8").replace("participants = 30", "participants = 31")
    file.write_text(text, encoding="utf-8")
    qtbot.mouseClick(editor.save_button, LEFT)
    qtbot.waitUntil(editor.ask_bar.isVisible, timeout=LONG_MS)
    qtbot.mouseClick(editor.ask_bar.buttons[0], LEFT)
    assert (editor.desk.study.title, editor.desk.study.participants) == ("First purchase", 31)
    assert not editor.desk.history.is_changed


def test_it_fits_a_small_laptop(opens: Opens, shop: StudyFolder) -> None:
    editor = opens(shop.path)
    for index in range(len(editor.desk.study.steps)):
        editor.show_step(index)
        for tab in range(4):
            editor.step_page.show_tab(tab)
            least = editor.minimumSizeHint()
            assert least.width() <= 1280 and least.height() <= 660
    assert editor.childAt(QPoint(40, 200)) is not None
