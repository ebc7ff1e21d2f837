"""The journal: framed records, appended while a session runs.

A record is a header (magic, stream, flags, length, sequence number, time, CRC-32) and a payload.
The first record opens the journal with the session's header and the layout of all rows as JSON;
the last closes it. What was written before a crash stays readable up to the last whole record.
"""

from __future__ import annotations

import errno
import fcntl
import json
import logging
import os
import struct
import threading
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NamedTuple

from journeylab.bundle.header import SessionHeader, header_from_json, header_to_json
from journeylab.bundle.older_rows import JournalLayout, RowTranslation, row_translations
from journeylab.bundle.reserve import RESERVE_BYTES, Reserve, give_back
from journeylab.bundle.schema import FORMAT_VERSION, LAYOUT
from journeylab.clock import ClockPair
from journeylab.errors import BundleError, StorageError
from journeylab.streams import STREAMS

JOURNAL_FORMAT: Final = "journeylab-journal"
MAGIC: Final = b"JLj\x1e"
# magic, stream, flags, reserved, payload length, sequence number, t_ns; then the CRC-32 of these
# and of the payload.
FRONT: Final = struct.Struct("<4sBBHIQq")
CRC: Final = struct.Struct("<I")
HEADER_BYTES: Final = FRONT.size + CRC.size
MAX_PAYLOAD_BYTES: Final = 1 << 28

CONTROL_STREAM: Final = 255
FLAG_KEY: Final = 1  # video: decoding can begin here
FLAG_ARRIVED: Final = 2  # the payload begins with arrived_ns
FLAG_OPENING: Final = 4  # control: the first record
FLAG_CLOSING: Final = 8  # control: recording ended in order

ARRIVED: Final = struct.Struct("<q")
META_LENGTH: Final = struct.Struct("<I")
"""Payloads of video, sound and pictures: how long their row is, the row, then the bytes."""

_SYNC_PERIOD_S: Final = 1.0

_log = logging.getLogger(__name__)


class Record(NamedTuple):
    """One record; ``stream`` is its number in the opening's list, or CONTROL_STREAM."""

    # A tuple: a session has millions, and a frozen dataclass takes four times as long to make.

    stream: int
    flags: int
    t_ns: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Opening:
    """What the first record says.

    ``layout`` tells how rows lie in this journal, and ``translations`` how they come to lie as
    today's, by stream; None where they do already.
    """

    journal_id: str
    format_version: str
    header: SessionHeader
    clock: ClockPair
    layout: JournalLayout
    translations: Mapping[str, RowTranslation] | None = None

    @property
    def streams(self) -> tuple[str, ...]:
        """Names of the streams, in the order of their numbers."""
        return tuple(name for name, _ in self.layout)


def current_layout() -> JournalLayout:
    """Streams in the order of their numbers, with the names, types and shapes of their values."""
    return tuple(
        (name, [[c.name, c.dtype, list(c.shape)] for c in LAYOUT[name].sample_columns])
        for name in STREAMS
    )


def opening_record(journal_id: str, header: SessionHeader, clock: ClockPair) -> Record:
    """The first record of a journal."""
    values = {
        "format": JOURNAL_FORMAT,
        "format_version": FORMAT_VERSION,
        "journal_id": journal_id,
        "header": json.loads(header_to_json(header)),
        "clock": [clock.t_ns, clock.wall_ns, clock.uncertainty_ns],
        "streams": current_layout(),
        "units": {
            name: {c.name: c.unit for c in LAYOUT[name].sample_columns if c.unit}
            for name in STREAMS
        },
        "video": "H.264, Annex B, parameter sets before each keyframe, one access unit a record",
    }
    payload = json.dumps(values, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")
    return Record(CONTROL_STREAM, FLAG_OPENING, clock.t_ns, payload)


def read_opening(path: Path, record: Record | None) -> Opening:
    """Understand the first record.

    Raises
    ------
    BundleError
        When it is no opening, or one of a version that cannot be understood.
    """
    if record is None or record.stream != CONTROL_STREAM or not record.flags & FLAG_OPENING:
        raise BundleError(f"{path} is not a journal of JourneyLab, or its beginning is damaged.")
    try:
        values = json.loads(record.payload)
        opening = Opening(
            journal_id=str(values["journal_id"]),
            format_version=str(values["format_version"]),
            header=header_from_json(json.dumps(values["header"])),
            clock=ClockPair(*(int(number) for number in values["clock"])),
            layout=tuple((str(name), columns) for name, columns in values["streams"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise BundleError(f"The first record of {path} cannot be understood ({error}).") from error
    if opening.layout == current_layout():
        return opening
    try:
        translations = row_translations(opening.format_version, opening.layout)
    except (ValueError, TypeError) as error:
        raise BundleError(
            f"{path} was written by JourneyLab {opening.header.app_version}, whose journals are "
            f"laid out differently ({error}).",
            remedy="Open the study with that version once, which turns it into a bundle.",
        ) from error
    return replace(opening, translations=translations)


class JournalWriter:
    """Appends records to a new file, which it holds locked until it is closed.

    ``append`` and ``close`` are called from one thread; a thread of its own brings what was
    written to the disk once a second.

    Raises
    ------
    StorageError
        When the file exists or cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.bytes_written = 0
        self._seq = 0
        self._sync_failure: OSError | None = None
        self._is_closing = threading.Event()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._fd = _create_locked(path)
        except OSError as error:
            raise storage_error(path, error) from error
        self._reserve = Reserve(self._fd)
        self._is_in_reserve = False
        self._syncer = threading.Thread(target=self._sync_often, name="journal-sync", daemon=True)
        self._syncer.start()

    def append(self, records: Sequence[Record]) -> None:
        """Write the records of one tick in one piece; on failure none of them stays.

        A full disk is told once while a reserve is left, which later calls may use.

        Raises
        ------
        StorageError
            When the disk is full or failing; what was appended before stays readable.
        """
        if self._sync_failure is not None:
            raise storage_error(self.path, self._sync_failure) from self._sync_failure
        parts: list[bytes] = []
        for seq, record in enumerate(records, self._seq):
            front = FRONT.pack(
                MAGIC, record.stream, record.flags, 0, len(record.payload), seq, record.t_ns
            )
            crc = zlib.crc32(record.payload, zlib.crc32(front))
            parts += (front, CRC.pack(crc), record.payload)
        data = b"".join(parts)
        self._keep_reserve(len(data))
        self._write_whole(data)
        self._seq += len(records)

    def _keep_reserve(self, n_bytes: int) -> None:
        if self._reserve.holds(self.bytes_written + n_bytes + RESERVE_BYTES):
            self._is_in_reserve = False
        elif not self._is_in_reserve:
            self._is_in_reserve = True
            raise storage_error(self.path, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))

    def _write_whole(self, data: bytes) -> None:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._fd, rest) :]
        except OSError as error:
            # A torn record in the middle would cost the reader a search.
            with suppress(OSError):
                os.lseek(self._fd, self.bytes_written, os.SEEK_SET)
                os.ftruncate(self._fd, self.bytes_written)
            raise storage_error(self.path, error) from error
        self.bytes_written += len(data)

    def _sync_often(self) -> None:
        while not self._is_closing.wait(_SYNC_PERIOD_S):
            try:
                _data_sync(self._fd)
            except OSError as error:
                _log.error("fdatasync of %s failed: %s", self.path, error)
                self._sync_failure = error
                return

    def close(self) -> None:
        """Bring everything to the disk, let go of the lock and close; may be called twice.

        Raises
        ------
        StorageError
            When the last bytes could not be brought to the disk; the file is closed all the same.
        """
        if self._is_closing.is_set():
            return
        self._is_closing.set()
        self._syncer.join()
        try:
            with suppress(OSError):
                give_back(self._fd, self.bytes_written)
            _data_sync(self._fd)
        except OSError as error:
            raise storage_error(self.path, error) from error
        finally:
            os.close(self._fd)


def _create_locked(path: Path) -> int:
    """A new file, open for writing and locked."""
    while True:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            if os.fstat(fd).st_nlink:
                sync_folder(path.parent)
                return fd
        except OSError:
            os.close(fd)
            raise
        os.close(fd)  # taken for a leftover and removed before it was locked


def storage_error(path: Path, error: OSError) -> StorageError:
    """A failure of the disk or folder, in words."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return StorageError(
            f"The disk of {path.parent} is full: {path.name} cannot grow. Everything recorded "
            "until now is kept.",
            remedy="Free some space; the session so far is finished from its journal.",
        )
    if error.errno == errno.EEXIST:
        return StorageError(
            f"{path} is already there, from a session that was not finished.",
            remedy="Finish it first (journeylab recover), or choose another name.",
        )
    return StorageError(
        f"{path} cannot be written ({error.strerror or error}).",
        remedy="Allow writing in that folder, or move the study to another disk.",
    )


def sync_folder(folder: Path) -> None:
    """Bring a folder's entries to the disk; OSError when that fails."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _data_sync(fd: int) -> None:
    # macOS has no fdatasync.
    getattr(os, "fdatasync", os.fsync)(fd)
