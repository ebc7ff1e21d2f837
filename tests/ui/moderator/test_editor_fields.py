"""Whatever a study file can hold has its field in the editor, and every field can be undone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from journeylab.study.device_frame import DeviceFrame, FrameKind
from journeylab.study.document import new_text
from journeylab.study.editing import Place
from journeylab.study.folder import load_study
from journeylab.study.model import Expression, MarkerKey, Segment, Step, Study, Variant
from journeylab.study.questions import Question
from journeylab.study.stimulus import Aoi, Hotspot, Screen, Stimulus
from journeylab.ui.moderator.study_editor.dialog import StudyEditor
from journeylab.ui.moderator.study_editor.expressions_form import ExpressionForm, ExpressionsForm
from journeylab.ui.moderator.study_editor.fields import (
    CheckField,
    ChoiceField,
    Field,
    LongField,
    OpenChoiceField,
)
from journeylab.ui.moderator.study_editor.form import Form
from journeylab.vocabulary import QuestionKind, StimulusKind

Name = tuple[str, ...]

BY_ITSELF: set[Name] = {
    ("format",),
    ("id",),
    ("steps", "*", "id"),
    ("steps", "*", "variants", "*", "id"),
    ("steps", "*", "questions", "*", "id"),
    ("questions", "*", "id"),
    ("steps", "*", "questions", "*", "kind"),
    ("questions", "*", "kind"),
}
"""Given by the editor, from titles and from the button a question was added with."""
BY_HAND: set[Name] = {
    ("goal",),  # a kind and words
    ("segments", "*", "quotas"),
    ("steps", "*", "variants", "*", "title"),
    ("privacy", "purpose"), ("privacy", "keep_until"), ("privacy", "features_only"),
    ("privacy", "observers"), ("privacy", "encrypt_to"), ("privacy", "blur_faces"),
    *((*owner, *part) for owner in (("steps", "*"), ("steps", "*", "variants", "*")) for part in (
        ("aois", "*", "box"), ("aois", "*", "screen"),  # drawn, on the screen that is chosen
        ("stimulus", "screens", "*", "hotspots", "*", "box"),
        ("stimulus", "pictures"),
    )),
}  # fmt: skip
"""With a widget of its own, tested by itself."""


def _whole() -> Study:
    """A study with everything a study may hold."""
    box = (1, 2, 30, 40)
    spot = Hotspot(box=box, leads_to="two")
    screens = (
        Screen(id="one", path="a.png", hotspots=(spot,)),
        Screen(id="two", path="b.png"),
    )
    page = Stimulus(
        kind=StimulusKind.PAGE,
        url="https://a.example/",
        allow=("b.example",),
        allow_resources=("c.example",),
        read_ahead=False,
        pictures={"any": "a.png"},
        frame=DeviceFrame(
            kind=FrameKind.OWN, width_px=400, height_px=800, user_agent="Kiosk", touch=True
        ),
    )
    on_page, on_picture = Aoi(name="page", selector="#x"), Aoi(name="area", box=box)
    stimuli = (
        (page, (on_page,)),
        (Stimulus(kind=StimulusKind.VIDEO, path="ad.mp4"), (on_picture,)),
        (Stimulus(kind=StimulusKind.SCREENS, screens=screens), (on_picture,)),
        (Stimulus(kind=StimulusKind.INSTRUCTION, text="Read."), ()),
    )
    asked = tuple(
        Question(
            id=kind.value,
            kind=kind,
            text="Why?",
            choices=("a", "b") if kind is QuestionKind.CHOICE else (),
        )
        for kind in QuestionKind
    )
    steps = [
        Step(
            id=f"step-{n}",
            title=f"Step {n}",
            stimulus=stimulus,
            aois=aois,
            questions=asked,
            markers=(MarkerKey(key="b", label="box open"),),
            variants=(Variant(id="b", title="Short", stimulus=stimulus, aois=aois),),
        )
        for n, (stimulus, aois) in enumerate(stimuli)
    ]
    return Study(
        id="s",
        title="S",
        participants=3,
        steps=tuple(steps),
        segments=(Segment(name="device", values=("desktop",), quotas={"desktop": 1}),),
        markers=(MarkerKey(key="1", label="confusion"),),
        expressions=(Expression(name="mine", formula="AU12"),),
        questions=asked,
    )


@pytest.fixture
def editor(qtbot: QtBot, tmp_path: Path) -> StudyEditor:
    folder = tmp_path / "study"
    folder.mkdir()
    for name in ("a.png", "b.png"):
        Image.new("RGB", (80, 60)).save(folder / name)
    (folder / "study.toml").write_text(new_text(_whole()), encoding="utf-8")
    return _opened(qtbot, folder)


def _opened(qtbot: QtBot, folder: Path) -> StudyEditor:
    editor = StudyEditor(
        where=folder.parent, study=folder, choose_file=lambda *_: folder.parent / "shot.png"
    )
    qtbot.addWidget(editor, before_close_func=_let_go)
    editor.show()
    qtbot.waitExposed(editor)
    return editor


def _let_go(editor: QWidget) -> None:
    assert isinstance(editor, StudyEditor)
    editor._discard()


def _views(editor: StudyEditor, qtbot: QtBot) -> Iterator[None]:
    """Turn to each page, and to each tab of each step in both versions, one after the other."""
    for name in editor.pages:
        editor.show_page(name)
        qtbot.wait(1)  # rows that were just made come into sight
        yield
    for index in range(len(editor.desk.study.steps)):
        for number in (0, 1):
            for tab in range(4):
                editor.show_step(index)
                editor.step_page.versions.number = number
                editor.step_page.show_tab(tab)
                qtbot.wait(1)
                yield


def _fields(editor: StudyEditor) -> list[tuple[Place, Field]]:
    return [
        ((*form.at, *place), field)
        for form in editor.findChildren(Form)
        if form.isVisible()
        for place, field in form._fields
        if field.isVisible()
    ]


def _name(place: Place) -> Name:
    return tuple("*" if isinstance(key, int) else key for key in place)


def _leaves(value: Any, at: Name = ()) -> Iterator[Name]:
    if isinstance(value, dict) and value and at[-1:] not in (("pictures",), ("quotas",)):
        for key, inner in value.items():
            yield from _leaves(inner, (*at, key))
    elif isinstance(value, list) and value and at[-1:] != ("box",):
        for inner in value:
            yield from _leaves(inner, (*at, "*"))
    else:
        yield at


def test_every_field_of_a_study_file_has_one_in_the_editor(
    editor: StudyEditor, qtbot: QtBot
) -> None:
    bound = {_name(place) for _ in _views(editor, qtbot) for place, _ in _fields(editor)}
    lists = {"steps", "variants", "aois", "screens", "hotspots", "questions"}
    leaves = set(_leaves(_whole().model_dump(mode="json")))
    leaves = {leaf for leaf in leaves if leaf[-1] not in lists}  # empty ones
    held = {leaf for leaf in leaves if any(leaf[: len(one)] == one for one in bound)}
    assert leaves - held - BY_ITSELF - BY_HAND == set()
    assert (BY_ITSELF | BY_HAND) - leaves == set(), "nothing is excused that is not there"


def _type_into(qtbot: QtBot, field: Field) -> None:
    if isinstance(field, CheckField):
        qtbot.keyClick(field.box, Qt.Key.Key_Space)
    elif isinstance(field, OpenChoiceField):
        line = field.box.lineEdit()
        assert line is not None
        line.selectAll()
        qtbot.keyClicks(line, "other")
    elif isinstance(field, ChoiceField):
        is_last = field.box.currentIndex() == field.box.count() - 1
        qtbot.keyClick(field.box, Qt.Key.Key_Up if is_last else Qt.Key.Key_Down)
    elif isinstance(field, LongField):
        qtbot.keyClicks(field.area, "x")
    else:
        line = field.editor
        line.selectAll()  # type: ignore[attr-defined]
        is_one = line.text() == "1"  # type: ignore[attr-defined]
        qtbot.keyClicks(line, "2" if is_one else "1")


def test_a_change_of_every_field_is_undone(editor: StudyEditor, qtbot: QtBot) -> None:
    seen: set[Name] = set()
    for _ in _views(editor, qtbot):
        for number, (place, _) in enumerate(_fields(editor)):
            if _name(place) in seen:
                continue
            seen.add(_name(place))
            same, field = _fields(editor)[number]
            assert same == place
            before = editor.desk.study
            _type_into(qtbot, field)
            assert editor.desk.study != before, f"{place} cannot be changed"
            editor.undo_button.click()
            assert editor.desk.study == before, f"{place} is not undone"
            qtbot.wait(1)
    assert len(seen) > 50


def test_what_a_step_is_shown_on_is_chosen_and_its_rule_is_told(
    editor: StudyEditor, qtbot: QtBot
) -> None:
    editor.show_step(0)
    editor.step_page.show_tab(1)
    form = editor.step_page.stimulus.frame
    assert form.width_px.isVisible() and not form.rule.isVisible()
    form.kind.box.setCurrentIndex(0)
    assert editor.desk.study.steps[0].stimulus.frame.kind is FrameKind.DEVICE
    assert editor.desk.study.steps[0].stimulus.frame.width_px is None
    assert not form.width_px.isVisible()
    assert "desktop: whole screen" in form.rule.text() and "smartphone" in form.rule.text()
    form.kind.box.setCurrentIndex(2)
    form.kind.box.setCurrentIndex(4)
    frame = editor.desk.study.steps[0].stimulus.frame
    assert (frame.kind, frame.width_px, frame.height_px) == (FrameKind.OWN, 390, 844)
    assert (frame.user_agent, frame.touch) == ("Kiosk", True), "what was said of it is kept"
    form.width_px.line.selectAll()
    qtbot.keyClick(form.width_px.line, Qt.Key.Key_Delete)
    assert "200 to 4000" in form.width_px.remark
    editor.show_step(2)  # screens: a size, and nothing a page alone can find
    editor.step_page.show_tab(1)
    assert form.kind.isVisible() and not form.user_agent.isVisible()
    editor.show_step(1)
    assert not editor.step_page.stimulus.frame.isVisible(), "a film is shown whole"


def test_a_version_takes_the_areas_of_version_a_has_its_own_or_none(
    editor: StudyEditor, qtbot: QtBot
) -> None:
    editor.show_step(2)
    editor.step_page.show_tab(2)
    areas = editor.step_page.areas
    assert not areas.owner.isVisible(), "version A has nobody to take them from"
    editor.step_page.versions.number = 1
    editor.desk.changed.emit()
    assert areas.owner.isVisible() and areas.owner.read() is True
    place = ("steps", 2, "variants", 0, "aois")
    areas.owner.box.setCurrentIndex(0)
    assert editor.desk.study.steps[2].variants[0].aois is None
    assert "fit what this version shows" in areas.inherited.text()
    areas.owner.box.setCurrentIndex(1)
    assert editor.desk.study.steps[2].variants[0].aois == ()
    assert "measured by none" in areas.inherited.text()
    areas.owner.box.setCurrentIndex(0)
    qtbot.mouseClick(areas.add_button, Qt.MouseButton.LeftButton)
    (drawn,) = editor.desk.study.steps[2].variants[0].aois or ()
    assert drawn.name == "area" and areas.owner.read() is True
    editor.undo_button.click()
    assert editor.desk.study.steps[2].variants[0].aois is None
    smaller = editor.desk.study.steps[2].variants[0].stimulus
    screens = (smaller.screens[0].model_copy(update={"path": "tall.png"}), smaller.screens[1])
    Image.new("RGB", (60, 90)).save(editor.target / "tall.png")
    editor.desk.put((*place[:-1], "stimulus", "screens"), screens, "screens")
    assert "was drawn on 80 × 60 px: tall.png is 60 × 90 px" in editor.step_page.remarks.text()


def test_a_step_s_markers_are_given_with_the_first_free_key(
    editor: StudyEditor, qtbot: QtBot
) -> None:
    editor.show_step(3)
    editor.step_page.show_tab(0)
    form = editor.step_page.facts.markers
    qtbot.mouseClick(form.add_button, Qt.MouseButton.LeftButton)
    added = editor.desk.study.steps[3].markers[-1]
    assert added.key == "2", "1 is the study's, b the step's"
    qtbot.keyClicks(form.rows.rows[-1].form.label.line, "first touch")
    form.rows.rows[-1].form.key.line.selectAll()
    qtbot.keyClicks(form.rows.rows[-1].form.key.line, "1")
    assert "sets this and not “confusion”" in form.rows.rows[-1].form.key.remark
    assert not [place for place, _ in editor.desk.problems if "markers" in place]


COMMENTED = """\
# Ours, written by hand.
format = "1"
id = "shop"
title = "Shop"

# What they see first.
[[steps]]
id = "box"
title = "Unboxing"  # the parcel
[steps.stimulus]
kind = "camera_only"

# One segment alone.
[[segments]]
name = "device"
values = ["desktop", "mobile"]
"""


def test_expressions_and_pictures_on_the_map_are_written_where_a_person_can_read_them(
    qtbot: QtBot, tmp_path: Path
) -> None:
    Image.new("RGB", (80, 60)).save(tmp_path / "shot.png")
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "study.toml").write_text(COMMENTED, encoding="utf-8")
    editor = _opened(qtbot, folder)
    editor.show_page("Expressions")
    page = editor.pages["Expressions"][0].form
    assert isinstance(page, ExpressionsForm)
    qtbot.mouseClick(page.add_button, Qt.MouseButton.LeftButton)
    form = page.rows.rows[0].form
    assert isinstance(form, ExpressionForm)
    qtbot.keyClicks(form.name.line, "strained smile")
    qtbot.keyClicks(form.formula.line, "min(AU06, AU99)")
    assert '"AU99" is no action unit' in form.formula.remark
    form.formula.line.selectAll()
    qtbot.keyClicks(form.formula.line, "min(AU06, AU12)")
    form.threshold.line.selectAll()
    qtbot.keyClicks(form.threshold.line, "0.25")
    assert not editor.desk.problems
    editor.show_step(0)
    editor.step_page.show_tab(1)
    files = editor.step_page.stimulus.pictures.files
    assert list(files) == ["any", "desktop", "mobile"]
    qtbot.mouseClick(files["mobile"].choose_button, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(files["any"].choose_button, Qt.MouseButton.LeftButton)
    editor.undo_button.click()
    assert list(editor.desk.study.steps[0].stimulus.pictures) == ["mobile"]
    assert files["any"].line.text() == ""
    with qtbot.waitSignal(editor.saved, timeout=20_000):
        editor.save()
    text = (folder / "study.toml").read_text(encoding="utf-8")
    for line in COMMENTED.splitlines():
        assert line in text, "what was not changed stays, comments too"
    assert 'formula = "min(AU06, AU12)"' in text and "threshold = 0.25" in text
    study = load_study(folder).study
    assert study.expressions[0].name == "strained smile"
    assert study.steps[0].stimulus.pictures == {"mobile": "stimuli/box/shot.png"}
    assert (folder / "stimuli/box/shot.png").is_file()


def test_a_picture_of_a_device_that_is_gone_can_be_taken_away(
    editor: StudyEditor, qtbot: QtBot
) -> None:
    stimulus = editor.desk.study.steps[0].stimulus
    pictures = {"tablet": "missing.png", "any": "a.png"}
    changed = stimulus.model_copy(update={"pictures": pictures})
    editor.desk.put(("steps", 0, "stimulus"), changed, "pictures")
    editor.show_step(0)
    editor.step_page.show_tab(1)
    files = editor.step_page.stimulus.pictures.files
    assert list(files) == ["any", "desktop", "tablet"]
    qtbot.wait(1)
    assert "missing.png is not there" in files["tablet"].remark
    files["tablet"].line.selectAll()
    qtbot.keyClick(files["tablet"].line, Qt.Key.Key_Delete)
    assert editor.desk.study.steps[0].stimulus.pictures == {"any": "a.png"}
    assert list(editor.step_page.stimulus.pictures.files) == ["any", "desktop"]
