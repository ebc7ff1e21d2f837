"""Reads a journal back, whatever became of its writer."""

from __future__ import annotations

import fcntl
import os
import struct
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final
from zlib import crc32

from journeylab.bundle.journal import (
    CONTROL_STREAM,
    CRC,
    FLAG_CLOSING,
    FLAG_OPENING,
    FRONT,
    HEADER_BYTES,
    MAGIC,
    MAX_PAYLOAD_BYTES,
    Opening,
    Record,
    read_opening,
)
from journeylab.errors import BundleError

_SEARCH_BYTES: Final = 1 << 20
_HEADER: Final = struct.Struct(FRONT.format + CRC.format.removeprefix("<"))
_LARGEST_OPENING_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Gap:
    """A damaged stretch of a journal: how many records and bytes were lost in it."""

    records: int
    n_bytes: int


class JournalReader:
    """Whole records of a journal in their order; damaged stretches are reported and skipped.

    Holds the journal's lock while open, so that no writer and no second reader is at work.

    Raises
    ------
    BundleError
        When there is no journal, it is being written, or its beginning cannot be understood.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.records_lost = 0
        self.bytes_damaged = 0
        self.was_closed = False
        try:
            # Not for writing to: Linux locks a file opened for reading just as well.
            self._file: BinaryIO = path.open("rb")
        except OSError as error:
            raise BundleError(
                f"The journal {path} cannot be opened ({error.strerror or error})."
            ) from error
        with ExitStack() as on_failure:
            on_failure.callback(self._file.close)
            self._lock()
            self.size = os.fstat(self._file.fileno()).st_size
            self.position = 0  # bytes read so far, of ``size``
            self._buffer, self._base = b"", 0  # bytes of the file, and where they begin in it
            self._seq = -1
            self.opening: Opening = read_opening(path, self._record_at(0))
            self._seq = 0
            on_failure.pop_all()

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BundleError(
                f"{self.path} belongs to a session that is still being recorded or finished.",
                remedy="Stop that session first.",
            ) from error

    def close(self) -> None:
        """Let go of the lock and the file; may be called twice."""
        self._file.close()

    def __enter__(self) -> JournalReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def events(self) -> Iterator[Record | Gap]:
        """Records after the opening, and a Gap wherever some could not be read.

        A torn tail ends the iteration: it is counted in ``bytes_damaged``, and is no Gap, since
        nothing follows it.
        """
        while self.position < self.size:
            begin, before = self.position, self._seq
            record = self._record_at(begin) or self._next_record_after(begin)
            if record is None:
                self.bytes_damaged += self.size - begin
                self.position = self.size
                return
            skipped = self.position - begin - HEADER_BYTES - len(record.payload)
            lost = self._seq - before - 1
            if lost or skipped:
                self.records_lost += lost
                self.bytes_damaged += skipped
                yield Gap(lost, skipped)
            if record.stream == CONTROL_STREAM:
                self.was_closed = bool(record.flags & FLAG_CLOSING)
            yield record

    def _record_at(self, position: int) -> Record | None:
        """The whole record there, with ``position`` and the number behind it; None, and no move,
        otherwise."""
        at = position - self._base
        if at < 0 or at + HEADER_BYTES > len(self._buffer):
            at = self._fill(position, HEADER_BYTES)
        buffer = self._buffer
        if at + HEADER_BYTES > len(buffer):
            return None
        magic, stream, flags, _, length, seq, t_ns, crc = _HEADER.unpack_from(buffer, at)
        if magic != MAGIC or length > MAX_PAYLOAD_BYTES or seq <= self._seq:
            return None
        end = at + HEADER_BYTES + length
        if end > len(buffer):
            at = self._fill(position, HEADER_BYTES + length)
            buffer, end = self._buffer, at + HEADER_BYTES + length
            if end > len(buffer):
                return None
        payload = buffer[at + HEADER_BYTES : end]
        if crc32(payload, crc32(buffer[at : at + FRONT.size])) != crc:
            return None
        self.position = position + HEADER_BYTES + length
        self._seq = seq
        return Record(stream, flags, t_ns, payload)

    def _fill(self, position: int, n_bytes: int) -> int:
        """Have these bytes in the buffer, as far as there are any; where they begin in it."""
        self._file.seek(position)
        self._buffer = self._file.read(max(n_bytes, _SEARCH_BYTES))
        self._base = position
        return 0

    def _next_record_after(self, position: int) -> Record | None:
        """The first whole record that begins after a damaged place."""
        begin = position + 1
        while begin < self.size:
            at = self._fill(begin, _SEARCH_BYTES)
            found = self._buffer.find(MAGIC, at)
            if found < 0:
                begin += max(1, len(self._buffer) - len(MAGIC) + 1)
                continue
            record = self._record_at(begin + found)
            if record is not None:
                return record
            begin += found + 1
        return None


def is_being_written(path: Path) -> bool:
    """Whether a live writer, or a finaliser, holds the journal's lock."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def remove_if_empty(path: Path) -> bool:
    """Delete a journal that was cut off within its first record; whether it was one."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_torn_opening(file):
                path.unlink()
                return True
    except OSError:
        pass
    return False


def _is_torn_opening(file: BinaryIO) -> bool:
    """Whether a file holds nothing but the beginning of a journal's first record."""
    size = os.fstat(file.fileno()).st_size
    if size > _LARGEST_OPENING_BYTES:
        return False
    data = file.read(size)
    if not data.strip(b"\0"):
        return True  # a power cut may leave the length of a file and none of its bytes
    if len(data) < FRONT.size:
        return MAGIC.startswith(data[: len(MAGIC)])
    magic, stream, flags, _, length, seq, _ = FRONT.unpack_from(data)
    is_opening = magic == MAGIC and stream == CONTROL_STREAM and bool(flags & FLAG_OPENING)
    # A second record behind it would mean that the length is what is damaged.
    is_alone = data.find(MAGIC, 1) < 0
    return is_opening and seq == 0 and size < HEADER_BYTES + length and is_alone
