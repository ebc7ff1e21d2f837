"""Where they looked: density of fixations over a screen, by their duration."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

COLUMNS: Final = 96
ROWS: Final = 54
MIN_KERNEL_CELLS: Final = 1.2


def fixation_density(
    centre_px: NDArray[np.floating],
    duration_s: NDArray[np.floating],
    *,
    screen_px: tuple[int, int],
    sigma_px: float,
) -> NDArray[np.float64] | None:
    """Seconds of fixation per cell of the screen, blurred as widely as gaze is off.

    By duration, not by samples: a saccade rests nowhere, and a camera that loses frames does not
    make a place cooler.

    Parameters
    ----------
    centre_px
        (n, 2) where the fixations rested, from the screen's top-left corner.
    duration_s
        (n,) for how long; 0 for one that does not count.
    screen_px
        Width and height of the screen.
    sigma_px
        The kernel's standard deviation: the gaze error of the session, per axis.

    Returns
    -------
    (ROWS, COLUMNS) seconds, or None when no fixation lies on the screen. One beside the screen is
    left out, not moved to its edge.
    """
    width_px, height_px = screen_px
    x, y = centre_px[:, 0] / width_px, centre_px[:, 1] / height_px
    counts = (x >= 0) & (x < 1) & (y >= 0) & (y < 1) & (duration_s > 0)
    if not counts.any():
        return None
    cells, _, _ = np.histogram2d(
        y[counts],
        x[counts],
        bins=(ROWS, COLUMNS),
        range=((0, 1), (0, 1)),
        weights=duration_s[counts],
    )
    return _blur(
        cells,
        sigma_rows=max(sigma_px / height_px * ROWS, MIN_KERNEL_CELLS),
        sigma_columns=max(sigma_px / width_px * COLUMNS, MIN_KERNEL_CELLS),
    )


def normalise(density: NDArray[np.float64]) -> NDArray[np.float32]:
    """The density as a share 0..1 of its peak."""
    peak = float(density.max())
    if peak <= 0:
        return np.zeros(density.shape, dtype=np.float32)
    return np.asarray(density / peak, dtype=np.float32)


def _blur(
    cells: NDArray[np.float64], *, sigma_rows: float, sigma_columns: float
) -> NDArray[np.float64]:
    """Gaussian blur that loses no time over the edge: what would fall off stays at its cell."""
    by_rows = _smoothing_matrix(ROWS, sigma_rows)
    by_columns = _smoothing_matrix(COLUMNS, sigma_columns)
    return np.asarray(by_rows @ cells @ by_columns.T, dtype=np.float64)


def _smoothing_matrix(n: int, sigma: float) -> NDArray[np.float64]:
    index = np.arange(n)
    kernel = np.exp(-0.5 * ((index[:, None] - index[None, :]) / sigma) ** 2)
    return np.asarray(kernel / kernel.sum(axis=0, keepdims=True), dtype=np.float64)
