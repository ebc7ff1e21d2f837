"""Completing the sessions that were cut off: journals left beside their future bundles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from journeylab.bundle.encryption import ENCRYPTED_SUFFIX
from journeylab.bundle.journal_reader import is_being_written
from journeylab.bundle.recover import joined_error, recover
from journeylab.bundle.schema import JOURNAL_SUFFIX
from journeylab.errors import BundleError, JourneyLabError
from journeylab.session.bundling import encrypt_leftovers
from journeylab.study.folder import SESSIONS_FOLDER, STUDY_FILE, load_study


def run_recover(path: Path, *, done: Callable[[Path], object] = lambda _: None) -> tuple[Path, ...]:
    """Finalise a journal, or every journal at or below a folder; returns the bundles.

    What lies plain in an encrypted study there is encrypted. A session that cannot be completed
    keeps no other from it: ``done`` hears of each bundle under the name it has at last, before
    anything is raised.

    Raises
    ------
    BundleError, StorageError, StudyError
        When ``path`` is neither a folder nor a journal, or something could not be completed.
    """
    if not path.exists():
        raise BundleError(f"{path} does not exist.", remedy="Name a study folder or a journal.")
    if path.is_file() and path.suffix != JOURNAL_SUFFIX:
        raise BundleError(
            f"{path} is not the journal of a session.",
            remedy=f"Name a study folder, or a file that ends in {JOURNAL_SUFFIX}.",
        )
    if path.is_file() and is_being_written(path):
        raise BundleError(
            f"{path} belongs to a session that is still being recorded or finished.",
            remedy="Stop that session first.",
        )
    made: list[Path] = []
    failures: list[JourneyLabError] = []
    studies = _studies_of(path)
    for place in (path, *_moved_sessions(studies if path.is_dir() else ())):
        try:
            recover(place, done=made.append)
        except JourneyLabError as error:
            failures.append(error)
    for study in studies:
        try:
            encrypt_leftovers(load_study(study))
        except JourneyLabError as error:
            failures.append(error)
    bundles = tuple(_at_last(bundle) for bundle in made)
    for bundle in bundles:
        done(bundle)
    if failures:
        raise joined_error(failures)
    return bundles


def _studies_of(path: Path) -> list[Path]:
    """The studies whose sessions lie at or below a path, or which it lies in."""
    folder = path.absolute() if path.is_dir() else path.absolute().parent
    inside = [file.parent for file in folder.rglob(STUDY_FILE)] if path.is_dir() else []
    around = [one for one in (folder, folder.parent) if (one / STUDY_FILE).is_file()]
    return sorted({*around, *inside})


def _moved_sessions(studies: Iterable[Path]) -> Iterator[Path]:
    """Folders of sessions on another disk, which a search of the study does not enter."""
    for study in studies:
        sessions = study / SESSIONS_FOLDER
        if sessions.is_symlink() and sessions.is_dir():
            yield sessions


def _at_last(bundle: Path) -> Path:
    encrypted = bundle.with_name(bundle.name + ENCRYPTED_SUFFIX)
    return bundle if bundle.exists() or not encrypted.exists() else encrypted
