"""A session's columns and meshes around a time, read in windows: never a whole stream."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.replay import ReplayData
from journeylab.analysis.session_data import Columns, SessionData
from journeylab.bundle.blurring import FaceBoxes, blurred
from journeylab.bundle.reader import Table
from journeylab.clock import NS_PER_S
from journeylab.errors import BundleError
from journeylab.logs import logger

_log = logger(__name__)

WINDOW_NS: Final = 20 * NS_PER_S
MESH_WINDOW_NS: Final = 2 * NS_PER_S
_WINDOWS_KEPT: Final = 4
_MESH_MARGIN_NS: Final = NS_PER_S // 5


class Windows:
    """Columns of one stream, read in windows of fixed length; the last few are kept."""

    def __init__(
        self,
        session: ReplayData,
        stream: str,
        columns: Sequence[str],
        *,
        window_ns: int = WINDOW_NS,
    ) -> None:
        self._session = session
        self._stream = stream
        self._columns = tuple(columns)
        self._window_ns = window_ns
        self._kept: OrderedDict[int, Columns] = OrderedDict()

    def at(self, t_ns: int) -> Columns:
        """The window that a time lies in; without rows where they are damaged."""
        number = t_ns // self._window_ns
        if number not in self._kept:
            start_ns = number * self._window_ns
            try:
                self._kept[number] = self._session.table(
                    self._stream,
                    columns=self._columns,
                    start_ns=start_ns,
                    end_ns=start_ns + self._window_ns,
                )
            except BundleError as error:
                _log.warning("%s of %s cannot be read: %s", self._stream, self._session.path, error)
                nothing = {name: np.empty(0) for name in self._columns}
                self._kept[number] = Table(np.empty(0, dtype=np.int64), nothing)
            while len(self._kept) > _WINDOWS_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(number)
        return self._kept[number]

    def last(self, t_ns: int, *, reach_ns: int) -> dict[str, Any] | None:
        """The last row at or before a time, no older than ``reach_ns``; None without one."""
        for start_ns in (t_ns, t_ns // self._window_ns * self._window_ns - 1):
            rows = self.at(max(start_ns, 0))
            place = int(np.searchsorted(rows.t_ns, t_ns, side="right")) - 1
            if place >= 0:
                if t_ns - int(rows.t_ns[place]) > reach_ns:
                    return None
                return {name: rows[name][place] for name in self._columns}
        return None


class FaceBlur:
    """Where the face is around a time: meshes are read two seconds at a time, never whole."""

    def __init__(self, session: SessionData) -> None:
        self._session = session
        self._kept: OrderedDict[int, FaceBoxes | None] = OrderedDict()

    def blurred(self, image: NDArray[np.uint8], t_ns: int) -> NDArray[np.uint8]:
        """A frame (h, w, 3) of that time with everybody in it unrecognisable."""
        return blurred(image, self.box_at(t_ns))

    def box_at(self, t_ns: int) -> NDArray[np.float32] | None:
        """Left, top, right, bottom (4,) of the mesh as shares of the image; None without one."""
        number = t_ns // MESH_WINDOW_NS
        if number not in self._kept:
            self._kept[number] = self._boxes(number * MESH_WINDOW_NS)
            while len(self._kept) > _WINDOWS_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(number)
        boxes = self._kept[number]
        return None if boxes is None else boxes.at(t_ns)

    def _boxes(self, start_ns: int) -> FaceBoxes | None:
        span = _MeshSpan(
            self._session,
            start_ns - _MESH_MARGIN_NS,  # a frame's neighbours may lie beyond the edge
            start_ns + MESH_WINDOW_NS + _MESH_MARGIN_NS,
        )
        try:
            return FaceBoxes(span)
        except BundleError as error:
            _log.warning("meshes of %s cannot be read: %s", self._session.path, error)
            return None  # the whole picture is blurred


@dataclass(frozen=True, slots=True)
class _MeshSpan:
    """A stretch of a session, as the meshes' reader wants it."""

    session: SessionData
    start_ns: int
    end_ns: int

    def table(
        self, stream: str, *, start_ns: int | None = None, end_ns: int | None = None
    ) -> Table:
        """Rows of the stretch."""
        start_ns = self.start_ns if start_ns is None else start_ns
        end_ns = self.end_ns if end_ns is None else min(end_ns, self.end_ns)
        rows = self.session.table(stream, columns=("xyz",), start_ns=start_ns, end_ns=end_ns)
        return Table(rows.t_ns, {"xyz": rows["xyz"]})
