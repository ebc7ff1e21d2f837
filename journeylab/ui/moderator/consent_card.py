"""What the participant is told, and what she agrees to."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout

from journeylab.theme import DARK, Palette
from journeylab.ui.moderator.ports import CONSENT_TEXT_VERSION
from journeylab.ui.widgets.card import Card, Label
from journeylab.ui.widgets.inputs import CheckBox

STATEMENT = (
    "A camera watches your face, and software estimates emotions from it (emotion recognition). "
    "Everything stays on this computer. You may decline any recording below, stop at any time, "
    "and have your session erased."
)
_STREAMS = (
    ("face_video", "Face video"),
    ("audio", "Audio"),
    ("screen", "Screen pictures"),
)


class ConsentCard(Card):
    """The statement, the agreement to take part, and a yes or no for each recording."""

    changed = Signal()

    def __init__(self, *, palette: Palette = DARK) -> None:
        super().__init__("Consent", spacing_px=4)
        self.body.addWidget(Label(STATEMENT, role="small", wrap=True))
        self.body.addSpacing(4)
        self.agrees = CheckBox(
            "The participant has heard this and agrees to take part", palette=palette
        )
        self.body.addWidget(self.agrees)
        self.agrees.toggled.connect(self.changed)
        self.streams: dict[str, CheckBox] = {}
        self.body.addSpacing(4)
        self.body.addWidget(Label("and that these are kept:", role="small"))
        row = QHBoxLayout()
        row.setSpacing(20)
        for key, words in _STREAMS:
            box = CheckBox(words, palette=palette)
            box.toggled.connect(self.changed)
            row.addWidget(box)
            self.streams[key] = box
        row.addStretch(1)
        self.body.addLayout(row)

    def clear(self) -> None:
        """Nobody has agreed to anything yet."""
        for box in (self.agrees, *self.streams.values()):
            box.setChecked(False)

    def values(self) -> dict[str, str]:
        """The consent record of a session."""
        streams = {key: "yes" if box.isChecked() else "no" for key, box in self.streams.items()}
        return {
            **streams,
            "emotion_recognition": "yes" if self.agrees.isChecked() else "no",
            "text_version": CONSENT_TEXT_VERSION,
            "stated_by": "participant, entered by the moderator",
        }

    def problem(self) -> str:
        """Why a session may not start, in a sentence; empty when it may."""
        if self.agrees.isChecked():
            return ""
        return "The participant has not agreed to take part yet."
