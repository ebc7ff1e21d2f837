"""The simulated participant: the same by seed, and true to what it says it does."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from journeylab.app.played import SCREEN
from journeylab.clock import NS_PER_S
from journeylab.simulation.head_motion import gaze_angles_deg
from journeylab.simulation.participant import POINT_S, SimulatedParticipant
from journeylab.simulation.reactions import Feeling
from journeylab.simulation.screens import camera_frame_mm
from journeylab.simulation.tempers import TEMPERS
from journeylab.study.folder import StudyFolder
from journeylab.study.model import Step, Stimulus, Study
from journeylab.study.questions import Question
from journeylab.vocabulary import (
    ACTION_UNIT_COLUMNS,
    PointerAction,
    QuestionKind,
    StimulusKind,
)

_AU12 = ACTION_UNIT_COLUMNS.index("AU12")


def _participant(folder: StudyFolder, seed: int, temper: str = "patient") -> SimulatedParticipant:
    return SimulatedParticipant(
        folder.study,
        temper=TEMPERS[temper],
        device="desktop",
        seed=seed,
        screen=SCREEN,
        pace=0.3,
    )


def test_a_seed_always_gives_the_same_session(demo_study: StudyFolder) -> None:
    first, again = _participant(demo_study, 7), _participant(demo_study, 7)
    assert first.step_times() == again.step_times()
    assert first.reactions() == again.reactions()
    assert first.pointer_between(0, 99) == again.pointer_between(0, 99)
    assert np.array_equal(first.frame_at(20.0), again.frame_at(20.0))
    assert np.array_equal(first.audio_between(0, 9000), again.audio_between(0, 9000))
    assert [m.at_s for m in first.markers()] == [m.at_s for m in again.markers()]


def test_another_seed_is_another_person(demo_study: StudyFolder) -> None:
    first, other = _participant(demo_study, 7), _participant(demo_study, 8)
    assert first.step_times() != other.step_times()
    assert not np.array_equal(first.frame_at(1.0), other.frame_at(1.0))


def test_frames_do_not_depend_on_what_was_asked_before(demo_study: StudyFolder) -> None:
    forwards, backwards = _participant(demo_study, 2), _participant(demo_study, 2)
    times = (3.0, 17.0, 25.0)
    seen = [forwards.frame_at(t) for t in times]
    for t, frame in reversed(list(zip(times, seen, strict=True))):
        assert np.array_equal(backwards.frame_at(t), frame)


def test_steps_follow_the_study_without_gap(hurried: SimulatedParticipant) -> None:
    played = hurried.step_times()
    assert [p.step_id for p in played] == [step.id for step in hurried.study.steps]
    assert played[0].start_s == pytest.approx(hurried.calibration_s)
    for one, after in pairwise(played):
        assert one.end_s == after.start_s
    planned = sum(step.planned_s for step in hurried.study.steps) * 0.42
    assert 0.7 < (played[-1].end_s - played[0].start_s) / planned < 1.0, "hurried"


def test_the_truth_smiles_when_joy_is_played(demo_study: StudyFolder) -> None:
    played = 0
    for seed in range(4):
        person = _participant(demo_study, seed, "delighted")
        for step in person.step_times():
            joys = [r for r in person.reactions()[step.step_id] if r.feeling is Feeling.JOY]
            for joy in joys:
                played += 1
                middle_s = step.start_s + (joy.start_s + joy.end_s) / 2
                before_s = step.start_s + joy.start_s - 0.05
                assert person.truth_at(middle_s).action_units[_AU12] > 0.4 * joy.strength
                assert person.truth_at(before_s).action_units[_AU12] < 0.1
    assert played >= 6


def test_the_face_is_neutral_until_the_first_step(hurried: SimulatedParticipant) -> None:
    for t_s in np.arange(0, hurried.calibration_s, 0.1):
        assert hurried.truth_at(t_s).action_units.max() == 0


def test_gaze_rests_on_each_calibration_point(hurried: SimulatedParticipant) -> None:
    targets = hurried.calibration_targets()
    assert len({(t.x_px, t.y_px) for t in targets}) == 9
    for target in targets:
        assert target.end_s - target.start_s == pytest.approx(POINT_S)
        for t_s in np.arange(target.start_s + 0.4, target.end_s, 0.05):
            truth = hurried.truth_at(t_s)
            assert np.hypot(*(truth.gaze_px - (target.x_px, target.y_px))) < 1.0
            assert truth.blink == 0


def test_the_eyes_of_the_pose_aim_at_the_point_of_gaze(hurried: SimulatedParticipant) -> None:
    for t_s in (5.0, 30.0, 40.0):
        truth, pose = hurried.truth_at(t_s), hurried.pose_at(t_s)
        yaw, pitch = np.radians((pose.gaze_yaw_deg, pose.gaze_pitch_deg))
        ray = np.array((np.sin(yaw) * np.cos(pitch), -np.sin(pitch), -np.cos(yaw) * np.cos(pitch)))
        eyes = truth.head_pose[3:]
        hit = eyes + ray * (eyes[2] / -ray[2])
        aimed = camera_frame_mm(truth.gaze_px[None], screen=SCREEN)[0]
        assert np.allclose(hit, aimed, atol=0.5)


def test_head_and_gaze_move_without_jumps(hurried: SimulatedParticipant) -> None:
    heads = np.array(
        [hurried.truth_at(t).head_pose for t in np.arange(0, hurried.duration_s, 1 / 30)]
    )
    assert np.abs(np.diff(heads, axis=0)).max() < 2.0  # degrees or mm a frame
    assert np.abs(heads[:, :3]).max() < 25


def test_page_clicks_are_the_clicks_of_the_mouse(hurried: SimulatedParticipant) -> None:
    presses = [
        sample
        for sample in hurried.pointer_between(0, hurried.duration_s)
        if sample.action is PointerAction.PRESS
    ]
    clicks = [event for event in hurried.page_events() if event.values[0] == "click"]
    assert len(presses) == len(clicks) > 8
    for press, click in zip(presses, clicks, strict=True):
        assert 0 <= (click.t_ns - press.t_ns) / NS_PER_S < 0.25 or (
            abs(click.t_ns - press.t_ns) / NS_PER_S < 0.25
        )


def test_the_pointer_stays_on_the_screen(hurried: SimulatedParticipant) -> None:
    samples = hurried.pointer_between(0, hurried.duration_s)
    assert len(samples) > 300
    assert all(0 <= s.x_px < SCREEN.width_px and 0 <= s.y_px < SCREEN.height_px for s in samples)


def test_rage_at_the_checkout_is_many_clicks_on_one_spot(hurried: SimulatedParticipant) -> None:
    step = next(s for s in hurried.step_times() if s.step_id == "checkout")
    assert any(r.feeling is Feeling.FRUSTRATION for r in hurried.reactions()["checkout"])
    presses = [
        sample
        for sample in hurried.pointer_between(step.start_s, step.end_s)
        if sample.action is PointerAction.PRESS
    ]
    bursts = [
        [p for p in presses if 0 <= p.t_ns - first.t_ns < 1.2 * NS_PER_S
         and np.hypot(p.x_px - first.x_px, p.y_px - first.y_px) < 30]
        for first in presses
    ]  # fmt: skip
    assert max(len(burst) for burst in bursts) >= 4
    refusals = [event for event in hurried.page_events() if event.values[0] == "invalid"]
    assert refusals
    assert all(event.values[2] == "#card-number" for event in refusals)


def test_markers_have_labels_of_the_study(hurried: SimulatedParticipant) -> None:
    labels = {marker.label for marker in hurried.study.markers}
    assert {mark.label for mark in hurried.markers()} <= labels


@pytest.mark.parametrize("kind", list(StimulusKind))
def test_every_kind_of_step_can_be_gone_through(kind: StimulusKind) -> None:
    needs: dict[StimulusKind, dict[str, object]] = {
        StimulusKind.VIDEO: {"path": "a.mp4"},
        StimulusKind.IMAGE: {"path": "a.png"},
        StimulusKind.PAGE: {"path": "a.html"},
        StimulusKind.INSTRUCTION: {"text": "Read."},
        StimulusKind.SCREENS: {"screens": ({"id": "one", "path": "a.png"},)},
    }
    asked = (Question(id="ease", kind=QuestionKind.EASE),)
    steps = tuple(
        Step(
            id=f"s{n}",
            title="S",
            stimulus=Stimulus(kind=kind, **needs.get(kind, {})),
            questions=asked if kind is StimulusKind.QUESTIONS else (),
        )
        for n in range(6)
    )
    participant = SimulatedParticipant(
        Study(id="s", title="S", steps=steps),
        temper=TEMPERS["patient"],
        device="desktop",
        seed=3,
        screen=SCREEN,
        pace=0.1,
    )
    times = participant.step_times()
    assert [time.step_id for time in times] == [step.id for step in steps]
    assert participant.frame_at(times[-1].start_s).any()


def test_she_looks_where_she_is_asked_to_and_then_goes_on(demo_study: StudyFolder) -> None:
    participant = _participant(demo_study, 7)
    planned = participant.pose_at(30.0)
    participant.look_at((100.0, 900.0))
    asked, eyes = participant.pose_at(30.0), participant.truth_at(30.0).head_pose[None, 3:]
    angles = gaze_angles_deg(np.array([[100.0, 900.0]]), eyes, screen=SCREEN)[0]
    assert (asked.gaze_yaw_deg, asked.gaze_pitch_deg) == pytest.approx(tuple(angles))
    assert not asked.action_units and asked.blink == 0.0
    participant.look_at(None)
    assert participant.pose_at(30.0) == planned
