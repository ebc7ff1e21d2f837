"""Sound of a span of a session, in its place in time, and slower or faster in the same pitch."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

import av
import numpy as np
from av.error import BlockingIOError as NothingYetError
from av.error import EOFError as NothingMoreError
from numpy.typing import NDArray

from journeylab.clock import NS_PER_S
from journeylab.streams import AudioBlock

_LEAST_TEMPO, _MOST_TEMPO = 0.5, 2.0
"""FFmpeg's atempo keeps its quality between these; further off it is used twice."""
USUAL_RATE_HZ: Final = 48_000
_FED_SAMPLES: Final = 2048


def placed_pcm(
    block: AudioBlock | None, start_ns: int, end_ns: int, *, rate_hz: int
) -> NDArray[np.int16]:
    """Samples (n,) of all of a span: silence where the block has none, or where there is none."""
    n_samples = max(0, round((end_ns - start_ns) / NS_PER_S * rate_hz))
    pcm = np.zeros(n_samples, dtype=np.int16)
    if block is not None:
        first = min(max(round((block.t_ns - start_ns) / NS_PER_S * rate_hz), 0), n_samples)
        kept = block.pcm[: n_samples - first]
        pcm[first : first + len(kept)] = kept
    return pcm


class Stretcher:
    """Makes sound shorter or longer without changing its pitch (FFmpeg's atempo, WSOLA).

    Fed in pieces that follow each other; what comes out may lag behind by some milliseconds.
    """

    def __init__(self, rate_hz: int, speed: float) -> None:
        self._rate_hz = rate_hz
        self._n_fed = 0
        self._graph: Any = None
        if speed == 1.0:
            return
        graph: Any = av.filter.Graph()
        time_base = Fraction(1, rate_hz)
        last = graph.add_abuffer(
            sample_rate=rate_hz, format="s16", layout="mono", time_base=time_base
        )
        while speed != 1.0:
            part = min(max(speed, _LEAST_TEMPO), _MOST_TEMPO)
            tempo = graph.add("atempo", f"{part:g}")
            last.link_to(tempo)
            last, speed = tempo, speed / part
        sink = graph.add("abuffersink")
        last.link_to(sink)
        graph.configure()
        self._graph = graph

    def stretched(self, pcm: NDArray[np.int16]) -> NDArray[np.int16]:
        """What the next samples (n,) bring, about n divided by the speed."""
        if self._graph is None or not len(pcm):
            return pcm
        parts = [np.empty(0, dtype=np.int16)]
        for first in range(0, len(pcm), _FED_SAMPLES):  # what goes in last comes out next time
            self._feed(pcm[first : first + _FED_SAMPLES])
            parts += self._drawn()
        return np.concatenate(parts)

    def _feed(self, pcm: NDArray[np.int16]) -> None:
        frame: Any = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(pcm)[None, :], format="s16", layout="mono"
        )
        frame.sample_rate, frame.pts = self._rate_hz, self._n_fed
        frame.time_base = Fraction(1, self._rate_hz)
        self._n_fed += len(pcm)
        self._graph.push(frame)

    def _drawn(self) -> list[NDArray[np.int16]]:
        parts: list[NDArray[np.int16]] = []
        while True:
            try:
                parts.append(self._graph.pull().to_ndarray().reshape(-1).astype(np.int16))
            except (NothingYetError, NothingMoreError):
                return parts
