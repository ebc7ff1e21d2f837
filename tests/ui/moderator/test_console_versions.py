"""A step that people meet in several versions: the console tells which one, and what it shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from ui.clipping import clipped
from ui.inks import strange_inks

from journeylab.study.folder import StudyFolder, save_study
from journeylab.study.model import Step, Stimulus, Variant
from journeylab.theme import DARK
from journeylab.ui.moderator.console import ConsolePage
from journeylab.ui.moderator.console_readout import about_step
from journeylab.ui.moderator.ports import SetupChoice
from journeylab.vocabulary import StimulusKind

CAMERA_ONLY = "Camera only: this step shows nothing on the screen."


def _study_with(folder: StudyFolder, path: Path, own: Stimulus, other: Stimulus) -> StudyFolder:
    ad, landing, cart = folder.study.steps
    landing = landing.model_copy(
        update={
            "stimulus": own,
            "variants": (Variant(id="b", title="Straight to the kettle", stimulus=other),),
            "touchpoint": "site",
            "channel": "web",
            "owner": "Shop team",
        }
    )
    study = folder.study.model_copy(update={"id": "versions", "steps": (ad, landing, cart)})
    return save_study(path, study)


def _console(
    qtbot: QtBot, folder: StudyFolder, played, choice: SetupChoice, *, version: str
) -> ConsolePage:
    page = ConsolePage(clock=played.clock)
    qtbot.addWidget(page)
    page.resize(1366, 768)
    page.show()
    played.set(variants={"landing": version})
    page.show_session(folder, choice, played)
    page.refresh_text()
    return page


WORDS = Stimulus(kind=StimulusKind.INSTRUCTION, text="Look around.")
NOTHING = Stimulus(kind=StimulusKind.CAMERA_ONLY)


@pytest.mark.parametrize(
    ("own", "other", "version", "is_camera_only"),
    [
        (WORDS, NOTHING, "a", False),
        (WORDS, NOTHING, "b", True),
        (NOTHING, WORDS, "a", True),
        (NOTHING, WORDS, "b", False),
    ],
)
def test_the_step_is_announced_as_this_participant_meets_it(
    qtbot: QtBot, folder, played, choice, tmp_path: Path, own, other, version, is_camera_only
) -> None:
    study = _study_with(folder, tmp_path / "versions", own, other)
    page = _console(qtbot, study, played, choice, version=version)
    assert (page.parts.screen_copy.text == CAMERA_ONLY) is is_camera_only


def test_the_version_stands_beside_the_step_and_in_its_card(
    qtbot: QtBot, folder, played, choice, tmp_path: Path
) -> None:
    study = _study_with(folder, tmp_path / "versions", WORDS, NOTHING)
    page = _console(qtbot, study, played, choice, version="b")
    assert [line.version for line in page.parts.steps.lines] == ["", "b", ""]
    assert "Landing, version B" in page.parts.steps.accessibleName()
    assert page.parts.step.text.endswith("step 2 of 3, version B")
    assert page.parts.guide.text.splitlines()[0] == (
        "Version B: Straight to the kettle · site · web · owner: Shop team"
    )
    assert clipped(page) == []
    assert strange_inks(page, DARK) == []


def test_a_step_of_one_version_says_what_is_met_there_alone() -> None:
    step = Step(id="ad", title="Ad", stimulus=WORDS, touchpoint="ad", owner="Brand team")
    assert about_step(step, None) == "ad · owner: Brand team"
    assert about_step(Step(id="ad", title="Ad", stimulus=WORDS), None) == ""
