"""Named shape measures of a face freed of pose and scale.

Each is a mean of coordinates against the line of the eye corners, or a distance, in interocular
distances; the rules of :mod:`journeylab.inference.action_units` are written in these names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

_X, _Y, _Z = 0, 1, 2
_EYE_CORNERS: Final = (33, 133, 263, 362)


@dataclass(frozen=True, slots=True)
class _Level:
    """Mean of one coordinate over some landmarks, less the mean over others."""

    name: str
    axis: int
    over: tuple[int, ...]
    less: tuple[int, ...] = _EYE_CORNERS


@dataclass(frozen=True, slots=True)
class _Span:
    """Mean distance of pairs of landmarks, divided by that of ``per`` where given."""

    name: str
    pairs: tuple[tuple[int, int], ...]
    per: tuple[tuple[int, int], ...] = ()


_LEVELS: Final = (
    _Level("inner_brow", _Y, (55, 65, 107, 66, 285, 295, 336, 296)),
    _Level("inner_brow_tip", _Y, (55, 107, 285, 336)),
    _Level("mid_brow", _Y, (52, 105, 282, 334)),
    _Level("outer_brow", _Y, (46, 53, 70, 63, 276, 283, 300, 293)),
    _Level("brow_gap", _X, (285, 336), (55, 107)),
    _Level("upper_lid", _Y, (158, 159, 160, 385, 386, 387)),
    _Level("lower_lid", _Y, (145, 144, 153, 374, 380, 373)),
    _Level("under_eye", _Y, (119, 120, 100, 348, 349, 329)),
    _Level("cheek", _Y, (50, 101, 118, 117, 280, 330, 347, 346)),
    _Level("nasolabial", _Y, (206, 216, 426, 436)),
    _Level("alar", _Y, (64, 48, 129, 294, 278, 358)),
    _Level("alar_width", _X, (278, 294, 358), (48, 64, 129)),
    _Level("subnasale", _Y, (2, 97, 326)),
    _Level("upper_lip_top", _Y, (0, 37, 267)),
    _Level("upper_lip_in", _Y, (13, 82, 312)),
    _Level("lower_lip_in", _Y, (14, 87, 317)),
    _Level("lower_lip_bottom", _Y, (17, 84, 314)),
    _Level("corner_level", _Y, (61, 291)),
    _Level("corner_lift", _Y, (61, 291), (13, 14)),
    _Level("corner_depth", _Z, (61, 291), (13, 14)),
    _Level("mouth_width", _X, (291,), (61,)),
    _Level("lip_depth", _Z, (0, 17)),
    _Level("cheek_depth", _Z, (50, 205, 280, 425)),
    _Level("chin", _Y, (152, 175, 199)),
    _Level("chin_boss", _Y, (200, 18, 421, 201)),
    _Level("boss_to_lip", _Y, (17,), (199, 200)),
    _Level("left_corner_out", _X, (291,), (1, 168)),
    _Level("left_corner_level", _Y, (291,)),
    _Level("left_corner_lift", _Y, (291,), (13, 14)),
    _Level("left_corner_depth", _Z, (291,), (13, 14)),
    _Level("left_nasolabial", _Y, (426, 436)),
    _Level("right_corner_out", _X, (1, 168), (61,)),
    _Level("right_corner_level", _Y, (61,)),
    _Level("right_corner_lift", _Y, (61,), (13, 14)),
    _Level("right_corner_depth", _Z, (61,), (13, 14)),
    _Level("right_nasolabial", _Y, (206, 216)),
)

_EYE_WIDTHS: Final = ((33, 133), (263, 362))
_SPANS: Final = (
    _Span(
        "aperture",
        ((159, 145), (158, 153), (160, 144), (386, 374), (385, 380), (387, 373)),
        _EYE_WIDTHS,
    ),
    _Span("upper_lip_height", ((0, 13), (37, 82), (267, 312))),
    _Span("lower_lip_height", ((14, 17), (87, 84), (317, 314))),
    _Span("lip_gap", ((13, 14), (82, 87), (312, 317))),
)

SHAPE_NAMES: Final = tuple(level.name for level in _LEVELS) + tuple(span.name for span in _SPANS)


def _used_landmarks() -> NDArray[np.intp]:
    used = {index for level in _LEVELS for index in level.over + level.less}
    return np.array(sorted(used), dtype=np.intp)


def _level_matrix(used: NDArray[np.intp]) -> NDArray[np.float64]:
    """(levels, 3 * used): all levels of a face as one product."""
    place = {int(index): at for at, index in enumerate(used)}
    matrix = np.zeros((len(_LEVELS), len(used), 3))
    for at, level in enumerate(_LEVELS):
        for index in level.over:
            matrix[at, place[index], level.axis] += 1 / len(level.over)
        for index in level.less:
            matrix[at, place[index], level.axis] -= 1 / len(level.less)
    return matrix.reshape(len(_LEVELS), -1)


def _span_pairs() -> NDArray[np.intp]:
    return np.array([pair for span in _SPANS for pair in span.pairs], dtype=np.intp)


_USED: Final = _used_landmarks()
_LEVEL_MATRIX: Final = _level_matrix(_USED)
_PAIRS: Final = _span_pairs()
_PAIR_STARTS: Final = np.cumsum([0] + [len(span.pairs) for span in _SPANS])[:-1]
_PAIR_COUNTS: Final = np.array([len(span.pairs) for span in _SPANS])
_PER: Final = np.array(_EYE_WIDTHS, dtype=np.intp)
_IS_PER_WIDTH: Final = np.array([bool(span.per) for span in _SPANS])


def shape_measures(free: NDArray[np.float64]) -> NDArray[np.float64]:
    """All shape measures of one face.

    Parameters
    ----------
    free
        (478, 3) as from :func:`journeylab.inference.geometry.free_face`.

    Returns
    -------
    (n,)
        In the order of :data:`SHAPE_NAMES`.
    """
    levels = _LEVEL_MATRIX @ free[_USED].ravel()
    lengths = np.sqrt(np.sum((free[_PAIRS[:, 0]] - free[_PAIRS[:, 1]]) ** 2, axis=1))
    spans = np.add.reduceat(lengths, _PAIR_STARTS) / _PAIR_COUNTS
    widths = np.sqrt(np.sum((free[_PER[:, 0]] - free[_PER[:, 1]]) ** 2, axis=1)).mean()
    spans[_IS_PER_WIDTH] /= max(float(widths), 1e-9)
    return np.concatenate((levels, spans))
