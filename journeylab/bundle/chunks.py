"""Reads the values of a dataset from its chunks, without libhdf5.

A chunk is gzip over shuffled bytes with a Fletcher-32 checksum behind, as HDF5's file format
specification says. Done here, a chunk that inflates to more or less than it must is an error and
nothing else; libhdf5 inflates it whatever its size, and returns what lay in memory for the rest.
"""

from __future__ import annotations

import os
from typing import Any, Final, Protocol

import numpy as np
from isal import isal_zlib
from isal.igzip_lib import IsalError
from numpy.typing import NDArray

from journeylab.bundle.index import GZIP_LEFT_OUT, SHUFFLE_LEFT_OUT, DatasetIndex
from journeylab.bundle.schema import CHECKSUM_BYTES, TEXT, TEXT_REFERENCE, item_bytes
from journeylab.errors import BundleError
from journeylab.streams import Column

_WORD_BITS: Final = 16
_MODULUS: Final = 65535


class Values(Protocol):
    """One column of a stream: entries by position, the last axis cut like a list."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of entries, then the shape of one."""

    def __getitem__(self, key: Any) -> Any:
        """An entry, or those of a slice, as a new array."""


class ChunkedValues:
    """The entries of one dataset; of texts, their places in the heap. Called from one thread."""

    def __init__(self, descriptor: int, path: str, column: Column, index: DatasetIndex) -> None:
        self._descriptor = descriptor
        self._path = path
        self._index = index
        self._dtype = TEXT_REFERENCE if column.dtype == TEXT else np.dtype("<" + column.dtype)
        self._value_bytes = item_bytes(column, one_value=True)
        self._entry_shape = column.shape
        self._chunk_bytes = index.chunk_rows * item_bytes(column)
        self._latest: tuple[int, NDArray[Any]] | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of entries, then the shape of one."""
        return (self._index.rows, *self._entry_shape)

    def __getitem__(self, key: Any) -> Any:
        """An entry, or the entries of a slice without a step, as a new array.

        Raises
        ------
        BundleError
            When a chunk is damaged.
        """
        if isinstance(key, slice):
            begin, end, _ = key.indices(self._index.rows)
            return self._span(begin, max(begin, end))
        position = range(self._index.rows)[int(key)]
        return self._span(position, position + 1)[0]

    def _span(self, begin: int, end: int) -> NDArray[Any]:
        each = self._index.chunk_rows
        result = np.empty((end - begin, *self._entry_shape), dtype=self._dtype)
        for number in range(begin // each, -(-end // each) if end > begin else 0):
            first, last = max(begin, number * each), min(end, (number + 1) * each)
            chunk = self._chunk(number)
            result[first - begin : last - begin] = chunk[first - number * each :][: last - first]
        return result

    def _chunk(self, number: int) -> NDArray[Any]:
        if self._latest is None or self._latest[0] != number:
            self._latest = (number, self._decoded(number))
        return self._latest[1]

    def _decoded(self, number: int) -> NDArray[Any]:
        offset, size = int(self._index.offsets[number]), int(self._index.sizes[number])
        data = os.pread(self._descriptor, size, offset)
        if self._index.is_checksummed:
            body, stored = data[:-CHECKSUM_BYTES], data[-CHECKSUM_BYTES:]
            if len(data) != size or fletcher32(body) != int.from_bytes(stored, "little"):
                raise self._damage(number, "its checksum is wrong")
            data = body
        left_out = int(self._index.left_out[number])
        if self._index.is_compressed and not left_out & GZIP_LEFT_OUT:
            data = self._inflated(number, data)
        if len(data) != self._chunk_bytes:
            raise self._damage(number, f"it has {len(data)} bytes, not {self._chunk_bytes}")
        flat = np.frombuffer(data, dtype=np.uint8)
        if self._index.is_shuffled and not left_out & SHUFFLE_LEFT_OUT:
            flat = _unshuffled(flat.reshape(self._value_bytes, -1))
        shape = (self._index.chunk_rows, *self._entry_shape)
        return flat.reshape(-1).view(self._dtype).reshape(shape)

    def _inflated(self, number: int, data: bytes) -> bytes:
        try:
            inflated: bytes = isal_zlib.decompressobj().decompress(data, self._chunk_bytes + 1)
            return inflated
        except IsalError as error:  # type: ignore[misc]  # its stub declares an instance
            raise self._damage(number, str(error)) from None

    def _damage(self, number: int, reason: str) -> BundleError:
        return BundleError(
            f"{self._path} is damaged from entry {number * self._index.chunk_rows} on ({reason}).",
            remedy="A copy from elsewhere may be whole.",
        )


class FilledValues:
    """Entries of a column that is younger than the bundle: the same in all samples."""

    def __init__(self, rows: int, column: Column, fill: float | int | str) -> None:
        is_text = column.dtype == TEXT
        self.shape = (rows, *column.shape)
        self._dtype = np.dtype(object) if is_text else np.dtype("<" + column.dtype)
        self._fill = str(fill).encode() if is_text else fill

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, slice):
            return self[int(key) : int(key) + 1][0]
        begin, end, _ = key.indices(self.shape[0])
        shape = (max(0, end - begin), *self.shape[1:])
        return np.full(shape, self._fill, dtype=self._dtype)


def _unshuffled(planes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Values whose bytes (value_bytes, n) lie apart, as bytes (n, value_bytes)."""
    values = np.empty(planes.shape[::-1], dtype=np.uint8)
    for place, plane in enumerate(planes):  # in half the time of a transposed copy
        values[:, place] = plane
    return values


def fletcher32(data: bytes) -> int:
    """HDF5's Fletcher-32 over the big-endian 16-bit words of some bytes."""
    if len(data) % 2:
        data += b"\0"
    low = high = 0
    # Sums of 2^17 words at a time stay below 2^53.
    for begin in range(0, len(data), 1 << 18):
        words = np.frombuffer(data[begin : begin + (1 << 18)], dtype=">u2").astype(np.int64)
        weights = np.arange(words.size, 0, -1, dtype=np.int64)
        high += low * words.size + int(np.dot(words, weights))
        low += int(words.sum())
    return _folded(high) << _WORD_BITS | _folded(low)


def _folded(total: int) -> int:
    """A sum modulo 65535, in which only no sum at all is 0."""
    return (total - 1) % _MODULUS + 1 if total else 0
