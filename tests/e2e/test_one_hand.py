"""A whole session with real X events on two monitors, by the moderator's mouse alone, and by keys.

From the list of studies to the bundle, with everything a session may have: consent on the
participant's screen, the check, her neutral face, a calibration, an ad, screenshots, a page with a
form, something off the screen, questions, a pause, an unplanned step, the debrief. What the
participant does on her own screen is hers, with her own mouse and keyboard.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from x_display import x_display
from x_hand import Hand, Keys, Mouse, open_app

from journeylab.bundle.reader import Bundle
from journeylab.study.folder import StudyFolder, save_study
from journeylab.study.model import MarkerKey, Segment, Step, Stimulus, Study
from journeylab.study.questions import Question
from journeylab.study.stimulus import Hotspot, Screen
from journeylab.vocabulary import QuestionKind, StimulusKind

_LEFT_PX = 1600
_SIZE_PX = (1024, 768)
_FIELD, _BUTTON, _BESIDE = (512, 230), (512, 480), (512, 700)
_PAGE = """<!doctype html><title>Form</title><style>
input, button { position: fixed; left: 10%; width: 80%; height: 20%; font-size: 30px }
</style><form onsubmit="document.title = 'sent'; return false">
<input id=code style="top: 20%" autocomplete=off><button id=send style="top: 52%">Send</button>
</form>"""
_N_DOTS = 11  # of five points, with the head's movement and the validation
_LOOK_S = 0.5  # and as long for the hand


@pytest.fixture(scope="module")
def monitors() -> Iterator[str]:
    """A display of two monitors: 1600x900 and, right of it, 1024x768."""
    with x_display(((_LEFT_PX, 900), _SIZE_PX)) as name:
        yield name


def _film(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for index in range(50):
            picture = np.full((240, 320, 3), 4 * index, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = index, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def _steps() -> tuple[Step, ...]:
    spot = Hotspot(box=(0, 0, 1024, 384), leads_to="two")
    screens = (
        Screen(id="one", path="stimuli/one.png", hotspots=(spot,)),
        Screen(id="two", path="stimuli/two.png"),
    )
    asked = (
        Question(id="ease", kind=QuestionKind.EASE),
        Question(id="why", kind=QuestionKind.TEXT, text="Why?"),
    )
    kinds = StimulusKind
    return (
        Step(id="ad", title="Ad", stimulus=Stimulus(kind=kinds.VIDEO, path="stimuli/ad.mp4")),
        Step(id="screens", title="Shop", stimulus=Stimulus(kind=kinds.SCREENS, screens=screens)),
        Step(
            id="form",
            title="Order",
            stimulus=Stimulus(kind=kinds.PAGE, path="stimuli/form.html"),
            questions=asked,
        ),
        Step(
            id="unboxing",
            title="Unboxing",
            stimulus=Stimulus(kind=kinds.CAMERA_ONLY),
            markers=(MarkerKey(key="o", label="opened"),),
        ),
        Step(id="end", title="End", stimulus=Stimulus(kind=kinds.INSTRUCTION, text="Thank you.")),
    )


@pytest.fixture
def study(tmp_path: Path) -> StudyFolder:
    stimuli = tmp_path / "study" / "stimuli"
    stimuli.mkdir(parents=True)
    _film(stimuli / "ad.mp4")
    for name, shade in (("one", 210), ("two", 230)):
        Image.new("RGB", _SIZE_PX, (shade, shade, shade)).save(stimuli / f"{name}.png")
    (stimuli / "form.html").write_text(_PAGE, encoding="utf-8")
    segments = (Segment(name="device", values=("desktop", "mobile")),)
    return save_study(
        tmp_path / "study", Study(id="whole", title="Whole", steps=_steps(), segments=segments)
    )


@pytest.fixture
def hand(study: StudyFolder, monitors: str, tmp_path: Path) -> Iterator[Hand]:
    with open_app(study, display=monitors, folder=tmp_path) as hand:
        yield hand


class Participant:
    """She sits before the right monitor, with a mouse and a keyboard of her own."""

    def __init__(self, hand: Hand) -> None:
        self._hand = hand

    def press(self, words: str) -> None:
        state = self._hand.wait(words, lambda state: words in state["hers"])
        self._hand.click_at(*state["hers"][words])

    def press_at(self, spot: tuple[int, int]) -> None:
        self._hand.click_at(_LEFT_PX + spot[0], spot[1])

    def type_into(self, press: Callable[[], None], text: str, *, told: str = "") -> None:
        """Press a field till she has the keyboard, as people do where nothing happens, and type."""
        for _ in range(5):
            press()
            if self._hand.wait_a_while(lambda state: state["owner"] == "ParticipantWindow"):
                self._hand.wait_till_said(told)
                self._hand.type(text)
                return
        raise AssertionError(f"she does not get the keyboard: {self._hand.state()}")

    def agree(self) -> None:
        agree = "I agree to take part"
        self._hand.wait_for_stage("ConsentStage")
        state = self._hand.wait(
            "consent", lambda state: any(": Yes" in one for one in state["hers"])
        )
        for words in [one for one in state["hers"] if one.endswith(": Yes")]:
            self.press(words)
        self.press(agree)

    def go_through_the_shop(self) -> None:
        self._hand.wait_for_stage("ScreensStage", "screens")
        time.sleep(0.5)
        self.press_at((512, 600))  # missed
        self.press_at((512, 200))

    def order(self) -> None:
        self._hand.wait_for_stage("PageStage", "form")
        time.sleep(1.0)
        self.type_into(lambda: self.press_at(_FIELD), "s3412", told="clicked input text")
        self.press_at(_BUTTON)

    def answer(self) -> None:
        self.press("6")
        self.press("Next")
        self._hand.wait("field", lambda state: "Your answer" in state["hers"])
        self.type_into(lambda: self.press("Your answer"), "not 1 n")
        self.press("Done")


def _check(study: StudyFolder, *, has_words: bool) -> None:
    """The bundle holds all that was done; ``has_words`` where the moderator could write."""
    (path,) = study.bundles()
    verified = subprocess.run(
        [sys.executable, "-m", "journeylab", "verify", str(path)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert verified.returncode == 0, verified.stdout + verified.stderr
    with Bundle.open(path) as bundle:
        header = bundle.header
        assert header.participant_id == "P01"
        assert header.segments["device"] == "desktop"
        assert header.consent["stated_by"] == "participant"
        assert (header.screen.width_px, header.screen.height_px) == _SIZE_PX
        assert len(bundle.frame_times_ns()) > 100
        assert list(bundle.table("calibrations")["kind"]) == ["neutral", "gaze"]
        assert bundle.pictures()
        steps = bundle.table("steps")
        begun = list(steps["step_id"][steps["phase"] == "start"])
        paused = ["unboxing", "unboxing"]  # a pause parts a step in two
        assert begun == ["ad", "screens", "form", *paused, "unplanned-1", "unboxing", "end"]
        stimulus = bundle.table("stimulus")
        onsets = list(stimulus["step_id"][stimulus["what"] == "onset"])
        assert [one for one in dict.fromkeys(onsets) if one in begun] == list(dict.fromkeys(begun))
        assert "frame" in list(stimulus["what"])
        assert list(bundle.table("markers")["label"]) == ["confusion", "frustration", "opened"]
        assert len(bundle.table("withdrawals")) == 1
        acts = bundle.table("acts")
        told = list(zip(acts["act"], acts["step_id"], acts["value"], strict=True))
        assert ("outcome", "ad", "partial") in told
        pauses = [act for act, step, _ in told if step == "unboxing"]
        assert pauses[:2] == ["pause", "resume"]
        assert [act for act, *_ in told].count("unplanned") == 1
        notes = list(bundle.table("notes")["text"])
        assert notes == (["The lid sticks", "She was quick."] if has_words else [])
        _check_what_she_did(bundle)


def _check_what_she_did(bundle: Bundle) -> None:
    page = bundle.table("page")
    clicks = page["kind"] == "click"
    selectors = list(page["selector"][clicks])
    # On a busy machine she may press a field twice.
    assert list(dict.fromkeys(selectors)) == ["", "hotspot:two", "#code", "#send"]
    assert "load" in list(page["kind"])
    details = " ".join(page["detail"])
    assert "text, 5 characters" in details and "3412" not in details
    answers = bundle.table("answers")
    assert list(answers["value"]) == ["6", "not 1 n"]


def test_a_session_by_mouse_alone(hand: Hand, study: StudyFolder) -> None:
    mouse, participant = Mouse(hand), Participant(hand)
    _prepare_by_mouse(hand, mouse, participant)
    _lead_by_mouse(hand, mouse, participant)
    _check(study, has_words=False)
    mouse.click("Open analysis")
    hand.wait_for_page("StudyViews")


def _prepare_by_mouse(hand: Hand, mouse: Mouse, participant: Participant) -> None:
    mouse.click("Recent studies")
    hand.wait_for_page("SetupPage")
    hand.wait_for("choice Simulated participant")
    mouse.click("Use P01, the next free id")
    mouse.choose("device", "desktop")
    mouse.click("Ask on the participant's screen")
    participant.agree()
    hand.wait_till_said("frames a second")
    mouse.click("Measure screen delay")
    hand.wait_for_stage("FlashStage")
    mouse.click("Neutral face")  # it waits for the flashes
    hand.wait_till_said("Neutral face taken")
    hand.wait("her screen", lambda state: "ParticipantWindow" not in state["windows"])
    _calibrate_by_mouse(mouse)
    mouse.click("Start session")


def _lead_by_mouse(hand: Hand, mouse: Mouse, participant: Participant) -> None:
    hand.wait_for_page("ConsolePage")
    hand.wait_for_stage("VideoStage", "ad")
    mouse.click("Marker confusion, key 1")
    mouse.click("Task partial, key F2")
    mouse.click("Next step")
    participant.go_through_the_shop()
    mouse.click("Marker frustration, key 2")
    mouse.click("Take the last back")
    mouse.click("Next step")
    participant.order()
    mouse.click("Next step")
    participant.answer()
    hand.wait_for_stage("TextStage", "unboxing")
    mouse.click("Marker opened, key o")
    mouse.click("Pause")
    mouse.click("Go on")
    mouse.click("Unplanned step")
    mouse.click("Begin")
    hand.wait_for_stage("TextStage", "unplanned-1")
    mouse.click("Back")
    hand.wait_for_stage("TextStage", "unboxing")
    mouse.click("Next step")
    hand.wait_for_stage("TextStage", "end")
    mouse.click("Finish")
    mouse.click("Debrief first")
    hand.wait_for_page("DebriefPage")
    mouse.choose("How the task of Shop ended", "Success")
    mouse.click("Save session")
    hand.wait_for_page("FinishPage")
    hand.wait_for("Open analysis")


def _calibrate_by_mouse(mouse: Mouse) -> None:
    mouse.choose("Points of the calibration", "5 points")
    mouse.choose("Pace of the calibration", "Goes on with Space")
    mouse.click("Calibrate gaze")
    for _ in range(_N_DOTS):
        time.sleep(_LOOK_S)
        mouse.click("Next dot")
    mouse.click("Accept")


def test_a_session_by_keys_alone(hand: Hand, study: StudyFolder) -> None:
    keys, participant = Keys(hand), Participant(hand)
    _prepare_by_keys(hand, keys, participant)
    _lead_by_keys(hand, keys, participant)
    _check(study, has_words=True)
    keys.tab_to("Open analysis")
    keys.press("Return")
    hand.wait_for_page("StudyViews")


def _prepare_by_keys(hand: Hand, keys: Keys, participant: Participant) -> None:
    hand.have_the_keyboard()
    keys.tab_to("Recent studies")
    keys.press("Down", "Return")
    hand.wait_for_page("SetupPage")
    hand.wait_for("choice Simulated participant")
    keys.tab_to("Participant id")
    keys.type("P01")
    keys.choose("device", "desktop", "Down")
    hand.wait_for("Ask on the participant's screen")
    keys.press("F2")
    participant.agree()
    hand.wait_till_said("frames a second")
    keys.choose("Points of the calibration", "5 points", "Up")
    keys.choose("Pace of the calibration", "Goes on with Space", "Down")
    hand.wait_for("Neutral face")
    keys.press("F8")
    hand.wait_till_said("Neutral face taken")
    hand.wait("her screen", lambda state: "ParticipantWindow" not in state["windows"])
    hand.wait_for("Calibrate gaze")
    keys.press("F9")
    hand.wait_for("Next dot")
    for _ in range(_N_DOTS):
        time.sleep(_LOOK_S)
        keys.press("space")
    hand.wait_for("Accept")
    keys.tab_to("Accept")
    keys.press("space")
    hand.wait_for("Start session")
    keys.tab_to("Start session")
    keys.press("Return")


def _lead_by_keys(hand: Hand, keys: Keys, participant: Participant) -> None:
    hand.wait_for_page("ConsolePage")
    hand.wait_for_stage("VideoStage", "ad")
    keys.press("1", "F2", "Right")
    participant.go_through_the_shop()
    keys.press("alt+2", "alt+z", "alt+Right")  # the keyboard is hers
    participant.order()
    keys.press("alt+Right")
    participant.answer()
    hand.wait_for_stage("TextStage", "unboxing")
    keys.press("F5", "o", "p")
    hand.wait_for("Go on")
    keys.press("p")
    hand.wait_for("Pause")
    keys.press("n")
    keys.type("The lid sticks")
    keys.press("Return", "u")
    keys.type("Phone rings")
    keys.press("Return")
    hand.wait_for_stage("TextStage", "unplanned-1")
    keys.press("Left")
    hand.wait_for_stage("TextStage", "unboxing")
    keys.press("Right")
    hand.wait_for_stage("TextStage", "end")
    keys.press("Right")
    hand.wait_for("Debrief first")
    keys.press("Right")
    hand.wait_for_page("DebriefPage")
    keys.type("She was quick.")
    keys.press("ctrl+Return")
    hand.wait_for_page("FinishPage")
    hand.wait_for("Open analysis")
