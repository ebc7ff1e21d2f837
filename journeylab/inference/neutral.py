"""The person's neutral face: what all action units are measured against."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from journeylab.clock import NS_PER_MS
from journeylab.errors import InferenceError
from journeylab.inference.action_units import (
    CLOSURE,
    FITTED,
    MODEL_VERSION,
    N_MEASURES,
    model,
)
from journeylab.inference.shape import N_SHAPE
from journeylab.vocabulary import ACTION_UNIT_COLUMNS

MIN_NEUTRAL_FRAMES: Final = 5
"""Fewer frames with a face than this make no neutral face."""
_MIN_QUALITY: Final = 0.2
_ROUNDS: Final = 4
# Raw action units in which resting faces are alike, rendered, drawn and real ones: mean and spread.
# Resting mouths are closed and unsmiling, resting eyes open; brows differ too much to tell.
_RESTING: Final = {
    "AU10": (0.0, 0.30),
    "AU12": (-0.06, 0.15),
    "AU25": (-0.07, 0.15),
    "AU43": (-0.35, 0.35),
}
_KNOWN: Final = np.array([ACTION_UNIT_COLUMNS.index(code) for code in _RESTING])
_MEAN: Final = np.array([mean for mean, _ in _RESTING.values()])
_SPREAD: Final = np.array([spread for _, spread in _RESTING.values()])
_SHARE: Final = 0.10
_HARDLY_WORSE: Final = 2.0
# Beyond this many spreads it is no rest but an expression that never left the face.
_FARTHEST: Final = 1.5
_TAKEN_OUT: Final = ("AU12", "AU25")
_MOST_CLOSURE: Final = 0.25
# Ten samples a second tell a resting face; the running estimate keeps this many and then halves
# its rate, so it covers the whole session at a fixed cost.
_RUNNING_STEP_NS: Final = 100 * NS_PER_MS
_RUNNING_CAPACITY: Final = 256
# A first frame may show anything; ten seconds of a face hold moments of rest, though no promise
# that they are.
_SETTLED: Final = 100
_FIRST_TRUST, _MOST_TRUST = 0.3, 0.9


@dataclass(frozen=True, slots=True, eq=False)
class NeutralFace:
    """Measures (N_MEASURES,) of the resting face, of how many frames, for which model."""

    measures: NDArray[np.float64]
    n_frames: int
    version: str = MODEL_VERSION

    def to_json(self) -> str:
        """One JSON object, numbers exact."""
        return json.dumps(
            {
                "kind": "neutral",
                "version": self.version,
                "n_frames": self.n_frames,
                "measures": self.measures.tolist(),
            }
        )

    @classmethod
    def from_json(cls, text: str) -> NeutralFace:
        """Read what :meth:`to_json` wrote; InferenceError when it is something else."""
        try:
            stored = json.loads(text)
            measures = np.array(stored["measures"], dtype=np.float64).reshape(N_MEASURES)
            n_frames, version = int(stored["n_frames"]), str(stored["version"])
        except (ValueError, KeyError, TypeError) as error:
            raise InferenceError(
                f"This is not a neutral face: {error}.", remedy="Capture the neutral face again."
            ) from error
        if version != MODEL_VERSION:
            raise InferenceError(
                f"The neutral face was made by {version}, this is {MODEL_VERSION}.",
                remedy="Capture it again, or estimate it from the stored measures.",
            )
        return cls(measures, n_frames, version)


class SeenFace(Protocol):
    """What a neutral face is estimated from."""

    @property
    def measures(self) -> NDArray[np.float64]: ...

    @property
    def action_units_raw(self) -> NDArray[np.float64]: ...

    @property
    def quality(self) -> float: ...

    @property
    def has_face(self) -> bool: ...


def shows_face_well(one: SeenFace) -> bool:
    """Whether a frame tells anything of the person's neutral face."""
    # Without raw measures where emotions, and so action units, must not be inferred.
    return (
        one.has_face
        and one.quality >= _MIN_QUALITY
        and bool(np.isfinite(one.action_units_raw).all())
    )


def estimate_neutral(measures: Sequence[SeenFace]) -> NeutralFace:
    """Neutral face of a stretch of frames (FaceMeasures or Observations), robust against what
    happens in it.

    Raises
    ------
    InferenceError
        When fewer than five of the frames show a face well enough.
    """
    seen = [one for one in measures if shows_face_well(one)]
    if len(seen) < MIN_NEUTRAL_FRAMES:
        raise InferenceError(
            f"Only {len(seen)} of {len(measures)} frames show a face well enough for its neutral "
            f"expression; {MIN_NEUTRAL_FRAMES} are needed.",
            remedy="Choose a stretch with the face in view, or improve the light.",
        )
    rest = resting_point(
        np.array([one.measures for one in seen]), np.array([one.action_units_raw for one in seen])
    )
    return NeutralFace(rest, len(seen))


def resting_point(measures: NDArray[np.float64], raw: NDArray[np.float64]) -> NDArray[np.float64]:
    """Measures (N_MEASURES,) of rest, out of those of some frames (n, N_MEASURES) and their raw
    action units (n, 22).

    First the tenth of the frames that look most like resting faces do is found, with all that are
    hardly worse; a person who smiles through most of a clip must not have the smile for a rest.
    Of these the half nearest to each other counts, and its median is rest, kept within what
    resting faces are like.
    """
    oddness = np.minimum(((raw[:, _KNOWN] - _MEAN) / _SPREAD) ** 2, 9.0).sum(axis=1)
    likely = oddness <= np.quantile(oddness, _SHARE) + _HARDLY_WORSE
    measures, raw = measures[likely], raw[likely]
    centre = np.median(raw, axis=0)
    n_half = (len(raw) + 1) // 2
    nearest = np.arange(len(raw))
    for _ in range(_ROUNDS):
        distance = np.minimum(np.abs(raw - centre), 1.0).sum(axis=1)
        nearest = np.argpartition(distance, n_half - 1)[:n_half]
        centre = np.median(raw[nearest], axis=0)
    rest = np.median(measures[nearest], axis=0)
    return _without_expression(rest, centre)


def _without_expression(rest: NDArray[np.float64], raw: NDArray[np.float64]) -> NDArray[np.float64]:
    """A resting point and its raw action units (22,), less what cannot be at rest.

    A person who smiles through most of a clip leaves a smile in it: all that such a smile moves
    is taken back, as far as it goes beyond what resting faces show.
    """
    rest = rest.copy()
    for code in _TAKEN_OUT:
        mean, spread = _RESTING[code]
        beyond = float(raw[ACTION_UNIT_COLUMNS.index(code)]) - (mean + _FARTHEST * spread)
        if beyond > 0:
            rest[: 2 * N_SHAPE] -= np.tile(beyond * model().typical[FITTED.index(code)], 2)
    most = model().resting[CLOSURE] + _MOST_CLOSURE
    rest[CLOSURE] = min(rest[CLOSURE], most)
    return rest


@dataclass(frozen=True, slots=True, eq=False)
class RunningNeutral:
    """Causal estimate of the neutral face from what was seen so far.

    Used while none was captured, so that the first second already has action units: the first
    frame stands for rest until more is known. State in, state out.
    """

    samples: NDArray[np.float64]
    current: NDArray[np.float64] | None = None
    next_ns: int = 0
    step_ns: int = _RUNNING_STEP_NS

    @property
    def trust(self) -> float:
        """How far the estimate stands for a captured neutral face, 0..1."""
        known = min(len(self.samples) / _SETTLED, 1.0)
        return _FIRST_TRUST + (_MOST_TRUST - _FIRST_TRUST) * known

    @classmethod
    def empty(cls) -> RunningNeutral:
        """Nothing seen yet."""
        return cls(np.empty((0, N_MEASURES + len(ACTION_UNIT_COLUMNS))))

    def seen(
        self,
        measures: NDArray[np.float64],
        raw: NDArray[np.float64],
        *,
        quality: float,
        t_ns: int,
    ) -> RunningNeutral:
        """The state after one more frame with a face."""
        if self.current is not None and (t_ns < self.next_ns or quality < _MIN_QUALITY):
            return self
        samples = np.vstack((self.samples, np.concatenate((measures, raw))))
        step_ns = self.step_ns
        if len(samples) >= _RUNNING_CAPACITY:
            samples, step_ns = samples[::2], step_ns * 2
        rest = resting_point(samples[:, :N_MEASURES], samples[:, N_MEASURES:])
        return RunningNeutral(samples, rest, t_ns + step_ns, step_ns)
