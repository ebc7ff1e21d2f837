"""Fields of a form: a name, what is entered, and a sentence where something is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QDoubleValidator, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from journeylab.theme import Palette
from journeylab.ui.widgets.card import Label
from journeylab.ui.widgets.inputs import CheckBox, ComboBox
from journeylab.ui.widgets.style import set_role

_UNDO: Final = (QKeySequence("Ctrl+Z"), QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y"))
_LINE_PX: Final = 19


def button(text: str) -> QPushButton:
    """A button that Enter in a field does not press."""
    made = QPushButton(text)
    made.setAutoDefault(False)
    return made


class Field(QWidget):
    """One value. ``edited`` goes out with what a person entered, never with what was shown."""

    edited = Signal(object)
    ended = Signal()

    def __init__(self, name: str, editor: QWidget, *, beside: Sequence[QWidget] = ()) -> None:
        super().__init__()
        self.editor = editor
        editor.setAccessibleName(name)
        self._remark = Label("", role="small", wrap=True)
        self._remark.hide()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(editor, 1)
        for widget in beside:
            row.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        if name and not isinstance(editor, CheckBox):
            layout.addWidget(Label(name, role="small"))
        layout.addLayout(row)
        layout.addWidget(self._remark)
        layout.addStretch(1)
        editor.installEventFilter(self)

    def read(self) -> Any:
        """The value as it stands in the field."""
        raise NotImplementedError

    def _write(self, value: Any) -> None:
        raise NotImplementedError

    def show_value(self, value: Any) -> None:
        """Show a value; what reads the same is left as it was typed."""
        if self.read() != value:
            self.editor.blockSignals(True)
            self._write(value)
            self.editor.blockSignals(False)

    def show_remark(self, sentence: str, *, is_problem: bool) -> None:
        """Say what is wrong with it (a problem), or what could be better; empty for nothing."""
        self._remark.show_text(f"{'⚠ ' if is_problem else 'Hint: '}{sentence}" if sentence else "")
        self._remark.setVisible(bool(sentence))
        set_role(self._remark, tone="warning" if is_problem else "")
        set_role(self.editor, invalid="true" if is_problem and sentence else "false")

    @property
    def remark(self) -> str:
        """What it says below the value."""
        return self._remark.text()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        # The editor undoes over all fields: the field's own undo must not get in its way.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            pressed = QKeySequence(event.keyCombination())
            if any(pressed == one for one in _UNDO):
                event.ignore()
                return True
        if event.type() == QEvent.Type.FocusOut:
            self.ended.emit()
        return False

    def _emit(self, *_: object) -> None:
        self.edited.emit(self.read())


class TextField(Field):
    """A line of text; with ``is_optional`` an empty one is None."""

    def __init__(
        self,
        name: str,
        *,
        placeholder: str = "",
        longest: int = 400,
        is_optional: bool = False,
        beside: Sequence[QWidget] = (),
    ) -> None:
        self.line = QLineEdit()
        self.line.setMaxLength(longest)
        self.line.setPlaceholderText(placeholder)
        self._is_optional = is_optional
        super().__init__(name, self.line, beside=beside)
        self.line.textEdited.connect(self._emit)

    def read(self) -> str | None:
        text = self.line.text()
        return text if text or not self._is_optional else None

    def _write(self, value: Any) -> None:
        at = self.line.cursorPosition() if self.line.hasFocus() else 0
        self.line.setText(value or "")
        self.line.setCursorPosition(at)


class FileField(TextField):
    """The path of a file, typed or chosen; shown as a person finds it."""

    def __init__(
        self, name: str, choose: Callable[[QWidget], Path | None], *, placeholder: str = ""
    ) -> None:
        self.choose_button = button("Choose…")
        self._choose = choose
        super().__init__(
            name,
            placeholder=placeholder,
            longest=4000,
            is_optional=True,
            beside=(self.choose_button,),
        )
        self.choose_button.clicked.connect(self._ask)

    def _ask(self) -> None:
        path = self._choose(self)
        if path is not None:
            self.line.setText(str(path))
            self.edited.emit(str(path))


class LongField(Field):
    """A text of several lines."""

    def __init__(
        self, name: str, *, placeholder: str = "", lines: int = 3, is_optional: bool = False
    ) -> None:
        self.area = QPlainTextEdit()
        self.area.setPlaceholderText(placeholder)
        self.area.setFixedHeight(lines * _LINE_PX + 18)
        self.area.setTabChangesFocus(True)
        self._is_optional = is_optional
        super().__init__(name, self.area)
        self.area.textChanged.connect(self._emit)

    def read(self) -> Any:
        text = self.area.toPlainText()
        return text if text or not self._is_optional else None

    def _write(self, value: Any) -> None:
        self.area.setPlainText(value or "")


class LinesField(LongField):
    """Several short texts, one a line."""

    def read(self) -> tuple[str, ...]:
        return tuple(line for line in self.area.toPlainText().split("\n") if line.strip())

    def _write(self, value: Any) -> None:
        self.area.setPlainText("\n".join(value))


class WordsField(Field):
    """Several words in one line, with spaces or commas between."""

    def __init__(self, name: str, *, placeholder: str = "") -> None:
        self.line = QLineEdit()
        self.line.setPlaceholderText(placeholder)
        super().__init__(name, self.line)
        self.line.textEdited.connect(self._emit)

    def read(self) -> tuple[str, ...]:
        return tuple(self.line.text().replace(",", " ").split())

    def _write(self, value: Any) -> None:
        self.line.setText(", ".join(value))


class NumberField(Field):
    """A number. An empty field is ``empty``; ``is_whole`` gives whole ones alone, else so many
    ``decimals`` may be typed."""

    def __init__(
        self,
        name: str,
        *,
        empty: float | None,
        is_whole: bool = False,
        most: float = 86_400,
        decimals: int = 1,
        placeholder: str = "",
    ) -> None:
        self.line = QLineEdit()
        self.line.setPlaceholderText(placeholder)
        validator = QDoubleValidator(0, most, 0 if is_whole else decimals, self.line)
        validator.setNotation(QDoubleValidator.Notation.StandardNotation)
        self.line.setValidator(validator)
        self._empty, self._is_whole = empty, is_whole
        super().__init__(name, self.line)
        self.line.textEdited.connect(self._emit)

    def read(self) -> float | int | None:
        text = self.line.text().strip().replace(",", ".")
        try:
            return int(text) if self._is_whole else float(text)
        except ValueError:
            return self._empty

    def _write(self, value: Any) -> None:
        self.line.setText("" if value == self._empty else f"{value:g}")


class ChoiceField(Field):
    """One of several fixed values, each in words."""

    def __init__(self, name: str, choices: Sequence[tuple[Any, str]], *, palette: Palette) -> None:
        self.box = ComboBox(palette=palette)
        self._values: list[Any] = []
        super().__init__(name, self.box)
        self.offer(choices)
        self.box.currentIndexChanged.connect(self._emit)

    def offer(self, choices: Sequence[tuple[Any, str]]) -> None:
        """Offer other values; the one that is shown stays, where it still is one."""
        values = [value for value, _ in choices]
        words = [self.box.itemText(index) for index in range(self.box.count())]
        if values == self._values and words == [word for _, word in choices]:
            return
        shown = self.read() if self._values else None
        self.box.blockSignals(True)
        self.box.clear()
        self.box.addItems([words for _, words in choices])
        self._values = values
        self.box.setCurrentIndex(values.index(shown) if shown in values else -1)
        self.box.blockSignals(False)

    def read(self) -> Any:
        index = self.box.currentIndex()
        return self._values[index] if 0 <= index < len(self._values) else None

    def _write(self, value: Any) -> None:
        self.box.setCurrentIndex(self._values.index(value) if value in self._values else -1)


class OpenChoiceField(Field):
    """A text of one's own, with the usual ones on offer."""

    def __init__(
        self, name: str, usual: Sequence[str], *, palette: Palette, longest: int = 40
    ) -> None:
        self.box = ComboBox(palette=palette)
        self.box.setEditable(True)
        self.box.setCompleter(None)  # type: ignore[arg-type]  # it would spell as it knows the word
        self.box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.box.addItems(list(usual))
        line = self.box.lineEdit()
        assert line is not None
        line.setMaxLength(longest)
        super().__init__(name, self.box)
        line.installEventFilter(self)
        self.box.setCurrentIndex(-1)
        self.box.editTextChanged.connect(self._emit)

    def read(self) -> str:
        return self.box.currentText()

    def _write(self, value: Any) -> None:
        index = self.box.findText(
            value, Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchCaseSensitive
        )
        self.box.setCurrentIndex(index)
        self.box.setEditText(value)


class CheckField(Field):
    """Yes or no."""

    def __init__(self, name: str, *, palette: Palette) -> None:
        self.box = CheckBox(name, palette=palette)
        super().__init__(name, self.box)
        self.box.toggled.connect(self._emit)

    def read(self) -> bool:
        return self.box.isChecked()

    def _write(self, value: Any) -> None:
        self.box.setChecked(bool(value))
