"""The demo: simulated participants through the real pipeline, in two processes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from journeylab.app.demo import DEVICES, cast_of, copy_demo_study, run_demo
from journeylab.bundle.finalise import finalise
from journeylab.bundle.header import ScreenGeometry, SessionHeader
from journeylab.bundle.reader import Bundle
from journeylab.bundle.writer import BundleWriter
from journeylab.clock import VirtualClock
from journeylab.errors import StorageError
from journeylab.simulation.tempers import TEMPERS
from journeylab.streams import row
from journeylab.study.folder import StudyFolder


def test_the_cast_meets_both_devices_with_several_tempers() -> None:
    cast = cast_of(6)
    assert len({one.participant_id for one in cast}) == 6
    assert {one.temper for one in cast} == set(TEMPERS)
    assert [one.device for one in cast].count("mobile") == 3
    assert len({one.seed for one in cast}) == 6


def test_a_larger_cast_meets_each_temper_on_each_device() -> None:
    cast = cast_of(2 * len(TEMPERS))
    pairs = {(one.temper, one.device) for one in cast}
    assert len(pairs) == len(TEMPERS) * len(DEVICES)


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(StorageError, match="holds no demo study"):
        copy_demo_study(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def _record(folder: StudyFolder, *, simulated: bool) -> Path:
    """A bundle with nothing in it but who gave it."""
    folder.prepare_for_writing()
    header = SessionHeader(
        session_id="s",
        study_id=folder.study.id,
        study_title=folder.study.title,
        participant_id="P01",
        created_utc="2026-01-01T00:00:00Z",
        app_version="0",
        steps=(),
        screen=ScreenGeometry(1920, 1080),
        simulated=simulated,
    )
    path = folder.sessions_path / "P01-20260101-000000.h5"
    writer = BundleWriter(path, header, clock=VirtualClock())
    writer.write([row("notes", 1, text="hello", author="moderator")])
    writer.close()
    return finalise(writer.journal_path)


def test_an_earlier_demo_is_replaced(tmp_path: Path) -> None:
    folder = copy_demo_study(tmp_path / "demo")
    folder.check_stimuli()
    old = _record(folder, simulated=True)
    copy_demo_study(tmp_path / "demo")
    assert not old.exists()


def test_a_session_with_a_real_participant_is_never_replaced(tmp_path: Path) -> None:
    folder = copy_demo_study(tmp_path / "demo")
    kept = _record(folder, simulated=False)
    with pytest.raises(StorageError, match="real participant"):
        copy_demo_study(tmp_path / "demo")
    assert kept.exists()


def test_nobody_is_no_demo(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one"):
        run_demo(participants=0, out=tmp_path)


def test_two_participants_in_two_processes_give_two_whole_bundles(tmp_path: Path) -> None:
    shares: list[float] = []
    # The fewest seconds: every step takes its least time.
    folder = run_demo(participants=2, out=tmp_path / "demo", progress=shares.append, pace=0.02)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len(shares) > 20
    assert len(folder.bundles()) == 2
    assert not list(folder.sessions_path.glob("*.journal"))
    devices = set()
    for path in folder.bundles():
        with Bundle.open(path) as bundle:
            assert bundle.header.simulated
            devices.add(bundle.header.segments["device"])
            assert np.mean(bundle.table("face")["face"]) >= 0.99
            starts = bundle.table("steps")
            entered = [
                step_id
                for step_id, phase in zip(starts["step_id"], starts["phase"], strict=True)
                if phase == "start"
            ]
            assert entered == [step.id for step in folder.study.steps]
            assert np.isfinite(bundle.table("gaze")["x_px"]).mean() > 0.3
    assert devices == {"desktop", "mobile"}
