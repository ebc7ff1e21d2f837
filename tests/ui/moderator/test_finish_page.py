"""The finish page: what the session brought, until the next one is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from journeylab.analysis.journey import SessionSummary
from journeylab.analysis.recap import AnswerLine, Recap, StepRecap
from journeylab.ui.moderator.finish_page import FinishPage

SUMMARY = SessionSummary(
    path=Path("sessions/P07-20261122-101500.h5"),
    session_id="s",
    participant_id="P07",
    created_utc="2026-11-22T10:15:00Z",
    segments={},
    simulated=False,
    duration_s=254.0,
    face_share=0.991,
    mean_quality=0.93,
    lost=0,
    grade="A",
    reason="Face found in 99 % of frames, nothing lost.",
)
STEPS = (
    StepRecap("Landing", 41.0, 24.0, "success", False, (AnswerLine("Ease", "6 of 7"),)),
    StepRecap("Cart", 3.0, 20.0, "", True, (AnswerLine("Why here?", "Too <dear>", True),)),
    StepRecap("Unboxing", 0.0, 60.0),
)
RECAP = Recap(
    STEPS,
    (
        AnswerLine("Usability (SUS)", "72.5 of 100"),
        AnswerLine("What else?", "<b>Nothing</b>", True),
    ),
    n_markers=1,
    n_notes=2,
    to_redo=("Gaze was not calibrated: do it before the next session.",),
)


@pytest.fixture
def page(qtbot: QtBot) -> FinishPage:
    page = FinishPage()
    qtbot.addWidget(page)
    page.resize(1180, 640)
    page.show()
    page.show_summary(SUMMARY, n_steps=3)
    return page


def test_it_says_how_the_steps_went_and_what_was_answered(page: FinishPage) -> None:
    page.show_recap(RECAP)
    said = page.recap.text.split("\n")
    for words in (
        "Gaze was not calibrated: do it before the next session.",
        "1 marker, 2 notes",
        "success",
        "Ease: 6 of 7",
        "0:41 of 0:24, over plan",
        "skipped",
        "Why here? “Too <dear>”",
        "not reached",
        "72.5 of 100",
        "“<b>Nothing</b>”",
    ):
        assert words in said, words


def test_a_session_with_nothing_to_redo_says_so(page: FinishPage) -> None:
    page.show_recap(Recap(STEPS, (), n_markers=0, n_notes=0, to_redo=()))
    assert "Nothing needs to change." in page.recap.text
    assert "whole session" not in page.recap.text.lower()


def test_the_buttons_stay_in_sight_however_much_was_answered(page: FinishPage) -> None:
    many = tuple(AnswerLine(f"Question {n}", "word " * 80, True) for n in range(40))
    page.show_recap(Recap(STEPS * 12, many, n_markers=0, n_notes=0, to_redo=()))
    corner = page.open_button.mapTo(page, page.open_button.rect().bottomRight())
    assert page.rect().contains(corner)
    assert page.recap.verticalScrollBar().maximum() > 0


def test_while_the_next_session_is_written_nothing_of_the_last_is_shown(page: FinishPage) -> None:
    page.show_recap(RECAP)
    page.show_finalising()
    assert page.recap.isHidden()
    page.show_unread(SUMMARY.path, "It cannot be read.")
    assert not page.recap.isVisible()
