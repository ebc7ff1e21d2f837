"""The bundle of a session in a study that encrypts, and what a crash leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pyrage
import pytest

from journeylab.app.recover import run_recover
from journeylab.errors import StudyError
from journeylab.session.bundling import writer_for
from journeylab.study.folder import StudyFolder, save_study
from journeylab.study.model import Step, Stimulus, Study
from journeylab.study.privacy import Privacy
from journeylab.study.study_key import STUDY_KEY_FILE, check_key_is_there
from journeylab.vocabulary import StimulusKind


@pytest.fixture
def encrypted(tmp_path: Path) -> Iterator[StudyFolder]:
    """A study with a public key; its passphrase is nowhere in this process."""
    recipient = str(pyrage.x25519.Identity.generate().to_public())
    step = Step(id="a", title="A", stimulus=Stimulus(kind=StimulusKind.INSTRUCTION, text="Go"))
    privacy = Privacy(encrypt_to=recipient)
    folder = save_study(tmp_path, Study(id="s", title="S", steps=(step,), privacy=privacy))
    folder.sessions_path.mkdir()
    yield folder


def write(journal: Path, *, progress: Callable[[float], None] | None = None) -> Path:
    if progress is not None:
        progress(1.0)
    bundle = journal.with_suffix(".h5")
    bundle.write_bytes(b"what was recorded")
    return bundle


def test_a_session_is_encrypted_without_anybody_typing_a_passphrase(
    encrypted: StudyFolder,
) -> None:
    shares: list[float] = []
    made = writer_for(encrypted, write)(
        encrypted.sessions_path / "P01.journal", progress=shares.append
    )
    assert made.name == "P01.h5.age"
    assert encrypted.bundles() == (made,)
    assert b"what was recorded" not in made.read_bytes()
    assert shares == [0.9, 1.0]


def test_a_study_without_a_key_is_written_as_ever(encrypted: StudyFolder) -> None:
    plain = StudyFolder(encrypted.path, encrypted.study.model_copy(update={"privacy": Privacy()}))
    assert writer_for(plain, write) is write


def test_what_a_crash_left_plain_is_encrypted_at_the_next_start(encrypted: StudyFolder) -> None:
    (encrypted.sessions_path / "P01.h5").write_bytes(b"left behind")
    run_recover(encrypted.path)
    assert [path.name for path in encrypted.sessions_path.iterdir()] == ["P01.h5.age"]


def test_nothing_is_recorded_that_nobody_could_ever_open(encrypted: StudyFolder) -> None:
    with pytest.raises(StudyError, match="is missing"):
        check_key_is_there(encrypted)
    (encrypted.path / STUDY_KEY_FILE).write_bytes(b"key")
    check_key_is_there(encrypted)
