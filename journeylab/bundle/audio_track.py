"""The sound of an opened bundle: samples by time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from journeylab.bundle.schema import LAYOUT, TIME
from journeylab.bundle.stored import StreamValues
from journeylab.clock import NS_PER_S
from journeylab.errors import BundleError
from journeylab.streams import AudioBlock


class AudioTrack:
    """Reads one sound stream; called from one thread."""

    def __init__(self, group: StreamValues, *, stream: str) -> None:
        self._stream = stream
        self._pcm = group["pcm"]
        self._index = {c.name: group[c.name][:] for c in LAYOUT[stream].columns}
        ends = self._index["sample"].astype(np.int64) + self._index["count"]
        if ends.size and (ends.max() > self._pcm.shape[0] or self._index["rate_hz"].min() < 1):
            raise BundleError(f"The index of {stream} does not fit its sound.")

    def blocks(self, *, start_ns: int | None, end_ns: int | None) -> Iterator[AudioBlock]:
        """Blocks as they were recorded, cut to start <= t < end."""
        times = self._index[TIME]
        for k in range(len(times)):
            t_ns, count = int(times[k]), int(self._index["count"][k])
            rate_hz = int(self._index["rate_hz"][k])
            first = 0 if start_ns is None else _samples_until(start_ns - t_ns, rate_hz)
            last = count if end_ns is None else min(count, _samples_until(end_ns - t_ns, rate_hz))
            if first >= last:
                continue
            begin = int(self._index["sample"][k])
            yield AudioBlock(
                t_ns + first * NS_PER_S // rate_hz,
                int(self._index["first_sample"][k]) + first,
                self._pcm[begin + first : begin + last],
                rate_hz,
                stream=self._stream,
            )

    def joined(self, *, start_ns: int | None, end_ns: int | None) -> AudioBlock | None:
        """All sound with start <= t < end as one block, None when there is none.

        Where the device's count of samples jumps, sound was lost, and silence as long as the gap
        in time keeps the rest in its place. Ends where the sampling rate changes.
        """
        first: AudioBlock | None = None
        parts: list[NDArray[np.int16]] = []
        length = next_sample = 0
        for block in self.blocks(start_ns=start_ns, end_ns=end_ns):
            first = first or block
            if block.rate_hz != first.rate_hz:
                break
            if block.first_sample != next_sample and parts:
                place = round((block.t_ns - first.t_ns) * first.rate_hz / NS_PER_S)
                silence = np.zeros(max(0, place - length), dtype=np.int16)
                parts.append(silence)
                length += silence.size
            parts.append(block.pcm)
            length += block.pcm.size
            next_sample = block.first_sample + block.pcm.size
        if first is None:
            return None
        pcm = np.concatenate(parts)
        return AudioBlock(first.t_ns, first.first_sample, pcm, first.rate_hz, stream=self._stream)


def _samples_until(duration_ns: int, rate_hz: int) -> int:
    """How many samples begin in a time; 0 for one that has passed."""
    return max(0, -(-duration_ns * rate_hz // NS_PER_S))
