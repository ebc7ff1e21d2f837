"""The lines that an expression folds into the skin: what a camera sees beside the landmarks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.opencv import cv2
from journeylab.simulation.avatar_canvas import PAINT, mask_of, stroke_of
from journeylab.simulation.avatar_shape import (
    INNER_LIP_UPPER,
    LEFT_EYE_LOWER,
    OUTER_LIP_LOWER,
    OUTER_LIP_UPPER,
    RIGHT_EYE_LOWER,
    NeutralHead,
    shifted,
)

# How strongly each action unit folds each crease; of several, the strongest counts.
_DEPTHS: Final[Mapping[str, Mapping[str, float]]] = {
    "furrow": {"AU04": 1.0, "AU09": 0.35},
    "nose_root": {"AU09": 1.0},
    "forehead_middle": {"AU01": 0.9},
    "forehead_outer": {"AU02": 0.8},
    "fold_left": {"AU12": 0.9, "AU12L": 0.9, "AU10": 0.8, "AU09": 0.7, "AU14L": 0.4, "AU14": 0.4},
    "fold_right": {"AU12": 0.9, "AU12R": 0.9, "AU10": 0.8, "AU09": 0.7, "AU14R": 0.4, "AU14": 0.4},
    "dimple_left": {"AU14": 1.0, "AU14L": 1.0, "AU12": 0.3, "AU12L": 0.3},
    "dimple_right": {"AU14": 1.0, "AU14R": 1.0, "AU12": 0.3, "AU12R": 0.3},
    "crows_feet": {"AU06": 1.0},
    "under_eye": {"AU06": 0.9, "AU07": 0.7},
    "mouth_down": {"AU15": 1.0},
    "chin": {"AU17": 1.0, "AU24": 0.3},
    "lip_press": {"AU24": 1.0, "AU23": 0.7},
}


@dataclass(frozen=True, slots=True, eq=False)
class _Crease:
    """A window of the skin's picture and how much each of its values may darken, 0..255."""

    top: int
    left: int
    depth: NDArray[np.uint8]  # (h, w, 4), alpha 0

    def window(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        height, width = self.depth.shape[:2]
        return picture[self.top : self.top + height, self.left : self.left + width]


class Creases:
    """All creases of one avatar, at the size its skin is shown."""

    def __init__(self, head: NeutralHead, *, shape: tuple[int, int]) -> None:
        self._creases = {name: _cropped(mask, shape=shape) for name, mask in _masks(head).items()}
        self._dirty: set[str] = set()

    def fold(
        self,
        picture: NDArray[np.uint8],
        smooth: NDArray[np.uint8],
        action_units: Mapping[str, float],
    ) -> None:
        """Draw the creases into ``picture``, which otherwise equals ``smooth``."""
        depths = {
            name: max(share * action_units.get(code, 0.0) for code, share in shares.items())
            for name, shares in _DEPTHS.items()
        }
        folded = {name for name, depth in depths.items() if depth > 0.02}
        for name in self._dirty | folded:
            crease = self._creases[name]
            crease.window(picture)[:] = crease.window(smooth)
        for name in folded:
            crease = self._creases[name]
            window = crease.window(picture)
            keep = cv2.convertScaleAbs(crease.depth, alpha=-min(depths[name], 1.0), beta=255)
            cv2.multiply(window, keep, dst=window, scale=1 / 255)
        self._dirty = folded


def _cropped(mask: NDArray[np.float32], *, shape: tuple[int, int]) -> _Crease:
    small = cv2.resize(mask, shape[::-1], interpolation=cv2.INTER_AREA)
    depth = np.round(np.clip(small, 0, 0.9) * 255).astype(np.uint8)
    rows, columns = np.flatnonzero(depth.any(axis=1)), np.flatnonzero(depth.any(axis=0))
    top, left = int(rows[0]), int(columns[0])
    window = depth[top : rows[-1] + 1, left : columns[-1] + 1]
    # Red fades last; alpha not at all.
    factors = np.array((1.0, 0.93, 0.78, 0.0))
    return _Crease(top, left, np.round(window[..., None] * factors).astype(np.uint8))


def _masks(head: NeutralHead) -> dict[str, NDArray[np.float32]]:
    p = head.points[:, :2]

    def line(*points: NDArray[np.float64], width: float, blur: float) -> NDArray[np.float32]:
        return stroke_of(np.array(points), width_mm=width, blur_mm=blur)

    masks = {name: np.zeros(PAINT.shape, np.float32) for name in _DEPTHS}
    root, between = p[168], p[9]
    for side, inner in ((-1, p[55]), (1, p[285])):
        low = shifted(root, side * 3.6, 3.0)
        high = shifted(between, side * 5.6, 5.0)
        masks["furrow"] += 0.24 * line(
            low, (low + high) / 2 + (side * 1.3, 0), high, width=1.2, blur=0.75
        )
        patch = inner + np.array((side * 2.0, -3.0))
        corner = np.array(((-6, -3), (6, -3), (7, 3), (-7, 3)))
        masks["furrow"] += 0.12 * mask_of(patch + corner, blur_mm=2.6)
        for level in (-2.0, 1.5):
            start = shifted(root, side * 7.0, level - 1.5)
            masks["nose_root"] += 0.45 * line(
                shifted(root, side * 0.5, level), start, width=0.8, blur=0.6
            )
    for level in (10.0, 17.0, 23.0):
        y = p[9][1] + level
        xs = np.array((-20.0, -10.0, 0.0, 10.0, 20.0))
        middle = np.column_stack((xs, y + 1.5 * np.cos(xs / 9)))
        masks["forehead_middle"] += 0.34 * stroke_of(middle, width_mm=1.0, blur_mm=0.9)
        for side in (-1, 1):
            xs = side * np.array((18.0, 28.0, 38.0, 46.0))
            outer = np.column_stack((xs, y + 1.0 - 0.004 * (xs - side * 22) ** 2 * 1.2))
            masks["forehead_outer"] += 0.32 * stroke_of(outer, width_mm=1.0, blur_mm=0.9)
    _mouth_masks(masks, head)
    for side, corner, lower in ((-1, p[33], RIGHT_EYE_LOWER), (1, p[263], LEFT_EYE_LOWER)):
        for rise, reach in ((5.0, 9.0), (0.0, 11.0), (-5.5, 9.0)):
            start = shifted(corner, side * 3.5, rise * 0.3)
            masks["crows_feet"] += 0.34 * line(
                start, shifted(start, side * reach, rise), width=0.8, blur=0.7
            )
        bag = p[list(lower)] + (0.0, -4.2)
        masks["under_eye"] += 0.42 * stroke_of(bag, width_mm=0.9, blur_mm=0.8)
    return masks


def _mouth_masks(masks: dict[str, NDArray[np.float32]], head: NeutralHead) -> None:
    p = head.points[:, :2]
    for side, name, ala, corner in ((-1, "right", p[48], p[61]), (1, "left", p[278], p[291])):
        start = shifted(ala, side * 2.5, 3.0)
        end = shifted(corner, side * 6.5, -3.0)
        middle = (start + end) / 2 + (side * 4.0, 3.0)
        fold = np.array((start, middle, end))
        masks[f"fold_{name}"] += 0.48 * stroke_of(fold, width_mm=1.2, blur_mm=0.9)
        masks[f"fold_{name}"] += 0.22 * stroke_of(fold, width_mm=4.0, blur_mm=2.6)
        pit = corner + np.array((side * 3.5, 0.5))
        line = np.array((shifted(pit, 0, 5.0), shifted(pit, side * 1.6, 0), shifted(pit, 0, -5.0)))
        masks[f"dimple_{name}"] += 0.60 * stroke_of(line, width_mm=1.1, blur_mm=0.7)
        down = np.array((shifted(corner, side * 1.0, -1.5), shifted(corner, side * 3.5, -9.0)))
        masks["mouth_down"] += 0.55 * stroke_of(down, width_mm=1.2, blur_mm=0.9)
    under = p[17] + (0.0, -5.0)
    bow = np.array((shifted(under, -12, -3.0), shifted(under, 0, 1.0), shifted(under, 12, -3.0)))
    masks["chin"] += 0.5 * stroke_of(bow, width_mm=1.5, blur_mm=1.1)
    for x, y in ((-6, -11), (4, -9), (0, -15), (8, -14), (-9, -16)):
        dot = under + np.array((x, y))
        masks["chin"] += 0.35 * stroke_of(
            np.array((dot, shifted(dot, 2, 0.6))), width_mm=1.5, blur_mm=0.9
        )
    for chain, weight in ((OUTER_LIP_UPPER, 0.30), (OUTER_LIP_LOWER, 0.42)):
        masks["lip_press"] += weight * stroke_of(p[list(chain)], width_mm=1.2, blur_mm=0.8)
    masks["lip_press"] += 0.75 * stroke_of(p[list(INNER_LIP_UPPER)], width_mm=1.0, blur_mm=0.4)
