"""How far a study's sessions carry its map: grades, exclusions, numbers, quotas, saturation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from journeylab.analysis.exclusions import Decision, Decisions
from journeylab.analysis.journey import JourneyMap, SessionSummary
from journeylab.analysis.saturation import Saturation, saturation_of
from journeylab.analysis.sessions import GRADES
from journeylab.study.model import Study
from journeylab.study.quotas import HeldSession, StudyTally, tally


@dataclass(frozen=True, slots=True, eq=False)
class StudyHealth:
    """What the study's health page shows.

    ``sessions`` are all of them, oldest first; ``of_gone`` the decisions in force about sessions
    that are no longer there; ``n_people`` how many participants stand behind the map, simulated
    ones too, which ``tally`` does not count. ``journey`` is the map they make.
    """

    sessions: tuple[SessionSummary, ...]
    tally: StudyTally
    saturation: Saturation
    of_gone: tuple[Decision, ...]
    n_people: int
    n_simulated: int
    journey: JourneyMap

    @property
    def grades(self) -> Mapping[str, int]:
        """How many sessions have each grade."""
        return {grade: sum(s.grade == grade for s in self.sessions) for grade in GRADES}

    @property
    def n_usable(self) -> int:
        """Sessions in the map."""
        return sum(session.is_usable for session in self.sessions)

    @property
    def usable_words(self) -> str:
        """How many participants are usable, of how many wanted."""
        usable, wanted = self.tally.usable, self.tally.wanted
        if wanted is None:
            return f"{usable} usable participants; the study does not say how many it wants."
        if usable < wanted:
            return f"{usable} of {wanted} wanted participants; {wanted - usable} to go."
        return f"{usable} of {wanted} wanted participants: complete."

    @property
    def gone_words(self) -> str:
        """What to know of decisions about sessions that are gone; empty without any."""
        if not self.of_gone:
            return ""
        told = "; ".join(f"{one.file} ({one.words.rstrip('.')})" for one in self.of_gone[:3])
        rest = f"; and {len(self.of_gone) - 3} more" if len(self.of_gone) > 3 else ""
        many = len(self.of_gone) > 1
        return (
            f"{len(self.of_gone)} decision{'s are' if many else ' is'} about "
            f"{'sessions that are' if many else 'a session that is'} no longer here: {told}{rest}. "
            "They change nothing, and count again if the session comes back."
        )


def study_health(study: Study, journey: JourneyMap, decisions: Decisions) -> StudyHealth:
    """The health of a study.

    Parameters
    ----------
    journey
        The study's whole map, not that of a segment.
    """
    summaries = sorted(
        [*(session.summary for session in journey.sessions), *journey.excluded],
        key=lambda summary: (summary.created_utc, summary.participant_id),
    )
    held = [
        HeldSession(
            summary.participant_id,
            summary.segments,
            is_usable=summary.is_usable,
            is_simulated=summary.simulated,
            created_utc=summary.created_utc,
        )
        for summary in summaries
        if summary.session_id
    ]
    present = {summary.session_id for summary in summaries}
    # One that cannot be opened may be the one that was decided about.
    unread = {summary.path.name for summary in summaries if not summary.session_id}
    return StudyHealth(
        sessions=tuple(summaries),
        tally=tally(study, held, unread=len(unread)),
        saturation=saturation_of(journey),
        of_gone=tuple(
            one
            for one in decisions.in_force().values()
            if one.session_id not in present and one.file not in unread
        ),
        n_people=len({session.summary.participant_id for session in journey.sessions}),
        n_simulated=journey.n_simulated,
        journey=journey,
    )
