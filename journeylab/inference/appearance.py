"""What the image itself tells: wrinkles between the brows, light and sharpness of the face."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.inference.patch import upright_patch
from journeylab.opencv import cv2

# The whole face, brow to chin, at one size whatever the camera: 64 px hold what blur and light
# need, and cost 20 µs.
_FACE_SIDE: Final = 64
# Between the brows: 32 px over 0.42 interocular distances, so a furrow (2 to 4 mm) is 2 to 4 px.
_GLABELLA_SIDE: Final = 32
_GLABELLA_SHARE: Final = 0.42
_INNER_BROWS: Final = np.array([55, 285, 107, 336])
_BRIDGE: Final = 168
_RIGHT_OUTER_CORNER: Final = 33
_LEFT_OUTER_CORNER: Final = 263
_NOSE_TIP: Final = 4


@dataclass(frozen=True, slots=True)
class Appearance:
    """``furrow``: energy of vertical wrinkles between the brows, relative to their light;
    ``luma`` mean 0..255 and ``contrast`` standard deviation of the face; ``sharpness`` mean
    absolute Laplacian relative to the contrast; ``clipped`` share of blown or black pixels."""

    furrow: float
    luma: float
    contrast: float
    sharpness: float
    clipped: float


def appearance(image: NDArray[np.uint8], points_px: NDArray[np.float64]) -> Appearance:
    """Measure the image at the face.

    Parameters
    ----------
    image
        (height, width, 3) BGR, or (height, width) grey, uint8.
    points_px
        (478, 2 or 3) landmarks in pixels.
    """
    right, left = points_px[_RIGHT_OUTER_CORNER, :2], points_px[_LEFT_OUTER_CORNER, :2]
    axis = left - right
    middle = points_px[_NOSE_TIP, :2]
    face = upright_patch(image, middle, axis, share=1.5, side=_FACE_SIDE).grey
    brows = points_px[_INNER_BROWS, :2].mean(axis=0)
    between = (brows + points_px[_BRIDGE, :2]) / 2
    glabella = upright_patch(image, between, axis, share=_GLABELLA_SHARE, side=_GLABELLA_SIDE).grey
    mean, deviation = cv2.meanStdDev(face)
    luma, contrast = float(mean[0, 0]), float(deviation[0, 0])
    laplacian = cv2.Laplacian(face, cv2.CV_32F)
    sharpness = float(cv2.norm(laplacian, cv2.NORM_L1)) / laplacian.size / max(contrast, 1.0)
    n_clipped = int(np.count_nonzero((face <= 3) | (face >= 252)))
    return Appearance(_furrow(glabella), luma, contrast, sharpness, n_clipped / face.size)


def _furrow(glabella: NDArray[np.uint8]) -> float:
    """Mean absolute horizontal second derivative at furrow width, relative to mean light."""
    smooth = cv2.GaussianBlur(glabella, (5, 5), 0).astype(np.float32)
    bend = smooth[:, :-8] - 2 * smooth[:, 4:-4] + smooth[:, 8:]
    return float(np.abs(bend).mean() / max(float(smooth.mean()), 8.0))
