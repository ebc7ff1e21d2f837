"""A line that is typed keeps its keys, and the time at which it was begun."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from journeylab.clock import NS_PER_S, VirtualClock
from journeylab.ui.moderator.line_field import LineField


@dataclass
class _Stage:
    holds_keys: bool = True
    is_typed_into: bool = False


class _ParticipantsWindow(QWidget):
    """Another window, in which the participant may type."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = _Stage()
        self.text = QLineEdit()
        QVBoxLayout(self).addWidget(self.text)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def field(qtbot: QtBot, clock: VirtualClock) -> Iterator[LineField]:
    window = QWidget()
    qtbot.addWidget(window)
    field = LineField("A line", name="Line", clock=clock)
    QVBoxLayout(window).addWidget(field)
    window.show()
    field.begin()
    qtbot.waitUntil(field.hasFocus)
    yield field
    window.close()


@pytest.fixture
def hers(qtbot: QtBot) -> _ParticipantsWindow:
    window = _ParticipantsWindow()
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def kept(field: LineField) -> list[tuple[str, int]]:
    kept: list[tuple[str, int]] = []
    field.submitted.connect(lambda text, at_ns: kept.append((text, at_ns)))
    return kept


def test_a_line_has_the_time_of_its_first_key(
    qtbot: QtBot, field: LineField, clock: VirtualClock, kept: list[tuple[str, int]]
) -> None:
    clock.advance_ns(3 * NS_PER_S)
    qtbot.keyClicks(field, "Wants")
    clock.advance_ns(9 * NS_PER_S)
    qtbot.keyClicks(field, " a price")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert kept == [("Wants a price", 3 * NS_PER_S)]


def test_what_was_typed_and_taken_away_again_is_no_beginning(
    qtbot: QtBot, field: LineField, clock: VirtualClock, kept: list[tuple[str, int]]
) -> None:
    qtbot.keyClicks(field, "x")
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    clock.advance_ns(5 * NS_PER_S)
    qtbot.keyClicks(field, "Late")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert kept == [("Late", 5 * NS_PER_S)]


def test_a_line_that_was_left_goes_on_and_one_that_is_handed_over_keeps_its_time(
    qtbot: QtBot, field: LineField, clock: VirtualClock
) -> None:
    other = LineField("Another", name="Other", clock=clock)
    qtbot.addWidget(other)
    other.show()
    kept: list[tuple[str, int]] = []
    other.submitted.connect(lambda text, at_ns: kept.append((text, at_ns)))
    clock.advance_ns(NS_PER_S)
    qtbot.keyClicks(field, "Half")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert not field.is_typing and field.text() == "Half"
    clock.advance_ns(NS_PER_S)
    field.hand_over(other)
    assert field.text() == ""
    other.begin()
    qtbot.waitUntil(other.hasFocus)
    qtbot.keyClicks(other, " and half")
    qtbot.keyClick(other, Qt.Key.Key_Return)
    assert kept == [("Half and half", NS_PER_S)]


def test_another_session_begins_without_it(
    qtbot: QtBot, field: LineField, clock: VirtualClock, kept: list[tuple[str, int]]
) -> None:
    qtbot.keyClicks(field, "Of the first")
    clock.advance_ns(7 * NS_PER_S)
    field.reset()
    qtbot.keyClicks(field, "Of the second")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert kept == [("Of the second", 7 * NS_PER_S)]


def test_a_click_in_the_middle_of_a_line_does_not_end_it(
    qtbot: QtBot, field: LineField, hers: _ParticipantsWindow, kept: list[tuple[str, int]]
) -> None:
    typing: list[bool] = []
    field.typing_changed.connect(typing.append)
    qtbot.keyClicks(field, "She look")
    hers.activateWindow()
    qtbot.waitUntil(lambda: not field.hasFocus())
    assert field.is_typing, "the rest of the sentence is no act of the session"
    qtbot.waitUntil(field.hasFocus)
    qtbot.keyClicks(field, "s puzzled")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert [text for text, _ in kept] == ["She looks puzzled"]
    assert typing == [False]


def test_where_the_participant_types_herself_the_line_waits_and_says_so(
    qtbot: QtBot, field: LineField, hers: _ParticipantsWindow
) -> None:
    given_up: list[bool] = []
    field.given_up.connect(lambda: given_up.append(True))
    qtbot.keyClicks(field, "She look")
    hers.stage.is_typed_into = True
    hers.activateWindow()
    hers.text.setFocus()
    qtbot.waitUntil(lambda: bool(given_up))
    qtbot.wait(200)
    assert hers.isActiveWindow() and not field.is_typing
    assert field.text() == "She look"


def test_a_field_that_is_no_more_seen_holds_on_to_nothing(
    qtbot: QtBot, field: LineField, hers: _ParticipantsWindow
) -> None:
    qtbot.keyClicks(field, "She look")
    field.window().hide()
    qtbot.waitUntil(lambda: not field.is_typing)
    qtbot.wait(200)
    assert not field.window().isVisible()
