"""What a study promises: purpose, retention, and how study.toml says it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from journeylab.clock import NS_PER_S, VirtualClock
from journeylab.errors import StudyError
from journeylab.study.folder import StudyFolder, load_study, save_study
from journeylab.study.key_file import KEY_FILE, KeyFile
from journeylab.study.model import Step, Stimulus, Study
from journeylab.study.privacy import Privacy, Purpose, today
from journeylab.study.study_key import (
    KEYRING,
    STUDY_KEY_FILE,
    encrypt_study,
    is_locked,
    unlock_study,
)
from journeylab.vocabulary import StimulusKind

PASSPHRASE = "four unrelated words here"
TEXT = """# our own remark
format = "1"
id = "shop"
title = "Shop"

[[steps]]
id = "a"
title = "A"
stimulus = {kind = "instruction", text = "Go"}

[privacy]
purpose = "workplace"
keep_until = 2027-03-01
features_only = true
"""


def a_study(folder: Path, text: str = TEXT) -> StudyFolder:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return load_study(folder)


def test_study_toml_says_where_and_how_long(tmp_path: Path) -> None:
    privacy = a_study(tmp_path).study.privacy
    assert privacy == Privacy(
        purpose=Purpose.WORKPLACE, keep_until=date(2027, 3, 1), features_only=True
    )
    assert not privacy.infers_emotion
    assert "Art. 5(1)(f)" in privacy.emotion_notice
    assert Privacy().infers_emotion
    assert Privacy().emotion_notice == ""
    assert "education" in Privacy(purpose=Purpose.EDUCATION).emotion_notice


def test_what_was_saved_is_loaded_again_with_a_day_as_toml_writes_days(tmp_path: Path) -> None:
    folder = a_study(tmp_path)
    save_study(tmp_path, folder.study)
    assert "keep_until = 2027-03-01" in (tmp_path / "study.toml").read_text()
    assert load_study(tmp_path).study == folder.study


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('keep_until = "next year"', "privacy.keep_until"),
        ('purpose = "office"', "privacy.purpose"),
        ('features_only = "maybe"', "privacy.features_only"),
        ('encrypt_to = "my key"', "privacy.encrypt_to"),
        ("keep = 3", "privacy.keep: there is no such key"),
    ],
)
def test_a_mistake_in_it_is_named(tmp_path: Path, line: str, expected: str) -> None:
    text = TEXT[: TEXT.index("[privacy]")] + f"[privacy]\n{line}\n"
    with pytest.raises(StudyError, match=expected):
        a_study(tmp_path, text)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2027, 1, 1), ""),
        (date(2027, 2, 1), "in 28 days"),
        (date(2027, 2, 28), "tomorrow"),
        (date(2027, 3, 1), "today"),
        (date(2027, 3, 2), "To be erased"),
    ],
)
def test_a_reminder_comes_a_month_before_the_day(day: date, words: str) -> None:
    notice = Privacy(keep_until=date(2027, 3, 1)).retention_notice(day)
    assert words in notice
    assert bool(notice) == bool(words)


def test_without_a_day_nothing_is_due() -> None:
    assert Privacy().retention_notice(date(2100, 1, 1)) == ""


def test_today_is_told_by_the_clock() -> None:
    assert today(VirtualClock(wall_start_ns=1_750_000_000 * NS_PER_S)) in (
        date(2025, 6, 15),
        date(2025, 6, 16),
    )


def test_an_encrypted_study_is_unlocked_by_its_passphrase_alone(tmp_path: Path) -> None:
    folder = encrypt_study(a_study(tmp_path), PASSPHRASE)
    try:
        text = (tmp_path / "study.toml").read_text()
        assert text.startswith("# our own remark")  # what a person wrote stays
        assert (tmp_path / STUDY_KEY_FILE).stat().st_mode & 0o777 == 0o600
        assert PASSPHRASE not in text
        assert not is_locked(folder)
        KEYRING.drop(tmp_path)
        assert is_locked(folder)
        with pytest.raises(StudyError, match="not the passphrase"):
            unlock_study(folder, PASSPHRASE.upper())
        assert is_locked(folder)
        unlock_study(folder, PASSPHRASE)
        assert not is_locked(folder)
        with pytest.raises(StudyError, match="has a key already"):
            encrypt_study(folder, PASSPHRASE)
        key = tmp_path / STUDY_KEY_FILE
        data = key.read_bytes()
        for damaged in (b"", data[:60], data[:-4]):
            key.write_bytes(damaged)
            with pytest.raises(StudyError, match="is damaged"):
                unlock_study(folder, PASSPHRASE)
        key.unlink()
        with pytest.raises(StudyError, match="without it no session"):
            unlock_study(folder, PASSPHRASE)
    finally:
        KEYRING.drop(tmp_path)


def test_a_short_passphrase_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    folder = a_study(tmp_path)
    with pytest.raises(StudyError, match="12"):
        encrypt_study(folder, "short")
    assert [path.name for path in tmp_path.iterdir()] == ["study.toml"]


def test_the_key_file_links_ids_to_people_and_forgets(tmp_path: Path) -> None:
    keys = KeyFile(tmp_path)
    assert keys.people() == {}
    keys.link("P02", 'Charles "Chuck", of Babbage')
    keys.link("P01", "Ada Lovelace")
    assert keys.path.name == KEY_FILE
    assert keys.path.stat().st_mode & 0o777 == 0o600
    assert keys.people() == {"P01": "Ada Lovelace", "P02": 'Charles "Chuck", of Babbage'}
    assert keys.forget("P01")
    assert not keys.forget("P01")
    assert b"Ada" not in keys.path.read_bytes()
    assert keys.forget("P02")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(StudyError, match="participant id"):
        keys.link("Ada Lovelace", "Ada Lovelace")


@pytest.mark.parametrize(
    ("text", "words"),
    [("name,id\n", "no key file"), ("participant_id,person\nP01,Lovelace,Ada\n", "line 2")],
)
def test_a_key_file_that_cannot_be_understood_is_not_written_over(
    tmp_path: Path, text: str, words: str
) -> None:
    keys = KeyFile(tmp_path)
    keys.path.write_text(text)
    with pytest.raises(StudyError, match=words):
        keys.link("P01", "Ada")
    assert keys.path.read_text() == text


def test_a_study_without_promises_writes_none(tmp_path: Path) -> None:
    step = Step(id="a", title="A", stimulus=Stimulus(kind=StimulusKind.INSTRUCTION, text="Go"))
    save_study(tmp_path, Study(id="s", title="S", steps=(step,)))
    assert "privacy" not in (tmp_path / "study.toml").read_text()
