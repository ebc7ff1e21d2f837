"""Paint for exports and the screen: opacity and the heat ramp."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.opencv import cv2
from journeylab.report.scene import Density, Image
from journeylab.theme import Palette

_UPSAMPLED = 4
_VISIBLE_FROM = 0.04
PICTURE_SCALE: Final = 3.0
"""Pixels of a picture per pixel of the scene where a file can be zoomed."""


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


def picture_size(item: Image | Density) -> tuple[int, int]:
    """(width, height) px of a picture in a file that scales it itself: no finer than it is."""
    scale = PICTURE_SCALE
    if isinstance(item, Image):
        scale = min(scale, max(item.pixels.shape[1] / item.width, 1.0))
    return max(1, round(item.width * scale)), max(1, round(item.height * scale))


def picture_rgba(
    item: Image | Density, *, palette: Palette, size: tuple[int, int]
) -> NDArray[np.uint8]:
    """RGBA (height, width, 4) of a picture or heatmap at a ``size`` of (width, height), its
    corners and opacity in it."""
    width, height = size
    source = picture_pixels(item) if isinstance(item, Image) else heat_rgba(item.values, palette)
    how = cv2.INTER_AREA if width < source.shape[1] else cv2.INTER_CUBIC
    scaled = cv2.resize(source, (width, height), interpolation=how)
    rgba = np.full((height, width, 4), 255, dtype=np.uint8)
    rgba[:, :, : scaled.shape[2]] = scaled
    radius = item.radius_px * width / item.width
    mask = rounded_mask(width, height, radius=radius) * item.opacity
    rgba[:, :, 3] = np.round(rgba[:, :, 3] * mask).astype(np.uint8)
    return rgba


def picture_png(item: Image | Density, *, palette: Palette) -> bytes:
    """A picture as a PNG file's bytes, for formats that carry pictures."""
    rgba = picture_rgba(item, palette=palette, size=picture_size(item))
    return bytes(cv2.imencode(".png", cv2.cvtColor(rgba, cv2.COLOR_RGBA2BGRA))[1])


def rounded_mask(width: int, height: int, *, radius: float) -> NDArray[np.float32]:
    """(height, width) 0..1: 1 inside a rounded rectangle, smooth at its corners."""
    if radius < 1:
        return np.ones((height, width), dtype=np.float32)
    x = np.abs(np.arange(width) + 0.5 - width / 2) - (width / 2 - radius)
    y = np.abs(np.arange(height) + 0.5 - height / 2) - (height / 2 - radius)
    beyond = np.hypot(np.maximum(x, 0)[None, :], np.maximum(y, 0)[:, None])
    return np.asarray(np.clip(radius - beyond + 0.5, 0.0, 1.0), dtype=np.float32)
