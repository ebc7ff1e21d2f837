"""A disk that fills while a session runs: it stops by itself, is saved, and says why."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from journeylab.app.record import RecordRequest, run_record
from journeylab.assets import asset
from journeylab.bundle.reader import Bundle
from journeylab.session import disk
from journeylab.study.folder import StudyFolder, save_study
from journeylab.study.model import Step, Stimulus, Study
from journeylab.ui.moderator.finish_page import FinishPage


@pytest.fixture
def study(tmp_path: Path) -> StudyFolder:
    look = Stimulus(kind="instruction", text="Look around.")  # type: ignore[arg-type]
    step = Step(id="look", title="Look", planned_s=60, stimulus=look)
    return save_study(tmp_path / "study", Study(id="s", title="S", steps=(step,)))


@pytest.mark.usefixtures("qtbot")
def test_the_command_saves_what_there_is_and_says_why(
    study: StudyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []

    def free_bytes(folder: Path) -> int:
        asked.append(folder)
        return 4_000_000_000 if len(asked) < 6 else 800_000_000  # it fills within seconds

    monkeypatch.setattr(disk, "free_disk_bytes", free_bytes)
    said: list[str] = []
    request = RecordRequest(
        study=study.path,
        participant_id="P01",
        camera=str(asset("demo-study") / "stimuli" / "ad.mp4"),
        microphone="none",
        is_automatic=True,
        segments={},
    )
    path = run_record(request, progress=lambda _: None, say=said.append)
    assert any("less than 5 GB" in sentence for sentence in said)
    assert any("session was stopped" in sentence for sentence in said)
    with Bundle.open(path) as bundle:
        assert bundle.attributes["complete"]
        assert 0.1 < (bundle.end_ns - bundle.start_ns) / 1e9 < 30
        assert bundle.table("steps")["phase"].tolist() == ["start", "end"]
        assert bundle.table("health")["kind"].tolist()[-1] == "fault"


def test_the_finish_page_says_why_a_session_stopped_by_itself(qtbot: QtBot) -> None:
    page = FinishPage()
    qtbot.addWidget(page)
    page.show()
    page.show_finalising()
    assert not page.reason.isVisible()
    page.show_reason("The session was stopped: the disk is full.")
    assert page.reason.isVisible()
    assert "disk is full" in page.reason.text
    page.show_finalising()
    assert not page.reason.isVisible()
