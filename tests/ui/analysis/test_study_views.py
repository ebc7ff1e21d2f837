"""Study health, comparison and expected map with much to say: no word is cut off, none misleads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from analysis.journeys import journey_of, summary_of
from analysis.planted import study_of
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from ui.clipping import clipped

from journeylab.analysis.compared_studies import ComparedPair
from journeylab.analysis.comparing import compare_maps
from journeylab.analysis.exclusions import Decision, Decisions, decided
from journeylab.analysis.expected import (
    ExpectedDocument,
    ExpectedPoint,
    ExpectedVersion,
    expectation_of,
)
from journeylab.analysis.journey import SessionSummary
from journeylab.analysis.study_health import StudyHealth, study_health
from journeylab.study.folder import StudyFolder
from journeylab.study.model import Segment
from journeylab.theme import DARK, LIGHT, Palette
from journeylab.ui.analysis.compare_page import ComparePage
from journeylab.ui.analysis.expected_page import ExpectedPage
from journeylab.ui.analysis.health_page import HealthPage
from journeylab.ui.widgets.style import apply_style

SIZES = ((1180, 620), (1366, 680), (1920, 990))
LEVELS = {"ad": 20.0, "landing": 0.0, "product": 30.0, "compare": -30.0, "cart": 0.0,
          "checkout": -40.0, "confirmed": 60.0, "unboxing": 10.0}  # fmt: skip
LONG = "Talked on the phone with the bank while the card number was asked for, twice " * 3
STUDY = study_of().model_copy(
    update={
        "participants": 24,
        "segments": (
            Segment(
                name="device", values=("desktop", "mobile"), quotas={"desktop": 12, "mobile": 12}
            ),
        ),
    }
)


def _decision(session_id: str, *, is_excluded: bool = True) -> Decision:
    return Decision(
        session_id, session_id[:3], f"{session_id}.h5", is_excluded, LONG.strip(), "anna",
        "2026-11-23T08:00:00+00:00",
    )  # fmt: skip


def _of_people(summary: SessionSummary, number: int) -> SessionSummary:
    return replace(summary, segments={"device": ("desktop", "mobile")[number % 2]})


@pytest.fixture
def health() -> StudyHealth:
    journey = journey_of(LEVELS, n=9, seed=1)
    out = _of_people(decided(summary_of("P40"), _decision("P40-1")), 0)
    damaged = replace(
        summary_of("P41"), session_id="", grade="excluded", reason="It is cut off at 12 MB."
    )
    sessions = tuple(
        replace(one, summary=_of_people(one.summary, number))
        for number, one in enumerate(journey.sessions)
    )
    journey = replace(journey, sessions=sessions, excluded=(out, damaged))
    return study_health(STUDY, journey, Decisions(decision=(_decision("P99-1"),)))


def _fits(qtbot: QtBot, page: QWidget, palette: Palette) -> None:
    apply_style(page, palette)
    qtbot.addWidget(page)
    page.show()
    for size in SIZES:
        page.resize(*size)
        qtbot.wait(30)
        assert (page.width(), page.height()) == size
        assert clipped(page) == [], f"{size}"


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_a_study_with_everything_to_tell_fits(
    qtbot: QtBot, health: StudyHealth, palette: Palette
) -> None:
    page = HealthPage(palette=palette)
    page.show_health(health)
    page.sessions.select_session(health.sessions[0])
    page.say("exclusions.toml cannot be read: decision.1.reason: it is too long.", can_retry=True)
    _fits(qtbot, page, palette)


def test_health_counts_people_quotas_and_decisions(qtbot: QtBot, health: StudyHealth) -> None:
    page = HealthPage()
    qtbot.addWidget(page)
    page.show_health(health)
    assert page.participants.figure.text == (
        "9 of 24 wanted 1 too poor or excluded · 1 could not be opened"
    )
    assert health.grades == {"A": 9, "B": 0, "C": 0, "excluded": 2}
    assert health.usable_words == "9 of 24 wanted participants; 15 to go."
    assert [quota.words for quota in health.tally.quotas] == ["desktop 5 of 12", "mobile 4 of 12"]
    assert "P99-1.h5" in health.gone_words


def test_what_can_be_decided_follows_the_session_that_is_chosen(
    qtbot: QtBot, health: StudyHealth
) -> None:
    page = HealthPage()
    qtbot.addWidget(page)
    page.show_health(health)
    by_id = {one.participant_id: one for one in health.sessions}
    page.sessions.select_session(by_id["P01"])
    page.reason.setText("Ill")
    assert (page.decide.text(), page.decide.isEnabled()) == ("Exclude", True)
    page.sessions.select_session(by_id["P40"])
    assert page.decide.text() == "Include"
    assert not page.decide.isEnabled()  # the reason of the other one is not hers
    page.reason.setText("Well again")
    with qtbot.waitSignal(page.decision_asked) as asked:
        page.decide.click()
    assert asked.args[1:] == [False, "Well again"]
    page.sessions.select_session(by_id["P41"])
    assert not page.reason.isEnabled()


def test_an_empty_study_has_its_words(qtbot: QtBot) -> None:
    page = HealthPage()
    page.show_health(study_health(STUDY, journey_of(LEVELS, n=0), Decisions()))
    assert not page.decide.isEnabled()
    _fits(qtbot, page, LIGHT)


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_each_state_of_a_comparison_fits(qtbot: QtBot, palette: Palette) -> None:
    page = ComparePage(palette=palette)
    page.show_nothing()
    _fits(qtbot, page, palette)
    page.show_loading("/home/somebody/studies/" + "a-long-folder-name/" * 12)
    _fits(qtbot, page, palette)
    page.show_failure("“A” and “B” have no step in common: steps are matched by their id. " * 3)
    _fits(qtbot, page, palette)
    first, second = journey_of(LEVELS, n=6, seed=1), journey_of(LEVELS, n=6, seed=2)
    comparison = compare_maps(first, second, names=("Round 1", "Round 2"))
    folder = StudyFolder(Path("study"), study_of())
    page.show_pair(ComparedPair(comparison, (first, second), (folder, folder)))
    _fits(qtbot, page, palette)
    assert page.area.view.scene is not None


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_an_expected_map_with_its_gaps_fits(qtbot: QtBot, palette: Palette) -> None:
    points = tuple(ExpectedPoint(name, 40.0, "x" * 200) for name in LEVELS)
    version = ExpectedVersion(
        "2026-10-01T08:00:00+00:00", "The whole team of the shop, " * 6, points
    )
    document = ExpectedDocument(version=(version, version))
    page = ExpectedPage(palette=palette)
    page.set_study(study_of())
    page.show_document(document)
    page.show_expectation(expectation_of(journey_of(LEVELS, n=13, seed=1), document))
    _fits(qtbot, page, palette)


def test_a_draft_survives_looking_at_a_locked_version(qtbot: QtBot) -> None:
    page = ExpectedPage()
    qtbot.addWidget(page)
    page.set_study(study_of())
    page.show_document(
        ExpectedDocument(
            version=(ExpectedVersion("", "Anna", (ExpectedPoint("ad", 10.0, "Nice"),)),)
        )
    )
    assert page.versions.currentIndex() == 1
    page.versions.setCurrentIndex(0)
    page.versions.activated.emit(0)
    page.canvas.choose(0)
    page.canvas.set_value(-35)
    page.versions.setCurrentIndex(1)
    page.versions.activated.emit(1)
    assert page.canvas.values == {"ad": 10.0}
    page.canvas.set_value(99)  # locked
    assert page.canvas.values == {"ad": 10.0}
    page.versions.setCurrentIndex(0)
    page.versions.activated.emit(0)
    assert page.canvas.values == {"ad": -35.0}
    assert page.draft == (ExpectedPoint("ad", -35.0, "Nice"),)
