"""Geometry: pose, distance and image position leave the freed face alone."""

from __future__ import annotations

import numpy as np
import pytest
from made_faces import CAMERA, face_points_mm, seen_by

from journeylab.assets import asset
from journeylab.inference.eyes import mesh_eye_features
from journeylab.inference.face_model import INTEROCULAR_MM, STABLE_LANDMARKS, STABLE_POINTS_MM
from journeylab.inference.geometry import free_face, interocular_px
from journeylab.inference.head_pose import estimate_head_pose
from journeylab.inference.shape import SHAPE_NAMES, shape_measures


def freed(**view: tuple[float, float, float]) -> np.ndarray:
    seen = seen_by(face_points_mm(), **view)
    pose = estimate_head_pose(seen, CAMERA)
    assert pose is not None
    return free_face(seen, pose, CAMERA)


@pytest.mark.parametrize(
    "view",
    [
        {"angles_deg": (25.0, 0.0, 0.0)},
        {"angles_deg": (0.0, -20.0, 15.0)},
        {"translation_mm": (100.0, -80.0, 600.0)},
        {"translation_mm": (0.0, 0.0, 350.0)},
        {"translation_mm": (0.0, 0.0, 1200.0)},
    ],
)
def test_pose_and_distance_leave_the_shape_alone(
    view: dict[str, tuple[float, float, float]],
) -> None:
    assert freed(**view) == pytest.approx(face_points_mm() / INTEROCULAR_MM, abs=2e-3)


def test_a_bigger_head_has_the_same_shape() -> None:
    seen = seen_by(face_points_mm() * 1.1)
    pose = estimate_head_pose(seen, CAMERA)
    assert pose is not None
    stable = free_face(seen, pose, CAMERA)[STABLE_LANDMARKS]
    assert stable == pytest.approx(STABLE_POINTS_MM / INTEROCULAR_MM, abs=5e-3)


def test_interocular_distance_is_that_of_the_outer_corners() -> None:
    points = np.zeros((478, 3))
    points[33], points[263] = (100, 100, 0), (130, 140, 0)
    assert interocular_px(points) == pytest.approx(50)


def test_shape_measures_see_what_they_name_on_the_side_it_happens() -> None:
    free = face_points_mm() / INTEROCULAR_MM
    raised = free.copy()
    raised[[61, 291], 1] += 0.05
    raised[61, 0] -= 0.02
    moved = (shape_measures(raised) - shape_measures(free)).reshape(2, len(SHAPE_NAMES))
    right, left = (dict(zip(SHAPE_NAMES, side, strict=True)) for side in moved)
    for side in (right, left):
        assert side["corner_nose"] == pytest.approx(0.05)
        assert side["inner_brow_eye"] == 0 and side["aperture"] == 0
    assert right["corner_out"] == pytest.approx(-0.02)
    assert left["corner_out"] == pytest.approx(0.0)


def test_a_mirrored_face_has_its_sides_exchanged() -> None:
    with np.load(asset("avatar", "neutral_faces.npz")) as stored:
        mirror, face = stored["mirror"], stored["faces_mm"][0] / INTEROCULAR_MM
    mirrored = face[mirror] * (-1, 1, 1)
    n = len(SHAPE_NAMES)
    once, twice = shape_measures(face), shape_measures(mirrored)
    assert twice == pytest.approx(np.concatenate((once[n:], once[:n])))


def eyes_looking(x: float, y: float, *, roll_deg: float = 0.0) -> np.ndarray:
    """Points of two eyes of width 30 and opening 9 px, irises off their middle."""
    points = np.zeros((478, 2))
    for corners, iris, upper, lower, middle in (
        ((362, 263), range(473, 478), (385, 386, 387), (380, 374, 373), 60.0),
        ((33, 133), range(468, 473), (158, 159, 160), (153, 145, 144), -60.0),
    ):
        points[corners[0]], points[corners[1]] = (middle - 15, 0), (middle + 15, 0)
        points[list(iris)] = (middle + 15 * x, 15 * y)
        points[list(upper)], points[list(lower)] = (middle, -6), (middle, 3)
    turn = np.deg2rad(-roll_deg)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return points @ rotation.T


@pytest.mark.parametrize("roll_deg", [0.0, 20.0, -35.0])
def test_eye_features_ignore_roll(roll_deg: float) -> None:
    features = mesh_eye_features(eyes_looking(0.2, -0.1, roll_deg=roll_deg))
    assert features == pytest.approx([0.2, -0.1, 0.2, -0.1, 0.3, 0.3])


def test_an_eye_of_no_width_is_nan_not_an_error() -> None:
    assert np.isnan(mesh_eye_features(np.zeros((478, 3)))[:4]).all()
