"""A session whose columns are inflated once, however many measures ask for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.session_data import Columns, SessionData
from journeylab.bundle.header import SessionHeader
from journeylab.streams import Picture


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    t_ns: NDArray[np.int64]
    columns: Mapping[str, NDArray[Any]]

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    def __len__(self) -> int:
        return len(self.t_ns)


class ReadOnce:
    """The session it is given, with the columns it was asked for held; let go of it soon.

    Used from one thread. What it hands out is shared: nobody may write to it.
    """

    def __init__(self, session: SessionData) -> None:
        self._session = session
        self._times: dict[str, NDArray[np.int64]] = {}
        self._columns: dict[tuple[str, str], NDArray[Any]] = {}

    @property
    def path(self) -> Path:
        return self._session.path

    @property
    def header(self) -> SessionHeader:
        return self._session.header

    @property
    def attributes(self) -> Mapping[str, Any]:
        return self._session.attributes

    @property
    def start_ns(self) -> int:
        return self._session.start_ns

    @property
    def end_ns(self) -> int:
        return self._session.end_ns

    def table(
        self,
        stream: str,
        *,
        columns: Sequence[str] | None = None,
        start_ns: int | None = None,
        end_ns: int | None = None,
    ) -> Columns:
        """Rows of a table stream; a part of it, or all columns, is read anew."""
        if columns is None or start_ns is not None or end_ns is not None:
            return self._session.table(stream, columns=columns, start_ns=start_ns, end_ns=end_ns)
        missing = [name for name in columns if (stream, name) not in self._columns]
        if missing or stream not in self._times:
            rows = self._session.table(stream, columns=missing)
            self._times[stream] = rows.t_ns
            for name in missing:
                self._columns[stream, name] = rows[name]
        return _Rows(self._times[stream], {name: self._columns[stream, name] for name in columns})

    def picture_at(self, t_ns: int) -> Picture | None:
        """The last picture of the screen at or before a time."""
        return self._session.picture_at(t_ns)
