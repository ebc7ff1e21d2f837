"""A row of joined buttons of which one is pressed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from journeylab.theme import LIGHT, Palette


class ChoiceRow(QWidget):
    """Offers a few values; ``chosen`` tells of the one a person pressed."""

    chosen = Signal(object)

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        self._palette = palette
        self._values: list[object] = []
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._group.idClicked.connect(self._tell)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)

    def offer(self, choices: Sequence[tuple[str, object]]) -> None:
        """Replace the buttons by (words, value) each; the first is pressed."""
        for button in self._group.buttons():
            self._group.removeButton(button)
            self._layout.removeWidget(button)
            button.deleteLater()
        self._values = [value for _, value in choices]
        for place, (words, _) in enumerate(choices):
            button = QPushButton(words)
            button.setCheckable(True)
            button.setChecked(place == 0)
            button.setStyleSheet(self._sheet(place, len(choices)))
            self._group.addButton(button, place)
            self._layout.addWidget(button)

    @property
    def words(self) -> list[str]:
        """What is offered."""
        return [button.text() for button in self._group.buttons()]

    @property
    def value(self) -> object:
        """The value of the pressed button; None without any."""
        place = self._group.checkedId()
        return self._values[place] if 0 <= place < len(self._values) else None

    def press(self, value: object) -> None:
        """Press the button of a value, as a click would; nothing where there is none."""
        if value in self._values:
            self._group.button(self._values.index(value)).click()

    def mark(self, value: object) -> None:
        """Show a value as pressed without telling of it."""
        if value in self._values:
            self._group.button(self._values.index(value)).setChecked(True)

    def _tell(self, place: int) -> None:
        self.chosen.emit(self._values[place])

    def _sheet(self, place: int, count: int) -> str:
        left = 7 if place == 0 else 0
        right = 7 if place == count - 1 else 0
        palette = self._palette
        return (
            "QPushButton {"
            f"border-top-left-radius: {left}px; border-bottom-left-radius: {left}px;"
            f"border-top-right-radius: {right}px; border-bottom-right-radius: {right}px;"
            f"background: {palette.ground}; border: 1px solid {palette.line};"
            f"{'' if place == 0 else 'border-left: 0;'} font-weight: 500; }}"
            f"QPushButton:checked {{ background: {palette.accent_tint};"
            f"color: {palette.accent_text}; font-weight: 600; }}"
            f"QPushButton:focus {{ border-color: {palette.accent}; }}"
            f"QPushButton:disabled {{ color: {palette.quiet_text}; }}"
        )
