"""What all sessions say of the eyes and of the study's own expressions on one step."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.cues import own_cues, shown_on
from journeylab.analysis.expressions import ExpressionMeasure
from journeylab.analysis.eye_measures import EyeMeasures
from journeylab.analysis.journey import ExpressionOnStep, EyesOnStep
from journeylab.analysis.reading import AlignedSession
from journeylab.study.model import Expression


def eyes_on(
    sessions: Sequence[AlignedSession], step_id: str, *, has_screen: bool
) -> EyesOnStep | None:
    """The eyes on a step, over the sessions that reached it; None without any.

    Without a screen only blinks are told: where they look is not on it.
    """
    if not sessions:
        return None
    people: dict[str, list[EyeMeasures]] = {}
    for session in sessions:
        name = session.summary.participant_id
        people.setdefault(name, []).append(session.looking.measures[step_id])
    looked = [own for own in people.values() if has_screen and any(one.gaze_s > 0 for one in own)]

    def median(field: str, groups: Sequence[Sequence[EyeMeasures]]) -> float:
        # Each participant counts once, however often she came.
        means = [_mean([float(getattr(one, field)) for one in own]) for own in groups]
        known = [mean for mean in means if math.isfinite(mean)]
        return float(np.median(known)) if known else math.nan

    return EyesOnStep(
        n=len(looked),
        n_fixations=median("n_fixations", looked),
        fixation_s=median("fixation_s", looked),
        k=median("k", looked),
        on_screen_share=median("on_screen_share", looked),
        blinks_per_min=median("blinks_per_min", list(people.values())),
    )


def expressions_on(
    sessions: Sequence[AlignedSession],
    step_id: str,
    expressions: Sequence[Expression],
    *,
    part: slice,
    position_s: NDArray[np.float64],
) -> tuple[ExpressionOnStep, ...]:
    """The study's own expressions on a step, over the sessions that reached it.

    Parameters
    ----------
    part, position_s
        Where the step's points lie on the grid, and their places on the map's axis (points,).
    """
    found = []
    for cue in own_cues(expressions):
        measured = [
            (session, session.expression_measures[cue.name][step_id]) for session in sessions
        ]
        measured = [(session, one) for session, one in measured if one.peak_ns is not None]
        shown = shown_on(sessions, cue, part=part, step_id=step_id)
        strongest = max(measured, key=lambda each: each[1].peak, default=None)
        found.append(
            ExpressionOnStep(
                name=cue.name,
                participants=shown.participants,
                n_measured=shown.n_measured,
                share_above=_mean([one.share_above for _, one in measured]),
                peak=math.nan if strongest is None else strongest[1].peak,
                peak_participant=(
                    None if strongest is None else strongest[0].summary.participant_id
                ),
                position_s=None if strongest is None else _position_s(*strongest, part, position_s),
            )
        )
    return tuple(found)


def _position_s(
    session: AlignedSession,
    measure: ExpressionMeasure,
    part: slice,
    position_s: NDArray[np.float64],
) -> float:
    """Where a peak lies on the map: at the point behind which its session was at that time."""
    assert measure.peak_ns is not None
    return float(position_s[np.argmin(np.abs(session.t_ns[part] - measure.peak_ns))])


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if math.isfinite(value)]
    return sum(known) / len(known) if known else math.nan
