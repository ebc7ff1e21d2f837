"""Formulas of a study's own expressions: what they give, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from journeylab.study.formula import LONGEST, parse_formula
from journeylab.vocabulary import ACTION_UNIT_COLUMNS


def _face(**intensities: float) -> np.ndarray:
    units = np.zeros((1, len(ACTION_UNIT_COLUMNS)))
    for code, value in intensities.items():
        units[0, ACTION_UNIT_COLUMNS.index(code)] = value
    return units


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("AU12", 0.6),
        ("AU4", 0.2),
        ("min(AU06, AU12) - 0.5 * AU04", 0.3),
        ("max(AU06, AU12, AU04)", 0.6),
        ("mean(AU06, AU12)", 0.5),
        ("abs(AU12L - AU12R)", 0.5),
        ("-AU04 + +AU06", 0.2),
        ("(AU06 + AU12) / 2 * 1e0", 0.5),
        ("AU12 * 10", 1.0),
        ("AU04 - AU12", 0.0),
        ("max(0.3, AU04)", 0.3),
    ],
)
def test_a_formula_is_arithmetic_clipped_to_0_and_1(text: str, value: float) -> None:
    face = _face(AU04=0.2, AU06=0.4, AU12=0.6, AU12L=0.1, AU12R=0.6)
    assert parse_formula(text)(face).tolist() == [pytest.approx(value)]


def test_it_is_evaluated_over_all_frames_at_once_and_nan_stays_nan() -> None:
    units = np.random.default_rng(1).uniform(size=(500, len(ACTION_UNIT_COLUMNS)))
    units[7, ACTION_UNIT_COLUMNS.index("AU12")] = np.nan
    before = units.copy()
    formula = parse_formula("min(AU06, AU12)")
    found = formula(units)
    assert formula.units == ("AU06", "AU12")
    assert found.shape == (500,)
    assert np.flatnonzero(np.isnan(found)).tolist() == [7]
    six, twelve = (units[:, ACTION_UNIT_COLUMNS.index(code)] for code in formula.units)
    np.testing.assert_array_equal(found, np.minimum(six, twelve))
    np.testing.assert_array_equal(units, before)
    assert formula(units[:0]).shape == (0,)


def test_division_by_zero_is_not_measured() -> None:
    assert np.isnan(parse_formula("AU12 / AU04")(_face(AU12=0.5))[0])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is no formula"),
        ("AU12 +", "is no formula"),
        ("AU12\0", "is no formula"),
        ("(" * 150 + "AU12" + ")" * 40, "is no formula"),
        ("AU31", '"AU31" is no action unit that is measured'),
        ("AU06L", '"AU06L" is no action unit'),
        ("joy", '"joy" is no action unit'),
        ("0.5", "names no action unit"),
        ("sqrt(AU12)", '"sqrt" is no function'),
        ("min(AU12)", '"min" takes two values or more, not 1'),
        ("abs(AU12, AU06)", '"abs" takes one value, not 2'),
        ("AU12 ** 9", '"AU12 ** 9" may not stand in a formula'),
        ("AU12 > 0.5", "may not stand in a formula"),
        ("AU12 if AU06 else 0", "may not stand in a formula"),
        ("AU12 * True", '"True" may not stand'),
        ("AU12 * 'a'", "may not stand"),
        ("AU12.real", "may not stand"),
        ("min(*AU12)", "may not stand"),
        ("max(AU12, default=1)", "may not stand"),
        ("__import__('os').system('true')", "may not stand"),
        ("AU12 * 1e999", "too large"),
        ("AU12 * " + "9" * 200, "at most 200"),
        ("+" * (LONGEST - 4) + "AU12 ", "at most"),
    ],
)
def test_what_is_no_formula_is_refused_with_what_was_expected(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=r"expected|takes|too large|at most") as caught:
        parse_formula(text)
    assert says in str(caught.value)


def test_a_long_chain_of_signs_is_understood_or_refused_but_never_crashes() -> None:
    assert parse_formula("-" * 196 + "AU12")(_face(AU12=0.3))[0] == pytest.approx(0.3)
