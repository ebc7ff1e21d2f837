"""Cluster permutation: finds a difference, stays within its step, and keeps to its 5 %."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.statistics_clusters import differing_clusters

BREAKS = (48, 96)
POINTS = 144


def _wandering(n: int, seed: int) -> NDArray[np.float64]:
    values = np.random.default_rng(seed).normal(0, 1, (n, POINTS))
    for point in range(1, POINTS):
        values[:, point] += 0.8 * values[:, point - 1]
    return values


def test_a_common_rise_and_a_common_fall_are_two_clusters_with_their_signs() -> None:
    values = _wandering(16, 1)
    values[:, 20:34] += 6
    values[:, 110:124] -= 6
    found = [one for one in differing_clusters(values, BREAKS) if one.p <= 0.05]
    assert [one.sign for one in found] == [1, -1]
    for cluster, (start, end) in zip(found, ((20, 34), (110, 124)), strict=True):
        assert abs(cluster.start - start) <= 4
        assert abs(cluster.end - end) <= 4


def test_no_cluster_reaches_over_the_end_of_a_step() -> None:
    values = _wandering(16, 2)
    values[:, 40:56] += 8
    found = [one for one in differing_clusters(values, BREAKS) if one.sign > 0 and one.p <= 0.05]
    assert {(one.start < 48, one.end > 48) for one in found} <= {(True, False), (False, True)}
    assert len(found) == 2


def test_a_level_that_is_everybodys_own_all_along_is_no_cluster() -> None:
    values = _wandering(16, 3) * 0.1 + 40 + np.arange(16)[:, None]
    assert not [one for one in differing_clusters(values, BREAKS) if one.p <= 0.05]


def test_missing_points_hide_a_difference_rather_than_make_one() -> None:
    values = _wandering(16, 4)
    values[:8, 60:90] = np.nan
    assert not [one for one in differing_clusters(values, BREAKS) if one.p <= 0.05]
    values[8:, 60:80] += 10
    assert [one for one in differing_clusters(values, BREAKS) if one.p <= 0.05]


def test_false_alarms_keep_to_their_five_percent() -> None:
    wrong = sum(
        any(one.p <= 0.05 for one in differing_clusters(_wandering(14, 100 + seed), BREAKS))
        for seed in range(40)
    )
    # A test that is right at 5 % gives six or more of 40 in less than 2 % of such measurements.
    assert wrong <= 5


def test_nobody_and_a_single_face_are_not_tested() -> None:
    assert differing_clusters(np.empty((0, POINTS)), BREAKS) == ()
    assert differing_clusters(_wandering(1, 5), BREAKS) == ()
    assert differing_clusters(np.full((5, POINTS), np.nan), BREAKS) == ()


def test_the_same_values_give_the_same_probabilities() -> None:
    values = _wandering(16, 6)
    values[:, 20:34] += 2
    assert differing_clusters(values, BREAKS) == differing_clusters(values, BREAKS)
