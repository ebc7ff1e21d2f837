"""Boxes on a picture, in its pixels: drawn between two points, moved, resized, kept inside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

BoxPx = tuple[int, int, int, int]
"""Left, top, width and height, px of the picture."""

SMALLEST_PX: Final = 4
"""What is drawn smaller than this was a click."""


def between(
    first: tuple[float, float], second: tuple[float, float], size: tuple[int, int]
) -> BoxPx:
    """The box with these two corners, cut to a picture of ``size`` (width, height), px."""
    width, height = size
    left, right = sorted(min(max(round(x), 0), width) for x in (first[0], second[0]))
    top, bottom = sorted(min(max(round(y), 0), height) for y in (first[1], second[1]))
    return left, top, right - left, bottom - top


def is_drawn(box: BoxPx) -> bool:
    """Whether it is large enough to be meant."""
    return box[2] >= SMALLEST_PX and box[3] >= SMALLEST_PX


def moved_by(box: BoxPx, dx: int, dy: int, size: tuple[int, int]) -> BoxPx:
    """The box moved as far as the picture allows, its size kept."""
    left, top, width, height = box
    left = min(max(left + dx, 0), max(size[0] - width, 0))
    top = min(max(top + dy, 0), max(size[1] - height, 0))
    return left, top, width, height


def resized_by(box: BoxPx, edges: str, dx: int, dy: int, size: tuple[int, int]) -> BoxPx:
    """The box with some of its edges moved, of ``l``, ``t``, ``r``, ``b``; never turned over."""
    left, top, width, height = box
    right, bottom = left + width, top + height
    if "l" in edges:
        left = min(max(left + dx, 0), right - SMALLEST_PX)
    if "r" in edges:
        right = max(min(right + dx, size[0]), left + SMALLEST_PX)
    if "t" in edges:
        top = min(max(top + dy, 0), bottom - SMALLEST_PX)
    if "b" in edges:
        bottom = max(min(bottom + dy, size[1]), top + SMALLEST_PX)
    return left, top, right - left, bottom - top


def edges_at(box: BoxPx, x: float, y: float, reach: float) -> str | None:
    """What a point of the picture touches of a box: edges such as ``lt``, ``""`` for its inside,
    None for nothing."""
    left, top, width, height = box
    right, bottom = left + width, top + height
    if not (left - reach <= x <= right + reach and top - reach <= y <= bottom + reach):
        return None
    edges = "l" if abs(x - left) <= reach else "r" if abs(x - right) <= reach else ""
    edges += "t" if abs(y - top) <= reach else "b" if abs(y - bottom) <= reach else ""
    return edges


def touched(boxes: Sequence[BoxPx], x: float, y: float) -> int | None:
    """Which box holds a point; of several the smallest, so that none lies out of reach."""
    within = [n for n, box in enumerate(boxes) if edges_at(box, x, y, 0) is not None]
    return min(within, key=lambda n: boxes[n][2] * boxes[n][3], default=None)


def lies_on(box: BoxPx, size: tuple[int, int]) -> bool:
    """Whether a box lies wholly on a picture of ``size`` (width, height)."""
    left, top, width, height = box
    return left >= 0 and top >= 0 and left + width <= size[0] and top + height <= size[1]
