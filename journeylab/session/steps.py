"""Which step a session is in, its markers, and how long each step took."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence

from journeylab.clock import NS_PER_S
from journeylab.errors import SessionError
from journeylab.session.rows import step_row
from journeylab.streams import Row
from journeylab.vocabulary import StepPhase


class StepLog:
    """The steps of one session in the order of its study. Thread-safe."""

    def __init__(self, step_ids: Sequence[str]) -> None:
        self._lock = threading.RLock()
        self._ids = tuple(step_ids)
        self._index: int | None = None
        self._started_ns = 0
        self._visits: Counter[int] = Counter()
        self._spent_ns = [0] * len(self._ids)

    @property
    def index(self) -> int | None:
        """Position of the running step, None before the first and after the last."""
        return self._index

    @property
    def started_ns(self) -> int | None:
        """When the running step began."""
        with self._lock:
            return None if self._index is None else self._started_ns

    @property
    def visit(self) -> int:
        """Which visit to the running step this is, from 1; 0 when none runs."""
        with self._lock:
            return 0 if self._index is None else self._visits[self._index]

    def enter(self, index: int, *, t_ns: int) -> tuple[Row, ...]:
        """End the running step and start another at the same instant; the markers of both.

        Raises
        ------
        SessionError
            When there is no such step.
        """
        if not 0 <= index < len(self._ids):
            raise SessionError(
                "There is no step before the first."
                if index < 0
                else "This is the last step of the study.",
                remedy="" if index < 0 else "Stop the recording to end the session.",
            )
        with self._lock:
            # Two callers may have read the clock before either came in here.
            t_ns = t_ns if self._index is None else max(t_ns, self._started_ns)
            ended = self.leave(t_ns=t_ns)
            self._index = index
            self._started_ns = t_ns
            self._visits[index] += 1
            visit = self._visits[index]
        return (*ended, step_row(t_ns, self._ids[index], phase=StepPhase.START, visit=visit))

    def leave(self, *, t_ns: int) -> tuple[Row, ...]:
        """End the running step, if any; its marker."""
        with self._lock:
            index = self._index
            if index is None:
                return ()
            t_ns = max(t_ns, self._started_ns)
            self._spent_ns[index] += t_ns - self._started_ns
            self._index = None
            visit = self._visits[index]
        return (step_row(t_ns, self._ids[index], phase=StepPhase.END, visit=visit),)

    def durations_s(self, now_ns: int) -> tuple[float, ...]:
        """Time spent in each step so far, over all visits, in the study's order."""
        with self._lock:
            spent_ns = list(self._spent_ns)
            if self._index is not None:
                spent_ns[self._index] += max(0, now_ns - self._started_ns)
        return tuple(ns / NS_PER_S for ns in spent_ns)
