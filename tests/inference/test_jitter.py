"""Jitter: a mesh that trembles is believed less, a head that moves is not."""

from __future__ import annotations

import numpy as np
import pytest
from made_faces import face_points_mm

from journeylab.clock import NS_PER_MS
from journeylab.inference.jitter import JitterState
from journeylab.inference.measures import Mesh

STEP_NS = 33 * NS_PER_MS


def _trust(noise_px: float, *, moves_px: float = 0.0, step_ns: int = STEP_NS) -> float:
    """How far a face of 120 px between the eyes is believed after a second."""
    rng = np.random.default_rng(1)
    face = np.asarray(face_points_mm())[:, :2]
    face = face * 120 / np.hypot(*(face[33] - face[263])) + 320
    state, trust = JitterState(), 1.0
    for at in range(30):
        way = moves_px * np.sin(at / 5) * np.array([1.0, 0.5])
        points = np.zeros((478, 3))
        points[:, :2] = (face + way + rng.normal(0, noise_px, face.shape)) / (640, 480)
        mesh = Mesh(points.astype(np.float32), 640, 480)
        state, trust = state.seen(mesh, t_ns=at * step_ns)
    return trust


def test_a_still_mesh_is_believed() -> None:
    assert _trust(0.1) == 1.0


def test_a_head_that_moves_is_no_jitter() -> None:
    assert _trust(0.1, moves_px=60) == 1.0


def test_a_trembling_mesh_is_believed_less_the_more_it_trembles() -> None:
    little, much = _trust(0.6), _trust(1.2)
    assert 1.0 > little > much


@pytest.mark.parametrize("steps", [2, 10])
def test_frames_far_apart_tell_nothing(steps: int) -> None:
    assert _trust(1.2, step_ns=steps * STEP_NS) == 1.0
