"""Reads a bundle's content back and sums it up, to compare with what was written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import h5py

from journeylab.bundle.assembly import Checksum, content_crc
from journeylab.bundle.schema import LAYOUT, dataset_path

_READ_BYTES: Final = 4 << 20


def content_checksums(
    file: h5py.File, *, progress: Callable[[float], None] | None = None
) -> dict[str, Checksum]:
    """Checksums of all datasets by path, from their content as read.

    Raises
    ------
    OSError, KeyError
        When a dataset is missing or cannot be read.
    """
    paths = [
        (dataset_path(name, column.name), max(1, _READ_BYTES // _entry_bytes(column.shape)))
        for name, layout in LAYOUT.items()
        for column in layout.datasets
    ]
    total = sum(file[path].id.get_storage_size() for path, _ in paths) or 1
    done = 0
    sums: dict[str, Checksum] = {}
    for path, step in paths:
        dataset = file[path]
        crc32 = 0
        for begin, end in _spans(dataset.shape[0], step):
            crc32 = content_crc(dataset[begin:end], crc32)
            if progress is not None:
                share = end / dataset.shape[0] * dataset.id.get_storage_size()
                progress(min(1.0, (done + share) / total))
        done += dataset.id.get_storage_size()
        sums[path] = Checksum(dataset.shape[0], crc32)
    return sums


def _entry_bytes(shape: tuple[int, ...]) -> int:
    n_bytes = 8
    for side in shape:
        n_bytes *= side
    return n_bytes


def _spans(rows: int, step: int) -> Iterator[tuple[int, int]]:
    for begin in range(0, rows, step):
        yield begin, min(rows, begin + step)
