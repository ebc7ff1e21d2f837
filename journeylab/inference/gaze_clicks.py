"""People look where they click: the point of gaze, corrected a little by every click.

A head that sinks in its chair shifts the point of gaze by a degree in a quarter of an hour. The
eyes rest on what is clicked in the moment before (Papoutsaki et al. 2016 build a whole calibration
on that), so the distance between click and gaze, averaged over clicks, is what gaze is off by. One
click may be wrong: its weight is small, its pull is bounded, and one too far away is not believed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.clock import NS_PER_MS

LOOKED_BEFORE_NS: Final = 300 * NS_PER_MS
"""Gaze counts from this long before a click."""

_MIN_POINTS: Final = 3
_SHARE: Final = 0.15  # of a click's distance that is corrected: an average over six or seven
_PULL_DEG: Final = 2.0  # no click counts for more than this
_BELIEVED_DEG: Final = 5.0
_BELIEVED_DEVIATIONS: Final = 3.0
_BOUND_DEG: Final = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class ClickCorrection:
    """What clicks have shifted the point of gaze by, (2,) px, and how many were seen and used."""

    shift_px: NDArray[np.float64]
    n_clicks: int = 0
    n_used: int = 0

    @classmethod
    def none(cls) -> ClickCorrection:
        """Before the first click."""
        return cls(np.zeros(2))

    def clicked(
        self,
        click_px: NDArray[np.float64],
        looked_px: NDArray[np.float64],
        *,
        uncertainty_px: float,
        px_per_deg: float,
    ) -> tuple[ClickCorrection, NDArray[np.float64] | None]:
        """Take in one click.

        Parameters
        ----------
        click_px
            (2,) where it was.
        looked_px
            (n, 2) points of gaze of the moment before, as corrected so far; NaN where there was
            none.
        uncertainty_px
            Of these points.
        px_per_deg
            How far a degree of gaze reaches on the screen.

        Returns
        -------
        ClickCorrection
            After the click.
        (2,) or None
            What to add to the point of gaze from now on, px; None when the click tells nothing.
        """
        after = ClickCorrection(self.shift_px, self.n_clicks + 1, self.n_used)
        known = looked_px[np.isfinite(looked_px).all(axis=1)]
        if len(known) < _MIN_POINTS or not np.isfinite(click_px).all():
            return after, None
        miss_px = click_px - np.median(known, axis=0)
        believed_px = max(_BELIEVED_DEVIATIONS * uncertainty_px, _BELIEVED_DEG * px_per_deg)
        if float(np.hypot(*miss_px)) > believed_px:
            return after, None
        pulled_px = _SHARE * _at_most(miss_px, _PULL_DEG * px_per_deg)
        shift_px = _at_most(self.shift_px + pulled_px, _BOUND_DEG * px_per_deg)
        return (
            ClickCorrection(shift_px, self.n_clicks + 1, self.n_used + 1),
            shift_px - self.shift_px,
        )


def _at_most(vector: NDArray[np.float64], length: float) -> NDArray[np.float64]:
    is_long = float(np.hypot(*vector))
    return vector if is_long <= length else vector * (length / is_long)
