"""A display that changes while a session is recorded is in the bundle, with a sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from journeylab.bundle.reader import Bundle
from journeylab.study.folder import StudyFolder, save_study
from journeylab.study.model import Step, Stimulus, Study


@pytest.fixture
def study(tmp_path: Path) -> StudyFolder:
    stimulus = Stimulus(kind="instruction", text="Look around.")  # type: ignore[arg-type]
    step = Step(id="look", title="Look", stimulus=stimulus)
    return save_study(tmp_path / "study", Study(id="k", title="Kettles", steps=(step,)))


def test_both_sizes_of_the_display_are_kept(study: StudyFolder, two_modes: str) -> None:
    trial = Path(__file__).with_name("live_display_trial.py")
    ended = subprocess.run(
        [sys.executable, str(trial), str(study.path)],
        env={
            **os.environ,
            "DISPLAY": two_modes,
            "QT_QPA_PLATFORM": "xcb",
            "QT_SCALE_FACTOR": "1.5",
        },
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    with Bundle.open(Path(ended.stdout.splitlines()[-1])) as bundle:
        screen = bundle.header.screen
        assert (screen.name, screen.width_px, screen.height_px) == ("screen", 1920, 1080)
        assert screen.scale == 1.5 and screen.width_mm is not None
        displays = bundle.table("displays")
        assert list(displays["width_px"]) == [1920, 1280]
        assert list(displays["height_px"]) == [1080, 720]
        assert list(displays["scale"]) == [1.5, 1.5]
        assert list(displays["name"]) == ["screen", "screen"]
        assert all(width > 0 for width in displays["width_mm"])
        health = bundle.table("health")
        said = [text for text in health["detail"] if "changed from" in text]
        assert len(said) == 1
        assert "from 1920 × 1080 px at 150% to 1280 × 720 px at 150%" in said[0]
