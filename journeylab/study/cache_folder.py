"""Where what was computed of a study's sessions is kept between two looks at it: ``.cache/``.

Nothing in it is anybody's only copy: it may be deleted at any time, and is made anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

CACHE_FOLDER: Final = ".cache"
CACHED_SUFFIX: Final = ".cached"
OF_STUDY: Final = "study"
"""Owner of what was made from several sessions."""


def cached_files(study: Path) -> list[Path]:
    """All cache files of a study folder, whole or not."""
    folder = study / CACHE_FOLDER
    if folder.is_symlink():  # what it leads to is not the study's
        return []
    found = folder.glob(f"*{CACHED_SUFFIX}*")
    return sorted(path for path in found if path.is_file())


def cache_name(owner: str, part: str) -> str:
    """Name of a cache file: the bundle it was made from, or ``study``, and what of it."""
    return f"{owner}.{part}{CACHED_SUFFIX}"


def owner_of(file: Path) -> str:
    """Name of the bundle a cache file was made from; ``study`` for one of several."""
    return file.name.split(CACHED_SUFFIX, 1)[0].rsplit(".", 1)[0]


def concerns(file: Path, bundle_names: Iterable[str]) -> bool:
    """Whether a cache file may hold data of one of these bundles: its own, or the study's."""
    return owner_of(file) in {*bundle_names, OF_STUDY}


def clear_cache(study: Path) -> None:
    """Remove all cache files of a study folder."""
    for file in cached_files(study):
        with suppress(OSError):
            file.unlink()
