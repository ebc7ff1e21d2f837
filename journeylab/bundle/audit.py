"""Looks a bundle over before anything in it is read: it may come from anywhere.

HDF5 follows links and storage into other files, inflates whatever it is told to, and loads
filters as plug-ins. A bundle has none of that, so whatever has is refused. Nothing here follows a
link or reads a value before its kind, type and size are known to be what the layout says.

What it finds is where the chunks of every dataset lie. The reader takes them from there by itself
(:mod:`journeylab.bundle.chunks`), because libhdf5 inflates a chunk to whatever size and, given
one that is too short, returns what lay in memory. It runs in a process of its own
(:mod:`journeylab.bundle.inspector`), because a forged structure may make libhdf5 crash or loop.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

import h5py
import numpy as np
from numpy.typing import NDArray

from journeylab.bundle.index import (
    GZIP_LEFT_OUT,
    SHUFFLE_LEFT_OUT,
    BundleIndex,
    DatasetIndex,
    Wanted,
)
from journeylab.bundle.migrations import StoredLayout, StoredStream, Version, stored_layout
from journeylab.bundle.schema import (
    CHECKSUM_BYTES,
    FORMAT,
    FORMAT_VERSION,
    TEXT,
    TIME,
    RootAttribute,
    chunk_rows,
    dataset_path,
    is_compressed,
    item_bytes,
)
from journeylab.errors import BundleError
from journeylab.streams import Column, StreamKind

_SHUFFLE: Final = h5py.h5z.FILTER_SHUFFLE
_DEFLATE: Final = h5py.h5z.FILTER_DEFLATE
_FLETCHER32: Final = h5py.h5z.FILTER_FLETCHER32
# In the order in which they are applied when writing.
_KNOWN_FILTERS: Final = (_SHUFFLE, _DEFLATE, _FLETCHER32)
_MAX_ATTRIBUTE_BYTES: Final = 4 << 20
_MAX_LINKS: Final = 1000
_MAX_ROWS: Final = 32_000_000  # 500 Hz for 17 hours
_MAX_TEXT_ROWS: Final = 5_000_000
_MAX_CHUNKS: Final = 1_000_000
_MAX_INFLATED_BYTES: Final = 64 << 30
# deflate cannot do better than 1032 to 1
_MAX_INFLATION: Final = 1040
# Columns that hardly change may pack that well, but not so many values of them.
_BOMB_INFLATION: Final = 50
_BOMB_BYTES: Final = 256 << 20
# Digital silence packs 1000 to 1, and a muted microphone is a real recording: 12 h at 48 kHz.
_SILENCE_BYTES: Final = 4 << 30
_OVERHEAD_BYTES: Final = 256  # deflate's and the checksum's, on what does not pack


def audit(path: Path, file: h5py.File, *, streams: Wanted | None = None) -> BundleIndex:
    """Check links, storage, filters, types and sizes; where everything lies in a sound bundle.

    With ``streams`` only those columns are looked at and are in what is returned; nothing else may
    be read then.

    Raises
    ------
    BundleError
        Naming the file, the path in it and the reason.
    """
    plist = file.id.get_create_plist()
    if plist.get_sizes() != (8, 8) or plist.get_userblock():
        raise _refusal(path, "the file itself", "is laid out as no bundle is")
    layout = _layout_of(path, file)
    attributes = dict(layout.attribute_fills) | {
        expected.name: _root_attribute(path, file, expected) for expected in layout.attributes
    }
    present = {name: s for name, s in layout.streams.items() if s.is_present}
    _check_links(path, file.id, "", known=present, is_newer=layout.is_newer)
    datasets: dict[str, DatasetIndex] = {}
    for name, stream in present.items():
        if streams is not None and name not in streams:
            continue
        group = _opened(path, file.id, name, inner=name)
        if not isinstance(group, h5py.h5g.GroupID):
            raise _refusal(path, name, "is not a group")
        wanted = None if streams is None else streams[name]
        datasets |= _audit_stream(path, group, stream, wanted=wanted, is_newer=layout.is_newer)
    _check_places(path, datasets)
    return BundleIndex(attributes, datasets)


def _refusal(path: Path, inner: str, reason: str) -> BundleError:
    return BundleError(
        f"{path} is not opened: {inner} {reason}.",
        remedy="Take the bundle from the computer that recorded it.",
    )


def _layout_of(path: Path, file: h5py.File) -> StoredLayout:
    """The layout this file must have, by the version it names."""
    texts = {}
    for name in ("format", "format_version"):
        if name == "format" and name not in file.attrs:
            raise BundleError(f"{path} is an HDF5 file, but no bundle of JourneyLab.")
        texts[name] = str(_root_attribute(path, file, RootAttribute(name, TEXT, "")))
    if texts["format"] != FORMAT:
        raise BundleError(f"{path} is an HDF5 file, but no bundle of JourneyLab.")
    try:
        version = Version.parse(texts["format_version"])
    except ValueError:
        raise _refusal(path, "the attribute format_version", "is no version") from None
    try:
        return stored_layout(version)
    except ValueError:
        ours = Version.parse(FORMAT_VERSION)
        raise BundleError(
            f"{path} has format {version}; this JourneyLab reads up to {ours.major}.x.",
            remedy="Install a newer JourneyLab to open it.",
        ) from None


def _root_attribute(path: Path, file: h5py.File, expected: RootAttribute) -> str | int:
    inner = f"the attribute {expected.name}"
    if expected.name not in file.attrs:
        raise _refusal(path, inner, "is missing")
    attribute = file.attrs.get_id(expected.name)
    if attribute.shape != () or attribute.get_storage_size() > _MAX_ATTRIBUTE_BYTES:
        raise _refusal(path, inner, "is no single value")
    is_text = h5py.check_string_dtype(attribute.dtype) is not None
    if is_text != (expected.kind == TEXT) or (not is_text and attribute.dtype.kind not in "iu"):
        raise _refusal(path, inner, "has the wrong type")
    value = file.attrs[expected.name]
    if not is_text:
        return int(value)
    if len(value) > _MAX_ATTRIBUTE_BYTES:
        raise _refusal(path, inner, "is too long")
    try:
        text = value.decode("utf-8") if isinstance(value, bytes) else str(value)
        text.encode("utf-8")
    except UnicodeError:
        raise _refusal(path, inner, "is no UTF-8") from None
    return text


def _check_links(
    path: Path,
    group: h5py.h5g.GroupID,
    prefix: str,
    *,
    known: Collection[str],
    is_newer: bool,
) -> None:
    n_links = group.get_num_objs()
    if n_links > _MAX_LINKS:
        raise _refusal(path, prefix or "the root", f"holds {n_links} entries")
    found: list[tuple[bytes, int]] = []
    # None for each: a callback that answers anything ends the iteration.
    group.links.iterate(lambda name, link: found.append((name, link.type)), info=True)
    for raw, kind in found:
        name = raw.decode("utf-8", "replace")
        if kind != h5py.h5l.TYPE_HARD:
            raise _refusal(path, prefix + name, "is a link to somewhere else")
        if name not in known and not is_newer:
            raise _refusal(path, prefix + name, "does not belong in a bundle")


def _opened(path: Path, group: h5py.h5g.GroupID, name: str, *, inner: str) -> Any:
    """What a hard link of a group leads to. Links were checked before, so none is followed."""
    if not group.links.exists(name.encode()):
        raise _refusal(path, inner, "is missing")
    return h5py.h5o.open(group, name.encode())


def _audit_stream(
    path: Path,
    group: h5py.h5g.GroupID,
    stream: StoredStream,
    *,
    wanted: Collection[str] | None,
    is_newer: bool,
) -> dict[str, DatasetIndex]:
    spec, blob = stream.layout.spec, stream.layout.blob
    name, kind = spec.name, spec.kind
    stored = {n: c.stored for n, c in stream.columns.items() if c.stored is not None}
    known = {column.name for column in stored.values()} | stream.passed_over
    _check_links(path, group, f"{name}/", known=known, is_newer=is_newer)
    found: dict[str, DatasetIndex] = {}
    rows: int | None = None
    bomb_bytes = 0
    for column_name, column in stored.items():
        if wanted is not None and column_name != TIME and column_name not in wanted:
            continue
        inner = dataset_path(name, column.name)
        dataset = _opened(path, group, column.name, inner=inner)
        if not isinstance(dataset, h5py.h5d.DatasetID):
            raise _refusal(path, inner, "is not a dataset")
        index = _audit_dataset(path, inner, dataset, column, is_partial=wanted is not None)
        found[inner] = index
        inflated = index.rows * item_bytes(column)
        is_sound = blob is not None and column.name == blob.name and kind is StreamKind.AUDIO
        if inflated > _BOMB_INFLATION * index.sizes.sum() and not is_sound:
            bomb_bytes += inflated
        if bomb_bytes > _BOMB_BYTES or (is_sound and inflated > _SILENCE_BYTES):
            raise _refusal(path, inner, f"would inflate to {inflated} bytes")
        if blob is not None and column.name == blob.name:
            continue
        rows = index.rows if rows is None else rows
        if index.rows != rows:
            raise _refusal(path, inner, f"has {index.rows} entries where its stream has {rows}")
    return found


def _audit_dataset(
    path: Path, inner: str, dataset: h5py.h5d.DatasetID, column: Column, *, is_partial: bool
) -> DatasetIndex:
    # The creation properties first: asking a virtual dataset for its shape opens other files.
    plist = dataset.get_create_plist()
    if plist.get_layout() == h5py.h5d.VIRTUAL:
        raise _refusal(path, inner, "is put together from other files")
    if plist.get_external_count():
        raise _refusal(path, inner, "is stored outside the file")
    if plist.get_layout() != h5py.h5d.CHUNKED:
        raise _refusal(path, inner, "is not stored in chunks")
    filters = [plist.get_filter(index)[0] for index in range(plist.get_nfilters())]
    _check_filters(path, inner, filters, column)
    _check_type(path, inner, dataset, column)
    shape, chunk = tuple(dataset.shape), tuple(plist.get_chunk())
    if len(shape) != 1 + len(column.shape) or shape[1:] != column.shape:
        raise _refusal(path, inner, f"has the shape {shape}")
    chunk_bytes = int(np.prod(chunk, dtype=object)) * item_bytes(column, one_value=True)
    if chunk[1:] != column.shape or chunk_bytes > chunk_rows(column) * item_bytes(column):
        raise _refusal(path, inner, f"has chunks of {chunk_bytes} bytes")
    is_packed = _DEFLATE in filters
    _check_size(path, inner, dataset, column, is_packed=is_packed)
    offsets, sizes, masks = _chunks_of(path, inner, dataset, chunk[0])
    left_out = np.zeros_like(masks)
    for code, flag in ((_SHUFFLE, SHUFFLE_LEFT_OUT), (_DEFLATE, GZIP_LEFT_OUT)):
        if code in filters:
            bit = 1 << filters.index(code)
            left_out += np.where(masks & bit, flag, 0)
            masks &= ~bit
    if np.any(masks):
        raise _refusal(path, inner, "has a chunk without its checksum")
    is_plain = (left_out & GZIP_LEFT_OUT != 0) | (not is_packed)
    plain_bytes = chunk_bytes + (_FLETCHER32 in filters) * CHECKSUM_BYTES
    if np.any(sizes[is_plain] != plain_bytes) or np.any(sizes > plain_bytes + _OVERHEAD_BYTES):
        raise _refusal(path, inner, "has a chunk of an impossible size")
    return DatasetIndex(
        rows=int(shape[0]),
        chunk_rows=int(chunk[0]),
        offsets=offsets,
        sizes=sizes,
        left_out=left_out,
        is_compressed=is_packed,
        is_shuffled=_SHUFFLE in filters,
        is_checksummed=_FLETCHER32 in filters,
        # Only who verifies a whole bundle asks for these.
        crc32=None if is_partial else _int_attribute(dataset, "crc32"),
        unit=None if is_partial else _text_attribute(dataset, "unit"),
    )


def _check_filters(path: Path, inner: str, filters: list[int], column: Column) -> None:
    for code in filters:
        if code not in _KNOWN_FILTERS:
            raise _refusal(path, inner, f"is packed with the unknown filter {code}")
    if len(set(filters)) != len(filters):
        raise _refusal(path, inner, "is packed twice")
    if filters != [code for code in _KNOWN_FILTERS if code in filters]:
        raise _refusal(path, inner, "is packed in another order")
    if not is_compressed(column) and (_DEFLATE in filters or _SHUFFLE in filters):
        raise _refusal(path, inner, "is packed, which such bytes never are")


def _check_type(path: Path, inner: str, dataset: h5py.h5d.DatasetID, column: Column) -> None:
    try:
        found = dataset.dtype
    except (TypeError, ValueError):  # a type h5py has no name for
        raise _refusal(path, inner, "has a foreign type") from None
    if column.dtype == TEXT:
        info = h5py.check_string_dtype(found)
        is_right = info is not None and info.length is None and info.encoding == "utf-8"
    else:
        is_right = found == np.dtype("<" + column.dtype)
    if not is_right:
        raise _refusal(path, inner, f"has the type {found}, not {column.dtype}")


def _check_size(
    path: Path, inner: str, dataset: h5py.h5d.DatasetID, column: Column, *, is_packed: bool
) -> None:
    rows = int(dataset.shape[0])
    is_blob = not column.shape and column.unit == "byte" and column.dtype == "u1"
    limit = _MAX_TEXT_ROWS if column.dtype == TEXT else _MAX_ROWS
    if rows > limit and not (is_blob or column.dtype == "i2"):
        raise _refusal(path, inner, f"claims {rows} entries")
    inflated = rows * item_bytes(column)
    stored = int(dataset.get_storage_size())
    factor = _MAX_INFLATION if is_packed else 1
    if inflated > min(_MAX_INFLATED_BYTES, stored * factor):
        raise _refusal(path, inner, f"claims {inflated} bytes, but {stored} are stored")


def _chunks_of(
    path: Path, inner: str, dataset: h5py.h5d.DatasetID, rows_each: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Offsets, sizes and filter masks of all chunks, in order; each must be there once."""
    count = -(-int(dataset.shape[0]) // rows_each)
    if count > _MAX_CHUNKS:
        raise _refusal(path, inner, f"claims {count} chunks")
    found = np.full((3, count), -1, dtype=np.int64)
    problems: list[str] = []

    def take(chunk: h5py.h5d.StoreInfo) -> bool | None:
        number, inside = divmod(chunk.chunk_offset[0], rows_each)
        if inside or any(chunk.chunk_offset[1:]) or number >= count or found[0, number] >= 0:
            problems.append("has a chunk too many")
        else:
            found[:, number] = chunk.byte_offset, chunk.size, chunk.filter_mask
            return None
        return True  # ends the iteration

    dataset.chunk_iter(take)
    if not problems and np.any(found[0] < 0):
        problems.append("lacks a chunk")
    if problems:
        raise _refusal(path, inner, problems[0])
    return found[0], found[1], found[2]


def _check_places(path: Path, datasets: dict[str, DatasetIndex]) -> None:
    """No two chunks share bytes, which would multiply what a small file claims to hold."""
    offsets = np.concatenate([index.offsets for index in datasets.values()])
    sizes = np.concatenate([index.sizes for index in datasets.values()])
    order = np.argsort(offsets, kind="stable")
    begins, ends = offsets[order], (offsets + sizes)[order]
    if begins.size and (np.any(ends[:-1] > begins[1:]) or ends[-1] > path.stat().st_size):
        raise _refusal(path, "a chunk", "lies where it cannot")


def _int_attribute(dataset: h5py.h5d.DatasetID, name: str) -> int | None:
    attribute = _attribute(dataset, name)
    if attribute is None or attribute.dtype.kind not in "iu":
        return None
    value = np.zeros((), dtype=attribute.dtype)
    attribute.read(value)
    return int(value)


def _text_attribute(dataset: h5py.h5d.DatasetID, name: str) -> str | None:
    attribute = _attribute(dataset, name)
    if attribute is None:
        return None
    kind = attribute.dtype
    if h5py.check_string_dtype(kind) is None:
        return None
    value = np.zeros((), dtype=kind)
    attribute.read(value, mtype=h5py.h5t.py_create(kind))  # as Python's own objects
    text = value.item()
    return (text.decode("utf-8", "surrogateescape") if isinstance(text, bytes) else text)[:200]


def _attribute(dataset: h5py.h5d.DatasetID, name: str) -> h5py.h5a.AttrID | None:
    """An attribute of a single value; None where there is none such."""
    if not h5py.h5a.exists(dataset, name.encode()):
        return None
    attribute = h5py.h5a.open(dataset, name.encode())
    return attribute if attribute.shape == () else None
