"""The avatar's neutral face: identities varied from a few measured ones, and the head behind."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.assets import asset
from journeylab.streams import N_LANDMARKS

# Landmark numbers of FaceMesh's topology. Left is the person's left, image right.
RIGHT_EYE_LOWER: Final = (33, 7, 163, 144, 145, 153, 154, 155, 133)
RIGHT_EYE_UPPER: Final = (33, 246, 161, 160, 159, 158, 157, 173, 133)
LEFT_EYE_LOWER: Final = (263, 249, 390, 373, 374, 380, 381, 382, 362)
LEFT_EYE_UPPER: Final = (263, 466, 388, 387, 386, 385, 384, 398, 362)
INNER_LIP_UPPER: Final = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
INNER_LIP_LOWER: Final = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
OUTER_LIP_UPPER: Final = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
OUTER_LIP_LOWER: Final = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
FACE_OVAL: Final = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
N_FACE: Final = 468  # without the irises


@dataclass(frozen=True, slots=True)
class AvatarIdentity:
    """Who the avatar is: everything about it follows from ``seed``."""

    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class NeutralHead:
    """A neutral head in head axes, mm: x to its left, y up, z out of the face, origin between
    the eyes.

    ``points`` (n, 3): FaceMesh's 478 landmarks, then rings of the head behind the face's outline.
    ``triangles`` (m, 3) indices, counter-clockwise to the camera; ``mirror`` (478,) the landmark
    of the other side.
    """

    points: NDArray[np.float64]
    triangles: NDArray[np.intp]
    mirror: NDArray[np.intp]


def rotation_of(*, yaw_deg: float, pitch_deg: float, roll_deg: float) -> NDArray[np.float64]:
    """Matrix (3, 3) from head axes to camera axes (x right, y down, z away).

    Signs as in :data:`journeylab.vocabulary.HEAD_POSE_COLUMNS`.
    """
    yaw, pitch, roll = np.radians((yaw_deg, -pitch_deg, roll_deg))
    cos_y, sin_y = np.cos(yaw), np.sin(yaw)
    cos_p, sin_p = np.cos(pitch), np.sin(pitch)
    cos_r, sin_r = np.cos(roll), np.sin(roll)
    about_y = np.array([[cos_y, 0, sin_y], [0, 1, 0], [-sin_y, 0, cos_y]])
    about_x = np.array([[1, 0, 0], [0, cos_p, -sin_p], [0, sin_p, cos_p]])
    about_z = np.array([[cos_r, -sin_r, 0], [sin_r, cos_r, 0], [0, 0, 1]])
    turn: NDArray[np.float64] = np.diag((1.0, -1.0, -1.0)) @ about_y @ about_x @ about_z
    return turn


def shifted(points: NDArray[np.float64], *by_mm: float) -> NDArray[np.float64]:
    """Points (…, k) moved by k numbers."""
    moved: NDArray[np.float64] = points + np.array(by_mm)
    return moved


@lru_cache(maxsize=1)
def _measured() -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.intp]]:
    with np.load(asset("avatar", "neutral_faces.npz"), allow_pickle=False) as arrays:
        return (
            arrays["faces_mm"].astype(np.float64),
            arrays["triangles"].astype(np.intp),
            arrays["mirror"].astype(np.intp),
        )


def neutral_head(identity: AvatarIdentity) -> NeutralHead:
    """The head of one identity."""
    faces, triangles, mirror = _measured()
    rng = np.random.default_rng((identity.seed, 1))
    # A convex blend stays a face; pushing it a little beyond the hull keeps identities apart.
    weights = rng.dirichlet(np.full(len(faces), 0.6)) * 1.25 - 0.25 / len(faces)
    shape = np.tensordot(weights, faces, axes=1)
    shape = shape * (rng.normal(1.0, 0.02), rng.normal(1.0, 0.02), rng.normal(1.0, 0.03))
    shape = _closed_mouth(shape)
    rings, ring_triangles = _head_rings(shape)
    strips = _strips(RIGHT_EYE_UPPER, RIGHT_EYE_LOWER)
    strips += _strips(LEFT_EYE_LOWER, LEFT_EYE_UPPER)
    strips += _strips(INNER_LIP_UPPER, INNER_LIP_LOWER)
    return NeutralHead(
        points=np.vstack((shape, rings)),
        triangles=np.vstack((triangles, np.array(strips, dtype=np.intp), ring_triangles)),
        mirror=mirror,
    )


def _closed_mouth(shape: NDArray[np.float64]) -> NDArray[np.float64]:
    closed = shape.copy()
    upper, lower = list(INNER_LIP_UPPER), list(INNER_LIP_LOWER)
    closed[upper] = closed[lower] = (shape[upper] + shape[lower]) / 2
    return closed


def _strips(upper: tuple[int, ...], lower: tuple[int, ...]) -> list[tuple[int, int, int]]:
    """Triangles that close the gap between two chains with common ends."""
    triangles = []
    for i in range(len(upper) - 1):
        triangles.append((upper[i], upper[i + 1], lower[i]))
        triangles.append((upper[i + 1], lower[i + 1], lower[i]))
    return [t for t in triangles if len(set(t)) == 3]


# Offsets of the rings from the face's outline, mm: outwards above, at the sides and below, and
# backwards alike. They hold hair and ears; what is not painted there is transparent.
_RINGS: Final = (
    ((16.0, 7.0, 3.0), (12.0, 14.0, 5.0)),
    ((54.0, 27.0, 12.0), (54.0, 36.0, 16.0)),
)


def _head_rings(shape: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    oval = np.array(FACE_OVAL)
    outline = shape[oval]
    centre = outline.mean(axis=0)
    outward = outline[:, :2] - centre[:2]
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    up = np.clip(outward[:, 1], 0, 1) ** 1.5
    down = np.clip(-outward[:, 1], 0, 1) ** 1.5
    side = 1 - up - down
    shares = np.column_stack((up, side, down))
    points, triangles = [], []
    inner = oval
    n = len(oval)
    for number, (out_mm, back_mm) in enumerate(_RINGS):
        ring = outline.copy()
        ring[:, :2] += outward * (shares @ out_mm)[:, None]
        ring[:, 2] -= shares @ back_mm
        points.append(ring)
        outer = N_LANDMARKS + number * n + np.arange(n)
        for i in range(n):
            j = (i + 1) % n
            triangles.append((inner[i], outer[i], inner[j]))
            triangles.append((inner[j], outer[i], outer[j]))
        inner = outer
    return np.vstack(points), np.array(triangles, dtype=np.intp)
