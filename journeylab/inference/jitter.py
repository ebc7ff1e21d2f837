"""Jitter of the mesh: points of the face that do not move against each other, and yet do.

In noise, dim light or on a tiny face the mesh trembles from frame to frame before it is wrong as a
whole. Points on bone and at the corners of the eyes move with the head, which goes on as it went;
what is left of their second difference, less what they have in common, is the mesh's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.clock import NS_PER_MS
from journeylab.inference.measures import Mesh
from journeylab.inference.quality import ramp

# Corners of the eyes, bridge and base of the nose.
_STEADY: Final = np.array([33, 133, 263, 362, 168, 6, 2, 98, 327])
_RIGHT, _LEFT = 0, 2
# At 20 frames/s and below a face that turns bends as much between frames as a mesh trembles.
_LONGEST_STEP_NS: Final = 50 * NS_PER_MS
_AVERAGED_NS: Final = 500 * NS_PER_MS
# In interocular distances, averaged: 0.002 on a still face, 0.007 on one that laughs and turns;
# 0.010 in dim light, 0.014 in strong noise, 0.021 in both.
_NONE, _MUCH = 0.010, 0.030


@dataclass(frozen=True, slots=True, eq=False)
class JitterState:
    """``last`` and ``before`` (9, 2), the steady points of the last two frames in interocular
    distances; ``mean`` of the jitter so far."""

    last: NDArray[np.float64] | None = None
    before: NDArray[np.float64] | None = None
    t_ns: int = 0
    mean: float = 0.0

    def seen(self, mesh: Mesh, *, t_ns: int) -> tuple[JitterState, float]:
        """The state after one more frame, and how far the mesh is to be believed for it, 0..1."""
        size_px = np.array([mesh.width_px, mesh.height_px], dtype=np.float64)
        points = mesh.xyz[_STEADY, :2].astype(np.float64) * size_px
        points /= max(float(np.hypot(*(points[_LEFT] - points[_RIGHT]))), 1.0)
        step_ns = t_ns - self.t_ns
        last = self.last if 0 < step_ns <= _LONGEST_STEP_NS else None
        if last is None or self.before is None:
            return JitterState(points, last, t_ns, self.mean), self._trust
        bend = points - 2.0 * last + self.before
        bend -= bend.mean(axis=0)
        now = float(np.sqrt((bend**2).sum(axis=1).mean()))
        mean = self.mean + (now - self.mean) * (1.0 - float(np.exp(-step_ns / _AVERAGED_NS)))
        state = JitterState(points, last, t_ns, mean)
        return state, state._trust

    @property
    def _trust(self) -> float:
        return ramp(self.mean, _MUCH, _NONE)
