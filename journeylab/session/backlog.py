"""What waits for a slow consumer: bounded in bytes, and given up in a declared order.

Video is encoded behind the queue, so a frame that is given up never leaves a hole that decoding
could fall into: it leaves a gap in time, and the frame after a gap begins with a keyframe.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from typing import Final

from journeylab.streams import STREAMS, AudioBlock, Frame, Picture, Sample

DROP_ORDER: Final = ("screen", "pages", "camera", "microphone")
"""What is given up under load, first to last. All other streams are critical."""

_RANKS: Final = {stream: rank for rank, stream in enumerate(DROP_ORDER)}
_OBJECT_BYTES: Final = 200  # a sample without its values
_VALUE_BYTES: Final = 32  # a number or the front of a text, as Python keeps it


@dataclass(frozen=True, slots=True)
class Bounded:
    """Every sample, in order, as long as ``room_bytes`` hold what waits.

    Then samples are given up in :data:`DROP_ORDER`, the newest of a stream first. A stream of
    which one was given up is left out as a whole until half of the room is free again: one gap
    instead of many. Samples of critical streams always get in; they are small. Should they alone
    exceed ``critical_bytes``, which takes many minutes of a disk that does not answer at all, the
    queue is overrun and takes nothing more.
    """

    room_bytes: int
    critical_bytes: int = 256 << 20


@dataclass(frozen=True, slots=True)
class Drop:
    """Samples of one stream that were given up: how many, and the times of first and last."""

    stream: str
    count: int
    first_ns: int
    last_ns: int

    def joined(self, t_ns: int) -> Drop:
        """With one more sample, of that time."""
        first_ns, last_ns = min(self.first_ns, t_ns), max(self.last_ns, t_ns)
        return Drop(self.stream, self.count + 1, first_ns, last_ns)


class _Entry:
    """A waiting sample; None in its place once it was given up."""

    __slots__ = ("n_bytes", "sample")

    def __init__(self, sample: Sample, n_bytes: int) -> None:
        self.sample: Sample | None = sample
        self.n_bytes = n_bytes


class Backlog:
    """Samples that wait, oldest first, under a :class:`Bounded` policy. Not thread-safe."""

    def __init__(self, policy: Bounded) -> None:
        self._policy = policy
        self._entries: deque[_Entry] = deque()
        self._droppable: dict[str, deque[_Entry]] = {stream: deque() for stream in DROP_ORDER}
        self._left_out: set[str] = set()
        self._new_drops: dict[str, Drop] = {}
        self._critical_bytes = 0
        self.n_bytes = 0
        self.waiting = 0
        self.is_overrun = False
        self.dropped: Counter[str] = Counter()

    def put(self, sample: Sample) -> None:
        """Take a sample in, or give it or others up."""
        stream, rank = sample.stream, _RANKS.get(sample.stream)
        n_bytes = memory_bytes(sample)
        if self.is_overrun or stream in self._left_out:
            self._drop(sample)
            return
        if self.n_bytes + n_bytes > self._policy.room_bytes:
            self._make_room(n_bytes, for_rank=len(DROP_ORDER) if rank is None else rank)
        if rank is None:
            if self._critical_bytes + n_bytes > self._policy.critical_bytes:
                self.is_overrun = True
                self._drop(sample)
                return
            self._critical_bytes += n_bytes
        elif self.n_bytes + n_bytes > self._policy.room_bytes:
            self._left_out.add(stream)
            self._drop(sample)
            return
        entry = _Entry(sample, n_bytes)
        self._entries.append(entry)
        if rank is not None:
            self._droppable[stream].append(entry)
        self.n_bytes += n_bytes
        self.waiting += 1

    def take(self, limit_bytes: int | None = None) -> list[Sample]:
        """The oldest samples, in their order: all, or what ``limit_bytes`` hold, at least one."""
        taken: list[Sample] = []
        n_bytes = 0
        while self._entries:
            entry = self._entries[0]
            if entry.sample is not None:
                n_bytes += entry.n_bytes
                if limit_bytes is not None and taken and n_bytes > limit_bytes:
                    break
                taken.append(entry.sample)
                self._let_go(entry.sample, entry.n_bytes)
            self._entries.popleft()
        if self._left_out and self.n_bytes <= self._policy.room_bytes // 2:
            self._left_out.clear()
        return taken

    def take_drops(self) -> list[Drop]:
        """What was given up since the last call."""
        drops = list(self._new_drops.values())
        self._new_drops.clear()
        return drops

    def _let_go(self, sample: Sample, n_bytes: int) -> None:
        self.n_bytes -= n_bytes
        self.waiting -= 1
        if sample.stream in _RANKS:
            self._droppable[sample.stream].popleft()
        else:
            self._critical_bytes -= n_bytes

    def _make_room(self, n_bytes: int, *, for_rank: int) -> None:
        """Give up what stands before ``for_rank`` in the order, as far as it takes."""
        for stream in DROP_ORDER[:for_rank]:
            entries = self._droppable[stream]
            while entries and self.n_bytes + n_bytes > self._policy.room_bytes:
                entry = entries.pop()
                if entry.sample is not None:
                    self._left_out.add(stream)
                    self._drop(entry.sample)
                    self.n_bytes -= entry.n_bytes
                    self.waiting -= 1
                    entry.sample = None

    def _drop(self, sample: Sample) -> None:
        self.dropped[sample.stream] += 1
        drop = self._new_drops.get(sample.stream)
        self._new_drops[sample.stream] = (
            Drop(sample.stream, 1, sample.t_ns, sample.t_ns)
            if drop is None
            else drop.joined(sample.t_ns)
        )


def memory_bytes(sample: Sample) -> int:
    """About how much memory a waiting sample takes."""
    if isinstance(sample, Frame):
        return _OBJECT_BYTES + sample.image.nbytes
    if isinstance(sample, AudioBlock):
        return _OBJECT_BYTES + sample.pcm.nbytes
    if isinstance(sample, Picture):
        return _OBJECT_BYTES + len(sample.data)
    total = _OBJECT_BYTES + _VALUE_BYTES * len(sample.values)
    if sample.stream in _WITH_SIZED_VALUES:
        for value in sample.values:
            total += len(value) if isinstance(value, str) else int(getattr(value, "nbytes", 0))
    return total


_WITH_SIZED_VALUES: Final = frozenset(
    name
    for name, spec in STREAMS.items()
    if any(column.shape or column.dtype == "text" for column in spec.columns)
)
