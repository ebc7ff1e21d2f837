"""Gaze density by time, with a kernel as wide as gaze is uncertain."""

from __future__ import annotations

import numpy as np
import pytest

from journeylab.analysis.heatmap import COLUMNS, ROWS, gaze_density, normalise
from journeylab.clock import NS_PER_S

SCREEN = (1280, 800)


def _look(x: float, y: float, *, n: int = 90, sigma_px: float = 40.0, rate_hz: float = 30.0):
    t_ns = (np.arange(n) / rate_hz * NS_PER_S).astype(np.int64)
    gaze = np.tile([x, y], (n, 1)).astype(float)
    return t_ns, gaze, np.full(n, sigma_px)


def test_the_peak_lies_where_they_looked() -> None:
    density = gaze_density(*_look(320, 600), screen_px=SCREEN)
    assert density is not None
    row, column = np.unravel_index(np.argmax(density), density.shape)
    assert abs((column + 0.5) / COLUMNS - 0.25) < 0.02
    assert abs((row + 0.5) / ROWS - 0.75) < 0.02


def test_time_is_kept_whatever_the_blur() -> None:
    for sigma_px in (5.0, 60.0, 200.0):
        density = gaze_density(*_look(10, 10, sigma_px=sigma_px), screen_px=SCREEN)
        assert density is not None
        assert density.sum() == pytest.approx(3.0, abs=0.05)


def test_twice_the_time_is_twice_the_heat() -> None:
    left, right = _look(300, 400, n=30), _look(1000, 400, n=60)
    t_ns = np.concatenate([left[0], right[0] + NS_PER_S])
    density = gaze_density(
        t_ns,
        np.concatenate([left[1], right[1]]),
        np.concatenate([left[2], right[2]]),
        screen_px=SCREEN,
    )
    assert density is not None
    half = COLUMNS // 2
    assert density[:, half:].max() / density[:, :half].max() == pytest.approx(2.0, rel=0.08)


def test_the_kernel_is_as_wide_as_gaze_is_uncertain() -> None:
    for sigma_px in (50.0, 120.0):
        density = gaze_density(*_look(640, 400, sigma_px=sigma_px), screen_px=SCREEN)
        assert density is not None
        profile = density.sum(axis=0)
        at_px = (np.arange(COLUMNS) + 0.5) * SCREEN[0] / COLUMNS
        mean = np.average(at_px, weights=profile)
        spread = np.sqrt(np.average((at_px - mean) ** 2, weights=profile))
        assert spread == pytest.approx(sigma_px, rel=0.1)


def test_gaze_beside_the_screen_is_left_out() -> None:
    assert gaze_density(*_look(-50, 400), screen_px=SCREEN) is None
    assert gaze_density(*_look(np.nan, np.nan), screen_px=SCREEN) is None
    assert gaze_density(*_look(0, 0, n=0), screen_px=SCREEN) is None


def test_a_lost_face_is_no_fixation() -> None:
    t_ns, gaze, sigma = _look(640, 400, n=2)
    t_ns[1] = 60 * NS_PER_S
    density = gaze_density(t_ns, gaze, sigma, screen_px=SCREEN)
    assert density is not None
    assert density.sum() < 0.2


def test_normalised_density_peaks_at_one() -> None:
    assert normalise(np.array([[0.0, 4.0]])).tolist() == [[0.0, 1.0]]
    assert normalise(np.zeros((2, 2))).max() == 0.0
