"""Expressions of the study's own: a name, a formula over action units, a threshold."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import Qt

from journeylab.study.editing import fresh_title
from journeylab.study.model import Expression
from journeylab.ui.moderator.study_editor.desk import Desk
from journeylab.ui.moderator.study_editor.fields import NumberField, TextField, button
from journeylab.ui.moderator.study_editor.form import Form, Rows
from journeylab.ui.widgets.card import Label
from journeylab.vocabulary import ACTION_UNIT_NAMES, SIDED_ACTION_UNITS

MOST: Final = 12
_LEGEND: Final = (
    "A formula may hold numbers, + - * /, brackets, min, max, mean and abs, and these action "
    "units: "
    + ", ".join(f"{code} {name}" for code, name in ACTION_UNIT_NAMES.items())
    + f"; of one side alone {', '.join(SIDED_ACTION_UNITS)}."
)


class ExpressionForm(Form):
    """One expression."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.name = TextField("Expression", placeholder="such as strained smile", longest=24)
        self.formula = TextField(
            "Formula", placeholder="such as min(AU06, AU12) - 0.5 * AU04", longest=200
        )
        self.threshold = NumberField("Shown from", empty=0.0, most=1, decimals=2)
        self.bind(self.name, ("name",), "expression")
        self.bind(self.formula, ("formula",), "formula")
        self.bind(self.threshold, ("threshold",), "threshold")
        for column, (field, share) in enumerate(
            ((self.name, 3), (self.formula, 6), (self.threshold, 2))
        ):
            self.grid.addWidget(field, 0, column)
            self.grid.setColumnStretch(column, share)


class ExpressionsForm(Form):
    """All expressions of the study; ``at`` is their place."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.rows = Rows(
            desk,
            partial(ExpressionForm, desk),
            noun="expression",
            drop_px=18,
            empty="No expressions yet.",
        )
        self.hold(self.rows)
        self.add_button = button("Add expression")
        self.add_button.clicked.connect(self._add)
        self.grid.addWidget(self.rows, 0, 0)
        self.grid.addWidget(self.add_button, 1, 0, Qt.AlignmentFlag.AlignLeft)
        self.grid.addWidget(Label(_LEGEND, role="small", wrap=True), 2, 0)

    def show_at(self, at: tuple[str | int, ...]) -> None:
        super().show_at(at)
        self.add_button.setEnabled(len(self.desk.study.expressions) < MOST)

    def _add(self) -> None:
        expressions = self.desk.study.expressions
        name = fresh_title("expression", (one.name for one in expressions))
        fresh = Expression.model_construct(name=name, formula="")
        self.desk.put(self.at, (*expressions, fresh), "add expression")
        form = self.rows.rows[-1].form
        assert isinstance(form, ExpressionForm)
        form.name.line.setFocus()
        form.name.line.selectAll()
