"""Head pose: known poses come back, signs are the vocabulary's."""

from __future__ import annotations

import numpy as np
import pytest
from made_faces import CAMERA, face_points_mm, seen_by

from journeylab.inference.face_model import EYE_MIDPOINT_MM
from journeylab.inference.head_pose import (
    CameraIntrinsics,
    angles_deg,
    estimate_head_pose,
    rotation_matrix,
)


@pytest.mark.parametrize(
    "angles",
    [(0, 0, 0), (25, 0, 0), (-25, 0, 0), (0, 20, 0), (0, -20, 0), (0, 0, 30), (15, -10, -20)],
)
@pytest.mark.parametrize("translation", [(0, 0, 600), (120, -60, 450), (-80, 90, 900)])
def test_a_known_pose_comes_back(
    angles: tuple[float, float, float], translation: tuple[float, float, float]
) -> None:
    seen = seen_by(face_points_mm(), angles_deg=angles, translation_mm=translation)
    pose = estimate_head_pose(seen, CAMERA)
    assert pose is not None
    columns = pose.as_columns()
    assert columns[:3] == pytest.approx(angles, abs=0.01)
    eyes_mm = rotation_matrix(*angles) @ EYE_MIDPOINT_MM + translation
    assert columns[3:] == pytest.approx(eyes_mm, abs=0.1)
    assert pose.misfit < 1e-4


def test_noise_of_half_a_pixel_costs_about_a_degree() -> None:
    rng = np.random.default_rng(1)
    seen = seen_by(face_points_mm(), angles_deg=(10.0, 5.0, 0.0))
    errors = []
    for _ in range(50):
        noisy = seen + rng.normal(0, 0.5, seen.shape)
        pose = estimate_head_pose(noisy, CAMERA)
        assert pose is not None
        errors.append(pose.as_columns()[:3] - (10.0, 5.0, 0.0))
    assert np.std(errors, axis=0).max() < 1.2


def test_yaw_to_the_participants_left_moves_the_nose_right_in_the_image() -> None:
    nose = np.array([0.0, 0.0, 80.0])
    assert (rotation_matrix(20, 0, 0) @ nose)[0] > 10
    assert (rotation_matrix(0, 20, 0) @ nose)[1] < -10, "pitch up: the nose rises, y is down"
    # Counter-clockwise in the image: the participant's left eye, right in the image, rises.
    assert (rotation_matrix(0, 0, 20) @ np.array([40.0, 0.0, 0.0]))[1] < -10


def test_angles_invert_the_rotation() -> None:
    rng = np.random.default_rng(2)
    for angles in rng.uniform(-60, 60, size=(50, 3)):
        assert angles_deg(rotation_matrix(*angles)) == pytest.approx(angles)


@pytest.mark.parametrize("points", [np.zeros((478, 3)), np.full((478, 3), np.nan)])
def test_points_that_are_no_face_give_no_pose(points: np.ndarray) -> None:
    assert estimate_head_pose(points, CAMERA) is None


def test_a_scrambled_face_fits_badly() -> None:
    rng = np.random.default_rng(3)
    pose = estimate_head_pose(rng.uniform(100, 300, (478, 3)), CAMERA)
    assert pose is None or pose.misfit > 0.1


def test_intrinsics_follow_the_image_size() -> None:
    vga, hd = CameraIntrinsics.estimated(640, 480), CameraIntrinsics.estimated(1280, 720)
    assert vga.focal_px == pytest.approx(550.6, abs=0.5)
    assert hd.centre_x_px == 640 and hd.centre_y_px == 360
    assert hd.focal_px > vga.focal_px
