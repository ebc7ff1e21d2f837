"""Gaze calibration: a known mapping comes back, outliers go, unfit input is refused."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from journeylab.errors import InferenceError
from journeylab.inference.gaze import N_FEATURES, GazeCalibration, GazeSample
from journeylab.inference.gaze_fit import fit_gaze

SCREEN_PX = (1920, 1080)
POINTS_PX = [(x, y) for x in (192, 960, 1728) for y in (108, 540, 972)]
MM_PER_PX = 0.18


def eyes_on(
    target_px: tuple[float, float], *, yaw_deg: float = 0.0, x_mm: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Features and head pose of a model eye looking at a point of a screen below the camera."""
    head_pose = np.array([yaw_deg, 0.0, 0.0, x_mm, 40.0, 600.0])
    # The camera sees the participant's right on its left: pixels grow to -x.
    to_x_mm = -(target_px[0] - SCREEN_PX[0] / 2) * MM_PER_PX - x_mm
    to_y_mm = 10 + target_px[1] * MM_PER_PX - 40.0
    gaze_yaw = math.degrees(math.atan2(to_x_mm, 600.0))
    gaze_pitch = -math.degrees(math.atan2(to_y_mm, 600.0))
    features = np.zeros(N_FEATURES)
    features[-2:] = gaze_yaw, gaze_pitch
    return features, head_pose


def samples_at(
    points: list[tuple[int, int]], *, n: int = 20, noise: float = 0.0, seed: int = 0
) -> list[GazeSample]:
    rng = np.random.default_rng(seed)
    samples = []
    for point in points:
        features, head_pose = eyes_on(point)
        for _ in range(n):
            jittered = features + rng.normal(0, noise, N_FEATURES)
            samples.append(GazeSample(jittered, head_pose, np.array(point, dtype=np.float64)))
    return samples


def miss_px(calibration: GazeCalibration, target: tuple[float, float], **head: float) -> float:
    point, _ = calibration.predict(*eyes_on(target, **head))
    return float(np.hypot(*(point - target)))


CHECKS = [(500, 300), (1400, 300), (960, 800), (400, 900), (1500, 850)]


def test_a_known_mapping_comes_back_between_the_points() -> None:
    calibration = fit_gaze(samples_at(POINTS_PX, noise=0.3), screen_px=SCREEN_PX)
    assert np.median([miss_px(calibration, check) for check in CHECKS]) < 40
    assert calibration.n_used > 0.9 * calibration.n_all
    assert calibration.screen_px == SCREEN_PX


def test_head_movement_is_carried_without_having_been_calibrated() -> None:
    calibration = fit_gaze(samples_at(POINTS_PX, noise=0.3), screen_px=SCREEN_PX)
    turned = [miss_px(calibration, check, yaw_deg=8.0, x_mm=30.0) for check in CHECKS]
    assert np.median(turned) < 80, "a map without the head would be off by hundreds"


def test_outliers_are_rejected() -> None:
    clean = samples_at(POINTS_PX, noise=0.3)
    rng = np.random.default_rng(7)
    wild = [
        GazeSample(one.features + rng.normal(0, 30.0, N_FEATURES), one.head_pose, one.target_px)
        for one in clean[::6]
    ]
    with_wild = fit_gaze(clean + wild, screen_px=SCREEN_PX)
    assert with_wild.n_used <= len(clean) + 0.4 * len(wild)
    assert np.median([miss_px(with_wild, check) for check in CHECKS]) < 60


def test_lost_frames_are_left_out() -> None:
    lost = GazeSample(np.full(N_FEATURES, np.nan), np.full(6, np.nan), np.array([1.0, 2.0]))
    samples = samples_at(POINTS_PX, noise=0.3)
    assert fit_gaze([*samples, *[lost] * 50], screen_px=SCREEN_PX).n_all == len(samples) + 50


@pytest.mark.parametrize(
    ("samples", "says"),
    [
        ([], "Only 0 of 0"),
        (samples_at(POINTS_PX[:3]), "Only 3 calibration points"),
        (samples_at([(x, 540) for x in range(100, 1900, 300)]), "on one line"),
        (samples_at(POINTS_PX, n=1), "Only 9 of 9"),
    ],
)
def test_too_little_is_refused(samples: list[GazeSample], says: str) -> None:
    with pytest.raises(InferenceError, match=says):
        fit_gaze(samples, screen_px=SCREEN_PX)


def test_eyes_that_do_not_move_are_refused() -> None:
    features, head_pose = eyes_on((960, 540))
    still = [
        GazeSample(features, head_pose, np.array(point, dtype=np.float64))
        for point in POINTS_PX * 5
    ]
    with pytest.raises(InferenceError, match="did not move"):
        fit_gaze(still, screen_px=SCREEN_PX)


def test_eyes_that_follow_nothing_are_refused() -> None:
    rng = np.random.default_rng(8)
    shuffled = [
        GazeSample(one.features, one.head_pose, np.array(POINTS_PX[rng.integers(9)], dtype=float))
        for one in samples_at(POINTS_PX, noise=0.3)
    ]
    with pytest.raises(InferenceError, match="did not follow"):
        fit_gaze(shuffled, screen_px=SCREEN_PX)


def test_uncertainty_grows_with_noise_and_away_from_what_was_calibrated() -> None:
    quiet = fit_gaze(samples_at(POINTS_PX, noise=0.2), screen_px=SCREEN_PX)
    noisy = fit_gaze(samples_at(POINTS_PX, noise=4.0), screen_px=SCREEN_PX)
    centre = eyes_on((960, 540))
    assert noisy.predict(*centre)[1] > 2 * quiet.predict(*centre)[1]
    strayed = eyes_on((960, 540), yaw_deg=15.0, x_mm=80.0)
    assert quiet.predict(*strayed)[1] > 2 * quiet.predict(*centre)[1]


def test_nan_in_nan_out() -> None:
    calibration = fit_gaze(samples_at(POINTS_PX, noise=0.3), screen_px=SCREEN_PX)
    point, deviation = calibration.predict(np.full(N_FEATURES, np.nan), np.full(6, np.nan))
    assert np.isnan(point).all() and math.isnan(deviation)


def test_json_gives_the_same_gaze() -> None:
    calibration = fit_gaze(samples_at(POINTS_PX, noise=0.3), screen_px=SCREEN_PX)
    again = GazeCalibration.from_json(calibration.to_json())
    features, head_pose = eyes_on((700, 600))
    before, after = (one.predict(features, head_pose) for one in (calibration, again))
    assert np.array_equal(before[0], after[0]) and before[1] == after[1]
    assert again.screen_px == SCREEN_PX and again.n_used == calibration.n_used


@pytest.mark.parametrize("text", ["", "[]", '{"version": "gaze-1"}', '{"version": "gaze-2"}'])
def test_something_else_is_no_calibration(text: str) -> None:
    with pytest.raises(InferenceError, match="not a gaze calibration"):
        GazeCalibration.from_json(text)


def test_a_calibration_of_the_wrong_shape_is_refused() -> None:
    calibration = fit_gaze(samples_at(POINTS_PX, noise=0.3), screen_px=SCREEN_PX)
    stored = json.loads(calibration.to_json())
    stored["weights"] = stored["weights"][:3]
    with pytest.raises(InferenceError, match="not a gaze calibration"):
        GazeCalibration.from_json(json.dumps(stored))
