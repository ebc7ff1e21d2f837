"""The analyser on the avatar, on real frames, and on a detector made of numbers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from made_faces import face_points_mm, measures_with, observation, rest_measures, seen_by

from journeylab.capture.camera.source import read_frames
from journeylab.clock import NS_PER_MS
from journeylab.errors import InferenceError
from journeylab.inference.analyser import (
    AnalyserState,
    FrameAnalyser,
    interpret,
    lid_closure,
    observe,
)
from journeylab.inference.measures import FaceMeasures, Mesh
from journeylab.inference.mesh import FaceMeshModel
from journeylab.inference.neutral import NeutralFace, estimate_neutral
from journeylab.simulation.avatar import Avatar, AvatarIdentity, AvatarPose
from journeylab.vocabulary import ACTION_UNIT_COLUMNS, STATES

STEP_NS = 33 * NS_PER_MS
AU04 = ACTION_UNIT_COLUMNS.index("AU04")


@pytest.fixture(scope="module")
def avatar() -> Avatar:
    return Avatar(AvatarIdentity(seed=2), width_px=640, height_px=480)


@pytest.fixture
def analyser() -> Iterator[FrameAnalyser]:
    made = FrameAnalyser()
    yield made
    made.close()


class MadeMeshes:
    """A detector that hands out meshes given to it."""

    name = "made"

    def __init__(self, meshes: list[Mesh | None]) -> None:
        self._meshes = iter(meshes)
        self.is_closed = False

    def detect(self, image: np.ndarray, *, t_ns: int | None = None) -> Mesh | None:
        del image, t_ns
        return next(self._meshes)

    def close(self) -> None:
        self.is_closed = True


def show(
    analyser: FrameAnalyser, avatar: Avatar, n: int, *, from_ns: int = 0, **pose: object
) -> list[FaceMeasures]:
    image = avatar.render(AvatarPose(**pose))  # type: ignore[arg-type]
    return [analyser.analyse(image, t_ns=from_ns + at * STEP_NS) for at in range(n)]


@pytest.mark.parametrize(
    ("units", "code", "state"),
    [
        ({"AU12": 1.0, "AU06": 0.6}, "AU12", "joy"),
        ({"AU04": 0.9}, "AU04", "confusion"),
        ({"AU04": 0.8, "AU24": 1.0}, "AU24", "frustration"),
        ({"AU26": 1.0, "AU25": 1.0}, "AU26", None),
        ({"AU43": 1.0}, "AU43", None),
    ],
)
def test_what_the_avatar_wears_is_seen_within_300_ms(
    analyser: FrameAnalyser,
    avatar: Avatar,
    units: dict[str, float],
    code: str,
    state: str | None,
) -> None:
    resting = show(analyser, avatar, 8)
    analyser.set_neutral(estimate_neutral(resting))
    assert resting[-1].quality > 0.8
    assert resting[-1].action_unit(code) < 0.1
    worn = show(analyser, avatar, 9, from_ns=8 * STEP_NS, action_units=units)[-1]
    assert worn.action_unit(code) > 0.4
    assert (worn.valence > 30) == (code == "AU12")
    if state is not None:
        assert STATES[int(np.argmax(worn.states))] == state


def test_where_emotions_must_not_be_inferred_there_are_none(avatar: Avatar) -> None:
    analyser = FrameAnalyser(infers_emotion=False)
    try:
        seen = show(analyser, avatar, 4, action_units={"AU12": 1.0})
        inferred = {"face_measures", "action_units", "action_units_raw", "affect"}
        assert not inferred & set(analyser.models)
    finally:
        analyser.close()
    last = seen[-1]
    assert last.has_face
    assert np.isfinite(last.eye_features).all()
    assert np.isfinite(last.head_pose).all()
    for inferred in (last.measures, last.action_units, last.action_units_raw, last.states):
        assert np.isnan(inferred).all()
    assert np.isnan([last.valence, last.arousal]).all()
    with pytest.raises(InferenceError):
        estimate_neutral(seen)


def test_the_avatars_head_pose_has_the_vocabularys_signs(
    analyser: FrameAnalyser, avatar: Avatar
) -> None:
    turned = show(
        analyser,
        avatar,
        6,
        head_yaw_deg=15.0,
        head_pitch_deg=8.0,
        head_roll_deg=-10.0,
        head_x_mm=40.0,
    )[-1]
    assert turned.head_pose[:3] == pytest.approx([15.0, 8.0, -10.0], abs=5.0)
    assert turned.head_pose[3] == pytest.approx(40.0, abs=8.0)


def test_a_face_that_leaves_is_a_gap_and_comes_back(
    analyser: FrameAnalyser, avatar: Avatar
) -> None:
    assert show(analyser, avatar, 3)[-1].has_face
    gone = analyser.analyse(np.zeros((480, 640, 3), np.uint8), t_ns=3 * STEP_NS)
    assert not gone.has_face and gone.quality == 0
    assert np.isnan(gone.action_units).all() and np.isnan(gone.valence)
    assert show(analyser, avatar, 3, from_ns=4 * STEP_NS)[-1].has_face


def test_a_blink_moves_no_brow_and_closed_eyes_may(analyser: FrameAnalyser, avatar: Avatar) -> None:
    analyser.set_neutral(
        estimate_neutral([analyser.observe(avatar.render(AvatarPose()), t_ns=0) for _ in range(6)])
    )
    show(analyser, avatar, 20)
    blink = show(analyser, avatar, 4, from_ns=20 * STEP_NS, blink=1.0)
    assert max(one.action_units[AU04] for one in blink) < 0.1
    assert min(one.valence for one in blink) > -10
    show(analyser, avatar, 10, from_ns=24 * STEP_NS)
    furrowed = {"action_units": {"AU04": 0.9}, "blink": 1.0}
    closed = show(analyser, avatar, 30, from_ns=34 * STEP_NS, **furrowed)
    assert closed[-1].action_units[AU04] > 0.4


def test_live_and_offline_give_the_same_numbers(analyser: FrameAnalyser, avatar: Avatar) -> None:
    rest = NeutralFace(rest_measures(), 5)
    analyser.set_neutral(rest)
    live, seen = [], []
    images = [
        avatar.render(AvatarPose(action_units={"AU12": value}, blink=value > 0.8))
        for value in np.linspace(0, 1, 6)
    ]
    live = [analyser.analyse(image, t_ns=at * STEP_NS) for at, image in enumerate(images)]
    with_own_model = FrameAnalyser()
    seen = [with_own_model.observe(image, t_ns=at * STEP_NS) for at, image in enumerate(images)]
    with_own_model.close()
    state = AnalyserState()
    for one, before in zip(seen, live, strict=True):
        state, after = interpret(state, one, neutral=rest)
        assert np.array_equal(before.action_units, after.action_units)
        assert np.array_equal(before.states, after.states)
        assert (before.valence, before.arousal, before.blink, before.quality) == (
            after.valence,
            after.arousal,
            after.blink,
            after.quality,
        )


def test_without_a_neutral_face_the_first_seconds_already_count() -> None:
    state = AnalyserState()
    for at in range(30):
        state, resting = interpret(state, observation(rest_measures(), t_ns=at * STEP_NS))
        assert resting.action_units.max() < 0.02
    smile = measures_with(AU12=1.0, AU06=0.6)
    for at in range(30, 40):
        state, smiling = interpret(state, observation(smile, t_ns=at * STEP_NS))
    assert smiling.action_unit("AU12") > 0.8
    assert smiling.valence > 60


def test_a_mesh_gone_wild_is_no_face() -> None:
    image = np.zeros((480, 640, 3), np.uint8)
    for xyz in (np.zeros((478, 3)), np.full((478, 3), np.nan), np.full((478, 3), 1e9)):
        mesh = Mesh(xyz.astype(np.float32), width_px=640, height_px=480)
        seen = observe(image, mesh, t_ns=0)
        assert not seen.has_face or seen.quality == 0


def test_a_small_face_has_less_quality() -> None:
    image = np.random.default_rng(0).integers(40, 220, (480, 640, 3), dtype=np.uint8)
    qualities = []
    for distance_mm in (500.0, 2000.0, 6000.0):
        points = seen_by(face_points_mm(), translation_mm=(0.0, 0.0, distance_mm))
        mesh = Mesh((points / (640, 480, 640)).astype(np.float32), width_px=640, height_px=480)
        qualities.append(observe(image, mesh, t_ns=0).quality)
    assert qualities[0] > qualities[1] > qualities[2]


def test_looking_down_is_not_closing_the_eyes() -> None:
    ahead = np.array([0.0, -0.09, 0.0, -0.09, 0.30, 0.30])
    down = np.array([0.0, -0.03, 0.0, -0.03, 0.265, 0.265])
    shut = np.array([0.0, 0.05, 0.0, 0.05, 0.05, 0.05])
    assert abs(lid_closure(down) - lid_closure(ahead)) < 0.1
    assert lid_closure(shut) - lid_closure(ahead) > 1.0


def test_it_closes_its_detector_and_names_its_models() -> None:
    detector = MadeMeshes([None])
    analyser = FrameAnalyser(detector=detector)
    assert not analyser.analyse(np.zeros((64, 64, 3), np.uint8), t_ns=0).has_face
    models = analyser.models
    assert models["landmarks"] == "made"
    assert {"face", "action_units", "action_units_raw", "affect", "gaze"} <= set(models)
    analyser.close()
    assert detector.is_closed


@pytest.mark.real_face
def test_real_frames_in_any_shape_are_analysed(faces: Path) -> None:
    clip = faces / "real" / "WolfgangLanger_Pexels.mp4"
    frames = list(islice(read_frames(clip), 6))
    with_face = FrameAnalyser()
    found = [with_face.analyse(frame.image, t_ns=frame.t_ns) for frame in frames]
    assert all(one.has_face for one in found)
    assert np.isfinite([*found[-1].action_units, *found[-1].head_pose]).all()
    last = frames[-1].image
    odd = [last[..., 0], last[:, ::-1], last.astype(np.float32), last[::4, ::4]]
    for at, image in enumerate(odd, start=7):
        with_face.analyse(image, t_ns=at * STEP_NS)
    with_face.close()


@pytest.mark.real_face
def test_reading_the_message_as_bytes_loses_nothing(faces: Path) -> None:
    frame = next(iter(read_frames(faces / "real" / "single_face.mp4")))
    model = FaceMeshModel()
    mesh = model.detect(frame.image)
    assert mesh is not None and mesh.xyz.shape == (478, 3) and mesh.xyz.dtype == np.float32
    again = FaceMeshModel()
    rgb = np.ascontiguousarray(frame.image[..., ::-1])
    found = again._model.process(rgb).multi_face_landmarks[0].landmark
    assert np.array_equal(mesh.xyz, np.array([(p.x, p.y, p.z) for p in found], np.float32))
    model.close()
    again.close()
