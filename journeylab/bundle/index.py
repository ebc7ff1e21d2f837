"""Where everything lies in one bundle, as the audit found it; what the reader goes by."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Wanted: TypeAlias = Mapping[str, Collection[str] | None]
"""Columns to look over, by stream; None for all of a stream. Its times always belong to it."""

SHUFFLE_LEFT_OUT: Final = 1
GZIP_LEFT_OUT: Final = 2


@dataclass(frozen=True, slots=True, eq=False)
class DatasetIndex:
    """The chunks of one dataset.

    ``offsets`` and ``sizes``, shape (n,), in bytes: where each chunk lies and what it takes there;
    ``left_out`` (n,): which filters HDF5 did without there, since they do not pay or do not apply.
    ``crc32`` and ``unit`` are the dataset's attributes, None where it has none.
    """

    rows: int
    chunk_rows: int
    offsets: NDArray[np.int64]
    sizes: NDArray[np.int64]
    left_out: NDArray[np.int64]
    is_compressed: bool
    is_shuffled: bool
    is_checksummed: bool
    crc32: int | None
    unit: str | None


@dataclass(frozen=True, slots=True, eq=False)
class BundleIndex:
    """Root attributes and, by path, all datasets that the layout of its version names."""

    attributes: dict[str, str | int]
    datasets: dict[str, DatasetIndex]

    def to_json(self) -> str:
        """One line of JSON; :meth:`from_json` gives the index back."""
        datasets = {
            path: (
                (d.rows, d.chunk_rows),
                [_packed(array) for array in (d.offsets, d.sizes, d.left_out)],
                (d.is_compressed, d.is_shuffled, d.is_checksummed),
                (d.crc32, d.unit),
            )
            for path, d in self.datasets.items()
        }
        return json.dumps({"attributes": self.attributes, "datasets": datasets})

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> BundleIndex:
        """The index of parsed JSON."""
        datasets = {
            path: DatasetIndex(*sizes, *map(_unpacked, arrays), *flags, *attributes)
            for path, (sizes, arrays, flags, attributes) in values["datasets"].items()
        }
        return cls(values["attributes"], datasets)


def _packed(array: NDArray[np.int64]) -> str:
    return base64.b64encode(array.astype("<i8").tobytes()).decode("ascii")


def _unpacked(text: str) -> NDArray[np.int64]:
    return np.frombuffer(base64.b64decode(text), dtype="<i8")
