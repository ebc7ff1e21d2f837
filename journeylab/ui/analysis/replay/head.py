"""The replay's first line: the way back, whose session it is, and what is missing in it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy

from journeylab.theme import LIGHT, Palette
from journeylab.ui.widgets.card import Label
from journeylab.ui.widgets.inputs import CheckBox


class ReplayHead(QFrame):
    """Back, the session, the step that is shown, and a sentence."""

    page_chosen = Signal(bool)
    """Whether whole pages are to be shown."""

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        self.setProperty("role", "bar")
        self.setProperty("edge", "bottom")
        self.back = QPushButton("‹  Back  Esc")
        self.back.setProperty("role", "quiet")
        self._title = Label("", role="heading")
        self._step = Label("", role="quiet")
        self._said = Label("", role="small", wrap=True)
        self.whole_page = CheckBox("Whole page  P", palette=palette)
        self.whole_page.setToolTip("Show the page as long as it is, with what was in view")
        self.whole_page.toggled.connect(self.page_chosen)
        self.whole_page.hide()
        self._said.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._said.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for label in (self._title, self._step):
            label.setMinimumWidth(1)  # words that change must not lay the window out again
        line = QHBoxLayout(self)
        line.setContentsMargins(8, 6, 16, 6)
        line.setSpacing(10)
        line.addWidget(self.back)
        line.addWidget(self._title)
        line.addWidget(self._step)
        line.addSpacing(12)
        line.addWidget(self._said, 1)
        line.addWidget(self.whole_page)

    def show_title(self, title: str) -> None:
        """Say whose session it is."""
        self._title.show_text(title)

    def show_step(self, words: str) -> None:
        """Say which step is shown."""
        self._step.show_text(words)

    def say(self, sentence: str) -> None:
        """Say a sentence."""
        self._said.show_text(sentence)

    @property
    def words(self) -> str:
        """All it says."""
        return " ".join(label.text() for label in (self._title, self._step, self._said)).strip()
