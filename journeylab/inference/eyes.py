"""Eye features: where the irises are in their eyes, how far the lids are open, where both look."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.inference.head_pose import CameraIntrinsics
from journeylab.inference.limbus import IRIS_RADIUS_MM, limbus_features, mesh_irises_px
from journeylab.inference.line_of_sight import gaze_angles_deg

# Participant's left eye, then right. Corners from left to right in the image.
_CORNERS: Final = np.array([[362, 263], [33, 133]])
_IRIS: Final = np.array([[473, 474, 475, 476, 477], [468, 469, 470, 471, 472]])
_UPPER_LID: Final = np.array([[385, 386, 387], [158, 159, 160]])
_LOWER_LID: Final = np.array([[380, 374, 373], [153, 145, 144]])


def eye_features(
    image: NDArray[np.uint8],
    points_px: NDArray[np.float64],
    *,
    head_pose: NDArray[np.float64],
    camera: CameraIntrinsics,
) -> NDArray[np.float64]:
    """Features of both eyes from one frame.

    Parameters
    ----------
    image
        (height, width, 3) BGR, or (height, width) grey, uint8.
    points_px
        (478, 3) landmarks in pixels.
    head_pose
        (6,) of the same frame, in the order of HEAD_POSE_COLUMNS.
    camera
        The camera that took the image.

    Returns
    -------
    (14,)
        In the order of EYE_FEATURE_COLUMNS.
    """
    limbus = limbus_features(
        image,
        mesh_irises_px(points_px),
        radius_px=IRIS_RADIUS_MM * camera.focal_px / float(head_pose[5]),
        roll_deg=float(head_pose[2]),
    )
    angles_deg = gaze_angles_deg(points_px, limbus, head_pose=head_pose, camera=camera)
    return np.concatenate((mesh_eye_features(points_px), limbus, angles_deg))


def mesh_eye_features(points_px: NDArray[np.float64]) -> NDArray[np.float64]:
    """Features of both eyes from one mesh.

    Parameters
    ----------
    points_px
        (478, 2 or 3) landmarks in pixels.

    Returns
    -------
    (6,)
        The first of EYE_FEATURE_COLUMNS: iris x is positive towards the right of the image, y
        downwards. NaN for an eye of no width.
    """
    points = points_px[:, :2]
    corners = points[_CORNERS]
    axis = corners[:, 1] - corners[:, 0]
    width = np.hypot(axis[:, 0], axis[:, 1])
    width = np.where(width > 0, width, np.nan)
    along = axis / width[:, None]
    across = np.stack((-along[:, 1], along[:, 0]), axis=1)
    iris = points[_IRIS].mean(axis=1) - corners.mean(axis=1)
    half = width / 2
    x = np.sum(iris * along, axis=1) / half
    y = np.sum(iris * across, axis=1) / half
    lids = (points[_LOWER_LID] - points[_UPPER_LID]).mean(axis=1)
    aperture = np.maximum(np.sum(lids * across, axis=1), 0.0) / width
    return np.array([x[0], y[0], x[1], y[1], aperture[0], aperture[1]])
