"""Numbers over time that one thread appends to and another draws."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Points: TypeAlias = tuple[NDArray[np.float64], NDArray[np.float64]]


class GrowingSeries:
    """All points since the start.

    A point once written is never written again, so :meth:`points` hands out views without
    copying; growing moves to new arrays and leaves the old ones to those who hold them. Appending
    must happen on one thread at a time, reading on any.
    """

    def __init__(self, capacity: int = 4096) -> None:
        self._arrays = (np.empty(capacity), np.empty(capacity))
        self._n = 0

    def append(self, position: float, value: float) -> None:
        positions, values = self._arrays
        if self._n == len(positions):
            grown = (np.empty(2 * self._n), np.empty(2 * self._n))
            grown[0][: self._n] = positions
            grown[1][: self._n] = values
            self._arrays = grown
            positions, values = grown
        positions[self._n] = position
        values[self._n] = value
        self._n += 1

    def points(self, *, last: float | None = None) -> Points:
        """Positions and values (n,) each, read-only views; of the last stretch where given."""
        # The count is read first: whichever arrays are seen afterwards hold at least as many.
        n = self._n
        positions, values = self._arrays
        first = 0
        if last is not None and n:
            first = int(np.searchsorted(positions[:n], positions[n - 1] - last))
        return _read_only(positions[first:n]), _read_only(values[first:n])

    def __len__(self) -> int:
        return self._n


class RingSeries:
    """The newest ``capacity`` points. Appended and read under the owner's lock."""

    def __init__(self, capacity: int) -> None:
        self._positions = np.full(capacity, np.nan)
        self._values = np.full(capacity, np.nan)
        self._n = 0

    def append(self, position: float, value: float) -> None:
        at = self._n % len(self._values)
        self._positions[at] = position
        self._values[at] = value
        self._n += 1

    def points(self, *, last: float | None = None) -> Points:
        """Copies of positions and values (n,), oldest first; of the last stretch where given."""
        capacity = len(self._values)
        if self._n <= capacity:
            positions, values = self._positions[: self._n].copy(), self._values[: self._n].copy()
        else:
            cut = self._n % capacity
            positions = np.concatenate((self._positions[cut:], self._positions[:cut]))
            values = np.concatenate((self._values[cut:], self._values[:cut]))
        if last is None or not len(positions):
            return positions, values
        first = int(np.searchsorted(positions, positions[-1] - last))
        return positions[first:], values[first:]


def _read_only(array: NDArray[np.float64]) -> NDArray[np.float64]:
    view = array.view()
    view.flags.writeable = False
    return view
