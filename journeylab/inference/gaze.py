"""Point of gaze from eye features and head pose, calibrated per person.

The eyes' direction in space is first put together from head and iris with gains that are the same
for everyone, and cut with the plane of the screen in mm; that carries head movement. A second-order
ridge regression from there to pixels, fitted on the person's calibration, does the rest: the
screen's place and size, and what is particular to the eyes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from journeylab.errors import InferenceError

VERSION: Final = "gaze-1"

# Degrees of gaze per unit of iris position and lid aperture, and per degree of head rotation: the
# best on rendered faces of six persons (0.02 to 0.1 degrees worse on one left out). Less
# than 1 for the head, because iris position in the eye's opening already holds part of it.
_YAW_PER_IRIS_X: Final = 93.0
_PITCH_PER_IRIS_Y: Final = -84.0
_PITCH_PER_APERTURE: Final = 90.0
_YAW_PER_YAW: Final = 0.73
_PITCH_PER_PITCH: Final = 0.40
_REST_PITCH_DEG: Final = -30.0
_BEYOND_DEG: Final = 70.0

_MM: Final = 100.0  # plane coordinates in this unit are of order 1
_SECOND_ORDER: Final = 0.3  # weighs squares less against the ridge than first-order terms
_RIDGE: Final = 0.01
_ROUNDS: Final = 5
_OUTLIER: Final = 3.0
_MIN_SAMPLES: Final = 12
_MIN_TARGETS: Final = 4
_MIN_KEPT: Final = 0.4


@dataclass(frozen=True, slots=True, eq=False)
class GazeSample:
    """One frame of a calibration: eye features (6,), head pose (6,), target (2,) px."""

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
    residual_px
        (2,) standard deviation of what the map leaves, per axis.
    n_used, n_all
        Samples kept and given.
    screen_px
        Width and height of the screen.
    """

    centre: NDArray[np.float64]
    weights: NDArray[np.float64]
    offset_px: NDArray[np.float64]
    spread: NDArray[np.float64]
    pose_centre: NDArray[np.float64]
    pose_scale: NDArray[np.float64]
    residual_px: NDArray[np.float64]
    n_used: int
    n_all: int
    screen_px: tuple[int, int]
    version: str = VERSION

    def predict(
        self, eye_features: NDArray[np.float64], head_pose: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], float]:
        """Point of gaze (2,) px and its standard deviation in px.

        Both NaN where the features are. The deviation grows outside the calibrated range of
        gaze and head.
        """
        terms = _terms(eye_features[None, :], head_pose[None, :])[0] - self.centre
        if not np.isfinite(terms).all():
            return np.full(2, np.nan), float("nan")
        point_px = terms @ self.weights + self.offset_px
        leverage = float(terms @ self.spread @ terms) / max(self.n_used, 1)
        moved = np.abs(head_pose - self.pose_centre) / self.pose_scale
        # Within two deviations the head was calibrated; each one further adds a third.
        strayed = float(np.sqrt(np.mean(np.maximum(moved - 2.0, 0.0) ** 2))) / 3.0
        deviation_px = float(np.sqrt(np.mean(self.residual_px**2) * (1.0 + leverage)))
        return point_px, deviation_px * (1.0 + strayed)

    def to_json(self) -> str:
        """One JSON object, numbers exact."""
        arrays = {name: getattr(self, name).tolist() for name in _SHAPES}
        counts = {"n_used": self.n_used, "n_all": self.n_all, "screen_px": list(self.screen_px)}
        return json.dumps({"kind": "gaze", "version": self.version, **counts, **arrays})

    @classmethod
    def from_json(cls, text: str) -> GazeCalibration:
        """Read what :meth:`to_json` wrote; InferenceError when it is something else."""
        try:
            stored: dict[str, Any] = json.loads(text)
            version = str(stored["version"])
            if version != VERSION:
                raise ValueError(f"it was made by {version}, this is {VERSION}")
            arrays = {
                name: np.array(stored[name], dtype=np.float64).reshape(shape)
                for name, shape in _SHAPES.items()
            }
            width_px, height_px = (int(side) for side in stored["screen_px"])
            n_used, n_all = int(stored["n_used"]), int(stored["n_all"])
        except (ValueError, KeyError, TypeError) as error:
            raise InferenceError(
                f"This is not a gaze calibration: {error}.",
                remedy="Calibrate again, or refit it from the stored eye features.",
            ) from error
        return cls(
            centre=arrays["centre"],
            weights=arrays["weights"],
            offset_px=arrays["offset_px"],
            spread=arrays["spread"],
            pose_centre=arrays["pose_centre"],
            pose_scale=arrays["pose_scale"],
            residual_px=arrays["residual_px"],
            n_used=n_used,
            n_all=n_all,
            screen_px=(width_px, height_px),
        )


_SHAPES: Final[dict[str, tuple[int, ...]]] = {
    "centre": (5,),
    "weights": (5, 2),
    "offset_px": (2,),
    "spread": (5, 5),
    "pose_centre": (6,),
    "pose_scale": (6,),
    "residual_px": (2,),
}


def fit_gaze(samples: Sequence[GazeSample], *, screen_px: tuple[int, int]) -> GazeCalibration:
    """Fit a person's calibration, rejecting outliers.

    Samples whose residual lies beyond three robust deviations (blinks, glances away, the saccade
    to the target) are left out, in up to five rounds.

    Parameters
    ----------
    samples
        Frames during which the person looked at a known point; those with NaN are left out.
    screen_px
        Width and height of the screen the targets are on.

    Raises
    ------
    InferenceError
        When there are too few samples or targets, the targets lie on a line, the eyes did not
        move, or the samples agree so little that most are outliers.
    """
    features, poses, targets = _stacked(samples)
    _refuse_unfit(features, targets, n_all=len(samples))
    terms = _terms(features, poses)
    kept = np.ones(len(terms), dtype=bool)
    for _ in range(_ROUNDS):
        centre, weights, offset_px = _ridge(terms[kept], targets[kept])
        residual = targets - ((terms - centre) @ weights + offset_px)
        distance = np.hypot(residual[:, 0], residual[:, 1])
        # Rayleigh: the median distance is 1.18 deviations of one axis.
        limit_px = max(_OUTLIER * float(np.median(distance[kept])) / 1.18, 1.0)
        now = distance <= limit_px
        if np.array_equal(now, kept):
            break
        kept = now
    _refuse_disagreement(kept, targets, residual, n_all=len(samples))
    centre, weights, offset_px = _ridge(terms[kept], targets[kept])
    residual = (targets - ((terms - centre) @ weights + offset_px))[kept]
    offsets = terms[kept] - centre
    covariance = offsets.T @ offsets / len(offsets) + _RIDGE * np.eye(terms.shape[1])
    # A head held perfectly still was still calibrated for a degree and a centimetre around.
    pose_scale = np.maximum(poses[kept].std(axis=0), [1.0, 1.0, 1.0, 10.0, 10.0, 10.0])
    return GazeCalibration(
        centre=centre,
        weights=weights,
        offset_px=offset_px,
        spread=np.asarray(np.linalg.inv(covariance), dtype=np.float64),
        pose_centre=poses[kept].mean(axis=0),
        pose_scale=pose_scale,
        residual_px=np.maximum(residual.std(axis=0), 1.0),
        n_used=int(kept.sum()),
        n_all=len(samples),
        screen_px=screen_px,
    )


def _terms(features: NDArray[np.float64], poses: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 5) regression terms of (n, 6) eye features and (n, 6) head poses."""
    iris_x = (features[:, 0] + features[:, 2]) / 2
    iris_y = (features[:, 1] + features[:, 3]) / 2
    aperture = (features[:, 4] + features[:, 5]) / 2
    yaw = _YAW_PER_IRIS_X * iris_x + _YAW_PER_YAW * poses[:, 0]
    pitch = _PITCH_PER_IRIS_Y * iris_y + _PITCH_PER_APERTURE * aperture + _REST_PITCH_DEG
    pitch = pitch + _PITCH_PER_PITCH * poses[:, 1]
    # A landmark gone astray must not send the tangent to infinity.
    yaw = np.deg2rad(np.clip(yaw, -_BEYOND_DEG, _BEYOND_DEG))
    pitch = np.deg2rad(np.clip(pitch, -_BEYOND_DEG, _BEYOND_DEG))
    x = (poses[:, 3] + np.tan(yaw) * poses[:, 5]) / _MM
    y = (poses[:, 4] - np.tan(pitch) * poses[:, 5]) / _MM
    return np.stack(
        (x, y, _SECOND_ORDER * x * x, _SECOND_ORDER * y * y, _SECOND_ORDER * x * y), axis=1
    )


def _ridge(
    terms: NDArray[np.float64], targets: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    centre, offset_px = terms.mean(axis=0), targets.mean(axis=0)
    offsets = terms - centre
    gram = offsets.T @ offsets + _RIDGE * len(terms) * np.eye(terms.shape[1])
    return centre, np.linalg.solve(gram, offsets.T @ (targets - offset_px)), offset_px


def _stacked(
    samples: Sequence[GazeSample],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Features (n, 6), poses (n, 6) and targets (n, 2) of the samples without NaN."""
    features = np.array([one.features for one in samples], dtype=np.float64).reshape(-1, 6)
    poses = np.array([one.head_pose for one in samples], dtype=np.float64).reshape(-1, 6)
    targets = np.array([one.target_px for one in samples], dtype=np.float64).reshape(-1, 2)
    whole = np.isfinite(np.hstack((features, poses, targets))).all(axis=1)
    return features[whole], poses[whole], targets[whole]


def _refuse_unfit(
    features: NDArray[np.float64], targets: NDArray[np.float64], *, n_all: int
) -> None:
    again = "Calibrate again, with the eyes in view and on each point."
    if len(features) < _MIN_SAMPLES:
        raise InferenceError(
            f"Only {len(features)} of {n_all} calibration samples are usable; "
            f"{_MIN_SAMPLES} are needed.",
            remedy=again,
        )
    distinct = np.unique(targets.round(), axis=0)
    if len(distinct) < _MIN_TARGETS:
        raise InferenceError(
            f"Only {len(distinct)} calibration points have samples; {_MIN_TARGETS} are needed.",
            remedy=again,
        )
    narrow, wide = np.sort(np.linalg.svd(distinct - distinct.mean(axis=0), compute_uv=False))
    if narrow < 0.02 * wide:
        raise InferenceError(
            "The calibration points lie on one line.",
            remedy="Use points spread over the width and the height of the screen.",
        )
    if features[:, :4].std(axis=0).max() < 1e-4:
        raise InferenceError("The eyes did not move from point to point.", remedy=again)


def _refuse_disagreement(
    kept: NDArray[np.bool_],
    targets: NDArray[np.float64],
    residual: NDArray[np.float64],
    *,
    n_all: int,
) -> None:
    share = float(kept.mean())
    explained = 1.0 - residual[kept].var(axis=0).sum() / max(targets[kept].var(axis=0).sum(), 1e-9)
    if share < _MIN_KEPT or kept.sum() < _MIN_SAMPLES or explained < 0.3:
        raise InferenceError(
            f"The eyes did not follow the points: {int(kept.sum())} of {n_all} samples agree and "
            f"explain {max(explained, 0.0):.0%} of where the points were.",
            remedy="Calibrate again; check that glasses do not reflect and the face is lit.",
        )
