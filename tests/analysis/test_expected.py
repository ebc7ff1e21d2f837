"""What the team expected, kept and locked, against what was measured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from analysis.journeys import journey_of
from analysis.planted import study_of

from journeylab.analysis.expectation import Expectation
from journeylab.analysis.expected import (
    EXPECTED_FILE,
    ExpectedPoint,
    expectation_of,
    gap_sentences,
    lock_expected,
    origin_words,
    read_expected,
    with_expectation,
)
from journeylab.errors import AnalysisError
from journeylab.study.folder import StudyFolder, save_study

EARLY, LATE = "2026-10-01T08:00:00+00:00", "2026-12-01T08:00:00+00:00"


@pytest.fixture
def folder(tmp_path: Path) -> StudyFolder:
    return save_study(tmp_path, study_of())


def _expectation(folder: StudyFolder, journey: object) -> Expectation:
    found = expectation_of(journey, read_expected(folder))  # type: ignore[arg-type]
    assert found is not None
    return found


def test_a_wrong_belief_shows_as_the_largest_gap_and_a_right_one_does_not(
    folder: StudyFolder,
) -> None:
    points = (
        ExpectedPoint("ad", 20.0),
        ExpectedPoint("checkout", 30.0, "Nobody minds it"),
        ExpectedPoint("gone", 5.0),
    )
    lock_expected(folder, points, authors="Anna, Ben", now_utc=EARLY)
    journey = journey_of({"ad": 20.0, "checkout": -40.0, "done": 0.0}, n=13, seed=1)
    found = _expectation(folder, journey)
    first, second = found.largest
    assert (first.step_id, first.words) == ("checkout", "Nobody minds it")
    assert first.gap == pytest.approx(-70, abs=8)
    assert first.sureness == "sure"
    assert second.sureness is None
    told = gap_sentences(found)
    assert told[0].startswith("Checkout: ")
    assert "points worse than expected, −" in told[0]
    assert told[0].endswith("instead of +30 (sure, N = 13).")
    assert told[-1] == ("Expected for steps the study does not have, and not compared: “gone”.")
    assert found.is_before


def test_the_map_carries_it_and_says_whose_it_is(folder: StudyFolder) -> None:
    journey = journey_of({"ad": 20.0}, n=5)
    assert with_expectation(folder, journey) is journey
    lock_expected(folder, [ExpectedPoint("ad", -50.0)], authors="Anna", now_utc=LATE)
    shown = with_expectation(folder, journey)
    assert shown.expected is not None
    assert shown.notes[-1].startswith(
        "Dashed: what Anna expected on 1 Dec 2026, after sessions had begun (version 1)."
    )


def test_a_later_belief_is_a_new_version_and_the_old_one_stays(folder: StudyFolder) -> None:
    lock_expected(folder, [ExpectedPoint("ad", 10.0)], authors="Anna", now_utc=EARLY)
    lock_expected(folder, [ExpectedPoint("ad", -10.0)], authors="Ben", now_utc=LATE)
    document = read_expected(folder)
    assert [one.authors for one in document.version] == ["Anna", "Ben"]
    assert [one.point[0].valence for one in document.version] == [10.0, -10.0]
    text = (folder.path / EXPECTED_FILE).read_text(encoding="utf-8")
    assert "[[version.point]]" in text


@pytest.mark.parametrize(
    ("points", "authors", "said"),
    [
        ((), "Anna", "Nothing is drawn yet"),
        ((ExpectedPoint("ad", 1.0),), "  ", "Say who expects this"),
    ],
)
def test_what_cannot_be_locked_is_refused(
    folder: StudyFolder, points: tuple[ExpectedPoint, ...], authors: str, said: str
) -> None:
    with pytest.raises(AnalysisError, match=said):
        lock_expected(folder, points, authors=authors, now_utc=EARLY)
    assert not (folder.path / EXPECTED_FILE).exists()


def test_the_same_again_is_no_new_version(folder: StudyFolder) -> None:
    point = ExpectedPoint("ad", 10.0)
    lock_expected(folder, [point], authors="Anna", now_utc=EARLY)
    with pytest.raises(AnalysisError, match="version 1, locked already"):
        lock_expected(folder, [point], authors="Anna", now_utc=LATE)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version = [", "not valid TOML"),
        ('[[version]]\nlocked_utc = ""\nauthors = "A"\n[[version.point]]\nstep_id = "ad"\n'
         "valence = 300\n", "version.1.point.1.valence"),
        ("\x00", "not valid TOML"),
    ],
)  # fmt: skip
def test_a_damaged_file_is_told_by_its_place_and_kept(
    folder: StudyFolder, text: str, said: str
) -> None:
    (folder.path / EXPECTED_FILE).write_text(text)
    journey = with_expectation(folder, journey_of({"ad": 0.0}, n=3))
    assert journey.expected is None
    assert journey.notes[-1].startswith("What was expected is not shown: expected.toml ")
    with pytest.raises(AnalysisError, match=said):
        read_expected(folder)
    with pytest.raises(AnalysisError):
        lock_expected(folder, [ExpectedPoint("ad", 1.0)], authors="Anna", now_utc=EARLY)
    assert (folder.path / EXPECTED_FILE).read_text() == text


def test_two_participants_are_not_tested_and_nobody_is_said(folder: StudyFolder) -> None:
    lock_expected(
        folder, [ExpectedPoint("ad", 0.0), ExpectedPoint("done", 9.0)], authors="A", now_utc=EARLY
    )
    found = _expectation(folder, journey_of({"ad": 40.0, "done": 0.0}, n=2, reached={"done": 0}))
    told = gap_sentences(found)
    assert "not tested, N = 2" in told[0]
    assert told[1] == "Done: +9 was expected, and nobody was measured."


def test_a_segments_map_claims_no_more_than_is_known(folder: StudyFolder) -> None:
    """Sessions of another device may have come before it was locked."""
    journey = replace(journey_of({"ad": 20.0}, n=5), segment={"device": "mobile"})
    lock_expected(folder, [ExpectedPoint("ad", 0.0)], authors="Anna", now_utc=EARLY)
    assert _expectation(folder, journey).is_before is True
    document = read_expected(folder)
    unknown = replace(document.version[0], n_sessions=None)
    found = expectation_of(journey, replace(document, version=(unknown,)))
    assert found is not None and found.is_before is None
    assert origin_words(found) == "what Anna expected on 1 Oct 2026 (version 1)."
    (folder.sessions_path / "P01.h5").parent.mkdir(exist_ok=True)
    (folder.sessions_path / "P01.h5").write_bytes(b"")
    lock_expected(folder, [ExpectedPoint("ad", 9.0)], authors="Anna", now_utc=EARLY)
    assert _expectation(folder, journey).is_before is False
