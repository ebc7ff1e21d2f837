"""Neutral face and calibration from the console: by mouse, by key, and on the only display."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from journeylab.inference.gaze_record import PointKind
from journeylab.study.folder import StudyFolder
from journeylab.ui.moderator.console import ConsolePage
from journeylab.ui.moderator.ports import GazeProgress, NeutralProgress, SetupChoice

LEFT = Qt.MouseButton.LeftButton
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def console(qtbot: QtBot, folder: StudyFolder, played, choice: SetupChoice) -> ConsolePage:
    page = ConsolePage(clock=played.clock)
    qtbot.addWidget(page)
    page.resize(1366, 768)
    page.show()
    page.activateWindow()
    page.show_session(folder, choice, played)
    qtbot.waitUntil(page.isActiveWindow)
    return page


def test_the_mouse_opens_it_asks_and_closes_it(qtbot: QtBot, console: ConsolePage) -> None:
    sheet = console.gaze_sheet
    assert not sheet.isVisible()
    qtbot.mouseClick(console.parts.calibrate, LEFT)
    assert sheet.isVisible() and console.rect().contains(sheet.geometry())
    with qtbot.waitSignal(sheet.card.asked):
        qtbot.mouseClick(sheet.card.calibrate_button, LEFT)
    with qtbot.waitSignal(sheet.card.neutral.asked):
        qtbot.mouseClick(sheet.card.neutral.button, LEFT)
    qtbot.mouseClick(sheet.close_button, LEFT)
    assert not sheet.isVisible()


def test_the_keys_open_it_and_begin(qtbot: QtBot, console: ConsolePage) -> None:
    sheet = console.gaze_sheet
    with qtbot.waitSignal(sheet.card.neutral.asked):
        qtbot.keyClick(console, Qt.Key.Key_F8, SHIFT)
    assert sheet.isVisible()
    qtbot.keyClick(console, Qt.Key.Key_Escape)
    assert not sheet.isVisible() and not console.is_asking_to_stop
    with qtbot.waitSignal(sheet.card.asked):
        qtbot.keyClick(console, Qt.Key.Key_F9, SHIFT)
    assert sheet.isVisible()
    assert {"Shift+F8", "Shift+F9"} <= set(console.key_sheet.texts)


def test_esc_breaks_off_what_runs_before_it_closes_anything(
    qtbot: QtBot, console: ConsolePage
) -> None:
    sheet = console.gaze_sheet
    sheet.toggle()
    for running in (
        lambda: sheet.card.show_progress(GazeProgress(PointKind.CALIBRATION, 3, 9)),
        lambda: sheet.card.show_neutral(NeutralProgress(2.0, 5.0, 60, 58)),
    ):
        running()
        with qtbot.waitSignal(sheet.card.broken_off):
            qtbot.keyClick(console, Qt.Key.Key_Escape)
        sheet.card.show_none()
    assert sheet.isVisible()
    qtbot.keyClick(console, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def test_where_the_console_is_hidden_nothing_is_laid_over_the_screen(
    qtbot: QtBot, console: ConsolePage
) -> None:
    console.hide()
    with qtbot.waitSignal(console.gaze_sheet.card.asked):
        console.gaze_sheet.ask_to_calibrate()
    assert not console.gaze_sheet.isVisible()
