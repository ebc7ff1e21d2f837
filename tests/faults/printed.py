"""The table at the end of a run of faults."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table; ``limit`` is empty where nothing is demanded."""

    what: str
    figure: str
    limit: str = ""
    held: bool = True


def show(title: str, lines: Sequence[Line]) -> int:
    """Print the table; 1 when something did not hold, for the exit code."""
    table = Table(title=title)
    table.add_column()
    table.add_column("measured", justify="right")
    table.add_column("must hold", justify="right")
    table.add_column()
    for line in lines:
        table.add_row(line.what, line.figure, line.limit, "" if line.held else "NOT HELD")
    Console(width=100).print(table)
    return 0 if all(line.held for line in lines) else 1
