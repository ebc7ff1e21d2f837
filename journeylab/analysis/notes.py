"""What the map does not show, said in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from journeylab.analysis.journey import MapStep, SessionSummary
from journeylab.analysis.reading import AlignedSession

_MOST_REASONS: Final = 3


def notes_of(
    sessions: Sequence[AlignedSession],
    excluded: Sequence[SessionSummary],
    steps: Sequence[MapStep],
    *,
    segment: dict[str, str],
) -> tuple[str, ...]:
    """Everything a reader must know before believing the map; empty when nothing is missing."""
    notes: list[str] = []
    if not sessions:
        notes.append(_no_session(excluded, segment))
    if excluded:
        names = _list(sorted({summary.participant_id for summary in excluded}))
        be = "is" if len(excluded) == 1 else "are"
        sessions_word = "session" if len(excluded) == 1 else "sessions"
        notes.append(f"{len(excluded)} {sessions_word} {be} excluded: {names}.")
        notes.append(_why(excluded))
    if not sessions:
        return tuple(notes)
    people = {session.summary.participant_id for session in sessions}
    if len(people) == 1:
        notes.append("One participant only: no band, and no peak or valley is labelled.")
    if not any(np.isfinite(session.signal("valence")).any() for session in sessions):
        notes.append("No valence was measured on any step.")
    notes.extend(_gaze(sessions))
    if not any(session.has_pointer for session in sessions):
        notes.append("No mouse was recorded.")
    skipped = [step.title for step in steps if step.n_reached == 0]
    if skipped:
        notes.append(f"Nobody reached {_list(skipped)}; planned duration shown.")
    return tuple(notes)


def _why(excluded: Sequence[SessionSummary]) -> str:
    """Why sessions are left out: those the researcher decided about first."""
    ordered = sorted(excluded, key=lambda summary: (not summary.decision, summary.participant_id))
    told = [f"{one.participant_id}: {one.reason.rstrip('.')}" for one in ordered[:_MOST_REASONS]]
    rest = len(ordered) - len(told)
    return f"Why: {'; '.join(told)}" + (f"; and {rest} more." if rest else ".")


def _no_session(excluded: Sequence[SessionSummary], segment: dict[str, str]) -> str:
    if excluded:
        return "No session is usable, so there is no trace."
    if segment:
        words = ", ".join(f"{name} {value}" for name, value in segment.items())
        return f"No session with {words} has been recorded yet."
    return "No session has been recorded yet."


def _gaze(sessions: Sequence[AlignedSession]) -> list[str]:
    with_gaze = sum(bool(session.looking.densities) for session in sessions)
    if with_gaze == 0:
        return ["No point of gaze: no session was calibrated."]
    if with_gaze < len(sessions):
        return [f"Point of gaze in {with_gaze} of {len(sessions)} sessions."]
    return []


def _list(names: Sequence[str]) -> str:
    shown = list(names[:4])
    rest = len(names) - len(shown)
    if rest:
        return f"{', '.join(shown)} and {rest} more"
    return " and ".join(", ".join(shown).rsplit(", ", 1)) if len(shown) > 1 else shown[0]
