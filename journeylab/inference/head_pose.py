"""Head pose in the camera's frame, by perspective from the mesh's stable points.

The camera's frame is OpenCV's: x right in the image, y down, z away from the camera; the head's
is that of :mod:`journeylab.inference.face_model`. With
``R = diag(1, -1, -1) @ Ry(yaw) @ Rx(-pitch) @ Rz(roll)`` a point of the head is at
``R @ point + translation``. Yaw is positive when the face turns to the participant's left (image
right), pitch when it turns up, roll when it turns counter-clockwise in the image.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.inference.face_model import (
    EYE_MIDPOINT_MM,
    INTEROCULAR_MM,
    STABLE_LANDMARKS,
    STABLE_POINTS_MM,
)
from journeylab.opencv import cv2

# Webcams see 70 to 78 degrees across the diagonal; nothing better is known without calibration.
_DIAGONAL_DEG: Final = 72.0
_HEAD_TO_CAMERA: Final = np.diag([1.0, -1.0, -1.0])


@dataclass(frozen=True, slots=True)
class CameraIntrinsics:
    """A pinhole camera without distortion; all in pixels of the full image."""

    focal_px: float
    centre_x_px: float
    centre_y_px: float

    @classmethod
    def estimated(cls, width_px: int, height_px: int) -> CameraIntrinsics:
        """A usual webcam's, for an image of that size."""
        diagonal_px = float(np.hypot(width_px, height_px))
        focal_px = diagonal_px / 2 / float(np.tan(np.deg2rad(_DIAGONAL_DEG / 2)))
        return cls(focal_px, width_px / 2, height_px / 2)

    def matrix(self) -> NDArray[np.float64]:
        """(3, 3) camera matrix."""
        return np.array(
            [
                [self.focal_px, 0.0, self.centre_x_px],
                [0.0, self.focal_px, self.centre_y_px],
                [0.0, 0.0, 1.0],
            ]
        )


@dataclass(frozen=True, slots=True, eq=False)
class HeadPose:
    """Where the head is: rotation (3, 3) and translation (3,) mm, head's frame to camera's.

    ``misfit`` is the rms distance of the stable points from where this pose puts them, as a
    share of the interocular distance: large when the mesh is not a face.
    """

    rotation: NDArray[np.float64]
    translation_mm: NDArray[np.float64]
    misfit: float

    def as_columns(self) -> NDArray[np.float64]:
        """(6,) in the order of HEAD_POSE_COLUMNS: degrees, then the eyes' midpoint in mm."""
        midpoint_mm = self.rotation @ EYE_MIDPOINT_MM + self.translation_mm
        return np.concatenate((angles_deg(self.rotation), midpoint_mm))


def rotation_matrix(yaw_deg: float, pitch_deg: float, roll_deg: float) -> NDArray[np.float64]:
    """(3, 3) rotation from the head's frame to the camera's; see the module for the order."""
    yaw, pitch, roll = np.deg2rad([yaw_deg, pitch_deg, roll_deg])
    about_y = [[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]]
    about_x = [[1, 0, 0], [0, np.cos(pitch), np.sin(pitch)], [0, -np.sin(pitch), np.cos(pitch)]]
    about_z = [[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]]
    return np.asarray(_HEAD_TO_CAMERA @ np.array(about_y) @ np.array(about_x) @ np.array(about_z))


def angles_deg(rotation: NDArray[np.float64]) -> NDArray[np.float64]:
    """(3,) yaw, pitch, roll of a rotation; the inverse of :func:`rotation_matrix`."""
    turn = _HEAD_TO_CAMERA @ rotation
    yaw = np.arctan2(turn[0, 2], turn[2, 2])
    pitch = np.arcsin(np.clip(turn[1, 2], -1.0, 1.0))
    roll = np.arctan2(turn[1, 0], turn[1, 1])
    return np.asarray(np.rad2deg(np.array([yaw, pitch, roll])))


def estimate_head_pose(points_px: NDArray[np.float64], camera: CameraIntrinsics) -> HeadPose | None:
    """Solve the pose from the stable points of one mesh.

    It starts from no earlier frame, so the same mesh gives the same pose live and offline.

    Parameters
    ----------
    points_px
        (478, 2 or 3) landmarks in pixels.
    camera
        The camera that took the image.

    Returns
    -------
    HeadPose or None
        None when the points allow no pose in front of the camera.
    """
    seen = np.ascontiguousarray(points_px[STABLE_LANDMARKS, :2])
    matrix = camera.matrix()
    try:
        solved, turn, move = cv2.solvePnP(
            STABLE_POINTS_MM, seen, matrix, None, flags=cv2.SOLVEPNP_SQPNP
        )
        if not solved:
            return None
        turn, move = cv2.solvePnPRefineLM(STABLE_POINTS_MM, seen, matrix, None, turn, move)
    except cv2.error:  # points on a line, or all the same
        return None
    rotation = np.asarray(cv2.Rodrigues(turn)[0], dtype=np.float64)
    translation_mm = np.asarray(move, dtype=np.float64).ravel()
    in_camera = STABLE_POINTS_MM @ rotation.T + translation_mm
    if not np.isfinite(in_camera).all() or in_camera[:, 2].min() <= 1.0:
        return None
    projected = in_camera[:, :2] / in_camera[:, 2:] * camera.focal_px
    projected += (camera.centre_x_px, camera.centre_y_px)
    rms_px = float(np.sqrt(np.mean(np.sum((projected - seen) ** 2, axis=1))))
    interocular_px = camera.focal_px * INTEROCULAR_MM / float(translation_mm[2])
    return HeadPose(rotation, translation_mm, rms_px / max(interocular_px, 1e-6))
