"""One keyboard for two people, with real X events: the participant's keys never lead the session,
the moderator's acts are within reach all the same, and on one display she shows nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import ImageGrab
from x_display import x_display
from x_hand import Hand, open_app

from journeylab.bundle.reader import Bundle
from journeylab.study.folder import StudyFolder, save_study
from journeylab.study.model import MarkerKey, Step, Stimulus, Study
from journeylab.vocabulary import StimulusKind

_LEFT_PX = 1600
_GROUND = (255, 0, 255)
# On the participant's display, from its own corner.
_LIST, _TEXT, _BUTTON, _BESIDE = (200, 60), (200, 160), (200, 260), (200, 560)
_PAGE = """<!doctype html><title>Form</title>
<style>body { background: #ff00ff }
select, input, button { position: fixed; left: 40px; width: 400px; height: 60px }</style>
<select style="top: 30px"><option>none<option>Spain</select>
<input id=code style="top: 130px" autocomplete=off>
<button style="top: 230px">Buy</button>"""


@pytest.fixture
def study(tmp_path: Path) -> StudyFolder:
    """A page with a list, a field and a button, then words."""
    stimuli = (
        Stimulus(kind=StimulusKind.PAGE, path="stimuli/form.html"),
        Stimulus(kind=StimulusKind.INSTRUCTION, text="Thank you."),
    )
    steps = tuple(
        Step(id=name, title=name.title(), planned_s=9.0, stimulus=stimulus)
        for name, stimulus in zip(("form", "end"), stimuli, strict=True)
    )
    markers = (MarkerKey(key="1", label="confusion"), MarkerKey(key="b", label="bored"))
    folder = save_study(
        tmp_path / "study", Study(id="keys", title="Keys", steps=steps, markers=markers)
    )
    (folder.path / "stimuli").mkdir(exist_ok=True)
    (folder.path / "stimuli" / "form.html").write_text(_PAGE, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def two_displays() -> Iterator[str]:
    """1600x900 and, right of it, 1024x768."""
    with x_display(((_LEFT_PX, 900), (1024, 768))) as name:
        yield name


def _begin(hand: Hand) -> None:
    hand.click("Recent studies")
    hand.wait_for_page("SetupPage")
    hand.wait_for("choice Simulated participant")
    hand.type("P07")
    hand.click("The participant has heard this and agrees to take part")
    for kept in ("Face video", "Audio", "Screen pictures", "Page visits and clicks"):
        hand.click(kept)
    hand.click("Start session")
    hand.wait_for_page("ConsolePage")
    hand.wait_for_stage("PageStage", "form")
    time.sleep(1.5)


def _save(hand: Hand) -> None:
    hand.wait_for_page("DebriefPage")
    hand.key("ctrl+Return")
    hand.wait_for_page("FinishPage")
    hand.wait_for("Open analysis")


def test_what_the_participant_presses_is_hers_and_alt_is_the_moderators(
    study: StudyFolder, two_displays: str, tmp_path: Path
) -> None:
    def hers(place: tuple[int, int]) -> None:
        hand.click_at(_LEFT_PX + place[0], place[1])

    with open_app(study, display=two_displays, folder=tmp_path) as hand:
        _begin(hand)
        hers(_LIST)
        hand.type("s")  # to Spain, and no step is skipped
        hand.key("Return")
        hand.key("Right", "p", "r")
        hers(_BUTTON)
        hand.key("Return", "s", "Right", "b", "Escape")
        hers(_TEXT)
        hand.type("Sup 1 n")
        hand.key("F2", "alt+1", "alt+p")
        hand.wait_for("Go on")
        hand.key("alt+p")
        hand.wait_for("Pause")
        hers(_BESIDE)
        hand.key("b", "Right", "s", "F5")  # nothing has the caret: a marker, and nothing else
        hand.key("n")
        hand.type("She loo")
        hers(_BESIDE)
        time.sleep(0.5)
        hand.type("ks Spars")
        hand.key("Return")
        hand.key("n")
        hand.type("Half")
        hers(_TEXT)
        time.sleep(0.5)
        hand.type("xyz")  # hers
        hand.key("alt+n")
        hand.type(" done")
        hand.key("Return")
        hand.key("alt+Right")
        hand.wait_for_stage("TextStage", "end")
        hand.key("alt+s")  # the last one
        _save(hand)
    (path,) = study.bundles()
    with Bundle.open(path) as bundle:
        assert list(bundle.table("markers")["label"]) == ["confusion", "bored"]
        assert list(bundle.table("notes")["text"]) == ["She looks Spars", "Half done"]
        acts = bundle.table("acts")
        assert list(acts["act"])[:4] == ["outcome", "pause", "resume", "skip"]
        assert acts["step_id"][3] == "end"
        steps = bundle.table("steps")
        begun = list(steps["step_id"][steps["phase"] == "start"])
        assert begun == ["form", "form", "end"], "begun, gone on with after the pause, and left"
        details = list(bundle.table("page")["detail"])
        assert "field: option 2" in details, "typed ahead in the list"
        (typed,) = {
            int(one.split(", ")[1].split()[0]) for one in details if one.startswith("field: text, ")
        } - {len("Sup 1 n")}
        assert typed == len("Sup 1 nxyz")


def _is_untouched(display: str) -> bool:
    """Whether the participant's page is what is seen over most of the display."""
    picture = ImageGrab.grab(xdisplay=display)
    places = [(x, y) for x in (700, 960, 1300, 1800) for y in (60, 300, 540, 800)]
    return all(picture.getpixel(place)[:3] == _GROUND for place in places)


def test_on_one_display_nothing_but_the_page_is_seen(
    study: StudyFolder, xvfb: str, tmp_path: Path
) -> None:
    with open_app(study, display=xvfb, folder=tmp_path) as hand:
        _begin(hand)
        hand.wait("page", lambda _: _is_untouched(xvfb))
        for shrink in ("", "F10", "F11"):  # beneath the participant's window, as a strip, hidden
            if shrink:
                hand.key(shrink)
            assert _is_untouched(xvfb), f"after {shrink}"
            hand.key("1")
            hand.key("n")
            hand.type("no price 1 s")
            assert _is_untouched(xvfb), f"a note, {shrink}"
            hand.key("Return")
            hand.key("F2", "F6", "F7")
            assert _is_untouched(xvfb), f"observers, {shrink}"
            hand.key("F12")
            time.sleep(0.5)
            hand.key("F12")
            hand.click_at(*_BESIDE)
            hand.key("F5")
            assert _is_untouched(xvfb), f"the keyboard, {shrink}"
        hand.key("u")
        hand.type("phone")
        hand.key("Return")
        hand.wait_for_stage("TextStage")
        hand.key("Right")
        hand.wait_for_stage("TextStage", "end")
        hand.key("s")
        _save(hand)
    (path,) = study.bundles()
    with Bundle.open(path) as bundle:
        assert list(bundle.table("markers")["label"]) == ["confusion"] * 3
        assert list(bundle.table("notes")["text"]) == ["no price 1 s"] * 3
        acts = list(bundle.table("acts")["act"])
        assert acts[:5] == ["outcome"] * 3 + ["unplanned", "skip"]
