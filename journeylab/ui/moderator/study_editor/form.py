"""Forms over a place of the study: fields bound to values, and rows that come and go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from journeylab.study.editing import Place, moved, removed, value_at
from journeylab.study.model import Study
from journeylab.theme import GAP_PX
from journeylab.ui.moderator.study_editor.desk import Desk
from journeylab.ui.moderator.study_editor.fields import Field, button
from journeylab.ui.widgets.card import Label, SectionLabel, tooltip
from journeylab.ui.widgets.style import set_role

Change = Callable[[Study, Place, Any], Study]


class Form(QWidget):
    """Fields of one part of the study, which stands at the place ``at``."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.at: Place = ()
        self._fields: list[tuple[Place, Field]] = []
        self._parts: list[tuple[Place, Form]] = []
        self.grid = QGridLayout(self)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setHorizontalSpacing(GAP_PX)
        self.grid.setVerticalSpacing(10)

    def bind(self, field: Field, place: Place, act: str, *, change: Change | None = None) -> None:
        """Show the value at a place below ``at`` in a field, and take what is entered.

        ``change`` makes the changed study where more changes than that value.
        """
        self._fields.append((place, field))
        field.edited.connect(partial(self._take, place, act, change))
        field.ended.connect(self.desk.break_run)

    def hold(self, part: Form, place: Place = ()) -> None:
        """Another form for a place below ``at``, shown along with this one."""
        self._parts.append((place, part))

    def show_at(self, at: Place) -> None:
        """Show what stands at a place."""
        self.at = at
        for place, field in self._fields:
            field.show_value(self._value(place))
            sentence, is_problem = self.desk.remark((*at, *place))
            field.show_remark(sentence, is_problem=is_problem)
        for place, part in self._parts:
            part.show_at((*at, *place))

    def begin_typing(self) -> None:
        """Put the keyboard into its first field."""
        self._fields[0][1].editor.setFocus()

    def places(self) -> Iterator[Place]:
        """The places whose remarks its fields show."""
        for place, field in self._fields:
            if not field.isHidden():
                yield (*self.at, *place)
        for _, part in self._parts:
            if not part.isHidden():
                yield from part.places()

    def _value(self, place: Place) -> Any:
        return value_at(self.desk.study, (*self.at, *place))

    def _take(self, place: Place, act: str, change: Change | None, value: Any) -> None:
        where = (*self.at, *place)
        if change is None:
            self.desk.put(where, value, act, run=repr(where))
        else:
            self.desk.do(change(self.desk.study, self.at, value), act, run=repr((where, act)))


class Rows(Form):
    """One form for each item of a list, each with the ways to move and to remove it."""

    def __init__(
        self,
        desk: Desk,
        make: Callable[[], Form],
        *,
        noun: str,
        can_move: bool = True,
        is_framed: bool = True,
        drop_px: int = 0,
        empty: str = "",
    ) -> None:
        super().__init__(desk)
        self._make, self._noun = make, noun
        self._drop_px = drop_px  # the buttons stand beside the field, not beside its name
        self._empty = Label(empty, role="quiet")
        self._can_move, self._is_framed = can_move, is_framed
        self.rows: list[Row] = []
        self._stack = QVBoxLayout()
        self._stack.setSpacing(8)
        self.grid.addLayout(self._stack, 0, 0)
        self.grid.addWidget(self._empty, 1, 0)

    def show_at(self, at: Place) -> None:
        self.at = at
        items = value_at(self.desk.study, at) or ()
        self._empty.setVisible(not items and bool(self._empty.text()))
        while len(self.rows) > len(items):
            row = self.rows.pop()
            self._stack.removeWidget(row)
            row.hide()
            row.deleteLater()
        while len(self.rows) < len(items):
            row = Row(self._make(), noun=self._noun, is_framed=self._is_framed)
            row.acts.setContentsMargins(0, self._drop_px, 0, 0)
            row.up_button.setVisible(self._can_move)
            row.down_button.setVisible(self._can_move)
            index = len(self.rows)
            row.up_button.clicked.connect(partial(self._move, index, -1))
            row.down_button.clicked.connect(partial(self._move, index, 1))
            row.remove_button.clicked.connect(partial(self._remove, index))
            self.rows.append(row)
            self._stack.addWidget(row)
        for index, row in enumerate(self.rows):
            row.form.show_at((*at, index))
            row.up_button.setEnabled(index > 0)
            row.down_button.setEnabled(index < len(items) - 1)

    def places(self) -> Iterator[Place]:
        for row in self.rows:
            yield from row.form.places()

    def _move(self, index: int, by: int) -> None:
        study = moved(self.desk.study, (*self.at, index), index + by)
        self.desk.do(study, f"move {self._noun}")

    def _remove(self, index: int) -> None:
        self.desk.do(removed(self.desk.study, (*self.at, index)), f"remove {self._noun}")


class Row(QFrame):
    """One item of a list with its buttons."""

    def __init__(self, form: Form, *, noun: str, is_framed: bool) -> None:
        super().__init__()
        self.form = form
        if is_framed:
            self.setProperty("role", "card")
        self.up_button, self.down_button = button("↑"), button("↓")
        self.remove_button = button("✕")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(*((12, 10, 12, 10) if is_framed else (0, 0, 0, 0)))
        layout.setSpacing(8)
        layout.addWidget(form, 1)
        self.acts = acts = QHBoxLayout()
        acts.setSpacing(4)
        for one, words in (
            (self.up_button, f"Move {noun} up"),
            (self.down_button, f"Move {noun} down"),
            (self.remove_button, f"Remove {noun}"),
        ):
            one.setFixedWidth(34)
            one.setStyleSheet("padding: 0;")
            one.setToolTip(tooltip(words))
            one.setAccessibleName(words)
            acts.addWidget(one)
        layout.addLayout(acts)
        layout.setAlignment(acts, Qt.AlignmentFlag.AlignTop)


class Page(QWidget):
    """A page of the editor: a heading, a line on what it is for, remarks, and a form below."""

    def __init__(self, desk: Desk, title: str, *, detail: str, form: Form) -> None:
        super().__init__()
        self.desk = desk
        self.form = form
        self._remarks = Label("", role="small", wrap=True)
        self._remarks.hide()
        inner = QWidget()
        stack = QVBoxLayout(inner)
        stack.setContentsMargins(0, 0, 10, 0)
        stack.setSpacing(GAP_PX)
        stack.addWidget(Label(title, role="heading"))
        if detail:
            stack.addWidget(Label(detail, role="quiet", wrap=True))
        stack.addWidget(self._remarks)
        stack.addWidget(form)
        stack.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scrolled(inner))

    def show_at(self, at: Place) -> None:
        """Show what stands at a place, and what is said of it beside its fields."""
        self.form.show_at(at)
        show_remarks(self._remarks, self.desk, at, self.form)


def show_remarks(label: Label, desk: Desk, at: Place, form: Form) -> None:
    """Say what no field of a form says; a page without a place of its own says nothing more."""
    said = desk.remarks_beside(at, list(form.places())) if at else []
    lines = [f"{'⚠' if is_problem else 'Hint:'} {sentence}" for sentence, is_problem in said]
    label.show_text("\n".join(lines))
    label.setVisible(bool(lines))
    set_role(label, tone="warning" if any(is_problem for _, is_problem in said) else "")


def scrolled(inner: QWidget) -> QScrollArea:
    """A widget that scrolls downwards when there is too little room."""
    area = QScrollArea()
    area.setWidget(inner)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area


def section(form: Form, title: str, row: int, *, columns: int) -> None:
    """A small heading across a form's grid."""
    form.grid.addWidget(SectionLabel(title), row, 0, 1, columns)
