"""The consent page: nothing is ticked beforehand, each line is answered, by mouse or by keys."""

from __future__ import annotations

from datetime import date

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from journeylab.session.consent import AGREED_TO_ALL, CONSENT_KEYS, EMOTION_KEY
from journeylab.study.privacy import Privacy, Purpose
from journeylab.ui.participant.consent_stage import ConsentStage
from participant.conftest import Open, Participant

LEFT = Qt.MouseButton.LeftButton
LEAST_TARGET_PX = 44


def _asked(
    qtbot: QtBot, open_window: Open, privacy: Privacy | None = None, **rest: object
) -> tuple[ConsentStage, list[dict[str, str] | None], Participant]:
    participant = open_window(**rest)
    given: list[dict[str, str] | None] = []
    participant.window.consented.connect(given.append)
    participant.window.show_consent(privacy or Privacy())
    qtbot.waitUntil(participant.window.isActiveWindow)
    stage = participant.window.stage
    assert isinstance(stage, ConsentStage)
    return stage, given, participant


def test_each_stream_is_declined_by_itself_with_the_mouse(qtbot: QtBot, open_window: Open) -> None:
    stage, given, _ = _asked(qtbot, open_window)
    assert not stage.agree.isEnabled()
    assert not any(line.answer for line in stage.lines.values())
    for key, line in stage.lines.items():
        qtbot.mouseClick(line.no if key in (EMOTION_KEY, "sharing") else line.yes, LEFT)
    assert stage.agree.isEnabled()
    qtbot.mouseClick(stage.agree, LEFT)
    qtbot.mouseClick(stage.agree, LEFT)  # the second click of a hurried hand
    assert given == [{**AGREED_TO_ALL, "emotion_recognition": "no", "sharing": "no"}]


def test_the_keyboard_alone_answers_and_agrees(qtbot: QtBot, open_window: Open) -> None:
    stage, given, participant = _asked(qtbot, open_window)
    qtbot.keyClick(participant.window.stage, Qt.Key.Key_N)
    for _ in range(5):  # down to the voice, which she first lets be recorded
        qtbot.keyClick(stage, Qt.Key.Key_Y)
    for key in (Qt.Key.Key_Up, Qt.Key.Key_N, Qt.Key.Key_Y):
        qtbot.keyClick(stage, key)
    qtbot.keyClick(stage, Qt.Key.Key_Return)  # on a line: chooses nothing
    assert given == []
    qtbot.keyClick(stage, Qt.Key.Key_Left)
    qtbot.keyClick(stage, Qt.Key.Key_Return)
    declined = {"emotion_recognition": "no", "audio": "no", "sharing": "yes"}
    assert given == [{**AGREED_TO_ALL, **declined}]


def test_agreeing_before_all_is_answered_says_what_is_missing(
    qtbot: QtBot, open_window: Open
) -> None:
    stage, given, _ = _asked(qtbot, open_window)
    for _ in stage.lines:
        qtbot.keyClick(stage, Qt.Key.Key_Down)
    qtbot.keyClick(stage, Qt.Key.Key_Return)
    assert given == []
    assert "answer each line" in stage.hint


def test_every_stream_that_can_be_declined_has_a_line_of_its_own(
    qtbot: QtBot, open_window: Open
) -> None:
    stage, _, _ = _asked(qtbot, open_window)
    assert list(stage.lines) == [*CONSENT_KEYS, "sharing"]


@pytest.mark.parametrize("by_mouse", [True, False])
def test_taking_no_part_needs_no_other_answer(
    qtbot: QtBot, open_window: Open, by_mouse: bool
) -> None:
    stage, given, _ = _asked(qtbot, open_window)
    if by_mouse:
        qtbot.mouseClick(stage.decline, LEFT)
    else:
        for _ in range(12):
            qtbot.keyClick(stage, Qt.Key.Key_Tab)
        qtbot.keyClick(stage, Qt.Key.Key_Return)
    assert given == [None]


def test_only_what_the_study_records_is_asked(qtbot: QtBot, open_window: Open) -> None:
    privacy = Privacy(features_only=True, purpose=Purpose.WORKPLACE)
    stage, _, _ = _asked(qtbot, open_window, privacy)
    assert not privacy.infers_emotion
    assert list(stage.lines) == ["gaze", "pointer", "page", "audio", "screen", "sharing"]


def test_the_next_participant_finds_nothing_answered(qtbot: QtBot, open_window: Open) -> None:
    stage, given, participant = _asked(qtbot, open_window)
    qtbot.mouseClick(stage.lines["audio"].yes, LEFT)
    participant.window.show_waiting()
    qtbot.keyClick(stage, Qt.Key.Key_Return)
    participant.window.show_consent(Privacy())
    assert not any(line.answer for line in stage.lines.values())
    assert given == []


LONGEST = Privacy(observers=True, keep_until=date(2027, 3, 1))


@pytest.mark.parametrize("privacy", [Privacy(), LONGEST])
@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (1024, 768)])
def test_all_of_it_is_on_the_screen_with_targets_big_enough(
    qtbot: QtBot, open_window: Open, size: tuple[int, int], privacy: Privacy
) -> None:
    stage, _, _ = _asked(qtbot, open_window, privacy, size=size)
    qtbot.wait(50)
    shown = [b for line in stage.lines.values() for b in (line.yes, line.no)]
    for button in (*shown, stage.agree, stage.decline):
        corner = button.mapTo(stage, button.rect().topLeft())
        assert stage.rect().contains(button.rect().translated(corner))
        assert min(button.width(), button.height()) >= LEAST_TARGET_PX
        assert not button.visibleRegion().isEmpty()
    bottoms = [line.geometry().bottom() for line in stage.lines.values()]
    tops = [line.geometry().top() for line in stage.lines.values()]
    assert all(b < t for b, t in zip(bottoms, tops[1:], strict=False)), "lines overlap"
    statement = stage._statement
    assert statement.height() >= statement.heightForWidth(statement.width()), "its words are cut"
