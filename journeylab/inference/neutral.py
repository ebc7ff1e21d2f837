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
from journeylab.inference.action_units import FULL_SCALE, RULES_VERSION
from journeylab.vocabulary import ACTION_UNIT_COLUMNS

MIN_NEUTRAL_FRAMES: Final = 5
"""Fewer frames with a face than this make no neutral face."""
_MIN_QUALITY: Final = 0.2
_ROUNDS: Final = 4
# What resting faces are like where they are alike: mean over six rendered identities, in full
# scales; the spread is two to five times theirs, because real faces differ more.
_RESTING_FACES: Final = {
    "AU04": (-12.4, 1.5),
    "AU12": (-0.15, 0.30),
    "AU15": (3.1, 0.80),
    "AU25": (0.07, 0.15),
    "AU43": (1.38, 0.25),
}
_KNOWN: Final = np.array([ACTION_UNIT_COLUMNS.index(code) for code in _RESTING_FACES])
_KNOWN_MEAN: Final = np.array([mean for mean, _ in _RESTING_FACES.values()])
_KNOWN_SPREAD: Final = np.array([spread for _, spread in _RESTING_FACES.values()])
_HARDLY_WORSE: Final = 2.0
_FARTHEST: Final = 2.5
# Ten samples a second tell a resting face; the running estimate keeps this many and then halves
# its rate, so it covers the whole session at a fixed cost.
_RUNNING_STEP_NS: Final = 100 * NS_PER_MS
_RUNNING_CAPACITY: Final = 256


@dataclass(frozen=True, slots=True, eq=False)
class NeutralFace:
    """Raw measures (22,) of the resting face, of how many frames, by which rules."""

    raw: NDArray[np.float64]
    n_frames: int
    version: str = RULES_VERSION

    def to_json(self) -> str:
        """One JSON object, numbers exact."""
        return json.dumps(
            {
                "kind": "neutral",
                "version": self.version,
                "n_frames": self.n_frames,
                "raw": dict(zip(ACTION_UNIT_COLUMNS, self.raw.tolist(), strict=True)),
            }
        )

    @classmethod
    def from_json(cls, text: str) -> NeutralFace:
        """Read what :meth:`to_json` wrote; InferenceError when it is something else."""
        try:
            stored = json.loads(text)
            raw = np.array([float(stored["raw"][code]) for code in ACTION_UNIT_COLUMNS])
            n_frames, version = int(stored["n_frames"]), str(stored["version"])
        except (ValueError, KeyError, TypeError) as error:
            raise InferenceError(
                f"This is not a neutral face: {error}.", remedy="Capture the neutral face again."
            ) from error
        if version != RULES_VERSION:
            raise InferenceError(
                f"The neutral face was made by {version}, this is {RULES_VERSION}.",
                remedy="Capture it again, or estimate it from the stored raw measures.",
            )
        return cls(raw, n_frames, version)


class SeenFace(Protocol):
    """What a neutral face is estimated from."""

    @property
    def action_units_raw(self) -> NDArray[np.float64]: ...

    @property
    def quality(self) -> float: ...

    @property
    def has_face(self) -> bool: ...


def estimate_neutral(measures: Sequence[SeenFace]) -> NeutralFace:
    """Neutral face of a stretch of frames (FaceMeasures or Observations), robust against what
    happens in it.

    Raises
    ------
    InferenceError
        When fewer than five of the frames show a face well enough.
    """
    seen = [
        one
        for one in measures
        # Without raw measures where emotions, and so action units, must not be inferred.
        if one.has_face
        and one.quality >= _MIN_QUALITY
        and bool(np.isfinite(one.action_units_raw).all())
    ]
    if len(seen) < MIN_NEUTRAL_FRAMES:
        raise InferenceError(
            f"Only {len(seen)} of {len(measures)} frames show a face well enough for its neutral "
            f"expression; {MIN_NEUTRAL_FRAMES} are needed.",
            remedy="Choose a stretch with the face in view, or improve the light.",
        )
    return NeutralFace(resting_point(np.array([one.action_units_raw for one in seen])), len(seen))


def resting_point(raw: NDArray[np.float64]) -> NDArray[np.float64]:
    """Raw measures (22,) of rest, out of those of some frames (n, 22).

    First the quarter of the frames that look most like resting faces do is found, with all that
    are hardly worse; a person who smiles through most of a clip must not have the smile for a
    rest. Of these the half nearest to each other counts, and its median is rest, kept within
    what resting faces are like.
    """
    scaled = raw / FULL_SCALE
    oddness = np.minimum(((scaled[:, _KNOWN] - _KNOWN_MEAN) / _KNOWN_SPREAD) ** 2, 9.0).sum(axis=1)
    scaled = scaled[oddness <= np.quantile(oddness, 0.25) + _HARDLY_WORSE]
    centre = np.median(scaled, axis=0)
    n_half = (len(scaled) + 1) // 2
    for _ in range(_ROUNDS):
        distance = np.minimum(np.abs(scaled - centre), 1.0).sum(axis=1)
        nearest = np.argpartition(distance, n_half - 1)[:n_half]
        centre = np.median(scaled[nearest], axis=0)
    reach = _FARTHEST * _KNOWN_SPREAD
    centre[_KNOWN] = np.clip(centre[_KNOWN], _KNOWN_MEAN - reach, _KNOWN_MEAN + reach)
    return np.asarray(centre * FULL_SCALE)


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

    @classmethod
    def empty(cls) -> RunningNeutral:
        """Nothing seen yet."""
        return cls(np.empty((0, len(ACTION_UNIT_COLUMNS))))

    def seen(self, raw: NDArray[np.float64], *, quality: float, t_ns: int) -> RunningNeutral:
        """The state after one more frame with a face."""
        if self.current is not None and (t_ns < self.next_ns or quality < _MIN_QUALITY):
            return self
        samples = np.vstack((self.samples, raw))
        step_ns = self.step_ns
        if len(samples) >= _RUNNING_CAPACITY:
            samples, step_ns = samples[::2], step_ns * 2
        return RunningNeutral(samples, resting_point(samples), t_ns + step_ns, step_ns)
