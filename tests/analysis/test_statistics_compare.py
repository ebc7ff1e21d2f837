"""Differences of groups on several steps: what is planted is found, chance alone is not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import permutation_test

from journeylab.analysis.statistics_compare import difference_ps


def _ps(first: object, second: object, seed: int = 0) -> list[float | None]:
    return difference_ps(
        np.array(first, dtype=float), np.array(second, dtype=float), rng=np.random.default_rng(seed)
    )


def test_one_step_has_the_probability_a_known_library_gives() -> None:
    rng = np.random.default_rng(1)
    first, second = rng.normal(0, 1, (5, 1)), rng.normal(0.8, 1, (6, 1))
    known = permutation_test(
        (first[:, 0], second[:, 0]),
        lambda one, other: abs(np.mean(one) - np.mean(other)),
        alternative="greater",
    )
    assert _ps(first, second) == [pytest.approx(known.pvalue)]


def test_steps_that_are_one_cost_nothing_and_steps_apart_cost_something() -> None:
    rng = np.random.default_rng(2)
    first, second = rng.normal(0, 1, (6, 1)), rng.normal(1.2, 1, (6, 1))
    (alone,) = _ps(first, second)
    same = _ps(np.repeat(first, 8, axis=1), np.repeat(second, 8, axis=1))
    assert same == [pytest.approx(alone)] * 8
    noise = rng.normal(0, 1, (2, 6, 7))
    among = _ps(np.hstack([first, noise[0]]), np.hstack([second, noise[1]]))
    assert among[0] is not None
    assert alone is not None
    assert among[0] > alone


def test_chance_alone_gives_a_false_alarm_in_about_a_twentieth_of_comparisons() -> None:
    rng = np.random.default_rng(3)
    alarms = 0
    for _ in range(200):
        leaning = rng.normal(0, 8, (12, 1))
        values = leaning + rng.normal(0, 8, (12, 6))
        alarms += any(p is not None and p <= 0.05 for p in _ps(values[:6], values[6:]))
    assert 2 <= alarms <= 20  # 10 expected; each bound is passed in about one run of a thousand


def test_a_planted_step_is_found_among_steps_that_do_not_differ() -> None:
    rng = np.random.default_rng(4)
    first, second = rng.normal(0, 8, (14, 6)), rng.normal(0, 8, (15, 6))
    second[:, 3] += 25
    ps = _ps(first, second)
    assert ps[3] == pytest.approx(1e-4)
    assert all(p is not None and p > 0.05 for place, p in enumerate(ps) if place != 3)


def test_who_was_not_measured_counts_for_nothing_there() -> None:
    rng = np.random.default_rng(5)
    first, second = rng.normal(0, 1, (6, 3)), rng.normal(0, 1, (6, 3))
    first[1:, 1] = np.nan
    ps = _ps(first, second)
    assert ps[1] is None
    assert ps == [*_ps(first[:, [0, 2]], second[:, [0, 2]])[:1], None, ps[2]]
    assert _ps(np.empty((0, 2)), np.ones((3, 2))) == [None, None]


def test_values_that_are_all_equal_are_no_difference() -> None:
    assert _ps(np.ones((3, 2)), np.ones((3, 2))) == [1.0, 1.0]
