"""How far a study has come: usable sessions against those wanted, and quotas by segment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from journeylab.study.model import Study


@dataclass(frozen=True, slots=True)
class HeldSession:
    """What counting needs of one session: who, of which segments, and whether it can be used.

    ``is_simulated`` when no person took part.
    """

    participant_id: str
    segments: Mapping[str, str]
    is_usable: bool
    is_simulated: bool = False
    created_utc: str = ""


@dataclass(frozen=True, slots=True)
class Quota:
    """Usable participants of one value of a segment, and how many are wanted."""

    segment: str
    value: str
    usable: int
    wanted: int

    @property
    def is_full(self) -> bool:
        """True when as many as are wanted are there."""
        return self.usable >= self.wanted

    @property
    def words(self) -> str:
        """In words, such as ``mobile 3 of 8``."""
        return f"{self.value} {self.usable} of {self.wanted}"


@dataclass(frozen=True, slots=True)
class StudyTally:
    """Participants so far: ``usable``, ``too_poor`` (none of their sessions can be used), and
    ``wanted``, None where the study does not say.

    ``simulated`` sessions are of nobody and count for nothing; ``unread`` ones could not be
    opened, as encrypted ones without their passphrase.
    """

    usable: int
    too_poor: int
    wanted: int | None
    quotas: tuple[Quota, ...] = ()
    simulated: int = 0
    unread: int = 0

    def quotas_of(self, segment: str) -> tuple[Quota, ...]:
        """The quotas of one segment, in the order of its values."""
        return tuple(quota for quota in self.quotas if quota.segment == segment)

    def full_among(self, segments: Mapping[str, str]) -> tuple[Quota, ...]:
        """The quotas that a participant of these segments would go beyond."""
        return tuple(
            quota
            for quota in self.quotas
            if quota.is_full and segments.get(quota.segment) == quota.value
        )


def tally(study: Study, sessions: Iterable[HeldSession], *, unread: int = 0) -> StudyTally:
    """Count a study's participants.

    A participant with several sessions counts once, and as usable when one of them is. Her
    segments are those of her last usable session.

    Parameters
    ----------
    sessions
        Oldest first.
    """
    usable: dict[str, Mapping[str, str]] = {}
    seen: set[str] = set()
    simulated = 0
    for session in sessions:
        if session.is_simulated:
            simulated += 1
            continue
        seen.add(session.participant_id)
        if session.is_usable:
            usable[session.participant_id] = session.segments
    quotas = tuple(
        Quota(
            segment.name,
            value,
            sum(segments.get(segment.name) == value for segments in usable.values()),
            segment.quotas[value],
        )
        for segment in study.segments
        for value in segment.values
        if value in segment.quotas
    )
    return StudyTally(
        usable=len(usable),
        too_poor=len(seen - set(usable)),
        wanted=study.participants,
        quotas=quotas,
        simulated=simulated,
        unread=unread,
    )
