"""Questions with real X events on two monitors: she uses the mouse, the keys stay the console's."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from x_hand import Hand, open_app

from journeylab.bundle.reader import Bundle
from journeylab.study.folder import StudyFolder, save_study
from journeylab.study.model import Step, Stimulus, Study
from journeylab.study.questions import Question
from journeylab.vocabulary import QuestionKind, StimulusKind


@pytest.fixture
def study(tmp_path: Path) -> StudyFolder:
    """Two steps, the first one asked about."""
    steps = tuple(
        Step(
            id=name,
            title=name.title(),
            planned_s=3.0,
            stimulus=Stimulus(kind=StimulusKind.INSTRUCTION, text=f"Please {name}."),
            questions=questions,
        )
        for name, questions in (
            (
                "read",
                (
                    Question(id="ease", kind=QuestionKind.EASE),
                    Question(id="nps", kind=QuestionKind.NPS),
                    Question(id="why", kind=QuestionKind.TEXT, text="Why?"),
                ),
            ),
            ("end", ()),
        )
    )
    return save_study(tmp_path / "study", Study(id="two", title="Two monitors", steps=steps))


_HAND_S = (
    0.8  # from the participant's click to the moderator's key; the keyboard goes back meanwhile
)


@pytest.fixture
def hand(study: StudyFolder, monitors: str, tmp_path: Path) -> Iterator[Hand]:
    with open_app(study, display=monitors, folder=tmp_path) as hand:
        yield hand


def test_she_answers_with_the_mouse_while_the_moderator_marks_with_keys(
    hand: Hand, study: StudyFolder
) -> None:
    hand.click("Recent studies")
    hand.wait_for_page("SetupPage")
    hand.wait_for("choice Simulated participant")
    hand.type("P07")
    hand.click("The participant has heard this and agrees to take part")
    for kept in ("Face video", "Audio", "Screen pictures"):
        hand.click(kept)
    hand.click("Start session")
    hand.wait_for_page("ConsolePage")
    hand.wait_for("Next step")
    hand.key("Right")
    hand.wait_for("End questions")
    hand.click("6")
    time.sleep(_HAND_S)
    hand.key("1")  # a marker, on this page and on the next, before it is answered
    hand.click("Next")
    hand.wait_for("10")
    time.sleep(_HAND_S)
    hand.key("2")
    hand.click("9")
    hand.click("Next")
    hand.click("Your answer")
    hand.type("12 n")
    hand.click("Done")
    hand.wait_for("Finish")
    hand.key("3")
    hand.key("Right")
    hand.wait_for("Debrief first")
    hand.key("Right")
    hand.wait_for_page("DebriefPage")
    hand.type("She was quick.")
    hand.key("ctrl+Return")
    hand.wait_for_page("FinishPage")
    hand.wait_for("Open analysis")
    (path,) = study.bundles()
    with Bundle.open(path) as bundle:
        answers = bundle.table("answers")
        assert list(answers["value"]) == ["6", "9", "12 n"]
        assert set(answers["step_id"]) == {"read"}
        assert list(bundle.table("markers")["label"]) == ["confusion", "frustration", "delight"]
        assert list(bundle.table("notes")["text"]) == ["She was quick."]
