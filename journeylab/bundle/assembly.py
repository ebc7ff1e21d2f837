"""Turns the records of a journal into the datasets of a bundle, with bounded memory."""

from __future__ import annotations

import zlib
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Final

import h5py
import numpy as np
from numpy.typing import NDArray

from journeylab.bundle.header import SessionHeader, header_to_json
from journeylab.bundle.journal import (
    ARRIVED,
    CONTROL_STREAM,
    FLAG_ARRIVED,
    FLAG_KEY,
    META_LENGTH,
    Opening,
    Record,
)
from journeylab.bundle.journal_reader import Gap
from journeylab.bundle.older_rows import RowTranslation
from journeylab.bundle.packing import ChunkPacker
from journeylab.bundle.rows import RowCodec
from journeylab.bundle.schema import (
    ARRIVAL,
    FORMAT,
    FORMAT_VERSION,
    GZIP_LEVEL,
    LANDMARK_GRID,
    LAYOUT,
    TEXT,
    TIME,
    StreamLayout,
    chunk_rows,
    dataset_path,
    is_checksummed,
    is_compressed,
    provenance,
)
from journeylab.errors import BundleError
from journeylab.streams import Column, StreamKind

_FLUSH_ROWS: Final = 8192  # a multiple of every column's chunk
_FLUSH_ROWS_LARGE: Final = 512
_MAX_COUNT: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Checksum:
    """Entries of a dataset and the CRC-32 of its content."""

    rows: int
    crc32: int


def content_crc(values: NDArray[Any], crc32: int = 0) -> int:
    """CRC-32 of a dataset's content, continued from ``crc32``; texts end in NUL each."""
    if values.dtype == object:
        return zlib.crc32(b"".join(text + b"\0" for text in values), crc32)
    return zlib.crc32(np.ascontiguousarray(values).data, crc32)


class _Dataset:
    """One dataset that grows at its end."""

    def __init__(
        self, group: h5py.Group, column: Column, *, source: str, pool: Executor | None
    ) -> None:
        filters: dict[str, Any] = {}
        if is_compressed(column):
            filters |= {"compression": "gzip", "compression_opts": GZIP_LEVEL, "shuffle": True}
        self._dataset = group.create_dataset(
            column.name,
            shape=(0, *column.shape),
            maxshape=(None, *column.shape),
            chunks=(chunk_rows(column), *column.shape),
            dtype=h5py.string_dtype() if column.dtype == TEXT else np.dtype("<" + column.dtype),
            fletcher32=is_checksummed(column),
            **filters,
        )
        self._dataset.attrs["unit"] = column.unit
        self._dataset.attrs["description"] = column.description
        self._dataset.attrs["source"] = source
        if column.low is not None or column.high is not None:
            bounds = (column.low, column.high)
            self._dataset.attrs["range"] = [np.nan if b is None else float(b) for b in bounds]
        self.rows = 0
        self._crc32 = 0
        is_large = bool(column.shape) or column.dtype == "i2"  # meshes and sound
        can_wait = pool is not None and is_large and is_compressed(column)
        self._packer = ChunkPacker(self._dataset, pool) if pool is not None and can_wait else None

    def append(self, values: NDArray[Any]) -> None:
        """Write entries; quick when all but the last call bring whole chunks."""
        if not len(values):
            return
        self._dataset.resize(self.rows + len(values), axis=0)
        done = 0 if self._packer is None else self._packer.add(values, first_row=self.rows)
        if done < len(values):
            self._dataset[self.rows + done :] = values[done:]
        self.rows += len(values)
        self._crc32 = content_crc(values, self._crc32)

    def finish(self) -> Checksum:
        if self._packer is not None:
            self._packer.finish()
        self._dataset.attrs["crc32"] = np.uint32(self._crc32)
        return Checksum(self.rows, self._crc32)


class _Blob:
    """All bytes, or sound samples, of a stream, written in whole chunks."""

    def __init__(
        self, group: h5py.Group, column: Column, *, source: str, pool: Executor | None
    ) -> None:
        self._dataset = _Dataset(group, column, source=source, pool=pool)
        self._dtype = np.dtype("<" + column.dtype)
        self._flush_bytes = chunk_rows(column) * self._dtype.itemsize
        self._pending = bytearray()
        self.n_items = 0

    def add(self, data: bytes) -> tuple[int, int]:
        """Take bytes in; where they begin and how many items they are."""
        begin, count = self.n_items, len(data) // self._dtype.itemsize
        self._pending += data
        self.n_items += count
        whole = len(self._pending) // self._flush_bytes * self._flush_bytes
        if whole:
            self._write(whole)
        return begin, count

    def _write(self, n_bytes: int) -> None:
        self._dataset.append(np.frombuffer(bytes(self._pending[:n_bytes]), dtype=self._dtype))
        del self._pending[:n_bytes]

    def finish(self) -> Checksum:
        self._write(len(self._pending))
        return self._dataset.finish()


class _Stream:
    """The datasets of one stream.

    Samples are put in order of time within a window of at least one flush, which is all the
    disorder that threads make; video keeps the order in which it must be decoded.
    """

    def __init__(
        self, file: h5py.File, layout: StreamLayout, *, source: str, pool: Executor | None
    ) -> None:
        name = layout.spec.name
        group = file.create_group(name)
        group.attrs["kind"] = str(layout.spec.kind)
        group.attrs["description"] = layout.spec.description
        self.layout = layout
        self._datasets = {
            c.name: _Dataset(group, c, source=source, pool=pool) for c in layout.columns
        }
        self._blob = (
            None if layout.blob is None else _Blob(group, layout.blob, source=source, pool=pool)
        )
        self._codec = RowCodec(name, (*layout.index_columns, *layout.sample_columns))
        self._sample_codec = RowCodec(name, layout.sample_columns)
        self._row_names = [c.name for c in (*layout.index_columns, *layout.sample_columns)]
        is_large = any(column.shape for column in layout.columns)
        self._flush_rows = _FLUSH_ROWS_LARGE if is_large else _FLUSH_ROWS
        self._times: list[int] = []
        self._arrivals: list[int] = []
        self._payloads: list[bytes] = []
        self._is_key_awaited = layout.spec.kind is StreamKind.VIDEO

    def await_key(self) -> None:
        """Packets were lost: what follows cannot be decoded before the next keyframe."""
        self._is_key_awaited = self.layout.spec.kind is StreamKind.VIDEO

    def add(self, record: Record) -> bool:
        """Take a record in; False when it is of no use, a packet without its keyframe."""
        _, flags, t_ns, payload = record
        arrived_ns = t_ns
        if flags & FLAG_ARRIVED:
            (arrived_ns,) = ARRIVED.unpack_from(payload)
            payload = payload[ARRIVED.size :]
        if self._blob is not None:
            is_key = bool(flags & FLAG_KEY)
            if self._is_key_awaited and not is_key:
                return False
            self._is_key_awaited = False
            payload = self._index(self._blob, payload, is_key=is_key)
        self._times.append(t_ns)
        self._arrivals.append(arrived_ns)
        self._payloads.append(payload)
        if len(self._times) >= 2 * self._flush_rows:
            self._write(self._flush_rows)
        return True

    def _index(self, blob: _Blob, payload: bytes, *, is_key: bool) -> bytes:
        """The index entry of a sample whose bytes go into the blob."""
        (length,) = META_LENGTH.unpack_from(payload)
        end = META_LENGTH.size + length
        meta, data = payload[META_LENGTH.size : end], payload[end:]
        begin, count = blob.add(data)
        values: dict[str, object] = {
            "offset": begin,
            "size": count,
            "sample": begin,
            "count": count,
            "key": int(is_key),
            "crc": zlib.crc32(data),
        }
        values |= self._sample_codec.decode_one(meta)
        return self._codec.encode([values[name] for name in self._row_names])

    def _write(self, count: int) -> None:
        times = np.array(self._times, dtype="<i8")
        if self.layout.spec.kind is not StreamKind.VIDEO and np.any(np.diff(times) < 0):
            order = np.argsort(times, kind="stable")
            times = times[order]
            self._times = times.tolist()
            self._arrivals = [self._arrivals[i] for i in order]
            self._payloads = [self._payloads[i] for i in order]
        self._datasets[TIME].append(times[:count])
        self._datasets[ARRIVAL].append(np.array(self._arrivals[:count], dtype="<i8"))
        for name, values in self._codec.decode(self._payloads[:count]).items():
            on_grid = self.layout.column(name).shape
            self._datasets[name].append(_rounded(values) if on_grid else values)
        del self._times[:count], self._arrivals[:count], self._payloads[:count]

    def finish(self) -> dict[str, Checksum]:
        """Write what is pending; the checksums of all datasets by path."""
        self._write(len(self._times))
        name = self.layout.spec.name
        sums = {dataset_path(name, c): d.finish() for c, d in self._datasets.items()}
        if self._blob is not None and self.layout.blob is not None:
            sums[dataset_path(name, self.layout.blob.name)] = self._blob.finish()
        return sums


def _rounded(values: NDArray[Any]) -> NDArray[Any]:
    """Meshes on a grid of 2^-15, which compresses; the error is below 0.02 px at 1280 px."""
    return np.asarray(np.rint(values * LANDMARK_GRID) / LANDMARK_GRID, dtype=values.dtype)


class BundleAssembler:
    """Fills a new HDF5 file from the records of a journal.

    Called from one thread: ``add`` for each record and gap in their order, then ``finish`` once.
    With a ``pool`` of threads, these pack meshes and sound meanwhile.
    """

    def __init__(self, file: h5py.File, opening: Opening, *, pool: Executor | None = None) -> None:
        self._file = file
        self._opening = opening
        self._names = opening.streams
        self._streams = {
            name: _Stream(file, layout, source=provenance(layout, opening.header), pool=pool)
            for name, layout in LAYOUT.items()
        }
        # None for a stream of an older version that is no more.
        self._by_number = [self._streams.get(name) for name in self._names]
        self._start_ns = self._end_ns = self._last_ns = opening.clock.t_ns
        self._records = 0
        self._unusable = 0

    def add(self, event: Record | Gap) -> None:
        """Take over one record, or mark a gap.

        Raises
        ------
        BundleError
            When a record does not fit its stream.
        """
        if isinstance(event, Gap):
            self._add_gap(event)
            return
        number, _, t_ns, _ = event
        self._last_ns = t_ns
        if t_ns > self._end_ns:
            self._end_ns = t_ns
        elif t_ns < self._start_ns:
            self._start_ns = t_ns
        if number == CONTROL_STREAM:
            return
        if number >= len(self._by_number):
            raise BundleError(f"The journal names a stream {number} it does not declare.")
        stream = self._by_number[number]
        if stream is None:
            return
        if self._opening.translations is not None:
            event = _translated(event, self._opening.translations[stream.layout.spec.name], stream)
        if stream.add(event):
            self._records += 1
        else:
            self._unusable += 1

    def _add_gap(self, gap: Gap) -> None:
        for stream in self._streams.values():
            stream.await_key()
        detail = f"{gap.n_bytes} bytes of the journal were damaged and {gap.records} samples lost"
        self._add_health("gap", gap.records, detail)

    def _add_health(self, kind: str, count: int, detail: str) -> None:
        codec = RowCodec("health", LAYOUT["health"].sample_columns)
        payload = codec.encode(("session", kind, min(count, _MAX_COUNT), detail))
        # Not one of the journal's own, whose rows may lie differently.
        self._streams["health"].add(Record(CONTROL_STREAM, 0, self._last_ns, payload))
        self._records += 1

    def finish(
        self, *, is_recovered: bool, records_lost: int, bytes_damaged: int
    ) -> dict[str, Checksum]:
        """Write the rest and the root attributes; the checksums of all datasets by path.

        ``complete`` stays 0 until the file was read back.
        """
        if is_recovered:
            self._last_ns = self._end_ns
            self._add_health(
                "recovered",
                0,
                "recording did not end in order; the bundle was made from its journal, whose last "
                f"whole record is here ({bytes_damaged} bytes could not be read)",
            )
        sums: dict[str, Checksum] = {}
        for stream in self._streams.values():
            sums |= stream.finish()
        opening, header = self._opening, self._opening.header
        values = _texts_of(header) | {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "journal_id": opening.journal_id,
            "header": header_to_json(header),
            "simulated": int(header.simulated),
            "complete": 0,
            "recovered": int(is_recovered),
            "start_ns": self._start_ns,
            "end_ns": self._end_ns,
            "clock_t_ns": opening.clock.t_ns,
            "clock_wall_ns": opening.clock.wall_ns,
            "clock_uncertainty_ns": opening.clock.uncertainty_ns,
            "records": self._records,
            "records_lost": records_lost + self._unusable,
            "bytes_damaged": bytes_damaged,
        }
        for name, value in values.items():
            is_text = isinstance(value, str)
            self._file.attrs[name] = _clean(str(value)) if is_text else np.int64(value)
        return sums


def _translated(record: Record, translation: RowTranslation, stream: _Stream) -> Record:
    """A record of an older journal as one of today."""
    begin = ARRIVED.size if record.flags & FLAG_ARRIVED else 0
    front, rest = record.payload[:begin], record.payload[begin:]
    if stream.layout.blob is None:
        return record._replace(payload=front + translation.row(rest))
    (length,) = META_LENGTH.unpack_from(rest)
    end = META_LENGTH.size + length
    meta = translation.row(rest[META_LENGTH.size : end])
    return record._replace(payload=front + META_LENGTH.pack(len(meta)) + meta + rest[end:])


def _texts_of(header: SessionHeader) -> dict[str, str | int]:
    names = ("session_id", "study_id", "participant_id", "created_utc", "app_version")
    return {name: getattr(header, name) for name in names}


def _clean(text: str) -> str:
    """A text HDF5 can hold: without NUL and lone surrogates."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
