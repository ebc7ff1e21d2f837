"""Fixtures of the session tests: a study, a clock, and no thread left behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from session_bench import Bench

from journeylab.clock import SessionClock
from journeylab.study.folder import StudyFolder, save_study
from journeylab.study.model import Segment, Step, Stimulus, Study


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    left = [thread.name for thread in set(threading.enumerate()) - before if thread.is_alive()]
    assert not left, f"threads were left running: {left}"


@pytest.fixture
def clock() -> SessionClock:
    return SessionClock()


@pytest.fixture
def folder(tmp_path: Path) -> StudyFolder:
    """A study of three short steps and one segment."""
    steps = tuple(
        Step(
            id=name,
            title=name.title(),
            planned_s=0.2,
            stimulus=Stimulus(kind="instruction", text="Do."),
        )
        for name in ("ad", "shop", "unboxing")
    )
    study = Study(
        id="kettles",
        title="Kettles",
        steps=steps,
        segments=(Segment(name="device", values=("mobile", "desktop")),),
    )
    return save_study(tmp_path / "study", study)


@pytest.fixture
def bench(folder: StudyFolder) -> Iterator[Bench]:
    """A controller on fake devices."""
    made = Bench(folder)
    yield made
    made.controller.close()
