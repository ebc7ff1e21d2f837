"""Heat by the time eyes rested, with a kernel as wide as gaze is off."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from journeylab.analysis.heatmap import COLUMNS, ROWS, fixation_density, normalise

SCREEN = (1280, 800)


def _heat(*looks: tuple[float, float, float], sigma_px: float = 40.0) -> NDArray[np.float64] | None:
    """Heat of fixations at (x, y) for some seconds."""
    places = np.array(looks, dtype=np.float64).reshape(-1, 3)
    return fixation_density(places[:, :2], places[:, 2], screen_px=SCREEN, sigma_px=sigma_px)


def test_the_peak_lies_where_they_looked() -> None:
    density = _heat((320, 600, 3.0))
    assert density is not None
    row, column = np.unravel_index(np.argmax(density), density.shape)
    assert abs((column + 0.5) / COLUMNS - 0.25) < 0.02
    assert abs((row + 0.5) / ROWS - 0.75) < 0.02


def test_time_is_kept_whatever_the_blur() -> None:
    for sigma_px in (0.0, 5.0, 60.0, 200.0):
        density = _heat((10, 10, 3.0), sigma_px=sigma_px)
        assert density is not None
        assert density.sum() == pytest.approx(3.0)


def test_twice_the_time_is_twice_the_heat_in_however_many_fixations() -> None:
    density = _heat((300, 400, 1.0), (1000, 400, 0.5), (1000, 400, 1.2), (1000, 400, 0.3))
    assert density is not None
    half = COLUMNS // 2
    assert density[:, half:].max() / density[:, :half].max() == pytest.approx(2.0, rel=0.08)


def test_the_kernel_is_as_wide_as_gaze_is_off() -> None:
    for sigma_px in (50.0, 120.0):
        density = _heat((640, 400, 3.0), sigma_px=sigma_px)
        assert density is not None
        profile = density.sum(axis=0)
        at_px = (np.arange(COLUMNS) + 0.5) * SCREEN[0] / COLUMNS
        mean = np.average(at_px, weights=profile)
        spread = np.sqrt(np.average((at_px - mean) ** 2, weights=profile))
        assert spread == pytest.approx(sigma_px, rel=0.1)


def test_fixations_beside_the_screen_are_left_out() -> None:
    assert _heat((-50, 400, 3.0)) is None
    assert _heat((640, 400, 0.0)) is None
    assert _heat() is None
    density = _heat((-50, 400, 3.0), (640, 400, 1.0))
    assert density is not None
    assert density.sum() == pytest.approx(1.0)


def test_normalised_density_peaks_at_one() -> None:
    assert normalise(np.array([[0.0, 4.0]])).tolist() == [[0.0, 1.0]]
    assert normalise(np.zeros((2, 2))).max() == 0.0
