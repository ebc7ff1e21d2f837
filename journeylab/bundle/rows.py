"""Rows as bytes: how the values of one sample lie in a journal record."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from journeylab.bundle.schema import TEXT
from journeylab.errors import BundleError
from journeylab.streams import Column

_STRUCT_CODES: Final = {
    "f4": "f",
    "f8": "d",
    "u1": "B",
    "u2": "H",
    "u4": "I",
    "u8": "Q",
    "i1": "b",
    "i2": "h",
    "i4": "i",
    "i8": "q",
    TEXT: "I",  # the text's length in bytes; the text itself follows at the end
}


def is_known_type(dtype: object) -> bool:
    """Whether values of that type can lie in a row."""
    return isinstance(dtype, str) and dtype in _STRUCT_CODES


class RowCodec:
    """Packs the values of one stream's samples and unpacks many at once.

    Little-endian: scalars and lengths of texts in the order of the columns, then array values,
    then the texts in UTF-8.
    """

    def __init__(self, stream: str, columns: Sequence[Column]) -> None:
        self._stream = stream
        self._columns = tuple(columns)
        self._scalars = [i for i, c in enumerate(columns) if not c.shape]
        self._arrays = [i for i, c in enumerate(columns) if c.shape]
        self._texts = [i for i, c in enumerate(columns) if c.dtype == TEXT]
        codes = "".join(_STRUCT_CODES[columns[i].dtype] for i in self._scalars)
        self._struct = struct.Struct("<" + codes)
        self._is_plain = not self._arrays and not self._texts
        self._dtype = np.dtype([self._field(i) for i in (*self._scalars, *self._arrays)])

    def _field(self, index: int) -> tuple[str, str, tuple[int, ...]]:
        column = self._columns[index]
        dtype = "<u4" if column.dtype == TEXT else "<" + column.dtype
        return column.name, dtype, column.shape

    def encode(self, values: Sequence[object]) -> bytes:
        """One row as bytes.

        ``None`` stands for NaN in a column of floats and for the empty text; integers must be
        whole and in range.

        Raises
        ------
        ValueError
            Naming the stream, the column, what was wanted and what came.
        """
        if self._is_plain:
            try:
                return self._struct.pack(*values)
            except (struct.error, TypeError, OverflowError):
                pass  # slower, and able to say which column is wrong
        return self._encode_checked(values)

    def _encode_checked(self, values: Sequence[object]) -> bytes:
        if len(values) != len(self._columns):
            names = ", ".join(column.name for column in self._columns)
            raise ValueError(
                f"stream {self._stream} has {len(self._columns)} columns ({names}), "
                f"but {len(values)} values were given"
            )
        texts = {i: self._text(i, values[i]) for i in self._texts}
        scalars = [
            len(texts[i]) if i in texts else self._scalar(i, values[i]) for i in self._scalars
        ]
        arrays = [self._array(i, values[i]) for i in self._arrays]
        return b"".join((self._struct.pack(*scalars), *arrays, *texts.values()))

    def _scalar(self, index: int, value: object) -> float | int:
        column = self._columns[index]
        kind = np.dtype(column.dtype)
        try:
            if kind.kind == "f":
                number = float("nan") if value is None else float(value)  # type: ignore[arg-type]
                with np.errstate(over="ignore"):
                    return float(kind.type(number))
            whole = int(value)  # type: ignore[call-overload]
            limits = np.iinfo(kind)
            if whole == value and limits.min <= whole <= limits.max:
                return int(whole)
        except (TypeError, ValueError, OverflowError):
            pass
        raise ValueError(
            f"stream {self._stream}, column {column.name}: a value of type {kind.name} was "
            f"wanted, {value!r} came"
        )

    def _array(self, index: int, value: object) -> bytes:
        column = self._columns[index]
        array = np.asarray(value, dtype="<" + column.dtype)
        if array.shape != column.shape:
            raise ValueError(
                f"stream {self._stream}, column {column.name}: an array of shape {column.shape} "
                f"was wanted, {array.shape} came"
            )
        return array.tobytes()

    def _text(self, index: int, value: object) -> bytes:
        if value is None:
            return b""
        if not isinstance(value, str):
            raise ValueError(
                f"stream {self._stream}, column {self._columns[index].name}: a text was wanted, "
                f"{value!r} came"
            )
        # HDF5's texts end at the first NUL; lone surrogates have no UTF-8.
        return value.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace")

    def decode_one(self, payload: bytes) -> dict[str, object]:
        """The values of one row without arrays, by column; quicker than :meth:`decode` for one.

        Raises
        ------
        BundleError
            When the row has not the length it must have.
        """
        if self._arrays or len(payload) < self._struct.size:
            raise BundleError(f"Stream {self._stream}: a row in the journal is too short.")
        values: dict[str, object] = {}
        end = self._struct.size
        for column, value in zip(self._columns, self._struct.unpack_from(payload), strict=True):
            if column.dtype == TEXT:
                begin, end = end, end + value
                values[column.name] = payload[begin:end].decode("utf-8", "replace")
            else:
                values[column.name] = value
        if end != len(payload):
            raise BundleError(f"Stream {self._stream}: a row in the journal is too long.")
        return values

    def decode(self, payloads: Sequence[bytes]) -> dict[str, NDArray[Any]]:
        """Columns of many rows, each array (n, …); texts as object arrays of bytes.

        Raises
        ------
        BundleError
            When a row has not the length it must have.
        """
        fixed = self._dtype.itemsize
        fronts = [payload[:fixed] for payload in payloads] if self._texts else payloads
        for payload in fronts:
            if len(payload) != fixed:
                word = "short" if len(payload) < fixed else "long"
                raise BundleError(f"Stream {self._stream}: a row in the journal is too {word}.")
        table = np.frombuffer(b"".join(fronts), dtype=np.uint8)
        rows = table.view(self._dtype)
        columns: dict[str, NDArray[Any]] = {
            column.name: rows[column.name] for column in self._columns if column.dtype != TEXT
        }
        if self._texts:
            columns |= self._decode_texts(rows, payloads)
        return columns

    def _decode_texts(
        self, rows: NDArray[Any], payloads: Sequence[bytes]
    ) -> dict[str, NDArray[Any]]:
        names = [self._columns[i].name for i in self._texts]
        texts = {name: np.empty(len(payloads), dtype=object) for name in names}
        lengths = zip(*(rows[name].tolist() for name in names), strict=True)
        for n, (payload, sizes) in enumerate(zip(payloads, lengths, strict=True)):
            ends = list(accumulate(sizes, initial=self._dtype.itemsize))
            if ends[-1] != len(payload):
                raise BundleError(f"Stream {self._stream}: a text in the journal is cut short.")
            for name, (begin, end) in zip(names, pairwise(ends), strict=True):
                texts[name][n] = payload[begin:end]
        return texts
