"""Typefaces of this computer for letters that the shipped ones lack, such as Chinese names."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

_REGULAR: Final = range(350, 451)


@lru_cache(maxsize=4096)
def family_with(letter: str) -> str | None:
    """Name of an installed family that has a letter; None where none has it."""
    return next((name for name, font in _installed() if font.get_char_index(ord(letter))), None)


@lru_cache(maxsize=1)
def _installed() -> tuple[tuple[str, Any], ...]:
    """Each upright family of regular weight, by name, and its first face."""
    from matplotlib import font_manager

    found: dict[str, Any] = {}
    for entry in sorted(font_manager.fontManager.ttflist, key=lambda one: one.name):
        if entry.style != "normal" or _weight(entry.weight) not in _REGULAR or entry.name in found:
            continue
        try:
            found[entry.name] = font_manager.get_font(entry.fname)
        except (OSError, RuntimeError):
            continue  # listed once, and gone or unreadable since
    return tuple(found.items())


def _weight(weight: Any) -> int:
    from matplotlib.font_manager import weight_dict

    return int(weight_dict.get(weight, 400)) if isinstance(weight, str) else int(weight)
