"""A gaze calibration as an object of its own: what was shown, what was seen, what came of it.

It holds every sample it was fitted to and validated with, so that it can be fitted again later,
by this or a later model, without the video.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from journeylab.errors import InferenceError
from journeylab.inference.gaze import N_FEATURES, GazeCalibration, GazeSample
from journeylab.inference.gaze_fit import fit_gaze
from journeylab.vocabulary import EYE_FEATURE_COLUMNS

_POSE: Final = 6
_DISTANCE: Final = 5
_YAW: Final = EYE_FEATURE_COLUMNS.index("gaze_yaw_deg")
_DECIMALS: Final = 5


class PointKind(StrEnum):
    """What a point on the screen is shown for."""

    CALIBRATION = "calibration"
    MOVEMENT = "movement"  # looked at while the head moves; fitted like the others
    VALIDATION = "validation"
    CHECK = "check"


@dataclass(frozen=True, slots=True, eq=False)
class ShownPoint:
    """One point and the samples of it.

    Attributes
    ----------
    x_px, y_px
        Where it was, from the screen's top-left corner.
    begin_ns, end_ns
        When it was there, on the session clock.
    features, head_poses
        (n, 14) and (n, 6) of the samples used, rounded by :func:`rounded`.
    left_out
        Frames not used: eyes on their way, blinks, no face.
    """

    kind: PointKind
    x_px: float
    y_px: float
    begin_ns: int
    end_ns: int
    features: NDArray[np.float64]
    head_poses: NDArray[np.float64]
    left_out: int

    def samples(self) -> list[GazeSample]:
        """What the fit takes."""
        target_px = np.array([self.x_px, self.y_px])
        return [
            GazeSample(features, head_pose, target_px)
            for features, head_pose in zip(self.features, self.head_poses, strict=True)
        ]

    def predicted_px(self, calibration: GazeCalibration) -> NDArray[np.float64]:
        """(n, 2) point of gaze of each sample."""
        points = [calibration.predict(one.features, one.head_pose)[0] for one in self.samples()]
        return np.array(points).reshape(-1, 2)


@dataclass(frozen=True, slots=True)
class PointError:
    """How far gaze was off at one point: median distance over its samples, NaN without any.

    Degrees and millimetres are None where the screen's size is unknown.
    """

    x_px: float
    y_px: float
    used: int
    left_out: int
    error_px: float
    error_deg: float | None
    error_mm: float | None


@dataclass(frozen=True, slots=True)
class GazeValidation:
    """The gaze error on points the calibration never saw: each, and the median over them."""

    points: tuple[PointError, ...]
    error_px: float
    error_deg: float | None
    error_mm: float | None
    used: int
    n_all: int


@dataclass(frozen=True, slots=True, eq=False)
class GazeRecord:
    """A calibration with all its points and its validation, None where there was none."""

    calibration: GazeCalibration
    points: tuple[ShownPoint, ...]
    validation: GazeValidation | None = None

    def refit(self) -> GazeCalibration:
        """Fit anew to the stored samples; the same numbers, as long as the model is the same.

        Raises
        ------
        InferenceError
            When the samples do not allow a fit.
        """
        return fit_points(self.points, screen_px=self.calibration.screen_px)

    def to_json(self) -> str:
        """One JSON object: the calibration's numbers, ``points`` and ``validation``."""
        stored: dict[str, Any] = json.loads(self.calibration.to_json())
        stored["points"] = [_stored_point(point) for point in self.points]
        if self.validation is not None:
            stored["validation"] = stored_validation(self.validation)
        return json.dumps(stored)

    @classmethod
    def from_json(cls, text: str) -> GazeRecord:
        """Read what :meth:`to_json` wrote.

        Raises
        ------
        InferenceError
            When it is something else.
        """
        calibration = GazeCalibration.from_json(text)
        try:
            stored: dict[str, Any] = json.loads(text)
            points = tuple(_read_point(one) for one in stored["points"])
            found = stored.get("validation")
            validation = None if found is None else _read_validation(found)
        except (ValueError, KeyError, TypeError) as error:
            raise InferenceError(
                f"This gaze calibration has no readable points: {error}."
            ) from error
        return cls(calibration, points, validation)


def rounded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Features or head pose as they are stored: the fit uses these, so a refit finds the same."""
    return np.round(values, _DECIMALS)


def fit_points(points: Iterable[ShownPoint], *, screen_px: tuple[int, int]) -> GazeCalibration:
    """Fit a calibration to the points shown for it; those for validation are left alone.

    Raises
    ------
    InferenceError
        When the samples do not allow a fit.
    """
    fitted = (PointKind.CALIBRATION, PointKind.MOVEMENT)
    samples = [one for point in points if point.kind in fitted for one in point.samples()]
    return fit_gaze(samples, screen_px=screen_px)


def point_error(
    point: ShownPoint, calibration: GazeCalibration, *, mm_per_px: float | None
) -> PointError:
    """How far a calibration is off at a point."""
    away_px = point.predicted_px(calibration) - (point.x_px, point.y_px)
    miss_px = np.linalg.norm(away_px, axis=1)
    error_px = float(np.median(miss_px)) if len(miss_px) else float("nan")
    error_mm = None if mm_per_px is None or not len(miss_px) else error_px * mm_per_px
    error_deg = None
    if mm_per_px is not None and len(miss_px):
        error_deg = float(np.median(_angles_deg(point, away_px * mm_per_px)))
    return PointError(
        point.x_px, point.y_px, len(miss_px), point.left_out, error_px, error_deg, error_mm
    )


def _angles_deg(point: ShownPoint, away_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) the angle at the eyes between a point and what lies (n, 2) mm to the right and below.

    A point beside the middle is farther away and seen aslant: as many millimetres are fewer
    degrees there.
    """
    yaw, pitch = np.deg2rad(point.features[:, _YAW : _YAW + 2]).T
    distance_mm = point.head_poses[:, _DISTANCE]
    # In the camera's axes; what the participant sees on her right lies at image left.
    way = np.column_stack((np.tan(yaw) * distance_mm, -np.tan(pitch) * distance_mm, -distance_mm))
    missed = way + np.column_stack((-away_mm[:, 0], away_mm[:, 1], np.zeros(len(away_mm))))
    cross = np.linalg.norm(np.cross(way, missed), axis=1)
    return np.asarray(np.degrees(np.arctan2(cross, np.sum(way * missed, axis=1))))


def validate(
    calibration: GazeCalibration, points: Sequence[ShownPoint], *, mm_per_px: float | None
) -> GazeValidation | None:
    """Measure a calibration on the points shown for validation; None when no sample is of one."""
    shown = [point for point in points if point.kind is PointKind.VALIDATION]
    errors = tuple(point_error(point, calibration, mm_per_px=mm_per_px) for point in shown)
    known = [error for error in errors if error.used]
    if not known:
        return None
    in_deg = [error.error_deg for error in known if error.error_deg is not None]
    in_mm = [error.error_mm for error in known if error.error_mm is not None]
    used = sum(error.used for error in errors)
    return GazeValidation(
        errors,
        float(np.median([error.error_px for error in known])),
        float(np.median(in_deg)) if in_deg else None,
        float(np.median(in_mm)) if in_mm else None,
        used,
        used + sum(error.left_out for error in errors),
    )


def stored_validation(validation: GazeValidation) -> dict[str, Any]:
    """As an object of JSON; what was not measured is null."""
    return {
        "error_px": validation.error_px,
        "error_deg": validation.error_deg,
        "error_mm": validation.error_mm,
        "used": validation.used,
        "n_all": validation.n_all,
        "points": [stored_error(error) for error in validation.points],
    }


def stored_error(error: PointError) -> dict[str, Any]:
    """As an object of JSON; what was not measured is null."""
    values = {name: getattr(error, name) for name in PointError.__slots__}
    return {name: None if value != value else value for name, value in values.items()}  # noqa: PLR0124


def _read_validation(stored: dict[str, Any]) -> GazeValidation:
    points = []
    for one in stored["points"]:
        error_px = float("nan") if one["error_px"] is None else float(one["error_px"])
        points.append(PointError(**{**one, "error_px": error_px}))
    return GazeValidation(**{**stored, "points": tuple(points)})


def _stored_point(point: ShownPoint) -> dict[str, Any]:
    return {
        "kind": str(point.kind),
        "x_px": point.x_px,
        "y_px": point.y_px,
        "begin_ns": point.begin_ns,
        "end_ns": point.end_ns,
        "left_out": point.left_out,
        "features": point.features.tolist(),
        "head_poses": point.head_poses.tolist(),
    }


def _read_point(stored: dict[str, Any]) -> ShownPoint:
    return ShownPoint(
        PointKind(stored["kind"]),
        float(stored["x_px"]),
        float(stored["y_px"]),
        int(stored["begin_ns"]),
        int(stored["end_ns"]),
        np.array(stored["features"], dtype=np.float64).reshape(-1, N_FEATURES),
        np.array(stored["head_poses"], dtype=np.float64).reshape(-1, _POSE),
        int(stored["left_out"]),
    )
