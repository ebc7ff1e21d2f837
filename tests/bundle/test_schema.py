"""The layout covers every stream, once."""

from __future__ import annotations

import numpy as np

from journeylab.bundle.rows import RowCodec
from journeylab.bundle.schema import (
    LAYOUT,
    ROOT_ATTRIBUTES,
    TEXT,
    chunk_rows,
    dataset_path,
    is_checksummed,
    is_compressed,
)
from journeylab.streams import STREAMS, StreamKind


def test_every_stream_has_a_layout_with_all_its_columns() -> None:
    assert list(LAYOUT) == list(STREAMS)
    for name, spec in STREAMS.items():
        layout = LAYOUT[name]
        assert [c.name for c in layout.columns][:2] == ["t_ns", "arrived_ns"]
        assert set(spec.columns) <= set(layout.columns)
        assert (layout.blob is None) == (spec.kind is StreamKind.TABLE)


def test_paths_are_unique() -> None:
    paths = [dataset_path(n, c.name) for n, layout in LAYOUT.items() for c in layout.datasets]
    assert len(paths) == len(set(paths))
    attributes = [attribute.name for attribute in ROOT_ATTRIBUTES]
    assert len(attributes) == len(set(attributes))


def test_every_column_can_be_stored_and_says_what_it_is() -> None:
    for name, layout in LAYOUT.items():
        RowCodec(name, (*layout.index_columns, *layout.sample_columns))  # knows every dtype
        for column in layout.datasets:
            assert column.description
            item = 16 if column.dtype == TEXT else np.dtype(column.dtype).itemsize
            chunk = chunk_rows(column) * item * int(np.prod(column.shape, dtype=int))
            # HDF5's cache holds a chunk of up to 1 MB.
            assert 4096 <= chunk <= 1 << 20
            if not column.shape and column.unit != "byte":
                assert 4096 <= chunk_rows(column) <= 16384


def test_video_and_pictures_are_not_compressed_again_and_texts_not_checksummed() -> None:
    for layout in LAYOUT.values():
        for column in layout.datasets:
            is_bytes = column is layout.blob and layout.spec.kind is not StreamKind.AUDIO
            assert is_compressed(column) == (not is_bytes)
            assert is_checksummed(column) == (column.dtype != TEXT)
