"""Sessions the researcher takes out or in: the map follows, and the file can be read and mended."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from analysis.journeys import summary_of
from analysis.planted import PLAN, PlantedStudy, Recipe, six_recipes

from journeylab.analysis.exclusions import (
    EXCLUSIONS_FILE,
    can_be_included,
    decide,
    decision_about,
    forget_participant,
    forget_sessions,
    read_decisions,
)
from journeylab.analysis.journey import JourneyMap, SessionSummary
from journeylab.analysis.journey_builder import build_journey_map
from journeylab.analysis.study_health import study_health
from journeylab.errors import AnalysisError, StorageError

SHORT = tuple((plan[0], 2.0) for plan in PLAN)
NOW = "2026-11-23T08:00:00+00:00"


@pytest.fixture
def study(tmp_path: Path) -> PlantedStudy:
    poor = Recipe(participant_id="P07", visits=SHORT, face_share=0.3)
    return PlantedStudy(tmp_path, [*six_recipes(visits=SHORT), poor])


def _map(study: PlantedStudy) -> JourneyMap:
    return build_journey_map(study.folder, open_bundle=study.open)  # type: ignore[arg-type]


def _summary(journey: JourneyMap, participant_id: str) -> SessionSummary:
    all_of_them = [*(one.summary for one in journey.sessions), *journey.excluded]
    return next(one for one in all_of_them if one.participant_id == participant_id)


def _decide(study: PlantedStudy, person: str, *, is_excluded: bool, reason: str = "Ill") -> None:
    summary = _summary(_map(study), person)
    decide(
        study.folder,
        decision_about(summary, is_excluded=is_excluded, reason=reason, author="anna", now_utc=NOW),
    )


def test_an_excluded_session_leaves_the_map_which_says_so_and_comes_back(
    study: PlantedStudy,
) -> None:
    before = _map(study)
    _decide(study, "P03", is_excluded=True, reason="Talked on the\nphone")
    journey = _map(study)
    assert journey.n_usable == before.n_usable - 1
    out = _summary(journey, "P03")
    assert (out.grade, out.own_grade) == ("excluded", _summary(before, "P03").grade)
    assert out.reason == "Excluded by anna on 23 Nov 2026: Talked on the phone."
    note = next(note for note in journey.notes if note.startswith("2 sessions are left out"))
    assert note.startswith("2 sessions are left out (1 by the team; 1: A ")
    assert not any(word in " ".join(journey.notes) for word in ("P03", "anna", "phone"))
    _decide(study, "P03", is_excluded=False, reason="It was another one")
    after = _map(study)
    assert after.n_usable == before.n_usable
    assert after.trace.mean == pytest.approx(before.trace.mean, nan_ok=True)
    assert [one.is_excluded for one in read_decisions(study.folder).decision] == [True, False]


def test_a_session_its_grade_leaves_out_can_be_included_with_its_own_reason_kept(
    study: PlantedStudy,
) -> None:
    assert _summary(_map(study), "P07").grade == "excluded"
    _decide(study, "P07", is_excluded=False, reason="Face hidden by a mask only at the start")
    summary = _summary(_map(study), "P07")
    assert (summary.grade, summary.own_grade) == ("C", "excluded")
    assert "By itself: A face in only" in summary.reason
    assert any(one.summary.participant_id == "P07" for one in _map(study).sessions)


def test_bundles_are_never_written_to_and_the_file_can_be_read(study: PlantedStudy) -> None:
    _decide(study, "P01", is_excluded=True, reason='Said "stop" <b>twice</b> – süß')
    text = (study.folder.path / EXCLUSIONS_FILE).read_text(encoding="utf-8")
    assert text.startswith("# Sessions the researcher took out of the journey map")
    assert "[[decision]]" in text
    assert 'author = "anna"' in text
    (one,) = read_decisions(study.folder).decision
    assert one.reason == 'Said "stop" <b>twice</b> – süß'
    assert sorted(path.name for path in study.folder.path.glob("*.partial")) == []


def test_a_damaged_file_stops_the_map_and_is_not_written_over(study: PlantedStudy) -> None:
    file = study.folder.path / EXCLUSIONS_FILE
    for text, said in (
        ("[[decision]\n", "is not valid TOML"),
        ("format = 1\n[[decision]]\nsession_id = 5\n", "decision.1.session_id"),
        ("format = 9\n", "format"),
    ):
        file.write_text(text)
        with pytest.raises(AnalysisError, match=said):
            _map(study)
        with pytest.raises(AnalysisError, match=r"exclusions\.toml"):
            decide(study.folder, _decision())
        assert file.read_text() == text


def test_a_file_that_cannot_be_written_keeps_what_stood_there(
    study: PlantedStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide(study.folder, _decision())
    text = (study.folder.path / EXCLUSIONS_FILE).read_text()

    def full(_from: Path, _to: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StorageError, match="No space left"):
        decide(study.folder, replace(_decision(), reason="Another"))
    assert (study.folder.path / EXCLUSIONS_FILE).read_text() == text


def test_a_decision_about_a_session_that_is_gone_changes_nothing_and_is_told(
    study: PlantedStudy,
) -> None:
    decide(study.folder, _decision())
    journey = _map(study)
    assert journey.n_usable == 6
    health = study_health(study.folder.study, journey, read_decisions(study.folder))
    assert health.gone_words.startswith(
        "1 decision is about a session that is no longer here: P99-1.h5 (Excluded by anna"
    )
    forget_sessions(study.folder, frozenset({"P99-1"}))
    again = study_health(study.folder.study, journey, read_decisions(study.folder))
    assert again.gone_words == ""


def test_what_was_decided_about_a_participant_can_be_forgotten(study: PlantedStudy) -> None:
    decide(study.folder, _decision())
    assert forget_participant(study.folder, "P98") is None
    assert forget_participant(study.folder, "P99") == study.folder.path / EXCLUSIONS_FILE
    assert "P99" not in (study.folder.path / EXCLUSIONS_FILE).read_text()


def test_what_cannot_be_decided_is_refused_in_words() -> None:
    usable = summary_of("P01")
    damaged = replace(usable, session_id="", grade="excluded", reason="It is damaged.")
    other = replace(usable, grade="excluded", is_of_other_study=True, reason="Of another study.")
    assert not can_be_included(damaged)
    for summary, is_excluded, reason, said in (
        (usable, True, "  ", "Give a reason"),
        (damaged, True, "Why", "cannot be opened"),
        (other, False, "Why", "Nothing of P01-1.h5 can be placed on the map: Of another"),
    ):
        with pytest.raises(AnalysisError, match=said):
            decision_about(summary, is_excluded=is_excluded, reason=reason, author="a", now_utc=NOW)


def _decision():  # type: ignore[no-untyped-def]
    return decision_about(
        summary_of("P99"), is_excluded=True, reason="Ill", author="anna", now_utc=NOW
    )


def test_erasing_a_participant_takes_the_decisions_about_her_too(study: PlantedStudy) -> None:
    from journeylab.app.erase import run_erase

    decide(study.folder, _decision())
    decide(study.folder, replace(_decision(), session_id="P98-1", participant_id="P98"))
    said: list[str] = []
    removed = run_erase(study.folder.path, "P99", confirm=lambda _: True, say=said.append)
    assert removed == (study.folder.path / EXCLUSIONS_FILE,)
    assert [one.participant_id for one in read_decisions(study.folder).decision] == ["P98"]
    assert any("what was decided about P99" in line for line in said)
