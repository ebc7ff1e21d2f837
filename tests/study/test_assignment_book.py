"""Assignments are known while the sessions are locked, and nothing else of anybody is kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from journeylab.errors import StudyError
from journeylab.study.assignment import assign
from journeylab.study.assignment_book import AssignmentBook
from journeylab.study.folder import StudyFolder, participant_of, save_study
from journeylab.study.model import Segment, Step, Stimulus, Study, Variant
from journeylab.study.quotas import HeldSession
from journeylab.vocabulary import StimulusKind

_DEVICES = {"device": "desktop"}


@pytest.fixture
def folder(tmp_path: Path) -> StudyFolder:
    words = Stimulus(kind=StimulusKind.INSTRUCTION, text="x")
    step = Step(
        id="landing", title="L", stimulus=words, variants=(Variant(id="b", stimulus=words),)
    )
    segment = Segment(name="device", values=("desktop", "mobile"))
    return save_study(tmp_path, Study(id="s", title="S", steps=(step,), segments=(segment,)))


def _lock(folder: StudyFolder, participant_id: str) -> None:
    """A session that is there and that nobody can open."""
    folder.sessions_path.mkdir(exist_ok=True)
    path = folder.sessions_path / f"{participant_id}-20261127-101500.h5.age"
    path.write_bytes(b"sealed")


def _assign(folder: StudyFolder, who: str, held: tuple[HeldSession, ...] = ()) -> str:
    made = assign(
        folder.study, who, segments=_DEVICES, earlier=lambda: held, book=AssignmentBook(folder)
    )
    return made.segments["variant.landing"]


def test_locked_sessions_are_balanced_as_open_ones_are(folder: StudyFolder) -> None:
    met = []
    for number in range(20):
        met.append(_assign(folder, f"P{number:02d}"))
        _lock(folder, f"P{number:02d}")
        assert abs(met.count("a") - met.count("b")) <= 1
    assert [_assign(folder, f"P{n:02d}") for n in range(20)] == met, (
        "who comes again meets the same"
    )


def test_the_book_holds_ids_and_variants_and_nothing_else(folder: StudyFolder) -> None:
    met = _assign(folder, "P01")
    kept = json.loads(AssignmentBook(folder).path.read_text(encoding="utf-8"))
    assert kept == {"participants": {"P01": {"variant.landing": met}}}
    assert AssignmentBook(folder).path.parent == folder.sessions_path


def test_without_book_and_key_nobody_is_shown_another_version(folder: StudyFolder) -> None:
    _lock(folder, "P01")
    with pytest.raises(StudyError, match="P01 is there and cannot be opened"):
        _assign(folder, "P01")
    assert not AssignmentBook(folder).path.exists()
    _assign(folder, "P02")  # of her nothing was ever known
    assert set(AssignmentBook(folder).read()) == {"P02"}


def test_what_can_be_read_once_is_known_from_then_on(folder: StudyFolder) -> None:
    held = HeldSession("P01", {"device": "mobile", "variant.landing": "b"}, is_usable=True)
    simulated = HeldSession("S1", {"variant.landing": "a"}, is_usable=True, is_simulated=True)
    _assign(folder, "P02", (held, simulated))
    _lock(folder, "P01")
    assert _assign(folder, "P01") == "b"
    assert set(AssignmentBook(folder).read()) == {"P01", "P02"}


def test_a_deleted_session_counts_for_nothing(folder: StudyFolder) -> None:
    first = _assign(folder, "P01")
    assert AssignmentBook(folder).beside((), participant_id="P09") == {}
    _lock(folder, "P01")
    other = {"a": "b", "b": "a"}[first]
    assert [_assign(folder, f"P1{n}") for n in range(6)] == [other] * 6


def test_a_damaged_book_is_told_and_not_written_over(folder: StudyFolder) -> None:
    folder.sessions_path.mkdir()
    path = AssignmentBook(folder).path
    for text in ("{", "[]", '{"participants": []}', '{"participants": {"P01": 3}}'):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(StudyError, match="cannot be read"):
            _assign(folder, "P01")
        assert path.read_text(encoding="utf-8") == text


def test_a_participant_can_be_taken_out(folder: StudyFolder) -> None:
    _assign(folder, "P01")
    _assign(folder, "P02")
    assert AssignmentBook(folder).forget("P01")
    assert not AssignmentBook(folder).forget("P01")
    assert set(AssignmentBook(folder).read()) == {"P02"}


def test_practice_leaves_no_trace(folder: StudyFolder, tmp_path: Path) -> None:
    practice = StudyFolder(folder.path, folder.study, practice_path=tmp_path / "elsewhere")
    _assign(practice, "practice")
    assert not AssignmentBook(folder).path.exists()


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("P01-20261127-101500.h5", "P01"),
        ("P-1-20261127-101500-2.h5.age", "P-1"),
        ("notes.h5", ""),
    ],
)
def test_a_session_s_name_tells_whose_it_is(name: str, who: str) -> None:
    assert participant_of(Path("sessions") / name) == who
