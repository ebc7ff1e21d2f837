"""How one page of a question is answered: a scale, a list of choices, or free text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from journeylab.study.questions import Item
from journeylab.theme import FONT_FAMILY, LIGHT
from journeylab.ui.participant.answer_button import AnswerButton
from journeylab.ui.widgets.card import Label

ENDS_PX: Final = 20
TEXT_PX: Final = 22
LONGEST_TEXT: Final = 4000
_IN_ONE_COLUMN: Final = 6
_WIDEST_POINT_PX: Final = 150
_GAP_PX: Final = 10
_ALONG: Final = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}
_DOWN: Final = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}


def large_label(text: str, size_px: int, *, is_quiet: bool = False) -> Label:
    """Words in large type, whatever look the application wears."""
    label = Label(text, wrap=True)
    set_large(label, size_px, is_quiet=is_quiet)
    return label


def set_large(label: Label, size_px: int, *, is_quiet: bool = False) -> None:
    """Give a label another size."""
    token = LIGHT.quiet_text if is_quiet else LIGHT.text
    label.setStyleSheet(
        f'background: transparent; color: {token}; font-family: "{FONT_FAMILY}"; '
        f"font-size: {size_px}px; font-weight: {400 if is_quiet else 600};"
    )


class AnswerField(QWidget):
    """Base: ``value`` is the answer as it is stored, empty while there is none."""

    changed = Signal()
    clicked = Signal()  # answered with the mouse

    def __init__(self) -> None:
        super().__init__()
        self.is_typed = False

    @property
    def value(self) -> str:
        raise NotImplementedError

    def set_value(self, value: str) -> None:
        """Show an answer given before."""
        raise NotImplementedError

    def take_key(self, event: QKeyEvent) -> bool:
        """Answer by a key; whether it was one of this field's."""
        del event
        return False

    def wants_key(self, event: QKeyEvent) -> bool:
        """Whether :meth:`take_key` would take it."""
        del event
        return False


class _ButtonField(AnswerField):
    """One of several buttons; with ``is_optional`` the chosen one can be let go again.

    Once it was answered with the mouse it takes no keys: on one keyboard they are the moderator's,
    whose marker must not change an answer.
    """

    arrows: Mapping[Qt.Key, int] = _DOWN
    """Key to the number of buttons it goes on."""

    def __init__(
        self, buttons: Sequence[AnswerButton], *, values: Sequence[str], is_optional: bool
    ) -> None:
        super().__init__()
        self.buttons = tuple(buttons)
        self._values = tuple(values)
        self._is_optional = is_optional
        self._was_clicked = False
        self._group = QButtonGroup(self)
        self._group.setExclusive(False)
        for place, button in enumerate(self.buttons):
            self._group.addButton(button, place)
        self._group.idClicked.connect(self._take_click)

    @property
    def value(self) -> str:
        place = self._chosen
        return "" if place is None else self._values[place]

    def set_value(self, value: str) -> None:
        for button, own in zip(self.buttons, self._values, strict=True):
            button.setChecked(bool(value) and own == value)

    @property
    def _chosen(self) -> int | None:
        return next((n for n, button in enumerate(self.buttons) if button.isChecked()), None)

    def _take_click(self, place: int) -> None:
        self._was_clicked = True
        # Qt has turned the button over already.
        self._choose(place if self.buttons[place].isChecked() or not self._is_optional else None)
        self.clicked.emit()

    def _choose(self, place: int | None) -> None:
        for n, button in enumerate(self.buttons):
            button.setChecked(n == place)
        self.changed.emit()

    def _place_of_digit(self, event: QKeyEvent) -> int | None:
        raise NotImplementedError

    def wants_key(self, event: QKeyEvent) -> bool:
        if self._was_clicked or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        return event.key() in self.arrows or self._place_of_digit(event) is not None

    def take_key(self, event: QKeyEvent) -> bool:
        if not self.wants_key(event):
            return False
        place = self._place_of_digit(event)
        if place is None:
            by, chosen = self.arrows[Qt.Key(event.key())], self._chosen
            first = 0 if by > 0 else len(self.buttons) - 1
            place = first if chosen is None else chosen + by
            place = min(max(place, 0), len(self.buttons) - 1)
        self._choose(place)
        return True


class ScaleField(_ButtonField):
    """Points in a row with both ends named; figures stand in them for the manikin."""

    arrows = _ALONG | _DOWN

    def __init__(self, item: Item) -> None:
        first, last = item.first or 0, item.last or 0
        points = list(range(first, last + 1))
        span = max(1, last - first)
        self._first, self._last = first, last
        super().__init__(
            [AnswerButton(str(n), manikin=item.manikin, level=(n - first) / span) for n in points],
            values=[str(n) for n in points],
            is_optional=item.optional,
        )
        row = QHBoxLayout()
        row.setSpacing(_GAP_PX)
        for button, point in zip(self.buttons, points, strict=True):
            button.setMaximumWidth(_WIDEST_POINT_PX)
            is_end = (point == first and item.low) or (point == last and item.high)
            end = (item.low if point == first else item.high) if is_end else ""
            button.setAccessibleName(f"{point}, {end}" if end else str(point))
            row.addWidget(button, 1)
        ends = QHBoxLayout()
        low, high = (
            large_label(item.low, ENDS_PX, is_quiet=True),
            large_label(item.high, ENDS_PX, is_quiet=True),
        )
        high.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        ends.addWidget(low, 1)
        ends.addWidget(high, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(_GAP_PX)
        layout.addLayout(row)
        layout.addLayout(ends)
        self.setMaximumWidth(len(points) * (_WIDEST_POINT_PX + _GAP_PX))

    def _place_of_digit(self, event: QKeyEvent) -> int | None:
        key = event.key()
        if not Qt.Key.Key_0 <= key <= Qt.Key.Key_9:
            return None
        point = key - Qt.Key.Key_0
        if point == 0 and self._first > 0:
            point = 10  # where a scale begins with 1, the key 0 is its tenth point
        return point - self._first if self._first <= point <= self._last else None


class ChoiceField(_ButtonField):
    """Choices one under the other, in two columns where they are many."""

    def __init__(self, item: Item) -> None:
        super().__init__(
            [
                AnswerButton(text, key=str(n) if n < 10 else "", is_left_aligned=True)
                for n, text in enumerate(item.choices, start=1)
            ],
            values=item.choices,
            is_optional=item.optional,
        )
        inner = QWidget()
        inner.setStyleSheet("background: transparent;")
        grid = QGridLayout(inner)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(_GAP_PX)
        n_columns = 1 if len(self.buttons) <= _IN_ONE_COLUMN else 2
        n_rows = -(-len(self.buttons) // n_columns)
        for place, button in enumerate(self.buttons):
            grid.addWidget(button, place % n_rows, place // n_rows)
        grid.setRowStretch(n_rows, 1)
        self._area = QScrollArea()
        self._area.setWidget(inner)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setStyleSheet("background: transparent;")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._area)

    def _choose(self, place: int | None) -> None:
        super()._choose(place)
        if place is not None:
            self._area.ensureWidgetVisible(self.buttons[place])

    def _place_of_digit(self, event: QKeyEvent) -> int | None:
        place = event.key() - Qt.Key.Key_1
        return place if 0 <= place < min(9, len(self.buttons)) else None


class TextField(AnswerField):
    """A few lines of the participant's own words."""

    def __init__(self) -> None:
        super().__init__()
        self.is_typed = True
        self.edit = QPlainTextEdit()
        self.edit.setStyleSheet(
            f"QPlainTextEdit {{ background: {LIGHT.ground}; color: {LIGHT.text}; "
            f"border: 2px solid {LIGHT.neutral}; border-radius: 10px; padding: 10px; "
            f'font-family: "{FONT_FAMILY}"; font-size: {TEXT_PX}px; '
            f"selection-background-color: {LIGHT.neutral}; }} "
            f"QPlainTextEdit:focus {{ border-color: {LIGHT.text}; }}"
        )
        self.edit.setTabChangesFocus(True)
        self.edit.setAcceptDrops(False)
        self.edit.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.edit.setMinimumHeight(160)
        self.edit.setAccessibleName("Your answer")
        self.edit.textChanged.connect(self._take_text)
        self.setFocusProxy(self.edit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.edit)

    @property
    def value(self) -> str:
        return self.edit.toPlainText().strip()

    def set_value(self, value: str) -> None:
        self.edit.setPlainText(value)

    def _take_text(self) -> None:
        text = self.edit.toPlainText()
        if len(text) > LONGEST_TEXT:
            self.edit.setPlainText(text[:LONGEST_TEXT])
            cursor = self.edit.textCursor()
            cursor.setPosition(LONGEST_TEXT)
            self.edit.setTextCursor(cursor)
            return
        self.changed.emit()


def field_of(item: Item) -> AnswerField:
    """The field an item is answered with."""
    if item.is_scale:
        return ScaleField(item)
    return ChoiceField(item) if item.choices else TextField()
