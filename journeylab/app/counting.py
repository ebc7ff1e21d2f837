"""Counts a study's participants from its bundles, each opened once."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TypeAlias

from journeylab.analysis.sessions import summarise
from journeylab.bundle.reader import Bundle
from journeylab.errors import JourneyLabError
from journeylab.logs import logger
from journeylab.study.folder import StudyFolder
from journeylab.study.quotas import HeldSession, StudyTally, tally

_log = logger(__name__)

_State: TypeAlias = tuple[Path, int, int]


class ParticipantCounter:
    """Reads what counting needs of each bundle, and remembers it while the file is the same.

    Reading takes a quarter of a second a bundle and more: not for the GUI thread. Thread-safe.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[_State, HeldSession] = {}

    def count(self, folder: StudyFolder) -> StudyTally:
        """The study's participants as its bundles are now; one that cannot be read is counted as
        that."""
        held = self.held(folder)
        return tally(folder.study, held, unread=len(folder.bundles()) - len(held))

    def held(self, folder: StudyFolder) -> list[HeldSession]:
        """The study's sessions that can be read, oldest first."""
        with self._lock:
            read = [self._held(path) for path in folder.bundles()]
        found = [session for session in read if session is not None]
        return sorted(found, key=lambda session: session.created_utc)

    def _held(self, path: Path) -> HeldSession | None:
        try:
            about = path.stat()
            state = (path, about.st_mtime_ns, about.st_size)
            if state not in self._known:
                self._known[state] = _read(path)
            return self._known[state]
        except (JourneyLabError, OSError) as error:
            _log.info("%s is not counted: %s", path, error)
            return None


def _read(path: Path) -> HeldSession:
    with Bundle.open(path) as bundle:
        summary = summarise(bundle)
    return HeldSession(
        participant_id=summary.participant_id,
        segments=summary.segments,
        is_usable=summary.is_usable,
        is_simulated=summary.simulated,
        created_utc=summary.created_utc,
    )
