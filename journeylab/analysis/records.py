"""Frozen records as plain data and back, by their type hints: what a cache file may hold.

Numbers, texts and arrays only. Nothing of what is read names a class or a function, so that a
file from anywhere can make nothing run; what does not fit the hints is refused.
"""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

_T = TypeVar("_T")

_ARRAY: Final = "array"
_PLAIN: Final = (bool, int, float, str)
KINDS: Final = "fiub"
"""Kinds of arrays that can be kept: numbers and truth values."""


def to_plain(value: Any, arrays: list[NDArray[Any]]) -> Any:
    """The value as JSON can hold it; its arrays are appended to ``arrays`` and named by number.

    Raises
    ------
    TypeError
        For a value that is no record, mapping by texts, sequence, array, number or text.
    """
    kind = type(value)
    if kind in _PLAIN or value is None:
        return value
    if is_dataclass(kind):
        names = _kept_fields(kind)
        return {name: to_plain(getattr(value, name), arrays) for name in names}
    if isinstance(value, tuple | list):
        return [to_plain(each, arrays) for each in value]
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in KINDS:
            raise TypeError(f"an array of {value.dtype} cannot be kept")
        arrays.append(np.ascontiguousarray(value))
        return {_ARRAY: len(arrays) - 1}
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {key: to_plain(each, arrays) for key, each in value.items()}
    return _scalar(value)


@cache
def _kept_fields(kind: Any) -> tuple[str, ...]:
    """What is kept of a record."""
    return tuple(each.name for each in fields(kind) if each.init)


def _scalar(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, _PLAIN):
        return value
    raise TypeError(f"a value of {type(value).__name__} cannot be kept")


def from_plain(kind: type[_T], plain: Any, arrays: Sequence[NDArray[Any]]) -> _T:
    """The record of that kind that :func:`to_plain` was given.

    Raises
    ------
    ValueError
        When something does not fit its type hint.
    """
    value: _T = _read(kind, plain, arrays)
    return value


def _read(kind: Any, plain: Any, arrays: Sequence[NDArray[Any]]) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        (only,) = (each for each in inner if each is not type(None))
        return None if plain is None else _read(only, plain, arrays)
    if origin is np.ndarray:
        return _read_array(inner, plain, arrays)
    if origin is tuple:
        return _read_tuple(inner, plain, arrays)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        _expect(isinstance(plain, dict), kind, plain)
        return {str(key): _read(inner[1], each, arrays) for key, each in plain.items()}
    if isinstance(kind, type) and is_dataclass(kind):
        return _read_record(kind, plain, arrays)
    return _read_scalar(kind, plain)


def _read_scalar(kind: Any, plain: Any) -> Any:
    if kind is float and type(plain) is int:
        return float(plain)
    if isinstance(kind, type) and issubclass(kind, Path | Enum):
        _expect(isinstance(plain, str), kind, plain)
        return kind(plain)
    _expect(kind in _PLAIN and type(plain) is kind, kind, plain)
    return plain


def _read_record(kind: type, plain: Any, arrays: Sequence[NDArray[Any]]) -> Any:
    hints = _hints(kind)
    _expect(isinstance(plain, dict) and plain.keys() == hints.keys(), kind, plain)
    return kind(**{name: _read(hint, plain[name], arrays) for name, hint in hints.items()})


def _read_tuple(inner: tuple[Any, ...], plain: Any, arrays: Sequence[NDArray[Any]]) -> Any:
    _expect(isinstance(plain, list), tuple, plain)
    if len(inner) == 2 and inner[1] is Ellipsis:
        return tuple(_read(inner[0], each, arrays) for each in plain)
    _expect(len(inner) == len(plain), tuple, plain)
    return tuple(_read(each, value, arrays) for each, value in zip(inner, plain, strict=True))


def _read_array(inner: tuple[Any, ...], plain: Any, arrays: Sequence[NDArray[Any]]) -> Any:
    place = plain.get(_ARRAY) if isinstance(plain, dict) else None
    if type(place) is not int or not 0 <= place < len(arrays):
        raise ValueError(f"an array was expected, not {str(plain)[:80]}")
    array = arrays[place]
    (wanted,) = get_args(inner[1]) or (np.generic,)
    _expect(wanted is Any or np.issubdtype(array.dtype, wanted), inner, array.dtype)
    return array


@cache
def _hints(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {each.name: hints[each.name] for each in fields(kind) if each.init}


def _expect(holds: bool, kind: Any, plain: Any) -> None:
    if not holds:
        raise ValueError(f"{kind} was expected, not {str(plain)[:80]}")
