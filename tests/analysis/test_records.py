"""Records become plain data and come back; whatever does not fit is refused."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from journeylab.analysis.records import from_plain, to_plain


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Inner:
    name: str
    share: float


@dataclass(frozen=True, eq=False)
class Outer:
    colour: Colour
    path: Path
    counts: dict[str, int]
    inner: tuple[Inner, ...]
    pair: tuple[int, str]
    values: NDArray[np.float32]
    missing: NDArray[np.int64] | None
    heights: dict[str, NDArray[np.float64]] = field(default_factory=dict)


def an_outer() -> Outer:
    return Outer(
        Colour.RED,
        Path("/a/b"),
        {"x": 1},
        (Inner("é<b>", math.nan), Inner("", 2)),
        (3, "c"),
        np.arange(6, dtype=np.float32).reshape(2, 3),
        None,
        {"k": np.array([1.5])},
    )


def test_a_record_comes_back_equal() -> None:
    arrays: list[NDArray[np.generic]] = []
    back = from_plain(Outer, to_plain(an_outer(), arrays), arrays)
    assert (back.colour, back.path, back.counts) == (Colour.RED, Path("/a/b"), {"x": 1})
    assert back.inner[1] == Inner("", 2)
    assert math.isnan(back.inner[0].share)
    assert back.pair == (3, "c")
    assert back.missing is None
    np.testing.assert_array_equal(back.values, an_outer().values)
    np.testing.assert_array_equal(back.heights["k"], [1.5])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("colour", "blue"),
        ("colour", 3),
        ("path", 3),
        ("counts", {"x": "1"}),
        ("counts", {"x": True}),
        ("counts", [1]),
        ("inner", [{"name": "a"}]),
        ("inner", [{"name": "a", "share": 1.0, "more": 1}]),
        ("pair", [1]),
        ("values", {"array": 7}),
        ("values", {"array": -1}),
        ("values", {"array": 1}),
        ("values", [1.0, 2.0]),
    ],
)
def test_what_does_not_fit_its_hint_is_refused(name: str, value: object) -> None:
    arrays: list[NDArray[np.generic]] = []
    plain = to_plain(an_outer(), arrays)
    with pytest.raises(ValueError):
        from_plain(Outer, plain | {name: value}, arrays)


def test_objects_and_mappings_by_numbers_cannot_be_kept() -> None:
    for value in (object(), {1: 2}, np.array([object()])):
        with pytest.raises(TypeError, match="kept"):
            to_plain(value, [])
