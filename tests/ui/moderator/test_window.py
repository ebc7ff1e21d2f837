"""The window: from the list of studies to a finished session, and what it leaves behind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QBuffer, QIODevice, Qt, QTimer
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from journeylab.analysis.journey import SessionSummary
from journeylab.streams import Picture, row
from journeylab.study.folder import StudyFolder
from journeylab.ui.moderator.ports import DeviceOption, DisplayOption, SetupChoice
from journeylab.ui.moderator.recents import RecentStudies
from journeylab.ui.moderator.window import MainWindow


@pytest.fixture
def window(qtbot: QtBot, played, tmp_path: Path) -> MainWindow:
    window = MainWindow(
        analysis=QWidget(),
        recents=RecentStudies(tmp_path / "recents.json"),
        clock=played.clock,
        studies_folder=tmp_path,
    )
    qtbot.addWidget(window, before_close_func=_let_it_close)
    window.set_devices(
        (DeviceOption("0", "Camera"),), microphones=(), displays=(DisplayOption(0, "Display"),)
    )
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def _let_it_close(window: MainWindow) -> None:
    if window.page is window.console:
        window.show_finalising()


def _summary(path: Path) -> SessionSummary:
    return SessionSummary(
        path=path,
        session_id="s",
        participant_id="P07",
        created_utc="2026-11-22T10:00:00Z",
        segments={},
        simulated=False,
        duration_s=254.0,
        face_share=0.991,
        mean_quality=0.93,
        lost=0,
        grade="A",
        reason="Face found in 99 % of frames, nothing lost.",
        steps_reached=("ad", "landing", "cart"),
    )


def test_a_session_goes_through_all_pages(
    qtbot: QtBot, window: MainWindow, folder: StudyFolder, played, choice: SetupChoice
) -> None:
    heard: list[object] = []
    window.study_opened.connect(lambda path: heard.append(("opened", path)))
    window.preview_requested.connect(lambda _choice: heard.append("preview"))
    window.stop_requested.connect(lambda: heard.append("stop"))
    window.analysis_requested.connect(lambda path: heard.append(("analysis", path)))
    assert window.open_study(folder.path)
    assert heard == [("opened", folder.path), "preview"]
    assert window.page is window.setup
    window.set_session(played)
    played.see_face(0.1, valence=0.0)
    window.show_console(choice)
    assert window.page is window.console
    assert not window.navigation.isVisible()
    qtbot.keyClick(window.console, Qt.Key.Key_Escape)
    qtbot.keyClick(window.console, Qt.Key.Key_Return)
    assert heard[-1] == "stop"
    window.show_finalising()
    window.show_progress(0.42)
    assert window.finish.progress.value() == 420
    bundle = folder.sessions_path / "P07.h5"
    window.show_summary(_summary(bundle))
    assert window.finish.figures["Face found"].text == "99 % of frames"
    qtbot.mouseClick(window.finish.open_button, Qt.MouseButton.LeftButton)
    assert heard[-1] == ("analysis", bundle)
    assert window.page is window.analysis


def test_a_broken_study_is_a_sentence_on_the_page_of_studies(
    window: MainWindow, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "study.toml").write_text('format = "1"\ntitle = 3\n')
    assert not window.open_study(broken)
    assert window.page is window.studies
    assert "title" in window.studies.banner.text
    assert str(broken) in window.studies.banner.text


def test_a_study_opened_is_listed_first_next_time(
    window: MainWindow, folder: StudyFolder, tmp_path: Path
) -> None:
    window.open_study(folder.path)
    listings = RecentStudies(tmp_path / "recents.json").listings()
    assert [(one.title, one.n_steps) for one in listings] == [("First purchase", 3)]


def test_the_list_opens_with_enter_and_with_a_click(
    qtbot: QtBot, window: MainWindow, folder: StudyFolder
) -> None:
    window.open_study(folder.path)
    qtbot.mouseClick(window.setup.back_button, Qt.MouseButton.LeftButton)
    assert window.page is window.studies
    window.studies.list.setFocus()
    window.studies.list.setCurrentRow(0)
    qtbot.keyClick(window.studies.list, Qt.Key.Key_Return)
    assert window.page is window.setup
    qtbot.mouseClick(window.setup.back_button, Qt.MouseButton.LeftButton)
    place = window.studies.list.visualItemRect(window.studies.list.item(0)).center()
    viewport = window.studies.list.viewport()
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=place)
    assert window.page is window.setup


def test_closing_while_recording_asks_first(
    window: MainWindow, folder: StudyFolder, played, choice: SetupChoice
) -> None:
    window.open_study(folder.path)
    window.set_session(played)
    window.show_console(choice)
    window.close()
    assert window.isVisible()
    assert window.console.is_asking_to_stop


def test_one_timer_beats_only_where_something_moves(
    qtbot: QtBot, window: MainWindow, folder: StudyFolder, played, choice: SetupChoice
) -> None:
    def repeating() -> list[QTimer]:
        timers = window.findChildren(QTimer)
        return [one for one in timers if one.isActive() and not one.isSingleShot()]

    assert repeating() == []
    window.open_study(folder.path)
    window.set_session(played)
    assert len(repeating()) == 1
    window.show_console(choice)
    for t_s in (0.1, 0.2):
        played.see_face(t_s, valence=5.0)
    qtbot.waitUntil(lambda: len(window.heartbeat.durations_s) > 3)
    assert len(repeating()) == 1
    assert len(window.console.screen_latencies_ms) > 0
    window.show_finalising()
    assert repeating() == []
    window.show_analysis()
    assert repeating() == []


def test_the_participants_screen_and_page_reach_the_console(
    window: MainWindow, folder: StudyFolder, played, choice: SetupChoice
) -> None:
    window.open_study(folder.path)
    window.set_session(played)
    window.show_console(choice)
    image = QImage(64, 36, QImage.Format.Format_RGB32)
    image.fill(QColor(1, 2, 3))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    data = bytes(buffer.data().data())
    window.show_participant_sample(Picture(0, "ad", 64, 36, "image/png", data))
    assert window.console.parts.screen_copy.has_picture
    values = {"page_x_px": np.nan, "page_y_px": np.nan, "scroll_x_px": 0.0, "scroll_y_px": 0.0}
    event = row("page", 0, kind="click", url="http://h/a.html", selector="", detail="", **values)
    window.show_participant_sample(event)
    window.console.refresh_text()
    assert window.console.parts.page.text.startswith("1 click")


def test_the_next_participant_gets_a_new_form(
    qtbot: QtBot, window: MainWindow, folder: StudyFolder
) -> None:
    window.open_study(folder.path)
    folder.sessions_path.mkdir()
    (folder.sessions_path / "P-07-20261122-101500.h5").touch()
    window.show_finalising()
    window.show_failure("The disk is full.", journal=folder.sessions_path / "P07.journal")
    assert "P07.journal" in window.finish.findChild(QWidget, "where").text()
    with qtbot.waitSignals([window.next_participant_requested, window.preview_requested]):
        qtbot.mouseClick(window.finish.next_button, Qt.MouseButton.LeftButton)
    window.setup.participant.participant_id.setText("P-07")
    assert window.setup.participant.hint.startswith("P-07 has 1 session already.")


def test_analysis_waits_for_a_study(window: MainWindow, folder: StudyFolder) -> None:
    assert not window.navigation.analysis.isEnabled()
    window.open_study(folder.path)
    assert window.navigation.analysis.isEnabled()
    window.navigation.analysis.click()
    assert window.page is window.analysis
    window.navigation.sessions.click()
    assert window.page is window.setup
