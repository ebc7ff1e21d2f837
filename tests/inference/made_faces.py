"""Meshes and observations made from numbers, for tests without a model."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from journeylab.inference.action_units import CLOSURE, FITTED, FURROW, model
from journeylab.inference.analyser import Observation
from journeylab.inference.face_model import STABLE_LANDMARKS, STABLE_POINTS_MM
from journeylab.inference.head_pose import CameraIntrinsics, rotation_matrix
from journeylab.inference.measures import Mesh
from journeylab.inference.occlusion import MouthLook
from journeylab.inference.shape import N_SHAPE

CAMERA = CameraIntrinsics(550.0, 320.0, 240.0)


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


def rest_measures() -> NDArray[np.float64]:
    """(N_MEASURES,) of a resting face."""
    return model().resting.copy()


def measures_with(*, furrow: float = 0.0, **units: float) -> NDArray[np.float64]:
    """(N_MEASURES,) of a face on which these units show with these intensities, moved as rendered
    faces move with each alone; ``furrow`` is how far the wrinkles' ln energy rose."""
    measures = rest_measures()
    for code, value in units.items():
        if code == "AU43":
            measures[CLOSURE] += value * 0.85
            continue
        moved = value * model().typical[FITTED.index(code)]
        measures[: 2 * N_SHAPE] += np.concatenate((moved, moved))
    measures[FURROW] += furrow
    return measures


def observation(measures: NDArray[np.float64], *, t_ns: int, quality: float = 1.0) -> Observation:
    """A frame with a face of these measures."""
    mesh = Mesh(np.zeros((478, 3), np.float32), width_px=640, height_px=480)
    head_pose = np.array([0.0, 0.0, 0.0, 0.0, 40.0, 600.0])
    eyes = np.array([0.0, -0.08, 0.0, -0.08, 0.3, 0.3])
    look = MouthLook(float("nan"), float("nan"))
    return Observation(t_ns, mesh, quality, 80.0, head_pose, eyes, measures, look)
