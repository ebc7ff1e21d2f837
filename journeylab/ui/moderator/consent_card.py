"""What the participant is told, and what she agrees to."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout

from journeylab.session.consent import EMOTION_KEY, SHARING_KEY, consent_record, consent_text
from journeylab.study.privacy import Privacy
from journeylab.theme import DARK, Palette
from journeylab.ui.widgets.card import Card, Label
from journeylab.ui.widgets.inputs import CheckBox

_CHOICES = (
    ("face_video", "Face video"),
    ("audio", "Audio"),
    ("screen", "Screen pictures"),
    (SHARING_KEY, "Clips may be shared"),
)
_COLUMNS = 2


class ConsentCard(Card):
    """The statement, the agreement to take part, and a yes or no for each recording.

    To take part is to agree to emotion recognition, as the statement says, where the study uses
    it at all; :attr:`declines_emotion` takes that part back.
    """

    changed = Signal()

    def __init__(self, *, palette: Palette = DARK) -> None:
        super().__init__("Consent", spacing_px=4)
        self._privacy = Privacy()
        self.statement = Label("", role="small", wrap=True)
        self.body.addWidget(self.statement)
        self.body.addSpacing(4)
        self.agrees = CheckBox(
            "The participant has heard this and agrees to take part", palette=palette
        )
        self.body.addWidget(self.agrees)
        self.streams: dict[str, CheckBox] = {}
        self.body.addSpacing(4)
        self.body.addWidget(Label("and to each of these:", role="small"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(_COLUMNS, 1)
        self._grid = grid
        for key, words in _CHOICES:
            self.streams[key] = CheckBox(words, palette=palette)
        self.body.addLayout(grid)
        self.body.addSpacing(4)
        self.declines_emotion = CheckBox(
            "No emotion recognition for this participant", palette=palette
        )
        self.body.addWidget(self.declines_emotion)
        for box in (self.agrees, *self.streams.values(), self.declines_emotion):
            box.toggled.connect(self.changed)
        self.show_privacy(self._privacy)

    def show_privacy(self, privacy: Privacy) -> None:
        """Say what holds in this study, and ask only for what it stores."""
        self._privacy = privacy
        self.statement.show_text(consent_text(privacy))
        asked = []
        for key, box in self.streams.items():
            self._grid.removeWidget(box)
            is_asked = key != "face_video" or not privacy.features_only
            box.setParent(self)
            box.setVisible(is_asked)
            if is_asked:
                asked.append(box)
        for place, box in enumerate(asked):
            self._grid.addWidget(box, place // _COLUMNS, place % _COLUMNS)
        self.declines_emotion.setVisible(privacy.infers_emotion)

    def clear(self) -> None:
        """Nobody has agreed to anything yet."""
        for box in (self.agrees, *self.streams.values(), self.declines_emotion):
            box.setChecked(False)

    def values(self) -> dict[str, str]:
        """The consent record of a session."""
        privacy = self._privacy
        answers = {key: _answer(box.isChecked()) for key, box in self.streams.items()}
        if privacy.features_only:
            answers["face_video"] = _answer(False)
        answers[EMOTION_KEY] = _answer(
            self.agrees.isChecked()
            and privacy.infers_emotion
            and not self.declines_emotion.isChecked()
        )
        stated_by = "participant, entered by the moderator"
        return consent_record(answers, privacy=privacy, stated_by=stated_by)

    def problem(self) -> str:
        """Why a session may not start, in a sentence; empty when it may."""
        if self.agrees.isChecked():
            return ""
        return "The participant has not agreed to take part yet."


def _answer(is_yes: bool) -> str:
    return "yes" if is_yes else "no"
