"""What was said of how tasks ended, as far as it holds."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from journeylab.vocabulary import TaskOutcome


@dataclass(frozen=True, slots=True)
class SaidOutcome:
    """One word on how the task of a step ended, and when it was said."""

    step_id: str
    outcome: TaskOutcome
    t_ns: int


class OutcomeLog:
    """Outcomes in the order in which they were said; of a step the latest holds. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._said: tuple[SaidOutcome, ...] = ()

    def add(self, said: SaidOutcome) -> None:
        """Another word."""
        with self._lock:
            self._said = (*self._said, said)

    def forget(self, said: SaidOutcome) -> None:
        """It was taken back."""
        with self._lock:
            self._said = tuple(one for one in self._said if one is not said)

    def of_step(self, step_id: str) -> tuple[SaidOutcome, ...]:
        """All that holds of one step, oldest first."""
        return tuple(one for one in self._said if one.step_id == step_id)

    def by_step(self) -> dict[str, TaskOutcome]:
        """Step to how its task ended, as far as it was said."""
        return {one.step_id: one.outcome for one in self._said}

    @property
    def last(self) -> SaidOutcome | None:
        """What was said last."""
        return self._said[-1] if self._said else None
