"""Paint for exports and the screen: opacity and the heat ramp."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from journeylab.opencv import cv2
from journeylab.report.scene import Image
from journeylab.theme import Palette

_UPSAMPLED = 4
_VISIBLE_FROM = 0.04


def rgb_of(colour: str) -> tuple[float, float, float]:
    """``#RRGGBB`` as red, green, blue 0..1."""
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue


def heat_rgba(density: NDArray[np.float32], palette: Palette) -> NDArray[np.uint8]:
    """Paint a gaze density.

    Parameters
    ----------
    density
        (h, w), 0..1.

    Returns
    -------
    (4h, 4w, 4) uint8 RGBA, see-through where nobody looked.
    """
    size = (density.shape[1] * _UPSAMPLED, density.shape[0] * _UPSAMPLED)
    fine = np.clip(cv2.resize(density, size, interpolation=cv2.INTER_CUBIC), 0.0, 1.0)
    stops = np.array([rgb_of(colour) for colour in palette.heat_ramp])
    places = np.linspace(0.0, 1.0, len(stops))
    rgba = np.empty((*fine.shape, 4))
    for channel in range(3):
        rgba[..., channel] = np.interp(fine, places, stops[:, channel])
    rgba[..., 3] = 0.92 * np.clip((fine - _VISIBLE_FROM) / 0.45, 0.0, 1.0) ** 0.7
    return np.asarray(np.round(rgba * 255), dtype=np.uint8)


def picture_pixels(image: Image) -> NDArray[np.uint8]:
    """RGB pixels (h, w, 3) of a picture as it is to be painted."""
    if not image.is_grey:
        return np.ascontiguousarray(image.pixels)
    grey = cv2.cvtColor(np.ascontiguousarray(image.pixels), cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), dtype=np.uint8)


def rounded_mask(width: int, height: int, *, radius: float) -> NDArray[np.float32]:
    """(height, width) 0..1: 1 inside a rounded rectangle, smooth at its corners."""
    if radius < 1:
        return np.ones((height, width), dtype=np.float32)
    x = np.abs(np.arange(width) + 0.5 - width / 2) - (width / 2 - radius)
    y = np.abs(np.arange(height) + 0.5 - height / 2) - (height / 2 - radius)
    beyond = np.hypot(np.maximum(x, 0)[None, :], np.maximum(y, 0)[:, None])
    return np.asarray(np.clip(radius - beyond + 0.5, 0.0, 1.0), dtype=np.float32)
