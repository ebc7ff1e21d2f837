"""Chunks packed beside the writing thread are what libhdf5 would have written."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import h5py
import numpy as np
import pytest

from bundle.sent import journalled
from journeylab.bundle.finalise import finalise
from journeylab.bundle.packing import ChunkPacker, packed

FILTERS = {"compression": "gzip", "compression_opts": 4, "shuffle": True, "fletcher32": True}


@pytest.mark.parametrize("dtype", ["<f4", "<i2"])
@pytest.mark.parametrize("shape", [(), (7, 3)])
def test_libhdf5_reads_what_was_packed(tmp_path: Path, dtype: str, shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(1).integers(-300, 300, (1100, *shape)).astype(dtype)
    with h5py.File(tmp_path / "x.h5", "w") as file, ThreadPoolExecutor(2) as pool:
        dataset = file.create_dataset(
            "x", shape=(0, *shape), maxshape=(None, *shape), chunks=(32, *shape),
            dtype=dtype, **FILTERS,
        )  # fmt: skip
        packer, row = ChunkPacker(dataset, pool), 0
        for part in (values[:640], values[640:1088], values[1088:]):
            dataset.resize(row + len(part), axis=0)
            whole = packer.add(part, first_row=row)
            assert whole == len(part) // 32 * 32
            if whole < len(part):
                dataset[row + whole :] = part[whole:]
            row += len(part)
        packer.finish()
    with h5py.File(tmp_path / "x.h5") as file:
        np.testing.assert_array_equal(file["x"][:], values)


def test_what_begins_within_a_chunk_is_left_to_the_caller(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "x.h5", "w") as file, ThreadPoolExecutor(1) as pool:
        dataset = file.create_dataset("x", (100,), "<f4", maxshape=(None,), chunks=(32,), **FILTERS)
        assert ChunkPacker(dataset, pool).add(np.zeros(90, "<f4"), first_row=10) == 0


def test_a_damaged_packed_chunk_is_found_by_libhdf5(tmp_path: Path) -> None:
    values = np.arange(32, dtype="<i2")
    with h5py.File(tmp_path / "x.h5", "w") as file:
        dataset = file.create_dataset("x", (32,), chunks=(32,), dtype="<i2", **FILTERS)
        chunk = bytearray(packed(values))
        chunk[3] ^= 1
        dataset.id.write_direct_chunk((0,), bytes(chunk))
        file.flush()
    with h5py.File(tmp_path / "x.h5") as file, pytest.raises(OSError, match=r"(?i)can't"):
        file["x"][:]


def test_no_packing_thread_is_left_when_a_bundle_is_made(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    finalise(journalled(tmp_path / "P01.h5", 40).journal_path)
    assert set(threading.enumerate()) <= before
