"""The sound of an opened bundle: samples by time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.bundle.schema import LAYOUT, TIME
from journeylab.bundle.stored import StreamValues
from journeylab.clock import NS_PER_S
from journeylab.errors import BundleError
from journeylab.streams import AudioBlock

_MAX_RATE_HZ: Final = 768_000
_MAX_SILENCE_SAMPLES: Final = 1 << 27  # of one block: 46 minutes at 48 kHz
_MAX_SILENCE_IN_PARTS: Final = 1 << 30  # 6 hours
_MAX_JOINED_SAMPLES: Final = 1 << 28  # 93 minutes, half a gigabyte


@dataclass(frozen=True, slots=True, eq=False)
class AudioPart:
    """Samples (n,) int16 that follow the part before; ``first`` is the first block of the run."""

    run: int
    first: AudioBlock
    pcm: NDArray[np.int16]


class AudioTrack:
    """Reads one sound stream; called from one thread."""

    def __init__(self, group: StreamValues, *, stream: str) -> None:
        self._stream = stream
        self._pcm = group["pcm"]
        self._index = {c.name: group[c.name][:] for c in LAYOUT[stream].columns}
        ends = np.cumsum(self._index["count"], dtype=np.int64)
        rates = self._index["rate_hz"]
        # Blocks lie one behind the other: shared ones would make much sound of little.
        if ends.size and (
            not np.array_equal(self._index["sample"][1:], ends[:-1].astype(np.uint64))
            or self._index["sample"][0]
            or ends[-1] > self._pcm.shape[0]
            or rates.min() < 1
            or rates.max() > _MAX_RATE_HZ
        ):
            raise BundleError(f"The index of {stream} does not fit its sound.")

    def blocks(self, *, start_ns: int | None, end_ns: int | None) -> Iterator[AudioBlock]:
        """Blocks as they were recorded, cut to start <= t < end."""
        times = self._index[TIME]
        for k in self._reaching_into(start_ns, end_ns):
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

    def _reaching_into(self, start_ns: int | None, end_ns: int | None) -> list[int]:
        """Blocks that may have samples of a span: an hour's are too many to look at one by one."""
        times = self._index[TIME]
        is_in = np.ones(len(times), dtype=np.bool_)
        if start_ns is not None:
            # A block more on either side: what is cut exactly is cut sample by sample.
            duration_s = (self._index["count"] + 1) / np.maximum(self._index["rate_hz"], 1)
            is_in &= times + (duration_s * NS_PER_S).astype(np.int64) >= start_ns
        if end_ns is not None:
            is_in &= times < end_ns
        found: list[int] = np.flatnonzero(is_in).tolist()
        return found

    def parts(
        self,
        *,
        start_ns: int | None,
        end_ns: int | None,
        most_silence: int = _MAX_SILENCE_IN_PARTS,
    ) -> Iterator[AudioPart]:
        """All sound with start <= t < end, one part behind the other without a hole.

        Where the device's count of samples jumps, sound was lost, and silence as long as the gap
        in time keeps the rest in its place. A new run begins where the sampling rate changes.

        Raises
        ------
        BundleError
            When its gaps are so long that silence would fill the memory, or the disk.
        """
        first: AudioBlock | None = None
        run = length = next_sample = silence = 0
        for block in self.blocks(start_ns=start_ns, end_ns=end_ns):
            if first is None or block.rate_hz != first.rate_hz:
                run, length = run + (first is not None), 0
                first, next_sample = block, block.first_sample
            if block.first_sample != next_sample:
                place = round((block.t_ns - first.t_ns) * first.rate_hz / NS_PER_S)
                lost = max(0, place - length)
                silence += lost
                if silence > most_silence:
                    raise BundleError(f"{self._stream} has gaps too long to fill with silence.")
                yield AudioPart(run, first, np.zeros(lost, dtype=np.int16))
                length += lost
            yield AudioPart(run, first, block.pcm)
            length += block.pcm.size
            next_sample = block.first_sample + block.pcm.size

    def joined(self, *, start_ns: int | None, end_ns: int | None) -> AudioBlock | None:
        """The first run of :meth:`parts` as one block, None when there is no sound.

        Raises
        ------
        BundleError
            When that would fill the memory.
        """
        found = self.parts(start_ns=start_ns, end_ns=end_ns, most_silence=_MAX_SILENCE_SAMPLES)
        parts: list[AudioPart] = []
        length = 0
        for part in takewhile(lambda part: part.run == 0, found):
            length += part.pcm.size
            if length > _MAX_JOINED_SAMPLES:
                raise BundleError(
                    f"{self._stream} holds more sound than fits into memory at once.",
                    remedy="Ask for a shorter span, or read it part by part.",
                )
            parts.append(part)
        if not parts:
            return None
        first = parts[0].first
        pcm = np.concatenate([part.pcm for part in parts])
        return AudioBlock(first.t_ns, first.first_sample, pcm, first.rate_hz, stream=self._stream)


def _samples_until(duration_ns: int, rate_hz: int) -> int:
    """How many samples begin in a time; 0 for one that has passed."""
    return max(0, -(-duration_ns * rate_hz // NS_PER_S))
