"""How a seated person's head moves: slow sway, and a little along with the eyes."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.bundle.header import ScreenGeometry
from journeylab.simulation.avatar import REST_MM
from journeylab.simulation.screens import camera_frame_mm

# Amplitudes of yaw, pitch, roll (degrees) and x, y, z (mm): a person reading a screen.
_SWAY: Final = np.array((1.6, 1.1, 0.9, 7.0, 3.0, 9.0))
_SWAY_HZ: Final = (0.05, 0.13, 0.31)
_SWAY_SHARES: Final = (0.65, 0.28, 0.10)
# Small shifts of gaze are made by the eyes; beyond some 14 degrees the head joins in.
_HEAD_SHARE: Final = 0.16
_HEAD_SHARE_FAR: Final = 0.45
_FAR_DEG: Final = 14.0
_HEAD_LAG_S: Final = 0.35


def gaze_angles_deg(
    gaze_px: NDArray[np.float64], eyes_mm: NDArray[np.float64], *, screen: ScreenGeometry
) -> NDArray[np.float64]:
    """Yaw and pitch (n, 2), camera axes, of lines of sight from eyes (n, 3) to the screen."""
    way = camera_frame_mm(gaze_px, screen=screen) - eyes_mm
    yaw = np.degrees(np.arctan2(way[:, 0], -way[:, 2]))
    pitch = np.degrees(np.arctan2(-way[:, 1], np.hypot(way[:, 0], way[:, 2])))
    return np.column_stack((yaw, pitch))


def head_over(
    t_s: NDArray[np.float64],
    gaze_px: NDArray[np.float64],
    *,
    screen: ScreenGeometry,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Head pose (n, 6), in the order of HEAD_POSE_COLUMNS, at evenly spaced times (n,)."""
    phases = rng.uniform(0, 2 * np.pi, (len(_SWAY_HZ), 6))
    detune = rng.uniform(0.8, 1.2, (len(_SWAY_HZ), 6))
    sway = np.zeros((len(t_s), 6))
    for i, (hz, share) in enumerate(zip(_SWAY_HZ, _SWAY_SHARES, strict=True)):
        sway += share * np.sin(2 * np.pi * hz * t_s[:, None] * detune[i] + phases[i])
    pose: NDArray[np.float64] = sway * _SWAY
    pose[:, 3:] += REST_MM
    angles = gaze_angles_deg(gaze_px, np.broadcast_to(REST_MM, (len(t_s), 3)), screen=screen)
    turned = _HEAD_SHARE * angles
    turned += _HEAD_SHARE_FAR * np.sign(angles) * np.maximum(np.abs(angles) - _FAR_DEG, 0)
    pose[:, :2] += _lagging(turned, step_s=float(t_s[1] - t_s[0]))
    return pose


def _lagging(values: NDArray[np.float64], *, step_s: float) -> NDArray[np.float64]:
    """Two first-order lags in a row, causal: neither position nor speed jumps."""
    n = max(1, round(5 * _HEAD_LAG_S / step_s))
    times = np.arange(n) * step_s
    kernel = times * np.exp(-times / (_HEAD_LAG_S / 2)) + 1e-12
    kernel /= kernel.sum()
    padded = np.vstack((np.repeat(values[:1], n - 1, axis=0), values))
    columns = [np.convolve(padded[:, k], kernel, mode="valid") for k in range(values.shape[1])]
    return np.column_stack(columns)
