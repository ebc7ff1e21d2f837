"""Completing the sessions that were cut off: journals left beside their future bundles."""

from __future__ import annotations

from pathlib import Path

from journeylab.bundle.recover import recover
from journeylab.bundle.schema import JOURNAL_SUFFIX
from journeylab.errors import BundleError
from journeylab.session.bundling import encrypt_leftovers
from journeylab.study.folder import STUDY_FILE, load_study


def run_recover(path: Path) -> tuple[Path, ...]:
    """Finalise a journal, or every journal below a study folder; returns the bundles.

    Raises
    ------
    BundleError
        When ``path`` is neither a folder nor a journal, or a journal cannot be finished.
    """
    if not path.exists():
        raise BundleError(f"{path} does not exist.", remedy="Name a study folder or a journal.")
    if path.is_file() and path.suffix != JOURNAL_SUFFIX:
        raise BundleError(
            f"{path} is not the journal of a session.",
            remedy=f"Name a study folder, or a file that ends in {JOURNAL_SUFFIX}.",
        )
    bundles = recover(path)
    encrypted = {path.with_suffix(""): path for path in _encrypt_leftovers(path)}
    return tuple(encrypted.get(bundle, bundle) for bundle in bundles)


def _encrypt_leftovers(path: Path) -> tuple[Path, ...]:
    """What lies plain in an encrypted study is encrypted, whatever it was interrupted by."""
    study = path if path.is_dir() else path.parent.parent
    if not (study / STUDY_FILE).is_file():
        return ()
    return encrypt_leftovers(load_study(study))
