"""The video of an opened bundle: frames by time."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from journeylab.bundle.schema import ARRIVAL, LAYOUT, TIME
from journeylab.bundle.stored import StreamValues
from journeylab.bundle.video import MAX_SIDE_PX, FrameDecoder, bgr_of
from journeylab.errors import BundleError
from journeylab.streams import Frame

_MAX_PACKET_BYTES: Final = 64 << 20


@dataclass(frozen=True, slots=True)
class StoredPacket:
    """One access unit as stored; ``data`` is empty when it is damaged."""

    t_ns: int
    size_px: tuple[int, int]
    is_key: bool
    data: bytes

    def without_data(self) -> StoredPacket:
        """The same, as if it were damaged."""
        return replace(self, data=b"")


class VideoTrack:
    """Decodes the frames of one video stream; called from one thread.

    Remembers where it decoded last, so that frames asked for in their order are decoded once.
    """

    def __init__(self, group: StreamValues, *, stream: str) -> None:
        self._stream = stream
        self._packets = group["packets"]
        self._index = {c.name: group[c.name][:] for c in LAYOUT[stream].columns}
        self.times_ns: NDArray[np.int64] = self._index[TIME]
        # The sources never go back in time; a damaged or foreign bundle might.
        self._search_ns = np.maximum.accumulate(self.times_ns) if len(self) else self.times_ns
        self._keys = np.flatnonzero(self._index["key"])
        self._decoder = FrameDecoder()
        self._decoded_to = -1  # the last packet the decoder was given
        self._latest: Frame | None = None

    def __len__(self) -> int:
        return len(self.times_ns)

    def at(self, t_ns: int) -> Frame | None:
        """The last frame at or before a time, else the first; before a damaged stretch its last."""
        if not len(self):
            return None
        wanted = max(0, int(np.searchsorted(self._search_ns, t_ns, side="right")) - 1)
        frame = self._latest_up_to(wanted)
        while frame is None and wanted > 0:  # its whole group of pictures is damaged
            wanted = max(0, self._key_before(wanted) - 1)
            frame = self._latest_up_to(wanted)
        return frame

    def _latest_up_to(self, wanted: int) -> Frame | None:
        """The last frame of a packet's group of pictures up to that packet."""
        key = self._key_before(wanted)
        if not key <= self._decoded_to <= wanted:
            self._decoder, self._decoded_to, self._latest = FrameDecoder(), key - 1, None
        latest: Any = None
        for position in range(self._decoded_to + 1, wanted + 1):
            self._decoded_to = position
            is_key = bool(self._index["key"][position])
            packet = self._packet(position)
            for picture in self._decoder.pictures(packet, number=position, is_key=is_key):
                latest = picture
        if latest is not None:
            self._latest = self._frame(latest.pts, bgr_of(latest, self._size_px(latest.pts)))
        return self._latest

    def between(self, start_ns: int | None, end_ns: int | None) -> Iterator[Frame]:
        """Frames with start <= t < end, in their order; what is damaged is left out."""
        first = 0 if start_ns is None else int(np.searchsorted(self._search_ns, start_ns))
        last = len(self) if end_ns is None else int(np.searchsorted(self._search_ns, end_ns))
        if first >= last:
            return
        decoder = FrameDecoder()
        begin_ns = self._search_ns[first]
        for position in range(self._key_before(first), last):
            for frame in self._decoded(decoder, position):
                if frame.t_ns >= begin_ns:
                    yield frame

    def packets(self) -> Iterator[StoredPacket]:
        """All packets in their order, still encoded."""
        for position in range(len(self)):
            is_key = bool(self._index["key"][position])
            t_ns = int(self.times_ns[position])
            yield StoredPacket(t_ns, self._size_px(position), is_key, self._packet(position))

    def _key_before(self, position: int) -> int:
        found = int(np.searchsorted(self._keys, position, side="right")) - 1
        return int(self._keys[max(0, found)]) if self._keys.size else 0

    def _decoded(self, decoder: FrameDecoder, position: int) -> Iterator[Frame]:
        packet = self._packet(position)
        size_px = self._size_px(position)
        is_key = bool(self._index["key"][position])
        for number, image in decoder.decode(
            packet, number=position, size_px=size_px, is_key=is_key
        ):
            yield self._frame(number, image)

    def _frame(self, number: int, image: NDArray[np.uint8]) -> Frame:
        image.setflags(write=False)
        t_ns, arrived_ns = int(self.times_ns[number]), int(self._index[ARRIVAL][number])
        return Frame(
            t_ns,
            int(self._index["frame"][number]),
            image,
            None if arrived_ns == t_ns else arrived_ns,
            self._stream,
        )

    def _size_px(self, position: int) -> tuple[int, int]:
        width_px, height_px = (int(self._index[n][position]) for n in ("width_px", "height_px"))
        if not (0 < width_px <= MAX_SIDE_PX and 0 < height_px <= MAX_SIDE_PX):
            raise BundleError(f"Frame {position} of {self._stream} claims {width_px}x{height_px}.")
        return width_px, height_px

    def _packet(self, position: int) -> bytes:
        """Bytes of one packet; empty when they are damaged."""
        begin, size = int(self._index["offset"][position]), int(self._index["size"][position])
        if size > _MAX_PACKET_BYTES or begin + size > self._packets.shape[0]:
            raise BundleError(f"Frame {position} of {self._stream} lies outside the video.")
        data: bytes = self._packets[begin : begin + size].tobytes()
        return data if zlib.crc32(data) == int(self._index["crc"][position]) else b""
