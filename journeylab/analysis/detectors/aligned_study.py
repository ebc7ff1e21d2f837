"""All sessions on one axis, as the detectors see them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis import aggregate
from journeylab.analysis.alignment import StepGrid
from journeylab.analysis.reading import AlignedSession
from journeylab.analysis.signs import Sign, SignKind
from journeylab.clock import NS_PER_S
from journeylab.vocabulary import StimulusKind

UNIFORM_POINTS: Final = 600
"""Points of equal duration over the whole journey, on which chance is tried."""
Areas: TypeAlias = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class StepSpan:
    """One step on the map's axis."""

    step_id: str
    title: str
    kind: StimulusKind
    start_s: float
    end_s: float
    touchpoint: str = ""
    """What is met there, as the study says."""

    @property
    def has_screen(self) -> bool:
        return self.kind is not StimulusKind.CAMERA_ONLY


@dataclass(frozen=True, slots=True, eq=False)
class PlacedSign:
    """One sign on the axis: whose, and over which points of the grid, ``first`` to ``last``."""

    person: int
    session: AlignedSession
    sign: Sign
    first: int
    last: int


@dataclass(frozen=True, slots=True, eq=False)
class AlignedStudy:
    """Sessions aligned within steps, by participant.

    ``position_s`` and ``mean`` (grid.size,) are those of the map's trace; ``valence`` and ``seen``
    (people, grid.size) the participants' own and whether a face was measured; ``uniform`` (k,) the
    point of the grid at each of k instants of equal distance.
    """

    grid: StepGrid
    steps: tuple[StepSpan, ...]
    sessions: tuple[AlignedSession, ...]
    people: tuple[str, ...]
    position_s: NDArray[np.float64]
    mean: NDArray[np.float64]
    valence: NDArray[np.float64]
    signs: tuple[PlacedSign, ...]
    uniform: NDArray[np.int64]

    @property
    def seen(self) -> NDArray[np.bool_]:
        """(people, grid.size) where a face was measured."""
        return np.isfinite(self.valence)

    def part(self, step: StepSpan) -> slice:
        """Where a step's points lie on the grid."""
        return self.grid.part(step.step_id)

    def step_of(self, point: int) -> StepSpan:
        """The step a point of the grid belongs to."""
        for step in self.steps:
            part = self.part(step)
            if part.start <= point < part.stop:
                return step
        raise IndexError(f"the grid has no point {point}")

    def signs_of(self, kinds: Iterable[SignKind], step_id: str | None = None) -> list[PlacedSign]:
        """Signs of these kinds, on one step where given."""
        wanted = frozenset(kinds)
        return [
            one
            for one in self.signs
            if one.sign.kind in wanted and (step_id is None or one.sign.step_id == step_id)
        ]

    def shown(self, kinds: Iterable[SignKind], *, reach: float = 0.0) -> NDArray[np.bool_]:
        """(people, grid.size) who showed any of these when.

        ``reach`` is the share of a step by which a sign is widened to either side, within its step:
        people come to the same thing a little earlier or later.
        """
        shown = np.zeros((len(self.people), self.grid.size), dtype=np.bool_)
        for one in self.signs_of(kinds):
            part = self.grid.part(one.sign.step_id)
            wider = round(reach * (part.stop - part.start))
            first, last = max(one.first - wider, part.start), min(one.last + wider, part.stop - 1)
            shown[one.person, first : last + 1] = True
        return shown

    def shown_in_time(self, kinds: Iterable[SignKind]) -> NDArray[np.bool_]:
        """(people, instants) who showed any of these at each of the instants of equal distance; a
        sign between two of them is at the later one."""
        shown = np.zeros((len(self.people), len(self.uniform)), dtype=np.bool_)
        for one in self.signs_of(kinds):
            low = min(int(np.searchsorted(self.uniform, one.first)), len(self.uniform) - 1)
            high = int(np.searchsorted(self.uniform, one.last, side="right"))
            shown[one.person, low : max(high, low + 1)] = True
        return shown

    def reaches(self, reach: float) -> list[tuple[slice, int]]:
        """The instants of each step, and how many of them a share of the step is."""
        windows = [self.uniform_window(step) for step in self.steps]
        return [(window, round(reach * (window.stop - window.start))) for window in windows]

    def uniform_window(self, step: StepSpan) -> slice:
        """The instants of equal distance that lie on a step."""
        part = self.part(step)
        inside = np.flatnonzero((self.uniform >= part.start) & (self.uniform < part.stop))
        return slice(int(inside[0]), int(inside[-1]) + 1) if len(inside) else slice(0, 0)

    def n_seen_on(self, step: StepSpan) -> int:
        """How many participants' faces were measured on a step."""
        return int(self.seen[:, self.part(step)].any(axis=1).sum())

    def segments(self) -> dict[str, dict[str, str]]:
        """Segment to session to value, of those that have one: a participant may come once with
        each device."""
        found: dict[str, dict[str, str]] = {}
        for session in self.sessions:
            for name, value in session.summary.segments.items():
                if value:
                    found.setdefault(name, {})[session.summary.session_id] = value
        return found

    def of_segment(self, name: str, value: str) -> AlignedStudy:
        """The same axis with the sessions of one value of a segment alone."""
        sessions = tuple(one for one in self.sessions if one.summary.segments.get(name) == value)
        return self._with(sessions)

    def of_people(self, people: Collection[str]) -> AlignedStudy:
        """The same axis with some of the participants alone."""
        return self._with(
            tuple(one for one in self.sessions if one.summary.participant_id in people)
        )

    def _with(self, sessions: tuple[AlignedSession, ...]) -> AlignedStudy:
        names = [session.summary.participant_id for session in sessions]
        people = tuple(dict.fromkeys(names))
        number = {name: place for place, name in enumerate(people)}
        kept = {id(session) for session in sessions}
        valence = _valence(sessions, names, self.grid)
        return replace(
            self,
            people=people,
            sessions=sessions,
            valence=valence,
            mean=_mean(valence),
            signs=tuple(
                replace(one, person=number[self.people[one.person]])
                for one in self.signs
                if id(one.session) in kept
            ),
        )


def align_study(
    sessions: Sequence[AlignedSession],
    grid: StepGrid,
    steps: Sequence[StepSpan],
    *,
    position_s: NDArray[np.float64],
    areas: Areas | None = None,
) -> AlignedStudy:
    """Bring sessions together for the detectors.

    Parameters
    ----------
    sessions
        Those that are usable.
    grid, steps
        The map's grid, and its steps in the same order.
    position_s
        (grid.size,) of the map's trace.
    areas
        By step the names of its areas of interest by their selectors: an element the page tells of
        is called what the study calls it.
    """
    names = [session.summary.participant_id for session in sessions]
    people = tuple(dict.fromkeys(names))
    valence = _valence(sessions, names, grid)
    number = {name: place for place, name in enumerate(people)}
    signs = [
        placed
        for session, name in zip(sessions, names, strict=True)
        for placed in _placed(session, number[name], grid, areas or {})
    ]
    end_s = steps[-1].end_s if steps else 0.0
    n_uniform = min(UNIFORM_POINTS, max(grid.size, 1))
    instants_s = (np.arange(n_uniform) + 0.5) / n_uniform * end_s
    edges_s = (position_s[1:] + position_s[:-1]) / 2
    return AlignedStudy(
        grid=grid,
        steps=tuple(steps),
        sessions=tuple(sessions),
        people=people,
        position_s=position_s,
        mean=_mean(valence),
        valence=valence,
        signs=tuple(signs),
        uniform=np.searchsorted(edges_s, instants_s),
    )


def _valence(
    sessions: Sequence[AlignedSession], names: Sequence[str], grid: StepGrid
) -> NDArray[np.float64]:
    """(people, grid.size) each participant's own, her sessions averaged."""
    if not sessions:
        return np.empty((0, grid.size))
    return aggregate.by_participant(
        np.stack([session.signal("valence") for session in sessions]), names
    )


def _mean(valence: NDArray[np.float64]) -> NDArray[np.float64]:
    if not len(valence):
        return np.full(valence.shape[1], np.nan)
    return aggregate.robust_mean(valence)


def _placed(session: AlignedSession, person: int, grid: StepGrid, areas: Areas) -> list[PlacedSign]:
    found: dict[int, PlacedSign] = {}
    by_step: dict[str, list[int]] = {}
    for place, sign in enumerate(session.signs):
        by_step.setdefault(sign.step_id, []).append(place)
    for step_id, places in by_step.items():
        if step_id not in grid.step_ids:
            continue  # a step that was not planned is on no map
        part = grid.part(step_id)
        times_ns = session.t_ns[part]
        times_ns = times_ns[times_ns >= 0]  # on an axis of seconds it may end before the step
        if not len(times_ns):
            continue
        ends_ns = math.inf if session.axis_s is None else int(times_ns.max()) + NS_PER_S
        signs = [session.signs[place] for place in places]
        firsts = part.start + _nearest(times_ns, [sign.onset_ns for sign in signs])
        lasts = part.start + _nearest(times_ns, [sign.offset_ns for sign in signs])
        spans = zip(firsts.tolist(), np.maximum(firsts, lasts).tolist(), strict=True)
        for place, sign, (first, last) in zip(places, signs, spans, strict=True):
            if sign.onset_ns <= ends_ns:
                called = _called(sign, areas.get(step_id, {}))
                found[place] = PlacedSign(person, session, called, first, last)
    return [found[place] for place in sorted(found)]


def _called(sign: Sign, areas: Mapping[str, str]) -> Sign:
    """The sign, its element called as the area of the step with that selector."""
    name = areas.get(sign.spot.name)
    return sign if name is None else replace(sign, spot=replace(sign.spot, name=name))


def _nearest(times_ns: NDArray[np.int64], t_ns: Sequence[int]) -> NDArray[np.int64]:
    """(n,) the place of the time nearest to each, of two as near the earlier."""
    wanted_ns = np.asarray(t_ns, dtype=np.int64)
    if len(times_ns) < 2:
        return np.zeros(len(wanted_ns), dtype=np.int64)
    right = np.clip(np.searchsorted(times_ns, wanted_ns), 1, len(times_ns) - 1)
    left = right - 1
    is_left = wanted_ns - times_ns[left] <= times_ns[right] - wanted_ns
    return np.asarray(np.where(is_left, left, right), dtype=np.int64)
