"""Turning points and their prominence."""

from __future__ import annotations

import numpy as np

from journeylab.analysis.detectors.peaks import peaks_of
from journeylab.analysis.reading import click_bursts_ns
from journeylab.clock import NS_PER_S


def test_prominence_is_the_fall_to_the_higher_of_both_sides() -> None:
    level = np.array([0, 10, 4, 30, 20, 25, 1, 0], dtype=float)
    assert dict(peaks_of(level)) == {1: 6.0, 3: 30.0, 5: 5.0}


def test_a_journey_that_begins_high_has_its_peak_there() -> None:
    assert dict(peaks_of(np.array([40.0, 30.0, 5.0]))) == {0: 40.0}


def test_a_plateau_counts_once() -> None:
    assert peaks_of(np.array([0.0, 20.0, 20.0, 20.0, 0.0])) == [(2, 20.0)]


def test_three_quick_presses_on_one_spot_are_one_burst() -> None:
    t_s = np.array([1.0, 1.3, 1.6, 5.0, 5.4, 9.0, 9.3, 9.6])
    place = np.array([[10, 10]] * 5 + [[10, 10], [400, 10], [10, 300]], dtype=float)
    times = click_bursts_ns((t_s * NS_PER_S).astype(np.int64), place)
    assert times.tolist() == [1 * NS_PER_S]
