"""The real chain: simulated devices on their threads, FaceMesh, journal, HDF5, read back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import cos, sin, tau
from pathlib import Path

import numpy as np
import pytest

from journeylab.bundle.header import ScreenGeometry
from journeylab.bundle.reader import Bundle
from journeylab.capture.pointer.motion import PointerSample
from journeylab.capture.pointer.simulated import SimulatedPointer
from journeylab.clock import NS_PER_MS, NS_PER_S, SessionClock, VirtualClock
from journeylab.inference.analyser import FrameAnalyser
from journeylab.session.auto_advance import AutoAdvance
from journeylab.session.consent import AGREED_TO_ALL
from journeylab.session.controller import SessionController
from journeylab.session.events import EventKind
from journeylab.session.lockstep import LockstepSession
from journeylab.session.lockstep_script import LockstepScript
from journeylab.session.states import SessionState
from journeylab.simulation.participant import AUDIO_RATE_HZ, SimulatedParticipant
from journeylab.simulation.sources import CAMERA_RATE_HZ, simulated_camera, simulated_microphone
from journeylab.simulation.tempers import TEMPERS
from journeylab.study.assignment import assign
from journeylab.study.folder import StudyFolder, save_study
from journeylab.study.model import Segment, Step, Stimulus, Study

SCREEN = ScreenGeometry(1920, 1080, width_mm=344.0, height_mm=194.0)
ALL = dict(AGREED_TO_ALL)
STEP_S = 0.9
MEASURED = (
    "camera",
    "microphone",
    "face",
    "landmarks",
    "face_measures",
    "action_units",
    "action_units_raw",
    "affect",
    "gaze",
    "pointer",
    "steps",
    "markers",
    "calibrations",
    "clock",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    steps = tuple(
        Step(
            id=name,
            title=name,
            planned_s=STEP_S,
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
    return save_study(tmp_path_factory.mktemp("chain"), study)


@pytest.fixture(scope="module")
def participant(folder: StudyFolder) -> SimulatedParticipant:
    made = SimulatedParticipant(
        folder.study,
        temper=next(iter(TEMPERS.values())),
        device="desktop",
        seed=3,
        screen=SCREEN,
        width_px=320,
        height_px=240,
    )
    made.frame_at(0.0)  # the first one takes seconds: skin and hair are made
    return made


def circling(t0_ns: int, t1_ns: int) -> Sequence[PointerSample]:
    """A cursor on a circle of 100 px, once a second, told 100 times a second."""
    step_ns = NS_PER_S // 100
    turns = [n / 100 for n in range(-(-t0_ns // step_ns), -(-t1_ns // step_ns))]
    return [
        PointerSample(round(t * NS_PER_S), 500 + 100 * cos(tau * t), 500 + 100 * sin(tau * t))
        for t in turns
    ]


@pytest.fixture(scope="module")
def marked_ns() -> list[int]:
    return []


@pytest.fixture(scope="module")
def entered_ns() -> list[int]:
    return []


@pytest.fixture(scope="module")
def live(
    folder: StudyFolder,
    participant: SimulatedParticipant,
    marked_ns: list[int],
    entered_ns: list[int],
) -> Iterator[tuple[SessionController, Path]]:
    """Four seconds in real time, a neutral face before them, two markers in them."""
    clock = SessionClock()
    controller = SessionController(
        folder,
        sources=(
            simulated_camera(participant, clock=clock, from_s=participant.calibration_s),
            SimulatedPointer(circling, clock=clock),
            simulated_microphone(participant, clock=clock, from_s=participant.calibration_s),
        ),
        analyser_factory=FrameAnalyser,
        clock=clock,
        screen=SCREEN,
    )
    controller.add_listener(
        lambda event: entered_ns.append(event.t_ns) if event.kind is EventKind.STEP else None
    )
    try:
        controller.start_preview()
        controller.capture_neutral(0.6).result(30)
        controller.start_recording("P01", segments={"device": "desktop"}, consent=ALL)
        auto = AutoAdvance(controller, clock=clock)
        seen = -1
        while auto.poll():
            if controller.step_index in (1, 2) and controller.step_index != seen:
                seen = controller.step_index
                marked_ns.append(clock.now_ns())
                controller.remarks.add_marker("delight")
            clock.sleep_until_ns(clock.now_ns() + 5 * NS_PER_MS)
        controller.stop_recording()
        path = controller.finalise()
        assert controller.state is SessionState.DONE
        yield controller, path
    finally:
        controller.close()


@pytest.fixture
def bundle(live: tuple[SessionController, Path]) -> Iterator[Bundle]:
    with Bundle.open(live[1]) as opened:
        yield opened


def test_every_stream_is_there_in_order_and_inside_the_session(bundle: Bundle) -> None:
    assert set(MEASURED) <= set(bundle.streams)
    for stream in bundle.streams:
        times_ns = bundle.table(stream).t_ns
        assert np.all(np.diff(times_ns) >= 0), stream
        assert bundle.start_ns <= times_ns[0] <= times_ns[-1] <= bundle.end_ns, stream


def test_steps_and_markers_lie_where_they_were_set(
    bundle: Bundle,
    live: tuple[SessionController, Path],
    marked_ns: list[int],
    entered_ns: list[int],
) -> None:
    controller, _ = live
    steps = bundle.table("steps")
    starts_ns = steps.t_ns[steps["phase"] == "start"]
    assert np.abs(starts_ns - np.array(entered_ns)).max() < 50 * NS_PER_MS
    planned_ns = starts_ns[0] + np.arange(3) * round(STEP_S * NS_PER_S)
    assert np.abs(starts_ns - planned_ns).max() < STEP_S * NS_PER_S / 3
    assert steps.t_ns[-1] == controller.end_ns
    assert steps["step_id"].tolist() == ["ad", "ad", "shop", "shop", "unboxing", "unboxing"]
    markers = bundle.table("markers")
    assert np.abs(markers.t_ns - np.array(marked_ns)).max() < 50 * NS_PER_MS


def test_the_face_was_found_and_measured_in_nearly_every_frame(
    bundle: Bundle, live: tuple[SessionController, Path]
) -> None:
    frames_ns = bundle.frame_times_ns()
    face = bundle.table("face")
    # Frames the camera twin could not draw in time are gaps of the camera, not of the chain.
    assert len(face) >= 0.9 * len(frames_ns)
    assert np.isin(face.t_ns, frames_ns).all()
    assert face["face"].mean() > 0.95
    assert live[0].view().dropped == 0


def test_the_cursor_comes_back_as_it_was_moved(bundle: Bundle) -> None:
    pointer = bundle.table("pointer")
    away_px = np.hypot(pointer["x_px"] - 500, pointer["y_px"] - 500)
    np.testing.assert_allclose(away_px, 100, atol=0.1)
    moving = pointer["speed_px_s"][50:]
    assert np.median(moving) == pytest.approx(100 * tau, rel=0.05)


def test_the_header_names_devices_models_and_the_simulation(bundle: Bundle) -> None:
    header = bundle.header
    assert header.simulated
    assert set(header.devices) == {"camera", "pointer", "microphone"}
    assert {"face", "action_units", "affect", "gaze"} <= set(header.models)
    assert header.microphone_rate_hz == AUDIO_RATE_HZ


def test_the_neutral_face_of_the_preview_is_in_the_bundle(bundle: Bundle) -> None:
    assert bundle.table("calibrations")["kind"].tolist() == ["neutral"]


def test_a_lockstep_session_has_the_same_layout(
    bundle: Bundle, folder: StudyFolder, participant: SimulatedParticipant
) -> None:
    analyser = FrameAnalyser()
    script = LockstepScript(
        assign(folder.study, "P02", segments={"device": "desktop"}, earlier=tuple),
        duration_s=participant.duration_s,
        frame_at=participant.frame_at,
        frame_rate_hz=CAMERA_RATE_HZ,
        steps=participant.step_times(),
        consent=ALL,
        devices=bundle.header.devices,
        pointer_between=lambda a, b: circling(round(a * NS_PER_S), round(b * NS_PER_S)),
        audio_between=participant.audio_between,
        audio_rate_hz=AUDIO_RATE_HZ,
        markers=participant.markers(),
        samples=participant.page_events(),
        neutral_s=participant.neutral_s,
        targets=participant.calibration_targets(),
    )
    session = LockstepSession(
        folder,
        script,
        analyser=analyser,
        clock=VirtualClock(wall_start_ns=1_750_000_000 * NS_PER_S),
        screen=SCREEN,
    )
    path = session.run()
    analyser.close()
    assert session.calibration is not None
    print(f"gaze of the played participant: {session.calibration.error_px:.0f} px held out")
    with Bundle.open(path) as played:
        start_ns = played.frame_times_ns()[0]
        steps = played.table("steps")
        starts_s = (steps.t_ns[steps["phase"] == "start"] - start_ns) / NS_PER_S
        truth_s = np.array([step.start_s for step in participant.step_times()])
        np.testing.assert_allclose(starts_s, truth_s, atol=1e-6)
        gaze = played.table("gaze")
        is_known = np.isfinite(gaze["x_px"])
        fitted_ns = played.table("calibrations").t_ns[-1]
        assert not is_known[gaze.t_ns < fitted_ns].any()
        assert is_known[gaze.t_ns > fitted_ns].mean() > 0.7  # the rest are blinks
        for stream in MEASURED:
            if stream in ("markers",):
                continue  # a participant of this temper may give no reason for one
            live_table, played_table = bundle.table(stream), played.table(stream)
            assert list(live_table.columns) == list(played_table.columns), stream
            for name in live_table.columns:
                assert live_table[name].dtype == played_table[name].dtype, f"{stream} {name}"
                assert live_table[name].shape[1:] == played_table[name].shape[1:]
