"""The writer of a live session."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bundle.sent import a_header, assert_holds, image_of, journalled, tick_of
from journeylab.bundle.finalise import finalise
from journeylab.bundle.reader import Bundle
from journeylab.bundle.writer import BundleWriter
from journeylab.clock import VirtualClock
from journeylab.errors import StorageError
from journeylab.streams import AudioBlock, Frame, Row, row


def a_writer(path: Path) -> BundleWriter:
    return BundleWriter(path, a_header(), clock=VirtualClock())


def full(*_: object) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_hdf5_is_never_loaded_on_the_live_path() -> None:
    program = "import sys, journeylab.bundle.writer; print('h5py' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    assert told.stdout == b"False\n"


def test_samples_that_do_not_fit_cost_none_of_the_others(tmp_path: Path) -> None:
    writer = a_writer(tmp_path / "P01.h5")
    bad = (
        Row("markers", 1, ("only one",)),
        Row("nowhere", 1, ()),
        Row("camera", 1, ()),
        Frame(1, 0, np.zeros((3, 3), np.uint8)),
        Frame(1, 0, image_of(0), stream="pointer"),
        AudioBlock(1, 0, np.zeros(3, np.float32), 48000),
    )
    for n, sample in enumerate(bad):
        with pytest.raises(ValueError, match=r"stream|frame"):
            writer.write([sample, row("markers", n, label="kept", author="m")])
    writer.close()
    with Bundle.open(finalise(writer.journal_path)) as bundle:
        assert bundle.table("markers").t_ns.tolist() == list(range(len(bad)))


def test_a_full_disk_loses_that_tick_only_and_video_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = a_writer(tmp_path / "P01.h5")
    for k in range(10):
        writer.write(tick_of(k))
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        for k in (10, 11):
            with pytest.raises(StorageError, match="is full"):
                writer.write(tick_of(k))
    for k in range(12, 20):
        writer.write(tick_of(k))
    writer.close()
    kept = [tick_of(k) for k in (*range(10), *range(12, 20))]
    with Bundle.open(finalise(writer.journal_path)) as bundle:
        assert_holds(bundle, kept)
        assert bundle.table("camera")["key"].nonzero()[0].tolist() == [0, 10]
        assert bundle.attributes["recovered"] == 0


def test_video_goes_on_with_a_keyframe_behind_a_gap_but_not_behind_a_frame_the_camera_lost(
    tmp_path: Path,
) -> None:
    writer = a_writer(tmp_path / "P01.h5")
    indices = (0, 1, 2, 4, 5, 12, 13)
    for index in indices:
        writer.write([Frame(index, index, image_of(index))])
    writer.close()
    with Bundle.open(finalise(writer.journal_path)) as bundle:
        table = bundle.table("camera")
        assert table["frame"].tolist() == list(indices)
        assert [indices[n] for n in table["key"].nonzero()[0]] == [0, 12]


def test_a_disk_full_to_the_end_leaves_a_bundle_of_what_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = journalled(tmp_path / "P01.h5", 5, close=False)
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(StorageError, match="is full"):
            writer.close()
    writer.close()
    with Bundle.open(finalise(writer.journal_path)) as bundle:
        assert_holds(bundle, [tick_of(k) for k in range(5)])
        assert bundle.attributes["recovered"] == 1


def test_a_disk_full_at_the_start_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "write", full)
    with pytest.raises(StorageError, match="is full"):
        a_writer(tmp_path / "P01.h5")
    assert list(tmp_path.iterdir()) == []


def test_a_finished_session_of_that_name_is_not_touched(tmp_path: Path) -> None:
    finalise(journalled(tmp_path / "P01.h5", 1).journal_path)
    with pytest.raises(StorageError, match="is already there, from a finished session"):
        a_writer(tmp_path / "P01.h5")
    assert [p.name for p in tmp_path.iterdir()] == ["P01.h5"]


def test_counters_tell_what_was_done(tmp_path: Path) -> None:
    writer = journalled(tmp_path / "P01.h5", 20)
    assert writer.frames == 20
    assert 0 < writer.encode_s < 20
    assert writer.bytes_written == writer.journal_path.stat().st_size
    with pytest.raises(ValueError, match="is closed"):
        writer.write([])


def test_an_array_may_be_changed_once_it_was_written(tmp_path: Path) -> None:
    writer = a_writer(tmp_path / "P01.h5")
    mesh = np.full((478, 3), 0.5, np.float32)
    writer.write([Row("landmarks", 1, (mesh,))])
    mesh[:] = 0
    writer.close()
    with Bundle.open(finalise(writer.journal_path)) as bundle:
        assert (bundle.table("landmarks")["xyz"] == 0.5).all()
