"""The canvas an avatar is painted on, flat from the front, and the brushes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from journeylab.opencv import cv2

PAINT_PER_MM: Final = 3.0
LEFT_MM: Final = -116.0
TOP_MM: Final = 148.0
WIDTH_MM: Final = 232.0
HEIGHT_MM: Final = 290.0

Image: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Canvas:
    """The painting's grid over the neutral head: ``per_mm`` pixels a millimetre."""

    per_mm: float

    @property
    def shape(self) -> tuple[int, int]:
        return round(HEIGHT_MM * self.per_mm), round(WIDTH_MM * self.per_mm)

    def pixels(self, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, 2) pixel positions of points (n, 2 or 3) in head axes."""
        points = np.asarray(points_mm, dtype=np.float64)
        offset = points[:, :2] - (LEFT_MM, TOP_MM)
        scaled: NDArray[np.float64] = offset * (self.per_mm, -self.per_mm)
        return scaled


PAINT: Final = Canvas(PAINT_PER_MM)


def mask_of(
    polygon_mm: NDArray[np.float64], *, blur_mm: float = 0.0, canvas: Canvas = PAINT
) -> Image:
    """A filled polygon as 0..1, its edge softened."""
    mask = np.zeros(canvas.shape, np.uint8)
    cv2.fillPoly(mask, [fixed(canvas.pixels(polygon_mm))], 255, cv2.LINE_AA, shift=4)
    return soft(mask, blur_mm * canvas.per_mm)


def stroke_of(
    line_mm: NDArray[np.float64], *, width_mm: float, blur_mm: float, canvas: Canvas = PAINT
) -> Image:
    """A line as 0..1, tapered by its softness."""
    mask = np.zeros(canvas.shape, np.uint8)
    width = max(1, round(width_mm * canvas.per_mm))
    points = fixed(canvas.pixels(smooth_line(line_mm)))
    cv2.polylines(mask, [points], False, 255, width, cv2.LINE_AA, shift=4)
    return soft(mask, blur_mm * canvas.per_mm)


def smooth_line(points: NDArray[np.float64], *, n: int = 24) -> NDArray[np.float64]:
    """A Catmull-Rom curve (n, 2) through points (m, >=2)."""
    p = np.asarray(points, dtype=np.float64)[:, :2]
    padded = np.vstack((2 * p[0] - p[1], p, 2 * p[-1] - p[-2]))
    t = np.linspace(0, len(p) - 1, n)
    i = np.minimum(t.astype(int), len(p) - 2)
    f = (t - i)[:, None]
    p0, p1, p2, p3 = (padded[i + k] for k in range(4))
    curve: NDArray[np.float64] = 0.5 * (
        2 * p1
        + (p2 - p0) * f
        + (2 * p0 - 5 * p1 + 4 * p2 - p3) * f**2
        + (3 * p1 - p0 - 3 * p2 + p3) * f**3
    )
    return curve


def fixed(points: NDArray[np.float64]) -> NDArray[np.int32]:
    """Pixel positions in the sixteenths that OpenCV draws by with shift=4."""
    return np.round(points * 16).astype(np.int32)


def soft(mask: NDArray[np.uint8], sigma_px: float) -> Image:
    """A mask 0..255 as 0..1, blurred."""
    image: Image = mask.astype(np.float32) / np.float32(255)
    if sigma_px > 0.3:
        image = cv2.GaussianBlur(image, (0, 0), sigma_px)
    return image


def blob(centre_mm: NDArray[np.float64], radii_mm: tuple[float, float]) -> Image:
    """A soft round patch, 1 in its centre."""
    height, width = PAINT.shape
    (cx, cy), (rx, ry) = PAINT.pixels(centre_mm[None])[0], radii_mm
    x = (np.arange(width, dtype=np.float32) - cx) / (rx * PAINT_PER_MM)
    y = (np.arange(height, dtype=np.float32) - cy) / (ry * PAINT_PER_MM)
    blob: Image = np.outer(np.exp(-0.5 * y**2), np.exp(-0.5 * x**2)).astype(np.float32)
    return blob


def blend(image: Image, colour: NDArray[np.float32], mask: Image) -> None:
    """Paint a colour over the image, in place, as thickly as the mask says."""
    there = _painted(mask)
    image[there] += (colour - image[there]) * mask[there][..., None]


def darken(image: Image, mask: Image, *, by: float, warmth: float = 0.35) -> None:
    """Multiply, letting red fade last as light under skin does."""
    there = _painted(mask)
    loss = np.array((1.0, 1.0 - 0.3 * warmth, 1.0 - warmth), dtype=np.float32) * by
    image[there] *= 1 - mask[there][..., None] * loss


def _painted(mask: Image) -> tuple[slice, slice]:
    """The window in which a mask shows at all: most brushes touch a small part of the canvas."""
    left, top, width, height = cv2.boundingRect(cv2.compare(mask, 1 / 1024, cv2.CMP_GT))
    return slice(top, top + height), slice(left, left + width)
