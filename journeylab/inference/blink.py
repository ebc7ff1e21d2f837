"""Blinks: closures of the eyes too short to be anything else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from journeylab.clock import NS_PER_MS

# Hysteresis, so that one closure is one blink.
_CLOSES_AT: Final = 0.55
_OPENS_AT: Final = 0.35
# Blinks last 100 to 400 ms (Stern, Walrath & Goldstein 1984); what lasts longer is closed eyes.
_LONGEST_NS: Final = 500 * NS_PER_MS


@dataclass(frozen=True, slots=True)
class BlinkState:
    """Since when the eyes are closed; None while they are open."""

    closed_since_ns: int | None = None

    def seen(self, closure: float, *, t_ns: int) -> BlinkState:
        """The state after one more frame, AU43 being ``closure``; NaN leaves it as it is."""
        if self.closed_since_ns is None:
            return BlinkState(t_ns) if closure >= _CLOSES_AT else self
        return BlinkState() if closure < _OPENS_AT else self

    def is_blink(self, t_ns: int) -> bool:
        """Whether the eyes are in a blink at that time."""
        since_ns = self.closed_since_ns
        return since_ns is not None and t_ns - since_ns <= _LONGEST_NS
