"""Meshes and observations made from numbers, for tests without a model."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from journeylab.inference.action_units import FULL_SCALE, RULES
from journeylab.inference.analyser import Observation
from journeylab.inference.face_model import STABLE_LANDMARKS, STABLE_POINTS_MM
from journeylab.inference.head_pose import CameraIntrinsics, rotation_matrix
from journeylab.inference.measures import Mesh
from journeylab.vocabulary import ACTION_UNIT_COLUMNS

CAMERA = CameraIntrinsics(550.0, 320.0, 240.0)
REST = {"AU04": -12.4, "AU12": -0.15, "AU15": 3.1, "AU25": 0.07, "AU43": 1.38}
"""Resting values in full scales, where resting faces are alike."""


def face_points_mm(seed: int = 0) -> NDArray[np.float64]:
    """(478, 3) a face-like cloud in the head's frame; the stable points are the model's."""
    rng = np.random.default_rng(seed)
    points = rng.uniform((-60, -80, 20), (60, 60, 60), size=(478, 3))
    points[STABLE_LANDMARKS] = STABLE_POINTS_MM
    return points


def seen_by(
    points_mm: NDArray[np.float64],
    *,
    angles_deg: tuple[float, float, float] = (0.0, 0.0, 0.0),
    translation_mm: tuple[float, float, float] = (0.0, 0.0, 600.0),
    camera: CameraIntrinsics = CAMERA,
) -> NDArray[np.float64]:
    """(478, 3) px: the face in that pose, in perspective, depth as the mesh gives it."""
    in_camera = points_mm @ rotation_matrix(*angles_deg).T + np.array(translation_mm)
    seen = np.empty_like(points_mm)
    seen[:, 0] = in_camera[:, 0] / in_camera[:, 2] * camera.focal_px + camera.centre_x_px
    seen[:, 1] = in_camera[:, 1] / in_camera[:, 2] * camera.focal_px + camera.centre_y_px
    seen[:, 2] = (in_camera[:, 2] - translation_mm[2]) * camera.focal_px / translation_mm[2]
    return seen


def rest_raw() -> NDArray[np.float64]:
    """(22,) raw measures of a resting face."""
    scaled = np.array([REST.get(code, 0.0) for code in ACTION_UNIT_COLUMNS])
    return scaled * FULL_SCALE


def raw_with(**units: float) -> NDArray[np.float64]:
    """(22,) raw measures of a face on which these units show with these intensities, before
    what they lend to others."""
    raw = rest_raw()
    for rule in RULES:
        if (value := units.get(rule.code)) is not None:
            at = ACTION_UNIT_COLUMNS.index(rule.code)
            active = value * (1 - rule.dead_band) + rule.dead_band
            raw[at] += active * FULL_SCALE[at]
    return raw


def observation(raw: NDArray[np.float64], *, t_ns: int, quality: float = 1.0) -> Observation:
    """A frame with a face whose raw measures these are."""
    mesh = Mesh(np.zeros((478, 3), np.float32), width_px=640, height_px=480)
    head_pose = np.array([0.0, 0.0, 0.0, 0.0, 40.0, 600.0])
    eyes = np.array([0.0, -0.08, 0.0, -0.08, 0.3, 0.3])
    return Observation(t_ns, mesh, quality, 80.0, head_pose, eyes, raw)
