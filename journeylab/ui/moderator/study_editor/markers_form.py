"""Markers and their keys: of the whole study, or of one step."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt

from journeylab.study.editing import value_at
from journeylab.study.model import MarkerKey
from journeylab.ui.moderator.study_editor.desk import Desk
from journeylab.ui.moderator.study_editor.fields import TextField, button
from journeylab.ui.moderator.study_editor.form import Form, Rows


class MarkerForm(Form):
    """A marker's key and its name."""

    def __init__(self, desk: Desk, example: str = "confusion") -> None:
        super().__init__(desk)
        self.key = TextField("Key", longest=1)
        self.label = TextField("Marker", placeholder=f"such as {example}", longest=40)
        self.key.setFixedWidth(180)
        self.bind(self.key, ("key",), "marker key")
        self.bind(self.label, ("label",), "marker")
        self.grid.addWidget(self.key, 0, 0)
        self.grid.addWidget(self.label, 0, 1)
        self.grid.setColumnStretch(1, 1)


class MarkersForm(Form):
    """A list of markers; ``at`` is the list, in the study or in a step."""

    def __init__(
        self, desk: Desk, *, empty: str = "No markers yet.", example: str = "confusion"
    ) -> None:
        super().__init__(desk)
        make = partial(MarkerForm, desk, example)
        self.rows = Rows(desk, make, noun="marker", drop_px=18, empty=empty)
        self.hold(self.rows)
        self.add_button = button("Add marker")
        self.add_button.clicked.connect(self._add)
        self.grid.addWidget(self.rows, 0, 0)
        self.grid.addWidget(self.add_button, 1, 0, Qt.AlignmentFlag.AlignLeft)

    def _add(self) -> None:
        study = self.desk.study
        markers: tuple[MarkerKey, ...] = value_at(study, self.at)
        taken = {marker.pressed for marker in (*study.markers, *markers)}
        key = next((key for key in "123456789abcdefghijklm" if key not in taken), "")
        marker = MarkerKey.model_construct(key=key, label="")
        self.desk.put(self.at, (*markers, marker), "add marker")
        form = self.rows.rows[-1].form
        assert isinstance(form, MarkerForm)
        form.label.editor.setFocus()
