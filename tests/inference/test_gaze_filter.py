"""The steadied point of gaze: quiet in a steady look, prompt after a leap, the same every time."""

from __future__ import annotations

import numpy as np

from journeylab.inference.gaze_filter import GazeFilter

FRAME_NS = 33_333_333


def steadied(points: np.ndarray, *, noise_px: float = 15.0) -> np.ndarray:
    state, out = GazeFilter(), []
    for at, point in enumerate(points):
        state, steady = state.seen(
            point, noise_px=noise_px, least_leap_px=100.0, t_ns=at * FRAME_NS
        )
        out.append(steady)
    return np.array(out)


def from_sample_to_sample(points: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.sum(np.diff(points, axis=0) ** 2, axis=1))))


def test_a_steady_look_becomes_quiet() -> None:
    points = np.random.default_rng(1).normal((900, 500), 20.0, size=(90, 2))
    assert from_sample_to_sample(steadied(points)[5:]) < 0.35 * from_sample_to_sample(points[5:])


def test_a_leap_of_the_eyes_is_followed_within_two_frames() -> None:
    rng = np.random.default_rng(2)
    points = np.concatenate(
        [rng.normal((300, 300), 10, (30, 2)), rng.normal((1500, 800), 10, (30, 2))]
    )
    out = steadied(points)
    assert np.hypot(*(out[29] - (300, 300))) < 30
    assert np.hypot(*(out[31] - (1500, 800))) < 30


def test_one_stray_point_is_not_followed() -> None:
    points = np.full((20, 2), 500.0)
    points[10] = (1500, 100)
    assert np.allclose(steadied(points), 500.0)


def test_a_moving_target_is_followed_within_100_ms() -> None:
    speed_px = 12.0  # a frame
    points = np.stack((300 + speed_px * np.arange(90), np.full(90, 500.0)), axis=1)
    late_frames = (points[40:, 0] - steadied(points)[40:, 0]).mean() / speed_px
    assert late_frames * FRAME_NS < 100e6


def test_closed_eyes_are_nan_and_a_new_look_begins_after_them() -> None:
    points = np.full((30, 2), 400.0)
    points[10:16] = np.nan
    points[16:] = 460.0  # less than a leap
    out = steadied(points)
    assert np.isnan(out[10:16]).all()
    assert np.allclose(out[16:], 460.0), "what was before a blink is no longer averaged in"


def test_state_in_state_out() -> None:
    points = np.random.default_rng(3).normal((900, 500), 20.0, size=(40, 2))
    assert np.array_equal(steadied(points), steadied(points))
