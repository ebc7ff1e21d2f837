"""What consent decides before a session: whose it is, and whether the microphone runs."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from journeylab.ui.moderator.check_card import CheckCard
from journeylab.ui.moderator.consent_card import ConsentCard
from journeylab.ui.moderator.participant_form import ParticipantForm


class ConsentTie(QObject):
    """Ties the answers of a consent card to the participant whose id was there when they came.

    With another id they are forgotten, and a page she reads is taken back. An id may be entered
    after the answers: it is theirs once it is left.
    """

    def __init__(self, form: ParticipantForm, card: ConsentCard, parent: QObject) -> None:
        super().__init__(parent)
        self._form, self._card = form, card
        self._owner_id = ""
        form.changed.connect(self._take_participant)
        form.participant_id.editingFinished.connect(self._bind)
        card.changed.connect(self._take_consent)

    def _take_participant(self) -> None:
        if self._owner_id in ("", self._form.values()[0]):
            return
        if self._card.is_asking:
            self._card.taken_back.emit()
        self._card.clear_for_another()

    def _take_consent(self) -> None:
        if self._card.is_blank:
            self._owner_id = ""
        elif self._card.is_asking or not self._form.participant_id.hasFocus():
            self._bind()  # else the id may still be typed

    def _bind(self) -> None:
        if not (self._owner_id or self._card.is_blank):
            self._owner_id = self._form.values()[0]


class SoundWish(QObject):
    """Whether the microphone is to run: after a yes to the voice, and while the moderator checks
    it before anybody was asked. ``changed`` goes out with it."""

    changed = Signal(bool)

    def __init__(self, card: ConsentCard, checks: CheckCard, parent: QObject) -> None:
        super().__init__(parent)
        self._card, self._checks = card, checks
        self.is_wanted = False

    def judge(self) -> None:
        """Look at both cards."""
        if self._card.voice:
            self._checks.end_listening()  # she is there, and it is hers to say
        wanted = self._card.voice == "yes" or self._checks.is_listening
        if wanted is not self.is_wanted:
            self.is_wanted = wanted
            self.changed.emit(wanted)
