"""Journals the samples of a live session. HDF5 is never open while a session runs."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np

from journeylab.bundle.header import SessionHeader
from journeylab.bundle.journal import (
    ARRIVED,
    CONTROL_STREAM,
    FLAG_ARRIVED,
    FLAG_CLOSING,
    FLAG_KEY,
    META_LENGTH,
    JournalWriter,
    Record,
    opening_record,
)
from journeylab.bundle.rows import RowCodec
from journeylab.bundle.schema import BUNDLE_SUFFIX, JOURNAL_SUFFIX, LAYOUT
from journeylab.bundle.video import GOP_FRAMES, FrameEncoder, Packet
from journeylab.clock import NS_PER_S, Clock, ClockPair, read_clock_pair
from journeylab.errors import StorageError, VideoError
from journeylab.streams import STREAMS, AudioBlock, Frame, Picture, Row, Sample, StreamKind

_CLOCK_PERIOD_NS: Final = 10 * NS_PER_S
# Behind a gap of so many frames the picture is another anyway, and decoding begins anew.
_GAP_FRAMES: Final = GOP_FRAMES // 6


class BundleWriter:
    """Journals samples beside the future bundle.

    Made, written to and closed from one thread. A tick is what one call of :meth:`write` brings:
    after a crash it is there as a whole, or up to the last record that reached the disk.

    Parameters
    ----------
    path
        The future bundle, such as ``sessions/P01.h5``; the journal is ``sessions/P01.journal``.
    header
        What the session is.
    clock
        The session clock, for the clock pairs.

    Raises
    ------
    StorageError
        When the bundle or its journal exists, or the folder cannot be written to.
    """

    def __init__(self, path: Path, header: SessionHeader, *, clock: Clock) -> None:
        if path.suffix != BUNDLE_SUFFIX:
            raise ValueError(f"a bundle's name ends in {BUNDLE_SUFFIX}, {path.name} does not")
        if path.exists():
            raise StorageError(
                f"{path} is already there, from a finished session.",
                remedy="Choose another name for this session.",
            )
        self.path = path
        self._clock = clock
        self._numbers = {name: number for number, name in enumerate(STREAMS)}
        self._codecs = {
            name: RowCodec(name, layout.sample_columns) for name, layout in LAYOUT.items()
        }
        self._encoders: dict[str, FrameEncoder] = {}
        self._next_index: dict[str, int] = {}
        self._frames = 0
        self._is_closed = False
        pair = read_clock_pair(clock)
        self._next_pair_ns = pair.t_ns + _CLOCK_PERIOD_NS
        opening = opening_record(uuid.uuid4().hex, header, pair)
        self._journal = JournalWriter(path.with_suffix(JOURNAL_SUFFIX))
        try:
            self._journal.append([opening, self._clock_record(pair)])
        except StorageError:
            with suppress(StorageError):
                self._journal.close()
            self.journal_path.unlink()  # nothing is in it
            raise

    @property
    def journal_path(self) -> Path:
        """Where the journal lies."""
        return self._journal.path

    @property
    def bytes_written(self) -> int:
        """Size of the journal so far."""
        return self._journal.bytes_written

    @property
    def frames(self) -> int:
        """Camera frames journalled so far."""
        return self._frames

    @property
    def encode_s(self) -> float:
        """Processor time spent on encoding video so far."""
        return sum(encoder.cpu_s for encoder in self._encoders.values())

    def write(self, samples: Sequence[Sample]) -> None:
        """Journal the samples of one tick, in one piece.

        Raises
        ------
        StorageError
            When the disk is full or failing. This tick is lost, all before it is kept, and
            writing may be tried again.
        ValueError
            When a sample does not fit its stream; the others of the tick are written first.
        VideoError
            When a frame cannot be encoded; likewise.
        """
        if self._is_closed:
            raise ValueError(f"{self.journal_path} is closed")
        problem: ValueError | VideoError | None = None
        records: list[Record] = []
        for sample in samples:
            try:
                if isinstance(sample, Row):
                    records.append(self._row_record(sample))
                else:
                    records += self._blob_records(sample)
            except (ValueError, VideoError) as error:
                problem = problem or error
        if self._clock.now_ns() >= self._next_pair_ns:
            pair = read_clock_pair(self._clock)
            self._next_pair_ns = pair.t_ns + _CLOCK_PERIOD_NS
            records.append(self._clock_record(pair))
        self._append(records)
        if problem is not None:
            raise problem

    def close(self) -> None:
        """Write what the encoder holds and the closing, bring all to the disk; idempotent.

        Raises
        ------
        StorageError
            When the disk is full or failing; the journal is closed all the same.
        """
        if self._is_closed:
            return
        self._is_closed = True
        try:
            pair = read_clock_pair(self._clock)
            packets = [
                self._packet_record(stream, packet)
                for stream, encoder in self._encoders.items()
                for packet in encoder.flush()
            ]
            closing = Record(CONTROL_STREAM, FLAG_CLOSING, pair.t_ns, b"")
            self._append([*packets, self._clock_record(pair), closing])
        finally:
            self._journal.close()

    def _append(self, records: list[Record]) -> None:
        try:
            self._journal.append(records)
        except StorageError:
            for encoder in self._encoders.values():
                encoder.want_key()  # the frames after a lost one could not be decoded
            raise

    def _row_record(self, row: Row) -> Record:
        number = self._numbers.get(row.stream)
        if number is None or STREAMS[row.stream].kind is not StreamKind.TABLE:
            raise ValueError(f"there is no table stream {row.stream}")
        payload = self._codecs[row.stream].encode(row.values)
        return _record(number, row.t_ns, payload, row.arrived_ns)

    def _blob_records(self, sample: Frame | AudioBlock | Picture) -> list[Record]:
        kind = STREAMS[sample.stream].kind if sample.stream in STREAMS else None
        if isinstance(sample, Frame) and kind is StreamKind.VIDEO:
            encoder = self._encoders.setdefault(sample.stream, FrameEncoder())
            if sample.index - self._next_index.get(sample.stream, sample.index) >= _GAP_FRAMES:
                encoder.want_key()
            self._next_index[sample.stream] = sample.index + 1
            return [self._packet_record(sample.stream, p) for p in encoder.encode(sample)]
        if isinstance(sample, AudioBlock) and kind is StreamKind.AUDIO:
            if sample.pcm.dtype != np.int16 or sample.pcm.ndim != 1:
                raise ValueError(
                    f"stream {sample.stream}: int16 of shape (n,) was wanted, "
                    f"{sample.pcm.dtype.name} of shape {sample.pcm.shape} came"
                )
            meta: tuple[object, ...] = (sample.first_sample, sample.rate_hz)
            blob = sample.pcm.astype("<i2", copy=False).tobytes()
        elif isinstance(sample, Picture) and kind is StreamKind.PICTURES:
            meta = (sample.step_id, sample.width_px, sample.height_px, sample.media_type)
            blob = sample.data
        else:
            raise ValueError(f"stream {sample.stream} takes no {type(sample).__name__}")
        return [self._blob_record(sample.stream, sample.t_ns, sample.arrived_ns, meta, blob)]

    def _packet_record(self, stream: str, packet: Packet) -> Record:
        self._frames += 1
        meta = (packet.frame, *packet.size_px)
        flags = FLAG_KEY if packet.is_key else 0
        return self._blob_record(
            stream, packet.t_ns, packet.arrived_ns, meta, packet.data, flags=flags
        )

    def _blob_record(
        self,
        stream: str,
        t_ns: int,
        arrived_ns: int | None,
        meta: tuple[object, ...],
        blob: bytes,
        *,
        flags: int = 0,
    ) -> Record:
        front = self._codecs[stream].encode(meta)
        payload = b"".join((META_LENGTH.pack(len(front)), front, blob))
        return _record(self._numbers[stream], t_ns, payload, arrived_ns, flags=flags)

    def _clock_record(self, pair: ClockPair) -> Record:
        values = (pair.wall_ns, pair.uncertainty_ns)
        return _record(self._numbers["clock"], pair.t_ns, self._codecs["clock"].encode(values))


def _record(
    number: int, t_ns: int, payload: bytes, arrived_ns: int | None = None, *, flags: int = 0
) -> Record:
    if arrived_ns is None:
        return Record(number, flags, int(t_ns), payload)
    return Record(number, flags | FLAG_ARRIVED, int(t_ns), ARRIVED.pack(arrived_ns) + payload)
