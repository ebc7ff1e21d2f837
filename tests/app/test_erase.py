"""Erasing a participant leaves nothing of her and everything of the others."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from bundle.sent import a_header, journalled

from journeylab.app.erase import plan_erasure, run_erase
from journeylab.bundle.finalise import finalise
from journeylab.bundle.writer import BundleWriter
from journeylab.clock import VirtualClock
from journeylab.errors import SessionError, StudyError
from journeylab.study.assignment_book import AssignmentBook
from journeylab.study.folder import StudyFolder, load_study, save_study
from journeylab.study.key_file import KeyFile
from journeylab.study.model import Step, Stimulus, Study
from journeylab.vocabulary import StimulusKind

STUDY = Study(
    id="shop",
    title="Shop",
    steps=(Step(id="a", title="A", stimulus=Stimulus(kind=StimulusKind.INSTRUCTION, text="Go")),),
)


@pytest.fixture(scope="module")
def bundle_of_p01(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("p01") / "P01-20260101-100000.h5"
    return finalise(journalled(path, 2).journal_path)


@pytest.fixture(scope="module")
def bundle_of_p011(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("p011") / "P011-20260101-110000.h5"
    writer = BundleWriter(path, replace(a_header(), participant_id="P011"), clock=VirtualClock())
    writer.close()
    return finalise(writer.journal_path)


@pytest.fixture
def folder(tmp_path: Path, bundle_of_p01: Path, bundle_of_p011: Path) -> StudyFolder:
    """Two participants whose ids begin alike, a journal, a renamed copy and exports."""
    folder = save_study(tmp_path / "study", STUDY)
    sessions, exports = folder.sessions_path, folder.exports_path
    sessions.mkdir()
    (exports / "P01").mkdir(parents=True)
    shutil.copy(bundle_of_p01, sessions)
    shutil.copy(bundle_of_p011, sessions)
    shutil.copy(bundle_of_p01, exports / "for-the-team.h5")  # her session under another name
    shutil.copy(bundle_of_p011, sessions / "P01-20270101-100000.h5")  # his, under hers
    journalled(sessions / "P01-20260102-100000.h5", 1)
    (sessions / "P01-20260103-100000.h5.age").write_bytes(b"locked away")
    (sessions / "P01-20260104-100000.h5.partial").write_bytes(b"torn")
    (exports / "P01" / "pointer.csv").write_text("t_s,x\n")
    (exports / "P01-face.mp4").write_bytes(b"video")
    (exports / "P011-face.mp4").write_bytes(b"video")
    (exports / "map.png").write_bytes(b"picture")
    (exports / "sessions.csv").write_text("participant\nP01\nP011\n")
    (exports / "means.csv").write_text("step,valence\nP011,3\n")
    keys = KeyFile(folder.path)
    keys.link("P01", "Ada Lovelace")
    keys.link("P011", "Charles Babbage")
    return folder


def names(folder: StudyFolder) -> set[str]:
    return {str(p.relative_to(folder.path)) for p in folder.path.rglob("*") if p.is_file()}


def test_all_of_her_goes_and_nothing_of_him(folder: StudyFolder) -> None:
    said: list[str] = []
    removed = run_erase(folder.path, "P01", confirm=lambda _: True, say=said.append)
    left = names(folder)
    assert left == {
        "study.toml",
        "participants.key.csv",
        "sessions/P011-20260101-110000.h5",
        "sessions/P01-20270101-100000.h5",
        "exports/means.csv",
        "exports/P011-face.mp4",
    }
    assert KeyFile(folder.path).people() == {"P011": "Charles Babbage"}
    for path in removed:
        assert any(str(path) in line for line in said), path
    anew = [line for line in said if line.startswith("To be made anew")]
    assert any("map.png (was removed)" in line for line in anew)
    assert any("sessions.csv (was removed)" in line for line in anew)
    assert any("means.csv (still counts" in line for line in anew)


def test_nothing_is_touched_before_it_is_agreed_to(folder: StudyFolder) -> None:
    before = names(folder)
    with pytest.raises(StudyError, match="Nothing was erased"):
        run_erase(folder.path, "P01", confirm=lambda _: False, say=lambda _: None)
    assert names(folder) == before
    assert "P01" in KeyFile(folder.path).people()


def test_a_participant_nobody_knows_is_told_so(folder: StudyFolder) -> None:
    before = names(folder)
    with pytest.raises(StudyError, match="nothing of P02"):
        run_erase(folder.path, "P02", confirm=lambda _: True, say=lambda _: None)
    with pytest.raises(StudyError, match="cannot be a participant id"):
        run_erase(folder.path, "../P01", confirm=lambda _: True, say=lambda _: None)
    assert names(folder) == before


def test_somebody_only_in_the_key_file_is_taken_out_of_it(folder: StudyFolder) -> None:
    KeyFile(folder.path).link("P09", "Grace Hopper")
    before = names(folder)
    run_erase(folder.path, "P09", confirm=lambda _: True, say=lambda _: None)
    assert "P09" not in KeyFile(folder.path).people()
    assert names(folder) == before


def test_a_session_that_is_running_is_not_pulled_away(folder: StudyFolder) -> None:
    writer = journalled(folder.sessions_path / "P01-20260105-100000.h5", 1, close=False)
    try:
        with pytest.raises(SessionError, match="running"):
            plan_erasure(folder.path, "P01")
    finally:
        writer.close()


def test_stimuli_are_left_alone_whatever_they_are_called(folder: StudyFolder) -> None:
    stimulus = folder.path / "stimuli" / "P01-20260101-100000.h5"
    stimulus.parent.mkdir()
    stimulus.write_bytes(b"an odd stimulus")
    run_erase(folder.path, "P01", confirm=lambda _: True, say=lambda _: None)
    assert stimulus.exists()


def test_a_link_out_of_the_study_loses_the_link_and_not_the_file(
    folder: StudyFolder, tmp_path: Path, bundle_of_p01: Path
) -> None:
    outside = Path(shutil.copy(bundle_of_p01, tmp_path / "elsewhere.h5"))
    (folder.sessions_path / "linked.h5").symlink_to(outside)
    run_erase(folder.path, "P01", confirm=lambda _: True, say=lambda _: None)
    assert outside.exists()
    assert not (folder.sessions_path / "linked.h5").is_symlink()
    assert load_study(folder.path).study == STUDY


def test_what_was_computed_of_her_and_of_all_goes_too(folder: StudyFolder) -> None:
    cache = folder.path / ".cache"
    cache.mkdir()
    hers = (
        "P01-20260101-100000.h5.session.cached",
        "P01-20260101-100000.h5.measures.cached",
        "P01-20250101-100000.h5.age.session.cached",  # of a bundle that was deleted by hand
        "P01-20260101-100000.h5.session.cached.123.new",
        "study.map-0123.cached",
    )
    his = ("P011-20260101-110000.h5.session.cached",)
    for name in (*hers, *his):
        (cache / name).write_bytes(b"numbers")
    run_erase(folder.path, "P01", confirm=lambda _: True, say=lambda _: None)
    assert {path.name for path in cache.iterdir()} == set(his)


def test_who_is_not_in_the_study_costs_no_cache_file(folder: StudyFolder) -> None:
    cache = folder.path / ".cache"
    cache.mkdir()
    (cache / "study.map-0123.cached").write_bytes(b"numbers")
    _, erasure = plan_erasure(folder.path, "P77")
    assert erasure.is_empty


def test_clips_of_somebody_whose_id_begins_alike_stay(folder: StudyFolder) -> None:
    mine = "P01-20260101-100000-clip-0m01s000-0m02s000.mp4"
    numbered = "P01-20260101-100000-2-clip-0m01s000-0m02s000.mp4"
    others = "P01-b-20260101-100000-clip-0m01s000-0m02s000.mp4"
    for name in (mine, numbered, others):
        (folder.exports_path / name).write_bytes(b"clip")
    run_erase(folder.path, "P01", confirm=lambda _: True, say=lambda _: None)
    left = names(folder)
    assert f"exports/{others}" in left
    assert not {f"exports/{mine}", f"exports/{numbered}"} & left


def test_what_she_was_assigned_goes_too(folder: StudyFolder) -> None:
    book = AssignmentBook(folder)
    for who in ("P01", "P011", "P02"):
        book.note(who, {"variant.a": "b"})
    said: list[str] = []
    removed = run_erase(folder.path, "P01", confirm=lambda _: True, say=said.append)
    assert set(book.read()) == {"P011", "P02"} and book.path in removed
    assert any("the versions P01 was assigned" in line for line in said)
    run_erase(folder.path, "P02", confirm=lambda _: True, say=said.append)
    assert set(book.read()) == {"P011"}, "somebody without a session as well"
