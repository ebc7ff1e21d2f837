"""What of a session to look at first: its moments of trouble, the worst on top.

Every expression that held, every event and every stretch of valence that speaks of trouble is a
sign. Signs in one stay at a step that follow within :data:`TOGETHER_S` make one moment; how severe
it is says the one rule of :mod:`journeylab.analysis.severity`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.alignment import Visit
from journeylab.analysis.cues import MIN_CUE_S
from journeylab.analysis.insights import signed
from journeylab.analysis.moment_signs import SIGN_WORDS
from journeylab.analysis.replay_events import (
    LONGEST_GAP_NS,
    EventIndex,
    EventKind,
    ReplayEvent,
    ReplayStep,
)
from journeylab.analysis.runs import runs_of
from journeylab.analysis.session_data import Columns, SessionData
from journeylab.analysis.severity import (
    JOYFUL,
    MARKER,
    VALENCE,
    VALENCE_LEVEL,
    severity_of_sign,
    severity_of_valence,
    severity_words,
    together,
)
from journeylab.analysis.sign_reading import SIGN_STATES, SIGN_UNITS
from journeylab.analysis.signs import SignKind, expression_signs
from journeylab.clock import NS_PER_S

TOGETHER_S: Final = 2.0
_SMOOTH_S: Final = 0.5
_JOYFUL_WORD: Final = re.compile(r"(joy|delight|happ|aha\b|positiv)\w*")
_DENIAL: Final = re.compile(r"\b(no|not|never|without|lack of|loss of|less|little)\s+$")
_KIND_OF_EVENT: Final = {
    EventKind.CLICKS: SignKind.BURST.value,
    EventKind.REFUSAL: SignKind.REFUSAL.value,
    EventKind.MARKER: MARKER,
}


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
        return severity_words(self.severity)


def rank_moments(
    events: EventIndex,
    steps: Sequence[ReplayStep],
    *,
    t_ns: NDArray[np.int64],
    valence: NDArray[np.floating],
    expressions: Sequence[Sign] = (),
) -> tuple[ReplayMoment, ...]:
    """The moments of a session by severity, the worst first; equals by time.

    Parameters
    ----------
    t_ns, valence
        (n,) sorted times and valence -100..100, NaN where lost.
    expressions
        As :func:`read_expressions` gives them.
    """
    signs = [*expressions, *_signs_of_events(events.events), *valleys(t_ns, valence, steps)]
    signs.sort(key=lambda sign: sign.start_ns)
    moments = [_moment(group, steps) for group in _together(signs, steps)]
    return tuple(sorted(moments, key=lambda one: (-one.severity, one.start_ns)))


def read_expressions(session: SessionData, steps: Sequence[ReplayStep]) -> list[Sign]:
    """The expressions of trouble that held, by the same signs as the map's, with their apexes."""
    units = session.table("action_units", columns=SIGN_UNITS)
    affect = session.table("affect", columns=SIGN_STATES)
    levels = {name: np.asarray(units[name], dtype=np.float64) for name in SIGN_UNITS}
    states = {name: _at(units.t_ns, affect, name) for name in SIGN_STATES}
    visits = [Visit(step.step_id, step.start_ns, step.end_ns, step.visit) for step in steps]
    shown = {
        SignKind.FROWN: levels["AU04"],
        SignKind.PRESS: levels["AU24"],
        SignKind.CONTEMPT: np.abs(levels["AU14L"] - levels["AU14R"]),
        SignKind.LOW_MOOD: levels["AU15"],
        SignKind.FEAR: states["fear"],
        SignKind.BOREDOM: states["boredom"],
    }
    found = []
    for sign in expression_signs(units.t_ns, levels, states, visits):
        if sign.kind in JOYFUL or sign.kind not in shown:
            continue
        first, last = np.searchsorted(units.t_ns, (sign.onset_ns, sign.offset_ns + 1))
        strongest = first + int(np.argmax(np.nan_to_num(shown[sign.kind][first:last], nan=-1.0)))
        found.append(
            Sign(
                sign.kind.value,
                SIGN_WORDS[sign.kind],
                sign.onset_ns,
                sign.offset_ns,
                int(units.t_ns[strongest]),
                severity_of_sign(sign.kind.value, sign.strength),
            )
        )
    return found


def valleys(
    t_ns: NDArray[np.int64], valence: NDArray[np.floating], steps: Sequence[ReplayStep] = ()
) -> list[Sign]:
    """Stretches in which valence, smoothed over half a second, stays negative for
    :data:`~journeylab.analysis.cues.MIN_CUE_S`.

    A pause between samples ends one, and so does the end of a stay at a step.
    """
    if len(t_ns) < 2:
        return []
    smooth = np.empty(len(t_ns))
    edges = _edges(t_ns, steps)
    for first, last in pairwise(edges):
        smooth[first:last] = _smoothed(t_ns[first:last], valence[first:last])
    holds = np.nan_to_num(smooth, nan=0.0) <= -VALENCE_LEVEL
    found = []
    for begin, end in runs_of(holds):
        inside = [begin, *(edge for edge in edges if begin < edge < end), end]
        for first, last in pairwise(inside):
            if t_ns[last - 1] - t_ns[first] < MIN_CUE_S * NS_PER_S:
                continue
            deepest = int(first + np.argmin(smooth[first:last]))
            depth = float(smooth[deepest])
            words = f"valence down to {signed(depth)}"
            times = int(t_ns[first]), int(t_ns[last - 1]), int(t_ns[deepest])
            found.append(Sign(VALENCE, words, *times, severity_of_valence(depth)))
    return found


def _edges(t_ns: NDArray[np.int64], steps: Sequence[ReplayStep]) -> list[int]:
    """Places where something else begins: after a pause, and at either end of a stay."""
    gaps = np.flatnonzero(np.diff(t_ns) > LONGEST_GAP_NS) + 1
    turns = [time for step in steps for time in (step.start_ns, step.end_ns)]
    places = {0, len(t_ns), *gaps.tolist(), *np.searchsorted(t_ns, turns).tolist()}
    return sorted(places)


def _smoothed(t_ns: NDArray[np.int64], valence: NDArray[np.floating]) -> NDArray[np.float64]:
    """Running mean over half a second of what was measured; NaN where nothing was."""
    values = np.asarray(valence, dtype=np.float64)
    if len(t_ns) < 2:
        return values
    step_ns = max(float(np.median(np.diff(t_ns))), 1.0)
    n = min(max(1, round(_SMOOTH_S * NS_PER_S / step_ns)), len(values))
    known = np.isfinite(values)
    window = np.ones(n)
    total = np.convolve(np.where(known, values, 0.0), window, mode="same")[: len(values)]
    count = np.convolve(known.astype(np.float64), window, mode="same")[: len(values)]
    return np.where(known, total / np.maximum(count, 1.0), np.nan)


def _at(t_ns: NDArray[np.int64], rows: Columns, name: str) -> NDArray[np.float64]:
    """A state at the times of the action units, which are of the same frames; NaN where not."""
    values = np.asarray(rows[name], dtype=np.float64)
    if np.array_equal(rows.t_ns, t_ns):
        return values
    found = np.full(len(t_ns), np.nan)
    place = np.searchsorted(rows.t_ns, t_ns)
    inside = np.flatnonzero(place < len(rows.t_ns))
    inside = inside[rows.t_ns[place[inside]] == t_ns[inside]]
    found[inside] = values[place[inside]]
    return found


def _signs_of_events(events: Iterable[ReplayEvent]) -> list[Sign]:
    signs = []
    for event in events:
        key = event.key if event.kind is EventKind.ALERT else _KIND_OF_EVENT.get(event.kind, "")
        severity = severity_of_sign(key)
        if not severity or (event.kind is EventKind.MARKER and is_joyful(event.words)):
            continue
        words = event.words[:1].lower() + event.words[1:]
        if event.kind is EventKind.MARKER:
            words = f"marker {event.words}"
        signs.append(Sign(key, words, event.t_ns, event.end_ns, event.apex_ns, severity))
    return signs


def is_joyful(label: str) -> bool:
    """Whether a marker's label says that something went well, which is no trouble.

    By whole words: "unhappy" and "no joy" say the contrary.
    """
    words = label.casefold()
    found = [match for match in _JOYFUL_WORD.finditer(words) if _begins_a_word(words, match)]
    return any(not _DENIAL.search(words[: match.start()]) for match in found)


def _begins_a_word(words: str, match: re.Match[str]) -> bool:
    return match.start() == 0 or not words[match.start() - 1].isalnum()


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
    place = _stay_at(signs[0].start_ns, steps)
    return ReplayMoment(
        start_ns=min(sign.start_ns for sign in signs),
        end_ns=max(sign.end_ns for sign in signs),
        apex_ns=ordered[0].apex_ns,
        step_title=steps[place].title if place >= 0 else "",
        severity=together((sign.key, sign.severity) for sign in signs),
        signs=tuple(ordered),
    )


def _stay_at(t_ns: int, steps: Sequence[ReplayStep]) -> int:
    """Place of the stay that a time lies in; -1 between two stays."""
    for place, step in enumerate(steps):
        if step.start_ns <= t_ns < step.end_ns:
            return place
    return -1
