"""The expected map: the team draws what it believes, locks it, and sees how far off it was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from journeylab.analysis.expectation import Expectation
from journeylab.analysis.expected import (
    LONGEST_WORDS,
    ExpectedDocument,
    ExpectedPoint,
    ExpectedVersion,
    gap_sentences,
    origin_words,
)
from journeylab.analysis.signed import signed
from journeylab.study.model import Study
from journeylab.theme import LIGHT, Palette
from journeylab.ui.analysis.expected_canvas import CanvasStep, ExpectedCanvas
from journeylab.ui.widgets.card import Card, Label
from journeylab.ui.widgets.style import set_role
from journeylab.ui.widgets.waiting import PatientProgress

_GAPS_PX: Final = 340
_VERSIONS_PX: Final = 340
_MOST_LETTERS: Final = 26
_KEYS: Final = (
    "Draw with the mouse, or: ← → step, ↑ ↓ by 5 (Shift: by 1), Delete takes the point away."
)


class ExpectedPage(QWidget):
    """Shows an ExpectedDocument and a draft; asks for a version to be locked."""

    lock_asked = Signal(object, str)
    """A tuple of ExpectedPoint, and the authors."""
    stop_asked = Signal()
    """Reading what was measured is to be stopped."""

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        self.setProperty("role", "page")
        self._study: Study | None = None
        self._document = ExpectedDocument()
        self._expectation: Expectation | None = None
        self._draft: dict[str, float] = {}
        self._words: dict[str, str] = {}
        self.versions = QComboBox()
        self.versions.setAccessibleName("Version")
        self.versions.setMinimumWidth(_VERSIONS_PX)
        self.canvas = ExpectedCanvas(palette=palette)
        self._step = Label("", role="strong")
        self.words = QLineEdit()
        self.words.setMaxLength(LONGEST_WORDS)
        self.words.setPlaceholderText("What do you expect here, and why? (optional)")
        self.words.setAccessibleName("Words for the step")
        self.authors = QLineEdit()
        self.authors.setMaxLength(LONGEST_WORDS)
        self.authors.setPlaceholderText("Who expects this: names, or a team")
        self.authors.setAccessibleName("Authors")
        self.lock = QPushButton("Lock it")
        self.lock.setProperty("role", "primary")
        self._status = Label("", role="small", wrap=True)
        self._gaps = QVBoxLayout()
        self.progress = PatientProgress(of="reading what was measured", stop_hint="Read no further")
        self._build()
        self._wire()
        self._offer()

    @property
    def status(self) -> str:
        """What is said of the version on show."""
        return self._status.text()

    @property
    def draft(self) -> tuple[ExpectedPoint, ...]:
        """What would be locked, in the order of the steps."""
        steps = self._study.steps if self._study is not None else ()
        return tuple(
            ExpectedPoint(step.id, self._draft[step.id], self._words.get(step.id, "").strip())
            for step in steps
            if step.id in self._draft
        )

    def set_study(self, study: Study | None) -> None:
        """Show another study's steps; a draft of the one before is gone."""
        if study is not None and self._study is not None and study.id == self._study.id:
            kept = dict(self._draft), dict(self._words)
        else:
            kept = {}, {}
            self._document, self._expectation = ExpectedDocument(), None
            self.authors.clear()
        self._study = study
        self._draft, self._words = kept
        stages: list[str] = []
        steps = []
        for step in study.steps if study is not None else ():
            if step.stage not in stages:
                stages.append(step.stage)
            steps.append(CanvasStep(step.id, step.title, step.stage, stages.index(step.stage)))
        self.canvas.show_steps(steps)
        self._list_versions()

    def show_document(self, document: ExpectedDocument) -> None:
        """Show what is kept; the newest version, or the draft where there is none."""
        is_new = document != self._document
        self._document = document
        if is_new and document.newest is not None:
            self._draft = {one.step_id: one.valence for one in document.newest.point}
            self._words = {one.step_id: one.words for one in document.newest.point}
        self._list_versions()

    def show_expectation(self, expectation: Expectation | None) -> None:
        """Set the newest version against what was measured."""
        self._expectation = expectation
        self.progress.end()
        self._show_version(self.versions.currentIndex())

    def say(self, words: str, *, tone: str = "") -> None:
        """Show a sentence beneath the canvas."""
        self._status.show_text(words)
        set_role(self._status, tone=tone)

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        titles = QVBoxLayout()
        titles.setSpacing(2)
        titles.addWidget(Label("What do you expect?", role="heading"))
        titles.addWidget(
            Label(
                "Draw before the first session how people will feel on each step. What is locked "
                "stays; a change is a new version.",
                role="quiet",
                wrap=True,
            )
        )
        head.addLayout(titles, 1)
        head.addWidget(self.versions)
        form = Card()
        row = QHBoxLayout()
        row.setSpacing(12)
        self._step.setMinimumWidth(150)
        row.addWidget(self._step)
        row.addWidget(self.words, 1)
        form.body.addLayout(row)
        row = QHBoxLayout()
        row.setSpacing(12)
        who = Label("Expected by", role="quiet")
        who.setMinimumWidth(150)
        row.addWidget(who)
        row.addWidget(self.authors, 1)
        row.addWidget(self.lock)
        form.body.addLayout(row)
        form.body.addWidget(self._status)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.canvas, 1)
        left.addWidget(Label(_KEYS, role="small"))
        left.addWidget(form)
        self._gap_card = Card("Gap to what was measured")
        self._gap_card.body.addWidget(self.progress)
        holder = QWidget()
        self._gaps = QVBoxLayout(holder)
        self._gaps.setContentsMargins(0, 0, 4, 0)
        self._gaps.setSpacing(10)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(holder)
        self._gap_card.body.addWidget(area, 1)
        self._gap_card.setFixedWidth(_GAPS_PX)
        body = QHBoxLayout()
        body.setSpacing(12)
        body.addLayout(left, 1)
        body.addWidget(self._gap_card)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 16)
        layout.setSpacing(12)
        layout.addLayout(head)
        layout.addLayout(body, 1)

    def _wire(self) -> None:
        self.canvas.changed.connect(self._take_points)
        self.canvas.chosen.connect(self._show_step)
        self.words.textEdited.connect(self._take_words)
        self.authors.textEdited.connect(self._offer)
        self.versions.activated.connect(self._show_version)
        self.lock.clicked.connect(self._ask)
        self.progress.stopped.connect(self.stop_asked)

    def _list_versions(self) -> None:
        self.versions.clear()
        n = len(self._document.version)
        self.versions.addItem(f"Draft of version {n + 1}")
        for number in range(n, 0, -1):
            self.versions.addItem(_version_words(number, self._document.version[number - 1]))
        self.versions.setCurrentIndex(1 if n else 0)
        self._show_version(self.versions.currentIndex())

    def _version(self) -> ExpectedVersion | None:
        """The locked version on show; None for the draft."""
        index = self.versions.currentIndex()
        if index < 1:
            return None
        return self._document.version[len(self._document.version) - index]

    def _show_version(self, _index: int) -> None:
        version = self._version()
        is_newest = version is not None and version is self._document.newest
        expectation = self._expectation if is_newest else None
        if version is None:
            self.canvas.show_points(self._draft, is_locked=False)
        else:
            measured = {
                gap.step_id: gap.measured
                for gap in (expectation.gaps if expectation is not None else ())
                if gap.is_measured
            }
            values = {one.step_id: one.valence for one in version.point}
            self.canvas.show_points(values, is_locked=True, measured=measured)
        self._show_gaps(expectation)
        self._show_step(self.canvas.index)
        self._offer()

    def _show_gaps(self, expectation: Expectation | None) -> None:
        while (item := self._gaps.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        told = gap_sentences(expectation) if expectation is not None else ()
        for sentence in told:
            self._gaps.addWidget(Label(sentence, wrap=True))
        if expectation is not None:
            about = origin_words(expectation)
            key = f"Solid: measured. Dashed: {about}"
            self._gaps.addWidget(Label(key, role="small", wrap=True))
        self._gaps.addStretch(1)
        self._gap_card.setVisible(bool(told))

    def _show_step(self, index: int) -> None:
        steps = self._study.steps if self._study is not None else ()
        if not 0 <= index < len(steps):
            return
        step, version = steps[index], self._version()
        values: Mapping[str, float] = self.canvas.values
        value = signed(values[step.id]) if step.id in values else "no point yet"
        self._step.show_text(f"{step.title}: {value}")
        words = self._words.get(step.id, "")
        if version is not None:
            point = version.values.get(step.id)
            words = point.words if point is not None else ""
        if self.words.text() != words:
            self.words.setText(words)

    def _take_points(self) -> None:
        self._draft = self.canvas.values
        self._show_step(self.canvas.index)
        self._offer()

    def _take_words(self, words: str) -> None:
        if self._study is not None and self._version() is None:
            self._words[self._study.steps[self.canvas.index].id] = words
            self._offer()

    def _offer(self, *_text: object) -> None:
        version = self._version()
        is_draft = version is None
        self.words.setReadOnly(not is_draft)
        self.authors.setReadOnly(not is_draft)
        if version is not None:
            self.authors.setText(version.authors)
        number = len(self._document.version) + 1
        self.lock.setText(f"Lock version {number}")
        self.lock.setVisible(is_draft)
        is_same = self._document.newest is not None and self._document.newest.point == self.draft
        self.lock.setEnabled(
            bool(self._draft) and bool(self.authors.text().strip()) and not is_same
        )
        n_steps = len(self._study.steps) if self._study is not None else 0
        if not is_draft:
            newest = version is self._document.newest
            self.say("Locked. It is the one the map shows." if newest else "Locked, and replaced.")
        elif is_same:
            self.say("The same as the version locked last. Draw what you expect now.")
        else:
            self.say(f"{len(self._draft)} of {n_steps} steps have a point. Nothing is kept yet.")

    def _ask(self) -> None:
        self.lock_asked.emit(self.draft, self.authors.text())


def _version_words(number: int, version: ExpectedVersion) -> str:
    try:
        day = datetime.fromisoformat(version.locked_utc).astimezone()
        when = f"{day.day} {day:%b %Y}"
    except ValueError:
        when = "no date"
    who = version.authors
    if len(who) > _MOST_LETTERS:
        who = who[: _MOST_LETTERS - 1].rstrip(" ,") + "…"
    return f"Version {number} · {when} · {who}"
