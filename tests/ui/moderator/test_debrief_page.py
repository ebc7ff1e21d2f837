"""The debrief page: notes are kept one by one, and nothing typed is lost when it is left."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from journeylab.ui.moderator.debrief_page import DebriefLine, DebriefPage, DebriefView
from journeylab.ui.widgets.card import Label

VIEW = DebriefView(
    "P07",
    (
        DebriefLine("Landing", 41.0, 24.0, "success", ("confusion", "confusion", "delight")),
        DebriefLine("Cart", 20.0, 20.0),
        DebriefLine("Unboxing", 0.0, 60.0),
    ),
    "The costs come too late.",
)


@pytest.fixture
def page(qtbot: QtBot) -> DebriefPage:
    page = DebriefPage()
    qtbot.addWidget(page)
    page.resize(1180, 700)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    page.show_session(VIEW)
    return page


def _said(page: DebriefPage) -> list[str]:
    return [label.text() for label in page.findChildren(Label) if label.isVisible()]


def test_it_names_what_to_talk_about(page: DebriefPage) -> None:
    said = _said(page)
    assert "Debrief with P07" in said
    assert "Hypothesis: The costs come too late." in said
    assert "task: success, confusion ×2, delight" in said
    assert "0:41 of 0:24, over plan" in said and "0:20 of 0:20" in said
    assert "not reached" in said


def test_each_note_is_kept_with_enter_and_an_empty_one_is_none(
    page: DebriefPage, qtbot: QtBot
) -> None:
    kept: list[str] = []
    page.note_requested.connect(kept.append)
    assert page.field.hasFocus(), "she can type at once"
    for text in ("First note", "   ", "Second note"):
        qtbot.keyClicks(page.field, text)
        qtbot.keyClick(page.field, Qt.Key.Key_Return)
    assert kept == ["First note", "Second note"]
    assert page.notes_text == "First note\n\nSecond note"


def test_saving_keeps_what_still_stands_in_the_field(page: DebriefPage, qtbot: QtBot) -> None:
    heard: list[str] = []
    page.note_requested.connect(heard.append)
    page.save_requested.connect(lambda: heard.append("save"))
    qtbot.keyClicks(page.field, "Half a")
    qtbot.keyClick(page.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert heard == ["Half a", "save"]
    qtbot.mouseClick(page.save, Qt.MouseButton.LeftButton)
    assert heard == ["Half a", "save", "save"]


def test_the_way_back_is_one_key_or_one_click(page: DebriefPage, qtbot: QtBot) -> None:
    heard: list[str] = []
    page.back_requested.connect(lambda: heard.append("back"))
    page.note_requested.connect(heard.append)
    qtbot.keyClicks(page.field, "Half a")
    qtbot.keyClick(page.field, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    qtbot.mouseClick(page.back, Qt.MouseButton.LeftButton)
    assert heard == ["Half a", "back", "back"]


def test_another_session_begins_without_the_notes_of_the_last(
    page: DebriefPage, qtbot: QtBot
) -> None:
    qtbot.keyClicks(page.field, "Of the first")
    qtbot.keyClick(page.field, Qt.Key.Key_Return)
    qtbot.keyClicks(page.field, "unfinished")
    page.show_session(DebriefView("P08", VIEW.lines[:1]))
    assert "Of the first" not in page.notes_text and page.field.text() == ""
    said = _said(page)
    assert "Debrief with P08" in said and "Cart" not in said
    assert not any(text.startswith("Hypothesis") for text in said)


def test_its_keys_are_silent_while_another_page_is_shown(page: DebriefPage, qtbot: QtBot) -> None:
    heard: list[str] = []
    page.save_requested.connect(lambda: heard.append("save"))
    page.hide()
    other = Label("elsewhere")
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(other.isActiveWindow)
    qtbot.keyClick(other, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert heard == []
