"""Typefaces of this computer for letters that the shipped ones lack, such as Chinese names."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

_NO_LETTERS: Final = "Last Resort"
"""It has a sign for every letter, which tells only what kind of letter is missing."""


@lru_cache(maxsize=4096)
def family_with(letter: str) -> str | None:
    """Name of an installed family that has a letter; None where none has it."""
    return next((name for name, font in _installed() if font.get_char_index(ord(letter))), None)


@lru_cache(maxsize=1)
def _installed() -> tuple[tuple[str, Any], ...]:
    """Each upright family by name, those with a regular weight first, and its first face."""
    from matplotlib import font_manager

    found: dict[str, Any] = {}
    entries = (one for one in font_manager.fontManager.ttflist if one.style == "normal")
    for entry in sorted(entries, key=lambda one: (abs(_weight(one.weight) - 400), one.name)):
        if entry.name in found or entry.name.startswith(_NO_LETTERS):
            continue
        try:
            found[entry.name] = font_manager.get_font(entry.fname)
        except (OSError, RuntimeError):
            continue  # listed once, and gone or unreadable since
    return tuple(found.items())


def _weight(weight: Any) -> int:
    from matplotlib.font_manager import weight_dict

    return int(weight_dict.get(weight, 400)) if isinstance(weight, str) else int(weight)
