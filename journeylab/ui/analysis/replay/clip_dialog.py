"""What a clip is to show: its span, whether faces are blurred in it, and what it tells besides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from journeylab.analysis.replay import ReplayTrack
from journeylab.analysis.replay_axis import time_words
from journeylab.clock import NS_PER_S
from journeylab.theme import LIGHT, Palette
from journeylab.ui.widgets.card import Label
from journeylab.ui.widgets.inputs import CheckBox
from journeylab.ui.widgets.style import apply_style, set_role

LONGEST_S: Final = 600.0
"""A clip is a passage to show; a whole session is exported as it was recorded."""
NOT_SHARED: Final = (
    "No clip can be made: this participant did not agree that seconds of the session are shown to "
    "others than the researchers."
)
_BLURRED = "The camera's picture is coarsened, so that nobody in it can be recognised."
_PLAIN = "Faces can be recognised: check what the participant agreed to."
_VOICE = "The voice is not changed: who knows it recognises the person."
_NAMED = "The caption tells the participant's id and form entries."
_TOLD = "Notes and markers are shown as they were written: read them first."
_UNENCRYPTED = "This study is encrypted; the clip will not be."


@dataclass(frozen=True, slots=True)
class ClipChoice:
    """A clip that is asked for: session times in ns.

    ``tells_events`` shows what happened in words, with the strongest action units;
    ``names_participant`` her id and fields in the caption; ``whole_page`` pages as long as they
    are.
    """

    start_ns: int
    end_ns: int
    blurs: bool = True
    has_sound: bool = False
    tells_events: bool = False
    names_participant: bool = False
    whole_page: bool = False


def too_long(duration_s: float) -> str:
    """Why a clip of a length cannot be made; empty where it can."""
    if 0 < duration_s <= LONGEST_S:
        return ""
    if duration_s <= 0:
        return "Nothing lies between its begin and its end."
    return f"A clip has at most {LONGEST_S / 60:.0f} minutes, this one {duration_s / 60:.0f}."


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
        track: ReplayTrack,
        is_encrypted: bool = False,
        palette: Palette = LIGHT,
    ) -> None:
        super().__init__(parent)
        apply_style(self, palette)
        self.setWindowTitle("Save a clip")
        self._span_ns = span_ns
        self._is_encrypted = is_encrypted
        self._is_writing = False
        self.blur = CheckBox("Blur faces", palette=palette)
        self.sound = CheckBox("With sound", palette=palette)
        self.events = CheckBox("Tell what happened, and the action units", palette=palette)
        self.page = CheckBox("Whole page", palette=palette)
        self.names = CheckBox("Name the participant in the caption", palette=palette)
        self._choices = (self.blur, self.sound, self.events, self.page, self.names)
        self._changeable: list[CheckBox] = []
        self.blur.setChecked(True)
        self.blur.setEnabled(track.has_video)
        self.sound.setEnabled(track.has_sound)
        self.page.setVisible(track.has_pages)
        self._notice = Label("", role="small", wrap=True)
        self._said = Label("", role="quiet", wrap=True)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.hide()
        self.save = QPushButton("Save clip")
        self.save.setProperty("role", "primary")
        self.save.setDefault(True)
        self.leave = QPushButton("Cancel")
        first, last = ((t - track.start_ns) / NS_PER_S for t in span_ns)
        self._build(first, last)
        for choice in self._choices:
            choice.toggled.connect(self._show_notice)
        self.save.clicked.connect(self._ask)
        self.leave.clicked.connect(self.reject)
        self._show_notice()
        self._refuse(NOT_SHARED if not track.may_be_shared else too_long(last - first))

    def _build(self, first: float, last: float) -> None:
        words = f"{time_words(first, tenths=True)} to {time_words(last, tenths=True)}"
        heading = Label("Save a clip as video", role="heading")
        span = Label(f"{words} · {last - first:.1f} s, MP4 into the study's exports", role="quiet")
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.leave)
        buttons.addWidget(self.save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(10)
        for part in (heading, span, *self._choices, self._notice, self._progress, self._said):
            layout.addWidget(part)
        layout.addStretch(1)
        layout.addLayout(buttons)
        self.setFixedWidth(460)

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
        for choice in self._changeable:  # another choice may be the way out
            choice.setEnabled(True)

    def reject(self) -> None:
        """Close, and stop what is being written."""
        if self._is_writing:
            self.stopped.emit()
        super().reject()

    def _refuse(self, sentence: str) -> None:
        """Say why no clip can be made, where one cannot."""
        if sentence:
            self.save.setEnabled(False)
            for choice in self._choices:
                choice.setEnabled(False)
            self._notice.hide()
            self._said.show_text(sentence)
            set_role(self._said, tone="negative")

    def _ask(self) -> None:
        self._is_writing = True
        self._changeable = [choice for choice in self._choices if choice.isEnabled()]
        for widget in (self.save, *self._choices):
            widget.setEnabled(False)
        self._progress.setValue(0)
        self._progress.show()
        self._said.show_text("Writing …")
        set_role(self._said, tone="")
        self.asked.emit(
            ClipChoice(
                *self._span_ns,
                blurs=self.blur.isChecked(),
                has_sound=self.sound.isChecked(),
                tells_events=self.events.isChecked(),
                names_participant=self.names.isChecked(),
                whole_page=self.page.isChecked(),
            )
        )

    def _end(self, words: str, *, tone: str) -> None:
        self._is_writing = False
        self._progress.hide()
        self.save.setEnabled(True)
        self._said.show_text(words)
        set_role(self._said, tone=tone)

    def _show_notice(self) -> None:
        parts = [_BLURRED if self.blur.isChecked() else _PLAIN]
        for choice, words in ((self.sound, _VOICE), (self.names, _NAMED), (self.events, _TOLD)):
            if choice.isChecked():
                parts.append(words)
        if self._is_encrypted:
            parts.append(_UNENCRYPTED)
        self._notice.show_text(" ".join(parts))
        self.adjustSize()  # as high as its words are
