"""Tables of findings and measures: columns declared with unit and meaning, values beside them.

What reads them elsewhere, a spreadsheet or a statistics program, gets the declaration too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from journeylab.streams import Column


@dataclass(frozen=True, slots=True, eq=False)
class DataTable:
    """One table: ``values`` has an array (n,) for each declared column, by name.

    Texts are object arrays of str, an empty one where there is none; lost numbers are NaN.

    Raises
    ------
    ValueError
        When a column has no values, or not as many as the others.
    """

    name: str
    description: str
    columns: tuple[Column, ...]
    values: Mapping[str, NDArray[Any]]

    def __post_init__(self) -> None:
        declared = [column.name for column in self.columns]
        if sorted(declared) != sorted(self.values):
            raise ValueError(f"{self.name}: declared {declared}, given {sorted(self.values)}")
        lengths = {name: len(values) for name, values in self.values.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"{self.name}: columns of unequal length {lengths}")

    def __len__(self) -> int:
        return len(self.values[self.columns[0].name]) if self.columns else 0
