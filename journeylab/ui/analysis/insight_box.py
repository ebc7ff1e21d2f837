"""An insight's sentence, and the researcher's hand on it: reword, hide, measured again, undo."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from journeylab.analysis.insight_edits import HIDDEN, EditAction, mark_words
from journeylab.analysis.journey import Insight
from journeylab.ui.widgets.card import Label
from journeylab.ui.widgets.style import set_role

_EDITOR_PX = 104


class InsightBox(QWidget):
    """Shows one insight; tells by ``edited`` what the researcher wants of it."""

    edited = Signal(object, str)
    """An EditAction, and the new words where it rewords."""
    undo_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._insight: Insight | None = None
        self.words = Label("", wrap=True)
        self.mark = Label("", role="small", wrap=True)
        self.problem = Label("", role="small", wrap=True)
        self.editor = QPlainTextEdit()
        self.editor.setFixedHeight(_EDITOR_PX)
        self.editor.setTabChangesFocus(True)
        self.editor.setAccessibleName("The insight in your words")
        self.edit = QPushButton("Edit")
        self.hide_it = QPushButton("Hide")
        self.restore = QPushButton("Measured")
        self.undo = QPushButton("Undo")
        self.save = QPushButton("Save")
        self.cancel = QPushButton("Cancel")
        self._dress()
        self._build()
        self._wire()

    def show_insight(self, insight: Insight) -> None:
        """Show an insight with what was done to it."""
        self._insight = insight
        mark = insight.mark
        self.words.show_text(insight.text)
        self.mark.show_text("" if mark is None else mark_words(mark))
        self.mark.setVisible(mark is not None)
        set_role(self.mark, tone="warning" if mark is not None and mark.is_older else "")
        self.say("")
        self.stop_editing()

    def say(self, words: str) -> None:
        """Say why an edit could not be kept."""
        self.problem.show_text(words)
        self.problem.setVisible(bool(words))

    @property
    def is_editing(self) -> bool:
        """Whether the words are being written."""
        return not self.editor.isHidden()

    def _dress(self) -> None:
        self.edit.setToolTip("Say it in your words; what was measured is kept beside it")
        self.hide_it.setToolTip("Leave this sentence out of the map and its exports")
        self.restore.setToolTip("Show the measured sentence again")
        self.undo.setToolTip("Go back to how it was before the last edit (Ctrl+Z)")
        self.save.setToolTip("Keep these words (Ctrl+Enter)")
        self.save.setProperty("role", "primary")
        set_role(self.problem, tone="negative")
        for button in (self.edit, self.hide_it, self.restore, self.undo, self.save, self.cancel):
            button.setStyleSheet("padding: 0 9px; min-height: 28px;")

    def _build(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(6)
        for button in (self.edit, self.hide_it, self.restore, self.undo, self.save, self.cancel):
            row.addWidget(button)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.words)
        layout.addWidget(self.mark)
        layout.addWidget(self.editor)
        layout.addLayout(row)
        layout.addWidget(self.problem)

    def _wire(self) -> None:
        self.edit.clicked.connect(self._begin)
        self.hide_it.clicked.connect(self._hide)
        self.restore.clicked.connect(self._restore)
        self.undo.clicked.connect(self.undo_asked)
        self.save.clicked.connect(self._save)
        self.cancel.clicked.connect(self.stop_editing)
        keep = QShortcut(QKeySequence("Ctrl+Return"), self.editor)
        keep.setContext(Qt.ShortcutContext.WidgetShortcut)
        keep.activated.connect(self._save)
        undo = QShortcut(QKeySequence.StandardKey.Undo, self)
        undo.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        undo.activated.connect(self._undo)

    def _begin(self) -> None:
        if self._insight is None:
            return
        mark = self._insight.mark
        text = self._insight.text if mark is None else (mark.text or mark.measured)
        self.editor.setPlainText(text)
        self._show_editor(True)
        self.editor.setFocus()
        self.editor.selectAll()

    def stop_editing(self) -> None:
        """Leave the words as they are."""
        self._show_editor(False)

    def _show_editor(self, is_shown: bool) -> None:
        is_marked = self._insight is not None and self._insight.mark is not None
        is_hidden = is_marked and self._insight.mark.state == HIDDEN  # type: ignore[union-attr]
        self.editor.setVisible(is_shown)
        self.words.setVisible(not is_shown)
        for button in (self.save, self.cancel):
            button.setVisible(is_shown)
        self.edit.setVisible(not is_shown)
        self.hide_it.setVisible(not is_shown and not is_hidden)
        self.restore.setVisible(not is_shown and is_marked)
        self.undo.setVisible(not is_shown and is_marked)

    def _save(self) -> None:
        words = self.editor.toPlainText()
        self.stop_editing()
        if self._insight is not None and words.strip() and words.strip() != self._insight.text:
            self.edited.emit(EditAction.REWORDED, words)

    def _hide(self) -> None:
        self.edited.emit(EditAction.HIDDEN, "")

    def _restore(self) -> None:
        self.edited.emit(EditAction.RESTORED, "")

    def _undo(self) -> None:
        if self.undo.isVisible():
            self.undo_asked.emit()
