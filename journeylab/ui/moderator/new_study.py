"""The dialog that makes a study: its goal, its steps, its folder."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from journeylab.errors import StudyError
from journeylab.study.folder import StudyFolder
from journeylab.theme import DARK, GAP_PX, Palette
from journeylab.ui.moderator.privacy_form import PrivacyForm
from journeylab.ui.moderator.step_editor import (
    ChooseStimulus,
    StepEditor,
    StepHeadings,
    ask_for_stimulus,
)
from journeylab.ui.moderator.study_draft import StepDraft, StudyDraft, write_study
from journeylab.ui.moderator.words import minutes, plural
from journeylab.ui.widgets.background import Background
from journeylab.ui.widgets.card import Card, Label
from journeylab.ui.widgets.keys import KeyButton
from journeylab.ui.widgets.notices import Banner
from journeylab.vocabulary import StimulusKind

ChooseFolder = Callable[[QWidget], Path | None]

_FIRST_STEPS = (
    StepDraft(title="Ad", stage="awareness", planned_s=15, kind=StimulusKind.VIDEO),
    StepDraft(title="Landing page", stage="awareness", planned_s=30, kind=StimulusKind.PAGE),
)


def ask_where(parent: QWidget) -> Path | None:
    """Let the moderator pick the folder to put the study into; None when she does not."""
    name = QFileDialog.getExistingDirectory(parent, "Put the study into", str(Path.home()))
    return Path(name) if name else None


class NewStudyDialog(QDialog):
    """Writes a study and emits it as ``created``; stays open, with a sentence, when it cannot."""

    created = Signal(object)

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        where: Path,
        choose_folder: ChooseFolder = ask_where,
        choose_file: ChooseStimulus = ask_for_stimulus,
        palette: Palette = DARK,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("New study")
        self.resize(1120, 720)
        self._background = Background(self)
        self.finished.connect(self._stop_working)
        self._where = where
        self._choose_folder, self._choose_file = choose_folder, choose_file
        self._palette = palette
        self._steps: list[StepEditor] = []
        self.title = QLineEdit()
        self.title.setMaxLength(120)
        self.title.setPlaceholderText("such as First purchase, mobile")
        self.title.setAccessibleName("Title")
        self.goal = QLineEdit()
        self.goal.setPlaceholderText("such as conversion: +10 % orders from mobile")
        self.goal.setAccessibleName("Goal")
        self.folder = Label("", role="quiet")
        self.folder_button = QPushButton("Change…")
        self.privacy = PrivacyForm(palette=palette)
        self.banner = Banner(palette=palette)
        self.add_button = QPushButton("Add step")
        self.total = Label("", role="quiet")
        self.create_button = KeyButton("Create study", key="Ctrl ⏎", primary=True, palette=palette)
        self.cancel_button = QPushButton("Cancel")
        for button in (self.folder_button, self.add_button, self.cancel_button):
            button.setAutoDefault(False)
        self._build()
        for draft in _FIRST_STEPS:
            self.add_step(draft)
        self._connect()
        self._describe()
        self.title.setFocus()

    def _build(self) -> None:
        head = Card()
        grid = QGridLayout()
        grid.setHorizontalSpacing(GAP_PX)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for row, (name, widget) in enumerate((("Title", self.title), ("Goal", self.goal))):
            grid.addWidget(Label(name, role="quiet"), row, 0)
            grid.addWidget(widget, row, 1, 1, 2)
        grid.addWidget(Label("Folder", role="quiet"), 2, 0)
        grid.addWidget(self.folder, 2, 1)
        grid.addWidget(self.folder_button, 2, 2)
        head.body.addLayout(grid)
        steps = Card("Steps")
        steps.body.addWidget(StepHeadings())
        inner = QWidget()
        self._lines = QVBoxLayout(inner)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(8)
        self._lines.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(inner)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll = scroll
        steps.body.addWidget(scroll, 1)
        under = QHBoxLayout()
        under.addWidget(self.add_button)
        under.addSpacing(GAP_PX)
        under.addWidget(self.total)
        under.addStretch(1)
        steps.body.addLayout(under)
        acts = QHBoxLayout()
        acts.setSpacing(GAP_PX)
        acts.addStretch(1)
        acts.addWidget(self.cancel_button)
        acts.addWidget(self.create_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(GAP_PX)
        layout.addWidget(Label("New study", role="title"))
        layout.addWidget(self.banner)
        layout.addWidget(head)
        layout.addWidget(self.privacy)
        layout.addWidget(steps, 1)
        layout.addLayout(acts)

    def _connect(self) -> None:
        self.title.textChanged.connect(self._describe)
        self.folder_button.clicked.connect(self._change_folder)
        self.add_button.clicked.connect(self._add_empty)
        self.cancel_button.clicked.connect(self.reject)
        self.create_button.clicked.connect(self.create_study)
        # Enter alone must not create: it is pressed at the end of every field.
        for key in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(key), self).activated.connect(self.create_button.click)

    @property
    def steps(self) -> tuple[StepEditor, ...]:
        """The lines, in order."""
        return tuple(self._steps)

    def add_step(self, draft: StepDraft) -> StepEditor:
        """Append a step."""
        editor = StepEditor(draft, choose_file=self._choose_file, palette=self._palette)
        for button in (
            editor.choose_button,
            editor.up_button,
            editor.down_button,
            editor.remove_button,
        ):
            button.setAutoDefault(False)
        editor.moved.connect(partial(self._move, editor))
        editor.removed.connect(partial(self._remove, editor))
        editor.seconds.textChanged.connect(self._describe)
        self._steps.append(editor)
        self._lines.insertWidget(len(self._steps) - 1, editor)
        self._renumber()
        return editor

    def draft(self) -> StudyDraft:
        """The study as it stands.

        Raises
        ------
        StudyError
            When the privacy form holds no day, or an unfit passphrase.
        """
        return StudyDraft(
            title=self.title.text(),
            goal=self.goal.text(),
            steps=tuple(step.draft() for step in self._steps),
            privacy=self.privacy.privacy(),
            passphrase=self.privacy.new_passphrase(),
        )

    def target(self) -> Path:
        """The folder the study will get: named after its title, beside the others."""
        name = "".join(c if c.isalnum() or c in " -_" else " " for c in self.title.text())
        name = "-".join(name.lower().split()) or "new-study"
        candidate, number = self._where / name, 2
        while candidate.exists():
            candidate, number = self._where / f"{name}-{number}", number + 1
        return candidate

    def create_study(self) -> None:
        """Write it, beside the window's own thread: a video takes a while to copy."""
        try:
            draft = self.draft()
        except StudyError as error:
            self.banner.say(str(error))
            return
        self.create_button.setEnabled(False)
        self.banner.say("")
        self._background.run(
            partial(write_study, draft, self.target()),
            done=self._written,
            failed=self._not_written,
        )

    def _stop_working(self) -> None:
        self._background.close()

    def _written(self, folder: StudyFolder) -> None:
        self.created.emit(folder.path)
        self.accept()

    def _not_written(self, sentence: str) -> None:
        self.create_button.setEnabled(True)
        self.banner.say(sentence)

    def _add_empty(self) -> None:
        editor = self.add_step(StepDraft())
        editor.title.setFocus()
        self._scroll.ensureWidgetVisible(editor)

    def _move(self, editor: StepEditor, by: int) -> None:
        index = self._steps.index(editor)
        target = index + by
        if 0 <= target < len(self._steps):
            self._steps.insert(target, self._steps.pop(index))
            self._lines.removeWidget(editor)
            self._lines.insertWidget(target, editor)
            self._renumber()

    def _remove(self, editor: StepEditor) -> None:
        self._steps.remove(editor)
        self._lines.removeWidget(editor)
        editor.hide()
        editor.deleteLater()
        self._renumber()

    def _change_folder(self) -> None:
        path = self._choose_folder(self)
        if path is not None:
            self._where = path
            self._describe()

    def _renumber(self) -> None:
        for index, step in enumerate(self._steps):
            step.show_place(index, count=len(self._steps))
        self._describe()

    def _describe(self) -> None:
        self.folder.show_text(str(self.target()))
        total_s = sum(step.planned_s for step in self._steps)
        self.total.show_text(f"{plural(len(self._steps), 'step')}, {minutes(total_s)} in all")
