"""The debrief: what to talk about, how each task ended, and notes of what is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from journeylab.clock import Clock
from journeylab.theme import DARK, GAP_PX, Palette
from journeylab.ui.moderator.line_field import FirstKey
from journeylab.ui.moderator.words import minutes
from journeylab.ui.widgets.card import Card, Label
from journeylab.ui.widgets.inputs import ComboBox
from journeylab.ui.widgets.keys import KeyButton, KeyCap
from journeylab.ui.widgets.notices import Banner
from journeylab.vocabulary import TaskOutcome

_LONGEST_NOTE = 2000
_WIDTH_PX = 1180
_OUTCOME_PX, _TIME_PX, _GAP_PX = 148, 92, 14
_OUTCOMES: Final = (
    (None, "Not said"),
    *((outcome, str(outcome).capitalize()) for outcome in TaskOutcome),
)
_PROMPTS = (
    "What was hardest, and what did you expect there instead?",
    "What was missing when you had to decide?",
    "How would you tell a friend about it?",
)


@dataclass(frozen=True, slots=True)
class DebriefLine:
    """How one step went: time in it (0 when it was not reached), how long it was planned (None
    for a step the study does not have), how its task ended (None while that was not said), what
    was marked in it."""

    title: str
    spent_s: float
    planned_s: float | None
    outcome: TaskOutcome | None = None
    marks: tuple[str, ...] = ()
    step_id: str = ""


@dataclass(frozen=True, slots=True)
class DebriefView:
    """What the moderator may talk about."""

    participant_id: str
    lines: tuple[DebriefLine, ...]
    hypothesis: str = ""


class DebriefRow(QWidget):
    """One step: its title, what was marked in it, how its task ended, and its time.

    ``outcome_chosen`` goes out with the outcome that a person chose, None for "Not said".
    """

    outcome_chosen = Signal(object)

    def __init__(self, *, palette: Palette = DARK) -> None:
        super().__init__()
        self._title = Label("", role="strong", wrap=True)
        self._said = Label("", role="quiet", wrap=True)
        self._time = Label("", role="quiet")
        self._time.setFixedWidth(_TIME_PX)
        self._time.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self.outcome = ComboBox(palette=palette)
        self.outcome.setFixedWidth(_OUTCOME_PX)
        self.outcome.addItems([words for _, words in _OUTCOMES])
        self.outcome.activated.connect(self._choose)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self._title)
        words.addWidget(self._said)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(_GAP_PX)
        top = Qt.AlignmentFlag.AlignTop
        row.addLayout(words, 1)
        row.addWidget(self.outcome, 0, top)
        row.addWidget(self._time, 0, top)

    def show_line(self, line: DebriefLine) -> None:
        """Show how a step went."""
        was_reached = line.spent_s > 0
        if line.planned_s is None:
            time = f"{minutes(line.spent_s)}\nunplanned"
        else:
            time = f"{minutes(line.spent_s)} of {minutes(line.planned_s)}"
            time = f"{time}\nover plan" if line.spent_s - line.planned_s >= 1 else time
        self._title.show_text(line.title)
        self._said.show_text(_marked(line))
        self._time.show_text(time if was_reached else "not reached")
        self.outcome.setVisible(was_reached)
        self.outcome.setAccessibleName(f"How the task of {line.title} ended")
        self.outcome.setCurrentIndex([one for one, _ in _OUTCOMES].index(line.outcome))

    def _choose(self, index: int) -> None:
        self.outcome_chosen.emit(_OUTCOMES[index][0])


class DebriefPage(QWidget):
    """Steps to talk about at the left, notes at the right; ``save_requested`` ends the session.

    Only notes and task outcomes are kept while it is shown. Enter keeps a note, which goes out with
    the time of its first key, ns; what still stands in the field when the page is left is kept as
    well. ``outcome_chosen`` goes out with a step's id and how its task ended, None for what is not
    to be said. ``opened`` and ``closed`` go out when the page is to be shown, and when the session
    is recorded again instead.
    """

    note_requested = Signal(str, object)
    outcome_chosen = Signal(str, object)
    save_requested = Signal()
    back_requested = Signal()
    opened = Signal()
    closed = Signal()

    def __init__(self, *, clock: Clock, palette: Palette = DARK) -> None:
        super().__init__()
        self.setProperty("role", "page")
        self._title = Label("Debrief", role="title")
        self._hypothesis = Label("", role="quiet", wrap=True)
        self._palette = palette
        self._rows = QVBoxLayout()
        self.rows: list[DebriefRow] = []
        self._step_ids: list[str] = []
        self.field = QLineEdit()
        self.field.setPlaceholderText("What was said, in a sentence")
        self.field.setMaxLength(_LONGEST_NOTE)
        self.field.setAccessibleName("Note on the session")
        self.field.setMinimumHeight(36)
        self._first_key = FirstKey(self.field, clock=clock)
        self._kept = Label("", wrap=True)
        self._kept.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._kept.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._n_kept = 0
        self.banner = Banner(palette=palette)
        self.save = KeyButton("Save session", key="Ctrl+⏎", primary=True, palette=palette)
        self.back = KeyButton("Back to the last step", key="Alt+←", palette=palette)
        self._lay_out()
        self.field.returnPressed.connect(self.keep_typed)
        self.save.clicked.connect(self.ask_to_save)
        self.back.clicked.connect(self._go_back)
        for key, act in (
            ("Ctrl+Return", self.ask_to_save),
            ("Ctrl+Enter", self.ask_to_save),
            ("Alt+Left", self._go_back),
        ):
            shortcut = QShortcut(QKeySequence(key), self)
            # A last click may have taken the keyboard to the participant's window.
            shortcut.setContext(Qt.ShortcutContext.ApplicationShortcut)
            shortcut.setAutoRepeat(False)
            shortcut.activated.connect(act)

    def _lay_out(self) -> None:
        cards = QHBoxLayout()
        cards.setSpacing(GAP_PX)
        cards.addWidget(self._talk_card(), 6)
        cards.addWidget(self._note_card(), 5)
        acts = QHBoxLayout()
        acts.setSpacing(GAP_PX)
        acts.addWidget(self.save)
        acts.addWidget(self.back)
        acts.addStretch(1)
        column = QWidget()
        column.setMaximumWidth(_WIDTH_PX)
        rows = QVBoxLayout(column)
        rows.setContentsMargins(24, 24, 24, 24)
        rows.setSpacing(GAP_PX)
        rows.addWidget(self._title)
        words = (
            "The participant sees that it is over. Nothing is kept any more but your notes, each "
            "with its time, and how you say the tasks ended."
        )
        rows.addWidget(Label(words, role="quiet", wrap=True))
        rows.addWidget(self.banner)
        rows.addLayout(cards, 1)
        rows.addLayout(acts)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addStretch(1)
        layout.addWidget(column, 20)
        layout.addStretch(1)

    def _talk_card(self) -> Card:
        card = Card("To talk about")
        card.body.addWidget(self._hypothesis)
        card.body.addSpacing(6)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 8, 0)
        self._rows.setSpacing(10)
        column.addLayout(self._rows)
        column.addStretch(1)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 8, 0)
        head.setSpacing(_GAP_PX)
        head.addStretch(1)
        ended, time = Label("Task ended", role="small"), Label("Time", role="small")
        ended.setFixedWidth(_OUTCOME_PX)
        time.setFixedWidth(_TIME_PX)
        time.setAlignment(Qt.AlignmentFlag.AlignRight)
        head.addWidget(ended)
        head.addWidget(time)
        card.body.addLayout(head)
        card.body.addWidget(_scrolled(inner), 1)
        for prompt in _PROMPTS:
            card.body.addWidget(Label(f"“{prompt}”", role="quiet", wrap=True))
        return card

    def _note_card(self) -> Card:
        card = Card("Your notes")
        line = QHBoxLayout()
        line.setSpacing(9)
        line.addWidget(self.field, 1)
        line.addWidget(KeyCap("⏎"))
        card.body.addLayout(line)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 4, 8, 0)
        column.addWidget(self._kept)
        column.addStretch(1)
        self._notes_area = _scrolled(inner)
        card.body.addWidget(self._notes_area, 1)
        return card

    def show_session(self, view: DebriefView) -> None:
        """A session has come to its end: begin with no notes and the keyboard in the field."""
        self._title.show_text(f"Debrief with {view.participant_id}")
        self._hypothesis.show_text(f"Hypothesis: {view.hypothesis}")
        self._hypothesis.setVisible(bool(view.hypothesis))
        self.show_lines(view.lines)
        self.field.clear()
        self._first_key.take_ns()
        self._kept.show_text("No note yet. Enter keeps what you write.")
        self._n_kept = 0
        self.banner.dismiss()
        self.opened.emit()
        self.field.setFocus()

    def leave_session(self) -> None:
        """The session is recorded again; does nothing while the page is not shown."""
        if self.isVisible():
            self.closed.emit()

    def show_lines(self, lines: Sequence[DebriefLine]) -> None:
        """Show how the steps went; the notes stay."""
        while len(self.rows) > len(lines):
            row = self.rows.pop()
            self._rows.removeWidget(row)
            row.hide()
            row.deleteLater()
        while len(self.rows) < len(lines):
            row = DebriefRow(palette=self._palette)
            row.outcome_chosen.connect(partial(self._choose_outcome, len(self.rows)))
            self.rows.append(row)
            self._rows.addWidget(row)
        self._step_ids = [line.step_id for line in lines]
        for row, line in zip(self.rows, lines, strict=True):
            row.show_line(line)

    def _choose_outcome(self, place: int, outcome: TaskOutcome | None) -> None:
        self.outcome_chosen.emit(self._step_ids[place], outcome)

    @property
    def notes_text(self) -> str:
        """The notes as they are shown."""
        return self._kept.text()

    def keep_typed(self) -> None:
        """Keep what stands in the field as a note."""
        text, began_ns = self.field.text().strip(), self._first_key.take_ns()
        self.field.clear()
        if text:
            self.note_requested.emit(text, began_ns)
            before = f"{self._kept.text()}\n\n" if self._n_kept else ""
            self._n_kept += 1
            self._kept.setText(f"{before}{text}")

    def ask_to_save(self) -> None:
        """End the session and save it, with what still stands in the field."""
        self.keep_typed()
        self.save_requested.emit()

    def _go_back(self) -> None:
        self.keep_typed()
        self.back_requested.emit()


def _marked(line: DebriefLine) -> str:
    counts = {mark: line.marks.count(mark) for mark in dict.fromkeys(line.marks)}
    said = [mark if n == 1 else f"{mark} ×{n}" for mark, n in counts.items()]
    return ", ".join(said) or "nothing marked"


def _scrolled(inner: QWidget) -> QScrollArea:
    inner.setStyleSheet("background: transparent;")
    area = QScrollArea()
    area.setWidget(inner)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setStyleSheet("QScrollArea { background: transparent; }")
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area
