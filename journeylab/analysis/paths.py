"""Which way participants went through the steps, against the way that was expected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from journeylab.analysis.alignment import Visit

ENTRY = ""
"""Where a session comes from before its first step, and goes to after its last."""


class WayKind(StrEnum):
    """How a way from one step to the next relates to the expected order."""

    EXPECTED = "expected"
    SKIP = "skip"
    BACK = "back"
    AGAIN = "again"
    EARLY_END = "early end"


@dataclass(frozen=True, slots=True)
class Way:
    """A way from one step to another (ENTRY: from outside, or out), and who went it."""

    start: str
    end: str
    kind: WayKind
    participants: tuple[str, ...]

    @property
    def n(self) -> int:
        return len(self.participants)


@dataclass(frozen=True, slots=True)
class Paths:
    """All ways of some sessions, in the expected order of where they begin.

    ``as_expected`` are the participants who went through all steps once, in their order, of ``n``.
    """

    expected: tuple[str, ...]
    ways: tuple[Way, ...]
    as_expected: tuple[str, ...]
    n: int


def path_of(visits: Sequence[Visit]) -> tuple[str, ...]:
    """The steps of a session in the order they were entered; a pause is no entering."""
    path: list[str] = []
    before: tuple[str, int] | None = None
    for visit in sorted(visits, key=lambda one: one.start_ns):
        if (visit.step_id, visit.number) != before:
            path.append(visit.step_id)
        before = (visit.step_id, visit.number)
    return tuple(path)


def paths_of(sessions: Sequence[tuple[str, Sequence[str]]], expected: Sequence[str]) -> Paths:
    """Count the ways of (participant, path) each; unplanned steps are left out.

    A participant who went a way twice counts once on it.
    """
    order = {step_id: place for place, step_id in enumerate(expected)}
    gone: dict[tuple[str, str], list[str]] = {}
    straight: dict[str, bool] = {}
    for participant_id, path in sessions:
        known = [step_id for step_id in path if step_id in order]
        straight[participant_id] = straight.get(participant_id, True) and known == list(expected)
        if not known:
            continue
        for way in zip([ENTRY, *known], [*known, ENTRY], strict=True):
            people = gone.setdefault(way, [])
            if participant_id not in people:
                people.append(participant_id)
    ways = [
        Way(start, end, _kind(start, end, order), tuple(people))
        for (start, end), people in gone.items()
    ]
    last = len(order)
    ways.sort(key=lambda way: (order.get(way.start, -1), order.get(way.end, last)))
    return Paths(
        tuple(expected),
        tuple(ways),
        tuple(name for name, is_straight in straight.items() if is_straight),
        len(straight),
    )


def _kind(start: str, end: str, order: dict[str, int]) -> WayKind:
    begin = order[start] if start else -1
    if not end:
        return WayKind.EXPECTED if begin == len(order) - 1 else WayKind.EARLY_END
    if order[end] == begin:
        return WayKind.AGAIN
    if order[end] < begin:
        return WayKind.BACK
    return WayKind.EXPECTED if order[end] == begin + 1 else WayKind.SKIP
