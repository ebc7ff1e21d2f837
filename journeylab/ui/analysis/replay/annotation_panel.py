"""The researcher's annotations: a list, a line to write in, and undo."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from journeylab.analysis.replay_annotations import LONGEST_TEXT, Annotation, AnnotationState
from journeylab.analysis.replay_axis import time_words
from journeylab.clock import NS_PER_S
from journeylab.theme import LIGHT, Palette
from journeylab.ui.analysis.replay.timed_list import TimedList, TimedRow
from journeylab.ui.widgets.card import Label


class AnnotationLine(QLineEdit):
    """A line of text that Enter keeps and Esc gives up."""

    kept = Signal(str)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setMaxLength(LONGEST_TEXT)
        self.setAccessibleName("Annotation")
        self.returnPressed.connect(self._keep)

    def _keep(self) -> None:
        text = self.text().strip()
        if text:
            self.kept.emit(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def event(self, event: object) -> bool:
        # The page's keys (Esc goes back) are not meant for it while text is typed.
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QKeyEvent.Type.ShortcutOverride
            and event.key() == Qt.Key.Key_Escape
        ):
            event.accept()
            return True
        return super().event(event)  # type: ignore[arg-type]


class AnnotationPanel(QWidget):
    """Shows annotations and asks for changes by signals; it keeps none itself."""

    chosen = Signal(object)
    """A TimedRow; its key is the annotation's id."""
    begun = Signal()
    """An annotation is to be written at the time that is shown."""
    written = Signal(str)
    rewritten = Signal(str, str)
    """An annotation's id and its new text."""
    deleted = Signal(str)
    undo_asked = Signal()
    redo_asked = Signal()

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        self._annotations: dict[str, Annotation] = {}
        self._rewritten = ""
        self.list = TimedList("Annotations", palette=palette)
        self.line = AnnotationLine()
        self.add = QPushButton("Annotate  A")
        self.edit = QPushButton("Edit")
        self.delete = QPushButton("Delete")
        self.undo = QPushButton("Undo")
        self.undo.setToolTip("Undo the last change (Ctrl+Z)")
        self._words = Label("", role="small", wrap=True)
        self._problem = Label("", role="small", wrap=True)
        self._problem.setProperty("tone", "negative")
        for button in (self.edit, self.delete, self.undo):
            button.setProperty("role", "quiet")
            button.setStyleSheet("padding: 0 8px;")
        self._build()
        self._wire()
        self.end_writing()
        self.show_state(AnnotationState(), start_ns=0)

    def _build(self) -> None:
        acts = QHBoxLayout()
        acts.setSpacing(2)
        for button in (self.edit, self.delete, self.undo):
            acts.addWidget(button)
        acts.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.add)
        layout.addWidget(self.line)
        layout.addWidget(self._words)
        layout.addWidget(self._problem)
        layout.addWidget(self.list, 1)
        layout.addLayout(acts)

    def _wire(self) -> None:
        self.list.chosen.connect(self.chosen)
        self.list.selectionModel().selectionChanged.connect(self._show_acts)
        self.add.clicked.connect(self.begun)
        self.edit.clicked.connect(self._edit)
        self.delete.clicked.connect(self.delete_selected)
        self.undo.clicked.connect(self.undo_asked)
        self.line.kept.connect(self._keep)
        self.line.left.connect(self.end_writing)

    def show_state(self, state: AnnotationState, *, start_ns: int) -> None:
        """Show the document of the session that began at ``start_ns``."""
        annotations = state.document.annotations
        self._annotations = {one.id: one for one in annotations}
        self.list.show_rows(
            [
                TimedRow(
                    one.t_ns,
                    time_words((one.t_ns - start_ns) / NS_PER_S),
                    one.author,
                    one.text,
                    "accent",
                    key=one.id,
                )
                for one in annotations
            ]
        )
        self.undo.setEnabled(bool(state.history.done))
        self._problem.show_text(state.problem)
        self._problem.setVisible(bool(state.problem))
        self.add.setEnabled(not state.is_closed)
        self._show_acts()
        self._show_words()

    def begin(self, t_ns: int, *, start_ns: int) -> None:
        """Let an annotation be written at a time."""
        self._rewritten = ""
        self._open_line("", f"At {time_words((t_ns - start_ns) / NS_PER_S, tenths=True)}")

    def select(self, annotation_id: str) -> None:
        """Select an annotation."""
        self.list.select_key(annotation_id)

    def delete_selected(self) -> None:
        """Ask for the selected one to be deleted."""
        row = self.list.selected()
        if row is not None:
            self.deleted.emit(row.key)

    def _edit(self) -> None:
        row = self.list.selected()
        if row is not None and row.key in self._annotations:
            self._rewritten = row.key
            self._open_line(self._annotations[row.key].text, "Enter keeps it, Esc leaves it")

    def _open_line(self, text: str, hint: str) -> None:
        self.line.setText(text)
        self.line.setPlaceholderText(hint)
        self.add.hide()
        self.line.show()
        self.line.setFocus()
        self._show_words()

    def _keep(self, text: str) -> None:
        annotation_id = self._rewritten
        self.end_writing()
        if annotation_id:
            self.rewritten.emit(annotation_id, text)
        else:
            self.written.emit(text)

    def end_writing(self) -> None:
        """Give up what is being written, as when another session is opened."""
        self._rewritten = ""
        self.line.clear()
        self.line.hide()
        self.add.show()
        self._show_words()

    def _show_acts(self) -> None:
        has_one = self.list.selected() is not None
        self.edit.setEnabled(has_one)
        self.delete.setEnabled(has_one)

    def _show_words(self) -> None:
        is_writing = not self.line.isHidden()
        words = "Enter keeps it, Esc gives it up." if is_writing else ""
        if not is_writing and not self._annotations:
            words = "None yet. Yours are kept beside the study, never in the session."
        self._words.show_text(words)
        self._words.setVisible(bool(words))
