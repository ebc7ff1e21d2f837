"""The bundle of a session in a study that encrypts, and what a crash leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pyrage
import pytest
from bundle.sent import journalled

from journeylab.app.recover import run_recover
from journeylab.errors import BundleError, StudyError
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
    study = Study(id="s", title="S", steps=(step,), privacy=privacy)
    folder = save_study(tmp_path / "study", study)
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


def test_one_journal_that_cannot_be_finished_leaves_nothing_else_plain(
    encrypted: StudyFolder,
) -> None:
    sessions = encrypted.sessions_path
    journalled(sessions / "P02.h5", 1)
    (sessions / "P00.journal").write_bytes(b"rubbish" * 9)
    (sessions / "P01.h5").write_bytes(b"left behind")
    (sessions / "P03.h5.damaged").write_bytes(b"put aside")
    done: list[Path] = []
    with pytest.raises(BundleError, match=r"P00\.journal is not a journal"):
        run_recover(encrypted.path, done=done.append)
    assert done == [sessions / "P02.h5.age"]
    assert sorted(path.name for path in sessions.iterdir()) == [
        "P00.journal",
        "P01.h5.age",
        "P02.h5.age",
        "P03.h5.damaged.age",
    ]


@pytest.mark.parametrize("named", [".", "sessions", "sessions/P01.journal", ".."])
def test_whatever_path_was_named_the_sessions_of_an_encrypted_study_are_encrypted(
    encrypted: StudyFolder, named: str
) -> None:
    journalled(encrypted.sessions_path / "P01.h5", 1)
    (made,) = run_recover(encrypted.path / named)
    assert made.name == "P01.h5.age"
    assert [path.name for path in encrypted.sessions_path.iterdir()] == ["P01.h5.age"]


def test_a_study_from_elsewhere_encrypts_no_files_of_others(
    encrypted: StudyFolder, tmp_path_factory: pytest.TempPathFactory
) -> None:
    others = tmp_path_factory.mktemp("others")
    (others / "P09.h5").write_bytes(b"a session of another study")
    (others / "mine.txt").write_bytes(b"mine")
    journalled(others / "P10.h5", 1)
    sessions = encrypted.sessions_path
    (sessions / "P09.h5").symlink_to(others / "P09.h5")
    (sessions / "P10.journal").symlink_to(others / "P10.journal")
    (sessions / "P11.h5").write_bytes(b"its own")
    (sessions / "P11.h5.age.partial").symlink_to(others / "mine.txt")
    with pytest.raises(BundleError, match=r"P09\.h5 lies outside its study's folder"):
        run_recover(encrypted.path)
    assert sorted(path.name for path in others.iterdir()) == ["P09.h5", "P10.journal", "mine.txt"]
    assert (others / "P09.h5").read_bytes() == b"a session of another study"
    assert (others / "mine.txt").read_bytes() == b"mine"
    assert (sessions / "P11.h5.age").is_file()


def test_sessions_that_were_moved_to_another_disk_are_completed_too(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    step = Step(id="a", title="A", stimulus=Stimulus(kind=StimulusKind.INSTRUCTION, text="Go"))
    folder = save_study(tmp_path / "study", Study(id="s", title="S", steps=(step,)))
    elsewhere = tmp_path_factory.mktemp("disk")
    folder.sessions_path.symlink_to(elsewhere)
    journalled(elsewhere / "P01.h5", 1)
    assert run_recover(folder.path) == (folder.sessions_path / "P01.h5",)


def test_a_session_that_still_runs_is_named_when_its_journal_is(encrypted: StudyFolder) -> None:
    live = journalled(encrypted.sessions_path / "P01.h5", 1, close=False)
    with pytest.raises(BundleError, match="still being recorded"):
        run_recover(live.journal_path)
    assert run_recover(encrypted.path) == ()
    live.close()


def test_nothing_is_recorded_that_nobody_could_ever_open(encrypted: StudyFolder) -> None:
    with pytest.raises(StudyError, match="is missing"):
        check_key_is_there(encrypted)
    (encrypted.path / STUDY_KEY_FILE).write_bytes(b"key")
    check_key_is_there(encrypted)
