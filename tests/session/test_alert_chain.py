"""An alert through the real chain: drawn faces, camera, face mesh, rules, live board, bundle."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from journeylab.bundle.header import ScreenGeometry
from journeylab.bundle.reader import Bundle
from journeylab.capture.camera.simulated import SimulatedCamera
from journeylab.clock import NS_PER_MS, NS_PER_S, SessionClock
from journeylab.inference.analyser import FrameAnalyser
from journeylab.session.alerts import AlertRules
from journeylab.session.consent import AGREED_TO_ALL
from journeylab.session.controller import SessionController
from journeylab.simulation.avatar import Avatar, AvatarIdentity, AvatarPose
from journeylab.study.folder import StudyFolder, save_study
from journeylab.study.model import Step, Stimulus, Study
from journeylab.vocabulary import StimulusKind

_SIZE_PX = (320, 240)
_RATE_HZ = 20.0
_N_DRAWN = 24
_CALM_S = 4.0
_AT_ONCE_S = 1.0
_FROWN = {"AU04": 0.95, "AU07": 0.6}


class Sitter:
    """A face that is calm until it is told to frown; its pictures are drawn beforehand."""

    def __init__(self) -> None:
        avatar = Avatar(AvatarIdentity(seed=5), width_px=_SIZE_PX[0], height_px=_SIZE_PX[1])
        self._calm = [avatar.render(_pose(n, {})) for n in range(_N_DRAWN)]
        self._frowning = [avatar.render(_pose(n, _FROWN)) for n in range(_N_DRAWN)]
        self.is_frowning = False
        self.frowns_since_ns: int | None = None

    def draw(self, t_ns: int) -> NDArray[np.uint8]:
        n = round(t_ns / NS_PER_S * _RATE_HZ) % _N_DRAWN
        return np.array((self._frowning if self.is_frowning else self._calm)[n])


def _pose(n: int, units: dict[str, float]) -> AvatarPose:
    sway = math.sin(2 * math.pi * n / _N_DRAWN)
    return AvatarPose(units, head_yaw_deg=1.5 * sway, head_x_mm=2.0 * sway)


@pytest.fixture
def folder(tmp_path: Path) -> StudyFolder:
    page = Stimulus(kind=StimulusKind.PAGE, url="http://127.0.0.1/")
    return save_study(
        tmp_path, Study(id="s", title="S", steps=(Step(id="shop", title="S", stimulus=page),))
    )


@pytest.fixture
def clock() -> SessionClock:
    return SessionClock()


@pytest.fixture
def sitter() -> Sitter:
    return Sitter()


@pytest.fixture
def controller(
    folder: StudyFolder, sitter: Sitter, clock: SessionClock
) -> Iterator[SessionController]:
    camera = SimulatedCamera(
        sitter.draw,
        clock=clock,
        width_px=_SIZE_PX[0],
        height_px=_SIZE_PX[1],
        rate_hz=_RATE_HZ,
        label="drawn",
    )
    made = SessionController(
        folder,
        sources=(camera,),
        analyser_factory=FrameAnalyser,
        clock=clock,
        screen=ScreenGeometry(1920, 1080),
    )
    yield made
    made.close()


@pytest.mark.realtime
def test_a_brow_that_stays_lowered_is_told_within_a_second_of_the_frame_that_decides_it(
    controller: SessionController, sitter: Sitter, clock: SessionClock
) -> None:
    controller.start_preview()
    controller.capture_neutral(3.0).result(60)
    controller.start_recording("P01", segments={}, consent=dict(AGREED_TO_ALL))
    began_ns = clock.now_ns()
    clock.sleep_until_ns(began_ns + round(_CALM_S * NS_PER_S))
    sitter.is_frowning = True
    seen_ns = None
    while seen_ns is None and clock.now_ns() < began_ns + 25 * NS_PER_S:
        if controller.live.alerts():
            seen_ns = clock.now_ns()
        clock.sleep_until_ns(clock.now_ns() + 33 * NS_PER_MS)  # as often as the console looks
    assert seen_ns is not None, "no alert came"
    (alert,) = controller.live.alerts()
    assert alert.kind == "stuck"
    assert alert.reason.startswith("Brow lowered for 5 s, no click, scroll, page or entry for")
    delay_s = (seen_ns - alert.since_ns) / NS_PER_S
    rules = AlertRules()
    due_s = max(_CALM_S + rules.confused_s, rules.no_progress_s)
    late_s = (seen_ns - began_ns) / NS_PER_S - due_s
    print(f"seen {delay_s:.3f} s after its frame was taken, {late_s:.3f} s after it was due")
    assert 0 <= delay_s < _AT_ONCE_S
    assert -0.1 <= late_s < _AT_ONCE_S
    controller.stop_recording()
    with Bundle.open(controller.finalise()) as bundle:
        alerts = bundle.table("alerts")
        assert alerts["phase"].tolist() == ["start", "end"]
        assert int(alerts.t_ns[0]) == alert.since_ns
        assert int(alerts.t_ns[0]) in bundle.frame_times_ns()
