"""How far a session's point of gaze is off: what heatmaps and the screen's edge reckon with."""

from __future__ import annotations

import json
import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.session_data import Columns
from journeylab.analysis.viewing import Viewing

ASSUMED_DEG: Final = 2.0
"""Where nothing was measured: a webcam's usual error."""
_MEDIAN_IN_DEVIATIONS: Final = math.sqrt(2 * math.log(2))
TOLD_IN_DEVIATIONS: Final = math.sqrt(-2 * math.log(1 - 0.68))
"""Median of normal errors' distance in a plane (Rayleigh), and the radius that holds 68 % of them,
in deviations of one axis."""


def gaze_error_px(
    calibrations: Columns, uncertainty_px: NDArray[np.floating], *, viewing: Viewing
) -> float:
    """Standard deviation of the point of gaze per axis, px.

    The first of these that there is: the error measured on the last validation's points, which
    is honest; the median of the stream's own uncertainty, which knows of head movement but was
    fitted; two degrees.

    Parameters
    ----------
    calibrations
        Rows of the stream ``calibrations``. The object of a gaze calibration, or of its
        validation, tells ``error_px``, the median distance between point and prediction.
    uncertainty_px
        (n,) of each sample the radius that holds 68 %; NaN where there was none.
    """
    validated_px = [
        _validated_px(str(kind), str(data), screen_px=viewing.screen_px)
        for kind, data in zip(calibrations["kind"], calibrations["data"], strict=True)
    ]
    known_px = [error_px for error_px in validated_px if error_px is not None]
    if known_px:
        return known_px[-1] / _MEDIAN_IN_DEVIATIONS
    told_px = uncertainty_px[np.isfinite(uncertainty_px)]
    if len(told_px):
        return float(np.median(told_px)) / TOLD_IN_DEVIATIONS
    return ASSUMED_DEG * viewing.px_per_deg


def _validated_px(kind: str, data: str, *, screen_px: tuple[int, int]) -> float | None:
    """What one row says, in pixels of ``screen_px`` where it tells its own; None for another kind,
    or for text that is not what it should be."""
    if kind not in ("gaze", "validation"):
        return None
    try:
        stored = json.loads(data)
    except (ValueError, RecursionError):
        return None
    counted_px = stored.get("screen_px") if isinstance(stored, dict) else None
    if isinstance(stored, dict) and isinstance(stored.get("validation"), dict):
        stored = stored["validation"]
    error_px = stored.get("error_px") if isinstance(stored, dict) else None
    if not isinstance(error_px, int | float) or not math.isfinite(error_px) or error_px <= 0:
        return None
    return float(error_px) * _pixels_in_one(counted_px, screen_px)


def _pixels_in_one(counted_px: object, screen_px: tuple[int, int]) -> float:
    """Pixels of the session's screen in one of those a calibration counts: it may have been counted
    over when the display took another resolution."""
    match counted_px:
        case [int() as width_px, int()] if width_px > 0:
            return screen_px[0] / width_px
    return 1.0
