"""Parts of the editor's window: what to begin with, the list of pages, a question with answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from journeylab.study.folder import StudyFolder
from journeylab.theme import GAP_PX, Palette
from journeylab.ui.moderator.study_editor.fields import button
from journeylab.ui.moderator.study_editor.steady_list import SteadyList
from journeylab.ui.moderator.words import minutes, plural
from journeylab.ui.widgets.card import Card, Label
from journeylab.ui.widgets.keys import KeyButton

_PAGE_ROW_PX: Final = 28


class StartPage(QWidget):
    """What a new study begins with; ``chosen`` goes out with a template, or None for an empty
    one."""

    chosen = Signal(object)

    def __init__(self, templates: Sequence[StudyFolder], *, palette: Palette) -> None:
        super().__init__()
        self.buttons: list[KeyButton] = []
        cards = QGridLayout()
        cards.setSpacing(GAP_PX)
        offers: list[tuple[StudyFolder | None, str, str, str]] = [
            (None, "Empty study", "An ad and a first page, to be filled in.", "2 steps")
        ]
        for template in templates:
            study = template.study
            facts = f"{plural(len(study.steps), 'step')}, {minutes(study.planned_s)}"
            titles = ", ".join(step.title for step in study.steps)
            offers.append((template, study.title, f"{study.goal}\n{titles}.", facts))
        for number, (folder, title, words, facts) in enumerate(offers):
            card = Card()
            card.body.addWidget(Label(title, role="heading", wrap=True))
            card.body.addWidget(Label(words, role="quiet", wrap=True))
            card.body.addStretch(1)
            card.body.addWidget(Label(facts, role="small"))
            one = KeyButton("Begin", key=str(number + 1), primary=number == 0, palette=palette)
            one.setAccessibleName(f"Begin with {title}, key {number + 1}")
            one.clicked.connect(partial(self._choose, folder))
            QShortcut(QKeySequence(str(number + 1)), self).activated.connect(one.click)
            self.buttons.append(one)
            card.body.addWidget(one)
            cards.addWidget(card, number // 2, number % 2)
            cards.setColumnStretch(number % 2, 1)
            cards.setRowStretch(number // 2, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP_PX)
        layout.addWidget(
            Label(
                "Begin with a template, whose placeholders you replace by your own, or with an "
                "empty study.",
                role="quiet",
            )
        )
        layout.addLayout(cards)
        layout.addStretch(1)

    def _choose(self, folder: StudyFolder | None, *_: Any) -> None:
        self.chosen.emit(folder)


class PageList(SteadyList):
    """The pages of the whole study by their names; ``turned`` goes out with the chosen one."""

    turned = Signal(str)

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self._names = list(names)
        self.setAccessibleName("Pages of the study")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for name in names:
            self.addItem(name)
        for row in range(self.count()):
            self.item(row).setSizeHint(QSize(100, _PAGE_ROW_PX))
        self.setFixedHeight(_PAGE_ROW_PX * len(self._names) + 4)
        self.currentRowChanged.connect(self._turn)
        self.itemClicked.connect(self._click)

    def show_pages(self, chosen: str, *, wrong: Sequence[str]) -> None:
        """Show which page is open (none for a step), and which have something to mend."""
        self.blockSignals(True)
        for row, name in enumerate(self._names):
            self.item(row).setText(f"  {name}  ⚠" if name in wrong else f"  {name}")
        self.setCurrentRow(self._names.index(chosen) if chosen in self._names else -1)
        if chosen not in self._names:
            self.clearSelection()
        self.blockSignals(False)

    def _turn(self, row: int) -> None:
        if row >= 0:
            self.turned.emit(self._names[row])

    def _click(self, *_: Any) -> None:
        self._turn(self.currentRow())


class AskBar(QFrame):
    """A question in the window itself, with its answers as buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "banner")
        self.setProperty("level", "warning")
        self._words = Label("", role="strong", wrap=True)
        self.buttons: list[QPushButton] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 8, 8, 8)
        self._row.setSpacing(8)
        self._row.addWidget(self._words, 1)
        self.hide()

    @property
    def text(self) -> str:
        """The question."""
        return self._words.text()

    def ask(self, question: str, answers: Sequence[tuple[str, Callable[[], None]]]) -> None:
        """Ask; each answer hides the question and does what it says."""
        for old in self.buttons:
            self._row.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._words.show_text(question)
        self.buttons = []
        for words, act in answers:
            one = button(words)
            one.clicked.connect(self.hide)
            one.clicked.connect(act)
            self.buttons.append(one)
            self._row.addWidget(one)
        self.show()
        self.buttons[-1].setFocus()
