"""Who takes part: an id, and the segments of the study."""

from __future__ import annotations

import re
from collections.abc import Collection

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QProgressBar, QPushButton, QWidget

from journeylab.errors import StudyError
from journeylab.study.folder import check_participant_id
from journeylab.study.model import Study
from journeylab.study.quotas import Quota, StudyTally
from journeylab.theme import DARK, GAP_PX, Palette
from journeylab.ui.moderator.words import plural
from journeylab.ui.widgets.card import Card, Label
from journeylab.ui.widgets.inputs import ComboBox
from journeylab.ui.widgets.style import set_role

_COLUMNS = 2


class ParticipantForm(Card):
    """Emits ``changed`` on every edit; :meth:`problem` says what is still missing.

    A full quota is pointed out and keeps nobody out.
    """

    changed = Signal()

    def __init__(self, *, palette: Palette = DARK) -> None:
        super().__init__("Participant")
        self._palette = palette
        self._taken: dict[str, int] = {}
        self._segments: dict[str, ComboBox] = {}
        self._quotas: dict[str, Label] = {}
        self._tally: StudyTally | None = None
        self.participant_id = QLineEdit()
        self.participant_id.setMaxLength(32)
        self.participant_id.setAccessibleName("Participant id")
        self._hint = Label("An id, never a name.", role="small", wrap=True)
        self.suggestion = QPushButton("")
        self.suggestion.clicked.connect(self._take_suggestion)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(GAP_PX)
        self._grid.setVerticalSpacing(8)
        for column in range(_COLUMNS):
            self._grid.setColumnStretch(column, 1)
        self._full = Label("", role="small", wrap=True)
        set_role(self._full, tone="warning")
        self._gauge = QProgressBar()
        self._gauge.setTextVisible(False)
        self._gauge.setFixedHeight(6)
        self._gauge.setAccessibleName("Usable participants")
        self._usable = Label("", role="small", wrap=True)
        self.body.addWidget(self.participant_id)
        self.body.addWidget(self._hint)
        self.body.addWidget(self.suggestion, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addLayout(self._grid)
        for part in (self._full, self._gauge, self._usable):
            self.body.addWidget(part)
            part.hide()
        self.participant_id.textChanged.connect(self._edited)

    @property
    def segment_boxes(self) -> dict[str, ComboBox]:
        return dict(self._segments)

    @property
    def hint(self) -> str:
        return self._hint.text()

    @property
    def counts(self) -> str:
        """What it says of quotas and usable participants, for tests and screen readers."""
        said = [label.text() for label in self._quotas.values()]
        said += [label.text() for label in (self._full, self._usable) if not label.isHidden()]
        return " ".join(part for part in said if part)

    def show_study(self, study: Study, *, taken: Collection[str] = ()) -> None:
        """Show another study's form; ``taken`` holds the ids its sessions bear, one each."""
        self._taken = {one: list(taken).count(one) for one in set(taken)}
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._segments.clear()
        self._quotas.clear()
        QWidget.setTabOrder(self.participant_id, self.suggestion)
        before: QWidget = self.suggestion
        for position, segment in enumerate(study.segments):
            box = ComboBox(palette=self._palette)
            box.addItems(list(segment.values))
            box.setPlaceholderText("Choose")
            box.setCurrentIndex(0 if len(segment.values) == 1 else -1)
            box.setAccessibleName(segment.name)
            box.currentIndexChanged.connect(self._edited)
            row, column = divmod(position, _COLUMNS)
            self._grid.addWidget(Label(_spoken(segment.name), role="small"), 3 * row, column)
            self._grid.addWidget(box, 3 * row + 1, column)
            if segment.quotas:
                quota = self._quotas[segment.name] = Label("", role="small", wrap=True)
                self._grid.addWidget(quota, 3 * row + 2, column)
            # Made later than the fields below it, a box would come last under Tab.
            QWidget.setTabOrder(before, box)
            before = box
            self._segments[segment.name] = box
        self.participant_id.clear()
        self.participant_id.setPlaceholderText(f"such as {next_id(tuple(self._taken))}")
        self.show_tally(None)

    def show_tally(self, tally: StudyTally | None) -> None:
        """Show how far the study has come; None until its sessions are counted."""
        self._tally = tally
        for name, label in self._quotas.items():
            quotas = () if tally is None else tally.quotas_of(name)
            label.show_text(" · ".join(quota.words for quota in quotas))
        words = "" if tally is None else _usable_words(tally)
        self._usable.show_text(words)
        self._usable.setVisible(bool(words))
        wanted = None if tally is None else tally.wanted
        self._gauge.setVisible(wanted is not None)
        if tally is not None and wanted is not None:
            self._gauge.setRange(0, wanted)
            self._gauge.setValue(min(tally.usable, wanted))
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
            hint = (
                f"{participant_id} has {plural(n_sessions, 'session')} already. Go on if it is the "
                "same person: this adds one."
            )
        self._hint.show_text(hint)
        set_role(self._hint, tone="warning" if is_invalid or n_sessions else "")
        set_role(self.participant_id, invalid="true" if is_invalid else "false")
        free = next_id(tuple(self._taken))
        self.suggestion.setText(f"Use {free}, the next free id")
        self.suggestion.setVisible(not participant_id or bool(n_sessions) or is_invalid)
        self._warn_of_full_quotas()
        self.changed.emit()

    def _warn_of_full_quotas(self) -> None:
        full = () if self._tally is None else self._tally.full_among(self.values()[1])
        self._full.show_text(" ".join(_full_words(quota) for quota in full))
        self._full.setVisible(bool(full))

    def _take_suggestion(self) -> None:
        self.participant_id.setText(next_id(tuple(self._taken)))
        self.participant_id.setFocus()


def next_id(taken: Collection[str]) -> str:
    """The first of P01, P02 … after those in use."""
    numbers = [int(match[1]) for one in taken if (match := re.fullmatch(r"P(\d+)", one))]
    return f"P{max(numbers, default=0) + 1:02d}"


def _usable_words(tally: StudyTally) -> str:
    of = "" if tally.wanted is None else f" of {tally.wanted}"
    parts = [f"Usable {tally.usable}{of}"]
    if tally.too_poor:
        parts.append(f"{tally.too_poor} more {_was(tally.too_poor)} too poor")
    if tally.simulated:
        parts.append(f"{tally.simulated} simulated {_was(tally.simulated)} not counted")
    if tally.unread:
        parts.append(f"{tally.unread} cannot be read yet")
    return ", ".join(parts)


def _was(count: int) -> str:
    return "was" if count == 1 else "were"


def _full_words(quota: Quota) -> str:
    return (
        f"{_spoken(quota.value)} is full: {quota.usable} of {quota.wanted}. You may go on; this "
        "session counts beyond it."
    )


def _spoken(name: str) -> str:
    words = name.replace("_", " ").replace("-", " ")
    return words[:1].upper() + words[1:]
