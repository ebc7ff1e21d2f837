"""A simulated camera: the twin of a real one, its images drawn on demand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from journeylab.capture.threaded import ThreadedSource
from journeylab.clock import NS_PER_S, Clock
from journeylab.streams import Frame

Render: TypeAlias = Callable[[int], NDArray[np.uint8]]
"""Draws the image of a time, ns since the start; shape (height, width, 3), BGR uint8, fresh."""

# Later than this many frames, an image is not drawn any more: a camera would have moved on.
_PATIENCE_FRAMES: Final = 2


class SimulatedCamera(ThreadedSource):
    """Draws frame after frame at absolute deadlines.

    When drawing cannot keep pace, whole frames are left out and counted as lost; the others keep
    their times, so nothing drifts.

    Parameters
    ----------
    render
        Called from the source's thread; what it returns is handed over, not copied.
    """

    def __init__(
        self,
        render: Render,
        *,
        clock: Clock,
        width_px: int,
        height_px: int,
        rate_hz: float,
        label: str,
    ) -> None:
        if width_px < 1 or height_px < 1 or rate_hz <= 0:
            raise ValueError(
                f"a camera needs a size and a rate above 0, not {width_px}x{height_px} @ {rate_hz}"
            )
        super().__init__("camera", label=label, clock=clock)
        self._render = render
        self._width_px = width_px
        self._height_px = height_px
        self._rate_hz = rate_hz

    @property
    def is_simulated(self) -> bool:
        """True."""
        return True

    @property
    def width_px(self) -> int:
        """Width of every frame."""
        return self._width_px

    @property
    def height_px(self) -> int:
        """Height of every frame."""
        return self._height_px

    @property
    def rate_hz(self) -> float:
        """Frames per second."""
        return self._rate_hz

    def _run(self) -> None:
        start_ns = self._clock.now_ns()
        index = 0
        while self._wait_until_ns(start_ns + self._time_of(index)):
            at_ns = self._time_of(index)
            image = self._render(at_ns)
            wanted = (self._height_px, self._width_px, 3)
            if image.shape != wanted or image.dtype != np.uint8:
                raise ValueError(
                    f"it should draw uint8 {wanted}, but drew {image.dtype} {image.shape}"
                )
            arrived_ns = self._clock.now_ns()
            self._give(Frame(start_ns + at_ns, index, image, arrived_ns=arrived_ns))
            index = self._next_index(index, self._clock.now_ns() - start_ns)

    def _next_index(self, index: int, now_ns: int) -> int:
        due = int(now_ns * self._rate_hz // NS_PER_S)
        behind = due - (index + 1)
        if behind < _PATIENCE_FRAMES:
            return index + 1
        self._tally.add_lost(behind)
        return due

    def _time_of(self, index: int) -> int:
        return round(index * NS_PER_S / self._rate_hz)
