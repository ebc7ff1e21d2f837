"""A person's gaze calibration fitted to frames in which it is known where she looked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.errors import InferenceError
from journeylab.inference.gaze import N_FEATURES, GazeCalibration, GazeSample, gaze_terms
from journeylab.vocabulary import EYE_FEATURE_COLUMNS

_RIDGE: Final = 0.01
_ROUNDS: Final = 5
_OUTLIER: Final = 3.0
_MIN_SAMPLES: Final = 12
_MIN_TARGETS: Final = 4
_MIN_KEPT: Final = 0.4
_TO_HOLD_OUT: Final = 5
_WITHIN: Final = 0.68
# A point left out lies beyond the others, so its error is larger than that between points; nine of
# them tell little of a person, so what is usual counts as much. Both from rendered faces.
_OF_HELD_OUT: Final = 0.76
_USUAL_DEG: Final = 1.6
_ANGLES: Final = [EYE_FEATURE_COLUMNS.index(f"gaze_{way}_deg") for way in ("yaw", "pitch")]
_AGAIN: Final = "Calibrate again, with the eyes in view and on each point."


def fit_gaze(samples: Sequence[GazeSample], *, screen_px: tuple[int, int]) -> GazeCalibration:
    """Fit a person's calibration, rejecting outliers.

    Samples whose residual lies beyond three robust deviations (blinks, glances away, the saccade
    to the target) are left out, in up to five rounds. Every target weighs the same, however many
    samples it has.

    Parameters
    ----------
    samples
        Frames during which the person looked at a known point, in order of time; those with NaN
        are left out.
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
    terms = gaze_terms(features, poses)
    kept = _agreeing(terms, targets, n_all=len(samples))
    terms, targets, poses = terms[kept], targets[kept], poses[kept]
    share = _shares(targets)
    centre, weights, offset_px = _ridge(terms, targets, share)
    residual = targets - ((terms - centre) @ weights + offset_px)
    offsets = terms - centre
    covariance = (offsets * share[:, None]).T @ offsets + _RIDGE * np.eye(terms.shape[1])
    # A head held perfectly still was still calibrated for a degree and half a centimetre around.
    pose_scale = np.maximum(poses.std(axis=0), [1.0, 1.0, 1.0, 5.0, 5.0, 5.0])
    px_per_mm = float(np.sqrt(abs(np.linalg.det(weights[:2])))) / 100.0
    px_per_deg = px_per_mm * float(poses[:, 5].mean()) * float(np.deg2rad(1.0))
    return GazeCalibration(
        centre=centre,
        weights=weights,
        offset_px=offset_px,
        spread=np.asarray(np.linalg.inv(covariance), dtype=np.float64),
        pose_centre=poses.mean(axis=0),
        pose_scale=pose_scale,
        deviation_px=_deviation_px(_held_out_px(terms, targets, residual), px_per_deg),
        noise_px=_noise_px(residual, targets),
        px_per_deg=px_per_deg,
        n_used=len(terms),
        n_all=len(samples),
        n_targets=len(np.unique(targets.round(), axis=0)),
        screen_px=screen_px,
    )


def _agreeing(
    terms: NDArray[np.float64], targets: NDArray[np.float64], *, n_all: int
) -> NDArray[np.bool_]:
    """Which samples a common map holds for."""
    kept = np.ones(len(terms), dtype=bool)
    for _ in range(_ROUNDS):
        centre, weights, offset_px = _ridge(terms[kept], targets[kept], _shares(targets[kept]))
        residual = targets - ((terms - centre) @ weights + offset_px)
        distance = np.hypot(residual[:, 0], residual[:, 1])
        # Rayleigh: the median distance is 1.18 deviations of one axis.
        limit_px = max(_OUTLIER * float(np.median(distance[kept])) / 1.18, 1.0)
        now = distance <= limit_px
        if np.array_equal(now, kept):
            break
        kept = now
    _refuse_disagreement(kept, targets, residual, n_all=n_all)
    return kept


def _shares(targets: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) weights that sum to 1, the same sum for every target."""
    _, of, counts = np.unique(targets.round(), axis=0, return_inverse=True, return_counts=True)
    return np.asarray(1.0 / counts[of.ravel()] / len(counts))


def _ridge(
    terms: NDArray[np.float64], targets: NDArray[np.float64], share: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    centre = np.asarray(share @ terms)
    offset_px = np.asarray(share @ targets)
    offsets = terms - centre
    weighted = (offsets * share[:, None]).T
    gram = weighted @ offsets + _RIDGE * np.eye(terms.shape[1])
    weights = np.asarray(np.linalg.solve(gram, weighted @ (targets - offset_px)), dtype=np.float64)
    return centre, weights, offset_px


def _held_out_px(
    terms: NDArray[np.float64], targets: NDArray[np.float64], residual: NDArray[np.float64]
) -> float:
    """Distance within which 68 % of samples are mapped by a fit without their target; with fewer
    than five targets that of the fit itself, which flatters."""
    distinct, of = np.unique(targets.round(), axis=0, return_inverse=True)
    of = of.ravel()
    if len(distinct) >= _TO_HOLD_OUT:
        residual = residual.copy()
        for at in range(len(distinct)):
            out = of == at
            others = targets[~out]
            centre, weights, offset_px = _ridge(terms[~out], others, _shares(others))
            residual[out] = targets[out] - ((terms[out] - centre) @ weights + offset_px)
    return max(float(np.quantile(np.hypot(residual[:, 0], residual[:, 1]), _WITHIN)), 1.0)


def _deviation_px(held_out_px: float, px_per_deg: float) -> float:
    """What is to be expected between the points, from nine errors and what is usual."""
    usual_px = _USUAL_DEG * px_per_deg
    return max(float(np.hypot(_OF_HELD_OUT * held_out_px, usual_px) / np.sqrt(2.0)), 1.0)


def _noise_px(residual: NDArray[np.float64], targets: NDArray[np.float64]) -> float:
    """Standard deviation from frame to frame, per axis."""
    follows = (np.diff(targets, axis=0) == 0).all(axis=1)
    steps = np.diff(residual, axis=0)[follows]
    if not len(steps):
        return 1.0
    # A difference has twice the variance.
    return max(float(np.sqrt(np.mean(steps**2) / 2.0)), 1.0)


def _stacked(
    samples: Sequence[GazeSample],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Features (n, 14), poses (n, 6) and targets (n, 2) of the samples without NaN."""
    features = np.array([one.features for one in samples], dtype=np.float64)
    poses = np.array([one.head_pose for one in samples], dtype=np.float64).reshape(-1, 6)
    targets = np.array([one.target_px for one in samples], dtype=np.float64).reshape(-1, 2)
    features = features.reshape(-1, N_FEATURES)
    used = features[:, _ANGLES]
    whole = np.isfinite(np.hstack((used, poses, targets))).all(axis=1)
    return features[whole], poses[whole], targets[whole]


def _refuse_unfit(
    features: NDArray[np.float64], targets: NDArray[np.float64], *, n_all: int
) -> None:
    if len(features) < _MIN_SAMPLES:
        raise InferenceError(
            f"Only {len(features)} of {n_all} calibration samples are usable; "
            f"{_MIN_SAMPLES} are needed.",
            remedy=_AGAIN,
        )
    distinct = np.unique(targets.round(), axis=0)
    if len(distinct) < _MIN_TARGETS:
        raise InferenceError(
            f"Only {len(distinct)} calibration points have samples; {_MIN_TARGETS} are needed.",
            remedy=_AGAIN,
        )
    narrow, wide = np.sort(np.linalg.svd(distinct - distinct.mean(axis=0), compute_uv=False))
    if narrow < 0.02 * wide:
        raise InferenceError(
            "The calibration points lie on one line.",
            remedy="Use points spread over the width and the height of the screen.",
        )
    if features[:, _ANGLES].std(axis=0).max() < 0.01:
        raise InferenceError("The eyes did not move from point to point.", remedy=_AGAIN)


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
