"""Where they looked: density of the point of gaze over a screen, by time."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.clock import NS_PER_S

COLUMNS: Final = 96
ROWS: Final = 54
LONGEST_SAMPLE_S: Final = 0.1
"""A sample stands for the time to the next one, at most this long: a lost face is no fixation."""
MIN_KERNEL_CELLS: Final = 1.2


def gaze_density(
    t_ns: NDArray[np.int64],
    gaze_px: NDArray[np.floating],
    uncertainty_px: NDArray[np.floating],
    *,
    screen_px: tuple[int, int],
) -> NDArray[np.float64] | None:
    """Seconds of gaze per cell of the screen, blurred as widely as gaze is uncertain.

    Parameters
    ----------
    t_ns
        (n,) sorted times of the samples.
    gaze_px
        (n, 2) from the screen's top-left corner; NaN where unknown.
    uncertainty_px
        (n,) one standard deviation of the point of gaze; its median is the kernel's.
    screen_px
        Width and height of the screen.

    Returns
    -------
    (ROWS, COLUMNS) seconds, or None when no sample lies on the screen. Gaze beside the screen
    is left out, not moved to its edge.
    """
    if len(t_ns) == 0:
        return None
    width_px, height_px = screen_px
    dwell_s = np.append(np.diff(t_ns) / NS_PER_S, LONGEST_SAMPLE_S / 3)
    dwell_s = np.clip(dwell_s, 0.0, LONGEST_SAMPLE_S)
    x, y = gaze_px[:, 0] / width_px, gaze_px[:, 1] / height_px
    on_screen = (x >= 0) & (x < 1) & (y >= 0) & (y < 1)
    if not on_screen.any():
        return None
    cells, _, _ = np.histogram2d(
        y[on_screen],
        x[on_screen],
        bins=(ROWS, COLUMNS),
        range=((0, 1), (0, 1)),
        weights=dwell_s[on_screen],
    )
    known = uncertainty_px[on_screen]
    known = known[np.isfinite(known)]
    sigma_px = float(np.median(known)) if len(known) else 0.0
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
