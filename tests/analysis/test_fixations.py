"""Known fixations come out of gaze as a webcam gives it, and nothing comes out of nothing."""

from __future__ import annotations

import numpy as np
import pytest
from bench.validity_fixations import (
    RATE_HZ,
    Trace,
    score,
    synthetic_trace,
    with_error,
)

from journeylab.analysis.blinks import Blinks
from journeylab.analysis.fixations import find_fixations
from journeylab.analysis.viewing import Viewing
from journeylab.clock import NS_PER_MS, NS_PER_S

VIEWING = Viewing((1920, 1080), 60.0)
FRAME_NS = NS_PER_S // RATE_HZ


def _rest(*looks: tuple[float, float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Gaze resting at (x, y) for some seconds, one place after the other."""
    counts = [round(seconds * RATE_HZ) + 1 for _, _, seconds in looks]
    gaze = np.concatenate(
        [np.tile((x, y), (n, 1)) for (x, y, _), n in zip(looks, counts, strict=True)]
    )
    return np.arange(len(gaze), dtype=np.int64) * FRAME_NS, gaze.astype(np.float64)


@pytest.fixture(scope="module")
def trace() -> Trace:
    return synthetic_trace(np.random.default_rng(5), n_fixations=300, smallest_deg=3.0)


def test_without_noise_every_fixation_is_found_where_it_was(trace: Trace) -> None:
    found, saccades = find_fixations(trace.t_ns, trace.aim_px, viewing=trace.viewing)
    result = score(trace, found)
    assert result.recall == result.precision == 1.0
    assert result.centre_deg < 0.05
    assert result.duration_s < 1.5 / RATE_HZ
    assert len(saccades) == len(found) - 1
    centres = np.array(
        [
            trace.aim_px[on : off + 1].mean(axis=0)
            for on, off in zip(trace.first, trace.last, strict=True)
        ]
    )
    amplitude_deg = np.hypot(*np.diff(centres, axis=0).T) / trace.viewing.px_per_deg
    assert np.abs(saccades.amplitude_deg - amplitude_deg).max() < 0.3
    assert saccades.duration_s.max() <= 4.5 / RATE_HZ


@pytest.mark.parametrize(
    ("is_smoothed", "recall", "precision"), [(False, 0.95, 0.95), (True, 0.62, 0.82)]
)
def test_webcam_noise_costs_little(
    trace: Trace, is_smoothed: bool, recall: float, precision: float
) -> None:
    gaze_px = with_error(trace, np.random.default_rng(6), is_smoothed=is_smoothed)
    found, _ = find_fixations(trace.t_ns, gaze_px, viewing=trace.viewing)
    result = score(trace, found)
    assert result.recall >= recall
    assert result.precision >= precision


def test_the_threshold_follows_the_noise_of_the_session(trace: Trace) -> None:
    quiet, _ = find_fixations(trace.t_ns, trace.aim_px, viewing=trace.viewing)
    gaze_px = with_error(trace, np.random.default_rng(7), is_smoothed=False)
    noisy, _ = find_fixations(trace.t_ns, gaze_px, viewing=trace.viewing)
    assert quiet.threshold_deg == pytest.approx(0.7, abs=0.2)
    assert noisy.noise_deg == pytest.approx(0.2, abs=0.08)  # 0.25 before the running median
    assert noisy.threshold_deg == pytest.approx(0.5 + 6 * noisy.noise_deg)


def test_a_fixation_that_drifts_with_the_head_stays_one() -> None:
    t_ns, gaze = _rest((600, 500, 1.5), (1300, 500, 1.5))
    drift_px = np.linspace(0, 4.0 * VIEWING.px_per_deg, len(gaze))
    found, saccades = find_fixations(t_ns, gaze + drift_px[:, None] * (0, 1), viewing=VIEWING)
    assert len(found) == 2
    assert found.dispersion_deg.min() > found.threshold_deg
    assert saccades.amplitude_deg.tolist() == [pytest.approx(11.8, abs=0.3)]


def test_a_saccade_has_amplitude_and_bounds_of_duration_and_velocity() -> None:
    t_ns, gaze = _rest((600, 500, 0.5), (1200, 500, 0.5))
    found, saccades = find_fixations(t_ns, gaze, viewing=VIEWING)
    assert len(found) == 2
    assert saccades.amplitude_deg.tolist() == [pytest.approx(10.0)]
    assert saccades.duration_s.tolist() == [pytest.approx(1 / RATE_HZ, rel=0.01)]
    assert saccades.peak_deg_s.tolist() == [pytest.approx(300.0, rel=0.01)]
    assert saccades.before.tolist() == [0]


def test_a_short_gap_and_a_blink_end_no_fixation() -> None:
    t_ns, gaze = _rest((600, 500, 2.0))
    gaze[10] = np.nan
    blinks = Blinks(t_ns[[30]], t_ns[[37]])
    gaze[30:37] = (600, 900)  # what a falling lid makes of the iris
    found, saccades = find_fixations(t_ns, gaze, viewing=VIEWING, blinks=blinks)
    assert len(found) == 1
    assert found.duration_s[0] == pytest.approx(2.0, abs=0.01)
    assert found.centre_px[0].tolist() == [600.0, 500.0]
    assert found.n_samples[0] == len(t_ns) - 1 - 7 - 3  # and those the lid was moving over
    assert len(saccades) == 0


def test_a_long_gap_ends_a_fixation_and_hides_the_saccade() -> None:
    t_ns, gaze = _rest((600, 500, 2.0))
    gaze[20:40] = np.nan
    found, _ = find_fixations(t_ns, gaze, viewing=VIEWING)
    assert len(found) == 2
    gaze[40:] = (1200, 500)
    found, saccades = find_fixations(t_ns, gaze, viewing=VIEWING)
    assert len(found) == 2
    assert len(saccades) == 0


def test_a_moment_of_gaze_between_gaps_breaks_nothing() -> None:
    t_ns, gaze = _rest((600, 500, 2.0))
    gaze[2:10] = np.nan
    found, _ = find_fixations(t_ns, gaze, viewing=VIEWING)
    assert found.onset_ns.tolist() == [t_ns[10]]


@pytest.mark.parametrize("n_samples", range(1, 12))
def test_stretches_of_any_length_between_gaps_are_read(n_samples: int) -> None:
    """Blinks leave stretches shorter than the spans that noise is judged over."""
    n = 30 + n_samples
    t_ns = np.arange(n, dtype=np.int64) * NS_PER_S // RATE_HZ
    t_ns[30:] += NS_PER_S  # a gap, then a short stretch
    gaze_px = np.full((n, 2), 500.0) + np.random.default_rng(1).normal(0, 3, (n, 2))
    found, _ = find_fixations(t_ns, gaze_px, viewing=VIEWING)
    assert len(found) >= 1


def test_samples_that_share_a_time_count_once() -> None:
    t_ns, gaze = _rest((600, 500, 0.5), (1200, 500, 0.5))
    crowded_ns, crowded = np.repeat(t_ns, 50), np.repeat(gaze, 50, axis=0)
    found, saccades = find_fixations(crowded_ns, crowded, viewing=VIEWING)
    alone, _ = find_fixations(t_ns, gaze, viewing=VIEWING)
    assert found.n_samples.tolist() == alone.n_samples.tolist()
    assert np.isfinite(saccades.peak_deg_s).all()


def test_one_landmark_gone_astray_splits_nothing() -> None:
    t_ns, gaze = _rest((600, 500, 1.0))
    gaze[15] = (1500, 100)
    found, _ = find_fixations(t_ns, gaze, viewing=VIEWING)
    assert len(found) == 1


def test_gaze_that_never_rests_is_no_fixation() -> None:
    t_ns = np.arange(60, dtype=np.int64) * FRAME_NS
    gaze = np.column_stack((np.arange(60) * 90.0, np.full(60, 300.0)))  # 45 degrees a second
    found, _ = find_fixations(t_ns, gaze, viewing=VIEWING)
    assert found.duration_s.max(initial=0.0) < 0.15


def test_gaze_beside_the_screen_is_a_fixation_beside_the_screen() -> None:
    found, _ = find_fixations(*_rest((-400, 1500, 0.5)), viewing=VIEWING)
    assert found.centre_px.tolist() == [[-400.0, 1500.0]]


@pytest.mark.parametrize(
    ("t_ns", "gaze"),
    [
        (np.empty(0, dtype=np.int64), np.empty((0, 2))),
        (np.arange(50, dtype=np.int64) * FRAME_NS, np.full((50, 2), np.nan)),
        (np.array([5], dtype=np.int64), np.array([[3.0, 4.0]])),
        (np.array([5, 6], dtype=np.int64), np.array([[3.0, np.nan], [3.0, 4.0]])),
    ],
    ids=["no gaze", "all NaN", "one sample", "one whole sample"],
)
def test_nothing_comes_out_of_nothing(t_ns: np.ndarray, gaze: np.ndarray) -> None:
    found, saccades = find_fixations(t_ns, gaze, viewing=VIEWING)
    assert len(found) == len(saccades) == 0
    assert found.centre_px.shape == (0, 2)
    assert np.isnan(found.noise_deg)


def test_a_slow_camera_has_fixations_too() -> None:
    t_ns = np.arange(40, dtype=np.int64) * 100 * NS_PER_MS
    gaze = np.where(np.arange(40)[:, None] < 20, (400.0, 300.0), (1400.0, 800.0))
    found, _ = find_fixations(t_ns, gaze, viewing=VIEWING)
    assert found.duration_s.tolist() == [pytest.approx(1.9), pytest.approx(1.9)]
