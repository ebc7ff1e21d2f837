"""The analysis tab's bar: which sessions, and what to do with the map."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from journeylab.study.assignment import PREFIX
from journeylab.study.model import Study
from journeylab.theme import LIGHT, Palette
from journeylab.ui.analysis.choice_row import ChoiceRow
from journeylab.ui.analysis.export_bar import ExportBar
from journeylab.ui.analysis.show_menu import ShowMenu
from journeylab.ui.analysis.zoom_control import ZoomControl
from journeylab.ui.widgets.card import ElidedLabel, SectionLabel
from journeylab.ui.widgets.inputs import ComboBox
from journeylab.ui.widgets.style import set_role

DEVICE = "device"
_SIDE_BY_SIDE = "side by side"
_FIELD_PX = 130


@dataclass(frozen=True, slots=True)
class _Field:
    """What may split a map: a field of the participant form, or the variants of a step."""

    name: str
    words: str
    values: tuple[str, ...]


class TopBar(QFrame):
    """Segment filter, what is shown, status in words, and export."""

    segment_chosen = Signal(object)
    """A dict with one segment's value, empty for all sessions."""
    compare_asked = Signal(str, object)
    """The name of the segment whose values, a tuple, are to be seen side by side."""
    refresh_asked = Signal()

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        self.setProperty("role", "bar")
        self.setProperty("edge", "bottom")
        self._segments: tuple[_Field, ...] = ()
        self._label = SectionLabel("Device")
        self._label.hide()
        self._fields = ComboBox(palette=palette)
        self._fields.setFixedWidth(_FIELD_PX)
        self._fields.setAccessibleName("Field of the participant form")
        self._fields.setToolTip("Which field of the participant form splits the map")
        self._fields.hide()
        self.choices = ChoiceRow(palette=palette)
        self._status = ElidedLabel("", role="quiet")
        self.show_menu = ShowMenu()
        self.zoom = ZoomControl()
        self.refresh = QPushButton("Read again")
        self.refresh.setToolTip("Read all sessions of the study again (F5)")
        self.refresh.setShortcut("F5")
        self.export = ExportBar()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 8, 16, 8)
        layout.setSpacing(12)
        layout.addWidget(self._label)
        layout.addWidget(self._fields)
        layout.addWidget(self.choices)
        layout.addWidget(self._status, 1)
        layout.addWidget(self.show_menu)
        layout.addWidget(self.zoom)
        layout.addWidget(self.refresh)
        layout.addWidget(self.export)
        self.refresh.clicked.connect(self.refresh_asked)
        self.choices.chosen.connect(self._choose)
        self._fields.activated.connect(self._choose_field)

    def show_study(self, study: Study | None) -> None:
        """Offer the study's segments, device first, or no filter where it knows none."""
        self._segments = () if study is None else _fields_of(study)
        self._fields.clear()
        for field in self._segments:
            self._fields.addItem(field.words, field.name)
        self._fields.setVisible(len(self._segments) > 1)
        self._label.setVisible(len(self._segments) == 1)
        if self._segments:
            self._label.show_text(self._segments[0].words.upper())
        self._offer()

    def choose(self, segment: dict[str, str]) -> None:
        """Press the button of a segment, as a click would."""
        for name in segment:
            self._fields.setCurrentIndex(max(self._fields.findData(name), 0))
            self._offer()
        self.choices.press(segment)

    def choose_side_by_side(self) -> None:
        """Press the button that shows the values of a segment side by side."""
        self.choices.press(_SIDE_BY_SIDE)

    def show_segment(self, segment: dict[str, str]) -> None:
        """Mark a segment as the one on show, without asking for it."""
        self.choices.mark(segment)

    def say(self, words: str, *, tone: str = "") -> None:
        """Show a status; ``tone`` may be joy or negative."""
        self._status.show_text(words)
        set_role(self._status, tone=tone)

    @property
    def status(self) -> str:
        return self._status.text()

    def _offer(self) -> None:
        name = self._fields.currentData()
        segment = next((one for one in self._segments if one.name == name), None)
        choices: list[tuple[str, object]] = []
        if segment is not None:
            choices = [("All", {})]
            choices += [(_titled(value), {segment.name: value}) for value in segment.values]
            if len(segment.values) > 1:
                choices.append(("Side by side", _SIDE_BY_SIDE))
        self.choices.offer(choices)
        self.choices.setVisible(bool(choices))

    def _choose_field(self) -> None:
        self._offer()
        self.segment_chosen.emit({})

    def _choose(self, value: object) -> None:
        if value == _SIDE_BY_SIDE:
            name = str(self._fields.currentData())
            values = next(one.values for one in self._segments if one.name == name)
            self.compare_asked.emit(name, values)
        elif isinstance(value, dict):
            self.segment_chosen.emit(dict(value))


def _fields_of(study: Study) -> tuple[_Field, ...]:
    """The form's fields, device first, then the steps that have variants."""
    segments = sorted(study.segments, key=lambda one: one.name != DEVICE)
    fields = [_Field(one.name, one.name.capitalize(), one.values) for one in segments]
    fields += [
        _Field(PREFIX + step.id, f"Variant of {step.title}", step.variant_ids)
        for step in study.steps
        if step.variants
    ]
    return tuple(fields)


def _titled(value: str) -> str:
    return value[:1].upper() + value[1:]
