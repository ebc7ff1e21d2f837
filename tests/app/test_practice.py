"""A practice session has a place of its own, which goes with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from journeylab.app.practice import practice_choice, practice_folder, remove_practice
from journeylab.assets import asset
from journeylab.study.folder import StudyFolder, load_study


@pytest.fixture
def study() -> StudyFolder:
    return load_study(asset("demo-study"))


def test_practice_writes_beside_the_study_and_reads_its_stimuli(
    study: StudyFolder, tmp_path: Path
) -> None:
    practice = practice_folder(study, temporary=tmp_path)
    assert practice.practice_path is not None
    assert practice.sessions_path == practice.practice_path
    assert practice.sessions_path.parent == tmp_path
    practice.check_stimuli()
    (practice.sessions_path / "practice-20270101-120000.h5").write_bytes(b"x")
    assert len(practice.bundles()) == 1
    assert study.bundles() == load_study(study.path).bundles()
    remove_practice(practice)
    assert not practice.practice_path.exists()


def test_nothing_of_real_sessions_is_ever_removed(study: StudyFolder, tmp_path: Path) -> None:
    real = StudyFolder(tmp_path, study.study)
    real.sessions_path.mkdir()
    remove_practice(real)
    assert real.sessions_path.is_dir()


def test_what_a_crashed_practice_left_is_removed_by_the_next(
    study: StudyFolder, tmp_path: Path
) -> None:
    crashed = tmp_path / "journeylab-practice-4194304999-abc"  # no process has this number
    other = tmp_path / "somebody-elses"
    for place in (crashed, other):
        place.mkdir()
    going_on = practice_folder(study, temporary=tmp_path)
    practice_folder(study, temporary=tmp_path)
    assert not crashed.exists()
    assert other.is_dir()
    assert going_on.sessions_path.is_dir()  # this process is alive


def test_the_simulated_participant_agrees_and_fits_the_study(study: StudyFolder) -> None:
    choice = practice_choice(study.study, screen_index=1, segments={"device": "mobile"})
    assert choice.is_practice and choice.is_simulated
    assert choice.segments["device"] == "mobile"
    assert set(choice.segments) == {segment.name for segment in study.study.segments}
    assert choice.consent["face_video"] == "yes"
    assert choice.consent["stated_by"] == "simulated"
    assert choice.screen_index == 1


def test_an_encrypted_study_practises_in_the_open(study: StudyFolder, tmp_path: Path) -> None:
    privacy = study.study.privacy.model_copy(update={"encrypt_to": "age1" + "q" * 58})
    locked = StudyFolder(study.path, study.study.model_copy(update={"privacy": privacy}))
    assert practice_folder(locked, temporary=tmp_path).study.privacy.encrypt_to is None
