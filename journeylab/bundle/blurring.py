"""Makes everybody in a frame unrecognisable, from the landmarks measured in it.

Only the participant's face is measured, and whoever else is in the picture has one as well: so all
of it is made coarse, the head of the participant more so.
"""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from journeylab.bundle.reader import Table
from journeylab.clock import NS_PER_S
from journeylab.opencv import cv2

_WINDOW_NS: Final = 30 * NS_PER_S
# A frame the model skipped lies between two it measured; further apart the face may have moved.
_NEAR_NS: Final = 150_000_000
# The mesh ends at hairline, ears and chin; with this share of its size added, the head is covered.
_MARGIN: Final = 0.4
# So few cells across a face tell nobody apart.
_CELLS: Final = 6
_WHOLE_CELLS: Final = 12
# Where no face was measured there may be others; they are as large as the measured one, or smaller,
# and never finer than this many cells across the picture.
_MOST_CELLS: Final = 24


class _Landmarks(Protocol):
    @property
    def start_ns(self) -> int: ...

    @property
    def end_ns(self) -> int: ...

    def table(
        self, stream: str, *, start_ns: int | None = None, end_ns: int | None = None
    ) -> Table: ...


class FaceBoxes:
    """Where the face is, over a whole session, as shares of the image."""

    def __init__(self, bundle: _Landmarks) -> None:
        times: list[NDArray[np.int64]] = [np.empty(0, dtype=np.int64)]
        boxes: list[NDArray[np.float32]] = [np.empty((0, 4), dtype=np.float32)]
        for begin_ns in range(bundle.start_ns, bundle.end_ns + 1, _WINDOW_NS):
            # In windows: the meshes of half an hour are 300 MB.
            table = bundle.table("landmarks", start_ns=begin_ns, end_ns=begin_ns + _WINDOW_NS)
            xy = table["xyz"][:, :, :2]
            times.append(table.t_ns)
            boxes.append(np.concatenate((xy.min(axis=1), xy.max(axis=1)), axis=1))
        self._t_ns = np.concatenate(times)
        self._boxes = np.concatenate(boxes)

    def at(self, t_ns: int) -> NDArray[np.float32] | None:
        """Left, top, right, bottom (4,) of the meshes around a time; None when none is near."""
        after = int(np.searchsorted(self._t_ns, t_ns, side="left"))
        if after < len(self._t_ns) and self._t_ns[after] == t_ns:
            near = self._boxes[after : after + 1]
        else:
            before = max(0, after - 1)
            near = self._boxes[before : after + 1]
            times = self._t_ns[before : after + 1]
            if len(times) < 2 or np.abs(times - t_ns).max() > _NEAR_NS:
                return None
        if not np.isfinite(near).all():
            return None
        return np.concatenate((near[:, :2].min(axis=0), near[:, 2:].max(axis=0)))


def blurred(image: NDArray[np.uint8], box: NDArray[np.float32] | None) -> NDArray[np.uint8]:
    """A copy of a frame (height, width, 3) in which nobody can be recognised.

    ``box`` holds left, top, right, bottom (4,) of the mesh as shares of the image: the head is
    blurred the most, and the rest so that no face of that size can be told. Without one all of it
    is blurred as a head is.
    """
    height_px, width_px = image.shape[:2]
    if box is None:
        return _coarse(image, _WHOLE_CELLS, _WHOLE_CELLS)
    margin = (box[2:] - box[:2]) * _MARGIN
    left, top = (int(v) for v in np.floor((box[:2] - margin) * (width_px, height_px)))
    right, bottom = (int(v) for v in np.ceil((box[2:] + margin) * (width_px, height_px)))
    cell_px = max((right - left) / _CELLS, width_px / _MOST_CELLS, 1.0)
    left, right = max(0, left), min(width_px, right)
    top, bottom = max(0, top), min(height_px, bottom)
    result = _coarse(image, width_px / cell_px, height_px / cell_px)
    if right > left and bottom > top:
        result[top:bottom, left:right] = _coarse(image[top:bottom, left:right], _CELLS, _CELLS)
    return result


def _coarse(image: NDArray[np.uint8], n_across: float, n_down: float) -> NDArray[np.uint8]:
    """A copy made of so few cells, which run into each other."""
    size = max(1, round(n_across)), max(1, round(n_down))
    cells = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    full = image.shape[1], image.shape[0]
    return np.asarray(cv2.resize(cells, full, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
