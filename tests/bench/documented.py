"""Measured tables on the console, and in a document between its marks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table


def markdown(table: Table) -> str:
    """A table as Markdown, under its title."""
    columns = [[str(cell) for cell in column.cells] for column in table.columns]
    heads = [str(column.header) for column in table.columns]
    rule = ["---:" if column.justify == "right" else "---" for column in table.columns]
    lines = [f"### {table.title}", "", "| " + " | ".join(heads) + " |", "|" + "|".join(rule) + "|"]
    lines += ["| " + " | ".join(cells) + " |" for cells in zip(*columns, strict=True)]
    return "\n".join(lines) + "\n"


def write(document: Path, tables: Sequence[Table], *, mark: str) -> None:
    """Put the tables between the document's marks ``<!-- mark: begin -->`` and ``end``."""
    begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
    text = document.read_text(encoding="utf-8")
    before, rest = text.split(begin, 1)
    after = rest.split(end, 1)[1]
    measured = "\n".join(markdown(table) for table in tables)
    document.write_text(f"{before}{begin}\n\n{measured}\n{end}{after}", encoding="utf-8")


def show(tables: Iterable[Table], *, document: Path | None, mark: str) -> None:
    """Print each table as soon as it is measured and, where asked, keep all in the document."""
    console = Console(width=140)
    shown = []
    for table in tables:
        console.print(table)
        shown.append(table)
    if document is not None and shown:
        write(document, shown, mark=mark)
