"""Chunks as HDF5's filters would make them, packed beside the thread that writes.

libhdf5 packs in the thread that calls it and lets no other of the interpreter run meanwhile; zlib
called directly does. So the chunks of the large datasets are packed by other threads, as HDF5's
file format specification says (shuffle, gzip, Fletcher-32), and written as they are.
"""

from __future__ import annotations

import zlib
from collections import deque
from concurrent.futures import Executor, Future
from typing import Any, Final

import h5py
import numpy as np
from numpy.typing import NDArray

from journeylab.bundle.chunks import fletcher32
from journeylab.bundle.schema import CHECKSUM_BYTES, GZIP_LEVEL

# Chunks of a dataset, so that memory does not follow the session's length.
_MOST_WAITING: Final = 16


def packed(chunk: NDArray[Any]) -> bytes:
    """A whole chunk, shuffled, packed and with its checksum behind."""
    flat = np.ascontiguousarray(chunk).reshape(-1).view(np.uint8)
    shuffled = flat.reshape(-1, chunk.dtype.itemsize).T.tobytes()
    body = zlib.compress(shuffled, GZIP_LEVEL)
    return body + fletcher32(body).to_bytes(CHECKSUM_BYTES, "little")


class ChunkPacker:
    """Writes whole chunks of one dataset in their order, packed by ``pool``. One thread's."""

    def __init__(self, dataset: h5py.Dataset, pool: Executor) -> None:
        self._id = dataset.id
        self._inner = (0,) * (dataset.ndim - 1)
        self._pool = pool
        self._rows_each: int = dataset.chunks[0]
        self._waiting: deque[tuple[int, Future[bytes]]] = deque()

    def add(self, values: NDArray[Any], *, first_row: int) -> int:
        """Take the whole chunks that begin ``values``, for which the dataset has room; how many
        rows they are."""
        each = self._rows_each
        whole = len(values) // each * each if first_row % each == 0 else 0
        for begin in range(0, whole, each):
            # A copy: the caller may go on with its array.
            chunk = values[begin : begin + each].copy()
            self._waiting.append((first_row + begin, self._pool.submit(packed, chunk)))
        self._write(leave=_MOST_WAITING)
        return whole

    def finish(self) -> None:
        """Write all that waits."""
        self._write(leave=0)

    def _write(self, *, leave: int) -> None:
        while len(self._waiting) > leave:
            row, future = self._waiting.popleft()
            self._id.write_direct_chunk((row, *self._inner), future.result())
