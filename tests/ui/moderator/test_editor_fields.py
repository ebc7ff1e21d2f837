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
        pictures={"any": "a.png"},
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
