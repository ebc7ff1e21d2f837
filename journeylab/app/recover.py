"""Completing the sessions that were cut off: journals left beside their future bundles."""

from __future__ import annotations

from pathlib import Path

from journeylab.bundle.recover import recover
from journeylab.errors import BundleError


def run_recover(path: Path) -> tuple[Path, ...]:
    """Finalise a journal, or every journal below a study folder; returns the bundles.

    Raises
    ------
    BundleError
        When there is nothing of the kind at ``path``.
    """
    if not path.exists():
        raise BundleError(f"{path} does not exist.", remedy="Name a study folder or a journal.")
    return tuple(recover(path))
