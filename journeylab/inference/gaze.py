"""Point of gaze from the line of sight and the head's place, calibrated per person.

The line of sight (:mod:`journeylab.inference.line_of_sight`) is cut with the plane of the screen in
mm; that carries head movement. A second-order ridge regression from there to pixels, fitted on the
person's calibration, does the rest: the screen's place and size, and what is particular to the
eyes. More personal parameters (an eye's radius, an offset for each turn of the head) were tried and
gained nothing that nine points can hold.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from journeylab.errors import InferenceError
from journeylab.vocabulary import EYE_FEATURE_COLUMNS

VERSION: Final = "gaze-2"

N_FEATURES: Final = len(EYE_FEATURE_COLUMNS)
_YAW: Final = EYE_FEATURE_COLUMNS.index("gaze_yaw_deg")
_PITCH: Final = EYE_FEATURE_COLUMNS.index("gaze_pitch_deg")
_BEYOND_DEG: Final = 70.0

_MM: Final = 100.0  # plane coordinates in this unit are of order 1
_SECOND_ORDER: Final = 0.3  # weighs squares less against the ridge than first-order terms
# How the error grows away from where the head was calibrated, of rendered faces left out of the
# fit: degrees of gaze per degree of head turn, and per millimetre of head movement.
_DEG_PER_TURN_DEG: Final = 0.5
_DEG_PER_MM: Final = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class GazeSample:
    """One frame of a calibration: eye features (14,), head pose (6,), target (2,) px."""

    features: NDArray[np.float64]
    head_pose: NDArray[np.float64]
    target_px: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class GazeCalibration:
    """One person's map from features to pixels.

    Attributes
    ----------
    centre, weights, offset_px
        Mean (5,) of the terms, weights (5, 2) on their distance from it, and (2,) px at it.
    spread
        (5, 5) inverse of the regularised covariance of the terms: how far new terms lie outside.
    pose_centre, pose_scale
        (6,) mean and standard deviation of the head pose while calibrating.
    deviation_px
        Distance from a point within which 68 % of its samples are mapped by a fit without it.
    noise_px
        Standard deviation of the point of gaze from frame to frame in a steady look, per axis.
    px_per_deg
        How far a degree of gaze reaches on the screen.
    n_used, n_all, n_targets
        Samples kept and given, and the points they belong to.
    screen_px
        Width and height of the screen.
    shift_px
        (2,) added to every point since: a re-centring, clicks.
    """

    centre: NDArray[np.float64]
    weights: NDArray[np.float64]
    offset_px: NDArray[np.float64]
    spread: NDArray[np.float64]
    pose_centre: NDArray[np.float64]
    pose_scale: NDArray[np.float64]
    deviation_px: float
    noise_px: float
    px_per_deg: float
    n_used: int
    n_all: int
    n_targets: int
    screen_px: tuple[int, int]
    shift_px: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))
    version: str = VERSION

    def predict(
        self, eye_features: NDArray[np.float64], head_pose: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], float]:
        """Point of gaze (2,) px, and the radius in px within which the truth lies with 68 %.

        Both NaN where the features are. The radius grows outside the calibrated range of gaze and
        head.
        """
        terms = gaze_terms(eye_features[None, :], head_pose[None, :])[0] - self.centre
        if not np.isfinite(terms).all():
            return np.full(2, np.nan), float("nan")
        point_px = terms @ self.weights + self.offset_px + self.shift_px
        leverage = float(terms @ self.spread @ terms) / max(self.n_targets, 1)
        moved = np.maximum(np.abs(head_pose - self.pose_centre) - self.pose_scale, 0.0)
        turned_deg = float(np.hypot(moved[0], moved[1]))
        shifted_mm = float(np.sqrt(moved[3:] @ moved[3:]))
        strayed_px = self.px_per_deg * float(
            np.hypot(_DEG_PER_TURN_DEG * turned_deg, _DEG_PER_MM * shifted_mm)
        )
        return point_px, float(np.hypot(self.deviation_px * np.sqrt(1.0 + leverage), strayed_px))

    def shifted(self, by_px: NDArray[np.float64]) -> GazeCalibration:
        """The same with every point moved by (2,) px."""
        return replace(self, shift_px=self.shift_px + by_px)

    def to_json(self) -> str:
        """One JSON object, numbers exact."""
        arrays = {name: getattr(self, name).tolist() for name in _SHAPES}
        numbers = {name: getattr(self, name) for name in (*_NUMBERS, *_COUNTS)}
        said = {"kind": "gaze", "version": self.version, "screen_px": list(self.screen_px)}
        return json.dumps({**said, **numbers, **arrays})

    @classmethod
    def from_json(cls, text: str) -> GazeCalibration:
        """Read what :meth:`to_json` wrote; InferenceError when it is something else.

        What others wrote beside it, such as the validation, is passed over.
        """
        try:
            stored: dict[str, Any] = json.loads(text)
            version = str(stored["version"])
            if version != VERSION:
                raise ValueError(f"it was made by {version}, this is {VERSION}")
            arrays: dict[str, Any] = {
                name: np.array(stored[name], dtype=np.float64).reshape(shape)
                for name, shape in _SHAPES.items()
            }
            numbers: dict[str, Any] = {name: float(stored[name]) for name in _NUMBERS}
            counts: dict[str, Any] = {name: int(stored[name]) for name in _COUNTS}
            width_px, height_px = (int(side) for side in stored["screen_px"])
        except (ValueError, KeyError, TypeError) as error:
            raise InferenceError(
                f"This is not a gaze calibration: {error}.",
                remedy="Calibrate again, or refit it from the stored eye features.",
            ) from error
        return cls(**arrays, **numbers, **counts, screen_px=(width_px, height_px))


_SHAPES: Final[dict[str, tuple[int, ...]]] = {
    "centre": (5,),
    "weights": (5, 2),
    "offset_px": (2,),
    "spread": (5, 5),
    "pose_centre": (6,),
    "pose_scale": (6,),
    "shift_px": (2,),
}
_NUMBERS: Final = ("deviation_px", "noise_px", "px_per_deg")
_COUNTS: Final = ("n_used", "n_all", "n_targets")


def gaze_terms(features: NDArray[np.float64], poses: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 5) regression terms of (n, 14) eye features and (n, 6) head poses: where the line of
    sight meets the camera's plane, and its squares."""
    # A landmark gone astray must not send the tangent to infinity.
    yaw = np.deg2rad(np.clip(features[:, _YAW], -_BEYOND_DEG, _BEYOND_DEG))
    pitch = np.deg2rad(np.clip(features[:, _PITCH], -_BEYOND_DEG, _BEYOND_DEG))
    x = (poses[:, 3] + np.tan(yaw) * poses[:, 5]) / _MM
    y = (poses[:, 4] - np.tan(pitch) * poses[:, 5]) / _MM
    return np.stack(
        (x, y, _SECOND_ORDER * x * x, _SECOND_ORDER * y * y, _SECOND_ORDER * x * y), axis=1
    )
