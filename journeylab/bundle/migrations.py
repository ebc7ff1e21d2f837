"""How bundles of older formats are read: what each version changed, undone when it is read.

A bundle is never rewritten: it is the record of a session. Each migration says what its version
changed in the layout. For a file of an older version those changes are undone, newest first, which
gives the layout that file must have; when a column is read, its values pass through the
conversions, oldest first, and what was not recorded then is filled in. A journal that an older
version began is finished by the same (:mod:`journeylab.bundle.older_rows`).

To change the format: change :mod:`journeylab.streams` or :mod:`journeylab.bundle.schema`, raise
``FORMAT_VERSION`` (minor for something added, major for something changed or removed), append a
:class:`Migration`, and add a golden bundle of the new version.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from numpy.typing import NDArray

from journeylab.bundle.schema import (
    FORMAT_VERSION,
    LAYOUT,
    ROOT_ATTRIBUTES,
    RootAttribute,
    StreamLayout,
)
from journeylab.streams import Column

Convert: TypeAlias = Callable[[NDArray[Any]], NDArray[Any]]
Fill: TypeAlias = float | int | str


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A semantic version: newer major ones cannot be read, newer minor ones can."""

    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> Version:
        """Read ``1.2.3``; ValueError when it is nothing like it."""
        parts = text.split(".")
        if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
            raise ValueError(f"{text!r} is no version")
        return cls(*(int(part[:9]) for part in parts))

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


CURRENT: Final = Version.parse(FORMAT_VERSION)


@dataclass(frozen=True, slots=True)
class StreamAdded:
    """A stream that older bundles have not: it reads as one without samples."""

    stream: str


@dataclass(frozen=True, slots=True)
class ColumnAdded:
    """A column that older bundles have not: it reads as ``fill`` in every sample."""

    stream: str
    column: str
    fill: Fill


@dataclass(frozen=True, slots=True)
class ColumnChanged:
    """A column that had another name, type or unit: ``was`` it, ``convert`` what was stored."""

    stream: str
    column: str
    was: Column
    convert: Convert | None = None


@dataclass(frozen=True, slots=True)
class ColumnRemoved:
    """A column that only older bundles have; it is passed over."""

    stream: str
    column: str


@dataclass(frozen=True, slots=True)
class AttributeAdded:
    """A root attribute that older bundles have not, and what to take for it."""

    name: str
    fill: str | int


Change: TypeAlias = StreamAdded | ColumnAdded | ColumnChanged | ColumnRemoved | AttributeAdded


@dataclass(frozen=True, slots=True)
class Migration:
    """What one version changed against the version before it."""

    version: Version
    changes: tuple[Change, ...]


_NOT_MEASURED: Final = float("nan")

MIGRATIONS: Final[tuple[Migration, ...]] = (
    # The irises found in the image, the line of sight before it is calibrated, the measures that
    # action units are read from, and how far affect can be trusted.
    Migration(
        Version(1, 1, 0),
        (
            StreamAdded("face_measures"),
            ColumnAdded("affect", "confidence", _NOT_MEASURED),
            *(
                ColumnAdded("face", column, _NOT_MEASURED)
                for column in (
                    "left_limbus_x",
                    "left_limbus_y",
                    "right_limbus_x",
                    "right_limbus_y",
                    "left_limbus_contrast",
                    "right_limbus_contrast",
                    "gaze_yaw_deg",
                    "gaze_pitch_deg",
                )
            ),
        ),
    ),
    # Whole pages, areas of interest as they move, displays, and the course of a moderated session.
    Migration(
        Version(1, 2, 0),
        tuple(
            StreamAdded(stream)
            for stream in ("pages", "aois", "displays", "acts", "withdrawals", "alerts")
        ),
    ),
)
"""All changes of the format, oldest first; 1.0.0 was the first version."""


@dataclass(frozen=True, slots=True)
class StoredColumn:
    """A column as one file has it: ``stored`` is None where the file is older than the column."""

    column: Column
    stored: Column | None
    fill: Fill = 0
    converts: tuple[Convert, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredStream:
    """A stream as one file has it: columns, with the blob, by today's names."""

    layout: StreamLayout
    is_present: bool
    columns: Mapping[str, StoredColumn]
    passed_over: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class StoredLayout:
    """The layout of one file; ``is_newer`` when a newer minor version may have added to it."""

    version: Version
    is_newer: bool
    streams: Mapping[str, StoredStream]
    attribute_fills: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def attributes(self) -> tuple[RootAttribute, ...]:
        """Root attributes the file must have."""
        return tuple(a for a in ROOT_ATTRIBUTES if a.name not in self.attribute_fills)


def stored_layout(
    version: Version,
    *,
    layout: Mapping[str, StreamLayout] = LAYOUT,
    migrations: Sequence[Migration] = MIGRATIONS,
    current: Version = CURRENT,
) -> StoredLayout:
    """The layout a file of that version must have.

    Raises
    ------
    ValueError
        When its major version is newer than ours.
    """
    if version.major > current.major:
        raise ValueError(f"format {version} is newer than {current.major}.x")
    streams = {
        name: StoredStream(s, True, {c.name: StoredColumn(c, c) for c in s.datasets})
        for name, s in layout.items()
    }
    fills: dict[str, str | int] = {}
    for migration in reversed(migrations):
        if migration.version <= version:
            break
        for change in reversed(migration.changes):
            if isinstance(change, AttributeAdded):
                fills[change.name] = change.fill
            else:
                streams[change.stream] = _undone(streams[change.stream], change)
    is_newer = (version.major, version.minor) > (current.major, current.minor)
    return StoredLayout(version, is_newer, MappingProxyType(streams), MappingProxyType(fills))


def _undone(
    stream: StoredStream, change: StreamAdded | ColumnAdded | ColumnChanged | ColumnRemoved
) -> StoredStream:
    if isinstance(change, StreamAdded):
        return replace(stream, is_present=False)
    if isinstance(change, ColumnRemoved):
        return replace(stream, passed_over=stream.passed_over | {change.column})
    # The change names the column as its own version did, which a later one may have renamed.
    for name, column in stream.columns.items():
        if column.stored is None or column.stored.name != change.column:
            continue
        if isinstance(change, ColumnAdded):
            older = replace(column, stored=None, fill=change.fill)
        else:
            converts = () if change.convert is None else (change.convert,)
            older = replace(column, stored=change.was, converts=(*converts, *column.converts))
        return replace(stream, columns=MappingProxyType({**stream.columns, name: older}))
    raise ValueError(f"stream {stream.layout.spec.name} has no column {change.column} to migrate")
