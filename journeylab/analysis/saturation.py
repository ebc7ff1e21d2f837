"""How a map changes as participants are added, and when new insights stop.

Two curves over the number of participants. **Trace**: by how many points of valence the aggregate
moves when one more joins, on average over the axis; over many random orders, since the order of the
lab is one of many. **Insights**: how many of the study's findings as many participants would have
brought. A finding counts from the second of its participants on: one alone is an anecdote. Both say
something of participants like these, and nothing of others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis import aggregate
from journeylab.analysis.detectors.finding import Finding
from journeylab.analysis.journey import JourneyMap

N_ORDERS: Final = 60
_N_ORDERS_OF_MANY: Final = 20
_MANY: Final = 60
_MOST_COUNTS: Final = 40
SETTLED_POINTS: Final = 3.0
"""A trace that one more participant moves by less is settled: the width of its line on the map."""
SEEN_BY: Final = 2
_MOST_POINTS: Final = 300
_SEED: Final = 20_261_127


@dataclass(frozen=True, slots=True, eq=False)
class Saturation:
    """The curves of a study with ``people`` in the order of their first sessions.

    ``change`` (n-1,): by how much the second, third … moves the trace, mean over orders, between
    ``change_low`` and ``change_high`` in eight of ten; ``insights`` (n,) how many of ``n_insights``
    findings the first, the first two … bring on average, ``insights_here`` (n,) in the order they
    came.
    """

    people: tuple[str, ...]
    change: NDArray[np.float64]
    change_low: NDArray[np.float64]
    change_high: NDArray[np.float64]
    insights: NDArray[np.float64]
    insights_here: NDArray[np.int64]
    n_insights: int

    @property
    def last_new(self) -> int | None:
        """Which participant, counted from 1, brought the last new insight; None without any."""
        if self.n_insights == 0:
            return None
        return int(np.argmax(self.insights_here == self.insights_here[-1])) + 1

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
        trace = f"The last of {n} participants moves the trace by {last:.1f} points on average"
        if self.settled_at is not None and self.settled_at < n:
            trace += f", and since the {ordinal(self.settled_at)} by less than {SETTLED_POINTS:.0f}"
        if self.last_new is None:
            return f"{trace}; no finding rests on two participants yet."
        since = n - self.last_new
        if since == 0:
            return f"{trace}, and brought a new insight: go on."
        new = f"the last new insight came with the {ordinal(self.last_new)}"
        if since >= 3 and self.settled_at is not None:
            return f"{trace}; {new}: more participants like these would add little."
        are = "is" if since == 1 else "are"
        return f"{trace}; {new}: {since} since then {are} too few to be sure."


def saturation_of(journey: JourneyMap, *, seed: int = _SEED) -> Saturation:
    """The curves of a map's usable sessions."""
    sessions = sorted(journey.sessions, key=lambda session: _when(session.summary.created_utc))
    names = [session.summary.participant_id for session in sessions]
    people = tuple(dict.fromkeys(names))
    if sessions:
        # So many points tell as much of a mean over the axis as thousands.
        every = max(1, len(sessions[0].valence) // _MOST_POINTS)
        values = aggregate.by_participant(
            np.stack([session.valence[::every] for session in sessions]), names
        )
    else:
        values = np.empty((0, 0))
    findings = [one for one in journey.findings if one.is_alarm and one.participants]
    rng = np.random.default_rng(seed)
    n = len(people)
    n_orders = N_ORDERS if n <= _MANY else _N_ORDERS_OF_MANY
    orders = [rng.permutation(n) for _ in range(n_orders)] if n > 1 else []
    changes = np.array([_changes(values[order]) for order in orders])
    brought = np.array([_brought([people[i] for i in order], findings) for order in orders])
    here = np.array(_brought(people, findings), dtype=np.int64)
    nothing = np.empty(0)
    return Saturation(
        people=people,
        change=changes.mean(axis=0) if orders else nothing,
        change_low=np.quantile(changes, 0.1, axis=0) if orders else nothing,
        change_high=np.quantile(changes, 0.9, axis=0) if orders else nothing,
        insights=brought.mean(axis=0) if orders else here.astype(np.float64),
        insights_here=here,
        n_insights=len(findings),
    )


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
    # Where nobody was before, there is no distance, and nothing that moved.
    return float(distance[known].mean()) if known.any() else 0.0


def _brought(people: Sequence[str], findings: Sequence[Finding]) -> list[int]:
    """How many findings stand after the first, the first two … of these participants."""
    counts = []
    rank = {name: place for place, name in enumerate(people)}
    stands_from = []
    for finding in findings:
        places = sorted(rank[name] for name in finding.participants if name in rank)
        if places:
            stands_from.append(places[min(SEEN_BY, len(places)) - 1])
    for place in range(len(people)):
        counts.append(sum(first <= place for first in stands_from))
    return counts


def _when(created_utc: str) -> float:
    try:
        return datetime.fromisoformat(created_utc).timestamp()
    except ValueError:
        return 0.0
