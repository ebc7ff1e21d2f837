"""What the map does not show, said in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np

from journeylab.analysis.declined import EMOTION, GAZE, NAMES, POINTER, declined_words
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
        notes.append(_left_out(excluded))
    if not sessions:
        return tuple(notes)
    people = {session.summary.participant_id for session in sessions}
    if len(people) == 1:
        notes.append("One participant only: no band, and no peak or valley is labelled.")
    if not any(np.isfinite(session.signal("valence")).any() for session in sessions):
        notes.append(_unless_declined(sessions, EMOTION, "No valence was measured on any step."))
    notes.extend(_gaze(sessions))
    if not any(session.has_pointer for session in sessions):
        notes.append(_unless_declined(sessions, POINTER, "No mouse was recorded."))
    if said := declined_words([session.summary.declined for session in sessions]):
        notes.append(said)
    skipped = [step.title for step in steps if step.n_reached == 0]
    if skipped:
        notes.append(f"Nobody reached {_list(skipped)}; planned duration shown.")
    versions = [f"{step.title} {step.variant}" for step in steps if step.variant]
    if versions:
        notes.append(
            f"Of steps with versions the map shows the screen and gaze of {_list(versions)}; the "
            "heatmaps show each version by itself."
        )
    return tuple(notes)


def _left_out(excluded: Sequence[SessionSummary]) -> str:
    """How many are left out, and the reasons of their grades.

    A map is made to be shown: whose they are, who decided it, and what was written of it stay in
    the study.
    """
    by_team = sum(bool(summary.decision) for summary in excluded)
    counts = Counter(_reason(summary) for summary in excluded if not summary.decision)
    told = [f"{by_team} by the team"] if by_team else []
    told += [f"{n}: {reason}" for reason, n in counts.most_common(_MOST_REASONS)]
    rest = sum(counts.values()) - sum(n for _, n in counts.most_common(_MOST_REASONS))
    told += [f"{rest} for other reasons"] if rest else []
    n = len(excluded)
    return f"{n} {'session is' if n == 1 else 'sessions are'} left out ({'; '.join(told)})."


def _reason(summary: SessionSummary) -> str:
    """Why its grade is what it is; of one that cannot be opened the file's name is not told."""
    if not summary.session_id:
        return "the file cannot be opened"
    return summary.reason.rstrip(".")


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
        otherwise = "No point of gaze: no session was calibrated."
        return [_unless_declined(sessions, GAZE, otherwise)]
    if with_gaze < len(sessions):
        return [f"Point of gaze in {with_gaze} of {len(sessions)} sessions."]
    return []


def _unless_declined(sessions: Sequence[AlignedSession], key: str, otherwise: str) -> str:
    """Why no session has a kind of measure: that each declined it, or the other sentence."""
    if all(key in session.summary.declined for session in sessions):
        return f"{NAMES[key][:1].upper()}{NAMES[key][1:]}: declined by every participant."
    return otherwise


def _list(names: Sequence[str]) -> str:
    shown = list(names[:4])
    rest = len(names) - len(shown)
    if rest:
        return f"{', '.join(shown)} and {rest} more"
    return " and ".join(", ".join(shown).rsplit(", ", 1)) if len(shown) > 1 else shown[0]
