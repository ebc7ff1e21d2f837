"""Participants are counted from the bundles there are; what cannot be read is said to be so."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pytest

from journeylab.app import counting
from journeylab.app.counting import ParticipantCounter
from journeylab.study.folder import StudyFolder, save_study
from journeylab.study.model import Segment, Step, Stimulus, Study
from journeylab.vocabulary import StimulusKind

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "1.2.0.h5.gz"


@pytest.fixture
def folder(tmp_path: Path) -> StudyFolder:
    step = Step(id="a", title="A", stimulus=Stimulus(kind=StimulusKind.INSTRUCTION, text="Look."))
    device = Segment(name="device", values=("desktop", "mobile"), quotas={"mobile": 4})
    study = Study(id="s", title="S", steps=(step,), participants=6, segments=(device,))
    made = save_study(tmp_path / "s", study)
    made.sessions_path.mkdir()
    with gzip.open(GOLDEN) as packed, (made.sessions_path / "P01.h5").open("wb") as out:
        shutil.copyfileobj(packed, out)
    return made


def test_bundles_are_counted_and_unreadable_ones_told(folder: StudyFolder) -> None:
    (folder.sessions_path / "P02.h5").write_bytes(b"no bundle")
    (folder.sessions_path / "P03.h5.age").write_bytes(b"locked")
    found = ParticipantCounter().count(folder)
    assert found.usable + found.too_poor + found.simulated == 1
    assert found.unread == 2
    assert found.wanted == 6
    assert [quota.wanted for quota in found.quotas] == [4]


def test_a_bundle_is_opened_once_and_again_when_it_changed(
    folder: StudyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []
    read = counting._read
    monkeypatch.setattr(counting, "_read", lambda path: opened.append(path) or read(path))
    counter = ParticipantCounter()
    first = counter.count(folder)
    assert counter.count(folder) == first
    assert len(opened) == 1
    bundle = folder.sessions_path / "P01.h5"
    shutil.copy(bundle, folder.sessions_path / "P04.h5")
    counter.count(folder)
    assert len(opened) == 2
    bundle.unlink()
    assert counter.count(folder).unread == 0


def test_a_study_without_sessions_has_nobody(folder: StudyFolder) -> None:
    shutil.rmtree(folder.sessions_path)
    found = ParticipantCounter().count(folder)
    assert (found.usable, found.too_poor, found.unread) == (0, 0, 0)
