"""Calibration procedures: the neutral face, and points on the screen to fit gaze to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import atan2, degrees, hypot, isfinite
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.bundle.header import ScreenGeometry
from journeylab.clock import NS_PER_MS
from journeylab.errors import InferenceError, SessionError
from journeylab.inference.gaze import GazeCalibration, GazeSample, fit_gaze
from journeylab.inference.measures import FaceMeasures
from journeylab.vocabulary import HEAD_POSE_COLUMNS

SETTLE_NS: Final = 400 * NS_PER_MS
"""Eyes need this long to find a new point and come to rest; samples until then are left out."""

_DISTANCE: Final = HEAD_POSE_COLUMNS.index("head_z_mm")
_POINTS_TO_HOLD_OUT: Final = 5


@dataclass(frozen=True, slots=True)
class PointResult:
    """One point: where it was, samples used and left out, and the distance of the predicted
    points of gaze from it: median, px, NaN when none was used."""

    x_px: float
    y_px: float
    used: int
    left_out: int
    error_px: float


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationResult:
    """A gaze calibration and how good it is.

    ``error_px`` is the median over points of the median distance between target and prediction;
    where ``is_held_out``, each point was predicted by a fit without it, so the figure is honest;
    with fewer than five points it is the residual of the fit and flatters. ``error_deg`` is None
    where the screen's size in millimetres is unknown.
    """

    calibration: GazeCalibration
    points: tuple[PointResult, ...]
    error_px: float
    error_deg: float | None
    is_held_out: bool


@dataclass(slots=True)
class _Point:
    x_px: float
    y_px: float
    begin_ns: int
    end_ns: int | None = None
    samples: list[GazeSample] = field(default_factory=list)
    distances_mm: list[float] = field(default_factory=list)
    left_out: int = 0

    @property
    def target_px(self) -> tuple[float, float]:
        return (self.x_px, self.y_px)

    def covers(self, t_ns: int) -> bool:
        return self.begin_ns <= t_ns and (self.end_ns is None or t_ns <= self.end_ns)


class CalibrationRun:
    """Collects eye features while the participant looks at one point after the other.

    Measures are assigned by the time of their frame, so results that arrive after a point has
    ended still count for it. The first 400 ms of a point, blinks and frames without a face are
    left out. Not thread-safe: its owner locks.
    """

    def __init__(self, screen: ScreenGeometry) -> None:
        self._screen = screen
        self._points: list[_Point] = []

    @property
    def n_points(self) -> int:
        return len(self._points)

    def begin_point(self, x_px: float, y_px: float, *, t_ns: int) -> None:
        """The point appears, px from the screen's top-left; one shown before is taken anew."""
        self.end_point(t_ns=t_ns)
        self._points = [point for point in self._points if point.target_px != (x_px, y_px)]
        self._points.append(_Point(x_px, y_px, t_ns))

    def end_point(self, *, t_ns: int) -> None:
        """The point goes."""
        if self._points and self._points[-1].end_ns is None:
            self._points[-1].end_ns = t_ns

    def take(self, measures: FaceMeasures) -> None:
        """Take in the measures of one frame, in any phase of the run."""
        # In order: a frame on the edge of two points belongs to the one that went.
        for point in self._points:
            if point.covers(measures.t_ns):
                self._take_for(point, measures)
                return

    def _take_for(self, point: _Point, measures: FaceMeasures) -> None:
        features, head_pose = measures.eye_features, measures.head_pose
        is_usable = (
            measures.has_face
            and not measures.blink
            and measures.t_ns - point.begin_ns >= SETTLE_NS
            and bool(np.isfinite(features).all() and np.isfinite(head_pose).all())
        )
        if not is_usable:
            point.left_out += 1
            return
        point.samples.append(GazeSample(features, head_pose, np.array(point.target_px)))
        point.distances_mm.append(float(head_pose[_DISTANCE]))

    def finish(self) -> CalibrationResult:
        """Fit, and tell how good the fit is.

        Raises
        ------
        SessionError
            When no point was shown.
        InferenceError
            When the samples do not allow a fit.
        """
        if not self._points:
            raise SessionError("No calibration point was shown.", remedy="Show at least five.")
        screen_px = (self._screen.width_px, self._screen.height_px)
        samples = [sample for point in self._points for sample in point.samples]
        calibration = fit_gaze(samples, screen_px=screen_px)
        held_out = self._held_out_errors_px(screen_px)
        errors = held_out or [_error_px(calibration, point.samples) for point in self._points]
        results = tuple(
            PointResult(p.x_px, p.y_px, len(p.samples), p.left_out, error)
            for p, error in zip(self._points, errors, strict=True)
        )
        known = [error for error in errors if isfinite(error)]
        error_px = float(np.median(known)) if known else float("nan")
        return CalibrationResult(
            calibration, results, error_px, self._in_degrees(error_px), bool(held_out)
        )

    def _held_out_errors_px(self, screen_px: tuple[int, int]) -> list[float]:
        """Error of each point under a fit of the others; empty when that cannot be had."""
        if sum(bool(point.samples) for point in self._points) < _POINTS_TO_HOLD_OUT:
            return []
        errors = []
        for held_out in self._points:
            others = [s for point in self._points if point is not held_out for s in point.samples]
            try:
                fit = fit_gaze(others, screen_px=screen_px)
            except InferenceError:
                return []
            errors.append(_error_px(fit, held_out.samples))
        return errors

    def _in_degrees(self, error_px: float) -> float | None:
        screen = self._screen
        distances_mm = [d for point in self._points for d in point.distances_mm if d > 0]
        if screen.width_mm is None or screen.height_mm is None or not distances_mm:
            return None
        mm_per_px = (screen.width_mm / screen.width_px + screen.height_mm / screen.height_px) / 2
        return degrees(atan2(error_px * mm_per_px, float(np.median(distances_mm))))


def _error_px(calibration: GazeCalibration, samples: Sequence[GazeSample]) -> float:
    if not samples:
        return float("nan")
    distances = [_distance_px(calibration, sample) for sample in samples]
    return float(np.median(distances))


def _distance_px(calibration: GazeCalibration, sample: GazeSample) -> float:
    predicted_px: NDArray[np.float64]
    predicted_px, _ = calibration.predict(sample.features, sample.head_pose)
    return hypot(*(predicted_px - sample.target_px).tolist())


class NeutralRun:
    """Collects the measures of some time for the neutral face.

    The time counts from the first measured frame, so that a model which is still being loaded
    does not use it up. Not thread-safe: its owner locks.
    """

    def __init__(self, *, begin_ns: int, duration_ns: int) -> None:
        self._begin_ns = begin_ns
        self._duration_ns = duration_ns
        self._measures: list[FaceMeasures] = []

    def take(self, measures: FaceMeasures) -> bool:
        """Take in the measures of one frame; whether the run is over."""
        if measures.t_ns < self._begin_ns:
            return False
        self._measures.append(measures)
        return measures.t_ns - self._measures[0].t_ns >= self._duration_ns

    @property
    def measures(self) -> tuple[FaceMeasures, ...]:
        """Those of the run so far, with and without a face."""
        return tuple(self._measures)
