"""Draws what the mesh leaves open: the eyeballs between the lids and the inside of the mouth.

Each is painted four times too large on a small patch and averaged down, so that an iris moves by
fractions of a pixel without a jump.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.opencv import cv2
from journeylab.simulation.avatar_looks import Looks
from journeylab.simulation.avatar_shape import (
    INNER_LIP_LOWER,
    INNER_LIP_UPPER,
    LEFT_EYE_LOWER,
    LEFT_EYE_UPPER,
    RIGHT_EYE_LOWER,
    RIGHT_EYE_UPPER,
    NeutralHead,
    shifted,
)

EYEBALL_TO_IRIS_MM: Final = 10.4
IRIS_RADIUS_MM: Final = 5.9
PUPIL_RADIUS_MM: Final = 2.2
_FINE: Final = 4  # painted this many times too large
_SHIFT: Final = 4
_EYES: Final = ((RIGHT_EYE_UPPER, RIGHT_EYE_LOWER), (LEFT_EYE_UPPER, LEFT_EYE_LOWER))

Projection = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""Head axes, mm (n, 3) to pixels (n, 2)."""


@dataclass(frozen=True, slots=True, eq=False)
class _Patch:
    """A supersampled window of the frame, painted and then laid on it through a mask."""

    left: int
    top: int
    paint: NDArray[np.uint8]
    mask: NDArray[np.uint8]

    def points(self, pixels: NDArray[np.float64]) -> NDArray[np.int32]:
        """Fixed-point positions on the patch of frame pixels (n, 2)."""
        fine = (pixels - (self.left - 0.5, self.top - 0.5)) * _FINE - 0.5
        return np.round(fine * (1 << _SHIFT)).astype(np.int32)

    def circle(
        self, centre: NDArray[np.float64], radius_px: float, colour: tuple[float, ...]
    ) -> None:
        x, y = self.points(centre[None])[0].tolist()
        radius = max(1, round(radius_px * _FINE * (1 << _SHIFT)))
        cv2.circle(self.paint, (x, y), radius, colour, -1, cv2.LINE_AA, _SHIFT)

    def polygon(self, pixels: NDArray[np.float64], colour: tuple[float, ...]) -> None:
        cv2.fillPoly(self.paint, [self.points(pixels)], colour, cv2.LINE_AA, _SHIFT)

    def lay_on(self, frame: NDArray[np.uint8]) -> None:
        size = (self.paint.shape[1] // _FINE, self.paint.shape[0] // _FINE)
        paint = cv2.resize(self.paint, size, interpolation=cv2.INTER_AREA)
        mask = cv2.resize(self.mask, size, interpolation=cv2.INTER_AREA)
        mask = cv2.merge((mask, mask, mask))
        window = frame[self.top : self.top + size[1], self.left : self.left + size[0]]
        under = cv2.multiply(window, cv2.bitwise_not(mask), scale=1 / 255)
        cv2.add(under, cv2.multiply(paint, mask, scale=1 / 255), dst=window)


def _patch(
    outline: NDArray[np.float64], frame: NDArray[np.uint8], colour: tuple[float, ...]
) -> _Patch | None:
    """A patch around an outline (n, 2) px, or None where it lies off the frame."""
    low = np.floor(outline.min(axis=0)).astype(int) - 2
    high = np.ceil(outline.max(axis=0)).astype(int) + 3
    height, width = frame.shape[:2]
    left, top = max(int(low[0]), 0), max(int(low[1]), 0)
    right, bottom = min(int(high[0]), width), min(int(high[1]), height)
    if right - left < 2 or bottom - top < 2:
        return None
    size = ((bottom - top) * _FINE, (right - left) * _FINE)
    paint = np.empty((*size, 3), np.uint8)
    paint[:] = colour
    patch = _Patch(left, top, paint, np.zeros(size, np.uint8))
    cv2.fillPoly(patch.mask, [patch.points(outline)], 255, cv2.LINE_AA, _SHIFT)
    return patch


class EyePainter:
    """Draws both eyes of one avatar."""

    def __init__(self, head: NeutralHead, looks: Looks) -> None:
        self._centres = [head.points[[upper[0], upper[-1]]].mean(axis=0) for upper, _ in _EYES]
        for centre, iris in zip(self._centres, (468, 473), strict=True):
            centre[1] += 0.6
            centre[2] = head.points[iris, 2] - EYEBALL_TO_IRIS_MM
        self._white = _bgr(np.array((0.86, 0.88, 0.90)) * (0.9 + 0.1 * looks.skin[2]))
        self._shadow = _bgr(np.array((0.52, 0.53, 0.60)) * (0.85 + 0.15 * looks.skin[2]))
        self._iris = _bgr(looks.iris)
        self._iris_rim = _bgr(looks.iris * 0.45)
        self._iris_light = _bgr(np.clip(looks.iris * 1.35, 0, 1))
        self._corner = _bgr(looks.skin * np.array((0.62, 0.60, 0.85)))

    def paint(
        self,
        frame: NDArray[np.uint8],
        points: NDArray[np.float64],
        *,
        project: Projection,
        gaze: NDArray[np.float64],
        px_per_mm: float,
    ) -> None:
        """Draw on the frame; ``points`` are the moved head's, ``gaze`` a unit vector, head axes."""
        for (upper, lower), centre in zip(_EYES, self._centres, strict=True):
            top, bottom = points[list(upper)], points[list(lower)]
            aperture_mm = float((top[1:-1, 1] - bottom[1:-1, 1]).max())
            if aperture_mm < 0.7:
                continue
            rim = np.vstack((_rounded(top), _rounded(bottom)[::-1]))
            outline = project(rim)
            patch = _patch(outline, frame, self._white)
            if patch is None:
                continue
            iris = project((centre + gaze * EYEBALL_TO_IRIS_MM)[None])[0]
            inner = project(top[-1:])[0]
            patch.circle(inner, 2.6 * px_per_mm, self._corner)
            radius = IRIS_RADIUS_MM * px_per_mm
            patch.circle(iris, radius, self._iris_rim)
            patch.circle(iris, radius * 0.86, self._iris)
            patch.circle(shifted(iris, 0.0, 0.35 * radius), radius * 0.42, self._iris_light)
            patch.circle(iris, PUPIL_RADIUS_MM * px_per_mm, (14.0, 14.0, 16.0))
            _shade_under_lid(patch, project(_rounded(top)), depth_px=1.9 * px_per_mm)
            glint = iris + np.array((-0.30, -0.34)) * radius
            patch.circle(glint, 1.05 * px_per_mm, (250.0, 250.0, 250.0))
            patch.lay_on(frame)


def _shade_under_lid(patch: _Patch, edge: NDArray[np.float64], *, depth_px: float) -> None:
    """The upper lid's shadow on the eyeball."""
    shade = np.zeros(patch.mask.shape, np.uint8)
    thickness = max(1, round(2 * depth_px * _FINE))
    cv2.polylines(shade, [patch.points(edge)], False, 110, thickness, cv2.LINE_8, _SHIFT)
    shade = cv2.blur(shade, (2 * _FINE + 1, 2 * _FINE + 1))
    keep = cv2.bitwise_not(shade)
    cv2.multiply(patch.paint, cv2.merge((keep, keep, keep)), dst=patch.paint, scale=1 / 255)


def paint_mouth(
    frame: NDArray[np.uint8],
    points: NDArray[np.float64],
    *,
    project: Projection,
    px_per_mm: float,
) -> None:
    """Draw teeth, tongue and dark between parted lips; nothing while they are closed."""
    top, bottom = points[list(INNER_LIP_UPPER)], points[list(INNER_LIP_LOWER)]
    gap_mm = float((top[:, 1] - bottom[:, 1]).max())
    if gap_mm < 0.4:
        return
    upper, lower = project(_rounded(top)), project(_rounded(bottom))
    patch = _patch(np.vstack((upper, lower[::-1])), frame, (30.0, 26.0, 52.0))
    if patch is None:
        return
    if gap_mm > 6.0:
        middle = lower[len(lower) // 2] + (0.0, -0.05 * gap_mm * px_per_mm)
        patch.circle(middle, 9.0 * px_per_mm, (74.0, 66.0, 138.0))
    # Upper teeth hang from the skull: they stay where they are while the jaw drops.
    inset = upper[3:-3]
    depth = np.minimum(0.62 * gap_mm, 5.2) * px_per_mm
    arch = depth * (1 - 0.35 * np.linspace(-1, 1, len(inset)) ** 2)
    teeth = np.vstack((inset, (inset + np.column_stack((np.zeros(len(inset)), arch)))[::-1]))
    patch.polygon(teeth, (206.0, 216.0, 222.0))
    _shade_under_lid(patch, upper, depth_px=1.2 * px_per_mm)
    patch.lay_on(frame)


def _rounded(chain: NDArray[np.float64]) -> NDArray[np.float64]:
    """A chain (n, 3) with a point between each two, cut round (Chaikin's corner cutting)."""
    near, far = chain[:-1] * 0.75 + chain[1:] * 0.25, chain[:-1] * 0.25 + chain[1:] * 0.75
    middle = np.stack((near, far), axis=1).reshape(-1, chain.shape[1])
    return np.vstack((chain[:1], middle, chain[-1:]))


def _bgr(colour: NDArray[np.floating]) -> tuple[float, ...]:
    return tuple(float(np.clip(value, 0, 1)) * 255 for value in colour)
