"""What the moderator is shown of a study's promises: consent, purpose, key, retention."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from journeylab.clock import SessionClock
from journeylab.errors import StudyError
from journeylab.study.folder import load_study, save_study
from journeylab.study.model import Step, Stimulus, Study
from journeylab.study.privacy import Privacy, Purpose
from journeylab.study.study_key import KEYRING, LOSS_WARNING, encrypt_study, is_locked
from journeylab.ui.moderator.consent_card import ConsentCard
from journeylab.ui.moderator.console import ConsolePage
from journeylab.ui.moderator.privacy_form import PrivacyForm
from journeylab.ui.moderator.recents import read_listing
from journeylab.ui.moderator.unlock import UnlockDialog
from journeylab.vocabulary import StimulusKind

PASSPHRASE = "four unrelated words here"
STIMULUS = Stimulus(kind=StimulusKind.INSTRUCTION, text="Go")
STUDY = Study(id="shop", title="Shop", steps=(Step(id="hello", title="Hello", stimulus=STIMULUS),))


def test_the_card_shows_the_text_that_is_stored(qtbot: QtBot) -> None:
    card = ConsentCard()
    qtbot.addWidget(card)
    card.agrees.setChecked(True)
    card.streams["sharing"].setChecked(True)
    assert card.values()["emotion_recognition"] == "no"  # nothing is agreed to beforehand
    card.streams["emotion_recognition"].setChecked(True)
    values = card.values()
    assert values["text"] == card.statement.text()
    assert values["sharing"] == "yes"
    assert values["emotion_recognition"] == "yes"
    card.clear()
    assert not any(box.isChecked() for box in card.streams.values())


def test_only_what_the_study_stores_is_asked_for(qtbot: QtBot) -> None:
    card = ConsentCard()
    qtbot.addWidget(card)
    card.streams["face_video"].setChecked(True)
    card.agrees.setChecked(True)
    card.show_privacy(Privacy(features_only=True, purpose=Purpose.EDUCATION))
    assert card.streams["face_video"].isHidden()
    assert card.streams["emotion_recognition"].isHidden()
    assert not card.streams["audio"].isHidden()
    values = card.values()
    assert (values["face_video"], values["emotion_recognition"]) == ("no", "no")
    card.show_privacy(Privacy())
    assert not card.streams["face_video"].isHidden()


def test_the_console_says_why_there_is_no_trace(qtbot: QtBot) -> None:
    page = ConsolePage(clock=SessionClock())
    qtbot.addWidget(page)
    page.parts.show_emotion(unless=Privacy(purpose=Purpose.WORKPLACE).emotion_notice)
    assert "Art. 5(1)(f)" in page.parts.no_emotion.text()
    assert page.parts.valence.isHidden()
    page.parts.show_emotion(unless="")
    assert not page.parts.valence.isHidden()
    assert page.parts.no_emotion.isHidden()


def test_the_form_warns_of_losing_the_passphrase_before_it_is_set(qtbot: QtBot) -> None:
    form = PrivacyForm()
    qtbot.addWidget(form)
    form.show()
    assert not form._warning.isVisible()
    form.encrypts.setChecked(True)
    assert form._warning.isVisible()
    assert form._warning.text() == LOSS_WARNING
    form.passphrase.setText("short")
    with pytest.raises(StudyError, match="12"):
        form.new_passphrase()
    form.passphrase.setText(PASSPHRASE)
    with pytest.raises(StudyError, match="differ"):
        form.new_passphrase()
    form.again.setText(PASSPHRASE)
    assert form.new_passphrase() == PASSPHRASE
    form.keep_until.setText("soon")
    with pytest.raises(StudyError, match="soon"):
        form.privacy()
    form.keep_until.setText("2027-03-01")
    form.purpose.setCurrentIndex(1)
    expected = Privacy(purpose=Purpose.WORKPLACE, keep_until=date(2027, 3, 1))
    assert form.privacy() == expected


def test_an_encrypted_study_opens_with_its_passphrase_in_the_dialog(
    qtbot: QtBot, tmp_path: Path
) -> None:
    folder = encrypt_study(save_study(tmp_path / "shop", STUDY), PASSPHRASE)
    KEYRING.drop(folder.path)
    dialog = UnlockDialog(folder)
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.unlock_button.isEnabled()
    dialog.passphrase.setText("not these words at all")
    dialog.unlock_button.click()
    qtbot.waitUntil(dialog.banner.isVisible, timeout=20_000)
    assert "not the passphrase" in dialog.banner.text
    assert is_locked(folder)
    dialog.passphrase.setText(PASSPHRASE)
    with qtbot.waitSignal(dialog.unlocked, timeout=20_000):
        dialog.unlock_button.click()
    assert not is_locked(folder)
    assert dialog.passphrase.text() == ""
    KEYRING.drop(folder.path)


def test_the_list_of_studies_reminds_of_the_day(tmp_path: Path) -> None:
    folder = save_study(tmp_path / "shop", STUDY)
    privacy = Privacy(keep_until=date(2027, 3, 1))
    save_study(folder.path, folder.study.model_copy(update={"privacy": privacy}))
    assert load_study(folder.path).study.privacy == privacy
    assert "in 9 days" in read_listing(folder.path, day=date(2027, 2, 20)).reminder
    assert read_listing(folder.path, day=date(2026, 2, 20)).reminder == ""
