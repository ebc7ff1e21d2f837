"""Whether the mouth is to be seen, or a hand, a cup or a microphone lies over it.

The mesh goes on drawing lips where there are none, so the image is asked: lips are redder than the
skin around them, and that skin is evenly lit. Both are told against what was usual for this
person, since lips differ more between people than a hand changes them. A grey image has no redness
and is judged by its light alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.clock import NS_PER_S
from journeylab.inference.patch import upright_patch
from journeylab.inference.quality import ramp
from journeylab.opencv import cv2

_OUTER_LIPS: Final = np.array(
    [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185]
)
_INNER_LIPS: Final = np.array(
    [78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191]
)
_EYE_CORNERS: Final = (33, 263)
_SIDE: Final = 64
_SHARE: Final = 1.1  # of the interocular distance, across the patch
_RING_PX: Final = 4
_LEAST_LIPS_PX: Final = 10

# A broad smile thins the lips and halves their redness; a hand leaves a quarter and less.
_REDNESS: Final = (0.25, 0.5)
_COLOURLESS: Final = 1.5
# Skin around the mouth varies by 6 to 24 of 255 in the light; a hand's edge makes it two to four
# times as much. Below the floor, twice as much is still little.
_SPREAD: Final = (2.2, 1.4)
_LEAST_SPREAD: Final = 12.0
# What is usual is learnt quickly where it shows more of the mouth, slowly otherwise.
_QUICK_NS: Final = 2 * NS_PER_S
_SLOW_NS: Final = 30 * NS_PER_S


@dataclass(frozen=True, slots=True)
class MouthLook:
    """``redness``: a* of the lips above that of the skin around them; ``spread``: standard
    deviation of that skin's lightness. NaN where the lips are too small to tell."""

    redness: float
    spread: float


def mouth_look(image: NDArray[np.uint8], points_px: NDArray[np.float64]) -> MouthLook:
    """Look at the mouth.

    Parameters
    ----------
    image
        (height, width, 3) BGR, or (height, width) grey, uint8.
    points_px
        (478, 2 or 3) landmarks in pixels.
    """
    points = points_px[:, :2]
    axis = points[_EYE_CORNERS[1]] - points[_EYE_CORNERS[0]]
    patch = upright_patch(image, points[_OUTER_LIPS].mean(axis=0), axis, share=_SHARE, side=_SIDE)
    colour = patch.pixels
    if colour.ndim == 2:
        colour = np.asarray(cv2.cvtColor(colour, cv2.COLOR_GRAY2BGR))
    lab = cv2.cvtColor(colour, cv2.COLOR_BGR2LAB)

    def filled(outline: NDArray[np.intp]) -> NDArray[np.uint8]:
        mask = np.zeros((_SIDE, _SIDE), np.uint8)
        corners = np.rint(patch.points(points[outline])).astype(np.int32)
        cv2.fillPoly(mask, [corners], 255)
        return mask

    mouth = filled(_OUTER_LIPS)
    size = 2 * _RING_PX + 1
    around = cv2.dilate(mouth, np.ones((size, size), np.uint8)) & ~mouth
    lips = mouth & ~filled(_INNER_LIPS)
    if np.count_nonzero(lips) < _LEAST_LIPS_PX or not around.any():
        return MouthLook(float("nan"), float("nan"))
    skin, deviation = cv2.meanStdDev(lab, mask=around)
    redness = float(cv2.mean(lab, mask=lips)[1] - skin[1, 0])
    return MouthLook(redness, float(deviation[0, 0]))


@dataclass(frozen=True, slots=True)
class MouthState:
    """What was usual for this person; NaN before the first look."""

    redness: float = float("nan")
    spread: float = float("nan")
    t_ns: int = 0

    def seen(self, look: MouthLook, *, t_ns: int) -> tuple[MouthState, float]:
        """The state after one more frame, and how far the mouth is to be seen in it, 0..1."""
        if not np.isfinite(look.redness):
            return self, 1.0
        if not np.isfinite(self.redness):
            return MouthState(look.redness, look.spread, t_ns), 1.0
        seen = self._clearness(look)
        since_ns = min(max(t_ns - self.t_ns, 0), NS_PER_S)

        def towards(usual: float, now: float, *, is_better: bool) -> float:
            if not is_better and seen < 0.5:  # not the person's, what is seen now
                return usual
            pace_ns = _QUICK_NS if is_better else _SLOW_NS
            return usual + (now - usual) * (1.0 - float(np.exp(-since_ns / pace_ns)))

        redness = towards(self.redness, look.redness, is_better=look.redness > self.redness)
        spread = towards(self.spread, look.spread, is_better=look.spread < self.spread)
        return MouthState(redness, spread, t_ns), seen

    def _clearness(self, look: MouthLook) -> float:
        uneven = look.spread / max(self.spread, _LEAST_SPREAD)
        clear = ramp(uneven, *_SPREAD)
        if self.redness > _COLOURLESS:
            clear *= ramp(look.redness / self.redness, *_REDNESS)
        return clear
