"""A square of the image around a point of the face, upright with the eyes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from journeylab.opencv import cv2


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """``pixels`` (side, side) or (side, side, 3) uint8, as the image has them; ``to_image`` (2, 3)
    takes a pixel of the patch, x and y, to the image."""

    pixels: NDArray[np.uint8]
    to_image: NDArray[np.float64]

    @property
    def grey(self) -> NDArray[np.uint8]:
        """The patch in grey."""
        if self.pixels.ndim == 2:
            return self.pixels
        return np.asarray(cv2.cvtColor(self.pixels, cv2.COLOR_BGR2GRAY))

    def points(self, points_px: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points (n, 2) of the image in the patch's pixels."""
        inverse = cv2.invertAffineTransform(self.to_image)
        return np.asarray(points_px @ inverse[:, :2].T + inverse[:, 2])


def upright_patch(
    image: NDArray[np.uint8],
    centre_px: NDArray[np.float64],
    axis_px: NDArray[np.float64],
    *,
    share: float,
    side: int,
) -> Patch:
    """Cut a patch.

    Parameters
    ----------
    image
        (height, width, 3) BGR, or (height, width) grey, uint8.
    centre_px
        (2,) its middle.
    axis_px
        (2,) from the participant's right eye to her left; it becomes horizontal.
    share
        Its width, in lengths of the axis.
    side
        Its width, px.
    """
    scale = share / side
    a, b = float(axis_px[0]) * scale, float(axis_px[1]) * scale
    half = (side - 1) / 2
    to_image = np.array(
        [
            [a, -b, float(centre_px[0]) - half * (a - b)],
            [b, a, float(centre_px[1]) - half * (a + b)],
        ]
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    pixels = cv2.warpAffine(
        image, to_image, (side, side), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return Patch(np.asarray(pixels), to_image)
