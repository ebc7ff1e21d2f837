"""A valence with its sign, as it is written everywhere."""

from __future__ import annotations

from typing import Final

MINUS: Final = "−"


def signed(valence: float) -> str:
    """A valence with its sign, as written on the map: +12, −38, 0."""
    rounded = round(valence)
    if rounded == 0:
        return "0"
    return f"+{rounded}" if rounded > 0 else f"{MINUS}{-rounded}"
