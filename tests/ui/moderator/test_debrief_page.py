"""The debrief page: notes are kept one by one, and nothing typed is lost when it is left."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from journeylab.clock import NS_PER_S, VirtualClock
from journeylab.ui.moderator.debrief_page import DebriefLine, DebriefPage, DebriefView
from journeylab.ui.widgets.card import Label
from journeylab.vocabulary import TaskOutcome

VIEW = DebriefView(
    "P07",
    (
        DebriefLine(
            "Landing",
            41.0,
            24.0,
            TaskOutcome.SUCCESS,
            ("confusion", "confusion", "delight"),
            step_id="landing",
        ),
        DebriefLine("Cart", 20.0, 20.0, step_id="cart"),
        DebriefLine("Unboxing", 0.0, 60.0, step_id="unboxing"),
    ),
    "The costs come too late.",
)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def page(qtbot: QtBot, clock: VirtualClock) -> DebriefPage:
    page = DebriefPage(clock=clock)
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
    assert "confusion ×2, delight" in said
    assert "0:41 of 0:24\nover plan" in said and "0:20 of 0:20" in said
    assert "not reached" in said


def test_how_each_task_ended_is_shown_and_can_be_said_or_taken_back(
    page: DebriefPage, qtbot: QtBot
) -> None:
    landing, cart, unboxing = page.rows
    assert [row.outcome.currentText() for row in (landing, cart)] == ["Success", "Not said"]
    assert not unboxing.outcome.isVisible(), "what was not reached has no outcome"
    chosen: list[tuple[str, object]] = []
    page.outcome_chosen.connect(lambda step_id, outcome: chosen.append((step_id, outcome)))
    cart.outcome.setFocus()
    qtbot.keyClicks(cart.outcome, "Fa")
    landing.outcome.setFocus()
    qtbot.keyClick(landing.outcome, Qt.Key.Key_Home)
    assert chosen == [("cart", TaskOutcome.FAILED), ("landing", None)]


def test_lines_shown_anew_leave_notes_and_say_nothing_themselves(
    page: DebriefPage, qtbot: QtBot
) -> None:
    qtbot.keyClicks(page.field, "Kept")
    qtbot.keyClick(page.field, Qt.Key.Key_Return)
    chosen: list[object] = []
    page.outcome_chosen.connect(lambda _step_id, outcome: chosen.append(outcome))
    cart = replace(VIEW.lines[1], outcome=TaskOutcome.PARTIAL)
    page.show_lines((VIEW.lines[0], cart, VIEW.lines[2]))
    assert page.rows[1].outcome.currentText() == "Partial"
    assert page.notes_text == "Kept" and chosen == []


def test_each_note_is_kept_with_enter_and_an_empty_one_is_none(
    page: DebriefPage, qtbot: QtBot
) -> None:
    kept: list[str] = []
    page.note_requested.connect(lambda text, _ns: kept.append(text))
    assert page.field.hasFocus(), "she can type at once"
    for text in ("First note", "   ", "Second note"):
        qtbot.keyClicks(page.field, text)
        qtbot.keyClick(page.field, Qt.Key.Key_Return)
    assert kept == ["First note", "Second note"]
    assert page.notes_text == "First note\n\nSecond note"


def test_saving_keeps_what_still_stands_in_the_field(page: DebriefPage, qtbot: QtBot) -> None:
    heard: list[str] = []
    page.note_requested.connect(lambda text, _ns: heard.append(text))
    page.save_requested.connect(lambda: heard.append("save"))
    qtbot.keyClicks(page.field, "Half a")
    qtbot.keyClick(page.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert heard == ["Half a", "save"]
    qtbot.mouseClick(page.save, Qt.MouseButton.LeftButton)
    assert heard == ["Half a", "save", "save"]


def test_the_way_back_is_one_key_or_one_click(page: DebriefPage, qtbot: QtBot) -> None:
    heard: list[str] = []
    page.back_requested.connect(lambda: heard.append("back"))
    page.note_requested.connect(lambda text, _ns: heard.append(text))
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


def test_an_unplanned_step_is_talked_about_too(page: DebriefPage, qtbot: QtBot) -> None:
    extra = DebriefLine("Phone rings", 12.0, None, marks=("quote",), step_id="unplanned-1")
    page.show_lines((*VIEW.lines, extra))
    qtbot.waitUntil(page.rows[-1].isVisible)
    said = _said(page)
    assert "Phone rings" in said and "0:12\nunplanned" in said and "quote" in said
    assert page.rows[-1].outcome.isVisible()


def test_a_note_has_the_time_at_which_it_was_begun(
    page: DebriefPage, clock: VirtualClock, qtbot: QtBot
) -> None:
    kept: list[object] = []
    page.note_requested.connect(lambda text, at_ns: kept.append((text, at_ns)))
    clock.advance_ns(2 * NS_PER_S)
    qtbot.keyClicks(page.field, "Too")
    clock.advance_ns(30 * NS_PER_S)
    qtbot.keyClicks(page.field, " late")
    qtbot.keyClick(page.field, Qt.Key.Key_Return)
    assert kept == [("Too late", 2 * NS_PER_S)]
