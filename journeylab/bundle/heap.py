"""Reads texts from HDF5's global heap, without libhdf5, which was seen to loop over forged ones.

A heap collection is ``GCOL``, version 1, its size, and objects of number, count of references,
size and bytes, padded to eight; see "Global Heap" in HDF5's file format specification.
"""

from __future__ import annotations

import os
import struct
from collections import OrderedDict
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from journeylab.errors import BundleError

_COLLECTION: Final = struct.Struct("<4sB3xQ")
_OBJECT: Final = struct.Struct("<HH4xQ")
_MAX_COLLECTION_BYTES: Final = 64 << 20
_CACHED: Final = 64
_CACHED_BYTES: Final = 16 << 20
MAX_TEXT_BYTES: Final = 256 << 20


class TextHeap:
    """The texts of one bundle, by address and number. Called from one thread."""

    def __init__(self, descriptor: int, path: str) -> None:
        self._descriptor = descriptor
        self._path = path
        self._size = os.fstat(descriptor).st_size
        self._cache: OrderedDict[int, dict[int, bytes]] = OrderedDict()
        self._cached_bytes = 0

    def texts(self, references: NDArray[Any], *, limit_bytes: int) -> NDArray[Any]:
        """Texts of references (n,), as an object array of bytes.

        Raises
        ------
        BundleError
            When a reference leads nowhere, or the texts are longer than ``limit_bytes``: one
            stored text may stand in many rows.
        """
        if int(references["length"].sum(dtype=np.uint64)) > limit_bytes:
            raise BundleError(f"{self._path}: the texts are too long.")
        found = np.empty(len(references), dtype=object)
        for n, (length, address, number) in enumerate(references.tolist()):
            found[n] = self._text(length, address, number) if length else b""
        return found

    def _text(self, length: int, address: int, number: int) -> bytes:
        if address not in self._cache:
            objects = self._collection(address)
            self._cache[address] = objects
            self._cached_bytes += sum(map(len, objects.values()))
            while len(self._cache) > 1 and (
                len(self._cache) > _CACHED or self._cached_bytes > _CACHED_BYTES
            ):
                _, old = self._cache.popitem(last=False)
                self._cached_bytes -= sum(map(len, old.values()))
        data = self._cache[address].get(number)
        if data is None or len(data) < length:
            raise self._damage(address)
        return data[:length]

    def _collection(self, address: int) -> dict[int, bytes]:
        if address > self._size - _COLLECTION.size:
            raise self._damage(address)
        front = os.pread(self._descriptor, _COLLECTION.size, address)
        magic, version, size = _COLLECTION.unpack(front)
        if magic != b"GCOL" or version != 1 or size > min(_MAX_COLLECTION_BYTES, self._size):
            raise self._damage(address)
        data = os.pread(self._descriptor, size, address)
        if len(data) != size:
            raise self._damage(address)
        objects: dict[int, bytes] = {}
        position = _COLLECTION.size
        while position + _OBJECT.size <= size:
            number, _, length = _OBJECT.unpack_from(data, position)
            if number == 0:  # the room that is left
                break
            begin = position + _OBJECT.size
            if length > size - begin or number in objects:
                raise self._damage(address)
            objects[number] = data[begin : begin + length]
            position = begin + -(-length // 8) * 8
        return objects

    def _damage(self, address: int) -> BundleError:
        return BundleError(
            f"{self._path}: the texts at byte {address} are damaged.",
            remedy="A copy from elsewhere may be whole.",
        )
