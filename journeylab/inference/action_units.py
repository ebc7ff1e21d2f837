"""Action units: intensities from local measures of the face against the person's neutral face.

What moved since the neutral face goes through a small network, fitted on rendered faces with known
action units whose measures were disturbed as real ones are: by head pose, by expressions on top of
each other, by smiles that bare the teeth, by the mesh's jitter (``packaging/fit_action_units.py``
makes it again; the file tells how it was made). What rendered faces cannot teach is set by hand:
the furrow in the image, closing lids, tight lips.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from journeylab.assets import asset
from journeylab.inference.shape import N_SHAPE, SHAPE_NAMES
from journeylab.streams import N_FACE_MEASURES
from journeylab.vocabulary import ACTION_UNIT_COLUMNS

MODEL_VERSION: Final = "action-units-3"

N_MEASURES: Final = N_FACE_MEASURES
"""Shape measures of both sides, ln of the wrinkle energy between the brows, closure of the lids."""
FURROW: Final = N_MEASURES - 2
CLOSURE: Final = N_MEASURES - 1

FITTED: Final = (
    *("AU01", "AU02", "AU04", "AU05", "AU06", "AU07", "AU09", "AU10", "AU12"),
    *("AU14", "AU15", "AU17", "AU20", "AU24", "AU25", "AU26"),
)
"""Units of the network, in the order of its outputs."""
SIDED: Final = ("AU12", "AU14")
"""Units of the network for one side, in the order of its outputs."""

# Below this share of full intensity a unit is noise; it fades in softly, so that the order of
# faces is kept even there.
_NOISE: Final = 0.10
_SOFTNESS: Final = 0.04
# Wrinkle energy between the brows, ln against the neutral face: stays within 0.1 on faces that
# move, look about and speak, 0.2 as they smile or tilt; 0.65 to 0.85 on a furrow.
_FURROW_NONE: Final = 0.25
_FURROW_FULL: Final = 0.70
_FURROW_TRUST: Final = 0.8
# Closure is minus ln of the lids' aperture: 0.85 is two thirds of it gone.
_CLOSURE_FULL: Final = 0.85
_CLOSURE_NOISE: Final = 0.25
# Both lips narrow, and the mouth with them (Ekman, Friesen & Hager 2002); no rendered truth.
_TIGHT_FULL: Final = 0.60
_TIGHT_NOISE: Final = 0.40
_TIGHT_LESS: Final = {"AU24": 0.50, "AU12": 0.30, "AU25": 0.30}
# Corners that are pulled up, and corners of lips that part, are not pulled down: in a laugh the
# lower lip passes the corners, which the renderer's smile, closed as it is, does not teach.
_DOWN_LESS: Final = {"AU12": 0.30, "AU25": 0.30}

_INDEX: Final = {code: at for at, code in enumerate(ACTION_UNIT_COLUMNS)}
_FITTED_AT: Final = [_INDEX[code] for code in FITTED]
_RIGHT_AT: Final = [_INDEX[code + "R"] for code in SIDED]
_LEFT_AT: Final = [_INDEX[code + "L"] for code in SIDED]
_LIDS: Final = [_INDEX[code] for code in ("AU05", "AU06", "AU07")]
_AU04, _AU14, _AU15 = (_INDEX[code] for code in ("AU04", "AU14", "AU15"))
_AU23, _AU43 = (_INDEX[code] for code in ("AU23", "AU43"))
_LIP_HEIGHTS: Final = [SHAPE_NAMES.index(n) for n in ("upper_lip_height", "lower_lip_height")]
_CORNER_OUT: Final = SHAPE_NAMES.index("corner_out")


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Some small networks whose outputs are averaged: y = x S + tanh(x W1 + b1) W2, less that of
    no movement. Arrays are stacked by member; ``scale`` (inputs,) divides the inputs."""

    scale: NDArray[np.float64]
    straight: NDArray[np.float64]
    inner: NDArray[np.float64]
    inner_bias: NDArray[np.float64]
    outer: NDArray[np.float64]

    def __call__(self, moved: NDArray[np.float64]) -> NDArray[np.float64]:
        """(..., outputs) of (..., inputs)."""
        x = moved / self.scale
        total: Any = 0.0
        for straight, inner, bias, outer in zip(
            self.straight, self.inner, self.inner_bias, self.outer, strict=True
        ):
            total = total + x @ straight + (np.tanh(x @ inner + bias) - np.tanh(bias)) @ outer
        return np.asarray(total / len(self.straight))

    @classmethod
    def read(cls, stored: Any, name: str) -> Network:
        """The network of that name in the opened model file."""
        fields = ("scale", "straight", "inner", "inner_bias", "outer")
        return cls(*(stored[f"{name}_{field}"].astype(np.float64) for field in fields))


@dataclass(frozen=True, slots=True, eq=False)
class ActionUnitModel:
    """The fitted networks, the population's neutral face, and how they were made.

    ``both`` takes the mean of both sides to :data:`FITTED`; ``one_side`` a side and then the other
    to :data:`SIDED` of that side. ``resting`` (N_MEASURES,) is the mean of resting faces;
    ``typical`` (FITTED, N_SHAPE) how far each unit alone moves each measure at full intensity.
    """

    both: Network
    one_side: Network
    resting: NDArray[np.float64]
    typical: NDArray[np.float64]
    made: str


@cache
def model() -> ActionUnitModel:
    """The model that ships with the product, read once."""
    with np.load(asset("models", "action-units.npz")) as stored:
        return ActionUnitModel(
            both=Network.read(stored, "both"),
            one_side=Network.read(stored, "one_side"),
            resting=stored["resting"].astype(np.float64),
            typical=stored["typical"].astype(np.float64),
            made=str(stored["made"]),
        )


def raw_action_units(measures: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intensities against the population's neutral face, for want of the person's.

    Parameters
    ----------
    measures
        (..., N_MEASURES).

    Returns
    -------
    (..., 22)
        In the order of ACTION_UNIT_COLUMNS, neither smoothed at the noise nor cut to 0..1: what
        is particular to the person is still in them.
    """
    return _active(measures - model().resting)


def intensities(measures: NDArray[np.float64], neutral: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intensities 0..1 against a neutral face.

    Parameters
    ----------
    measures
        (..., N_MEASURES): shape of both sides, furrow, closure.
    neutral
        (N_MEASURES,) the same of the person's neutral face.

    Returns
    -------
    (..., 22)
        In the order of ACTION_UNIT_COLUMNS; NaN where the measures are NaN.
    """
    active = _active(measures - neutral)
    beyond = (active - _NOISE) / (1.0 - _NOISE) / _SOFTNESS
    # Softplus, written so that nothing overflows and NaN stays NaN.
    faded = _SOFTNESS * (np.maximum(beyond, 0.0) + np.log1p(np.exp(-np.abs(beyond))))
    # Set by hand, with a noise band of their own.
    for at in (_AU23, _AU43):
        faded[..., at] = active[..., at]
    # Closing lids cover what the muscles around them do.
    faded[..., _LIDS] *= 1.0 - np.clip(faded[..., _AU43, None], 0.0, 1.0)
    return np.asarray(np.clip(faded, 0.0, 1.0))


def _active(moved: NDArray[np.float64]) -> NDArray[np.float64]:
    """(..., 22) of what moved (..., N_MEASURES) since rest, not yet cut to 0..1."""
    right, left = moved[..., :N_SHAPE], moved[..., N_SHAPE : 2 * N_SHAPE]
    active = np.zeros((*moved.shape[:-1], len(ACTION_UNIT_COLUMNS)))
    active[..., _FITTED_AT] = model().both((right + left) / 2)
    active[..., _RIGHT_AT] = model().one_side(np.concatenate((right, left), axis=-1))
    active[..., _LEFT_AT] = model().one_side(np.concatenate((left, right), axis=-1))
    active[..., _AU14] = np.maximum(active[..., _INDEX["AU14L"]], active[..., _INDEX["AU14R"]])
    furrow = (moved[..., FURROW] - _FURROW_NONE) / (_FURROW_FULL - _FURROW_NONE)
    seen = _FURROW_TRUST * np.clip(furrow, 0.0, 1.0)
    brows = active[..., _AU04]
    # Either tells, both tell more; brows that rise speak against it.
    active[..., _AU04] = np.where(brows < 1.0, brows + seen * (1.0 - np.maximum(brows, 0.0)), brows)
    active[..., _AU15] -= _share_of(_DOWN_LESS, active)
    active[..., _AU43] = _beyond(moved[..., CLOSURE] / _CLOSURE_FULL, _CLOSURE_NOISE)
    active[..., _AU23] = _tight(right, left, active)
    return active


def _tight(
    right: NDArray[np.float64], left: NDArray[np.float64], active: NDArray[np.float64]
) -> NDArray[np.float64]:
    """AU23: lips narrow, and the mouth with them, beyond what pressing or smiling does."""
    heights = ((right + left) / 2)[..., _LIP_HEIGHTS].sum(axis=-1)
    narrower = (right + left)[..., _CORNER_OUT]
    tight = (2.0 * narrower - 3.7 * heights) / _TIGHT_FULL
    return _beyond(tight - _share_of(_TIGHT_LESS, active), _TIGHT_NOISE)


def _share_of(shares: dict[str, float], active: NDArray[np.float64]) -> NDArray[np.float64]:
    """What active units speak against another one, by the share of each."""
    against = [
        share * np.clip(active[..., _INDEX[code]], 0.0, 1.2) for code, share in shares.items()
    ]
    return np.asarray(np.sum(against, axis=0))


def _beyond(value: NDArray[np.float64], noise: float) -> NDArray[np.float64]:
    """What of a value lies beyond its noise, 1 staying 1."""
    return np.asarray((value - noise) / (1.0 - noise))
