"""A simulated participant through the real pipeline: what was played comes back out."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from journeylab.analysis.journey_builder import build_journey_map
from journeylab.app.demo import PACE
from journeylab.app.played import SCREEN, PlayedCast, play
from journeylab.assets import asset
from journeylab.bundle.reader import Bundle
from journeylab.clock import NS_PER_S
from journeylab.inference.gaze_record import GazeRecord
from journeylab.session.calibration import SETTLE_NS
from journeylab.simulation.participant import SimulatedParticipant
from journeylab.simulation.tempers import TEMPERS
from journeylab.streams import STREAMS
from journeylab.study.folder import StudyFolder, load_study
from journeylab.vocabulary import ACTION_UNIT_COLUMNS, EYE_FEATURE_COLUMNS

_CAST = PlayedCast(participant_id="P01", temper="delighted", device="desktop", seed=4)
_SMILE_STEP = "product"
_NEVER_SILENT = {
    *("camera", "microphone", "screen", "face", "landmarks", "face_measures", "action_units"),
    *(
        "action_units_raw",
        "affect",
        "gaze",
        "pointer",
        "steps",
        "stimulus",
        "page",
        "calibrations",
        "clock",
    ),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """The demo study, without sessions."""
    path = tmp_path_factory.mktemp("simulated") / "study"
    shutil.copytree(asset("demo-study"), path)
    return load_study(path)


@pytest.fixture(scope="module")
def participant(folder: StudyFolder) -> SimulatedParticipant:
    """The truth: the very participant that was played."""
    return SimulatedParticipant(
        folder.study,
        temper=TEMPERS[_CAST.temper],
        device=_CAST.device,
        seed=_CAST.seed,
        screen=SCREEN,
        pace=PACE,
    )


@pytest.fixture(scope="module")
def bundle(folder: StudyFolder) -> Iterator[Bundle]:
    """The session, played, written, and opened."""
    with Bundle.open(play(folder, _CAST, pace=PACE)) as opened:
        yield opened


def _times_s(bundle: Bundle, t_ns: NDArray[np.int64]) -> NDArray[np.float64]:
    return (t_ns - bundle.frame_times_ns()[0]) / NS_PER_S


def _first_rise_s(
    times_s: NDArray[np.float64], values: NDArray[np.float64], *, start_s: float, end_s: float
) -> float:
    """When values first reach half of their greatest within a stretch."""
    inside = (times_s >= start_s) & (times_s < end_s)
    stretch = values[inside]
    return float(times_s[inside][np.argmax(stretch >= 0.5 * np.nanmax(stretch))])


def _smile(participant: SimulatedParticipant) -> tuple[float, float, float]:
    """The step of the smile, from and to, and the smile's rise, s."""
    step = next(one for one in participant.step_times() if one.step_id == _SMILE_STEP)
    times_s = np.arange(step.start_s, step.end_s, 0.01)
    column = ACTION_UNIT_COLUMNS.index("AU12")
    played = np.array([participant.truth_at(t_s).action_units[column] for t_s in times_s])
    assert played.max() > 0.3, "the avatar did not smile: the test would say nothing"
    rise_s = _first_rise_s(times_s, played, start_s=step.start_s, end_s=step.end_s)
    return step.start_s, step.end_s, rise_s


def test_bundle_is_complete_and_says_it_is_simulated(bundle: Bundle) -> None:
    assert bundle.header.simulated
    assert bundle.header.participant_id == "P01"
    assert bundle.header.segments == {"device": "desktop"}
    assert bundle.attributes["complete"]
    assert not bundle.attributes["recovered"]


def test_every_stream_is_there_in_order_and_inside_the_session(bundle: Bundle) -> None:
    assert set(bundle.streams) >= _NEVER_SILENT
    for name in STREAMS:
        times_ns = bundle.frame_times_ns() if name == "camera" else bundle.table(name).t_ns
        assert np.all(np.diff(times_ns) >= 0), f"{name} goes back in time"
        if len(times_ns):
            assert bundle.start_ns <= times_ns[0], f"{name} begins before the session"
            assert times_ns[-1] <= bundle.end_ns, f"{name} ends after the session"


def test_every_frame_was_analysed_and_has_a_face(bundle: Bundle) -> None:
    face = bundle.table("face")
    assert np.array_equal(face.t_ns, bundle.frame_times_ns())
    assert np.mean(face["face"]) >= 0.99


def test_step_markers_stand_where_the_steps_were_played(
    bundle: Bundle, participant: SimulatedParticipant
) -> None:
    steps = bundle.table("steps")
    times_s = _times_s(bundle, steps.t_ns)
    marked = {
        (step_id, phase): t_s
        for step_id, phase, t_s in zip(steps["step_id"], steps["phase"], times_s, strict=True)
    }
    for played in participant.step_times():
        assert abs(marked[played.step_id, "start"] - played.start_s) <= 0.05
        assert abs(marked[played.step_id, "end"] - played.end_s) <= 0.05


def test_the_smile_raises_au12_and_valence_within_300_ms(
    bundle: Bundle, participant: SimulatedParticipant
) -> None:
    start_s, end_s, played_s = _smile(participant)
    units, affect = bundle.table("action_units"), bundle.table("affect")
    au12_s = _first_rise_s(
        _times_s(bundle, units.t_ns), units["AU12"], start_s=start_s, end_s=end_s
    )
    valence_s = _first_rise_s(
        _times_s(bundle, affect.t_ns), affect["valence"], start_s=start_s, end_s=end_s
    )
    assert abs(au12_s - played_s) <= 0.3
    assert abs(valence_s - played_s) <= 0.3
    inside = (_times_s(bundle, affect.t_ns) >= played_s) & (
        _times_s(bundle, affect.t_ns) < played_s + 0.6
    )
    assert affect["valence"][inside].max() > 20


def test_gaze_follows_where_the_eyes_were_played(
    bundle: Bundle, participant: SimulatedParticipant
) -> None:
    gaze = bundle.table("gaze")
    times_s = _times_s(bundle, gaze.t_ns)
    usable = (times_s > participant.calibration_s) & np.isfinite(gaze["x_px"])
    assert usable.sum() > 200
    truth = np.array([participant.truth_at(t_s).gaze_px for t_s in times_s[usable]])
    measured = np.column_stack([gaze["x_px"][usable], gaze["y_px"][usable]])
    on_screen = np.all((truth >= 0) & (truth <= [SCREEN.width_px, SCREEN.height_px]), axis=1)
    error_px = np.hypot(*(measured - truth)[on_screen].T)
    assert np.median(error_px) < 250


def test_the_stored_calibration_fits_again_to_the_same_numbers(bundle: Bundle) -> None:
    rows = bundle.table("calibrations")
    (data,) = [
        data for kind, data in zip(rows["kind"], rows["data"], strict=True) if kind == "gaze"
    ]
    record = GazeRecord.from_json(data)
    again = record.refit()
    stored = replace(record.calibration, shift_px=again.shift_px)
    assert again.to_json() == stored.to_json()
    # What was stored frame by frame is what it was fitted to.
    face = bundle.table("face")
    features = np.column_stack([face[name] for name in EYE_FEATURE_COLUMNS])
    point = record.points[0]
    inside = (face.t_ns >= point.begin_ns + SETTLE_NS) & (face.t_ns <= point.end_ns)
    inside &= (face["blink"] == 0) & np.isfinite(features).all(axis=1)
    assert inside.sum() == len(point.features)
    assert np.allclose(features[inside], point.features, atol=1e-3)


def test_pointer_rows_are_the_ones_played(
    bundle: Bundle, participant: SimulatedParticipant
) -> None:
    pointer = bundle.table("pointer")
    presses = [
        one
        for one in participant.pointer_between(0, participant.duration_s)
        if int(one.action) == 1
    ]
    pressed = pointer["action"] == 1
    assert int(pressed.sum()) == len(presses)
    played_px = np.array([(one.x_px, one.y_px) for one in presses])
    stored_px = np.column_stack([pointer["x_px"][pressed], pointer["y_px"][pressed]])
    assert np.allclose(stored_px, played_px, atol=0.5)


def test_the_map_has_all_steps(bundle: Bundle, folder: StudyFolder) -> None:
    assert bundle.path.is_file()
    journey = build_journey_map(folder)
    assert [step.step_id for step in journey.steps] == [step.id for step in folder.study.steps]
    assert all(step.n_reached == 1 for step in journey.steps)
    assert all(step.insight.text for step in journey.steps)
    assert journey.n_usable == 1
