"""The robust mean, its band and its tone."""

from __future__ import annotations

import numpy as np
import pytest

from journeylab.analysis.aggregate import (
    bootstrap_band,
    by_participant,
    robust_mean,
    share_above,
    tone_of,
)

POINT_S = np.full(60, 0.25)


def test_one_extreme_face_does_not_make_a_peak() -> None:
    values = np.zeros((6, 20))
    values[2, 10] = 100.0
    np.testing.assert_allclose(robust_mean(values), 0.0)


def test_the_mean_takes_whoever_is_there() -> None:
    values = np.array([[10.0, np.nan], [20.0, np.nan], [np.nan, np.nan], [60.0, 4.0]])
    np.testing.assert_allclose(robust_mean(values), [20.0, 4.0])
    assert np.isnan(robust_mean(np.full((3, 2), np.nan))).all()


def test_two_sessions_of_one_participant_weigh_as_one() -> None:
    values = np.array([[0.0], [10.0], [50.0]])
    np.testing.assert_allclose(by_participant(values, ["P1", "P1", "P2"]), [[5.0], [50.0]])


@pytest.mark.parametrize("n_participants", [5, 12, 30])
def test_the_band_covers_the_truth_nearly_as_often_as_it_says(n_participants: int) -> None:
    rng = np.random.default_rng(11)
    # Independent columns stand for independent studies of the same truth, which is 7.
    values = rng.normal(7.0, 20.0, size=(n_participants, 600))
    low, high = bootstrap_band(values, rng=rng)
    coverage = np.mean((low <= 7.0) & (high >= 7.0))
    assert 0.90 <= coverage <= 0.99


def test_the_band_holds_the_mean_and_narrows_with_participants() -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(0, 20, size=(40, 50))
    few_low, few_high = bootstrap_band(values[:8], rng=rng)
    low, high = bootstrap_band(values, rng=rng)
    mean = robust_mean(values)
    assert ((low <= mean) & (mean <= high)).all()
    assert np.median(high - low) < 0.6 * np.median(few_high - few_low)


def test_one_participant_has_no_band() -> None:
    low, high = bootstrap_band(np.ones((1, 5)), rng=np.random.default_rng(0))
    assert np.isnan(low).all()
    assert np.isnan(high).all()
    values = np.array([[1.0, 1.0], [2.0, np.nan], [3.0, np.nan]])
    low, _ = bootstrap_band(values, rng=np.random.default_rng(0))
    assert np.isfinite(low[0])
    assert np.isnan(low[1])


def test_the_same_seed_gives_the_same_band() -> None:
    values = np.random.default_rng(5).normal(size=(9, 30))
    one = bootstrap_band(values, rng=np.random.default_rng(1))
    other = bootstrap_band(values, rng=np.random.default_rng(1))
    np.testing.assert_array_equal(one, other)


def test_joy_needs_valence_and_smiles_and_negative_needs_a_state() -> None:
    mean = np.concatenate([np.full(20, 30.0), np.full(20, -30.0), np.full(20, 1.0)])
    many, none = np.full(60, 0.6), np.zeros(60)
    assert (tone_of(mean, many, many, point_s=POINT_S) == np.repeat([1, -1, 0], 20)).all()
    assert (tone_of(mean, none, none, point_s=POINT_S) == 0).all()


def test_a_flash_of_colour_shorter_than_a_second_is_not_shown() -> None:
    mean = np.zeros(60)
    mean[30:33] = 40.0
    assert (tone_of(mean, np.ones(60), np.zeros(60), point_s=POINT_S) == 0).all()


def test_nothing_measured_has_no_tone() -> None:
    nothing = np.full(60, np.nan)
    assert (tone_of(nothing, nothing, nothing, point_s=POINT_S) == 0).all()


def test_a_share_counts_only_those_measured() -> None:
    values = np.array([[0.5, np.nan], [0.1, np.nan], [np.nan, np.nan]])
    share = share_above(values, 0.3)
    assert share[0] == pytest.approx(0.5)
    assert np.isnan(share[1])
