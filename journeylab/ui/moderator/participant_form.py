"""Who takes part: an id, and the segments of the study."""

from __future__ import annotations

import re
from collections.abc import Collection

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from journeylab.errors import StudyError
from journeylab.study.folder import check_participant_id
from journeylab.study.model import Study
from journeylab.theme import DARK, GAP_PX, Palette
from journeylab.ui.moderator.words import plural
from journeylab.ui.widgets.card import Card, Label
from journeylab.ui.widgets.inputs import ComboBox
from journeylab.ui.widgets.style import set_role

_COLUMNS = 2


class ParticipantForm(Card):
    """Emits ``changed`` on every edit; :meth:`problem` says what is still missing."""

    changed = Signal()

    def __init__(self, *, palette: Palette = DARK) -> None:
        super().__init__("Participant")
        self._palette = palette
        self._taken: dict[str, int] = {}
        self._segments: dict[str, ComboBox] = {}
        self.participant_id = QLineEdit()
        self.participant_id.setMaxLength(32)
        self.participant_id.setAccessibleName("Participant id")
        self._hint = Label("An id, never a name.", role="small", wrap=True)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(GAP_PX)
        self._grid.setVerticalSpacing(8)
        self.body.addWidget(self.participant_id)
        self.body.addWidget(self._hint)
        self.body.addLayout(self._grid)
        self.participant_id.textChanged.connect(self._edited)

    @property
    def segment_boxes(self) -> dict[str, ComboBox]:
        return dict(self._segments)

    @property
    def hint(self) -> str:
        return self._hint.text()

    def show_study(self, study: Study, *, taken: Collection[str] = ()) -> None:
        """Show another study's form; ``taken`` holds the ids its sessions bear, one each."""
        self._taken = {one: list(taken).count(one) for one in set(taken)}
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._segments.clear()
        before: QWidget = self.participant_id
        for position, segment in enumerate(study.segments):
            box = ComboBox(palette=self._palette)
            box.addItems(list(segment.values))
            box.setPlaceholderText("Choose")
            box.setCurrentIndex(0 if len(segment.values) == 1 else -1)
            box.setAccessibleName(segment.name)
            box.currentIndexChanged.connect(self._edited)
            row, column = divmod(position, _COLUMNS)
            self._grid.addWidget(Label(_spoken(segment.name), role="small"), 2 * row, column)
            self._grid.addWidget(box, 2 * row + 1, column)
            # Made later than the fields below it, a box would come last under Tab.
            QWidget.setTabOrder(before, box)
            before = box
            self._segments[segment.name] = box
        self.participant_id.clear()
        self.participant_id.setPlaceholderText(f"such as {next_id(tuple(self._taken))}")
        self._edited()

    def values(self) -> tuple[str, dict[str, str]]:
        """The id and the segments chosen."""
        segments = {name: box.currentText() for name, box in self._segments.items()}
        return self.participant_id.text().strip(), {k: v for k, v in segments.items() if v}

    def problem(self) -> str:
        """What keeps the form from being complete, in a sentence; empty when nothing does."""
        participant_id, segments = self.values()
        if not participant_id:
            return "Enter the participant's id."
        try:
            check_participant_id(participant_id)
        except StudyError as error:
            return str(error)
        for name in self._segments:
            if name not in segments:
                return f"Choose the participant's {_spoken(name).lower()}."
        return ""

    def _edited(self) -> None:
        participant_id = self.participant_id.text().strip()
        is_invalid = False
        hint = "An id, never a name."
        if participant_id:
            try:
                check_participant_id(participant_id)
            except StudyError as error:
                is_invalid, hint = True, error.remedy
        if n_sessions := self._taken.get(participant_id, 0):
            hint = f"{participant_id} has {plural(n_sessions, 'session')} already; this adds one."
        self._hint.show_text(hint)
        set_role(self._hint, tone="warning" if is_invalid or n_sessions else "")
        set_role(self.participant_id, invalid="true" if is_invalid else "false")
        self.changed.emit()


def next_id(taken: Collection[str]) -> str:
    """The first of P01, P02 … after those in use."""
    numbers = [int(match[1]) for one in taken if (match := re.fullmatch(r"P(\d+)", one))]
    return f"P{max(numbers, default=0) + 1:02d}"


def _spoken(name: str) -> str:
    words = name.replace("_", " ").replace("-", " ")
    return words[:1].upper() + words[1:]
