"""Calibration procedures: the neutral face, and points on the screen to fit gaze to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.bundle.header import ScreenGeometry
from journeylab.clock import NS_PER_MS, NS_PER_S
from journeylab.errors import InferenceError, SessionError
from journeylab.inference.gaze import GazeCalibration
from journeylab.inference.gaze_record import (
    GazeRecord,
    GazeValidation,
    PointError,
    PointKind,
    ShownPoint,
    fit_points,
    point_error,
    rounded,
    validate,
)
from journeylab.inference.gaze_rescale import (
    evenly,
    rescaled_error,
    rescaled_record,
    stretch_of,
)
from journeylab.inference.measures import FaceMeasures
from journeylab.vocabulary import EYE_FEATURE_COLUMNS

SETTLE_NS: Final = 400 * NS_PER_MS
"""Eyes need this long to find a new point and come to rest; samples until then are left out."""
POINT_MAX_NS: Final = 3 * NS_PER_S
"""A point is given up after this long, with the samples it has."""
MOVEMENT_NS: Final = 6 * NS_PER_S
"""The head moves this long while one point is looked at."""

_AGREE_SAMPLES: Final = 15  # half a second at 30 frames/s
_AGREE_DEG: Final = 1.0
_TO_HOLD_OUT: Final = 5
_YAW: Final = EYE_FEATURE_COLUMNS.index("gaze_yaw_deg")


@dataclass(frozen=True, slots=True)
class PointReading:
    """How far the point that is shown has come: ``n_used`` samples, ``spread_deg`` of the last of
    them (NaN with fewer than two), and whether it ``is_done``."""

    n_used: int
    spread_deg: float
    is_done: bool


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationResult:
    """A gaze calibration and how good it is.

    ``error_px`` and ``error_deg`` are those of the validation where there was one. Else they are
    the median over the calibration's points, each predicted by a fit without it where
    ``is_held_out``; with fewer than five points it is the residual of the fit and flatters.
    ``error_deg`` is None where the screen's size in millimetres is unknown. ``points`` are the
    calibration's, the validation's are in the record.
    """

    record: GazeRecord
    points: tuple[PointError, ...]
    error_px: float
    error_deg: float | None
    is_held_out: bool

    @property
    def calibration(self) -> GazeCalibration:
        return self.record.calibration

    @property
    def validation(self) -> GazeValidation | None:
        return self.record.validation

    def shifted(self, by_px: NDArray[np.float64]) -> CalibrationResult:
        """The same with every point of gaze moved by (2,) px."""
        moved = replace(self.record, calibration=self.calibration.shifted(by_px))
        return replace(self, record=moved)

    def rescaled(self, screen_px: tuple[int, int]) -> CalibrationResult:
        """The same where the panel counts other pixels: degrees and millimetres stay."""
        by = stretch_of(self.calibration.screen_px, screen_px)
        return CalibrationResult(
            rescaled_record(self.record, screen_px),
            tuple(rescaled_error(error, by) for error in self.points),
            self.error_px * evenly(by),
            self.error_deg,
            self.is_held_out,
        )


@dataclass(slots=True)
class _Point:
    x_px: float
    y_px: float
    kind: PointKind
    begin_ns: int
    end_ns: int | None = None
    features: list[NDArray[np.float64]] = field(default_factory=list)
    head_poses: list[NDArray[np.float64]] = field(default_factory=list)
    left_out: int = 0

    @property
    def place(self) -> tuple[PointKind, float, float]:
        return (self.kind, self.x_px, self.y_px)

    def covers(self, t_ns: int) -> bool:
        return self.begin_ns <= t_ns and (self.end_ns is None or t_ns <= self.end_ns)

    def shown(self) -> ShownPoint:
        return ShownPoint(
            self.kind,
            self.x_px,
            self.y_px,
            self.begin_ns,
            self.begin_ns if self.end_ns is None else self.end_ns,
            np.array(self.features).reshape(-1, len(EYE_FEATURE_COLUMNS)),
            np.array(self.head_poses).reshape(-1, 6),
            self.left_out,
        )


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

    @property
    def mm_per_px(self) -> float | None:
        """Of the screen; None where its size in millimetres is unknown."""
        screen = self._screen
        if screen.width_mm is None or screen.height_mm is None:
            return None
        return (screen.width_mm / screen.width_px + screen.height_mm / screen.height_px) / 2

    def rescale(self, screen: ScreenGeometry) -> None:
        """The panel counts other pixels from now on: its points are at others, too."""
        before = self._screen
        by = stretch_of((before.width_px, before.height_px), (screen.width_px, screen.height_px))
        self._screen = screen
        for point in self._points:
            point.x_px, point.y_px = point.x_px * float(by[0]), point.y_px * float(by[1])

    def shown(self) -> tuple[ShownPoint, ...]:
        """The points with their samples so far."""
        return tuple(point.shown() for point in self._points)

    def begin_point(
        self, x_px: float, y_px: float, *, t_ns: int, kind: PointKind = PointKind.CALIBRATION
    ) -> None:
        """The point appears, px from the screen's top-left; one shown before is taken anew."""
        self.end_point(t_ns=t_ns)
        shown = _Point(x_px, y_px, kind, t_ns)
        self._points = [point for point in self._points if point.place != shown.place]
        self._points.append(shown)

    def end_point(self, *, t_ns: int) -> None:
        """The point goes."""
        if self._points and self._points[-1].end_ns is None:
            self._points[-1].end_ns = t_ns

    def reading(self, *, t_ns: int) -> PointReading:
        """How far the last point has come.

        It is done when the samples of half a second agree on one direction, and at the latest
        after three seconds; a point for head movement after six.
        """
        if not self._points:
            return PointReading(0, float("nan"), False)
        point = self._points[-1]
        angles_deg = np.array(point.features[-_AGREE_SAMPLES:]).reshape(
            -1, len(EYE_FEATURE_COLUMNS)
        )[:, _YAW : _YAW + 2]
        spread_deg = float(angles_deg.std(axis=0).max()) if len(angles_deg) > 1 else float("nan")
        elapsed_ns = t_ns - point.begin_ns
        if point.kind is PointKind.MOVEMENT:
            is_done = elapsed_ns >= MOVEMENT_NS
        else:
            agrees = len(angles_deg) >= _AGREE_SAMPLES and spread_deg <= _AGREE_DEG
            is_done = agrees or elapsed_ns >= POINT_MAX_NS
        return PointReading(len(point.features), spread_deg, is_done)

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
        point.features.append(rounded(features))
        point.head_poses.append(rounded(head_pose))

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
        shown = self.shown()
        calibration = fit_points(shown, screen_px=(self._screen.width_px, self._screen.height_px))
        mm_per_px = self.mm_per_px
        validation = validate(calibration, shown, mm_per_px=mm_per_px)
        fitted = [point for point in shown if point.kind is PointKind.CALIBRATION]
        held_out = self._held_out_errors(fitted)
        errors = held_out or tuple(
            point_error(point, calibration, mm_per_px=mm_per_px) for point in fitted
        )
        record = GazeRecord(calibration, shown, validation)
        if validation is not None:
            return CalibrationResult(
                record, errors, validation.error_px, validation.error_deg, bool(held_out)
            )
        known = [error for error in errors if error.used]
        in_deg = [error.error_deg for error in known if error.error_deg is not None]
        return CalibrationResult(
            record,
            errors,
            float(np.median([error.error_px for error in known])),
            float(np.median(in_deg)) if in_deg else None,
            bool(held_out),
        )

    def _held_out_errors(self, points: Sequence[ShownPoint]) -> tuple[PointError, ...]:
        """Error of each point under a fit of the others; empty when that cannot be had."""
        if sum(bool(len(point.features)) for point in points) < _TO_HOLD_OUT:
            return ()
        screen_px = (self._screen.width_px, self._screen.height_px)
        errors = []
        for held_out in points:
            others = [point for point in points if point is not held_out]
            try:
                fit = fit_points(others, screen_px=screen_px)
            except InferenceError:
                return ()
            errors.append(point_error(held_out, fit, mm_per_px=self.mm_per_px))
        return tuple(errors)


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
    def share(self) -> float:
        """How much of its time is over, 0..1."""
        if not self._measures:
            return 0.0
        passed_ns = self._measures[-1].t_ns - self._measures[0].t_ns
        return min(1.0, passed_ns / self._duration_ns)

    @property
    def measures(self) -> tuple[FaceMeasures, ...]:
        """Those of the run so far, with and without a face."""
        return tuple(self._measures)
