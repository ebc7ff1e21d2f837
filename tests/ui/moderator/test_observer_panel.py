"""The moderator sees who watches, and lets observers in and out with one key."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from journeylab.study.folder import StudyFolder
from journeylab.ui.moderator.console import ConsolePage
from journeylab.ui.moderator.observer_panel import ObserverView
from journeylab.ui.moderator.ports import SetupChoice

_ON = ObserverView(
    ("192.168.178.20", "127.0.0.1"), url="http://192.168.178.20:8642/", code="48291307"
)


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
    page.observers.start_requested.connect(lambda address: asked.append(("start", address)))
    page.observers.end_requested.connect(lambda: asked.append("end"))
    page.observers.code_requested.connect(lambda: asked.append("code"))
    page.stop_requested.connect(lambda: asked.append("stop"))
    return asked


def test_nobody_is_let_in_before_the_panel_is_open_and_it_is_asked(
    page: ConsolePage, asked: list[object], qtbot: QtBot
) -> None:
    page.observers.show_view(ObserverView(("192.168.178.20", "127.0.0.1")))
    qtbot.keyClick(page, Qt.Key.Key_F7)
    assert asked == []
    qtbot.keyClick(page, Qt.Key.Key_F6)
    assert page.observers.isVisible()
    qtbot.keyClick(page, Qt.Key.Key_F7)
    assert asked == [("start", "192.168.178.20")]


def test_one_key_ends_it_with_the_panel_closed(
    page: ConsolePage, asked: list[object], qtbot: QtBot
) -> None:
    page.observers.show_view(_ON)
    qtbot.keyClick(page, Qt.Key.Key_F7)
    assert asked == ["end"]


def test_the_other_address_may_be_chosen_and_stays_chosen(
    page: ConsolePage, asked: list[object], qtbot: QtBot
) -> None:
    off = ObserverView(("192.168.178.20", "127.0.0.1"))
    page.observers.show_view(off)
    page.observers.toggle()
    page.observers.addresses.setCurrentIndex(1)
    page.observers.show_view(replace(off, problem="Observers cannot be let in."))
    assert page.observers.banner.isVisible()
    qtbot.mouseClick(page.observers.turn, Qt.MouseButton.LeftButton)
    assert asked == [("start", "127.0.0.1")]


def test_address_code_and_names_are_shown(page: ConsolePage) -> None:
    page.observers.show_view(replace(_ON, watching=("Anna", "Ben")))
    page.observers.toggle()
    panel = page.observers
    assert (panel.url.text(), panel.code.text()) == ("http://192.168.178.20:8642/", "4829 1307")
    assert panel.watching.text() == "Anna, Ben"
    assert not panel.turn.isVisible() and panel.end.isVisible()
    assert page.rect().contains(panel.geometry())


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (ObserverView(("127.0.0.1",)), ""),
        (_ON, "Nobody watches yet"),
        (replace(_ON, watching=("Anna",)), "Anna watches"),
        (replace(_ON, watching=("Anna", "Ben")), "Anna and Ben watch"),
        (replace(_ON, watching=("Anna", "Ben", "Cem", "Dora")), "4 watch: Anna, Ben, Cem, Dora"),
    ],
)
def test_the_bar_says_who_watches_whether_the_panel_is_open_or_not(
    page: ConsolePage, view: ObserverView, words: str
) -> None:
    page.observers.show_view(view)
    assert page.parts.health.watching_text == words
    count = f": {len(view.watching)}" if view.is_on else ""
    assert page.parts.health.observers.text() == f"Observers{count}"


def test_esc_closes_the_panel_before_it_asks_to_stop(
    page: ConsolePage, asked: list[object], qtbot: QtBot
) -> None:
    page.observers.toggle()
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert not page.observers.isVisible()
    assert not page.is_asking_to_stop


def test_its_keys_are_on_the_sheet(page: ConsolePage) -> None:
    assert {"F6", "F7"} <= set(page.key_sheet.texts)


def test_long_names_do_not_make_the_console_wider(page: ConsolePage) -> None:
    page.observers.show_view(replace(_ON, watching=("Anna",) * 8))
    before_px = page.minimumSizeHint().width()
    names = tuple(f"Bartholomew the {number}th of Longname" for number in range(8))
    page.observers.show_view(replace(_ON, watching=names))
    assert page.minimumSizeHint().width() == before_px
