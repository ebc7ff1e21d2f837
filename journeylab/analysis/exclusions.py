"""Which sessions the researcher takes out of the map, or into it against their grade, and why.

Kept beside the study in ``exclusions.toml``, with author and time; the last decision about a
session counts, and those before it stay to be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, Literal

from annotated_types import Len

from journeylab.analysis.journey import SessionSummary
from journeylab.analysis.kept_document import read_document, write_document
from journeylab.analysis.sessions import EXCLUDED
from journeylab.errors import AnalysisError
from journeylab.study.folder import StudyFolder

EXCLUSIONS_FILE: Final = "exclusions.toml"
FORMAT: Final = 1
LONGEST_REASON: Final = 300
_HEADING: Final = (
    "Sessions the researcher took out of the journey map, or into it against their grade.\n"
    "The last decision about a session counts. Written by JourneyLab; may be edited."
)
LEAST_GRADE: Final = "C"
"""Of a session that is included though its grade would leave it out."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision about a session; ``file`` and ``participant_id`` are there to be read."""

    session_id: Annotated[str, Len(1, 200)]
    participant_id: str
    file: str
    is_excluded: bool
    reason: Annotated[str, Len(1, LONGEST_REASON)]
    author: str
    decided_utc: str

    @property
    def words(self) -> str:
        """What was decided by whom, when and why."""
        verb = "Excluded" if self.is_excluded else "Included"
        return f"{verb} by {self.author}{_on(self.decided_utc)}: {self.reason.rstrip('.')}."


@dataclass(frozen=True, slots=True)
class Decisions:
    """All decisions of a study, oldest first."""

    format: Literal[1] = FORMAT
    decision: tuple[Decision, ...] = ()

    def in_force(self) -> Mapping[str, Decision]:
        """The last decision about each session, by its id."""
        return {one.session_id: one for one in self.decision}


def decision_about(
    summary: SessionSummary, *, is_excluded: bool, reason: str, author: str, now_utc: str
) -> Decision:
    """A decision about a session.

    Raises
    ------
    AnalysisError
        When no reason is given, or a very long one; when a session without an id is meant, one
        that cannot be opened; when nothing of it could be placed on the map.
    """
    words = " ".join(reason.split())
    if not words or len(words) > LONGEST_REASON:
        raise AnalysisError(f"Give a reason, of at most {LONGEST_REASON} characters.")
    if not summary.session_id:
        raise AnalysisError(f"{summary.path.name} cannot be opened, so nothing can be decided.")
    if not is_excluded and not can_be_included(summary):
        raise AnalysisError(
            f"Nothing of {summary.path.name} can be placed on the map: {summary.reason}"
        )
    return Decision(
        session_id=summary.session_id,
        participant_id=summary.participant_id,
        file=summary.path.name,
        is_excluded=is_excluded,
        reason=words,
        author=author,
        decided_utc=now_utc,
    )


def read_decisions(folder: StudyFolder) -> Decisions:
    """The decisions about a study's sessions; none where nothing was decided.

    Raises
    ------
    AnalysisError
        When the file cannot be read: without it nobody knows which sessions belong to the map.
    """
    return read_document(_path(folder), Decisions) or Decisions()


def decide(folder: StudyFolder, decision: Decision) -> Decisions:
    """Add a decision to those there are now.

    Raises
    ------
    AnalysisError, StorageError
        When the file cannot be read or written; it stays as it was then.
    """
    before = read_decisions(folder)
    return _write(folder, replace(before, decision=(*before.decision, decision)))


def forget_sessions(folder: StudyFolder, session_ids: frozenset[str]) -> Decisions:
    """Take decisions about some sessions out of the file, as of sessions that are gone."""
    before = read_decisions(folder)
    kept = tuple(one for one in before.decision if one.session_id not in session_ids)
    return _write(folder, replace(before, decision=kept))


def forget_participant(folder: StudyFolder, participant_id: str) -> Path | None:
    """Take all decisions about a participant's sessions out of the file; it, if it was changed."""
    before = read_decisions(folder)
    kept = tuple(one for one in before.decision if one.participant_id != participant_id)
    if kept == before.decision:
        return None
    _write(folder, replace(before, decision=kept))
    return _path(folder)


def can_be_included(summary: SessionSummary) -> bool:
    """Whether a session that is left out has a face and steps to be placed on the map."""
    is_of_study = not summary.is_of_other_study
    return bool(summary.session_id and summary.steps_reached and is_of_study) and (
        summary.face_share > 0
    )


def decided(summary: SessionSummary, decision: Decision) -> SessionSummary:
    """The summary with its grade as decided; ``own_grade`` keeps what it would have by itself."""
    if decision.is_excluded:
        grade, reason = EXCLUDED, decision.words
    elif summary.is_usable:
        return summary  # its grade says so, too
    elif can_be_included(summary):
        grade, reason = LEAST_GRADE, f"{decision.words} By itself: {summary.reason}"
    else:
        return summary
    return replace(
        summary, grade=grade, reason=reason, own_grade=summary.grade, decision=decision.words
    )


def _write(folder: StudyFolder, document: Decisions) -> Decisions:
    write_document(_path(folder), Decisions, document, heading=_HEADING)
    return document


def _path(folder: StudyFolder) -> Path:
    return folder.path / EXCLUSIONS_FILE


def _on(decided_utc: str) -> str:
    try:
        day = datetime.fromisoformat(decided_utc).astimezone()
    except ValueError:
        return ""
    return f" on {day.day} {day:%b %Y}"
