"""Peaks and valleys of the aggregate trace, labelled.

Rule: a turning point at least 10 from neutral that stands out by 12 or more, with at least two
participants on its side of neutral by 10. Outside the journey the trace is taken as neutral.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.cues import CUES, Cue, cue_signal
from journeylab.analysis.insights import signed
from journeylab.analysis.journey import Callout, MapStep, Trace
from journeylab.analysis.reading import AlignedSession
from journeylab.analysis.runs import runs_of

MIN_DISTANCE: Final = 10.0
MIN_PROMINENCE: Final = 12.0
MIN_PARTICIPANTS: Final = 2
WINDOW_S: Final = 1.5
MAX_PER_STEP: Final = 2


def find_callouts(
    trace: Trace, sessions: Sequence[AlignedSession], steps: Sequence[MapStep]
) -> tuple[Callout, ...]:
    """Callouts from left to right; none where fewer than two participants stand behind one."""
    found: list[tuple[float, Callout]] = []
    for sign in (1, -1):
        level = sign * np.nan_to_num(trace.mean, nan=0.0)
        for index, prominence in peaks_of(level):
            if level[index] < MIN_DISTANCE or prominence < MIN_PROMINENCE:
                continue
            callout = _label(index, sign, trace, sessions, steps)
            if callout is not None:
                found.append((prominence, callout))
    kept: list[Callout] = []
    taken: dict[str, int] = {}
    for _, callout in sorted(found, key=lambda each: -each[0]):
        step_id = _step_at(callout.position_s, steps).step_id
        if taken.get(step_id, 0) < MAX_PER_STEP:
            taken[step_id] = taken.get(step_id, 0) + 1
            kept.append(callout)
    return tuple(sorted(kept, key=lambda callout: callout.position_s))


def peaks_of(level: NDArray[np.float64]) -> list[tuple[int, float]]:
    """Index and prominence of each local maximum of ``level`` (n,), taken as 0 outside.

    A plateau counts once, at its middle.
    """
    padded = np.concatenate([[0.0], level, [0.0]])
    peaks = []
    start = 1
    while start < len(padded) - 1:
        end = start
        while end + 1 < len(padded) and padded[end + 1] == padded[start]:
            end += 1
        if end < len(padded) - 1 and padded[start - 1] < padded[start] > padded[end + 1]:
            middle = (start + end) // 2
            peaks.append((middle - 1, _prominence(padded, middle)))
        start = end + 1
    return peaks


def _prominence(level: NDArray[np.float64], index: int) -> float:
    higher = np.flatnonzero(level > level[index])
    left = int(higher[higher < index].max(initial=-1)) + 1
    right = int(higher[higher > index].min(initial=len(level)))
    return float(level[index] - max(level[left : index + 1].min(), level[index:right].min()))


def _label(
    index: int,
    sign: int,
    trace: Trace,
    sessions: Sequence[AlignedSession],
    steps: Sequence[MapStep],
) -> Callout | None:
    position_s = float(trace.position_s[index])
    step = _step_at(position_s, steps)
    near = (
        (np.abs(trace.position_s - position_s) <= WINDOW_S)
        & (trace.position_s >= step.start_s)
        & (trace.position_s < step.end_s)
    )
    measured, behind = set(), {}
    for session in sessions:
        valence = session.signal("valence")[near]
        if not np.isfinite(valence).any():
            continue
        name = session.summary.participant_id
        measured.add(name)
        if sign * float(np.nanmean(valence)) >= MIN_DISTANCE:
            behind[name] = session
    if len(behind) < MIN_PARTICIPANTS:
        return None
    start_s, end_s = _stretch(index, sign, trace)
    return Callout(
        position_s=position_s,
        valence=float(trace.mean[index]),
        title=_title(sign, list(behind.values()), near),
        detail=f"{len(behind)} of {len(measured)} · {signed(float(trace.mean[index]))}",
        kind="joy" if sign > 0 else "negative",
        start_s=start_s,
        end_s=end_s,
        participants=tuple(behind),
    )


def _title(sign: int, sessions: list[AlignedSession], near: NDArray[np.bool_]) -> str:
    kind = "joy" if sign > 0 else "negative"
    best: tuple[int, Cue] | None = None
    for cue in (cue for cue in CUES if cue.kind == kind):
        levels = [_highest(cue_signal(session, cue)[near]) for session in sessions]
        count = sum(level >= cue.threshold for level in levels)
        if count >= MIN_PARTICIPANTS and (best is None or count > best[0]):
            best = (count, cue)
    if best is not None:
        return best[1].label
    return "Peak" if sign > 0 else "Valley"


def _highest(values: NDArray[np.floating]) -> float:
    known = values[np.isfinite(values)]
    return float(known.max()) if len(known) else 0.0


def _stretch(index: int, sign: int, trace: Trace) -> tuple[float | None, float | None]:
    for start, end in runs_of(trace.tone == sign):
        if start <= index < end:
            return float(trace.position_s[start]), float(trace.position_s[end - 1])
    return None, None


def _step_at(position_s: float, steps: Sequence[MapStep]) -> MapStep:
    for step in steps:
        if position_s < step.end_s:
            return step
    return steps[-1]
