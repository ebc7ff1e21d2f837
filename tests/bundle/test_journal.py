"""The journal: whole records up to any torn tail, one write a tick, a lock while it lives."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bundle.sent import a_header
from journeylab.bundle.journal import (
    CONTROL_STREAM,
    FLAG_CLOSING,
    HEADER_BYTES,
    JournalWriter,
    Record,
    opening_record,
)
from journeylab.bundle.journal_reader import (
    Gap,
    JournalReader,
    is_being_written,
    remove_if_empty,
)
from journeylab.bundle.reserve import Reserve
from journeylab.clock import ClockPair
from journeylab.errors import BundleError, StorageError

_CLOCK = ClockPair(1, 2, 3)


def a_record(n: int, *, size: int = 40) -> Record:
    return Record(n % 5, 0, n, bytes([n % 256]) * size)


def started(path: Path) -> JournalWriter:
    writer = JournalWriter(path)
    writer.append([opening_record("id", a_header(), _CLOCK)])
    return writer


def read(path: Path) -> list[Record | Gap]:
    with JournalReader(path) as reader:
        return list(reader.events())


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("a small disk can only be mounted by root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_records_come_back_as_they_were_appended(tmp_path: Path) -> None:
    path = tmp_path / "x.journal"
    writer = started(path)
    records = [a_record(n, size=n) for n in range(300)]
    writer.append(records[:100])
    writer.append([])
    writer.append(records[100:])
    writer.append([Record(CONTROL_STREAM, FLAG_CLOSING, 300, b"")])
    writer.close()
    writer.close()
    assert path.stat().st_size == writer.bytes_written
    with JournalReader(path) as reader:
        assert list(reader.events())[:-1] == records
        assert reader.was_closed
        assert reader.opening.header == a_header()
        assert reader.opening.clock == _CLOCK
        assert reader.records_lost == reader.bytes_damaged == 0


def test_a_tail_torn_at_any_byte_costs_only_what_was_torn(tmp_path: Path) -> None:
    path = tmp_path / "x.journal"
    writer = started(path)
    writer.append([a_record(1), a_record(2)])
    whole = writer.bytes_written
    writer.append([a_record(3)])
    writer.close()
    data = path.read_bytes()
    for end in range(whole, len(data)):
        path.write_bytes(data[:end])
        with JournalReader(path) as reader:
            assert list(reader.events()) == [a_record(1), a_record(2)]
            assert reader.bytes_damaged == end - whole
            assert not reader.was_closed


def test_any_single_damaged_byte_costs_one_record(tmp_path: Path) -> None:
    path = tmp_path / "x.journal"
    writer = started(path)
    begin = writer.bytes_written
    writer.append([a_record(n) for n in range(3)])
    writer.close()
    data = path.read_bytes()
    size = HEADER_BYTES + 40
    for at in range(begin, begin + size):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0x40]) + data[at + 1 :])
        assert read(path) == [Gap(1, size), a_record(1), a_record(2)]


def test_debris_that_looks_like_a_record_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "x.journal"
    writer = started(path)
    end = writer.bytes_written
    writer.append([a_record(1), a_record(2)])
    writer.close()
    data = path.read_bytes()
    fakes = data[end : end + 20] * 3
    path.write_bytes(data[:end] + fakes + data[end:])
    assert read(path) == [Gap(0, len(fakes)), a_record(1), a_record(2)]


def test_an_old_record_left_in_the_file_is_not_read_twice(tmp_path: Path) -> None:
    path = tmp_path / "x.journal"
    writer = started(path)
    begin = writer.bytes_written
    writer.append([a_record(1)])
    end = writer.bytes_written
    writer.append([a_record(2)])
    writer.close()
    data = path.read_bytes()
    path.write_bytes(data + data[begin:end])
    assert read(path) == [a_record(1), a_record(2)]


def test_all_records_of_a_tick_go_in_one_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = started(tmp_path / "x.journal")
    sizes: list[int] = []
    write = os.write

    def counted(fd: int, data: bytes) -> int:
        sizes.append(len(data))
        return write(fd, data)

    monkeypatch.setattr(os, "write", counted)
    writer.append([a_record(n) for n in range(50)])
    writer.close()
    assert sizes == [50 * (HEADER_BYTES + 40)]


def test_short_writes_are_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.journal"
    writer = started(path)
    write = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: write(fd, data[:7]))
    writer.append([a_record(1), a_record(2)])
    writer.close()
    assert read(path) == [a_record(1), a_record(2)]


def failing(code: int, *, after: int) -> Callable[[int, bytes], int]:
    write = os.write
    left = after

    def fake(fd: int, data: bytes) -> int:
        nonlocal left
        if left <= 0:
            raise OSError(code, os.strerror(code))
        n = write(fd, data[:left])
        left -= n
        return n

    return fake


@pytest.mark.parametrize("after", [0, 1, 33, 100])
def test_a_failed_tick_leaves_nothing_and_the_next_may_succeed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    path = tmp_path / "x.journal"
    writer = started(path)
    writer.append([a_record(1)])
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", failing(errno.ENOSPC, after=after))
        with pytest.raises(StorageError, match="is full"):
            writer.append([a_record(2), a_record(3)])
    assert path.stat().st_size == writer.bytes_written
    writer.append([a_record(4)])
    writer.close()
    assert read(path) == [a_record(1), a_record(4)]


def fill(writer: JournalWriter) -> list[Record]:
    """Append until the disk is told to be full; what was appended."""
    sent = []
    with pytest.raises(StorageError, match=r"The disk of .* is full.*Free some space"):
        for n in range(10_000):
            writer.append([a_record(n, size=700)])
            sent.append(a_record(n, size=700))
    return sent


def test_a_full_disk_is_told_while_there_is_room_for_what_cannot_be_had_again(
    small_disk: Path,
) -> None:
    path = small_disk / "x.journal"
    writer = started(path)
    sent = fill(writer)
    assert len(sent) > 500
    last = [a_record(n, size=100_000) for n in (1, 2)]
    writer.append(last)
    rest = fill(writer)
    assert 10 < len(rest) < 100
    with pytest.raises(StorageError, match="is full"):
        writer.append([a_record(1, size=100_000)])
    writer.close()
    assert read(path) == [*sent, *last, *rest]


def test_room_that_was_freed_meanwhile_is_used(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(600_000))
    path = small_disk / "x.journal"
    writer = started(path)
    sent = fill(writer)
    ballast.unlink()
    more = fill(writer)
    assert len(more) > 700
    writer.close()
    assert read(path) == [*sent, *more]


def test_room_set_aside_is_given_back_at_the_end(small_disk: Path) -> None:
    path = small_disk / "x.journal"
    writer = started(path)
    writer.append([a_record(1)])
    assert path.stat().st_size == writer.bytes_written
    assert path.stat().st_blocks * 512 > 256_000
    writer.close()
    assert path.stat().st_blocks * 512 < 20_000


@pytest.mark.parametrize("code", [errno.EOPNOTSUPP, errno.ENOSYS])
def test_a_disk_that_sets_nothing_aside_is_written_to_all_the_same(
    tmp_path: Path, code: int
) -> None:
    asked = []

    def allocate(*arguments: int) -> int:
        asked.append(arguments)
        return code

    with (tmp_path / "x").open("wb") as file:
        room = Reserve(file.fileno(), allocate=allocate)
        assert room.holds(1)
        assert room.holds(1 << 40)
    assert len(asked) == 1


def test_a_failing_disk_is_told_at_the_next_tick(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("journeylab.bundle.journal._SYNC_PERIOD_S", 0.01)
    writer = started(tmp_path / "x.journal")
    monkeypatch.setattr("journeylab.bundle.journal._data_sync", broken)
    writer._syncer.join(5)
    with pytest.raises(StorageError, match="Input/output error"):
        writer.append([a_record(1)])
    with pytest.raises(StorageError):
        writer.close()
    assert not is_being_written(tmp_path / "x.journal")


def test_what_was_written_is_brought_to_the_disk_every_period(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []
    monkeypatch.setattr("journeylab.bundle.journal._SYNC_PERIOD_S", 0.01)
    monkeypatch.setattr("journeylab.bundle.journal._data_sync", synced.append)
    writer = started(tmp_path / "x.journal")
    for _ in range(500):
        if len(synced) >= 3:
            break
        writer._is_closing.wait(0.01)
    assert len(synced) >= 3
    writer.close()


def test_the_lock_is_held_as_long_as_the_writer_lives(tmp_path: Path) -> None:
    path = tmp_path / "x.journal"
    writer = started(path)
    assert is_being_written(path)
    assert not remove_if_empty(path)
    with pytest.raises(BundleError, match="still being recorded or finished"):
        JournalReader(path)
    writer.close()
    assert not is_being_written(path)
    with JournalReader(path):
        assert is_being_written(path)


def test_a_journal_in_the_way_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "x.journal"
    path.write_bytes(b"precious")
    with pytest.raises(StorageError, match="is already there, from a session that was not finish"):
        JournalWriter(path)
    assert path.read_bytes() == b"precious"


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"file/sessions/x\.journal cannot be written"):
        JournalWriter(tmp_path / "file" / "sessions" / "x.journal")


def test_only_an_empty_journal_is_removed(tmp_path: Path) -> None:
    empty, full = tmp_path / "a.journal", tmp_path / "b.journal"
    empty.touch()
    full.write_bytes(b"x")
    assert remove_if_empty(empty) and not empty.exists()
    assert not remove_if_empty(full) and full.exists()
    assert not remove_if_empty(empty)


def test_another_layout_is_refused_with_the_version_that_wrote_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.journal"
    with monkeypatch.context() as patch:
        patch.setattr("journeylab.bundle.journal.current_layout", lambda: (("old", []),))
        started(path).close()
    with pytest.raises(BundleError, match=r"written by JourneyLab 0\.1\.0, whose journals"):
        JournalReader(path)
