"""Quality falls with whatever spoils a frame, and appearance sees it."""

from __future__ import annotations

import numpy as np
import pytest
from made_faces import face_points_mm, seen_by

from journeylab.inference.appearance import Appearance, appearance
from journeylab.inference.quality import frame_quality
from journeylab.opencv import cv2

GOOD = Appearance(furrow=0.1, luma=130.0, contrast=40.0, sharpness=0.5, clipped=0.0)


def quality(**changes: object) -> float:
    given: dict[str, object] = {
        "interocular_px": 80.0,
        "head_pose": np.zeros(6),
        "misfit": 0.02,
        "look": GOOD,
    } | changes
    return frame_quality(**given)  # type: ignore[arg-type]


def look(**changes: float) -> Appearance:
    fields = {name: getattr(GOOD, name) for name in GOOD.__slots__}
    return Appearance(**fields | changes)


def test_a_good_frame_is_fully_trusted() -> None:
    assert quality() == 1.0


@pytest.mark.parametrize(
    "changes",
    [
        {"interocular_px": 20.0},
        {"head_pose": np.array([45.0, 0, 0, 0, 0, 0])},
        {"head_pose": np.array([0, -35.0, 0, 0, 0, 0])},
        {"head_pose": np.array([0, 0, 65.0, 0, 0, 0])},
        {"misfit": 0.1},
        {"look": look(luma=25.0)},
        {"look": look(luma=240.0)},
        {"look": look(contrast=5.0)},
        {"look": look(sharpness=0.03)},
        {"look": look(clipped=0.5)},
    ],
)
def test_each_thing_that_spoils_a_frame_lowers_it(changes: dict[str, object]) -> None:
    assert quality(**changes) < 0.6


def test_nan_is_no_quality() -> None:
    assert quality(interocular_px=float("nan")) == 0.0


def face_image() -> tuple[np.ndarray, np.ndarray]:
    """A textured image and landmarks in it."""
    noise = np.random.default_rng(1).integers(60, 200, (480, 640, 3), dtype=np.uint8)
    return cv2.GaussianBlur(noise, (0, 0), 1.2), seen_by(face_points_mm())


def test_blur_dark_and_burnt_images_are_told_apart() -> None:
    image, points = face_image()
    plain = appearance(image, points)
    blurred = appearance(cv2.GaussianBlur(image, (0, 0), 8), points)
    dark = appearance((image * 0.1).astype(np.uint8), points)
    burnt = appearance(np.clip(image * 3.0, 0, 255).astype(np.uint8), points)
    assert blurred.sharpness < 0.5 * plain.sharpness
    assert dark.luma < 0.2 * plain.luma
    assert burnt.clipped > 0.5 > plain.clipped


def test_vertical_lines_between_the_brows_are_furrows() -> None:
    image = np.full((480, 640, 3), 150, np.uint8)
    points = seen_by(face_points_mm())
    for index, x in ((55, 305), (107, 308), (336, 332), (285, 335)):
        points[index, :2] = (x, 190)
    points[168, :2] = (320, 215)
    smooth = appearance(image, points).furrow
    for x in (314, 326):
        cv2.line(image, (x, 195), (x, 212), (90, 90, 90), 2)
    vertical = appearance(image, points).furrow
    image[:] = 150
    cv2.line(image, (290, 202), (350, 202), (90, 90, 90), 2)
    assert vertical > smooth + 0.02
    assert appearance(image, points).furrow < 0.3 * vertical


def test_a_face_off_the_edge_and_a_grey_image_are_measured() -> None:
    image, points = face_image()
    shifted = points + np.array([400.0, 300.0, 0.0])
    assert np.isfinite(appearance(image, shifted).luma)
    assert np.isfinite(appearance(image[..., 0], points).furrow)
