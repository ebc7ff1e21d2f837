"""What a clip is to show: its span, whether the face is blurred in it, whether it has sound."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from journeylab.analysis.replay_axis import time_words
from journeylab.clock import NS_PER_S
from journeylab.theme import LIGHT, Palette
from journeylab.ui.widgets.card import Label
from journeylab.ui.widgets.inputs import CheckBox
from journeylab.ui.widgets.style import apply_style, set_role

_BLURRED = "Faces are blurred; where none was found, the whole picture is."
_PLAIN = "The face can be recognised: check what the participant agreed to."
_VOICE = "The voice is not changed: who knows it recognises the person."


@dataclass(frozen=True, slots=True)
class ClipChoice:
    """A clip that is asked for: session times in ns."""

    start_ns: int
    end_ns: int
    blurs: bool = True
    has_sound: bool = False


class ClipDialog(QDialog):
    """Asks for a clip, then shows how far it is written."""

    asked = Signal(object)
    """A ClipChoice."""
    stopped = Signal()

    def __init__(
        self,
        parent: QWidget,
        *,
        span_ns: tuple[int, int],
        start_ns: int,
        has_sound: bool,
        has_video: bool,
        palette: Palette = LIGHT,
    ) -> None:
        super().__init__(parent)
        apply_style(self, palette)
        self.setWindowTitle("Save a clip")
        self._span_ns = span_ns
        self._is_writing = False
        first, last = ((t - start_ns) / NS_PER_S for t in span_ns)
        words = f"{time_words(first, tenths=True)} to {time_words(last, tenths=True)}"
        self.blur = CheckBox("Blur the face", palette=palette)
        self.blur.setChecked(True)
        self.blur.setEnabled(has_video)
        self.sound = CheckBox("With sound", palette=palette)
        self.sound.setEnabled(has_sound)
        self._notice = Label("", role="small", wrap=True)
        self._said = Label("", role="quiet", wrap=True)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.hide()
        self.save = QPushButton("Save clip")
        self.save.setProperty("role", "primary")
        self.save.setDefault(True)
        self.leave = QPushButton("Cancel")
        heading = Label("Save a clip as video", role="heading")
        span = Label(f"{words} · {last - first:.1f} s, MP4 into the study's exports", role="quiet")
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.leave)
        buttons.addWidget(self.save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(10)
        parts = (heading, span, self.blur, self.sound, self._notice, self._progress, self._said)
        for part in parts:
            layout.addWidget(part)
        layout.addStretch(1)
        layout.addLayout(buttons)
        self.setFixedWidth(460)
        self.blur.toggled.connect(self._show_notice)
        self.sound.toggled.connect(self._show_notice)
        self.save.clicked.connect(self._ask)
        self.leave.clicked.connect(self.reject)
        self._show_notice()

    def show_progress(self, share: float) -> None:
        """How much of it is written, 0 to 1."""
        self._progress.setValue(round(share * 100))

    def show_written(self, words: str) -> None:
        """It is written."""
        self._end(words, tone="joy")
        self.save.hide()
        self.leave.setText("Close")

    def show_failure(self, sentence: str) -> None:
        """It could not be written."""
        self._end(sentence, tone="negative")

    def reject(self) -> None:
        """Close, and stop what is being written."""
        if self._is_writing:
            self.stopped.emit()
        super().reject()

    def _ask(self) -> None:
        self._is_writing = True
        for widget in (self.save, self.blur, self.sound):
            widget.setEnabled(False)
        self._progress.setValue(0)
        self._progress.show()
        self._said.show_text("Writing …")
        set_role(self._said, tone="")
        self.asked.emit(ClipChoice(*self._span_ns, self.blur.isChecked(), self.sound.isChecked()))

    def _end(self, words: str, *, tone: str) -> None:
        self._is_writing = False
        self._progress.hide()
        self.save.setEnabled(True)
        self._said.show_text(words)
        set_role(self._said, tone=tone)

    def _show_notice(self) -> None:
        parts = [_BLURRED if self.blur.isChecked() else _PLAIN]
        if self.sound.isChecked():
            parts.append(_VOICE)
        self._notice.show_text(" ".join(parts))
