"""What the participant is told, and what she agrees to: on her own screen, or as she says it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout

from journeylab.session.consent import (
    EMOTION_KEY,
    GAZE_KEY,
    PAGE_KEY,
    POINTER_KEY,
    SHARING_KEY,
    asked_of,
    consent_record,
    consent_text,
)
from journeylab.study.privacy import Privacy
from journeylab.theme import DARK, Palette
from journeylab.ui.widgets.card import Card, Label
from journeylab.ui.widgets.inputs import CheckBox
from journeylab.ui.widgets.keys import KeyButton
from journeylab.ui.widgets.style import set_role

_CHOICES = (
    (EMOTION_KEY, "Emotion recognition"),
    ("face_video", "Face video"),
    (GAZE_KEY, "Gaze and head"),
    (POINTER_KEY, "Mouse"),
    (PAGE_KEY, "Page visits and clicks"),
    ("audio", "Audio"),
    ("screen", "Screen pictures"),
    (SHARING_KEY, "Clips may be shared"),
)
_COLUMNS = 2
_ASKING = "The participant is reading the consent page."
_DECLINED = "The participant does not want to take part."
_BY_HAND = "Or read this out and enter the answers:"
_ANOTHER = "The id was changed: what was answered belonged to another participant. Ask again."
_BY_PARTICIPANT = "Answered by the participant. What you change counts as yours."


class ConsentCard(Card):
    """The statement, the agreement to take part, and a yes or no for each recording.

    ``asked`` goes out when the participant is to answer on her own screen, ``taken_back`` when she
    no longer is. Her answers come to :meth:`show_answers`; what the moderator changes afterwards
    is again hers to state. Nothing is agreed to until it is ticked, emotion recognition included.
    """

    changed = Signal()
    asked = Signal()
    taken_back = Signal()

    def __init__(self, *, palette: Palette = DARK) -> None:
        super().__init__("Consent", spacing_px=4)
        self._privacy = Privacy()
        self._stated_by = "moderator"
        self._has_declined = False
        self._is_asking = False
        self.ask_button = KeyButton("Ask on the participant's screen", key="F2", palette=palette)
        self.take_back_button = KeyButton("Take back", key="Esc", palette=palette)
        self.body.addSpacing(4)
        for button in (self.ask_button, self.take_back_button):
            self.body.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self._state = Label("", role="small", wrap=True)
        self.body.addWidget(self._state)
        self.statement = Label("", role="small", wrap=True)
        self.body.addWidget(self.statement)
        self.body.addSpacing(4)
        self.agrees = CheckBox(
            "The participant has heard this and agrees to take part", palette=palette
        )
        self.body.addWidget(self.agrees)
        self.streams = {key: CheckBox(words, palette=palette) for key, words in _CHOICES}
        self._build()
        self._connect()
        self.show_privacy(self._privacy)
        self.clear()

    def _build(self) -> None:
        self.body.addSpacing(4)
        self.body.addWidget(Label("and to each of these that is ticked:", role="small"))
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(20)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(_COLUMNS, 1)
        self.body.addLayout(self._grid)

    def _connect(self) -> None:
        for box in self._boxes():
            box.toggled.connect(self._changed_by_hand)
        self.ask_button.clicked.connect(self.ask)
        self.take_back_button.clicked.connect(self.taken_back)
        # The participant's window has the keyboard while she answers.
        self._escape = QShortcut(QKeySequence("Esc"), self)
        self._escape.setContext(Qt.ShortcutContext.ApplicationShortcut)
        self._escape.activated.connect(self.taken_back)

    def _boxes(self) -> tuple[CheckBox, ...]:
        return (self.agrees, *self.streams.values())

    def show_privacy(self, privacy: Privacy) -> None:
        """Say what holds in this study, and ask only for what it stores."""
        self._privacy = privacy
        self.statement.show_text(consent_text(privacy))
        shown = []
        keys = asked_of(privacy)
        for key, box in self.streams.items():
            self._grid.removeWidget(box)
            box.setParent(self)
            box.setVisible(key in keys)
            if key in keys:
                shown.append(box)
        for place, box in enumerate(shown):
            self._grid.addWidget(box, place // _COLUMNS, place % _COLUMNS)

    def clear(self) -> None:
        """Nobody has agreed to anything yet."""
        self._set({})
        self._has_declined = False
        self._stated_by = "moderator"
        self._show_state(_BY_HAND, is_asking=False)

    def clear_for_another(self) -> None:
        """Nobody has agreed: what was answered belonged to another participant."""
        self.clear()
        self._show_state(_ANOTHER, is_asking=False, tone="warning")
        self.changed.emit()

    @property
    def is_blank(self) -> bool:
        """True while nothing is asked, answered or ticked."""
        is_ticked = any(box.isChecked() for box in self._boxes())
        return not (is_ticked or self._is_asking or self._has_declined)

    def declines(self, key: str) -> bool:
        """Whether she takes part and said no to that."""
        return self.agrees.isChecked() and not self.streams[key].isChecked()

    @property
    def voice(self) -> str:
        """Yes or no to her voice, no while she reads; empty while nobody has answered."""
        if self.streams["audio"].isChecked() and not self._is_asking:
            return "yes"
        return "" if self.is_blank else "no"

    def set_open(self, is_open: bool) -> None:
        """Whether there is a session to ask in, and her screen is free."""
        self.ask_button.setEnabled(is_open)

    def ask(self) -> None:
        """As the button does, where the participant can be asked."""
        if self.ask_button.isEnabled() and not self._is_asking:
            self.asked.emit()

    def show_asking(self) -> None:
        """The page is on the participant's screen."""
        self.clear()
        self._show_state(_ASKING, is_asking=True)
        self.changed.emit()

    def show_taken_back(self) -> None:
        """She is asked no more, and has answered nothing."""
        if self._is_asking:
            self.clear()
            self.changed.emit()

    def show_answers(self, answers: Mapping[str, str] | None) -> None:
        """The participant answered on her screen; None when she does not take part."""
        self._set(answers or {})
        self._has_declined = answers is None
        self._stated_by = "participant"
        words = _BY_PARTICIPANT if answers is not None else f"{_DECLINED} Nothing was recorded."
        self._show_state(words, is_asking=False, tone="warning" if answers is None else "joy")
        self.changed.emit()

    def values(self) -> dict[str, str]:
        """The consent record of a session."""
        privacy = self._privacy
        asked = asked_of(privacy)
        answers = {
            key: _answer(key in asked and box.isChecked()) for key, box in self.streams.items()
        }
        return consent_record(answers, privacy=privacy, stated_by=self._stated_by)

    def problem(self) -> str:
        """Why a session may not start, in a sentence; empty when it may."""
        if self._is_asking:
            return _ASKING
        if self.agrees.isChecked():
            return ""
        if self._has_declined:
            return _DECLINED
        return "The participant has not agreed to take part yet."

    @property
    def is_asking(self) -> bool:
        """True while the page is on the participant's screen."""
        return self._is_asking

    @property
    def state_text(self) -> str:
        """Who answered, or what is happening."""
        return self._state.text()

    def _set(self, answers: Mapping[str, str]) -> None:
        checked = {box: answers.get(key) == "yes" for key, box in self.streams.items()}
        checked[self.agrees] = bool(answers)
        for box, is_checked in checked.items():
            box.blockSignals(True)
            box.setChecked(is_checked)
            box.blockSignals(False)
            box.update()

    def _changed_by_hand(self) -> None:
        self._stated_by = "moderator"
        self._has_declined = False
        if not self._is_asking:
            self._show_state(_BY_HAND, is_asking=False)
        self.changed.emit()

    def _show_state(self, words: str, *, is_asking: bool, tone: str = "") -> None:
        self._is_asking = is_asking
        self._state.show_text(words)
        set_role(self._state, tone=tone)
        self._escape.setEnabled(is_asking)
        self.take_back_button.setVisible(is_asking)
        self.ask_button.setVisible(not is_asking)
        for box in self._boxes():
            box.setEnabled(not is_asking)


def _answer(is_yes: bool) -> str:
    return "yes" if is_yes else "no"
