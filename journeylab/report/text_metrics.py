"""How wide text in Inter is, and where it breaks; the same on screen and in every export."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from journeylab.assets import asset
from journeylab.report.scene import Weight
from journeylab.theme import FONT_FILES

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

_REFERENCE_PX: Final = 64
"""Widths are measured once, large and unhinted, and scaled: text must not reflow with size."""
_WEIGHTS: Final = (400, 500, 600, 700)
ELLIPSIS: Final = "…"


def font_file(weight: Weight) -> str:
    """Path of the shipped font of a weight."""
    return str(asset("fonts", FONT_FILES[_WEIGHTS.index(weight)]))


def text_width(
    text: str, size_px: float, *, weight: Weight = 400, tracking_px: float = 0.0
) -> float:
    """Width of one line, px."""
    return _reference_width(text, weight) * size_px / _REFERENCE_PX + tracking_px * len(text)


def wrap(text: str, width_px: float, *, size_px: float, weight: Weight = 400) -> tuple[str, ...]:
    """Break text into lines no wider than ``width_px``; a longer word breaks inside."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        candidate = f"{line} {word}" if line else word
        if text_width(candidate, size_px, weight=weight) <= width_px:
            line = candidate
            continue
        if line:
            lines.append(line)
        pieces = _break_word(word, width_px, size_px=size_px, weight=weight)
        lines.extend(pieces[:-1])
        line = pieces[-1]
    if line:
        lines.append(line)
    return tuple(lines)


def shorten(text: str, width_px: float, *, size_px: float, weight: Weight = 400) -> str:
    """The text, or as much of it as fits followed by an ellipsis."""
    if text_width(text, size_px, weight=weight) <= width_px:
        return text
    for end in range(len(text) - 1, 0, -1):
        candidate = text[:end].rstrip(" ·,") + ELLIPSIS
        if text_width(candidate, size_px, weight=weight) <= width_px:
            return candidate
    return ELLIPSIS


def widest_word(text: str, size_px: float, *, weight: Weight = 400) -> float:
    """Width of the longest word, px: a column narrower than it would break words."""
    return max((text_width(word, size_px, weight=weight) for word in text.split()), default=0.0)


def _break_word(word: str, width_px: float, *, size_px: float, weight: Weight) -> list[str]:
    pieces: list[str] = []
    piece = ""
    for letter in word:
        if piece and text_width(piece + letter, size_px, weight=weight) > width_px:
            pieces.append(piece)
            piece = letter
        else:
            piece += letter
    return [*pieces, piece]


@lru_cache(maxsize=4)
def _font(weight: Weight) -> FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(
        font_file(weight), _REFERENCE_PX, layout_engine=ImageFont.Layout.BASIC
    )


@lru_cache(maxsize=8192)
def _reference_width(text: str, weight: Weight) -> float:
    # Letters as wide as high are none of Inter's: its own sign for a missing one is narrower.
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    if wide:
        text = "".join(one for one in text if unicodedata.east_asian_width(one) not in "WF")
    return float(_font(weight).getlength(text)) + wide * _REFERENCE_PX
