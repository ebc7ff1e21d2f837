"""Whatever a file does to the process that looks it over, it is refused in words."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from journeylab.bundle import probe
from journeylab.bundle.chunks import fletcher32
from journeylab.bundle.inspector import Inspector
from journeylab.bundle.reader import Bundle
from journeylab.bundle.schema import LAYOUT, TEXT
from journeylab.errors import BundleError


def loop(_path: Path) -> str:
    while True:
        zlib.crc32(b"")


def crash(_path: Path) -> str:
    os.kill(os.getpid(), signal.SIGKILL)
    return ""


def hoard(_path: Path) -> str:
    hoarded = [bytes(64 << 20) for _ in range(64)]
    return json.dumps(len(hoarded))


@pytest.mark.parametrize(
    ("fault", "words"),
    [(loop, "took more than 0.3 seconds"), (crash, "ended with SIGKILL"), (hoard, "failed")],
)
def test_what_happens_to_the_child_is_told(
    monkeypatch: pytest.MonkeyPatch, fault: Callable[[Path], str], words: str
) -> None:
    monkeypatch.setattr(probe, "look_over", lambda path, _streams: fault(path))
    monkeypatch.setattr(probe, "TIME_LIMIT_S", 0.3)
    assert json.loads(probe.answer_to('["x.h5", null]')) == {"ended": words}


def test_some_are_looked_over_by_one_child_and_one_that_ends_it_alone(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [tmp_path / f"{n}.h5" for n in range(3)]
    for path in paths:
        path.write_bytes(finished.read_bytes())
    look_over = probe.look_over

    def end_at_the_second(path: Path, streams: object) -> str:
        return crash(path) if path == paths[1] else look_over(path, streams)

    monkeypatch.setattr(probe, "look_over", end_at_the_second)
    inspector = Inspector()
    inspector.fork_from_here()
    inspector.look_ahead(paths)
    assert len(inspector._ahead) == 1  # what comes after the one that ended it is asked anew
    expected = inspector.inspect(paths[2]).to_json()
    with pytest.raises(BundleError, match="ended with SIGKILL"):
        inspector.inspect(paths[1])
    assert inspector.inspect(paths[0]).to_json() == expected
    assert not inspector._ahead


def test_a_file_that_changed_since_it_was_looked_over_is_looked_over_again(
    finished: Path, tmp_path: Path
) -> None:
    path = tmp_path / "one.h5"
    path.write_bytes(finished.read_bytes())
    inspector = Inspector()
    inspector.fork_from_here()
    inspector.look_ahead([path])
    path.write_bytes(b"no bundle any more")
    with pytest.raises(BundleError, match="damaged or no bundle"):
        inspector.inspect(path)


def test_a_helper_that_is_gone_is_started_again(finished: Path) -> None:
    inspector = Inspector()
    try:
        first = inspector.inspect(finished)
        assert inspector._process is not None
        inspector._process.kill()
        inspector._process.wait()
        assert inspector.inspect(finished).attributes == first.attributes
    finally:
        inspector.close()


def test_a_helper_that_cannot_work_is_told(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(BundleError, match="cannot be looked over"):
        Inspector().inspect(finished)


def test_what_is_read_without_libhdf5_is_what_libhdf5_reads(finished: Path) -> None:
    with Bundle.open(finished) as bundle, h5py.File(finished) as file:
        for name, layout in LAYOUT.items():
            for column in layout.datasets:
                theirs = file[name][column.name][:]
                ours = bundle._file[name][column.name][:]
                assert ours.shape == theirs.shape
                if column.dtype == TEXT:
                    assert ours.tolist() == theirs.tolist()
                else:
                    assert ours.dtype == theirs.dtype
                    np.testing.assert_array_equal(ours, theirs)


def test_a_chunk_that_inflates_to_too_much_or_too_little_is_damage(copied: Path) -> None:
    """libhdf5 takes the one whole, and fills up the other with what lay in memory."""
    from journeylab.bundle.seal import append_seal

    for size in (100, 8192 * 4 - 4, 64 << 20):
        with h5py.File(copied, "r+", libver=("earliest", "v110")) as file:
            if "joy" in file["affect"]:
                del file["affect/joy"]
            made = file.create_dataset(
                "affect/joy", (100,), "<f4", chunks=(8192,), maxshape=(None,), compression="gzip"
            )
            made.id.write_direct_chunk((0,), zlib.compress(bytes(size)))
        append_seal(copied)
        try:
            with Bundle.open(copied) as bundle, pytest.raises(BundleError, match="is damaged"):
                bundle.table("affect")
        except BundleError as error:
            assert "impossible size" in str(error)  # its gzip is longer than a whole chunk


def test_fletcher32_is_hdf5s(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    contents = [rng.integers(0, 256, 262144), np.zeros(262144), np.full(262144, 255)]
    for n, content in enumerate(contents):
        with h5py.File(tmp_path / f"{n}.h5", "w") as file:
            data = content.astype(np.uint8)
            made = file.create_dataset("x", data=data, chunks=(262144,), fletcher32=True)
            _, stored = made.id.read_direct_chunk((0,))
        assert fletcher32(stored[:-4]) == int.from_bytes(stored[-4:], "little")


def test_a_process_of_one_thread_may_fork_the_children_itself(finished: Path) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from journeylab.bundle.inspector import INSPECTOR\n"
        "from journeylab.bundle.reader import Bundle\n"
        "INSPECTOR.fork_from_here()\n"
        "with Bundle.open(Path(sys.argv[1])) as bundle:\n"
        "    print(len(bundle.table('affect')), INSPECTOR._process)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, str(finished)], capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["100", "None"]
