"""The console's top line: who, how long, and the first acts; the question before stopping."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from journeylab.theme import DARK, Palette
from journeylab.ui.moderator.console_keys import WITH_PARTICIPANT
from journeylab.ui.moderator.words import minutes
from journeylab.ui.widgets.card import ElidedLabel, Label
from journeylab.ui.widgets.health import Level, StatusDot
from journeylab.ui.widgets.keys import KeyButton

HEADER_PX = 56
_KEYBOARD = f"Participant has the keyboard: hold {WITH_PARTICIPANT}"


class ConsoleHeader(QFrame):
    """Shows the session and asks, without blocking anything, before it stops it."""

    previous_clicked = Signal()
    next_clicked = Signal()
    stop_clicked = Signal()
    stop_confirmed = Signal()
    question_changed = Signal()

    def __init__(self, *, palette: Palette = DARK) -> None:
        super().__init__()
        self.setProperty("role", "bar")
        self.setProperty("edge", "bottom")
        self.setFixedHeight(HEADER_PX)
        self._title = Label("", role="heading")
        self._segments = Label("", role="quiet")
        self._keyboard = ElidedLabel("", role="small")
        self._dot = StatusDot(palette=palette)
        self._dot.set_level(Level.RECORDING)
        self._dot.setToolTip("Recording")
        self._elapsed = Label("0:00", role="strong")
        self._elapsed.setAccessibleName("Recorded so far")
        self.back = KeyButton("Back", key="←", palette=palette)
        self.next = KeyButton("Next step", key="→", primary=True, palette=palette)
        self.pause = KeyButton("Pause", key="P", palette=palette)
        self.stop = KeyButton("Stop", key="Esc", palette=palette)
        self.keys = KeyButton("Keys", key="F12", palette=palette)
        self.strip = KeyButton("Shrink", key="F10", palette=palette)
        self.confirm = KeyButton("Stop and save", key="⏎", primary=True, palette=palette)
        self.keep_going = KeyButton("Keep going", key="Esc", palette=palette)
        self._acts = self._row(self.back, self.next, self.pause, self.stop, self.strip, self.keys)
        self.debrief = KeyButton("Debrief first", key="→", palette=palette)
        self._question = Label("Stop the session and save it?", role="strong")
        self._answers = self._row(self._question, self.confirm, self.debrief, self.keep_going)
        self._answers.hide()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(20, 0, 20, 0)
        layout.setSpacing(8)
        layout.addWidget(self._title)
        layout.addSpacing(10)
        layout.addWidget(self._segments, 1)
        layout.addWidget(self._keyboard)
        layout.addWidget(self._dot)
        layout.addWidget(self._elapsed)
        layout.addSpacing(12)
        layout.addWidget(self._acts)
        layout.addWidget(self._answers)
        self.back.clicked.connect(self.previous_clicked)
        self.next.clicked.connect(self.next_clicked)
        self.stop.clicked.connect(self.stop_clicked)
        self.confirm.clicked.connect(self.stop_confirmed)
        self.debrief.clicked.connect(self.next_clicked)
        self.keep_going.clicked.connect(self.withdraw_question)

    @staticmethod
    def _row(*parts: QWidget) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        for part in parts:
            layout.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        return row

    def show_session(self, title: str, *, segments: str) -> None:
        self._title.show_text(title)
        self._segments.show_text(segments)
        self.withdraw_question()
        self.show_elapsed(0.0)

    def show_paused(self, is_paused: bool) -> None:
        """While paused nothing is kept, and the one thing to do is to go on."""
        self._dot.set_level(Level.OFF if is_paused else Level.RECORDING)
        self._dot.setToolTip("Paused: nothing is kept" if is_paused else "Recording")
        self.pause.show_words("Go on" if is_paused else "Pause", primary=is_paused)
        self.next.show_words(self.next.text(), primary=not is_paused)
        self.next.setEnabled(not is_paused)

    def show_keyboard(self, *, is_participants: bool) -> None:
        """Say that plain keys are the participant's now, and how to act all the same."""
        self._keyboard.show_text(_KEYBOARD if is_participants else "")

    def show_elapsed(self, elapsed_s: float) -> None:
        self._elapsed.show_text(minutes(elapsed_s))

    def show_position(self, *, is_first: bool, is_last: bool, is_asking: bool = False) -> None:
        """On the last step the way on is to finish; before the first there is no way back. While
        the participant is asked it is to leave the rest unanswered."""
        words = "Finish" if is_last else "Next step"
        self.next.show_words("End questions" if is_asking else words)
        self.back.setEnabled(not is_first)

    def ask(self, *, can_debrief: bool = False) -> None:
        """Ask whether to stop, or at the end to debrief first; recording goes on meanwhile."""
        self.debrief.setVisible(can_debrief)
        self._acts.hide()
        self._answers.show()
        self.question_changed.emit()

    def withdraw_question(self) -> None:
        self._answers.hide()
        self._acts.show()
        self.question_changed.emit()

    @property
    def is_asking(self) -> bool:
        return self._acts.isHidden()

    @property
    def keyboard_text(self) -> str:
        """What it says of the participant's keyboard."""
        return self._keyboard.text()

    @property
    def elapsed_text(self) -> str:
        return self._elapsed.text()

    @property
    def title_text(self) -> str:
        return self._title.text()
