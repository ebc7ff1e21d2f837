"""The console as a strip or hidden: the keys still act, nothing inferred is shown, it remembers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QStackedWidget, QWidget
from pytestqt.qtbot import QtBot

from journeylab.session.rows import alert_row
from journeylab.study.folder import StudyFolder
from journeylab.ui.moderator.console import ConsolePage
from journeylab.ui.moderator.console_modes import ConsoleMode, ConsoleModes
from journeylab.ui.moderator.ports import SetupChoice
from journeylab.ui.widgets.health import Level

_LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def modes(
    qtbot: QtBot, played, folder: StudyFolder, choice: SetupChoice, tmp_path: Path
) -> ConsoleModes:
    pages = QStackedWidget()
    qtbot.addWidget(pages)
    page = ConsolePage(clock=played.clock)
    pages.addWidget(page)
    pages.addWidget(QWidget())
    modes = ConsoleModes(pages, page, memory=tmp_path / "console.json")
    pages.currentChanged.connect(modes.follow_page)
    qtbot.addWidget(modes.strip)
    pages.resize(1366, 768)
    pages.show()
    pages.activateWindow()
    page.show_session(folder, choice, played)
    modes.begin_session()
    qtbot.waitUntil(pages.isActiveWindow)
    return modes


@pytest.fixture
def page(modes: ConsoleModes) -> ConsolePage:
    return modes._console


def _said(strip: QWidget) -> str:
    return " ".join(label.text() for label in strip.findChildren(QLabel))


def test_a_key_makes_the_console_a_strip_whose_keys_still_act(
    qtbot: QtBot, modes: ConsoleModes, page: ConsolePage
) -> None:
    asked: list[object] = []
    page.marker_requested.connect(lambda label, _ns: asked.append(label))
    page.next_requested.connect(lambda: asked.append("next"))
    page.acts.pause_requested.connect(lambda: asked.append("pause"))
    qtbot.keyClick(page, Qt.Key.Key_F10)
    assert modes.mode is ConsoleMode.STRIP
    assert modes.strip.isVisible()
    assert not page.isVisible()
    for key in (Qt.Key.Key_2, Qt.Key.Key_Right, Qt.Key.Key_P):
        qtbot.keyClick(modes.strip, key)
    assert asked == ["frustration", "next", "pause"]
    assert "Landing" in _said(modes.strip)
    assert "0:34 of 0:24" in _said(modes.strip)
    qtbot.keyClick(modes.strip, Qt.Key.Key_F10)
    assert modes.mode is ConsoleMode.WINDOW
    assert page.isVisible()
    assert not modes.strip.isVisible()


def test_the_strip_is_run_with_the_mouse(
    qtbot: QtBot, modes: ConsoleModes, page: ConsolePage
) -> None:
    asked: list[object] = []
    page.next_requested.connect(lambda: asked.append("next"))
    page.stop_requested.connect(lambda: asked.append("stop"))
    qtbot.mouseClick(page.parts.header.strip, _LEFT)
    strip = modes.strip
    qtbot.mouseClick(strip.next, _LEFT)
    qtbot.mouseClick(strip.stop, _LEFT)
    assert strip.keep_going.isVisible()
    qtbot.mouseClick(strip.keep_going, _LEFT)
    assert not page.is_asking_to_stop
    qtbot.mouseClick(strip.stop, _LEFT)
    qtbot.mouseClick(strip.stop, _LEFT)
    assert asked == ["next", "stop"]
    qtbot.mouseClick(strip.console, _LEFT)
    assert modes.mode is ConsoleMode.WINDOW


def test_the_strip_says_nothing_that_is_inferred(modes: ConsoleModes, played) -> None:
    modes.toggle_strip()
    assert modes.strip.light.level is Level.RECORDING
    played.live.take(alert_row(0, "frustrated", phase="start", reason="Lips", step_id="landing"))
    modes.refresh()
    assert modes.strip.light.level is Level.WARNING
    said = _said(modes.strip).lower()
    assert not any(word in said for word in ("frust", "confus", "delight", "lips"))


def test_hidden_the_keys_act_and_a_question_is_seen(
    qtbot: QtBot, modes: ConsoleModes, page: ConsolePage
) -> None:
    asked: list[object] = []
    page.marker_requested.connect(lambda label, _ns: asked.append(label))
    qtbot.keyClick(page, Qt.Key.Key_F11)
    assert modes.mode is ConsoleMode.HIDDEN
    assert not page.isVisible()
    assert modes.strip.size().width() == 1
    qtbot.keyClick(modes.strip, Qt.Key.Key_1)
    assert asked == ["confusion"]
    qtbot.keyClick(modes.strip, Qt.Key.Key_Escape)
    assert modes.mode is ConsoleMode.STRIP
    assert modes.strip.keep_going.isVisible()
    qtbot.keyClick(modes.strip, Qt.Key.Key_Escape)
    qtbot.keyClick(modes.strip, Qt.Key.Key_F11)
    qtbot.keyClick(modes.strip, Qt.Key.Key_F11)
    assert modes.mode is ConsoleMode.WINDOW


def test_a_note_needs_the_window(qtbot: QtBot, modes: ConsoleModes, page: ConsolePage) -> None:
    modes.toggle_strip()
    qtbot.keyClick(modes.strip, Qt.Key.Key_N)
    assert modes.mode is ConsoleMode.WINDOW
    qtbot.waitUntil(page.parts.markers.field.hasFocus)


def test_the_next_session_on_one_display_begins_as_the_last_was_left(
    qtbot: QtBot, modes: ConsoleModes, page: ConsolePage
) -> None:
    modes.toggle_strip()
    modes.strip.move(QPoint(120, 90))
    modes.strip.moved.emit(QPoint(120, 90))
    pages = page.parentWidget()
    assert isinstance(pages, QStackedWidget)
    pages.setCurrentIndex(1)  # the session is over
    assert modes.mode is ConsoleMode.WINDOW
    assert pages.isVisible()
    pages.setCurrentIndex(0)
    again = ConsoleModes(pages, page, memory=modes._memory)
    qtbot.addWidget(again.strip)
    again.begin_session()
    assert again.mode is ConsoleMode.STRIP
    assert again.strip.pos() == QPoint(120, 90)


@pytest.mark.parametrize("text", ["", "{", "[]", json.dumps({"mode": "flying"})])
def test_a_memory_that_cannot_be_read_means_a_whole_window(
    qtbot: QtBot, modes: ConsoleModes, page: ConsolePage, tmp_path: Path, text: str
) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text(text, encoding="utf-8")
    again = ConsoleModes(modes._window, page, memory=broken)
    qtbot.addWidget(again.strip)
    again.begin_session()
    assert again.mode is ConsoleMode.WINDOW


def test_a_pause_is_plain_on_the_strip(modes: ConsoleModes, played) -> None:
    modes.toggle_strip()
    played.set(is_paused=True, step_title=None)
    played.reading = replace(played.reading, step_index=None)
    modes.refresh()
    assert "paused" in _said(modes.strip)
    assert modes.strip.pause.text() == "Go on"
