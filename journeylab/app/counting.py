"""Counts a study's participants from its bundles, each opened once."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from journeylab.analysis.exclusions import Decision, decided, read_decisions
from journeylab.analysis.journey import SessionSummary
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
        self._known: dict[_State, SessionSummary] = {}

    def count(self, folder: StudyFolder) -> StudyTally:
        """The study's participants as its bundles are now; one that cannot be read is counted as
        that."""
        held = self.held(folder)
        return tally(folder.study, held, unread=len(folder.bundles()) - len(held))

    def held(self, folder: StudyFolder) -> list[HeldSession]:
        """The study's sessions that can be read, oldest first; usable as the researcher decided."""
        decisions = _decisions(folder)
        with self._lock:
            read = [self._held(path, decisions) for path in folder.bundles()]
        found = [session for session in read if session is not None]
        return sorted(found, key=lambda session: session.created_utc)

    def _held(self, path: Path, decisions: Mapping[str, Decision]) -> HeldSession | None:
        try:
            about = path.stat()
            state = (path, about.st_mtime_ns, about.st_size)
            if state not in self._known:
                self._known[state] = _read(path)
            return _counted(self._known[state], decisions)
        except (JourneyLabError, OSError) as error:
            _log.info("%s is not counted: %s", path, error)
            return None


def _read(path: Path) -> SessionSummary:
    with Bundle.open(path) as bundle:
        return summarise(bundle)


def _decisions(folder: StudyFolder) -> Mapping[str, Decision]:
    try:
        return read_decisions(folder).in_force()
    except JourneyLabError as error:
        _log.warning("sessions are counted by their grades: %s", error)
        return {}


def _counted(summary: SessionSummary, decisions: Mapping[str, Decision]) -> HeldSession:
    decision = decisions.get(summary.session_id)
    if decision is not None:
        summary = decided(summary, decision)
    return HeldSession(
        participant_id=summary.participant_id,
        segments=summary.segments,
        is_usable=summary.is_usable,
        is_simulated=summary.simulated,
        created_utc=summary.created_utc,
    )
