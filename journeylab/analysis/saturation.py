"""How a map changes as participants are added, and when new insights stop.

Two curves over the number of participants. **Trace**: by how many points of valence the aggregate
moves when one more joins, on average over the axis; over many random orders, since the order of the
lab is one of many. **Insights**: how many of the study's findings the detectors find when they run
on as many participants alone. Both say something of participants like these, and nothing of others.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis import aggregate
from journeylab.analysis.journey import JourneyMap, SessionTrace

N_ORDERS: Final = 60
_N_ORDERS_OF_MANY: Final = 20
_MANY: Final = 60
_MOST_COUNTS: Final = 40
SETTLED_POINTS: Final = 3.0
"""A trace that one more participant moves by less is settled: the width of its line on the map."""
_MOST_POINTS: Final = 300
_SEED: Final = 20_261_127


@dataclass(frozen=True, slots=True, eq=False)
class FoundBySize:
    """How many of ``n_findings`` the detectors find with how many participants.

    ``sizes`` (k,) ascending, the last of them all; ``here`` (k,) with the first of these, in the
    order they came; ``drawn`` (k,) the mean over drawn orders; ``stays_from`` (n_findings,) the
    smallest of the sizes from which on each is found, in the order they came.
    """

    sizes: NDArray[np.int64]
    here: NDArray[np.int64]
    drawn: NDArray[np.float64]
    stays_from: NDArray[np.int64]

    @property
    def n_findings(self) -> int:
        return len(self.stays_from)


@dataclass(frozen=True, slots=True, eq=False)
class Saturation:
    """The curves of a study with ``people`` in the order of their first sessions.

    ``change`` (n-1,): by how much the second, third … moves the trace, mean over orders, between
    ``change_low`` and ``change_high`` in eight of ten; NaN where no valence was measured.
    ``found`` tells how many findings the detectors find with fewer; None where they were not run.
    """

    people: tuple[str, ...]
    change: NDArray[np.float64]
    change_low: NDArray[np.float64]
    change_high: NDArray[np.float64]
    found: FoundBySize | None

    @property
    def last_new(self) -> int | None:
        """With how many participants, in the order they came, all findings are found and stay so;
        None without any."""
        if self.found is None or self.found.n_findings == 0:
            return None
        return int(self.found.stays_from.max())

    @property
    def settled_at(self) -> int | None:
        """With how many participants the trace settled, and stayed so; None if it has not."""
        unsettled = np.flatnonzero(~(self.change < SETTLED_POINTS))
        first = int(unsettled[-1]) + 1 if len(unsettled) else 0
        return first + 2 if first < len(self.change) else None

    @property
    def words(self) -> str:
        """What the curves mean, in one sentence or two."""
        n = len(self.people)
        if n < 3:
            return (
                "From three participants on, this shows whether more of them would change the map."
            )
        last = float(self.change[-1])
        if not math.isfinite(last):
            return "No valence was measured, so nothing tells whether more participants change it."
        trace = f"The last of {n} participants moves the trace by {last:.1f} points on average"
        if self.settled_at is not None and self.settled_at < n:
            trace += f", and since the {ordinal(self.settled_at)} by less than {SETTLED_POINTS:.0f}"
        return f"{trace}{self._found_words}"

    @property
    def _found_words(self) -> str:
        if self.found is None:
            return "."
        if self.last_new is None:
            return "; nothing was found that could come sooner."
        since, many = len(self.people) - self.last_new, self.found.n_findings
        what = "the one finding" if many == 1 else f"all {many} findings"
        if since == 0:
            return f"; fewer would not have brought {what}: go on."
        new = f"; the first {self.last_new} bring {what} by themselves"
        if since >= 3 and self.settled_at is not None:
            return f"{new}: more participants like these would add little."
        are = "is" if since == 1 else "are"
        return f"{new}: {since} since then {are} too few to be sure."


def saturation_of(
    journey: JourneyMap, *, found: FoundBySize | None = None, seed: int = _SEED
) -> Saturation:
    """The curves of a map's usable sessions.

    Parameters
    ----------
    found
        What the detectors find with fewer participants, where they were run.
    """
    sessions = _as_they_came(journey)
    names = [session.summary.participant_id for session in sessions]
    people = people_as_they_came(journey)
    if sessions:
        # So many points tell as much of a mean over the axis as thousands.
        every = max(1, len(sessions[0].valence) // _MOST_POINTS)
        values = aggregate.by_participant(
            np.stack([session.valence[::every] for session in sessions]), names
        )
    else:
        values = np.empty((0, 0))
    rng = np.random.default_rng(seed)
    n = len(people)
    n_orders = N_ORDERS if n <= _MANY else _N_ORDERS_OF_MANY
    orders = [rng.permutation(n) for _ in range(n_orders)] if n > 1 else []
    changes = np.array([_changes(values[order]) for order in orders])
    nothing = np.empty(0)
    return Saturation(
        people=people,
        change=_over(changes, np.mean) if orders else nothing,
        change_low=_over(changes, lambda known: np.quantile(known, 0.1)) if orders else nothing,
        change_high=_over(changes, lambda known: np.quantile(known, 0.9)) if orders else nothing,
        found=found,
    )


def people_as_they_came(journey: JourneyMap) -> tuple[str, ...]:
    """The participants of a map's usable sessions, in the order of their first ones."""
    return tuple(dict.fromkeys(one.summary.participant_id for one in _as_they_came(journey)))


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th … 11th."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def _changes(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n-1,) mean distance of the aggregate of k participants from that of k - 1.

    Of many participants, at some of the counts, and in between along a line.
    """
    counts = np.arange(2, len(values) + 1)
    tried = np.unique(np.linspace(2, len(values), min(_MOST_COUNTS, len(counts))).round())
    moved = [_moved(values, int(count)) for count in tried]
    return np.asarray(np.interp(counts, tried, moved))


def _moved(values: NDArray[np.float64], count: int) -> float:
    after = aggregate.robust_mean(values[:count])
    distance = np.abs(after - aggregate.robust_mean(values[: count - 1]))
    known = np.isfinite(distance)
    # Where nobody was before, there is no distance; where nobody was at all, nothing is known.
    return float(distance[known].mean()) if known.any() else math.nan


def _over(
    changes: NDArray[np.float64], of: Callable[[NDArray[np.float64]], Any]
) -> NDArray[np.float64]:
    """(n-1,) of what is known in any order (orders, n-1); NaN where nothing is."""
    known = [column[np.isfinite(column)] for column in changes.T]
    return np.array([float(of(one)) if len(one) else math.nan for one in known])


def _as_they_came(journey: JourneyMap) -> list[SessionTrace]:
    return sorted(journey.sessions, key=lambda session: _when(session.summary.created_utc))


def _when(created_utc: str) -> float:
    try:
        return datetime.fromisoformat(created_utc).timestamp()
    except ValueError:
        return 0.0
