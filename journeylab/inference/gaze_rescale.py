"""A gaze calibration on a screen that counts other pixels than when it was made.

The line of sight meets the same panel at the same millimetres; only how many pixels these are has
changed. So points, weights and errors in pixels are stretched, and what is told in degrees and
millimetres stays. A fit to the stretched points finds the same numbers.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from journeylab.inference.gaze import GazeCalibration
from journeylab.inference.gaze_record import GazeRecord, GazeValidation, PointError, ShownPoint


def stretch_of(before_px: tuple[int, int], after_px: tuple[int, int]) -> NDArray[np.float64]:
    """(2,) pixels now for one pixel before, across and down."""
    return np.array(after_px, dtype=np.float64) / np.array(before_px, dtype=np.float64)


def rescaled_record(record: GazeRecord, screen_px: tuple[int, int]) -> GazeRecord:
    """The record as it would be, had it been made with this number of pixels on the same panel."""
    by = stretch_of(record.calibration.screen_px, screen_px)
    validation = record.validation
    return GazeRecord(
        _rescaled(record.calibration, screen_px, by),
        tuple(_rescaled_point(point, by) for point in record.points),
        None if validation is None else _rescaled_validation(validation, by),
    )


def rescaled_error(error: PointError, by: NDArray[np.float64]) -> PointError:
    """Where the point is now, and how many pixels its error is; degrees and mm stay."""
    return replace(
        error,
        x_px=error.x_px * float(by[0]),
        y_px=error.y_px * float(by[1]),
        error_px=error.error_px * evenly(by),
    )


def evenly(by: NDArray[np.float64]) -> float:
    """What a length in no particular direction is stretched by."""
    return float(np.sqrt(by[0] * by[1]))


def _rescaled(
    calibration: GazeCalibration, screen_px: tuple[int, int], by: NDArray[np.float64]
) -> GazeCalibration:
    return replace(
        calibration,
        weights=calibration.weights * by,
        offset_px=calibration.offset_px * by,
        shift_px=calibration.shift_px * by,
        deviation_px=calibration.deviation_px * evenly(by),
        noise_px=calibration.noise_px * evenly(by),
        px_per_deg=calibration.px_per_deg * evenly(by),
        screen_px=screen_px,
    )


def _rescaled_point(point: ShownPoint, by: NDArray[np.float64]) -> ShownPoint:
    return replace(point, x_px=point.x_px * float(by[0]), y_px=point.y_px * float(by[1]))


def _rescaled_validation(validation: GazeValidation, by: NDArray[np.float64]) -> GazeValidation:
    return replace(
        validation,
        points=tuple(rescaled_error(error, by) for error in validation.points),
        error_px=validation.error_px * evenly(by),
    )
