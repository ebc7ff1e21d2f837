"""The bundle's layout, the only place that spells it.

A bundle is an HDF5 file with one group per stream of :data:`journeylab.streams.STREAMS`. Every
group holds ``t_ns`` and ``arrived_ns`` and one dataset per column, all of the same length; video,
sound and pictures have one more dataset with all their bytes (or samples), which the columns
index. Behind the end of the HDF5 file stands a seal (:mod:`journeylab.bundle.seal`). Writer,
reader and audit take all they know of the layout from here.

Format history
--------------
1.0.0
    The first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from journeylab.bundle.header import SessionHeader
from journeylab.streams import STREAMS, Column, StreamKind, StreamSpec

FORMAT: Final = "journeylab-bundle"
FORMAT_VERSION: Final = "1.2.0"
BUNDLE_SUFFIX: Final = ".h5"
JOURNAL_SUFFIX: Final = ".journal"
PARTIAL_SUFFIX: Final = ".h5.partial"
DAMAGED_SUFFIX: Final = ".h5.damaged"

# HDF5 2.0's "latest" cannot be read by tools built on HDF5 1.10.
LIBRARY_VERSIONS: Final = ("earliest", "v110")
GZIP_LEVEL: Final = 4
LANDMARK_GRID: Final = 2**15
TEXT: Final = "text"

CHECKSUM_BYTES: Final = 4  # of Fletcher-32, behind each chunk
TEXT_REFERENCE: Final = np.dtype([("length", "<u4"), ("heap", "<u8"), ("number", "<u4")])
"""A text as it stands in its column: length in bytes, address of its heap, number in there."""

TIME: Final = "t_ns"
ARRIVAL: Final = "arrived_ns"

_TIME_COLUMNS: Final = (
    Column(TIME, "i8", "ns", "session time at which it happened"),
    Column(ARRIVAL, "i8", "ns", "session time at which it reached us; t_ns where none was given"),
)
_OFFSET: Final = Column("offset", "u8", "byte", "where its bytes begin", 0, None)
_SIZE: Final = Column("size", "u4", "byte", "how many bytes it has", 0, None)
_CRC: Final = Column("crc", "u4", "", "CRC-32 of its bytes", 0, None)

# What is computed when the bundle is made, by kind of stream.
_INDEX_COLUMNS: Final = MappingProxyType(
    {
        StreamKind.TABLE: (),
        StreamKind.VIDEO: (
            _OFFSET,
            _SIZE,
            Column("key", "u1", "", "1 when decoding can begin here", 0, 1),
            _CRC,
        ),
        StreamKind.AUDIO: (
            Column("sample", "u8", "1", "where the block begins in pcm", 0, None),
            Column("count", "u4", "1", "samples of the block", 0, None),
        ),
        StreamKind.PICTURES: (_OFFSET, _SIZE, _CRC),
    }
)

# What each sample brings beside its bytes, by kind of stream.
_SAMPLE_COLUMNS: Final = MappingProxyType(
    {
        StreamKind.VIDEO: (
            Column("frame", "i8", "1", "the camera's count of frames; a jump is a loss", 0, None),
            Column("width_px", "u2", "px", "width of the frame", 1, None),
            Column("height_px", "u2", "px", "height of the frame", 1, None),
        ),
        StreamKind.AUDIO: (
            Column("first_sample", "i8", "1", "the device's count of samples; a jump is a loss"),
            Column("rate_hz", "u4", "Hz", "nominal sampling rate", 1, None),
        ),
        StreamKind.PICTURES: (
            Column("step_id", TEXT, "", "the step it was taken in"),
            Column("width_px", "u4", "px", "width of the picture", 1, None),
            Column("height_px", "u4", "px", "height of the picture", 1, None),
            Column("media_type", TEXT, "", "image/jpeg or image/png"),
        ),
    }
)

_BLOBS: Final = MappingProxyType(
    {
        StreamKind.VIDEO: Column(
            "packets", "u1", "byte", "H.264 access units, Annex B, parameter sets at each key"
        ),
        StreamKind.AUDIO: Column("pcm", "i2", "1", "mono samples", -32768, 32767),
        StreamKind.PICTURES: Column("data", "u1", "byte", "encoded pictures, one after another"),
    }
)


@dataclass(frozen=True, slots=True)
class StreamLayout:
    """How one stream lies in a bundle.

    ``sample_columns`` come with each sample and stand in the journal too; ``index_columns`` are
    computed when the bundle is made; ``blob`` holds the bytes or sound samples of all.
    """

    spec: StreamSpec
    sample_columns: tuple[Column, ...]
    index_columns: tuple[Column, ...]
    blob: Column | None

    @property
    def columns(self) -> tuple[Column, ...]:
        """All datasets with one entry per sample, time first."""
        return (*_TIME_COLUMNS, *self.index_columns, *self.sample_columns)

    @property
    def datasets(self) -> tuple[Column, ...]:
        """All datasets of the group."""
        return self.columns if self.blob is None else (*self.columns, self.blob)

    def column(self, name: str) -> Column:
        """The column of that name; KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"stream {self.spec.name} has no column {name}")


def _lay_out(spec: StreamSpec) -> StreamLayout:
    sample_columns = spec.columns if spec.kind is StreamKind.TABLE else _SAMPLE_COLUMNS[spec.kind]
    return StreamLayout(spec, sample_columns, _INDEX_COLUMNS[spec.kind], _BLOBS.get(spec.kind))


LAYOUT: Final = MappingProxyType({name: _lay_out(spec) for name, spec in STREAMS.items()})
"""The layout of every stream, by name."""


def dataset_path(stream: str, column: str) -> str:
    """Path of a dataset in the bundle, such as ``pointer/x_px``."""
    return f"{stream}/{column}"


def chunk_rows(column: Column) -> int:
    """Entries in one chunk: what is read, inflated and checked at once.

    4096 to 16384 for numbers; fewer for meshes, whose entries are large; more for bytes.
    """
    if column.shape:
        return 32
    if column.dtype == TEXT:
        return 4096
    if column.dtype == "u1" and column.unit == "byte":
        return 262144
    return 16384 if column.dtype == "i2" else 8192


def item_bytes(column: Column, *, one_value: bool = False) -> int:
    """Bytes of one entry as stored, or of one value of it; of a text, its place in the heap."""
    size = TEXT_REFERENCE.itemsize if column.dtype == TEXT else np.dtype(column.dtype).itemsize
    return size if one_value else size * math.prod(column.shape)


def is_compressed(column: Column) -> bool:
    """Whether gzip and shuffle pay: not for H.264, JPEG and PNG."""
    return column.unit != "byte" or column.dtype != "u1"


def is_checksummed(column: Column) -> bool:
    """Whether fletcher32 applies: HDF5 refuses it on text, whose bytes lie in its heap."""
    return column.dtype != TEXT


def provenance(layout: StreamLayout, header: SessionHeader) -> str:
    """Device, or model with its version, behind a stream; empty when neither was named."""
    name = layout.spec.name
    return header.models.get(name) or header.devices.get(name, "")


@dataclass(frozen=True, slots=True)
class RootAttribute:
    """One attribute of the bundle itself; ``kind`` is text or int."""

    name: str
    kind: str
    description: str


ROOT_ATTRIBUTES: Final = (
    RootAttribute("format", TEXT, FORMAT),
    RootAttribute("format_version", TEXT, "semantic version of the layout"),
    RootAttribute("journal_id", TEXT, "unique id of the journal it was made from"),
    RootAttribute("session_id", TEXT, "unique id of the session"),
    RootAttribute("study_id", TEXT, "the study it belongs to"),
    RootAttribute("participant_id", TEXT, "pseudonym of the participant"),
    RootAttribute("created_utc", TEXT, "when recording began, ISO 8601"),
    RootAttribute("app_version", TEXT, "version of JourneyLab that recorded it"),
    RootAttribute("header", TEXT, "the whole header, JSON"),
    RootAttribute("simulated", "int", "1 when any device was simulated"),
    RootAttribute("complete", "int", "1 once everything was written and read back equal"),
    RootAttribute("recovered", "int", "1 when recording did not end in order"),
    RootAttribute("start_ns", "int", "session time of the first sample or the opening"),
    RootAttribute("end_ns", "int", "session time of the last sample or the closing"),
    RootAttribute("clock_t_ns", "int", "clock anchor: session time"),
    RootAttribute("clock_wall_ns", "int", "clock anchor: wall time since the Unix epoch"),
    RootAttribute("clock_uncertainty_ns", "int", "clock anchor: duration of the reading"),
    RootAttribute("records", "int", "records taken over from the journal"),
    RootAttribute("records_lost", "int", "records of the journal that were damaged"),
    RootAttribute("bytes_damaged", "int", "bytes of the journal that could not be read"),
)

DATASET_ATTRIBUTES: Final = MappingProxyType(
    {
        "unit": "unit of the values, empty where they have none",
        "description": "what the column holds",
        "range": "low and high bound, NaN where open; only where there is one",
        "source": "the device, or the model with its version",
        "crc32": "CRC-32 of the content as it reads back; texts end in NUL each",
    }
)
"""Attributes of each dataset, and what they mean."""
