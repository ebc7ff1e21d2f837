"""The studies opened lately: a short list of folders in one JSON file."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from journeylab.errors import StudyError
from journeylab.logs import logger
from journeylab.study.folder import load_study
from journeylab.ui.moderator.ports import StudyListing

_log = logger(__name__)
_LONGEST = 12


class RecentStudies:
    """Remembers folders, newest first; a list that cannot be read or written is no tragedy."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def paths(self) -> tuple[Path, ...]:
        """Folders that still exist, newest first."""
        try:
            entries = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return ()
        if not isinstance(entries, list):
            return ()
        paths = [Path(entry) for entry in entries if isinstance(entry, str)]
        return tuple(path for path in paths if path.is_dir())

    def remember(self, folder: Path) -> None:
        """Put a folder first."""
        folder = folder.resolve()
        paths = [folder, *(path for path in self.paths() if path != folder)]
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            entries = [str(path) for path in paths[:_LONGEST]]
            self._file.write_text(json.dumps(entries, indent=1), encoding="utf-8")
        except OSError as error:
            _log.warning("the list of recent studies %s cannot be written: %s", self._file, error)

    def listings(self, *, day: date | None = None) -> tuple[StudyListing, ...]:
        """One line for each study; ``day`` is today, for the reminders."""
        return tuple(read_listing(path, day=day) for path in self.paths())


def read_listing(path: Path, *, day: date | None = None) -> StudyListing:
    """What the list says of a study folder; a broken study is listed with its problem."""
    try:
        folder = load_study(path)
    except StudyError as error:
        return StudyListing(path, path.name, problem=str(error))
    return StudyListing(
        path,
        folder.study.title,
        goal=folder.study.goal,
        n_steps=len(folder.study.steps),
        n_sessions=len(folder.bundles()),
        reminder="" if day is None else folder.study.privacy.retention_notice(day),
    )
