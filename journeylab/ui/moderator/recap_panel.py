"""What a session brought: what to redo, how the steps went, and what was answered."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from journeylab.analysis.recap import AnswerLine, Recap, StepRecap
from journeylab.theme import DARK, GAP_PX, Palette
from journeylab.ui.moderator.words import minutes, plural
from journeylab.ui.widgets.card import Card, Label
from journeylab.ui.widgets.health import Level, StatusDot

_TOP = Qt.AlignmentFlag.AlignTop
_BAR_GAP_PX = 6


class RecapPanel(QScrollArea):
    """Scrolls where a session had many steps or answers; built anew for each session."""

    def __init__(self, *, palette: Palette = DARK) -> None:
        super().__init__()
        self._palette = palette
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setStyleSheet("QScrollArea { background: transparent; }")
        # Reached by Tab, so that the arrow keys scroll it.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("What the session brought")
        self.verticalScrollBar().rangeChanged.connect(self._make_room)

    def _make_room(self, _lowest: int, highest: int) -> None:
        """Keep the cards off the scroll bar; where there is none they are as wide as the page."""
        self.setViewportMargins(0, 0, _BAR_GAP_PX if highest else 0, 0)

    def show_recap(self, recap: Recap) -> None:
        """Show another session's."""
        inner = QWidget()
        inner.setObjectName("recap")
        inner.setStyleSheet("QWidget#recap { background: transparent; }")
        layout = QVBoxLayout(inner)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP_PX)
        layout.addWidget(self._redo_card(recap.to_redo))
        layout.addWidget(self._step_card(recap))
        if recap.answers:
            layout.addWidget(_answer_card(recap.answers))
        layout.addStretch(1)
        self.setWidget(inner)
        self.verticalScrollBar().setValue(0)

    @property
    def text(self) -> str:
        """All it says, for tests."""
        inner = self.widget()
        labels = [] if inner is None else inner.findChildren(Label)
        return "\n".join(label.text() for label in labels)

    def _redo_card(self, sentences: Sequence[str]) -> Card:
        card = Card("Before the next session")
        for sentence in sentences or ("Nothing needs to change.",):
            line = QHBoxLayout()
            line.setSpacing(10)
            dot = StatusDot(palette=self._palette)
            dot.set_level(Level.WARNING if sentences else Level.GOOD)
            line.addWidget(dot, 0, _TOP)
            line.addWidget(Label(sentence, wrap=True), 1)
            card.body.addLayout(line)
        return card

    def _step_card(self, recap: Recap) -> Card:
        counted = f"{plural(recap.n_markers, 'marker')}, {plural(recap.n_notes, 'note')}"
        card = Card("Steps")
        card.header.addWidget(Label(counted, role="small"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(2, 4)
        for place, step in enumerate(recap.steps):
            over = step.spent_s - step.planned_s
            time = f"{minutes(step.spent_s)} of {minutes(step.planned_s)}"
            time = time if step.spent_s > 0 else "not reached"
            grid.addWidget(Label(step.title, role="strong", wrap=True), place, 0, _TOP)
            grid.addWidget(Label(_ended(step), role="quiet"), place, 1, _TOP)
            grid.addWidget(Label(_in_short(step.answers), wrap=True), place, 2, _TOP)
            spent = Label(f"{time}, over plan" if over >= 1 else time, role="quiet")
            grid.addWidget(spent, place, 3, _TOP | Qt.AlignmentFlag.AlignRight)
        card.body.addLayout(grid)
        return card


def _answer_card(answers: Sequence[AnswerLine]) -> Card:
    card = Card("Answers about the whole session")
    grid = QGridLayout()
    grid.setHorizontalSpacing(20)
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(0, 3)
    grid.setColumnStretch(1, 5)
    for place, line in enumerate(answers):
        grid.addWidget(Label(line.question, role="quiet", wrap=True), place, 0, _TOP)
        words = f"“{line.answer}”" if line.is_text else line.answer
        grid.addWidget(Label(words, role="" if line.is_text else "strong", wrap=True), place, 1)
    card.body.addLayout(grid)
    return card


def _ended(step: StepRecap) -> str:
    said = ["skipped"] if step.is_skipped else []
    said += [step.outcome] if step.outcome else []
    return ", ".join(said)


def _in_short(answers: Sequence[AnswerLine]) -> str:
    lines = []
    for line in answers:
        answer = f"“{line.answer}”" if line.is_text else line.answer
        sign = "" if line.question.endswith(("?", "!", ".", ":")) else ":"
        lines.append(f"{line.question}{sign} {answer}")
    return "\n".join(lines)
