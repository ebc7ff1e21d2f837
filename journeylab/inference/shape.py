"""Local measures of a face freed of pose and scale: heights and widths between near points.

Near points err together when pose or depth err, so their differences hold where coordinates
against the whole head do not: on a head turned by 25 degrees a measure against the line of the
eyes moves as far as a furrow does. Depths are left out: the mesh guesses them, and guesses
otherwise on real faces than on rendered ones. Each measure is taken on both halves of the face,
the left one mirrored onto the right, in interocular distances.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.assets import asset
from journeylab.streams import N_LANDMARKS

_X, _Y = 0, 1

# Name: axis, landmarks of the participant's right half (or the middle) over which its coordinate
# is averaged, and those whose average is taken off. x grows to her left, y upwards.
_MEASURES: Final[dict[str, tuple[int, tuple[int, ...], tuple[int, ...]]]] = {
    "inner_brow_eye": (_Y, (55, 107, 65, 66), (133, 33)),
    "mid_brow_eye": (_Y, (52, 105), (159, 158, 160, 33, 133)),
    "outer_brow_eye": (_Y, (46, 53, 70, 63), (33, 133)),
    "inner_brow_nose": (_Y, (55, 107), (168, 6)),
    "inner_brow_middle": (_X, (55, 107), (168, 9)),
    "brow_slant": (_Y, (55, 107), (46, 70)),
    "brow_arch": (_Y, (52, 105, 63), (55, 107, 46, 70)),
    "inner_brow_lid": (_Y, (55, 65), (158, 159)),
    "glabella": (_Y, (9, 8), (168, 6)),
    "aperture": (_Y, (159, 158, 160), (145, 153, 144)),
    "upper_lid": (_Y, (159, 158, 160), (33, 133)),
    "lower_lid": (_Y, (145, 153, 144), (33, 133)),
    "cheek_lid": (_Y, (50, 101, 118, 117), (145, 144, 153)),
    "under_eye": (_Y, (119, 120, 100), (145, 144, 153)),
    "eye_slant": (_Y, (33,), (133,)),
    "alar_nose": (_Y, (64, 48, 129), (4, 5)),
    "alar_width": (_X, (64, 48, 129), (1, 4)),
    "subnasale": (_Y, (2, 97), (168, 6)),
    "nose_length": (_Y, (4, 1), (168, 6)),
    "subnasale_tip": (_Y, (2, 97), (4,)),
    "philtrum": (_Y, (0, 37), (2, 97)),
    "upper_lip_height": (_Y, (0, 37), (13, 82)),
    "lower_lip_height": (_Y, (14, 87), (17, 84)),
    "lip_gap": (_Y, (13, 82), (14, 87)),
    "upper_lip_nose": (_Y, (13, 82, 81), (2, 97)),
    "lower_lip_nose": (_Y, (14, 87, 178), (2, 97)),
    "lower_lip_bottom": (_Y, (17, 84), (2, 97)),
    "boss_lip": (_Y, (200, 18, 201), (17, 84)),
    "boss_chin": (_Y, (200, 201, 18), (152, 175)),
    "corner_upper_lip": (_Y, (61,), (13,)),
    "corner_lower_lip": (_Y, (61,), (14,)),
    "corner_nose": (_Y, (61,), (2, 97)),
    "corner_out": (_X, (61,), (13, 14)),
    "corner_out_lips": (_X, (61,), (0, 17)),
    "corner_alar": (_Y, (61,), (64, 129)),
    "corner_alar_out": (_X, (61,), (64, 129)),
    "upper_lip_curve": (_Y, (40, 39), (61, 0)),
    "lower_lip_curve": (_Y, (91, 181), (61, 17)),
    "nasolabial": (_Y, (206, 216), (61,)),
    "nasolabial_out": (_X, (206, 216, 203), (61, 64)),
    "cheek_nose": (_Y, (50, 205), (64, 129)),
}

SHAPE_NAMES: Final = tuple(_MEASURES)
N_SHAPE: Final = len(SHAPE_NAMES)


def shape_measures(free: NDArray[np.float64]) -> NDArray[np.float64]:
    """Local measures of both halves of one face.

    Parameters
    ----------
    free
        (478, 3) as from :func:`journeylab.inference.geometry.free_face`.

    Returns
    -------
    (2 * N_SHAPE,)
        Those of the participant's right half in the order of :data:`SHAPE_NAMES`, then those of
        her left half, mirrored, so that a symmetric face has the same numbers twice.
    """
    used, weights = _as_product()
    return np.asarray(weights @ free[used].ravel())


@cache
def _as_product() -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Landmarks used, and the measures as one product with their coordinates."""
    with np.load(asset("avatar", "neutral_faces.npz")) as stored:
        mirror: NDArray[np.intp] = stored["mirror"].astype(np.intp)
    full = np.zeros((2, N_SHAPE, N_LANDMARKS, 3))
    for at, (axis, over, less) in enumerate(_MEASURES.values()):
        for side, sign in ((0, 1.0), (1, -1.0 if axis == _X else 1.0)):
            for points, share in ((over, sign / len(over)), (less, -sign / len(less))):
                for index in points:
                    full[side, at, mirror[index] if side else index, axis] += share
    used = np.flatnonzero(np.any(full != 0, axis=(0, 1, 3)))
    return used, np.ascontiguousarray(full[:, :, used].reshape(2 * N_SHAPE, -1))
