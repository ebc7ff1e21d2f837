"""One line about the neutral face, with the button that takes it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from journeylab.theme import DARK, Palette
from journeylab.ui.moderator.ports import NeutralProgress
from journeylab.ui.widgets.health import HealthRow, Level, Reading
from journeylab.ui.widgets.keys import KeyButton

NOT_TAKEN: Final = "Neutral face not taken yet"
_BEFORE: Final = f"{NOT_TAKEN}: the participant looks at a dot, relaxed, for five seconds."
_NOT_NEEDED: Final = "Neutral face not needed: emotions are not inferred in this study"
_RUNNING: Final = "The neutral face is being taken."
_LOW_SHARE: Final = 0.7


class NeutralLine(QWidget):
    """``asked`` when the neutral face is wanted. ``problem`` is why nothing else can begin
    meanwhile, or empty; ``is_missing`` whether it is needed and was not taken."""

    asked = Signal()

    def __init__(self, *, key: str, palette: Palette = DARK) -> None:
        super().__init__()
        self.problem = ""
        self._is_needed = True
        self._is_open = False
        self._taken = ""
        self.row = HealthRow(tinted=False, wrap=True, palette=palette)
        self.button = KeyButton("Neutral face", key=key, palette=palette)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self.row, 1)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.button.clicked.connect(self.ask)
        self.show_none()

    @property
    def text(self) -> str:
        """What it says."""
        return self.row.text

    @property
    def is_missing(self) -> bool:
        return self._is_needed and not self._taken

    def ask(self) -> None:
        """As the button does, where it can be taken now."""
        if self.button.isEnabled():
            self.asked.emit()

    def set_open(self, is_open: bool) -> None:
        """Whether it can be taken now."""
        self._is_open = is_open
        self.button.setEnabled(is_open and self._is_needed and not self.problem)

    def set_needed(self, is_needed: bool) -> None:
        """Whether anything is measured against it."""
        if is_needed != self._is_needed:
            self._is_needed = is_needed
            self.show_none()

    def show_none(self) -> None:
        """None is taken yet."""
        self._taken = ""
        self.button.show_words("Neutral face")
        self._say(Reading(Level.OFF, _BEFORE if self._is_needed else _NOT_NEEDED))

    def show_progress(self, progress: NeutralProgress) -> None:
        """The participant looks at the dot."""
        if progress.is_reading:
            words, level = "The participant reads what is asked", Level.OFF
        else:
            share = progress.n_seen / progress.n_frames if progress.n_frames else 1.0
            is_well_seen = share >= _LOW_SHARE
            level = Level.OFF if is_well_seen else Level.WARNING
            seen = "face well seen" if is_well_seen else f"face seen in {share:.0%} only"
            words = f"Neutral face: {progress.done_s:.0f} of {progress.whole_s:.0f} s, {seen}"
        self._say(Reading(level, words), problem=_RUNNING)

    def show_taken(self, sentence: str) -> None:
        """It is in force."""
        self._taken = sentence
        self.button.show_words("Take again")
        self._say(Reading(Level.GOOD, sentence))

    def show_failure(self, sentence: str) -> None:
        """It was not taken, and why."""
        stays = " The one taken before stays." if self._taken else ""
        self.button.show_words("Take again")
        self._say(Reading(Level.WARNING, f"{sentence}{stays}"))

    def _say(self, reading: Reading, *, problem: str = "") -> None:
        self.problem = problem
        self.row.show_reading(reading)
        self.set_open(self._is_open)
