"""Instructions of any length: large while they fit, then smaller, then scrolled; never cut off."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from journeylab.clock import SessionClock
from journeylab.study.hints import hints
from journeylab.study.model import Step, Stimulus, Study
from journeylab.ui.participant.text_stage import TextStage
from journeylab.vocabulary import StimulusKind

SENTENCE = "Please look for a kettle that you would buy, and say what goes through your mind. "
SIZES = ((1366, 768), (1920, 1080), (1180, 700))


@pytest.fixture(params=SIZES, ids=["laptop", "full hd", "small"])
def stage(request: pytest.FixtureRequest, qtbot: QtBot) -> TextStage:
    stage = TextStage(clock=SessionClock())
    qtbot.addWidget(stage)
    stage.resize(*request.param)
    stage.show()
    qtbot.waitExposed(stage)
    return stage


def _instruction(text: str) -> Step:
    return Step(
        id="hello", title="Hello", stimulus=Stimulus(kind=StimulusKind.INSTRUCTION, text=text)
    )


def _dark_rows(stage: TextStage) -> list[int]:
    """Rows of the screen with dark words on them."""
    image = stage.grab().toImage()
    columns = range(0, image.width(), 2)
    return [
        y
        for y in range(image.height())
        if any(QColor(image.pixel(x, y)).lightness() < 110 for x in columns)
    ]


@pytest.mark.parametrize("n", [1, 6, 14])
def test_a_text_that_fits_is_whole_and_has_room_around(stage: TextStage, n: int) -> None:
    stage.show_step(_instruction(SENTENCE * n))
    rows = _dark_rows(stage)
    assert rows[0] > 0.05 * stage.height()
    assert rows[-1] < 0.95 * stage.height()
    assert stage.size_px >= 20
    assert stage.below_px == 0
    assert stage.hint_box.isEmpty()


def test_a_short_text_is_as_large_as_ever_and_a_longer_one_smaller(stage: TextStage) -> None:
    stage.show_step(_instruction(SENTENCE))
    large = stage.size_px
    assert large == round(min(42, max(22, 0.03 * stage.height())))
    stage.show_step(_instruction(SENTENCE * 16))
    assert 20 <= stage.size_px < large or stage.below_px == 0


def test_a_very_long_text_says_that_there_is_more_and_its_end_can_be_read(
    stage: TextStage, qtbot: QtBot
) -> None:
    stage.show_step(_instruction(SENTENCE * 60 + "The very end."))
    assert stage.size_px == 20
    hidden = stage.below_px
    assert hidden > 0
    box = stage.hint_box.toRect()
    assert stage.rect().contains(box)
    rows = _dark_rows(stage)
    assert rows[0] > 0.05 * stage.height()
    words_end = max(y for y in rows if y < box.top())
    assert words_end < box.top() - 8  # words and hint do not touch
    turns = 0
    while not stage.hint_box.isEmpty():
        QTest.mouseClick(stage, Qt.MouseButton.LeftButton, pos=stage.hint_box.center().toPoint())
        turns += 1
        assert turns < 30
    assert turns > 1
    assert stage.below_px == 0
    QTest.keyClick(stage, Qt.Key.Key_Home)
    assert stage.below_px == pytest.approx(hidden)
    QTest.keyClick(stage, Qt.Key.Key_End)
    assert stage.below_px == 0


def test_a_wheel_and_a_drag_move_it_and_stop_at_its_ends(stage: TextStage) -> None:
    stage.show_step(_instruction(SENTENCE * 60))
    hidden = stage.below_px
    _turn_wheel(stage, -120)
    after = stage.below_px
    assert after < hidden
    _turn_wheel(stage, 120 * 50)
    assert stage.below_px == pytest.approx(hidden)
    middle = QPoint(stage.width() // 2, stage.height() // 2)
    QTest.mousePress(stage, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(stage, middle - QPoint(0, 120))
    QTest.mouseRelease(stage, Qt.MouseButton.LeftButton, pos=middle - QPoint(0, 120))
    assert stage.below_px == pytest.approx(hidden - 120)


def test_each_look_at_another_part_is_told_and_another_text_begins_at_its_top(
    stage: TextStage, qtbot: QtBot
) -> None:
    stage.show_step(_instruction(SENTENCE * 60))
    stage.grab()
    with qtbot.waitSignal(stage.view_changed, timeout=1000):
        stage.scroll_by(200)
    stage.show_step(_instruction(SENTENCE * 61))
    before = stage.below_px
    stage.scroll_by(-50)
    assert stage.below_px == before


def test_what_the_editor_calls_too_long_is_what_scrolls_on_a_laptop(qtbot: QtBot) -> None:
    stage = TextStage(clock=SessionClock())
    qtbot.addWidget(stage)
    stage.resize(1366, 768)
    warned = {}
    for n in range(8, 30):
        step = _instruction((SENTENCE * n).strip())
        stage.show_step(step)
        said = [one for one in hints(_study(step)) if "scroll" in one.sentence]
        warned[n] = bool(said)
        if stage.below_px > 0:
            assert said, f"{n} sentences scroll, and nothing is said"
        if n <= 12:
            assert not said, f"{n} sentences fit, and a warning is given"
    assert warned[29] and not warned[8]


def test_many_short_lines_are_counted_as_lines(qtbot: QtBot) -> None:
    step = _instruction("Look.\n" * 40)
    assert any("scroll" in one.sentence for one in hints(_study(step)))


def _study(step: Step) -> Study:
    return Study(id="s", title="S", steps=(step,))


def _turn_wheel(stage: TextStage, delta: int) -> None:
    middle = QPointF(stage.width() / 2, stage.height() / 2)
    event = QWheelEvent(
        middle,
        stage.mapToGlobal(middle),
        QPoint(),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(stage, event)
