"""A face freed of pose and scale, so that only its shape is left."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.inference.face_model import (
    INTEROCULAR_MM,
    STABLE_LANDMARKS,
    STABLE_POINTS_MM,
)
from journeylab.inference.head_pose import CameraIntrinsics, HeadPose

_RIGHT_OUTER_CORNER: Final = 33
_LEFT_OUTER_CORNER: Final = 263
_STABLE_CENTRE_MM: Final = STABLE_POINTS_MM.mean(axis=0)
_STABLE_OFFSETS_MM: Final = STABLE_POINTS_MM - _STABLE_CENTRE_MM


def interocular_px(points_px: NDArray[np.float64]) -> float:
    """Distance of the outer eye corners in the image."""
    difference = points_px[_LEFT_OUTER_CORNER, :2] - points_px[_RIGHT_OUTER_CORNER, :2]
    return float(np.hypot(difference[0], difference[1]))


def free_face(
    points_px: NDArray[np.float64], pose: HeadPose, camera: CameraIntrinsics
) -> NDArray[np.float64]:
    """The mesh in the head's frame, in interocular distances.

    The mesh's depth is in pixels at weak perspective; anchored at the depth of the stable points
    it lets each point be cast back along its ray. What rotation, shift and scale are left
    against the stable points (an erring depth, a smaller head) is then taken out.

    Parameters
    ----------
    points_px
        (478, 3) landmarks in pixels.
    pose, camera
        As found for the same frame.

    Returns
    -------
    (478, 3)
        x to the participant's left, y up, z out of the face; 1 is the interocular distance.
    """
    mm_per_px = pose.translation_mm[2] / camera.focal_px
    depth_mm = points_px[:, 2] * mm_per_px
    anchored = STABLE_POINTS_MM @ pose.rotation[2] + pose.translation_mm[2]
    depth_mm = depth_mm + np.mean(anchored - depth_mm[STABLE_LANDMARKS])
    in_camera = np.empty_like(points_px)
    in_camera[:, 0] = (points_px[:, 0] - camera.centre_x_px) * depth_mm / camera.focal_px
    in_camera[:, 1] = (points_px[:, 1] - camera.centre_y_px) * depth_mm / camera.focal_px
    in_camera[:, 2] = depth_mm
    in_head = (in_camera - pose.translation_mm) @ pose.rotation
    # Similarity onto the model (Umeyama 1991).
    stable = in_head[STABLE_LANDMARKS]
    centre = stable.mean(axis=0)
    offsets = stable - centre
    left, singular, right = np.linalg.svd(offsets.T @ _STABLE_OFFSETS_MM)
    if np.linalg.det(left @ right) < 0:
        right[2] *= -1
        singular[2] *= -1
    scale = singular.sum() / max(float(np.sum(offsets**2)), 1e-9)
    aligned = (in_head - centre) @ (left @ right) * scale + _STABLE_CENTRE_MM
    return np.asarray(aligned / INTEROCULAR_MM)
