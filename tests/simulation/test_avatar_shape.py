"""The avatar's neutral face: shipped, symmetric, and different for each identity."""

from __future__ import annotations

import numpy as np

from journeylab.simulation.avatar_shape import (
    INNER_LIP_LOWER,
    INNER_LIP_UPPER,
    AvatarIdentity,
    neutral_head,
    rotation_of,
)
from journeylab.streams import N_LANDMARKS


def test_a_head_has_the_mesh_of_facemesh_and_rings_behind_it() -> None:
    head = neutral_head(AvatarIdentity(0))
    assert head.points.shape[0] > N_LANDMARKS
    assert head.triangles.max() == len(head.points) - 1
    assert np.array_equal(head.mirror[head.mirror], np.arange(N_LANDMARKS))


def test_the_measures_of_a_head_are_those_of_a_person() -> None:
    for seed in range(12):
        points = neutral_head(AvatarIdentity(seed)).points
        outer_corners_mm = np.linalg.norm(points[33] - points[263])
        assert 78 < outer_corners_mm < 102
        assert 95 < points[10, 1] - points[152, 1] + 40 < 240
        assert points[4, 2] > points[234, 2], "the nose is in front of the ears"


def test_left_is_image_right() -> None:
    points = neutral_head(AvatarIdentity(1)).points
    assert points[263, 0] > 0 > points[33, 0]


def test_the_neutral_mouth_is_closed() -> None:
    points = neutral_head(AvatarIdentity(5)).points
    assert np.allclose(points[list(INNER_LIP_UPPER)], points[list(INNER_LIP_LOWER)])


def test_identities_differ_and_come_back_by_seed() -> None:
    first, again = neutral_head(AvatarIdentity(3)), neutral_head(AvatarIdentity(3))
    other = neutral_head(AvatarIdentity(4))
    assert np.array_equal(first.points, again.points)
    assert np.abs(first.points[:N_LANDMARKS] - other.points[:N_LANDMARKS]).max() > 1.0


def test_a_head_turned_to_its_left_moves_its_nose_to_image_right() -> None:
    nose = np.array((0.0, -30.0, 40.0))
    assert (rotation_of(yaw_deg=20, pitch_deg=0, roll_deg=0) @ nose)[0] > 5
    up = rotation_of(yaw_deg=0, pitch_deg=20, roll_deg=0) @ np.array((0.0, 0.0, 40.0))
    assert up[1] < 0, "y points down in the image"
    ccw = rotation_of(yaw_deg=0, pitch_deg=0, roll_deg=20) @ np.array((40.0, 0.0, 0.0))
    assert ccw[1] < 0
