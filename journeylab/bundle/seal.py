"""The seal behind a bundle: a checksum over all that HDF5 itself does not check.

Numbers, sound and video have a checksum in every chunk. HDF5's own structures and its heap of
texts have none in the version all tools can read, and libhdf5 was seen to loop for ever over a
heap with one zeroed block. So the finaliser appends, behind the end of the HDF5 file where other
programs do not look, which byte ranges are chunks with a checksum, and the CRC-32 of all others;
and nothing of a file is given to HDF5 before its seal was checked.

A seal tells damage, not intent: who writes a hostile file can seal it. That is what the audit is
for.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import BinaryIO, Final

import h5py
import numpy as np
from numpy.typing import NDArray

from journeylab.bundle.schema import LAYOUT, dataset_path, is_checksummed
from journeylab.errors import BundleError

_MAGIC: Final = b"JLseal\x001"
# end of the sealed file, number of ranges, CRC-32 of what they leave; then the CRC-32 of the
# ranges and of these, and the magic.
_FOOT: Final = struct.Struct("<QQI")
_END: Final = struct.Struct("<I8s")
_RANGE: Final = np.dtype("<u8")
_READ_BYTES: Final = 1 << 20

Ranges = NDArray[np.uint64]


def chunk_ranges(path: Path) -> Ranges:
    """Begin and end of all chunks that bear a checksum of their own, shape (n, 2), in order."""
    found: list[tuple[int, int]] = []
    with h5py.File(path, "r") as file:
        for name, layout in LAYOUT.items():
            for column in layout.datasets:
                if is_checksummed(column):
                    file[dataset_path(name, column.name)].id.chunk_iter(
                        lambda chunk: found.append(
                            (chunk.byte_offset, chunk.byte_offset + chunk.size)
                        )
                    )
    merged: list[list[int]] = []
    for begin, end in sorted(found):
        if merged and merged[-1][1] == begin:
            merged[-1][1] = end
        else:
            merged.append([begin, end])
    return np.array(merged, dtype=_RANGE).reshape(-1, 2)


def append_seal(path: Path, *, checked_elsewhere: Ranges | None = None) -> None:
    """Seal a file that will not be changed any more.

    ``checked_elsewhere`` are byte ranges (n, 2) to leave out, in order and apart.
    """
    ranges = np.empty((0, 2), dtype=_RANGE) if checked_elsewhere is None else checked_elsewhere
    with path.open("r+b") as file:
        end = file.seek(0, 2)
        crc32 = _crc_of_rest(file, ranges, end)
        table = ranges.astype(_RANGE).tobytes()
        foot = _FOOT.pack(end, len(ranges), crc32)
        file.seek(end)
        file.write(table + foot + _END.pack(zlib.crc32(table + foot), _MAGIC))


def check_seal(path: Path) -> None:
    """Raise BundleError, in words, when a file is not as it was when it was sealed."""
    try:
        with path.open("rb") as file:
            is_whole = _is_whole(file)
    except OSError as error:
        raise BundleError(f"{path} cannot be read ({error.strerror or error}).") from error
    if not is_whole:
        raise BundleError(
            f"{path} is no whole bundle: it was cut short, damaged, or changed by another program.",
            remedy="journeylab verify tells more; a copy from elsewhere may be whole.",
        )


def _is_whole(file: BinaryIO) -> bool:
    size = file.seek(0, 2)
    tail = _FOOT.size + _END.size
    if size < tail:
        return False
    file.seek(size - tail)
    foot, last = file.read(_FOOT.size), file.read(_END.size)
    end, n_ranges, crc32 = _FOOT.unpack(foot)
    foot_crc32, magic = _END.unpack(last)
    if magic != _MAGIC or end + n_ranges * 2 * _RANGE.itemsize + tail != size:
        return False
    file.seek(end)
    table = file.read(size - tail - end)
    if zlib.crc32(table + foot) != foot_crc32:
        return False
    ranges = np.frombuffer(table, dtype=_RANGE)
    # One after the other and inside the file.
    if ranges.size and (ranges[-1] > end or np.any(ranges[1:] < ranges[:-1])):
        return False
    return bool(_crc_of_rest(file, ranges.reshape(-1, 2), end) == crc32)


def _crc_of_rest(file: BinaryIO, ranges: Ranges, end: int) -> int:
    """CRC-32 of the bytes before ``end`` that lie in none of the ranges."""
    crc32 = position = 0
    for begin, after in [*ranges.tolist(), [end, end]]:
        file.seek(position)
        while position < begin:
            data = file.read(min(_READ_BYTES, begin - position))
            if not data:
                return -1  # shorter than it says
            crc32 = zlib.crc32(data, crc32)
            position += len(data)
        position = after
    return crc32
