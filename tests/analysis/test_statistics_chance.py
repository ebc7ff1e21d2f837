"""What chance alone brings: shifted time, flipped signs, shares of two groups."""

from __future__ import annotations

import numpy as np
import pytest

from journeylab.analysis.statistics_chance import (
    Chance,
    more_often_p,
    raised_for_number,
    shifted,
    shifted_into,
    sign_flip_p,
)


def _once(n: int, points: int, *, at: int, length: int) -> np.ndarray:
    shown = np.zeros((n, points), dtype=np.bool_)
    shown[:, at : at + length] = True
    return shown


def test_signs_at_the_same_time_are_less_probable_the_more_there_are() -> None:
    rng = np.random.default_rng(1)
    probabilities = [
        shifted(_once(n, 200, at=50, length=10), rng=rng).p_of(n) for n in (2, 3, 4, 6)
    ]
    assert probabilities == sorted(probabilities, reverse=True)
    assert probabilities[-1] == pytest.approx(1 / 1000)


def test_two_signs_meet_as_often_as_their_lengths_say() -> None:
    # Two stretches of 10 on a ring of 200 overlap in 19 of 200 shifts.
    chance = shifted(_once(2, 200, at=0, length=10), rng=np.random.default_rng(2), n_shifts=5000)
    assert chance.p_of(2) == pytest.approx(19 / 200, abs=0.015)
    assert chance.p_of(1) == 1.0


def test_signs_meet_more_often_where_they_reach_further() -> None:
    # Of one point each: within 5 on the first half they meet in 21 of 200 shifts, where neither
    # reaches only in the very same one; both must lie where it counts.
    shown = _once(2, 200, at=0, length=1)
    rng = np.random.default_rng(9)
    reaches = [(slice(0, 200), 5)]
    assert shifted(shown, rng=rng, reaches=reaches, n_shifts=5000).p_of(2) == pytest.approx(
        21 / 200, abs=0.015
    )
    half = [(slice(0, 100), 5), (slice(100, 200), 0)]
    found = shifted(shown, rng=rng, reaches=half, n_shifts=5000).p_of(2)
    assert 8 / 200 < found < 15 / 200


def test_the_least_count_is_the_first_that_chance_seldom_reaches() -> None:
    chance = shifted(_once(8, 100, at=0, length=12), rng=np.random.default_rng(3))
    least = chance.least_count(0.05)
    assert chance.p_of(least) <= 0.05 < chance.p_of(least - 1)


def test_who_shows_it_all_the_time_makes_no_moment() -> None:
    chance = shifted(np.ones((5, 50), dtype=np.bool_), rng=np.random.default_rng(4))
    assert chance.p_of(5) == 1.0


def test_a_window_is_hit_as_often_as_its_share_of_the_time() -> None:
    shown = _once(1, 200, at=0, length=1)
    chance = shifted_into(shown, slice(20, 60), rng=np.random.default_rng(5), n_shifts=5000)
    assert chance.p_of(1) == pytest.approx(40 / 200, abs=0.02)


def test_an_empty_axis_has_no_chance() -> None:
    nobody = np.zeros((0, 0), dtype=np.bool_)
    rng = np.random.default_rng(6)
    assert shifted(nobody, rng=rng).p_of(1) < 0.01
    assert shifted_into(nobody, slice(0, 0), rng=rng).p_of(1) < 0.01


@pytest.mark.parametrize(
    ("differences", "p"),
    [((1.0, 2.0, 3.0), 1 / 8), ((5.0,) * 6, 1 / 64), ((1.0, -1.0), 3 / 4), ((), 1.0)],
    ids=["all up", "all alike", "balanced", "nobody"],
)
def test_flipped_signs_are_counted_exactly_for_few(
    differences: tuple[float, ...], p: float
) -> None:
    rng = np.random.default_rng(7)
    assert sign_flip_p(np.array(differences), rng=rng) == pytest.approx(p)


def test_flipped_signs_are_drawn_for_many_and_missing_ones_left_out() -> None:
    rng = np.random.default_rng(8)
    values = np.append(rng.normal(0.9, 1.0, 40), np.nan)
    assert sign_flip_p(values, rng=rng) < 0.001
    assert sign_flip_p(-values, rng=rng) > 0.99


def test_a_share_is_compared_by_fisher_with_mid_p() -> None:
    # Of the 20 ways to choose 3 of 6, one has all three in the group: half of it counts.
    assert more_often_p(3, 3, 0, 3) == pytest.approx(0.5 / 20)
    assert more_often_p(2, 4, 2, 4) == pytest.approx(0.5)
    assert more_often_p(0, 0, 2, 4) == 1.0


def test_a_probability_is_raised_by_its_rank() -> None:
    assert raised_for_number([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert raised_for_number([0.6, 0.9]) == [1.0, 1.0]
    assert raised_for_number([]) == []


def test_of_what_chance_just_reaches_the_mid_p_counts_half() -> None:
    chance = Chance(np.array([0, 1, 1, 2, 2, 2, 3, 3, 3]))
    assert chance.p_of(3) == pytest.approx(4 / 10)
    assert chance.mid_p_of(3) == pytest.approx(2 / 10)
    assert chance.mid_p_of(2) == pytest.approx((3 + 2) / 10)
    assert chance.mid_p_of(4) == pytest.approx(0.5 / 10)
