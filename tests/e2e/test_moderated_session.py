"""A moderator's session with real X events: from the list of studies to the map, by hand.

One display and one keyboard, the hardest case: the participant's window covers the console, and
her click takes the keyboard with it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from journeylab.assets import asset
from journeylab.bundle.reader import Bundle
from journeylab.study.folder import StudyFolder, load_study, save_study
from journeylab.study.model import Step, Stimulus
from journeylab.study.questions import Question
from journeylab.ui.moderator.recents import RecentStudies
from journeylab.vocabulary import QuestionKind, StimulusKind

_WAIT_S = 40.0
# On the display of 1920x1080: in the page's only field, and beside it.
_FIELD, _BESIDE = (960, 300), (960, 900)
_PAGE = """<!doctype html><title>Form</title>
<input id="code" style="position:fixed; left:10%; top:20%; width:80%; height:20%" autocomplete=off>
"""


@dataclass
class Hand:
    """Mouse and keyboard of the display, and an eye for what stands where."""

    state_file: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes]

    def state(self) -> dict:
        try:
            return json.loads(self.state_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {"page": "", "windows": [], "places": {}}

    def wait(self, what: str, holds: Callable[[dict], object]) -> dict:
        deadline = time.monotonic() + _WAIT_S
        while time.monotonic() < deadline:
            state = self.state()
            if holds(state):
                return state
            assert self.process.poll() is None, f"the app ended before {what}"
            time.sleep(0.1)
        raise AssertionError(f"no {what} after {_WAIT_S:.0f} s: {self.state()}")

    def wait_for(self, words: str) -> None:
        self.wait(words, lambda state: words in state["places"])

    def wait_for_page(self, page: str) -> None:
        self.wait(page, lambda state: state["page"] == page)

    def click(self, words: str) -> None:
        self.wait_for(words)
        self.click_at(*self.state()["places"][words])

    def click_at(self, x_px: int, y_px: int) -> None:
        self._do("mousemove", str(x_px), str(y_px), "click", "1")

    def key(self, *keys: str) -> None:
        self._do("key", *keys)

    def type(self, text: str) -> None:
        self._do("type", "--delay", "40", text)

    def _do(self, *act: str) -> None:
        subprocess.run(["xdotool", *act], env=self.environment, check=True, timeout=10)
        time.sleep(0.4)  # people are not faster


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
    home = tmp_path / "home"
    RecentStudies(home / "Documents" / "JourneyLab" / "recent-studies.json").remember(study.path)
    environment = {
        **os.environ,
        "DISPLAY": xvfb,
        "HOME": str(home),
        "QT_QPA_PLATFORM": "xcb",
        "LIBGL_ALWAYS_SOFTWARE": "1",
    }
    for name in ("WAYLAND_DISPLAY", "XDG_CONFIG_HOME", "PULSE_SERVER"):
        environment.pop(name, None)
    log, state = tmp_path / "log.txt", tmp_path / "state.json"
    program = Path(__file__).with_name("watched_app.py")
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, str(program), str(state)], env=environment, stdout=out, stderr=out
        )
        try:
            yield Hand(state, environment, process)
            process.terminate()
            assert process.wait(20) == 0, log.read_text()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait(10)
    assert "Traceback" not in log.read_text()


def test_moderator_runs_a_session_by_hand(hand: Hand, study: StudyFolder) -> None:
    hand.click("Recent studies")
    hand.wait_for_page("SetupPage")
    hand.wait_for("choice Simulated participant")
    hand.type("P07")
    hand.key("Tab", "Down")
    hand.click("The participant has heard this and agrees to take part")
    for kept in ("Face video", "Audio", "Screen pictures"):
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
    hand.key("Right")
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
    hand.wait_for_page("AnalysisPage")
    hand.wait_for("Export PNG")


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
