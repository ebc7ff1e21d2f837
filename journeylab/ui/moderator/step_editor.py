"""One line of the new-study form: a step with its title, stage, time and stimulus."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QWidget,
)

from journeylab.theme import DARK, Palette
from journeylab.ui.moderator.study_draft import FILE_KINDS, STAGES, StepDraft
from journeylab.ui.widgets.card import Label, SectionLabel, tooltip
from journeylab.ui.widgets.inputs import ComboBox
from journeylab.vocabulary import StimulusKind

KIND_WORDS = {
    StimulusKind.VIDEO: "Video",
    StimulusKind.IMAGE: "Image",
    StimulusKind.PAGE: "Page",
    StimulusKind.INSTRUCTION: "Instruction",
    StimulusKind.CAMERA_ONLY: "Camera only",
}
_FILTERS = {
    StimulusKind.VIDEO: "Video (*.mp4 *.mov *.mkv *.webm *.avi)",
    StimulusKind.IMAGE: "Image (*.png *.jpg *.jpeg *.webp *.bmp)",
    StimulusKind.PAGE: "Page (*.html *.htm)",
}
_HINTS = {
    StimulusKind.VIDEO: "Choose a video file",
    StimulusKind.IMAGE: "Choose an image file",
    StimulusKind.PAGE: "HTML file, or http://…",
    StimulusKind.INSTRUCTION: "What the participant reads",
    StimulusKind.CAMERA_ONLY: "Nothing on the screen",
}
_WIDTHS_PX = {"number": 20, "stage": 140, "seconds": 74, "kind": 144, "choose": 88, "acts": 116}
_LONGEST_S = 24 * 3600
_STRETCHES = {"title": 2, "source": 3}

ChooseStimulus = Callable[[QWidget, StimulusKind], Path | None]


def ask_for_stimulus(parent: QWidget, kind: StimulusKind) -> Path | None:
    """Let the moderator pick a stimulus file; None when she does not."""
    name, _ = QFileDialog.getOpenFileName(
        parent, _HINTS[kind], str(Path.home()), f"{_FILTERS[kind]};;All files (*)"
    )
    return Path(name) if name else None


class StepHeadings(QWidget):
    """The headings over the lines, at the lines' own widths."""

    def __init__(self) -> None:
        super().__init__()
        layout = _line(self)
        for words, width in (
            ("", "number"),
            ("Title", "title"),
            ("Stage", "stage"),
            ("Seconds", "seconds"),
            ("Shows", "kind"),
            ("File, address or text", "source"),
            ("", "choose"),
            ("", "acts"),
        ):
            label = SectionLabel(words)
            if width in _WIDTHS_PX:
                label.setFixedWidth(_WIDTHS_PX[width])
            layout.addWidget(label, _STRETCHES.get(width, 0))


class StepEditor(QWidget):
    """Edits one step; asks to be moved or removed."""

    moved = Signal(int)
    removed = Signal()

    def __init__(
        self,
        draft: StepDraft,
        *,
        choose_file: ChooseStimulus = ask_for_stimulus,
        palette: Palette = DARK,
    ) -> None:
        super().__init__()
        self._choose_file = choose_file
        self.number = Label("", role="quiet")
        self.title = QLineEdit(draft.title)
        self.title.setMaxLength(80)
        self.title.setPlaceholderText("Title")
        self.stage = ComboBox(palette=palette)
        self.stage.setEditable(True)
        self.stage.addItems(list(STAGES))
        self.stage.setCurrentText(draft.stage)
        self.seconds = QLineEdit(f"{draft.planned_s:.0f}")
        self.seconds.setValidator(QIntValidator(1, _LONGEST_S, self.seconds))
        self.seconds.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.kind = ComboBox(palette=palette)
        for kind, words in KIND_WORDS.items():
            # Qt gives an enum of strings back as a plain string.
            self.kind.addItem(words, kind.value)
        self.kind.setCurrentIndex(self.kind.findData(StimulusKind(draft.kind).value))
        self.source = QLineEdit(draft.source)
        self.choose_button = QPushButton("Choose…")
        self.up_button, self.down_button = QPushButton("↑"), QPushButton("↓")
        self.remove_button = QPushButton("✕")
        self._build()
        self._fit_kind()
        self.kind.currentIndexChanged.connect(self._fit_kind)
        self.choose_button.clicked.connect(self._choose)
        self.up_button.clicked.connect(self._move_up)
        self.down_button.clicked.connect(self._move_down)
        self.remove_button.clicked.connect(self.removed)

    def _build(self) -> None:
        layout = _line(self)
        acts = QWidget()
        row = QHBoxLayout(acts)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for button, words in (
            (self.up_button, "Move up"),
            (self.down_button, "Move down"),
            (self.remove_button, "Remove"),
        ):
            button.setFixedWidth(36)
            button.setStyleSheet("padding: 0;")
            button.setToolTip(tooltip(words))
            button.setAccessibleName(words)
            row.addWidget(button)
        for widget, width, name in (
            (self.number, "number", "Number"),
            (self.title, "title", "Title"),
            (self.stage, "stage", "Stage"),
            (self.seconds, "seconds", "Planned seconds"),
            (self.kind, "kind", "Shows"),
            (self.source, "source", "File, address or text"),
            (self.choose_button, "choose", "Choose a file"),
            (acts, "acts", ""),
        ):
            if width in _WIDTHS_PX:
                widget.setFixedWidth(_WIDTHS_PX[width])
            widget.setAccessibleName(name)
            layout.addWidget(widget, _STRETCHES.get(width, 0))

    def draft(self) -> StepDraft:
        """The step as it stands."""
        return StepDraft(
            title=self.title.text(),
            stage=self.stage.currentText(),
            planned_s=self.planned_s,
            kind=self._kind(),
            source=self.source.text(),
        )

    @property
    def planned_s(self) -> float:
        """Planned duration, s; 0 while the field is empty."""
        return float(self.seconds.text() or 0)

    def show_place(self, index: int, *, count: int) -> None:
        """Show its number, and whether it can move."""
        self.number.show_text(str(index + 1))
        self.up_button.setEnabled(index > 0)
        self.down_button.setEnabled(index < count - 1)
        self.remove_button.setEnabled(count > 1)

    def _kind(self) -> StimulusKind:
        return StimulusKind(self.kind.currentData())

    def _fit_kind(self) -> None:
        kind = self._kind()
        self.source.setPlaceholderText(_HINTS[kind])
        self.source.setEnabled(kind is not StimulusKind.CAMERA_ONLY)
        self.choose_button.setEnabled(kind in FILE_KINDS)

    def _choose(self) -> None:
        path = self._choose_file(self, self._kind())
        if path is not None:
            self.source.setText(str(path))
            if not self.title.text():
                self.title.setText(path.stem.replace("_", " ").replace("-", " ").capitalize())

    def _move_up(self) -> None:
        self.moved.emit(-1)

    def _move_down(self) -> None:
        self.moved.emit(1)


def _line(widget: QWidget) -> QHBoxLayout:
    layout = QHBoxLayout(widget)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(8)
    layout.setAlignment(Qt.AlignmentFlag.AlignVCenter)
    return layout
