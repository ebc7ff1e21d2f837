"""Questions on the participant's screen: one a page, in large type, answered by mouse or keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from journeylab.clock import Clock
from journeylab.session.rows import answer_row
from journeylab.study.model import Step
from journeylab.study.questions import Item, items_of
from journeylab.ui.participant.answer_button import AnswerButton
from journeylab.ui.participant.answer_field import (
    AnswerField,
    ChoiceField,
    field_of,
    large_label,
    set_large,
)
from journeylab.ui.participant.stage import Stage
from journeylab.ui.widgets.key_owner import is_for_the_moderator

_QUESTION_PX, _LONG_QUESTION_PX = 30, 24
_LONG_QUESTION: Final = 140
_PROGRESS_PX: Final = 20
_WIDEST_PX: Final = 1240
_WAY_WIDTH_PX: Final = 230
_ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class QuestionStage(Stage):
    """Asks items one after the other; the participant may go back and change an answer.

    Keys act only while the participant's window has the keyboard: digits and arrows choose,
    Enter goes on (Ctrl+Enter in a text), Backspace goes back. Where she types, all are hers but
    function keys and those with Alt, which are the moderator's everywhere. An answer is written
    when it is confirmed, and again when it was changed; an answer taken back is written empty.
    ``finished`` goes out when the last page is left; ``item_shown`` with the page's number, from 0;
    ``mouse_used`` when a click has answered and the keyboard is not needed here.
    """

    finished = Signal()
    item_shown = Signal(int)
    mouse_used = Signal()

    def __init__(self, *, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(clock=clock, parent=parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._items: tuple[Item, ...] = ()
        self._place = 0
        self._given: dict[str, str] = {}
        self._written: dict[str, str] = {}
        self._progress = large_label("", _PROGRESS_PX, is_quiet=True)
        self._question = large_label("", _QUESTION_PX)
        self.field: AnswerField | None = None
        self.back = AnswerButton("Back", key="Backspace", is_checkable=False)
        self.next = AnswerButton("Next", key="Enter", is_checkable=False)
        for button in (self.back, self.next):
            button.setFixedWidth(_WAY_WIDTH_PX)
        self.back.clicked.connect(self._go_back)
        self.next.clicked.connect(self._click_on)
        self._column = QWidget(self)
        self._rows = QVBoxLayout(self._column)
        self._lay_out()
        self._column.hide()

    def _lay_out(self) -> None:
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(16)
        self._rows.addStretch(2)
        self._rows.addWidget(self._progress)
        self._rows.addWidget(self._question)
        self._rows.addSpacing(20)
        self._rows.addStretch(3)
        ways = QHBoxLayout()
        ways.addWidget(self.back)
        ways.addStretch(1)
        ways.addWidget(self.next)
        self._rows.addLayout(ways)

    @property
    def item(self) -> Item | None:
        """The item on the screen; None when nothing is asked."""
        return self._items[self._place] if self._items else None

    @property
    def progress_text(self) -> str:
        """Which page this is, in words; empty where there is only one."""
        return self._progress.text()

    def show_step(self, step: Step) -> None:
        """Ask a step's questions as its stimulus."""
        self.ask(step.id, [item for one in step.questions for item in items_of(one)])

    def ask(self, step_id: str, items: Sequence[Item]) -> None:
        """Ask items about a step, or about the whole session where the id is empty."""
        self._items, self._place = tuple(items), 0
        self._given, self._written = {}, {}
        self._step_id = step_id
        if self._items:
            self._show_item()
        else:
            self.finished.emit()

    def leave(self) -> None:
        """Ask no more: what was not confirmed is forgotten, and nothing typed stays here."""
        super().leave()
        self._items, self._given, self._written = (), {}, {}
        self._drop_field()
        self._column.hide()

    def _show_item(self) -> None:
        item = self._items[self._place]
        self._expect(self._step_id, f"question {item.id}")
        n_items = len(self._items)
        self._progress.setText(f"{self._place + 1} of {n_items}" if n_items > 1 else "")
        self._question.setText(item.text)
        is_long = len(item.text) > _LONG_QUESTION
        set_large(self._question, _LONG_QUESTION_PX if is_long else _QUESTION_PX)
        self._drop_field()
        field = field_of(item)
        field.set_value(self._given.get(item.id, ""))
        field.changed.connect(self._show_ways)
        field.clicked.connect(self.mouse_used)
        # Between the question and the way on, after the spacing; lists and texts may grow.
        self._rows.insertWidget(4, field, 0 if item.is_scale else 14)
        self.field = field
        self.next.setText("Next" if self._place + 1 < n_items else "Done")
        self.next.set_key("Ctrl+Enter" if field.is_typed else "Enter")
        self.back.set_key("" if field.is_typed else "Backspace")
        self.back.setVisible(self._place > 0)
        self._column.show()
        self._fit()
        self._show_ways()
        (field if field.is_typed else self).setFocus()
        self.update()
        self.item_shown.emit(self._place)

    def _drop_field(self) -> None:
        if self.field is not None:
            self._rows.removeWidget(self.field)
            self.field.hide()
            self.field.deleteLater()
            self.field = None

    def _show_ways(self) -> None:
        self.next.setEnabled(self._may_go_on)

    @property
    def _may_go_on(self) -> bool:
        item = self.item
        return item is not None and self.field is not None and bool(item.optional or self._value)

    @property
    def _value(self) -> str:
        return "" if self.field is None else self.field.value

    def _keep(self) -> None:
        if self.item is not None:
            self._given[self.item.id] = self._value

    def _click_on(self) -> None:
        self._go_on()
        if self.field is None or not self.field.is_typed:  # else it is needed here at once
            self.mouse_used.emit()

    def _go_on(self) -> None:
        item = self.item
        # A page that nobody has seen yet is not left.
        if item is None or self._awaits_onset or not self._may_go_on:
            return
        self._keep()
        self._confirm(item)
        if self._place + 1 < len(self._items):
            self._place += 1
            self._show_item()
        else:
            self.leave()
            self.finished.emit()

    def _go_back(self) -> None:
        if self._place > 0 and self._items:
            self._keep()
            self._place -= 1
            self._show_item()

    def _confirm(self, item: Item) -> None:
        value = self._given[item.id]
        if value != self._written.get(item.id, ""):
            self._written[item.id] = value
            now_ns = self._clock.now_ns()
            self.sample.emit(answer_row(now_ns, self._step_id, question_id=item.id, value=value))

    @property
    def is_typed_into(self) -> bool:
        """Whether the caret stands in a text of the participant's."""
        return self.field is not None and self.field.is_typed and self._has_caret

    @property
    def _has_caret(self) -> bool:
        proxy = None if self.field is None else self.field.focusProxy()
        return proxy is not None and proxy.hasFocus()

    def _wants_key(self, event: QKeyEvent) -> bool:
        if self.field is None or event.modifiers() & Qt.KeyboardModifier.AltModifier:
            return False
        if event.key() in _ENTER or (event.key() == Qt.Key.Key_Backspace and not self._has_caret):
            return True
        if self.field.wants_key(event):
            return True
        # Left leads back where it does not choose; a scale has it to itself.
        return _is_left(event) and isinstance(self.field, ChoiceField) and self._place > 0

    def event(self, event: QEvent) -> bool:
        # The page has its keys to itself while the keyboard is here; else they are the moderator's.
        is_asked = event.type() is QEvent.Type.ShortcutOverride
        if is_asked and isinstance(event, QKeyEvent):
            # Where she types, what writes nothing must lead nothing on either: Esc, Ctrl+S.
            is_typed = self.is_typed_into and not is_for_the_moderator(event)
            if is_typed or self._wants_key(event):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.field is None or event.isAutoRepeat():
            super().keyPressEvent(event)
        elif event.key() in _ENTER:
            self._go_on()
        elif self.field.take_key(event):
            event.accept()
        elif event.key() == Qt.Key.Key_Backspace or self._wants_key(event):
            self._go_back()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        width = min(_WIDEST_PX, round(0.86 * self.width()))
        top = round(0.06 * self.height())
        self._column.setGeometry((self.width() - width) // 2, top, width, self.height() - 2 * top)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._paint_ground(painter)
        painter.end()
        self._stamp_onset(self._clock.now_ns())


def _is_left(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_Left and not event.modifiers()
