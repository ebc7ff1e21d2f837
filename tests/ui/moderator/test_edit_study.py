"""The ways to the editor: from the list of studies, from the set-up page, and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from journeylab.study.folder import StudyFolder, load_study
from journeylab.ui.moderator.ports import DisplayOption
from journeylab.ui.moderator.recents import RecentStudies
from journeylab.ui.moderator.studies_page import edit_box
from journeylab.ui.moderator.study_editor.dialog import StudyEditor
from journeylab.ui.moderator.window import MainWindow

LEFT = Qt.MouseButton.LeftButton
CTRL = Qt.KeyboardModifier.ControlModifier
LONG_MS = 20_000


@pytest.fixture
def window(qtbot: QtBot, played, tmp_path: Path, folder: StudyFolder) -> MainWindow:
    recents = RecentStudies(tmp_path / "recents.json")
    recents.remember(folder.path)
    window = MainWindow(
        analysis=QWidget(),
        recents=recents,
        clock=played.clock,
        studies_folder=tmp_path / "studies",
    )
    qtbot.addWidget(window, before_close_func=_close_editors)
    window.set_devices((), microphones=(), displays=(DisplayOption(0, "Display"),))
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=LONG_MS)
    return window


def _close_editors(window: QWidget) -> None:
    for editor in window.findChildren(StudyEditor):
        editor._discard()


def opened(qtbot: QtBot, window: MainWindow, act: Callable[[], None]) -> StudyEditor:
    act()

    def is_there() -> bool:
        return any(one.isVisible() for one in window.findChildren(StudyEditor))

    qtbot.waitUntil(is_there, timeout=LONG_MS)
    (editor,) = [one for one in window.findChildren(StudyEditor) if one.isVisible()]
    editor.activateWindow()
    qtbot.waitUntil(editor.isActiveWindow, timeout=LONG_MS)
    return editor


def retitle(qtbot: QtBot, editor: StudyEditor) -> None:
    """Put "My " before the title, and save."""
    line = editor.pages["Goal"][0].form.title.line  # type: ignore[attr-defined]
    line.setFocus()
    line.home(False)
    qtbot.keyClicks(line, "My ")
    with qtbot.waitSignal(editor.saved, timeout=LONG_MS):
        qtbot.keyClick(line, Qt.Key.Key_Return, CTRL)


def test_the_key_of_a_listed_study_edits_it_and_the_list_tells(
    qtbot: QtBot, window: MainWindow, folder: StudyFolder
) -> None:
    studies = window.studies.list
    studies.setFocus()
    studies.setCurrentRow(0)
    editor = opened(qtbot, window, lambda: qtbot.keyClick(studies, Qt.Key.Key_E))
    assert editor.desk.study == folder.study
    retitle(qtbot, editor)
    assert load_study(folder.path).study.title == "My First purchase"
    assert window.page is window.studies
    qtbot.waitUntil(lambda: studies.item(0).data(Qt.ItemDataRole.UserRole).title[:2] == "My")


def test_a_click_on_its_words_edits_and_a_click_beside_them_opens(
    qtbot: QtBot, window: MainWindow
) -> None:
    studies = window.studies.list
    row = QRectF(studies.visualItemRect(studies.item(0))).adjusted(0.5, 0.5, -8.5, -8.5)
    at = edit_box(row).center().toPoint()
    editor = opened(qtbot, window, lambda: qtbot.mouseClick(studies.viewport(), LEFT, pos=at))
    assert window.page is window.studies
    editor.reject()
    qtbot.mouseClick(studies.viewport(), LEFT, pos=at - QPoint(300, 0))
    assert window.page is window.setup


def test_the_set_up_page_shows_the_study_as_it_was_saved(
    qtbot: QtBot, window: MainWindow, folder: StudyFolder
) -> None:
    assert window.open_study(folder.path)
    qtbot.keyClicks(window.setup.participant.participant_id, "e")
    assert not window.findChildren(StudyEditor), "a letter typed into a field is a letter"
    field = window.setup.participant.participant_id
    editor = opened(qtbot, window, lambda: qtbot.keyClick(field, Qt.Key.Key_F4))
    with qtbot.waitSignal(window.study_opened, timeout=LONG_MS):
        retitle(qtbot, editor)
    assert window.folder is not None
    assert window.folder.study.title == "My First purchase"


def test_a_new_study_is_opened_when_it_is_made(qtbot: QtBot, window: MainWindow) -> None:
    window.studies.list.setFocus()
    editor = opened(qtbot, window, lambda: qtbot.keyClick(window.studies.list, Qt.Key.Key_N))
    qtbot.mouseClick(editor.start.buttons[1], LEFT)
    with qtbot.waitSignals([window.study_created, window.study_opened], timeout=LONG_MS):
        qtbot.mouseClick(editor.save_button, LEFT)
    assert window.page is window.setup
    assert window.folder is not None
    assert window.folder.study.id == "first-purchase"


def test_a_study_that_cannot_be_read_is_told_and_not_edited(
    qtbot: QtBot, window: MainWindow, folder: StudyFolder
) -> None:
    (folder.path / "study.toml").write_text("[[[")
    window.edit_study(folder.path)
    assert "not valid TOML" in window.studies.banner.text
    assert not any(one.isVisible() for one in window.findChildren(StudyEditor))


def test_the_editor_is_as_large_as_its_window_allows(
    qtbot: QtBot, window: MainWindow, folder: StudyFolder
) -> None:
    for width, height in ((1366, 768), (1920, 1080)):
        window.resize(width, height)
        editor = opened(qtbot, window, lambda: window.edit_study(folder.path))
        assert editor.width() <= width and editor.height() <= height
        assert editor.height() >= min(height - 60, 900)
        editor.reject()
        qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None, timeout=LONG_MS)
