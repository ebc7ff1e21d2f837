"""Tables as CSV and Parquet, each with a data dictionary beside it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.tables import DataTable
from journeylab.report.files import whole_file
from journeylab.streams import Column

DICTIONARY: Final = "columns"
# A spreadsheet takes a text that begins so for a formula and runs it. The apostrophe is doubled
# too, so that taking one away always gives the text back.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "'")

TableWriter = Callable[[DataTable, Path], Path]


def write_tables(
    tables: Sequence[DataTable], folder: Path, *, stem: str, extension: str
) -> list[Path]:
    """Write each table as ``<stem>-<table>.<extension>``, and what its columns mean as CSV.

    Parameters
    ----------
    extension
        csv or parquet.

    Raises
    ------
    StorageError
        When a file cannot be written.
    """
    write: TableWriter = {"csv": write_csv, "parquet": write_parquet}[extension]
    written = []
    for table in tables:
        written.append(write(table, folder / f"{stem}-{table.name}.{extension}"))
        meaning = folder / f"{stem}-{table.name}-{DICTIONARY}.csv"
        written.append(write_dictionary(table, meaning))
    return written


def write_csv(table: DataTable, path: Path) -> Path:
    """Write a table as UTF-8 CSV: NaN empty, numbers in full, booleans 0 and 1.

    A text that a spreadsheet would run as a formula gets an apostrophe before it.
    """
    columns = [csv_cells(table.values[column.name]) for column in table.columns]
    _write_rows(path, [column.name for column in table.columns], zip(*columns, strict=True))
    return path


def write_dictionary(table: DataTable, path: Path) -> Path:
    """Write what each column of a table holds: column, unit, type, description."""
    rows = ((each.name, each.unit, _type(each), each.description) for each in table.columns)
    _write_rows(path, ["column", "unit", "type", "description"], rows)
    return path


def write_parquet(table: DataTable, path: Path) -> Path:
    """Write a table as Parquet; units and descriptions lie in the file too, by column."""
    import pyarrow as pa
    from pyarrow import parquet

    fields = []
    arrays = []
    for column in table.columns:
        values = table.values[column.name]
        array = pa.array(
            values.tolist() if column.dtype == "text" else values,
            type=pa.string() if column.dtype == "text" else None,
        )
        meaning = {"unit": column.unit, "description": column.description}
        fields.append(pa.field(column.name, array.type, metadata=meaning))
        arrays.append(array)
    schema = pa.schema(fields, metadata={"description": table.description})
    with whole_file(path) as partial:
        parquet.write_table(pa.table(arrays, schema=schema), str(partial))
    return path


def _write_rows(path: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with whole_file(path) as partial, partial.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(head)
        lines.writerows(rows)


def csv_cells(values: NDArray[Any]) -> list[object]:
    """A column as cells: NaN empty, numbers as short as they can be, no text that is a formula."""
    if values.dtype == object:
        return [f"'{text}" if str(text).startswith(_FORMULA) else text for text in values]
    if values.dtype.kind == "b":
        return list(values.astype(np.int8).tolist())
    if values.dtype.kind != "f":
        return list(values.tolist())
    return ["" if np.isnan(value) else str(value) for value in values]


def _type(column: Column) -> str:
    if column.dtype == "text":
        return "text"
    kind = np.dtype(column.dtype).kind
    return {"f": "number", "b": "0 or 1"}.get(kind, "whole number")
