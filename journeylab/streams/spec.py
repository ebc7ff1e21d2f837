"""What is said of a stream: its kind, its columns, whether it may be dropped."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class StreamKind(StrEnum):
    """How a stream's samples are stored."""

    TABLE = "table"  # rows of columns
    VIDEO = "video"  # encoded packets and their index
    AUDIO = "audio"  # int16 PCM and its anchors
    PICTURES = "pictures"  # still pictures and their index


@dataclass(frozen=True, slots=True)
class Column:
    """One quantity of a table stream.

    ``dtype`` is a numpy code (``f4``, ``u1``, ``i4`` …) or ``text``; ``shape`` is that of one
    value, empty for a scalar.
    """

    name: str
    dtype: str
    unit: str
    description: str
    low: float | None = None
    high: float | None = None
    shape: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class StreamSpec:
    """Declaration of one stream. A critical stream is never dropped, whatever the load."""

    name: str
    kind: StreamKind
    description: str
    columns: tuple[Column, ...] = ()
    critical: bool = True

    def column(self, name: str) -> Column:
        """The column of that name; KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"stream {self.name} has no column {name}")
