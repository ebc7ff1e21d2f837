"""What analysis needs of a session's data; a bundle's reader offers it, and so do planted data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from journeylab.bundle.header import SessionHeader
from journeylab.streams import Frame, Picture


class Columns(Protocol):
    """Rows of one stream: their times and the columns that were asked for."""

    @property
    def t_ns(self) -> NDArray[np.int64]:
        """(n,) session time of each row."""
        ...

    def __getitem__(self, name: str) -> NDArray[Any]: ...

    def __len__(self) -> int: ...


class SessionData(Protocol):
    """One session, read column by column."""

    @property
    def path(self) -> Path: ...

    @property
    def header(self) -> SessionHeader: ...

    @property
    def attributes(self) -> Mapping[str, Any]: ...

    @property
    def start_ns(self) -> int: ...

    @property
    def end_ns(self) -> int: ...

    def table(
        self,
        stream: str,
        *,
        columns: Sequence[str] | None = None,
        start_ns: int | None = None,
        end_ns: int | None = None,
    ) -> Columns:
        """Rows of a table stream, between two times where given."""
        ...

    def picture_at(self, t_ns: int) -> Picture | None:
        """The last picture of the screen at or before a time."""
        ...


class MomentData(SessionData, Protocol):
    """One session whose camera frames can be looked at as well."""

    def frame_at(self, t_ns: int) -> Frame | None:
        """The last camera frame at or before a time; None without video."""
        ...
