"""The datasets of one opened bundle under today's names, whatever version wrote it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from journeylab.bundle.chunks import ChunkedValues, FilledValues, Values
from journeylab.bundle.heap import MAX_TEXT_BYTES, TextHeap
from journeylab.bundle.index import BundleIndex
from journeylab.bundle.migrations import (
    Convert,
    StoredColumn,
    StoredLayout,
    StoredStream,
    Version,
    stored_layout,
)
from journeylab.bundle.schema import TEXT, TIME, dataset_path
from journeylab.streams import Column

StreamValues = Mapping[str, Values]
_TEXT_ROWS: Final = 4096


class _Texts:
    """Texts of a column, as object arrays of bytes."""

    def __init__(self, references: ChunkedValues, heap: TextHeap) -> None:
        self._references = references
        self._heap = heap
        self.shape = references.shape

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, slice):
            return self[int(key) : int(key) + 1][0]
        begin, end, _ = key.indices(self.shape[0])
        parts = [np.empty(0, dtype=object)]
        n_bytes = 0
        for first in range(begin, end, _TEXT_ROWS):
            references = self._references[first : min(end, first + _TEXT_ROWS)]
            part = self._heap.texts(references, limit_bytes=MAX_TEXT_BYTES - n_bytes)
            n_bytes += sum(map(len, part))
            parts.append(part)
        return np.concatenate(parts)


class _Converted:
    """Values as today's version has them, from what an older one stored."""

    def __init__(self, values: Values, converts: tuple[Convert, ...]) -> None:
        self._values = values
        self._converts = converts
        self.shape = values.shape

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, slice):
            return self[int(key) : int(key) + 1][0]
        values = self._values[key]
        for convert in self._converts:
            values = convert(values)
        return values


class StoredBundle:
    """An open file and where its datasets lie; nothing of it is read before it is asked for."""

    def __init__(
        self, path: Path, descriptor: int, index: BundleIndex, *, layout: StoredLayout | None = None
    ) -> None:
        self.index = index
        self.layout = layout or stored_layout(
            Version.parse(str(index.attributes["format_version"]))
        )
        self.path = path
        self._descriptor: int | None = descriptor
        self._heap = TextHeap(descriptor, str(path))
        self._streams: dict[str, StreamValues] = {}

    def close(self) -> None:
        """Let go of the file; may be called twice."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __getitem__(self, stream: str) -> StreamValues:
        """The columns of a stream, and its bytes, by name; ValueError when it is closed."""
        if self._descriptor is None:
            raise ValueError(f"{self.path} is closed")
        if stream not in self._streams:
            self._streams[stream] = self._opened(self.layout.streams[stream])
        return self._streams[stream]

    def _opened(self, stream: StoredStream) -> StreamValues:
        time = stream.columns[TIME].stored
        rows = 0
        if stream.is_present and time is not None:
            rows = self.index.datasets[dataset_path(stream.layout.spec.name, time.name)].rows
        return {
            name: self._values(stream, column, rows=rows)
            for name, column in stream.columns.items()
            if self._is_known(stream, column)
        }

    def _is_known(self, stream: StoredStream, column: StoredColumn) -> bool:
        """Whether a column was looked over, or needs not be, since it is younger than the file."""
        if column.stored is None or not stream.is_present:
            return True
        return dataset_path(stream.layout.spec.name, column.stored.name) in self.index.datasets

    def _values(self, stream: StoredStream, column: StoredColumn, *, rows: int) -> Values:
        if column.stored is None or not stream.is_present:
            return FilledValues(rows, column.column, column.fill)
        values = self.as_stored(stream.layout.spec.name, column.stored)
        return _Converted(values, column.converts) if column.converts else values

    def as_stored(self, stream: str, column: Column) -> Values:
        """The values of a column as its own version stored them, texts as bytes."""
        inner = dataset_path(stream, column.name)
        assert self._descriptor is not None
        values = ChunkedValues(
            self._descriptor, f"{self.path}: {inner}", column, self.index.datasets[inner]
        )
        return _Texts(values, self._heap) if column.dtype == TEXT else values
