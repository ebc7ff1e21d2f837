"""Rows of a journal that an older version began, brought under today's names.

A session cut off before an update is completed after it. A journal says in its first record how
its rows lie; what each version changed stands in :mod:`journeylab.bundle.migrations`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from journeylab.bundle.migrations import CURRENT, StoredStream, Version, stored_layout
from journeylab.bundle.rows import RowCodec, is_known_type
from journeylab.bundle.schema import LAYOUT
from journeylab.errors import BundleError
from journeylab.streams import Column

JournalLayout = tuple[tuple[str, Any], ...]
"""Streams in the order of their numbers, with names, types and shapes of their values."""

_MAX_COLUMNS: Final = 1000


class RowTranslation:
    """Turns rows of one stream of an older journal into rows of today."""

    def __init__(self, columns: Sequence[Column], stored: StoredStream) -> None:
        name = stored.layout.spec.name
        self._columns = [stored.columns[c.name] for c in stored.layout.sample_columns]
        self._old = RowCodec(name, columns)
        self._new = RowCodec(name, stored.layout.sample_columns)

    def row(self, payload: bytes) -> bytes:
        """One row; BundleError when it has not the length it must have, or does not fit."""
        values = self._old.decode([payload])
        row: list[object] = []
        for column in self._columns:
            if column.stored is None:
                row.append(column.fill)
                continue
            value = values[column.stored.name]
            for convert in column.converts:
                value = convert(value)
            one = value[0]
            row.append(one.decode("utf-8", "replace") if isinstance(one, bytes) else one)
        try:
            return self._new.encode(row)
        except ValueError as error:
            raise BundleError(f"A row of an older journal cannot be kept: {error}.") from error


def row_translations(format_version: str, layout: JournalLayout) -> dict[str, RowTranslation]:
    """How the rows of each stream are brought to today, by the stream's name.

    A stream that is no more has none.

    Raises
    ------
    ValueError
        When the journal is of a newer version, or is not laid out as its version says.
    """
    version = Version.parse(format_version)
    if version > CURRENT:
        raise ValueError(f"format {version} is newer than {CURRENT}")
    streams = stored_layout(version).streams
    translations: dict[str, RowTranslation] = {}
    for name, described in layout:
        if name in LAYOUT:
            columns = _columns(described)
            _check(columns, streams[name])
            translations[name] = RowTranslation(columns, streams[name])
    missing = {name for name, stream in streams.items() if stream.is_present} - set(translations)
    if missing:
        raise ValueError(f"it has no stream {', '.join(sorted(missing))}")
    return translations


def _columns(described: Any) -> list[Column]:
    """Columns as the journal describes them; nothing of it is trusted."""
    if not isinstance(described, list) or len(described) > _MAX_COLUMNS:
        raise ValueError("its columns are no list")
    columns = []
    for name, dtype, shape in described:
        sizes = tuple(int(size) for size in shape)
        if not is_known_type(dtype) or any(not 0 < size < 1 << 16 for size in sizes):
            raise ValueError(f"the column {name!r} has the type {dtype!r} {sizes}")
        columns.append(Column(str(name), dtype, "", "", shape=sizes))
    return columns


def _check(columns: Sequence[Column], stored: StoredStream) -> None:
    found = {column.name: (column.dtype, column.shape) for column in columns}
    names = {column.name for column in stored.layout.sample_columns}
    for name in names:
        wanted = stored.columns[name].stored
        if wanted is not None and found.pop(wanted.name, None) != (wanted.dtype, wanted.shape):
            raise ValueError(f"{stored.layout.spec.name}/{wanted.name} is not as its version says")
    if set(found) - stored.passed_over:
        raise ValueError(f"{stored.layout.spec.name} has more than its version says")
