"""Measures of the face on one step: valence, arousal, states, action units and their events."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.runs import Span, close_short_breaks, dwell_s, runs_of, within
from journeylab.analysis.signs import CERTAIN_STATE
from journeylab.clock import NS_PER_S
from journeylab.streams import Column
from journeylab.vocabulary import ACTION_UNIT_COLUMNS, STATES

NEUTRAL: Final = 10.0
"""Valence within this of 0 is neither above nor below neutral, as on the map."""
EVENT_LOW: Final = 0.15
EVENT_HIGH: Final = 0.30
"""An event lies between the frames at which intensity passes the low bound, and reaches the high
one: FACS' levels A and B begin there. With one bound, noise around it would cut events in two."""
EVENT_BREAK_NS: Final = 300_000_000
EVENT_SHORTEST_NS: Final = 100_000_000
"""Shorter breaks, such as one lost frame, end no event; what is shorter is noise."""

_AFFECT: Final = (("valence", "pleasantness"), ("arousal", "strength"))


def _statistics(name: str, what: str) -> tuple[Column, ...]:
    return (
        Column(f"{name}_mean", "f8", "1", f"{what} of the expression, mean over measured time"),
        Column(f"{name}_median", "f8", "1", f"{what}, median of the frames"),
        Column(f"{name}_sd", "f8", "1", f"{what}, standard deviation over measured time"),
        Column(f"{name}_min", "f8", "1", f"{what}, lowest frame"),
        Column(f"{name}_max", "f8", "1", f"{what}, highest frame"),
    )


COLUMNS: Final = (
    Column("face_s", "f8", "s", "time with a measured expression", 0, None),
    *chain.from_iterable(_statistics(name, what) for name, what in _AFFECT),
    Column("valence_above_share", "f8", "1", "share of measured time above +10", 0, 1),
    Column("valence_below_share", "f8", "1", "share of measured time below -10", 0, 1),
    Column("valence_area", "f8", "s", "integral of valence over measured time"),
    *(
        Column(
            f"{state}_share",
            "f8",
            "1",
            f"share of measured time with {state} at {CERTAIN_STATE:g} or more",
            0,
            1,
        )
        for state in STATES
    ),
    *chain.from_iterable(
        (
            Column(
                f"{unit}_mean", "f8", "1", f"intensity of {unit}, mean over measured time", 0, 1
            ),
            Column(f"{unit}_events", "f8", "1", f"how often {unit} was shown", 0, None),
            Column(f"{unit}_events_s", "f8", "s", f"how long {unit} was shown, together", 0, None),
        )
        for unit in ACTION_UNIT_COLUMNS
    ),
)


@dataclass(frozen=True, slots=True, eq=False)
class FaceData:
    """The face of a session: times (n,) of ``affect`` and ``units`` and their columns by name,
    NaN where lost."""

    affect_ns: NDArray[np.int64]
    affect: Mapping[str, NDArray[np.float64]]
    units_ns: NDArray[np.int64]
    units: Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class UnitEvent:
    """One movement of the face: session times of onset, apex and offset, and the intensity 0..1
    at the apex."""

    unit: str
    step_id: str
    onset_ns: int
    apex_ns: int
    offset_ns: int
    peak: float


def face_measures(
    face: FaceData, spans: Sequence[Span], events: Sequence[UnitEvent]
) -> dict[str, float]:
    """The measures of one step; ``events`` are those on it. All NaN without a measured face."""
    measures = dict.fromkeys((column.name for column in COLUMNS), math.nan)
    here = within(face.affect_ns, spans) & np.isfinite(face.affect["valence"])
    stands_s = dwell_s(face.affect_ns)[here]
    face_s = float(stands_s.sum())
    if face_s > 0:
        measures["face_s"] = face_s
        for name, _ in _AFFECT:
            measures |= _spread(name, face.affect[name][here], stands_s)
        valence = face.affect["valence"][here]
        measures["valence_above_share"] = float(stands_s[valence > NEUTRAL].sum()) / face_s
        measures["valence_below_share"] = float(stands_s[valence < -NEUTRAL].sum()) / face_s
        measures["valence_area"] = float(valence @ stands_s)
        for state in STATES:
            is_shown = face.affect[state][here] >= CERTAIN_STATE
            measures[f"{state}_share"] = float(stands_s[is_shown].sum()) / face_s
    here = within(face.units_ns, spans)
    stands_s = dwell_s(face.units_ns)[here]
    for unit in ACTION_UNIT_COLUMNS:
        intensity = face.units[unit][here]
        known = np.isfinite(intensity)
        if not known.any() or stands_s[known].sum() <= 0:
            continue
        own = [event for event in events if event.unit == unit]
        measures[f"{unit}_mean"] = float(np.average(intensity[known], weights=stands_s[known]))
        measures[f"{unit}_events"] = float(len(own))
        measures[f"{unit}_events_s"] = (
            sum(event.offset_ns - event.onset_ns for event in own) / NS_PER_S
        )
    return measures


def unit_events(
    t_ns: NDArray[np.int64],
    intensity: NDArray[np.float64],
    *,
    unit: str,
    step_id: str,
    span: Span,
) -> list[UnitEvent]:
    """The events of one action unit in one stay at a step, in order of time.

    Onset and offset are the first and last frame at :data:`EVENT_LOW` or above around an apex of
    at least :data:`EVENT_HIGH`. A time without a face of over 0.3 s ends an event; none reaches
    over the end of the stay.

    Parameters
    ----------
    t_ns, intensity
        (n,) sorted times and 0..1, NaN where lost.
    """
    low, high = np.searchsorted(t_ns, span)
    known = np.isfinite(intensity[low:high])
    times_ns, values = t_ns[low:high][known], intensity[low:high][known]
    if not len(times_ns):
        return []
    gaps_ns = np.diff(times_ns)
    frames = (
        max(1, int(EVENT_BREAK_NS / max(float(np.median(gaps_ns)), 1.0))) if len(gaps_ns) else 1
    )
    events = []
    edges = [0, *(np.flatnonzero(gaps_ns > EVENT_BREAK_NS) + 1).tolist(), len(times_ns)]
    for begin, end in pairwise(edges):
        is_shown = close_short_breaks(values[begin:end] >= EVENT_LOW, max_points=frames - 1)
        for first, after in runs_of(is_shown):
            own = slice(begin + first, begin + after)
            apex = begin + first + int(np.argmax(values[own]))
            onset_ns, offset_ns = int(times_ns[own.start]), int(times_ns[own.stop - 1])
            if values[apex] < EVENT_HIGH or offset_ns - onset_ns < EVENT_SHORTEST_NS:
                continue
            events.append(
                UnitEvent(
                    unit, step_id, onset_ns, int(times_ns[apex]), offset_ns, float(values[apex])
                )
            )
    return events


def _spread(
    name: str, values: NDArray[np.float64], stands_s: NDArray[np.float64]
) -> dict[str, float]:
    mean = float(np.average(values, weights=stands_s))
    return {
        f"{name}_mean": mean,
        f"{name}_median": float(np.median(values)),
        f"{name}_sd": math.sqrt(float(np.average((values - mean) ** 2, weights=stands_s))),
        f"{name}_min": float(values.min()),
        f"{name}_max": float(values.max()),
    }
