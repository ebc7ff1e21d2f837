"""What of a session to look at first: its moments, the worst on top.

Rule, version 1. Every event that speaks of trouble, and every stretch of valence below the trace's
threshold, is a sign with a severity of its own, 0..1 (:data:`WEIGHTS`; of action units the more,
the stronger, and of stretches the deeper). Signs in one stay at a step that follow within
:data:`TOGETHER_S` make one moment. Its severity takes the strongest sign of each kind as
independent witnesses: 1 - product of (1 - severity). So three faint signs of different kinds
outrank one of them, and a frown that comes again does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.cues import MIN_CUE_S
from journeylab.analysis.insights import signed
from journeylab.analysis.replay_events import EventIndex, EventKind, ReplayEvent, ReplayStep
from journeylab.analysis.runs import runs_of
from journeylab.clock import NS_PER_S

RULE_VERSION: Final = "1"
TOGETHER_S: Final = 2.0
VALENCE_LEVEL: Final = -12.0
"""From here down the trace is drawn as negative."""
SEVERE, NOTABLE = 0.7, 0.4
_SMOOTH_S: Final = 0.5

WEIGHTS: Final = MappingProxyType(
    {
        "AU04": 0.45,
        "AU24": 0.5,
        "AU15": 0.3,
        EventKind.CLICKS: 0.6,
        EventKind.REFUSAL: 0.5,
        "frustrated": 0.65,
        "stuck": 0.55,
        "off_screen": 0.3,
        EventKind.MARKER: 0.4,
        "valence": 0.6,
    }
)
"""How much each sign weighs at its full strength. Behaviour (clicks on one spot, a refused field)
counts for more than one expression alone, which may mean many things."""

_JOYFUL: Final = ("joy", "delight", "happy", "aha", "positive")


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that speaks of trouble, from ``start_ns`` to ``end_ns``."""

    key: str
    words: str
    start_ns: int
    end_ns: int
    apex_ns: int
    severity: float


@dataclass(frozen=True, slots=True)
class ReplayMoment:
    """Some signs together; ``apex_ns`` is where the strongest of them is strongest."""

    start_ns: int
    end_ns: int
    apex_ns: int
    step_title: str
    severity: float
    signs: tuple[Sign, ...]

    @property
    def words(self) -> str:
        """The signs in words, the weightiest first."""
        return ", ".join(dict.fromkeys(sign.words for sign in self.signs))

    @property
    def severity_words(self) -> str:
        """How severe, in a word."""
        if self.severity >= SEVERE:
            return "severe"
        return "notable" if self.severity >= NOTABLE else "slight"


def rank_moments(
    events: EventIndex,
    steps: Sequence[ReplayStep],
    *,
    t_ns: NDArray[np.int64],
    valence: NDArray[np.floating],
) -> tuple[ReplayMoment, ...]:
    """The moments of a session by severity, the worst first; equals by time.

    Parameters
    ----------
    t_ns, valence
        (n,) sorted times and valence -100..100, NaN where lost.
    """
    signs = [*_signs_of_events(events.events), *valleys(t_ns, valence)]
    signs.sort(key=lambda sign: sign.start_ns)
    moments = [_moment(group, steps) for group in _together(signs, steps)]
    return tuple(sorted(moments, key=lambda one: (-one.severity, one.start_ns)))


def valleys(t_ns: NDArray[np.int64], valence: NDArray[np.floating]) -> list[Sign]:
    """Stretches in which valence, smoothed over half a second, stays negative for
    :data:`~journeylab.analysis.cues.MIN_CUE_S`."""
    if len(t_ns) < 2:
        return []
    smooth = _smoothed(t_ns, np.asarray(valence, dtype=np.float64))
    holds = np.nan_to_num(smooth, nan=0.0) <= VALENCE_LEVEL
    found = []
    for first, last in runs_of(holds):
        if t_ns[last - 1] - t_ns[first] < MIN_CUE_S * NS_PER_S:
            continue
        deepest = int(first + np.argmin(smooth[first:last]))
        depth = float(smooth[deepest])
        severity = WEIGHTS["valence"] * min(1.0, (VALENCE_LEVEL - depth) / 60.0 + 0.25)
        words = f"valence down to {signed(depth)}"
        times = int(t_ns[first]), int(t_ns[last - 1]), int(t_ns[deepest])
        found.append(Sign("valence", words, *times, severity))
    return found


def _smoothed(t_ns: NDArray[np.int64], valence: NDArray[np.float64]) -> NDArray[np.float64]:
    """Running mean over half a second of what was measured; NaN where nothing was."""
    step_ns = max(float(np.median(np.diff(t_ns))), 1.0)
    n = max(1, round(_SMOOTH_S * NS_PER_S / step_ns))
    known = np.isfinite(valence)
    window = np.ones(n)
    total = np.convolve(np.where(known, valence, 0.0), window, mode="same")[: len(valence)]
    count = np.convolve(known.astype(np.float64), window, mode="same")[: len(valence)]
    return np.where(known, total / np.maximum(count, 1.0), np.nan)


def _signs_of_events(events: Iterable[ReplayEvent]) -> list[Sign]:
    signs = []
    for event in events:
        key = event.key if event.kind in (EventKind.UNIT, EventKind.ALERT) else event.kind
        weight = WEIGHTS.get(key)
        if weight is None or (event.kind is EventKind.MARKER and _is_joyful(event)):
            continue
        if event.kind is EventKind.UNIT:
            weight *= 0.5 + 0.5 * min(event.level, 1.0)
        words = event.words[:1].lower() + event.words[1:]
        if event.kind is EventKind.UNIT:
            words = event.words
        elif event.kind is EventKind.MARKER:
            words = f"marker {event.words}"
        signs.append(Sign(str(key), words, event.t_ns, event.end_ns, event.apex_ns, weight))
    return signs


def _is_joyful(event: ReplayEvent) -> bool:
    """Whether a marker's label says that something went well, which is no trouble."""
    return any(word in event.words.casefold() for word in _JOYFUL)


def _together(signs: Sequence[Sign], steps: Sequence[ReplayStep]) -> list[list[Sign]]:
    groups: list[list[Sign]] = []
    end_ns, place = 0, -1
    for sign in signs:
        here = _stay_at(sign.start_ns, steps)
        if groups and here == place and sign.start_ns <= end_ns + TOGETHER_S * NS_PER_S:
            groups[-1].append(sign)
            end_ns = max(end_ns, sign.end_ns)
        else:
            groups.append([sign])
            end_ns, place = sign.end_ns, here
    return groups


def _moment(signs: Sequence[Sign], steps: Sequence[ReplayStep]) -> ReplayMoment:
    ordered = sorted(signs, key=lambda sign: -sign.severity)
    strongest: dict[str, float] = {}
    for sign in ordered:
        strongest.setdefault(sign.key, sign.severity)
    doubt = float(np.prod([1.0 - severity for severity in strongest.values()]))
    place = _stay_at(signs[0].start_ns, steps)
    return ReplayMoment(
        start_ns=min(sign.start_ns for sign in signs),
        end_ns=max(sign.end_ns for sign in signs),
        apex_ns=ordered[0].apex_ns,
        step_title=steps[place].title if place >= 0 else "",
        severity=1.0 - doubt,
        signs=tuple(ordered),
    )


def _stay_at(t_ns: int, steps: Sequence[ReplayStep]) -> int:
    """Place of the stay that a time lies in; -1 between two stays."""
    for place, step in enumerate(steps):
        if step.start_ns <= t_ns < step.end_ns:
            return place
    return -1
