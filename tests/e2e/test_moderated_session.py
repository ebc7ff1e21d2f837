"""A moderator's session with real X events: from the list of studies to the map, by hand.

One display and one keyboard, the hardest case: the participant's window covers the console, and
her click takes the keyboard with it.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from x_hand import Hand, open_app

from journeylab.assets import asset
from journeylab.bundle.reader import Bundle
from journeylab.study.folder import StudyFolder, load_study, save_study
from journeylab.study.model import Step, Stimulus
from journeylab.study.questions import Question
from journeylab.vocabulary import QuestionKind, StimulusKind

# On the display of 1920x1080: in the page's only field, and beside it.
_FIELD, _BESIDE = (960, 300), (960, 900)
_PAGE = """<!doctype html><title>Form</title>
<input id="code" style="position:fixed; left:10%; top:20%; width:80%; height:20%" autocomplete=off>
"""


@pytest.fixture
def study(tmp_path: Path) -> StudyFolder:
    """An ad, then a page with one field that is asked about."""
    folder = tmp_path / "study"
    shutil.copytree(asset("demo-study"), folder)
    (folder / "stimuli" / "form.html").write_text(_PAGE, encoding="utf-8")
    whole = load_study(folder).study
    form = Step(
        id="form",
        title="Form",
        planned_s=5.0,
        stimulus=Stimulus(kind=StimulusKind.PAGE, path="stimuli/form.html"),
        questions=(
            Question(id="ease", kind=QuestionKind.EASE),
            Question(id="why", kind=QuestionKind.TEXT, text="Why?"),
        ),
    )
    return save_study(folder, whole.model_copy(update={"steps": (whole.steps[0], form)}))


@pytest.fixture
def hand(study: StudyFolder, xvfb: str, tmp_path: Path) -> Iterator[Hand]:
    """The app, open on its list of studies."""
    with open_app(study, display=xvfb, folder=tmp_path) as hand:
        yield hand


def test_moderator_runs_a_session_by_hand(hand: Hand, study: StudyFolder) -> None:
    hand.click("Recent studies")
    hand.wait_for_page("SetupPage")
    hand.wait_for("choice Simulated participant")
    hand.type("P07")
    hand.key("Tab", "Down")
    hand.click("The participant has heard this and agrees to take part")
    for kept in ("Face video", "Audio", "Screen pictures", "Page visits and clicks"):
        hand.click(kept)
    hand.click("Start session")
    hand.wait_for_page("ConsolePage")
    hand.wait("participant's window", lambda state: "ParticipantWindow" in state["windows"])
    hand.key("1")
    hand.key("Right")
    time.sleep(1.5)
    hand.click_at(*_BESIDE)
    hand.key("2")
    hand.click_at(*_FIELD)
    hand.type("3412")
    hand.click_at(*_BESIDE)
    hand.key("3")
    hand.key("alt+Right")  # the arrow alone is the page's
    hand.click("6")
    hand.key("2")  # hers is answered: this is a marker
    hand.click("Next")
    hand.type("not 1 n")
    hand.click("Done")
    hand.wait_for_page("DebriefPage")
    hand.type("Wants 3 prices.")
    hand.key("Return")
    hand.key("ctrl+Return")
    hand.wait_for_page("FinishPage")
    hand.wait_for("Open analysis")
    (path,) = study.bundles()
    _check(path)
    hand.key("Return")
    hand.wait_for_page("StudyViews")
    hand.wait_for("Export ▾")


def _check(path: Path) -> None:
    with Bundle.open(path) as bundle:
        assert bundle.header.participant_id == "P07"
        # What was typed into the field set no marker; what was pressed beside it did.
        markers = list(bundle.table("markers")["label"])
        assert markers == ["confusion", "frustration", "delight", "frustration"]
        answers = bundle.table("answers")
        assert list(answers["question_id"]) == ["ease", "why"]
        assert list(answers["value"]) == ["6", "not 1 n"]
        assert list(bundle.table("notes")["text"]) == ["Wants 3 prices."]
        steps = bundle.table("steps")
        assert list(steps["step_id"][steps["phase"] == "start"]) == ["ad", "form"]
        page = bundle.table("page")
        assert list(page["kind"]).count("click") == 3
        assert "change" in list(page["kind"])
        assert len(bundle.frame_times_ns()) > 50
        assert bundle.pictures()
