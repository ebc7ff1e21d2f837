"""The sessions of a study as the researcher decided: some left out, some taken in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from journeylab.analysis.exclusions import Decision, decided
from journeylab.analysis.study_sessions import ReadSession


def as_decided(
    sessions: Sequence[ReadSession], decisions: Mapping[str, Decision]
) -> tuple[ReadSession, ...]:
    """The same sessions, each as the decision about it says; one without stays as it is graded.

    Parameters
    ----------
    decisions
        By session id, those in force.
    """
    return tuple(_as_decided(session, decisions) for session in sessions)


def _as_decided(session: ReadSession, decisions: Mapping[str, Decision]) -> ReadSession:
    decision = decisions.get(session.summary.session_id)
    if decision is None:
        return session
    return session.with_summary(decided(session.summary, decision))
