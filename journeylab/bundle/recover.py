"""Finishes the journals that a crash left behind."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from journeylab.bundle.finalise import finalise_in_subprocess
from journeylab.bundle.journal_reader import is_being_written, remove_if_empty
from journeylab.bundle.schema import JOURNAL_SUFFIX
from journeylab.errors import BundleError, JourneyLabError

_log = logging.getLogger(__name__)


def leftover_journals(path: Path) -> tuple[Path, ...]:
    """Journals at or below a path that nobody is writing or finishing, by name.

    A link is none: what it leads to may lie outside the folder, and belongs elsewhere.
    """
    found = [path] if path.is_file() else sorted(path.rglob(f"*{JOURNAL_SUFFIX}"))
    return tuple(
        journal
        for journal in found
        if journal.suffix == JOURNAL_SUFFIX
        and journal.is_file()
        and not journal.is_symlink()
        and not is_being_written(journal)
    )


def recover(
    path: Path,
    *,
    progress: Callable[[float], None] | None = None,
    done: Callable[[Path], None] | None = None,
) -> tuple[Path, ...]:
    """Finish every leftover journal at or below a path; the bundles made.

    Journals of live sessions are left alone. A journal that cannot be finished does not keep the
    others from it: ``done`` hears of each bundle as soon as it is there.

    Raises
    ------
    BundleError, StorageError
        What kept journals from being finished, after all were tried.
    """
    bundles = []
    failures: list[JourneyLabError] = []
    for journal in leftover_journals(path):
        if remove_if_empty(journal):
            continue
        try:
            bundles.append(finalise_in_subprocess(journal, progress=progress))
        except JourneyLabError as error:
            _log.error("%s", error)
            failures.append(error)
        else:
            if done is not None:
                done(bundles[-1])
    if failures:
        raise joined_error(failures)
    return tuple(bundles)


def joined_error(failures: Sequence[JourneyLabError]) -> JourneyLabError:
    """Several failures as one, with all they say."""
    if len(failures) == 1:
        return failures[0]
    whats = " ".join(failure.what for failure in failures)
    remedies = " ".join(dict.fromkeys(f.remedy for f in failures if f.remedy))
    kinds = {type(failure) for failure in failures}
    kind = kinds.pop() if len(kinds) == 1 else BundleError
    return kind(whats, remedy=remedies)
