"""A session with real X events on two monitors: the console on one, the participant on the other.

The hand acts on both; a click on the participant's takes the keyboard there, and the keys stay the
moderator's.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from x_display import x_display
from x_hand import Hand, open_app

from journeylab.bundle.reader import Bundle
from journeylab.study.folder import StudyFolder, save_study
from journeylab.study.model import MarkerKey, Step, Stimulus, Study
from journeylab.vocabulary import StimulusKind

_LEFT_PX = 1600
# On the right display, from its own corner.
_SPOT = (300, 200)


@pytest.fixture(scope="module")
def monitors() -> Iterator[str]:
    """A display of two monitors: 1600x900 and, right of it, 1024x768."""
    with x_display(((1600, 900), (1024, 768))) as name:
        yield name


@pytest.fixture
def study(tmp_path: Path) -> StudyFolder:
    """Three steps; one of its markers has a key that an act has too."""
    steps = tuple(
        Step(
            id=name,
            title=name.title(),
            planned_s=3.0,
            stimulus=Stimulus(kind=StimulusKind.INSTRUCTION, text=f"Please {name}."),
        )
        for name in ("read", "look", "end")
    )
    markers = (MarkerKey(key="1", label="confusion"), MarkerKey(key="s", label="smile"))
    study = Study(id="two", title="Two monitors", steps=steps, markers=markers)
    return save_study(tmp_path / "study", study)


@pytest.fixture
def hand(study: StudyFolder, monitors: str, tmp_path: Path) -> Iterator[Hand]:
    with open_app(study, display=monitors, folder=tmp_path) as hand:
        yield hand


def test_a_session_on_two_monitors(hand: Hand, study: StudyFolder) -> None:
    hand.click("Recent studies")
    hand.wait_for_page("SetupPage")
    hand.wait_for("choice Simulated participant")
    hand.type("P07")
    hand.click("The participant has heard this and agrees to take part")
    for kept in ("Face video", "Audio", "Screen pictures"):
        hand.click(kept)
    hand.click("Start session")
    hand.wait_for_page("ConsolePage")
    hand.wait("participant's window", lambda state: "ParticipantWindow" in state["windows"])
    hand.wait_for("Next step")
    hand.click_at(_LEFT_PX + _SPOT[0], _SPOT[1])  # hers; the keys stay the moderator's
    hand.key("1")
    hand.key("s")
    hand.key("ctrl+z")
    hand.key("F2")
    hand.key("p")
    hand.wait_for("Go on")
    hand.click_at(_LEFT_PX + _SPOT[0], _SPOT[1])  # on the cover
    hand.key("p")
    hand.wait_for("Pause")
    hand.click("Next step")
    hand.key("ctrl+s")  # the marker has the letter
    hand.key("u")
    hand.type("1 phone")
    hand.key("Return")
    hand.key("Left")
    hand.key("n")
    hand.type("2 calls")
    hand.key("Return")
    hand.click("Stop")
    hand.click("Stop and save")
    hand.wait_for_page("FinishPage")
    hand.wait_for("Open analysis")
    (path,) = study.bundles()
    with Bundle.open(path) as bundle:
        assert list(bundle.table("markers")["label"]) == ["confusion", "smile"]
        assert list(bundle.table("notes")["text"]) == ["2 calls"]
        acts = bundle.table("acts")
        assert list(acts["act"]) == ["outcome", "pause", "resume", "skip", "unplanned"]
        assert acts["value"][0] == "partial"
        assert len(bundle.table("withdrawals")) == 1
        screen = bundle.header.screen
        assert (screen.width_px, screen.height_px) == (1024, 768)


def test_a_key_is_stored_with_its_own_time_and_soon_seen_by_the_participant(
    tmp_path: Path,
) -> None:
    """The bench in short; its limits are for a quiet machine, these leave room for a busy one."""
    program = Path(__file__).parents[1] / "bench" / "console.py"
    figures = tmp_path / "figures.json"
    subprocess.run(
        [sys.executable, str(program), "--minutes", "0.25", "--every", "0.6", "--json", figures],
        check=False,
        capture_output=True,
        timeout=240,
    )
    measured = json.loads(figures.read_text(encoding="utf-8"))
    off_ms = np.abs(measured["off_ms"])
    assert len(off_ms) > 15
    assert np.percentile(off_ms, 95) < 20
    assert np.median(measured["changes_ms"]) < 400
