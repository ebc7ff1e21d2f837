"""Whether two geometries are of one panel, whose picture fills it both times."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from journeylab.bundle.header import ScreenGeometry

_ROUNDED_MM: Final = 1.5
_SAME_SHAPE: Final = 0.01  # 1366 x 768 is 0.05 % wider than 1920 x 1080


class GazeAfterMove(StrEnum):
    """What became of a gaze calibration when the participant's screen became another."""

    NONE = "none"  # there was no calibration, or no pixel changed
    RESCALED = "rescaled"
    LOST = "lost"


def is_same_panel(before: ScreenGeometry, after: ScreenGeometry) -> bool:
    """Whether both are one panel that only counts other pixels, so that gaze can be counted over.

    The system must name it alike and tell the same millimetres, and the picture must have kept
    its shape: one of another shape may stand between black bars, and where they are nobody tells.
    """
    if not before.name or before.name != after.name:
        return False
    one_mm, other_mm = _size_mm(before), _size_mm(after)
    if one_mm is None or other_mm is None:
        return False
    if any(abs(a - b) > _ROUNDED_MM for a, b in zip(one_mm, other_mm, strict=True)):
        return False
    shape = before.width_px / before.height_px
    return abs(after.width_px / after.height_px / shape - 1) <= _SAME_SHAPE


def _size_mm(screen: ScreenGeometry) -> tuple[float, float] | None:
    if screen.width_mm is None or screen.height_mm is None:
        return None
    return screen.width_mm, screen.height_mm


def size_px(screen: ScreenGeometry) -> tuple[int, int]:
    """Width and height."""
    return screen.width_px, screen.height_px
