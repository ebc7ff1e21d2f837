"""Looks a bundle over before anything in it is read: it may come from anywhere.

HDF5 follows links and storage into other files, inflates whatever it is told to, and loads
filters as plug-ins. A bundle has none of that, so whatever has is refused. Nothing here follows a
link or reads a value before its kind, type and size are known to be what the layout says.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import h5py
import numpy as np

from journeylab.bundle.schema import (
    FORMAT,
    FORMAT_VERSION,
    LAYOUT,
    ROOT_ATTRIBUTES,
    TEXT,
    StreamLayout,
    chunk_rows,
    dataset_path,
)
from journeylab.errors import BundleError
from journeylab.streams import Column

_KNOWN_FILTERS: Final = frozenset(
    (h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32)
)
_MAX_ATTRIBUTE_BYTES: Final = 4 << 20
_MAX_LINKS: Final = 1000
_MAX_ROWS: Final = 200_000_000  # a 1 kHz stream for two days
_MAX_TEXT_ROWS: Final = 5_000_000
_MAX_INFLATED_BYTES: Final = 64 << 30
# deflate cannot do better than 1032 to 1
_MAX_INFLATION: Final = 1040
_CHUNK_TOLERANCE: Final = 16  # other writers of the format may choose larger chunks


def audit(path: Path, file: h5py.File) -> dict[str, str | int]:
    """Check links, storage, filters, types and sizes; the root attributes of a sound bundle.

    Raises
    ------
    BundleError
        Naming the file, the path in it and the reason.
    """
    attributes = _root_attributes(path, file)
    is_newer = _check_version(path, str(attributes["format_version"]))
    _check_links(path, file, "", LAYOUT, is_newer=is_newer)
    for name, layout in LAYOUT.items():
        if name not in file:
            raise _refusal(path, name, "is missing")
        if file.get(name, getclass=True) is not h5py.Group:
            raise _refusal(path, name, "is not a group")
        _audit_stream(path, file[name], layout, is_newer=is_newer)
    return attributes


def _refusal(path: Path, inner: str, reason: str) -> BundleError:
    return BundleError(
        f"{path} is not opened: {inner} {reason}.",
        remedy="Take the bundle from the computer that recorded it.",
    )


def _root_attributes(path: Path, file: h5py.File) -> dict[str, str | int]:
    values: dict[str, str | int] = {}
    for expected in ROOT_ATTRIBUTES:
        inner = f"the attribute {expected.name}"
        if expected.name not in file.attrs:
            if expected.name == "format":
                raise BundleError(f"{path} is an HDF5 file, but no bundle of JourneyLab.")
            raise _refusal(path, inner, "is missing")
        attribute = file.attrs.get_id(expected.name)
        if attribute.shape != () or attribute.get_storage_size() > _MAX_ATTRIBUTE_BYTES:
            raise _refusal(path, inner, "is no single value")
        is_text = h5py.check_string_dtype(attribute.dtype) is not None
        if is_text != (expected.kind == TEXT) or (not is_text and attribute.dtype.kind not in "iu"):
            raise _refusal(path, inner, "has the wrong type")
        value = file.attrs[expected.name]
        if is_text and len(value) > _MAX_ATTRIBUTE_BYTES:
            raise _refusal(path, inner, "is too long")
        values[expected.name] = _as_text(path, inner, value) if is_text else int(value)
    if values["format"] != FORMAT:
        raise BundleError(f"{path} is an HDF5 file, but no bundle of JourneyLab.")
    return values


def _as_text(path: Path, inner: str, value: object) -> str:
    try:
        text = value.decode("utf-8") if isinstance(value, bytes) else str(value)
        text.encode("utf-8")
    except UnicodeError:
        raise _refusal(path, inner, "is no UTF-8") from None
    return text


def _check_version(path: Path, version: str) -> bool:
    """Whether a newer minor version wrote it, which may have added streams and columns."""
    try:
        major, minor, _ = (int(part) for part in version.split("."))
    except ValueError:
        raise _refusal(path, "the attribute format_version", "is no version") from None
    ours = tuple(int(part) for part in FORMAT_VERSION.split("."))
    if major > ours[0]:
        raise BundleError(
            f"{path} has format {version}; this JourneyLab reads up to {ours[0]}.x.",
            remedy="Install a newer JourneyLab to open it.",
        )
    return (major, minor) > ours[:2]


def _check_links(
    path: Path, group: h5py.Group, prefix: str, known: Mapping[str, Any], *, is_newer: bool
) -> None:
    if len(group) > _MAX_LINKS:
        raise _refusal(path, prefix or "the root", f"holds {len(group)} entries")
    for name in group:
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            raise _refusal(path, prefix + name, "is a link to somewhere else")
        if name not in known and not is_newer:
            raise _refusal(path, prefix + name, "does not belong in a bundle")


def _audit_stream(path: Path, group: h5py.Group, layout: StreamLayout, *, is_newer: bool) -> None:
    stream = layout.spec.name
    known = {column.name: column for column in layout.datasets}
    _check_links(path, group, f"{stream}/", known, is_newer=is_newer)
    rows = None
    for column in layout.datasets:
        inner = dataset_path(stream, column.name)
        if column.name not in group:
            raise _refusal(path, inner, "is missing")
        if group.get(column.name, getclass=True) is not h5py.Dataset:
            raise _refusal(path, inner, "is not a dataset")
        length = _audit_dataset(path, inner, group[column.name], column)
        if column is layout.blob:
            continue
        rows = length if rows is None else rows
        if length != rows:
            raise _refusal(path, inner, f"has {length} entries where its stream has {rows}")


def _audit_dataset(path: Path, inner: str, dataset: h5py.Dataset, column: Column) -> int:
    # The creation properties first: asking a virtual dataset for its shape opens other files.
    plist = dataset.id.get_create_plist()
    if plist.get_layout() == h5py.h5d.VIRTUAL:
        raise _refusal(path, inner, "is put together from other files")
    if plist.get_external_count():
        raise _refusal(path, inner, "is stored outside the file")
    if plist.get_layout() != h5py.h5d.CHUNKED:
        raise _refusal(path, inner, "is not stored in chunks")
    codes = [plist.get_filter(index)[0] for index in range(plist.get_nfilters())]
    for code in codes:
        if code not in _KNOWN_FILTERS:
            raise _refusal(path, inner, f"is packed with the unknown filter {code}")
    if len(set(codes)) != len(codes):
        raise _refusal(path, inner, "is packed twice")
    _check_type(path, inner, dataset, column)
    shape = tuple(dataset.shape)
    if len(shape) != 1 + len(column.shape) or shape[1:] != column.shape:
        raise _refusal(path, inner, f"has the shape {shape}")
    item_bytes = dataset.dtype.itemsize * int(np.prod(column.shape, dtype=np.int64))
    most = chunk_rows(column) * item_bytes * _CHUNK_TOLERANCE
    chunk_bytes = int(np.prod(plist.get_chunk(), dtype=object)) * dataset.dtype.itemsize
    if chunk_bytes > most:
        raise _refusal(path, inner, f"has chunks of {chunk_bytes} bytes")
    _check_size(path, inner, dataset, column, item_bytes=item_bytes)
    return int(shape[0])


def _check_type(path: Path, inner: str, dataset: h5py.Dataset, column: Column) -> None:
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
    path: Path,
    inner: str,
    dataset: h5py.Dataset,
    column: Column,
    *,
    item_bytes: int,
) -> None:
    rows = int(dataset.shape[0])
    is_blob = not column.shape and column.unit == "byte" and column.dtype == "u1"
    limit = _MAX_TEXT_ROWS if column.dtype == TEXT else _MAX_ROWS
    if rows > limit and not (is_blob or column.dtype == "i2"):
        raise _refusal(path, inner, f"claims {rows} entries")
    inflated = rows * item_bytes
    stored = int(dataset.id.get_storage_size())
    factor = _MAX_INFLATION if dataset.compression else 1
    most = min(_MAX_INFLATED_BYTES, stored * factor)
    if inflated > most:
        raise _refusal(path, inner, f"claims {inflated} bytes, but {stored} are stored")
