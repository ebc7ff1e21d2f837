"""Finishes the journals that a crash left behind."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from journeylab.bundle.finalise import finalise_in_subprocess
from journeylab.bundle.journal_reader import is_being_written, remove_if_empty
from journeylab.bundle.schema import JOURNAL_SUFFIX
from journeylab.errors import JourneyLabError

_log = logging.getLogger(__name__)


def leftover_journals(path: Path) -> tuple[Path, ...]:
    """Journals at or below a path that nobody is writing or finishing, by name."""
    found = [path] if path.is_file() else sorted(path.rglob(f"*{JOURNAL_SUFFIX}"))
    return tuple(
        journal
        for journal in found
        if journal.suffix == JOURNAL_SUFFIX and journal.is_file() and not is_being_written(journal)
    )


def recover(path: Path, *, progress: Callable[[float], None] | None = None) -> tuple[Path, ...]:
    """Finish every leftover journal at or below a path; the bundles made.

    Journals of live sessions are left alone. A journal that cannot be finished does not keep the
    others from it.

    Raises
    ------
    BundleError, StorageError
        The first failure, after all journals were tried.
    """
    bundles = []
    failure: JourneyLabError | None = None
    for journal in leftover_journals(path):
        if remove_if_empty(journal):
            continue
        try:
            bundles.append(finalise_in_subprocess(journal, progress=progress))
        except JourneyLabError as error:
            _log.error("%s", error)
            failure = failure or error
    if failure is not None:
        raise failure
    return tuple(bundles)
