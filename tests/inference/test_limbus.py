"""The iris is found in the image where it was painted, to a fraction of a pixel."""

from __future__ import annotations

import numpy as np
import pytest

from journeylab.inference.limbus import limbus_features
from journeylab.opencv import cv2

RADIUS_PX = 5.5
MESH_PX = np.array([[360.0, 240.0], [280.0, 240.0]])


def painted(
    shifts_px: np.ndarray, *, roll_deg: float = 0.0, iris: int = 60, white: int = 200
) -> np.ndarray:
    """An image with two irises, their upper part under a lid, beside where the mesh has them."""
    fine = 8
    image = np.full((480 * fine, 640 * fine, 3), 150, np.uint8)
    for centre, shift in zip(MESH_PX, shifts_px, strict=True):
        middle = tuple(int(v) for v in np.round(centre * fine))
        axes = (round(13.5 * fine), round(5.5 * fine))
        opening = np.zeros(image.shape[:2], np.uint8)
        cv2.ellipse(opening, middle, axes, -roll_deg, 0, 360, 255, -1)
        eye = np.full_like(image, white)
        at = tuple(int(v) for v in np.round((centre + shift) * fine))
        cv2.circle(eye, at, round(RADIUS_PX * fine), (iris, iris, iris), -1)
        image[opening > 0] = eye[opening > 0]
    small = cv2.resize(image, (640, 480), interpolation=cv2.INTER_AREA)
    noise = np.random.default_rng(4).normal(0, 2, small.shape)
    return np.clip(small + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("shift", [(0.0, 0.0), (1.3, 0.4), (-1.7, -0.6), (0.5, 1.1)])
@pytest.mark.parametrize("iris", [30, 110])
def test_irises_are_found_where_they_are(shift: tuple[float, float], iris: int) -> None:
    shifts = np.array([shift, shift])
    found = limbus_features(painted(shifts, iris=iris), MESH_PX, radius_px=RADIUS_PX, roll_deg=0.0)
    assert found[:4].reshape(2, 2)[:, 0] * RADIUS_PX == pytest.approx(shifts[:, 0], abs=0.3)
    assert found[:4].reshape(2, 2)[:, 1] * RADIUS_PX == pytest.approx(shifts[:, 1], abs=0.6)
    assert (found[4:] > 0.1).all()


def test_a_rolled_head_is_measured_upright() -> None:
    roll_deg = 20.0
    roll = np.deg2rad(roll_deg)
    across = np.array([np.cos(roll), -np.sin(roll)])  # counter-clockwise: image right goes up
    found = limbus_features(
        painted(np.array([across, across]) * 1.5, roll_deg=roll_deg),
        MESH_PX,
        radius_px=RADIUS_PX,
        roll_deg=roll_deg,
    )
    assert found[[0, 2]] * RADIUS_PX == pytest.approx([1.5, 1.5], abs=0.3)


def test_where_there_is_no_iris_there_is_no_contrast() -> None:
    plain = np.full((480, 640, 3), 120, np.uint8)
    found = limbus_features(plain, MESH_PX, radius_px=RADIUS_PX, roll_deg=0.0)
    assert np.isfinite(found).all() and (found[4:] < 0.05).all()


def test_eyes_at_the_edge_and_grey_images_do_no_harm() -> None:
    grey = np.full((480, 640), 120, np.uint8)
    for place in (-30.0, 0.0, 639.0):
        found = limbus_features(grey, np.full((2, 2), place), radius_px=RADIUS_PX, roll_deg=0.0)
        assert np.isfinite(found).all()
