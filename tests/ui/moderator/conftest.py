"""A study on disk, a session that is played by hand, and the look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from journeylab.clock import NS_PER_S, VirtualClock
from journeylab.inference.measures import Mesh, no_face
from journeylab.session.health import HealthLog
from journeylab.session.live import LiveBoard
from journeylab.session.states import SessionState
from journeylab.session.tech_check import PictureWatch
from journeylab.session.view import ConsoleView, StreamHealth
from journeylab.streams import Frame
from journeylab.study.folder import StudyFolder, save_study
from journeylab.study.model import Segment, Step, Stimulus, Study
from journeylab.theme import DARK
from journeylab.ui.moderator.ports import SetupChoice
from journeylab.ui.widgets.style import apply_style
from journeylab.vocabulary import ACTION_UNIT_COLUMNS


@pytest.fixture(autouse=True)
def house_look(qapp: QApplication) -> Iterator[None]:
    """The application wears the house look, as it does in the product."""
    if not qapp.styleSheet():
        apply_style(qapp, DARK)
    yield


@dataclass
class PlayedSession:
    """A session whose view the test sets, over a real live board."""

    clock: VirtualClock
    live: LiveBoard
    reading: ConsoleView
    calls: list[str] = field(default_factory=list)
    picture: PictureWatch = field(init=False)

    def __post_init__(self) -> None:
        self.picture = PictureWatch(HealthLog(lambda _sample: None, clock=self.clock))

    def view(self) -> ConsoleView:
        return self.reading

    def set(self, **changes: object) -> None:
        index = changes.get("step_index")
        if isinstance(index, int):  # a step that runs is the one that was entered last
            changes = {"place": index, "step_id": ("ad", "landing", "cart")[index], **changes}
        self.reading = replace(self.reading, **changes)  # type: ignore[arg-type]

    def see_face(self, t_s: float, *, valence: float, **intensities: float) -> None:
        """One analysed frame with a face."""
        t_ns = round(t_s * NS_PER_S)
        self.clock.sleep_until_ns(t_ns)
        units = np.zeros(len(ACTION_UNIT_COLUMNS))
        for code, value in intensities.items():
            units[ACTION_UNIT_COLUMNS.index(code)] = value
        rng = np.random.default_rng(0)
        xyz = rng.uniform(0.4, 0.6, (478, 3)).astype(np.float32)
        measures = replace(
            no_face(t_ns),
            mesh=Mesh(xyz, 640, 360),
            quality=0.94,
            interocular_px=120.0,
            valence=valence,
            action_units=units,
        )
        image = np.full((360, 640, 3), 120, np.uint8)
        frame = Frame(t_ns, round(t_s * 30), image)
        self.live.take_result(frame, measures)
        self.picture.take(frame, measures)


@pytest.fixture
def played() -> PlayedSession:
    clock = VirtualClock()
    live = LiveBoard(clock=clock)
    live.begin(0)
    health = (
        StreamHealth("camera", "camera", 30.0, 900, 0, None),
        StreamHealth("pointer", "mouse", 125.0, 900, 0, None),
        StreamHealth("microphone", "microphone", 48_000.0, 900, 0, None),
    )
    view = ConsoleView(
        state=SessionState.RECORDING,
        participant_id="P07",
        elapsed_s=128.4,
        step_index=1,
        place=1,
        step_title="Landing",
        step_id="landing",
        is_paused=False,
        outcomes={},
        step_elapsed_s=34.0,
        step_durations_s=(15.2, 34.0, 0.0),
        marker_counts={"confusion": 1, "delight": 2},
        health=health,
        dropped=0,
        free_disk_bytes=212_000_000_000,
        disk_hours_left=9.2,
        latency_ms=38.0,
        latency_p50_ms=20.0,
        inference_share=1.0,
        alert=None,
        faults=(),
        warnings=(),
    )
    return PlayedSession(clock, live, view)


def _step(step_id: str, title: str, *, planned_s: float) -> Step:
    stimulus = Stimulus(kind="instruction", text="Look around.")  # type: ignore[arg-type]
    return Step(id=step_id, title=title, planned_s=planned_s, stimulus=stimulus, guide="Wait.")


@pytest.fixture
def folder(tmp_path: Path) -> StudyFolder:
    study = Study(
        id="first",
        title="First purchase",
        steps=(
            _step("ad", "Ad", planned_s=15),
            _step("landing", "Landing", planned_s=24),
            _step("cart", "Cart", planned_s=20),
        ),
        segments=(Segment(name="device", values=("desktop", "mobile")),),
    )
    return save_study(tmp_path / "first", study)


@pytest.fixture
def choice() -> SetupChoice:
    return SetupChoice(
        participant_id="P07",
        segments={"device": "mobile"},
        camera="0",
        microphone="default",
        screen_index=0,
    )
