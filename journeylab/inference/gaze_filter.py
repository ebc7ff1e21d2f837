"""The point of gaze steadied: averaged while the eyes rest, let go at once when they leap.

Eyes rest for a fifth of a second or more and then leap, so a filter need not choose between noise
and delay: within a fixation it averages with a time constant of 100 ms (a slow movement is followed
85 ms late at 30 frames/s); a point far outside the noise is held back for one frame, and when the
next is there too the average begins anew between the two. After Salvucci & Goldberg's (2000)
fixations by dispersion, causal and recursive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.clock import NS_PER_MS

_TIME_CONSTANT_NS: Final = 100 * NS_PER_MS
_LOST_NS: Final = 150 * NS_PER_MS
"""After a blink this long the eyes may rest elsewhere."""
_NOISES: Final = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class GazeFilter:
    """What is remembered from frame to frame.

    ``mean_px`` (2,) of the present fixation over ``n`` frames, until ``t_ns``; ``away_px`` (2,) is
    a point that may be the first of the next. None before the first point.
    """

    mean_px: NDArray[np.float64] | None = None
    n: int = 0
    t_ns: int = 0
    away_px: NDArray[np.float64] | None = None

    def seen(
        self, point_px: NDArray[np.float64], *, noise_px: float, least_leap_px: float, t_ns: int
    ) -> tuple[GazeFilter, NDArray[np.float64]]:
        """Take in a point of gaze and give out the steadied one.

        Parameters
        ----------
        point_px
            (2,) as mapped; NaN where the eyes are closed or lost, which is given back.
        noise_px
            Its standard deviation from frame to frame, per axis.
        least_leap_px
            What counts as a leap of the eyes at the least, however quiet the signal.
        t_ns
            Time of the frame.
        """
        if not np.isfinite(point_px).all():
            return self, point_px
        mean_px = self.mean_px
        elapsed_ns = t_ns - self.t_ns
        if mean_px is None or not 0 <= elapsed_ns <= _LOST_NS:
            return GazeFilter(point_px, 1, t_ns), point_px
        leap_px = max(_NOISES * noise_px, least_leap_px)
        if float(np.hypot(*(point_px - mean_px))) > leap_px:
            if self.away_px is None and self.n > 1:
                return GazeFilter(mean_px, self.n, t_ns, point_px), mean_px
            # Within one leap of each other they are one place; else the eyes are still on the way.
            away_px = self.away_px
            if away_px is None or float(np.hypot(*(point_px - away_px))) > leap_px:
                return GazeFilter(point_px, 1, t_ns), point_px
            start_px = (point_px + away_px) / 2
            return GazeFilter(start_px, 2, t_ns), start_px
        n = self.n + 1
        gain = max(1.0 / n, 1.0 - float(np.exp(-elapsed_ns / _TIME_CONSTANT_NS)))
        mean_px = mean_px + gain * (point_px - mean_px)
        return GazeFilter(mean_px, n, t_ns), mean_px
