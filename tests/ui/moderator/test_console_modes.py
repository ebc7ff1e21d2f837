"""The console as a strip or hidden: the keys still act, nothing inferred is shown, it remembers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QLabel, QStackedWidget, QWidget
from pytestqt.qtbot import QtBot

from journeylab.session.rows import alert_row
from journeylab.study.folder import StudyFolder
from journeylab.study.model import MarkerKey
from journeylab.ui.moderator.console import ConsolePage
from journeylab.ui.moderator.console_modes import ConsoleMode, ConsoleModes
from journeylab.ui.moderator.line_field import Line
from journeylab.ui.moderator.observer_panel import ObserverView
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
    assert modes.strip.light.level is Level.RECORDING, "she would see when she is judged"
    said = _said(modes.strip).lower()
    assert not any(word in said for word in ("frust", "confus", "delight", "lips"))


def test_the_light_says_how_the_recording_fares(modes: ConsoleModes, played) -> None:
    modes.toggle_strip()
    played.set(alert="The camera has given no frame for 3 s.")
    modes.refresh()
    assert modes.strip.light.level is Level.WARNING
    assert "no frame" in modes.strip.light.toolTip()
    played.set(alert=None, is_paused=True)
    modes.refresh()
    assert modes.strip.light.level is Level.OFF


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
    assert modes.strip.keep_going.isVisible()
    assert not page.isVisible()
    qtbot.keyClick(modes.strip, Qt.Key.Key_Escape)
    assert modes.mode is ConsoleMode.HIDDEN
    assert modes.strip.size().width() == 1
    qtbot.keyClick(modes.strip, Qt.Key.Key_F11)
    assert modes.mode is ConsoleMode.WINDOW


def test_from_the_strip_it_is_hidden_and_shown_as_the_strip_again(
    qtbot: QtBot, modes: ConsoleModes
) -> None:
    modes.toggle_strip()
    qtbot.keyClick(modes.strip, Qt.Key.Key_F11)
    assert modes.mode is ConsoleMode.HIDDEN
    qtbot.keyClick(modes.strip, Qt.Key.Key_F11)
    assert modes.mode is ConsoleMode.STRIP


_ASIDE = pytest.mark.parametrize("begin", ["toggle_strip", "toggle_hidden"])


@_ASIDE
def test_a_note_is_written_in_the_strip(
    qtbot: QtBot, modes: ConsoleModes, page: ConsolePage, begin: str
) -> None:
    asked: list[object] = []
    page.note_requested.connect(lambda text, at_ns: asked.append((text, at_ns)))
    page.marker_requested.connect(lambda label, _ns: asked.append(label))
    getattr(modes, begin)()
    before = modes.mode, modes.strip.size()
    qtbot.keyClick(modes.strip, Qt.Key.Key_N)
    field = modes.strip.line.fields[Line.NOTE]
    qtbot.waitUntil(field.hasFocus)
    assert modes.mode is before[0] and not page.isVisible()
    assert modes.strip.height() > before[1].height()
    page.clock.advance_ns(4)
    qtbot.keyClicks(field, "1 no price")
    page.clock.advance_ns(4)
    qtbot.keyClicks(field, " n")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert asked == [("1 no price n", 4)]
    assert modes.strip.size() == before[1]
    qtbot.keyClick(modes.strip, Qt.Key.Key_1)
    assert asked[-1] == "confusion", "the keys act again"
    qtbot.keyClick(modes.strip, Qt.Key.Key_N)
    qtbot.waitUntil(field.hasFocus)
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert not page.is_asking_to_stop
    assert modes.strip.size() == before[1]
    assert len(asked) == 2


@_ASIDE
def test_an_unplanned_step_is_titled_in_the_strip(
    qtbot: QtBot, modes: ConsoleModes, page: ConsolePage, begin: str
) -> None:
    asked: list[str] = []
    page.acts.unplanned_requested.connect(asked.append)
    getattr(modes, begin)()
    qtbot.keyClick(modes.strip, Qt.Key.Key_U)
    field = modes.strip.line.fields[Line.TITLE]
    qtbot.waitUntil(field.hasFocus)
    qtbot.keyClicks(field, "1 phone rings")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert asked == ["1 phone rings"]
    assert not page.isVisible()


@_ASIDE
def test_all_keys_are_listed_without_the_console(
    qtbot: QtBot, modes: ConsoleModes, page: ConsolePage, begin: str
) -> None:
    getattr(modes, begin)()
    qtbot.keyClick(modes.strip, Qt.Key.Key_F12)
    sheet = page.key_sheet
    assert sheet.isVisible() and sheet.isWindow()
    assert not page.isVisible()
    said = _said(sheet).lower()
    assert "alt" in said and "skip the step" in said
    qtbot.keyClick(modes.strip, Qt.Key.Key_Escape)
    assert not sheet.isVisible() and not page.is_asking_to_stop
    qtbot.keyClick(modes.strip, Qt.Key.Key_F12)
    modes.show_window()
    assert not sheet.isVisible()
    qtbot.keyClick(page, Qt.Key.Key_F12)
    assert sheet.isVisible() and not sheet.isWindow()


@_ASIDE
def test_observers_do_not_bring_the_console_up(
    qtbot: QtBot, modes: ConsoleModes, page: ConsolePage, begin: str
) -> None:
    ended: list[bool] = []
    page.observers.end_requested.connect(lambda: ended.append(True))
    getattr(modes, begin)()
    for key in (Qt.Key.Key_F6, Qt.Key.Key_F7):
        qtbot.keyClick(modes.strip, key)
        assert "F10" in modes.strip.said
        assert not page.isVisible() and not page.observers.isVisible()
    page.observers.show_view(ObserverView(("10.0.0.1",), url="http://10.0.0.1:1/", code="1234"))
    qtbot.keyClick(modes.strip, Qt.Key.Key_F7)
    assert ended == [True]


@_ASIDE
def test_what_was_done_is_confirmed_without_a_word_of_judgement(
    modes: ConsoleModes, page: ConsolePage, begin: str
) -> None:
    getattr(modes, begin)()
    resting = modes.strip.size()
    page.remarks.confirm_marker("frustration")
    assert modes.strip.said == "2 marked"
    assert [cap.text() for cap in modes.strip.markers.caps if cap.is_lit] == ["2"]
    page.acts.say("Landing: failed", aside="Outcome kept")
    assert modes.strip.said == "Outcome kept"
    page.acts.say("Landing skipped: now Cart")
    assert modes.strip.said == "Landing skipped: now Cart"
    page.show_notice("The session is paused. Resume it first.", level=Level.WARNING)
    assert "paused" in _said(modes.strip)
    if modes.mode is ConsoleMode.HIDDEN:
        assert modes.strip.width() > resting.width()
    modes.strip._quiet.timeout.emit()
    modes.strip._quiet.stop()
    modes.strip._arrange()
    assert modes.strip.size() == resting and modes.strip.said == ""


def test_what_was_begun_in_one_place_is_found_in_the_other(
    qtbot: QtBot, modes: ConsoleModes, page: ConsolePage
) -> None:
    qtbot.keyClick(page, Qt.Key.Key_N)
    qtbot.waitUntil(page.parts.markers.field.hasFocus)
    qtbot.keyClicks(page.parts.markers.field, "Half a")
    modes.toggle_strip()
    qtbot.waitUntil(lambda: not page.parts.markers.field.is_typing)
    qtbot.keyClick(modes.strip, Qt.Key.Key_N)
    field = modes.strip.line.fields[Line.NOTE]
    qtbot.waitUntil(field.hasFocus)
    assert field.text() == "Half a"
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    modes.toggle_strip()
    assert page.parts.markers.field.text() == "Half a" and field.text() == ""


@pytest.mark.parametrize("width_px", [1024, 1366, 1920])
def test_more_markers_than_there_is_room_for_are_counted(
    modes: ConsoleModes, page: ConsolePage, monkeypatch: pytest.MonkeyPatch, width_px: int
) -> None:
    room = QRect(0, 0, width_px, 740)
    monkeypatch.setattr(modes.strip, "_room", lambda: room)
    many = tuple(MarkerKey(key=one, label=f"marks {one}") for one in "123456789abcdefghijklm")
    page.keys.show_markers(many, act=page.parts.markers.set_marker)
    modes.toggle_strip()
    strip = modes.strip
    n_shown = len(strip.markers.caps)
    rest = len(many) - n_shown
    assert strip.markers.more_text == (f"+{rest}" if rest else "")
    assert strip.width() <= width_px and n_shown >= 3


class _Stage:
    holds_keys = True
    is_typed_into = False


class _ParticipantsWindow(QWidget):
    stage = _Stage()


def test_beneath_the_participants_window_the_console_stays_where_it_is(
    qtbot: QtBot, modes: ConsoleModes, page: ConsolePage
) -> None:
    hers = _ParticipantsWindow()
    qtbot.addWidget(hers)
    hers.showFullScreen()
    modes.begin_session()
    qtbot.keyClick(page, Qt.Key.Key_N)
    field = modes.strip.line.fields[Line.NOTE]
    qtbot.waitUntil(field.hasFocus)
    assert not page.parts.markers.field.hasFocus(), "that would bring up the whole console"
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    page.remarks.confirm_marker("delight")
    assert modes.strip.said == "3 marked" and modes.strip.width() > 1
    qtbot.keyClick(modes.strip, Qt.Key.Key_Escape)
    assert page.is_asking_to_stop and modes.strip.keep_going.isVisible()
    qtbot.keyClick(modes.strip, Qt.Key.Key_Escape)
    assert not modes.strip.keep_going.isVisible()
    hers.activateWindow()
    qtbot.waitUntil(hers.isActiveWindow)
    qtbot.keyClick(hers, Qt.Key.Key_F5)
    qtbot.waitUntil(modes.strip.isActiveWindow)


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


def test_who_has_the_keyboard_is_said_and_where_a_line_waits(
    qtbot: QtBot, modes: ConsoleModes, page: ConsolePage
) -> None:
    hers = _ParticipantsWindow()
    qtbot.addWidget(hers)
    hers.show()
    hers.activateWindow()
    qtbot.waitUntil(hers.isActiveWindow)
    page.refresh_text()
    assert "hold Alt" in page.parts.header.keyboard_text
    modes.toggle_strip()
    hers.activateWindow()
    qtbot.waitUntil(hers.isActiveWindow)
    modes.refresh()
    assert "Alt +" in _said(modes.strip)
    modes.strip.line.fields[Line.NOTE].given_up.emit()
    assert modes.strip.said == "The line waits: Alt+N"
    assert "Alt+N" in page.parts.course.said.text()
    modes.take_keyboard()
    qtbot.waitUntil(modes.strip.isActiveWindow)
    modes.refresh()
    assert not modes.strip._alt.isVisible()


def test_the_strip_shows_the_keys_of_the_step_that_runs(
    qtbot: QtBot,
    modes: ConsoleModes,
    page: ConsolePage,
    played,
    folder: StudyFolder,
    choice: SetupChoice,
) -> None:
    own = (MarkerKey(key="x", label="box open"),)
    steps = list(folder.study.steps)
    steps[2] = steps[2].model_copy(update={"markers": own})
    study = folder.study.model_copy(update={"steps": tuple(steps)})
    page.show_session(replace(folder, study=study), choice, played)
    modes.begin_session()
    modes.toggle_strip()
    first = lambda: [cap.text() for cap in modes.strip.markers.caps][:2]  # noqa: E731
    assert first() == ["1", "2"]
    played.set(step_index=2, step_title="Cart")
    page.refresh_text()
    assert first() == ["x", "1"]
    asked: list[str] = []
    page.marker_requested.connect(lambda label, _ns: asked.append(label))
    qtbot.keyClick(modes.strip, Qt.Key.Key_X)
    assert asked == ["box open"]
