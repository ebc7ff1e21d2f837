"""Where the files that ship with the product lie: fonts, the demo study, the avatar's shape."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def asset(*parts: str) -> Path:
    """Path of a shipped file or folder.

    Parameters
    ----------
    *parts
        Path segments below ``resources/``.

    Raises
    ------
    FileNotFoundError
        When the installation lacks the file.
    """
    for root in (_PACKAGE / "_resources", _PACKAGE.parent / "resources"):
        path = root.joinpath(*parts)
        if path.exists():
            return path
    raise FileNotFoundError(
        f"{'/'.join(parts)} is missing from this installation. Install JourneyLab again."
    )
