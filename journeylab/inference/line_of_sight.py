"""The line of sight of both eyes, before it is calibrated to a person.

An eye turns about its centre: the iris, 9.8 mm in front of it, moves sideways by the sine of the
angle. At 640x480 one degree is a sixth of a pixel, so both ends of that lever must be known to a
tenth of one. The iris is found in the image (:mod:`journeylab.inference.limbus`). The centre cannot
be seen: it has to be told from the rest of the face, and each point of the mesh is off by half a
pixel, by a different amount in every pose, and is drawn along by gaze itself. A ridge regression
from all points that expressions leave alone, with head turn, to the displacement of the irises
from the eyes' centres takes both into account. It was fitted on rendered faces whose eyes are known
exactly, seen in many sizes, lights and glasses; ``packaging/fit_line_of_sight.py`` makes it anew.
What is particular to a person is left to the calibration.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.assets import asset
from journeylab.inference.face_model import STABLE_LANDMARKS
from journeylab.inference.head_pose import CameraIntrinsics
from journeylab.inference.limbus import IRIS_RADIUS_MM, mesh_irises_px

VERSION: Final = "line-of-sight-1"
CENTRE_TO_IRIS_MM: Final = 9.8
"""From an eye's centre of rotation to the plane of its iris (13.4 mm to the cornea's apex, less
3.6 of anterior chamber)."""
N_OTHER_TERMS: Final = 10
"""Terms behind those of the landmarks: irises in the mesh (4), their shift in the image (4), turn
of the head (2)."""

# The edge of the iris counts in full from a contrast of 0.15, and not at all below 0.05.
_LEAST_CONTRAST: Final = 0.05
_FULL_CONTRAST: Final = 0.15
_LEAST_FORWARD: Final = 0.25  # no eye turns by more than 75 degrees


@dataclass(frozen=True, slots=True, eq=False)
class LineOfSightModel:
    """What is the same for everyone: ``landmarks`` (n,) used, ``weights`` (3 n + 10, 2) from the
    terms to the irises' displacement in mm, and ``rest_mm`` (2,) of it where all terms are 0."""

    landmarks: NDArray[np.intp]
    weights: NDArray[np.float64]
    rest_mm: NDArray[np.float64]


@cache
def shipped_model() -> LineOfSightModel:
    """The model that comes with the product, read once."""
    with np.load(asset("gaze", f"{VERSION}.npz"), allow_pickle=False) as stored:
        return LineOfSightModel(
            stored["landmarks"].astype(np.intp),
            stored["weights"].astype(np.float64),
            stored["rest_mm"].astype(np.float64),
        )


def gaze_angles_deg(
    points_px: NDArray[np.float64],
    limbus: NDArray[np.float64],
    *,
    head_pose: NDArray[np.float64],
    camera: CameraIntrinsics,
    model: LineOfSightModel | None = None,
) -> NDArray[np.float64]:
    """Where both eyes together look, as if they sat in one point between them.

    Parameters
    ----------
    points_px
        (478, 3) landmarks in pixels.
    limbus
        (6,) from :func:`journeylab.inference.limbus.limbus_features`.
    head_pose
        (6,) of the same frame, in the order of HEAD_POSE_COLUMNS.
    camera
        The camera that took the image.
    model
        The shipped one when None.

    Returns
    -------
    (2,)
        Yaw and pitch in degrees in the camera's axes: yaw is positive towards the right of the
        image, pitch upwards; 0 is parallel to the camera's axis. Not calibrated: a person's own
        are off by a few degrees, always in the same way.
    """
    if model is None:
        model = shipped_model()
    terms = sight_terms(
        points_px, limbus, head_pose=head_pose, camera=camera, landmarks=model.landmarks
    )
    shift_mm = (terms @ model.weights + model.rest_mm) @ upright(head_pose[2])
    return _angles_deg(shift_mm, head_pose[3:])


def sight_terms(
    points_px: NDArray[np.float64],
    limbus: NDArray[np.float64],
    *,
    head_pose: NDArray[np.float64],
    camera: CameraIntrinsics,
    landmarks: NDArray[np.intp],
) -> NDArray[np.float64]:
    """(3 n + 10,) terms of the regression, for n landmarks.

    All lengths in millimetres at the head's distance, upright with the head, x to the right of the
    image and y down, from the middle of the stable landmarks: x and y of each landmark, then all
    depths; the mesh's irises; how far the image puts them from there; yaw and pitch in degrees.
    """
    turn = upright(head_pose[2])
    mm_per_px = head_pose[5] / camera.focal_px
    middle_px = points_px[STABLE_LANDMARKS].mean(axis=0)
    offsets_mm = (points_px[landmarks] - middle_px) * mm_per_px
    irises_mm = (mesh_irises_px(points_px) - middle_px[:2]) @ turn.T * mm_per_px
    seen = np.clip((limbus[4:] - _LEAST_CONTRAST) / (_FULL_CONTRAST - _LEAST_CONTRAST), 0.0, 1.0)
    shifts_mm = limbus[:4].reshape(2, 2) * (seen[:, None] * IRIS_RADIUS_MM)
    return np.concatenate(
        (
            (offsets_mm[:, :2] @ turn.T).ravel(),
            offsets_mm[:, 2],
            irises_mm.ravel(),
            shifts_mm.ravel(),
            head_pose[:2],
        )
    )


def upright(roll_deg: float) -> NDArray[np.float64]:
    """(2, 2) rotation from the image's axes to those of a head with that roll."""
    roll = np.deg2rad(roll_deg)
    return np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])


def _angles_deg(shift_mm: NDArray[np.float64], eyes_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """(2,) angles of a line of sight from the irises' displacement in the image (2,), as a
    length at the eyes' distance, for eyes at (3,) in the camera's frame."""
    share = shift_mm / CENTRE_TO_IRIS_MM
    forward = np.sqrt(max(1.0 - float(share @ share), _LEAST_FORWARD**2))
    # The irises are nearer to the camera than the centres, and so are shown larger.
    nearer = 1.0 - CENTRE_TO_IRIS_MM * forward / eyes_mm[2]
    share = share * nearer + eyes_mm[:2] * (nearer - 1.0) / CENTRE_TO_IRIS_MM
    forward = np.sqrt(max(1.0 - float(share @ share), _LEAST_FORWARD**2))
    yaw, down = np.degrees(np.arctan2(share, forward)).tolist()
    return np.array([yaw, -down])
