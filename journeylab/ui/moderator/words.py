"""Numbers and paths as the moderator reads them."""

from __future__ import annotations

import math
from pathlib import Path


def minutes(seconds: float) -> str:
    """``2:08``, or ``1:02:08`` past an hour; a dash for NaN."""
    if not math.isfinite(seconds):
        return "–"
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    if hours:
        return f"{hours}:{rest // 60:02d}:{rest % 60:02d}"
    return f"{rest // 60}:{rest % 60:02d}"


def signed(value: float) -> str:
    """``+24``, ``−38`` with a true minus sign, ``0``; a dash for NaN."""
    if not math.isfinite(value):
        return "–"
    whole = round(value)
    if whole == 0:
        return "0"
    return f"+{whole}" if whole > 0 else f"−{-whole}"


def share(value: float) -> str:
    """``.94`` for a share from 0 to 1, ``1.0`` for all of it; a dash for NaN."""
    if not math.isfinite(value):
        return "–"
    text = f"{value:.2f}"
    return text[1:] if text.startswith("0") else "1.0"


def gigabytes(n_bytes: float) -> str:
    """``212 GB``, with one digit below ten."""
    size = n_bytes / 1e9
    return f"{size:.0f} GB" if size >= 10 else f"{size:.1f} GB"


def plural(count: int, noun: str) -> str:
    """``1 step``, ``3 steps``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def shown_path(path: Path) -> str:
    """A path as it is read: below the home folder it begins with ``~``."""
    home = Path.home()
    return str(Path("~") / path.relative_to(home)) if path.is_relative_to(home) else str(path)
