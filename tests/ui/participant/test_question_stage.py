"""Questions on the participant's screen: every kind by mouse and by keys, and what is written."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from journeylab.study.questions import Question, items_of
from journeylab.ui.participant.answer_field import LONGEST_TEXT, ChoiceField, ScaleField, TextField
from journeylab.ui.participant.question_stage import QuestionStage
from journeylab.ui.participant.text_stage import TextStage
from journeylab.ui.participant.window import WAITING_TEXT
from journeylab.vocabulary import QuestionKind
from participant.conftest import Open, Participant, Write

STEPS = """
[[steps]]
id = "hello"
title = "Hello"
[steps.stimulus]
kind = "instruction"
text = "Please imagine you need a kettle."
[[steps]]
id = "ask"
title = "Before we begin"
[steps.stimulus]
kind = "questions"
[[steps.questions]]
id = "why"
kind = "text"
text = "Why did you come?"
[[steps.questions]]
id = "often"
kind = "choice"
text = "How often do you buy online?"
choices = ["weekly", "monthly", "less"]
"""
Key = Qt.Key


def _question(kind: QuestionKind, **fields: object) -> Question:
    return Question(id="q", kind=kind, **fields)  # type: ignore[arg-type]


EASE = _question(QuestionKind.EASE)
MANIKIN = _question(QuestionKind.MANIKIN)
NPS = _question(QuestionKind.NPS)
CHOICE = _question(QuestionKind.CHOICE, text="Which one?", choices=("red", "blue", "none"))
TEXT = _question(QuestionKind.TEXT, text="Why?")


class Asked:
    """A participant's window that asks, and hands to answer with."""

    def __init__(self, person: Participant) -> None:
        self.person = person
        self.ends: list[bool] = []
        person.window.answered.connect(lambda: self.ends.append(True))

    def ask(self, *questions: Question, step_id: str = "shop") -> None:
        items = [item for one in questions for item in items_of(one)]
        self.person.window.show_questions(step_id, items)
        self.wait_for_page()

    @property
    def stage(self) -> QuestionStage:
        stage = self.person.window.stage
        assert isinstance(stage, QuestionStage)
        return stage

    @property
    def is_asking(self) -> bool:
        stage = self.person.window.stage
        return isinstance(stage, QuestionStage) and stage.item is not None

    def wait_for_page(self) -> None:
        detail = f"question {self.stage.item.id}" if self.stage.item else ""
        self.person.wait(lambda: self.person.told("stimulus")[-1:] != [])
        self.person.wait(lambda: self.person.told("stimulus")[-1]["detail"] == detail)
        self.person.wait(lambda: self.person.told("stimulus")[-1]["what"] == "onset")

    def key(self, *keys: Qt.Key) -> None:
        for key in keys:
            QTest.keyClick(self.stage, key)
            if self.is_asking:
                self.wait_for_page()

    def click(self, target: QAbstractButton) -> None:
        QTest.mouseClick(target, Qt.MouseButton.LeftButton)
        if self.is_asking:
            self.wait_for_page()

    def click_answer(self, place: int) -> None:
        field = self.stage.field
        assert isinstance(field, ScaleField | ChoiceField)
        self.click(field.buttons[place])

    @property
    def answers(self) -> list[tuple[object, object]]:
        return [(row["question_id"], row["value"]) for row in self.person.told("answers")]

    @property
    def text(self) -> TextField:
        field = self.stage.field
        assert isinstance(field, TextField)
        return field


@pytest.fixture
def asked(open_window: Open, write_study: Write) -> Asked:
    return Asked(open_window(write_study(STEPS, {}), size=(1366, 768)))


@pytest.mark.parametrize(
    ("question", "places", "expected"),
    [
        (EASE, (5,), [("q", "6")]),
        (NPS, (0,), [("q", "0")]),
        (NPS, (10,), [("q", "10")]),
        (MANIKIN, (7, 0), [("q.valence", "8"), ("q.arousal", "1")]),
        (
            _question(QuestionKind.SUS),
            (4, 0) * 5,
            [(f"q.{n}", "51"[1 - n % 2]) for n in range(1, 11)],
        ),
        (_question(QuestionKind.SCALE, text="Fun?", points=5), (2,), [("q", "3")]),
        (CHOICE, (1,), [("q", "blue")]),
    ],
)
def test_every_kind_is_answered_by_mouse(
    asked: Asked, question: Question, places: Sequence[int], expected: list[tuple[str, str]]
) -> None:
    asked.ask(question)
    for place in places:
        asked.click_answer(place)
        asked.click(asked.stage.next)
    assert asked.answers == expected
    assert asked.ends == [True]
    assert {row["step_id"] for row in asked.person.told("answers")} == {"shop"}


@pytest.mark.parametrize(
    ("question", "keys", "expected"),
    [
        (EASE, (Key.Key_6, Key.Key_Return), [("q", "6")]),
        (EASE, (Key.Key_Right, Key.Key_Right, Key.Key_Enter), [("q", "2")]),
        (NPS, (Key.Key_0, Key.Key_Return), [("q", "0")]),
        (NPS, (Key.Key_Left, Key.Key_Return), [("q", "10")]),
        (
            MANIKIN,
            (Key.Key_9, Key.Key_Return, Key.Key_5, Key.Key_Down, Key.Key_Return),
            [("q.valence", "9"), ("q.arousal", "6")],
        ),
        (
            _question(QuestionKind.SCALE, text="Fun?", points=10),
            (Key.Key_0, Key.Key_Return),
            [("q", "10")],
        ),
        (CHOICE, (Key.Key_3, Key.Key_Up, Key.Key_Return), [("q", "blue")]),
    ],
)
def test_every_kind_is_answered_by_keys(
    asked: Asked, question: Question, keys: Sequence[Qt.Key], expected: list[tuple[str, str]]
) -> None:
    asked.ask(question)
    asked.key(*keys)
    assert asked.answers == expected
    assert asked.ends == [True]


def test_free_text_is_typed_and_enter_makes_a_line(asked: Asked) -> None:
    asked.ask(TEXT)
    edit = asked.text.edit
    QTest.keyClicks(edit, "  Too dear")
    QTest.keyClick(edit, Key.Key_Return)
    QTest.keyClicks(edit, "by 10")
    QTest.keyClick(edit, Key.Key_Backspace)
    assert asked.answers == []
    QTest.keyClick(edit, Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert asked.answers == [("q", "Too dear\nby 1")]


def test_a_text_without_end_is_cut_where_it_may_end(asked: Asked) -> None:
    asked.ask(TEXT)
    asked.text.edit.setPlainText("x" * (LONGEST_TEXT + 50))
    asked.click(asked.stage.next)
    assert len(str(asked.answers[0][1])) == LONGEST_TEXT


def test_the_way_on_is_shut_until_there_is_an_answer(asked: Asked) -> None:
    asked.ask(EASE)
    assert not asked.stage.next.isEnabled()
    asked.key(Key.Key_Return)
    assert asked.ends == []
    asked.click_answer(3)
    assert asked.stage.next.isEnabled()
    asked.ask(TEXT)
    QTest.keyClicks(asked.text.edit, "   ")
    assert not asked.stage.next.isEnabled(), "blanks are no answer"


def test_an_optional_question_may_be_left_empty_and_let_go_again(asked: Asked) -> None:
    optional = _question(QuestionKind.EASE, optional=True)
    asked.ask(optional)
    asked.key(Key.Key_Return)
    assert (asked.answers, asked.ends) == ([], [True])
    asked.ask(optional)
    asked.click_answer(2)
    asked.click_answer(2)
    asked.click(asked.stage.next)
    assert asked.answers == []


def test_an_answer_that_must_be_given_is_not_let_go_by_a_second_click(asked: Asked) -> None:
    asked.ask(EASE)
    asked.click_answer(2)
    asked.click_answer(2)
    asked.click(asked.stage.next)
    assert asked.answers == [("q", "3")]


def test_going_back_keeps_answers_and_a_changed_one_is_written_again(asked: Asked) -> None:
    asked.ask(MANIKIN, NPS.model_copy(update={"id": "n"}))
    assert asked.stage.progress_text == "1 of 3"
    assert asked.stage.back.isHidden()
    asked.key(Key.Key_7, Key.Key_Return, Key.Key_3)
    assert asked.stage.progress_text == "2 of 3"
    asked.key(Key.Key_Backspace)
    assert asked.stage.field is not None and asked.stage.field.value == "7"
    asked.key(Key.Key_8, Key.Key_Return)
    assert asked.stage.field.value == "3", "not confirmed, but not lost"
    asked.click(asked.stage.back)
    asked.key(Key.Key_Return, Key.Key_Return, Key.Key_9, Key.Key_Return)
    assert asked.answers == [
        ("q.valence", "7"),
        ("q.valence", "8"),
        ("q.arousal", "3"),
        ("n", "9"),
    ]


def test_each_page_is_stamped_when_painted_and_when_left(asked: Asked) -> None:
    asked.ask(MANIKIN)
    asked.key(Key.Key_1, Key.Key_Return, Key.Key_1, Key.Key_Return)
    told = [(row["what"], row["detail"]) for row in asked.person.told("stimulus", step_id="shop")]
    assert told == [
        ("onset", "question q.valence"),
        ("end", "question q.valence"),
        ("onset", "question q.arousal"),
        ("end", "question q.arousal"),
    ]


def test_what_was_not_confirmed_is_forgotten_when_the_session_goes_on(asked: Asked) -> None:
    asked.ask(TEXT)
    QTest.keyClicks(asked.text.edit, "Nobody reads this")
    asked.person.window.show_step(asked.person.step("hello"))
    assert asked.answers == []
    asked.ask(TEXT)
    assert asked.text.value == ""


def test_the_second_click_of_a_hurried_hand_leaves_no_page_unseen(asked: Asked) -> None:
    asked.ask(_question(QuestionKind.MANIKIN, optional=True))
    QTest.mouseClick(asked.stage.next, Qt.MouseButton.LeftButton)
    QTest.mouseDClick(asked.stage.next, Qt.MouseButton.LeftButton)
    assert asked.stage.progress_text == "2 of 2"


def test_targets_are_big_type_is_large_and_nothing_is_green_or_red(asked: Asked) -> None:
    asked.ask(MANIKIN, NPS, CHOICE)
    for _ in range(3):
        field = asked.stage.field
        assert field is not None
        for button in asked.stage.findChildren(QAbstractButton):
            if button.isVisible():
                assert button.height() >= 48 and button.width() >= 48
        asked.key(Key.Key_2)
        image = asked.person.window.grab().toImage()
        for x in range(0, image.width(), 3):
            for y in range(0, image.height(), 3):
                seen = QColor(image.pixel(x, y))
                assert seen.hsvSaturation() < 60 or 180 <= seen.hsvHue() <= 260 or seen.value() < 70
        asked.key(Key.Key_Return)


def test_typed_letters_and_answering_keys_are_not_the_consoles(asked: Asked, qtbot: QtBot) -> None:
    window, taken = asked.person.window, []
    for key in ("N", "1", "Right", "Return", "Esc"):
        shortcut = QShortcut(key, window)
        shortcut.setContext(Qt.ShortcutContext.ApplicationShortcut)
        shortcut.activated.connect(lambda key=key: taken.append(key))
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    asked.ask(TEXT, EASE.model_copy(update={"id": "e"}))
    assert asked.stage.is_typed_into
    for key in (Key.Key_N, Key.Key_1):
        QTest.keyClick(window.windowHandle(), key)
    assert asked.text.value == "n1"
    QTest.keyClick(window.windowHandle(), Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    asked.wait_for_page()
    for key in (Key.Key_1, Key.Key_Right):
        QTest.keyClick(window.windowHandle(), key)
    assert taken == []
    QTest.keyClick(window.windowHandle(), Key.Key_Escape)
    assert taken == ["Esc"], "stopping is the moderator's, always"
    QTest.keyClick(window.windowHandle(), Key.Key_Return)
    assert asked.answers == [("q", "n1"), ("e", "2")]
    QTest.keyClick(window.windowHandle(), Key.Key_N)
    assert taken == ["Esc", "N"], "when nothing is asked the keys are hers"


def test_with_alt_a_marker_is_set_while_the_keyboard_answers(asked: Asked, qtbot: QtBot) -> None:
    window, taken = asked.person.window, []
    for key in ("1", "Alt+1", "Alt+N"):
        shortcut = QShortcut(key, window)
        shortcut.setContext(Qt.ShortcutContext.ApplicationShortcut)
        shortcut.activated.connect(lambda key=key: taken.append(key))
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    alt = Qt.KeyboardModifier.AltModifier
    asked.ask(EASE, TEXT.model_copy(update={"id": "t"}))
    QTest.keyClick(window.windowHandle(), Key.Key_5)
    QTest.keyClick(window.windowHandle(), Key.Key_1, alt)
    assert taken == ["Alt+1"]
    QTest.keyClick(window.windowHandle(), Key.Key_Return)
    asked.wait_for_page()
    QTest.keyClick(window.windowHandle(), Key.Key_1)
    for key in (Key.Key_N, Key.Key_1):
        QTest.keyClick(window.windowHandle(), key, alt)
    assert asked.text.value == "1" and taken == ["Alt+1", "Alt+N", "Alt+1"]
    assert asked.answers == [("q", "5")]
    QTest.keyClick(window.windowHandle(), Key.Key_Return, Qt.KeyboardModifier.ControlModifier)


def test_a_clicked_answer_is_not_changed_by_the_moderators_keys(asked: Asked, qtbot: QtBot) -> None:
    window, taken = asked.person.window, []
    for key in ("1", "Right", "Ctrl+Right"):
        shortcut = QShortcut(key, window)
        shortcut.setContext(Qt.ShortcutContext.ApplicationShortcut)
        shortcut.activated.connect(lambda key=key: taken.append(key))
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    asked.ask(EASE)
    asked.click_answer(5)
    QTest.keyClick(window.windowHandle(), Key.Key_1)
    QTest.keyClick(window.windowHandle(), Key.Key_Right)
    QTest.keyClick(window.windowHandle(), Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert taken == ["1", "Right", "Ctrl+Right"]
    asked.click(asked.stage.next)
    assert asked.answers == [("q", "6")]


def test_a_click_that_leads_to_a_text_leaves_her_the_keyboard(asked: Asked) -> None:
    used: list[str] = []
    asked.person.window.mouse_used.connect(lambda: used.append("mouse"))
    asked.ask(EASE, TEXT.model_copy(update={"id": "why"}))
    asked.click_answer(5)
    assert used == ["mouse"]
    asked.click(asked.stage.next)
    assert used == ["mouse"]
    QTest.keyClicks(asked.text.edit, "Nice")
    asked.click(asked.stage.next)
    assert used == ["mouse", "mouse"]


def test_left_leads_back_where_it_does_not_choose(asked: Asked) -> None:
    asked.ask(EASE, CHOICE.model_copy(update={"id": "c"}))
    asked.key(Key.Key_Left)
    assert asked.stage.field is not None and asked.stage.field.value == "7"
    asked.key(Key.Key_Return, Key.Key_Left)
    assert asked.stage.item is not None and asked.stage.item.id == "q"


def test_a_step_of_questions_asks_and_then_waits(asked: Asked) -> None:
    person = asked.person
    person.show("ask")
    person.wait(lambda: bool(person.pictures))
    QTest.keyClicks(asked.text.edit, "A gift")
    asked.click(asked.stage.next)
    asked.click_answer(1)
    asked.click(asked.stage.next)
    person.wait(lambda: isinstance(person.window.stage, TextStage))
    assert person.window.step is not None and person.window.step.id == "ask"
    assert asked.answers == [("why", "A gift"), ("often", "monthly")]
    assert asked.ends == [], "the moderator goes on"
    QTest.qWait(1300)
    assert len(person.pictures) == 1, "what was answered is in no picture"


def test_many_choices_are_all_within_reach(asked: Asked) -> None:
    places = tuple(f"Place number {n} with a long name that goes on" for n in range(1, 31))
    asked.ask(_question(QuestionKind.CHOICE, text="Where?", choices=places))
    field = asked.stage.field
    assert isinstance(field, ChoiceField)
    for _ in range(30):
        QTest.keyClick(asked.stage, Key.Key_Down)
    assert field.value == places[-1]
    last = field.buttons[-1]
    seen = last.mapTo(asked.stage, QPoint(0, last.height() // 2))
    assert asked.stage.rect().contains(seen)
    assert last.visibleRegion().boundingRect().height() >= 48


def test_the_longest_question_is_shown_whole_on_a_small_screen(
    open_window: Open, write_study: Write
) -> None:
    asked = Asked(open_window(write_study(STEPS, {}), size=(1024, 768)))
    text = ("How sure were you that it was the right one for a good friend of yours? " * 6)[:400]
    asked.ask(_question(QuestionKind.SCALE, text=text, points=11, low="no " * 20, high="yes " * 15))
    label = asked.stage._question
    assert label.height() >= label.heightForWidth(label.width())
    field = asked.stage.field
    assert isinstance(field, ScaleField)
    bottoms = [button.mapTo(asked.stage, QPoint(0, button.height())) for button in field.buttons]
    top_of_ways = asked.stage.next.mapTo(asked.stage, QPoint(0, 0)).y()
    assert max(point.y() for point in bottoms) < top_of_ways


def test_after_the_last_question_no_word_flashes_before_what_comes_at_once(asked: Asked) -> None:
    window = asked.person.window
    window.answered.connect(lambda: window.show_step(asked.person.step("hello")))
    asked.ask(EASE)
    asked.key(Key.Key_4, Key.Key_Return)
    stage = window.stage
    assert isinstance(stage, TextStage) and "kettle" in stage.text
    QTest.qWait(600)
    assert "kettle" in stage.text
    asked.ask(EASE, step_id="")
    window.answered.disconnect()
    asked.key(Key.Key_4, Key.Key_Return)
    assert window.stage is not stage, "blank at first"
    asked.person.wait(lambda: window.stage is stage)
    assert stage.text == WAITING_TEXT


def test_what_writes_nothing_in_a_text_leads_nothing_on_either(asked: Asked, qtbot: QtBot) -> None:
    window, taken = asked.person.window, []
    for key in ("Esc", "Ctrl+S", "Ctrl+Right", "Return", "Alt+S", "Alt+X", "F2"):
        shortcut = QShortcut(key, window)
        shortcut.setContext(Qt.ShortcutContext.ApplicationShortcut)
        shortcut.activated.connect(lambda key=key: taken.append(key))
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    asked.ask(TEXT)
    ctrl, alt = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
    handle = window.windowHandle()
    QTest.keyClick(handle, Key.Key_Escape)
    QTest.keyClick(handle, Key.Key_S, ctrl)
    QTest.keyClick(handle, Key.Key_Right, ctrl)
    assert taken == [] and asked.stage.is_typed_into
    for key in (Key.Key_S, Key.Key_X):
        QTest.keyClick(handle, key, alt)
    QTest.keyClick(handle, Key.Key_F2)
    assert taken == ["Alt+S", "Alt+X", "F2"]
    assert asked.text.value == ""
