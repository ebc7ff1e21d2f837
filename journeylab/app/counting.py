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

    Reading takes some 50 ms a bundle: not for the GUI thread. Thread-safe.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[_State, HeldSession] = {}

    def count(self, folder: StudyFolder) -> StudyTally:
        """The study's participants as its bundles are now; one that cannot be read is counted as
        that."""
        with self._lock:
            read = [self._held(path) for path in folder.bundles()]
        held = [session for session in read if session is not None]
        return tally(folder.study, held, unread=len(read) - len(held))

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
    )
