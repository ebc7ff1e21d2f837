"""Where the image itself puts the irises: the limbus, the edge from the iris to the white.

The mesh's iris points lean on what irises usually do: they are noisy by a third of a pixel and
drawn to the middle of the eye. One degree of gaze is a sixth of a pixel at 640x480, so the edge is
searched for in the image, around where the mesh puts it. An iris is a disc of almost the same size
in everyone (11.8 mm; Rüfer, Schröder & Erb 2005), so a ring of that size is laid on every place in
reach, and the place where it steps most from dark inside to light outside, along the arcs that lids
leave free, is the iris (after Daugman's integro-differential operator, 1993).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.inference.patch import upright_patch
from journeylab.opencv import cv2

IRIS_RADIUS_MM: Final = 5.9
LIMBUS_FEATURES: Final = 6

# Participant's left eye, then right.
_IRIS: Final = np.array([[473, 474, 475, 476, 477], [468, 469, 470, 471, 472]])
# Pixels of the patch per iris radius: about one for one at 640x480.
_RADIUS: Final = 8
_EDGE: Final = 0.3  # how far inside and outside the edge is compared, in radii
_UP_DEG: Final = 50.0  # the upper lid covers what is above
_DOWN_DEG: Final = 80.0
_REACH: Final = 5  # patch pixels searched to each side: the mesh is rarely further off
_WINDOW: Final = 6.0  # where the weight of a place falls to nothing
_DARK: Final = 20.0  # in dark shadow a ratio of light is only noise


def _ring() -> NDArray[np.float32]:
    """Weights of the ring, square: their sum inside the edge is -1, outside 1."""
    side = int(_RADIUS * (1 + _EDGE) + 2)
    y, x = np.mgrid[-side : side + 1, -side : side + 1].astype(np.float64)
    from_edge = np.hypot(x, y) / _RADIUS - 1.0
    below_deg = np.degrees(np.arctan2(y, np.abs(x)))
    weight = np.clip(1.0 - np.abs(from_edge) / _EDGE, 0.0, 1.0)
    weight *= (below_deg < _DOWN_DEG) & (below_deg > -_UP_DEG)
    weight *= np.clip(from_edge * _RADIUS, -1.0, 1.0)
    weight[weight > 0] /= weight[weight > 0].sum()
    weight[weight < 0] /= -weight[weight < 0].sum()
    return np.asarray(weight, dtype=np.float32)


def _window() -> NDArray[np.float32]:
    y, x = np.mgrid[-_REACH : _REACH + 1, -_REACH : _REACH + 1]
    nearness = np.maximum(1.0 - (x * x + y * y) / _WINDOW**2, 0.0)
    return np.asarray(nearness, dtype=np.float32)


_RING: Final = _ring()
_NEARNESS: Final = _window()
_SIDE: Final = len(_RING) + 2 * _REACH


def mesh_irises_px(points_px: NDArray[np.float64]) -> NDArray[np.float64]:
    """(2, 2) px: iris centres of the participant's left and right eye, as the mesh has them."""
    return np.asarray(points_px[_IRIS, :2].mean(axis=1))


def limbus_features(
    image: NDArray[np.uint8],
    irises_px: NDArray[np.float64],
    *,
    radius_px: float,
    roll_deg: float,
) -> NDArray[np.float64]:
    """Find both irises in the image.

    Parameters
    ----------
    image
        (height, width, 3) BGR, or (height, width) grey, uint8.
    irises_px
        (2, 2) where to search, from :func:`mesh_irises_px`.
    radius_px
        An iris's radius in this image.
    roll_deg
        Roll of the head, counter-clockwise: the ring is laid on upright.

    Returns
    -------
    (6,)
        Left x, left y, right x, right y: the image's iris centre from the mesh's, in iris radii,
        along the head's axes (x to the right of the image, y down); left and right contrast:
        natural logarithm of the light outside the edge over that inside, 0 and below where there
        is no iris to see.
    """
    found = np.empty(LIMBUS_FEATURES)
    turn = np.deg2rad(roll_deg)
    width_px = _SIDE * radius_px / _RADIUS
    axis = width_px * np.array([np.cos(turn), -np.sin(turn)])
    for eye in range(2):
        middle = irises_px[eye] - 0.5  # OpenCV counts from the middle of the first pixel
        patch = upright_patch(image, middle, axis, share=1.0, side=_SIDE).grey
        light = np.log(patch.astype(np.float32) + np.float32(_DARK))
        steps = cv2.matchTemplate(light, _RING, cv2.TM_CCORR) * _NEARNESS
        x, y, contrast = _peak(steps)
        found[2 * eye : 2 * eye + 2] = x / _RADIUS, y / _RADIUS
        found[4 + eye] = contrast
    return found


def _peak(steps: NDArray[np.float32]) -> tuple[float, float, float]:
    """Where the largest value lies, from the middle, to fractions of a pixel; and the value."""
    at_y, at_x = divmod(int(steps.argmax()), steps.shape[1])
    y = min(max(at_y, 1), 2 * _REACH - 1)
    x = min(max(at_x, 1), 2 * _REACH - 1)
    around = steps[y - 1 : y + 2, x - 1 : x + 2].tolist()
    along_x = _vertex(*around[1])
    along_y = _vertex(around[0][1], around[1][1], around[2][1])
    return x - _REACH + along_x, y - _REACH + along_y, float(steps[at_y, at_x])


def _vertex(before: float, here: float, after: float) -> float:
    """Where the parabola through three neighbours has its peak, -1..1 from the middle one."""
    bend = before - 2.0 * here + after
    if bend > -1e-9:
        return 0.0
    return min(max(0.5 * (before - after) / bend, -1.0), 1.0)
