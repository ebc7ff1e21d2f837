"""Designed states: a calm banner for what went wrong, and a page with nothing on it yet."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from journeylab.theme import DARK, Palette
from journeylab.ui.widgets.card import Label
from journeylab.ui.widgets.health import Level, StatusDot
from journeylab.ui.widgets.style import set_role


class Banner(QFrame):
    """One sentence with its level; hidden until there is something to say."""

    dismissed = Signal()

    def __init__(self, *, can_dismiss: bool = True, palette: Palette = DARK) -> None:
        super().__init__()
        self.setProperty("role", "banner")
        self._dot = StatusDot(palette=palette)
        self._title = Label("", role="strong", wrap=True)
        self._detail = Label("", role="small", wrap=True)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._detail)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 8)
        layout.setSpacing(10)
        layout.addWidget(self._dot, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addLayout(words, 1)
        self._close = QPushButton("Dismiss")
        self._close.setProperty("role", "quiet")
        self._close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._close.setVisible(can_dismiss)
        self._close.clicked.connect(self.dismiss)
        layout.addWidget(self._close, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.hide()

    def say(self, title: str, *, detail: str = "", level: Level = Level.FAULT) -> None:
        """Show a sentence, or hide when it is empty."""
        if not title:
            self.hide()
            return
        self._dot.set_level(level)
        self._title.show_text(title)
        self._detail.show_text(detail)
        self._detail.setVisible(bool(detail))
        set_role(self, level=level.value if level is not Level.OFF else "note")
        self.show()

    def dismiss(self) -> None:
        """Hide it, as the Dismiss button does."""
        self.hide()
        self.dismissed.emit()

    @property
    def text(self) -> str:
        return f"{self._title.text()} {self._detail.text()}".strip()


class EmptyState(QWidget):
    """A sentence, and the one thing to do next."""

    acted = Signal()

    def __init__(self, title: str, *, detail: str = "", action: str = "") -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setSpacing(6)
        layout.addStretch(1)
        centre = Qt.AlignmentFlag.AlignHCenter
        heading = Label(title, role="heading", wrap=True)
        heading.setAlignment(centre)
        layout.addWidget(heading)
        self._detail = Label(detail, role="quiet", wrap=True)
        self._detail.setAlignment(centre)
        self._detail.setVisible(bool(detail))
        layout.addWidget(self._detail)
        if action:
            button = QPushButton(action)
            button.clicked.connect(self.acted)
            layout.addSpacing(8)
            layout.addWidget(button, 0, centre)
        layout.addStretch(1)

    def show_detail(self, detail: str) -> None:
        """Say more, or something else, beneath the sentence."""
        self._detail.show_text(detail)
        self._detail.setVisible(bool(detail))
