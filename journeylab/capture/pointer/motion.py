"""Rows of the pointer stream and the cursor's speed; pure, shared by every pointer source."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import hypot
from typing import Final

from journeylab.clock import NS_PER_MS, NS_PER_S
from journeylab.streams import Row, row
from journeylab.vocabulary import PointerAction, PointerButton

SPEED_WINDOW_NS: Final = 100 * NS_PER_MS
"""Speed is averaged over this time up to the sample, never beyond it."""

# A cursor that rested and then moved did not creep all the while: one report covers at most
# this much time. Mice report every 1 to 16 ms, remote desktops every 20 to 40 ms.
_LONGEST_REPORT_NS: Final = 50 * NS_PER_MS


@dataclass(frozen=True, slots=True)
class PointerSample:
    """One thing the mouse did.

    ``t_ns`` counts from the start of whatever made it; x and y are px from the top-left corner
    of the participant's screen; scroll is in notches, away from the person positive.
    """

    t_ns: int
    x_px: float
    y_px: float
    action: PointerAction = PointerAction.MOVE
    button: PointerButton = PointerButton.NONE
    scroll_dx: float = 0.0
    scroll_dy: float = 0.0


class PointerSpeed:
    """Causal speed of the cursor: path length over the last 100 ms, divided by 100 ms.

    Exact for even motion whatever the mouse's report rate; 0 at rest. One instance per source,
    fed in order of time.
    """

    def __init__(self) -> None:
        self._last: tuple[int, float, float] | None = None
        # begin, end, length of each stretch of path that may still touch the window
        self._stretches: deque[tuple[int, int, float]] = deque()

    def add(self, t_ns: int, *, x_px: float, y_px: float) -> float:
        """Take a position in; the speed at that time, px/s."""
        if self._last is not None:
            last_ns, last_x_px, last_y_px = self._last
            length_px = hypot(x_px - last_x_px, y_px - last_y_px)
            if length_px > 0:
                begin_ns = max(last_ns, t_ns - _LONGEST_REPORT_NS)
                self._stretches.append((begin_ns, t_ns, length_px))
        self._last = (t_ns, x_px, y_px)
        return self.at(t_ns)

    def at(self, t_ns: int) -> float:
        """Speed at a time no earlier than the last position's, px/s."""
        window_start_ns = t_ns - SPEED_WINDOW_NS
        while self._stretches and self._stretches[0][1] <= window_start_ns:
            self._stretches.popleft()
        path_px = sum(
            _share_after(window_start_ns, begin_ns, end_ns) * length_px
            for begin_ns, end_ns, length_px in self._stretches
        )
        return path_px * NS_PER_S / SPEED_WINDOW_NS


def _share_after(limit_ns: int, begin_ns: int, end_ns: int) -> float:
    if begin_ns >= limit_ns:
        return 1.0
    return (end_ns - limit_ns) / (end_ns - begin_ns)


def pointer_row(
    sample: PointerSample, speed: PointerSpeed, *, offset_ns: int = 0, arrived_ns: int | None = None
) -> Row:
    """Row of the pointer stream for one sample; ``speed`` takes its position in.

    Parameters
    ----------
    offset_ns
        Added to the sample's time to bring it onto the session clock.
    """
    t_ns = offset_ns + sample.t_ns
    return row(
        "pointer",
        t_ns,
        arrived_ns=arrived_ns,
        x_px=sample.x_px,
        y_px=sample.y_px,
        action=int(sample.action),
        button=int(sample.button),
        scroll_dx=sample.scroll_dx,
        scroll_dy=sample.scroll_dy,
        speed_px_s=speed.add(t_ns, x_px=sample.x_px, y_px=sample.y_px),
    )
