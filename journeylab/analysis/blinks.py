"""Blinks as events, from the face stream's flags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.runs import runs_of
from journeylab.clock import NS_PER_MS, NS_PER_S

LONGEST_NS: Final = 500 * NS_PER_MS
"""Blinks last 100 to 400 ms (Stern, Walrath & Goldstein 1984). The flag falls after half a second:
what was flagged until then were eyes kept closed, no blink."""
_LONGEST_FRAME_NS: Final = 200 * NS_PER_MS


@dataclass(frozen=True, slots=True, eq=False)
class Blinks:
    """Blinks in the order of their time: ``onset_ns`` and ``offset_ns`` (n,), session time of the
    first closed frame and of the first open one after it."""

    onset_ns: NDArray[np.int64]
    offset_ns: NDArray[np.int64]

    @property
    def duration_s(self) -> NDArray[np.float64]:
        """(n,); at 30 Hz good to one frame."""
        return np.asarray((self.offset_ns - self.onset_ns) / NS_PER_S)

    def __len__(self) -> int:
        return len(self.onset_ns)


NO_BLINKS: Final = Blinks(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))


def blinks_of(
    t_ns: NDArray[np.int64], blink: NDArray[np.integer], has_face: NDArray[np.bool_]
) -> Blinks:
    """Blinks from each frame's flag.

    Parameters
    ----------
    t_ns, blink, has_face
        (n,) sorted times of the analysed frames, 1 while the eyes are closed by a blink, and
        whether there was a face. A blink whose end was not seen is left out.
    """
    closed = (np.asarray(blink) > 0) & has_face
    onsets, offsets = [], []
    for start, end in runs_of(closed):
        is_seen = end < len(t_ns) and bool(has_face[end])
        if not is_seen or t_ns[end] - t_ns[end - 1] > _LONGEST_FRAME_NS:
            continue
        if t_ns[end] - t_ns[start] <= LONGEST_NS:
            onsets.append(int(t_ns[start]))
            offsets.append(int(t_ns[end]))
    return Blinks(np.array(onsets, dtype=np.int64), np.array(offsets, dtype=np.int64))
