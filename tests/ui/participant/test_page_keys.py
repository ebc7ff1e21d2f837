"""Whose a key is on a page in the real engine: what the participant presses leads nothing on."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QShortcut
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from journeylab.ui.participant.page_stage import PageStage
from participant.conftest import Open, Participant, Write

_ONE_PAGE = """
markers = [{ key = "2", label = "confusion" }, { key = "k", label = "quote" }]
[[steps]]
id = "one"
title = "One"
[steps.stimulus]
kind = "page"
path = "stimuli/one.html"
"""
_PAGE = """<!doctype html><title>one</title>
<style>body > * { display: block; margin: 8px; width: 300px; height: 32px }</style>
<input id=text><textarea id=area></textarea><select id=list><option>a<option>s</select>
<input id=radio type=radio name=r><input id=box type=checkbox><button id=button>Go</button>
<a id=link href="#here">here</a><div id=editor contenteditable>x</div><input id=date type=date>
<div id=own tabindex=0 role=listbox>own</div>
<iframe id=frame srcdoc="<input id=inner style='width:200px'>"></iframe>
<script>var keys = []; addEventListener("keydown", (e) => keys.push(e.key), true)</script>
"""
_ALT, _SHIFT = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier
_NONE = Qt.KeyboardModifier.NoModifier
_CTRL = Qt.KeyboardModifier.ControlModifier
# As the console has them: acts by letter, arrow, Enter and Esc, a function key, and the markers.
_ACTS = ("S", "Right", "Return", "Esc", "Ctrl+R", "Alt+S", "Alt+Right", "Alt+Shift+S", "F2", "F12")
_MARKERS = ("2", "K", "Alt+2", "Alt+K")


@pytest.fixture
def taken() -> list[str]:
    """What was done by the moderator's keys."""
    return []


@pytest.fixture
def hers(qtbot: QtBot, open_window: Open, write_study: Write, taken: list[str]) -> Participant:
    """A page in a window that has the keyboard, and the session's keys."""
    hers = open_window(write_study(_ONE_PAGE, {"stimuli/one.html": _PAGE}))
    window = hers.window
    for key in (*_ACTS, *_MARKERS):
        shortcut = QShortcut(key, window)
        shortcut.setContext(Qt.ShortcutContext.ApplicationShortcut)
        shortcut.activated.connect(lambda key=key: taken.append(key))
    hers.show("one")
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return hers


def _press(hers: Participant, key: Qt.Key, held: Qt.KeyboardModifier = _NONE) -> None:
    QTest.keyClick(hers.window.windowHandle(), key, held)


def _press_all(hers: Participant) -> None:
    for key in (Qt.Key.Key_S, Qt.Key.Key_Right, Qt.Key.Key_Escape, Qt.Key.Key_2, Qt.Key.Key_K):
        _press(hers, key)
    _press(hers, Qt.Key.Key_R, _CTRL)


def _focus(hers: Participant, selector: str) -> None:
    hers.run(f"document.querySelector({selector!r}).focus() || 1")
    hers.wait(lambda: bool(hers.page.keys._focused))


@pytest.mark.parametrize(
    "selector",
    ["#text", "#area", "#list", "#radio", "#box", "#button", "#link", "#editor", "#date", "#own"],
)
def test_what_has_the_focus_on_the_page_has_the_keys(
    hers: Participant, taken: list[str], selector: str
) -> None:
    _focus(hers, selector)
    _press_all(hers)
    hers.wait(lambda: "k" in hers.run("keys"))
    assert taken == []
    assert {"s", "ArrowRight", "2", "k"} <= set(hers.run("keys"))


def test_a_frame_that_has_the_focus_has_the_keys(hers: Participant, taken: list[str]) -> None:
    hers.run("document.querySelector('#frame').focus() || 1")
    hers.wait(lambda: bool(hers.page.keys._focused))
    _press_all(hers)
    assert taken == []


@pytest.mark.parametrize("selector", ["#text", "#list", "#button", "#link", None])
def test_function_keys_and_alt_are_the_moderators_in_every_case(
    hers: Participant, taken: list[str], selector: str | None
) -> None:
    if selector is None:
        _click_beside(hers)
    else:
        _focus(hers, selector)
    _press(hers, Qt.Key.Key_S, _ALT)
    _press(hers, Qt.Key.Key_Right, _ALT)
    _press(hers, Qt.Key.Key_S, _ALT | _SHIFT)
    _press(hers, Qt.Key.Key_F2)
    _press(hers, Qt.Key.Key_F12)
    _press(hers, Qt.Key.Key_2, _ALT)
    assert taken == ["Alt+S", "Alt+Right", "Alt+Shift+S", "F2", "F12", "Alt+2"]
    hers.run("1")
    assert not {"s", "S", "F2", "F12", "2"} & set(hers.run("keys")), "none reaches the page"


def _click_beside(hers: Participant) -> None:
    target = hers.page.view.focusProxy()
    assert target is not None
    QTest.mouseClick(target, Qt.MouseButton.LeftButton, pos=QPoint(900, 600))
    hers.wait_for("page", kind="click")
    hers.wait(lambda: not hers.page.keys._focused)


def test_where_nothing_has_the_focus_the_markers_are_the_moderators_and_nothing_else(
    hers: Participant, taken: list[str]
) -> None:
    _click_beside(hers)
    assert hers.page.holds_keys and not hers.page.is_typed_into
    _press_all(hers)
    _press(hers, Qt.Key.Key_Return)
    assert taken == ["2", "K"]
    hers.wait(lambda: "Enter" in hers.run("keys"))
    assert {"s", "ArrowRight", "Enter"} <= set(hers.run("keys"))
    assert not {"2", "k"} & set(hers.run("keys"))


@pytest.mark.parametrize(
    ("selector", "is_typed"),
    [("#text", True), ("#list", True), ("#date", True), ("#own", True), ("#button", False),
     ("#link", False), ("#box", False)],
)  # fmt: skip
def test_whether_she_types_is_known(hers: Participant, selector: str, is_typed: bool) -> None:
    _focus(hers, selector)
    assert hers.page.is_typed_into == is_typed


def test_what_leaves_the_page_takes_the_focus_with_it(hers: Participant, taken: list[str]) -> None:
    _focus(hers, "#button")
    hers.run("document.querySelector('#button').remove() || 1")
    _press(hers, Qt.Key.Key_S)
    hers.wait(lambda: not hers.page.keys._focused)
    _press(hers, Qt.Key.Key_2)
    assert taken == ["2"]


def test_another_page_begins_without_the_focus_of_the_last(
    open_window: Open, write_study: Write, qtbot: QtBot
) -> None:
    two = _ONE_PAGE + _ONE_PAGE.split("\n", 2)[2].replace("one", "two").replace("One", "Two")
    other = "<!doctype html><title>two</title><p>Nothing to type into."
    files = {"stimuli/one.html": _PAGE, "stimuli/two.html": other}
    hers = open_window(write_study(two, files))
    hers.show("one")
    hers.window.activateWindow()
    qtbot.waitUntil(hers.window.isActiveWindow)
    _focus(hers, "#text")
    hers.show("two")
    stage = hers.window.stage
    assert isinstance(stage, PageStage)
    hers.wait(lambda: not stage.keys._focused)
