"""Questions to the participant: standard ones with a click, and the study's own."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout

from journeylab.study.editing import Place, new_question, value_at
from journeylab.study.questions import EASE_TEXT, NPS_TEXT, Question
from journeylab.ui.moderator.study_editor.desk import Desk
from journeylab.ui.moderator.study_editor.fields import (
    CheckField,
    LinesField,
    NumberField,
    TextField,
    button,
)
from journeylab.ui.moderator.study_editor.form import Form, Rows
from journeylab.ui.widgets.card import Label
from journeylab.vocabulary import QuestionKind

_NAMES = {
    QuestionKind.EASE: "Ease (SEQ)",
    QuestionKind.MANIKIN: "Feeling (SAM)",
    QuestionKind.SUS: "Usability (SUS)",
    QuestionKind.NPS: "Recommend (NPS)",
    QuestionKind.SCALE: "Scale",
    QuestionKind.CHOICE: "Choice",
    QuestionKind.TEXT: "Free text",
}
_ABOUT = {
    QuestionKind.EASE: "Single ease question, 1 to 7.",
    QuestionKind.MANIKIN: "Two pages with figures: pleasant or not, calm or excited; 1 to 9 each.",
    QuestionKind.SUS: "System usability scale: ten statements, 1 to 5 each.",
    QuestionKind.NPS: "Likelihood to recommend, 0 to 10.",
    QuestionKind.SCALE: "A scale of your own, from 1 on.",
    QuestionKind.CHOICE: "One of several answers.",
    QuestionKind.TEXT: "Answered in the participant's own words.",
}
_OWN_TEXT = {QuestionKind.EASE: EASE_TEXT, QuestionKind.NPS: NPS_TEXT}
_WITH_TEXT = frozenset(QuestionKind) - {QuestionKind.SUS, QuestionKind.MANIKIN}
_WITH_ENDS = frozenset({QuestionKind.EASE, QuestionKind.NPS, QuestionKind.SCALE})


class QuestionForm(Form):
    """One question; shows the fields its kind has."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.name = Label("", role="strong")
        self.about = Label("", role="small", wrap=True)
        self.text = TextField("Question", longest=400)
        self.low = TextField("Low end", placeholder="such as not at all", longest=60)
        self.high = TextField("High end", placeholder="such as very much", longest=60)
        self.points = NumberField("Points", empty=0, is_whole=True, most=11)
        self.choices = LinesField("Choices, one a line", lines=4)
        self.optional = CheckField("May be left out", palette=desk.palette)
        for field, place in (
            (self.text, "text"),
            (self.low, "low"),
            (self.high, "high"),
            (self.points, "points"),
            (self.choices, "choices"),
            (self.optional, "optional"),
        ):
            self.bind(field, (place,), f"question {place}")
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self.name)
        top.addWidget(self.about, 1)
        top.addWidget(self.optional)
        self.grid.addLayout(top, 0, 0, 1, 3)
        self.grid.addWidget(self.text, 1, 0, 1, 3)
        self.grid.addWidget(self.low, 2, 0)
        self.grid.addWidget(self.high, 2, 1)
        self.grid.addWidget(self.points, 2, 2)
        self.grid.addWidget(self.choices, 3, 0, 1, 3)
        for column, stretch in enumerate((2, 2, 1)):
            self.grid.setColumnStretch(column, stretch)

    def show_at(self, at: Place) -> None:
        question = value_at(self.desk.study, at)
        kind = QuestionKind(question.kind)
        self.name.show_text(_NAMES[kind])
        self.about.show_text(_ABOUT[kind])
        own = _OWN_TEXT.get(kind)
        self.text.line.setPlaceholderText(own or "Write the question")
        self.text.setVisible(kind in _WITH_TEXT)
        self.low.setVisible(kind in _WITH_ENDS)
        self.high.setVisible(kind in _WITH_ENDS)
        self.points.setVisible(kind is QuestionKind.SCALE)
        self.choices.setVisible(kind is QuestionKind.CHOICE)
        super().show_at(at)


class QuestionsForm(Form):
    """The questions of a step, or those at the end."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.rows = Rows(
            desk, partial(QuestionForm, desk), noun="question", empty="No questions yet."
        )
        self.hold(self.rows)
        self.add_buttons = {}
        acts = QHBoxLayout()
        acts.setSpacing(6)
        for kind, name in _NAMES.items():
            one = button(name)
            one.setAccessibleName(f"Add {name}")
            one.clicked.connect(partial(self._add, kind))
            self.add_buttons[kind] = one
            acts.addWidget(one)
        acts.addStretch(1)
        self.grid.addWidget(self.rows, 0, 0)
        self.grid.addWidget(Label("Add a question", role="small"), 1, 0)
        self.grid.addLayout(acts, 2, 0)
        self.grid.setAlignment(acts, Qt.AlignmentFlag.AlignLeft)

    def _add(self, kind: QuestionKind, *_: Any) -> None:
        questions: tuple[Question, ...] = value_at(self.desk.study, self.at)
        fresh = new_question(kind, [question.id for question in questions])
        self.desk.put(self.at, (*questions, fresh), "add question")
        form = self.rows.rows[-1].form
        assert isinstance(form, QuestionForm)
        if kind in _WITH_TEXT:
            form.text.editor.setFocus()
