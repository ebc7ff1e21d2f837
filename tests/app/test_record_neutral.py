"""Whether a session from the command line begins with the neutral face, and that it says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from journeylab.app.devices import NONE, SIMULATED
from journeylab.app.record import RecordRequest, _takes_neutral, run_record
from journeylab.assets import asset
from journeylab.bundle.reader import Bundle
from journeylab.study.folder import StudyFolder, save_study
from journeylab.study.model import Step, Stimulus, Study
from journeylab.study.privacy import Privacy, Purpose
from journeylab.vocabulary import StimulusKind

CLIP = str(asset("demo-study") / "stimuli" / "ad.mp4")


def _asked(camera: str, *, neutral: bool | None = None) -> RecordRequest:
    return RecordRequest(Path("study"), "P01", camera, NONE, True, {}, neutral=neutral)


@pytest.mark.parametrize(
    ("camera", "neutral", "takes_it", "words"),
    [
        ("0", None, True, "First the neutral face: a dot on the participant's screen, 5 s."),
        (SIMULATED, None, True, "First the neutral face"),
        (CLIP, None, False, "The camera is a video"),
        (CLIP, True, True, "First the neutral face"),
        ("0", False, False, "No neutral face is taken"),
    ],
)
def test_it_begins_with_it_unless_told_otherwise_or_nobody_can_be_asked(
    camera: str, neutral: bool | None, takes_it: bool, words: str
) -> None:
    said: list[str] = []
    request = _asked(camera, neutral=neutral)
    assert _takes_neutral(request, {}, Privacy(), say=said.append) is takes_it
    assert len(said) == 1 and said[0].startswith(words)


@pytest.mark.parametrize(
    ("consent", "privacy"),
    [
        ({"emotion_recognition": "no"}, Privacy()),
        ({}, Privacy(purpose=Purpose.WORKPLACE)),
    ],
)
def test_without_emotions_nothing_is_asked_or_said(
    consent: dict[str, str], privacy: Privacy
) -> None:
    said: list[str] = []
    request = _asked("0", neutral=True)
    assert not _takes_neutral(request, consent, privacy, say=said.append)
    assert said == []


@pytest.fixture
def study(tmp_path: Path) -> StudyFolder:
    stimulus = Stimulus(kind=StimulusKind.INSTRUCTION, text="Look around.")
    step = Step(id="look", title="Look", planned_s=1.0, stimulus=stimulus)
    return save_study(tmp_path / "study", Study(id="k", title="Kettles", steps=(step,)))


@pytest.mark.usefixtures("qtbot")
def test_a_session_on_rails_takes_it_before_its_first_step(study: StudyFolder) -> None:
    said: list[str] = []
    request = RecordRequest(study.path, "P01", SIMULATED, NONE, True, {})
    path = run_record(request, progress=lambda _: None, say=said.append)
    assert any(one.startswith("Neutral face taken, from ") for one in said), said
    with Bundle.open(path) as bundle:
        rows, steps = bundle.table("calibrations"), bundle.table("steps")
        assert rows["kind"].tolist() == ["neutral"]
        assert rows.t_ns[0] < steps.t_ns[0]
        spent_s = int(steps.t_ns[-1] - steps.t_ns[0]) / 1e9
        assert spent_s == pytest.approx(1.0, abs=0.5), "it costs the step nothing"
