"""Clicks correct the point of gaze: slowly, within bounds, and not by one stray click."""

from __future__ import annotations

import numpy as np

from journeylab.inference.gaze_clicks import ClickCorrection

PX_PER_DEG = 58.0


def click(
    state: ClickCorrection, miss_px: tuple[float, float], *, n: int = 8
) -> tuple[ClickCorrection, np.ndarray | None]:
    """A click beside which the eyes, as corrected so far, are off by that much."""
    looked = np.full((n, 2), 500.0)
    return state.clicked(
        np.array([500.0, 500.0]) + miss_px, looked, uncertainty_px=70.0, px_per_deg=PX_PER_DEG
    )


def test_a_constant_offset_is_taken_out_in_a_dozen_clicks() -> None:
    offset, state = np.array([60.0, -40.0]), ClickCorrection.none()
    for _ in range(15):
        state, _ = click(state, tuple(offset - state.shift_px))
    assert np.hypot(*(state.shift_px - offset)) < 0.1 * np.hypot(*offset)
    assert state.n_used == state.n_clicks == 15


def test_scatter_of_the_clicks_is_averaged_out() -> None:
    rng, state, shifts = np.random.default_rng(5), ClickCorrection.none(), []
    for _ in range(200):
        miss = np.array([50.0, 0.0]) - state.shift_px + rng.normal(0, 50, 2)
        state, _ = click(state, tuple(miss))
        shifts.append(state.shift_px)
    assert np.hypot(*(np.mean(shifts[50:], axis=0) - (50, 0))) < 8
    assert np.std(shifts[50:], axis=0).max() < 25


def test_one_click_pulls_little_and_one_too_far_away_not_at_all() -> None:
    state, shift = click(ClickCorrection.none(), (200.0, 0.0))
    assert shift is not None and 0 < shift[0] <= 0.15 * 2.0 * PX_PER_DEG + 1e-9
    after, shift = click(state, (900.0, 0.0))
    assert shift is None and np.array_equal(after.shift_px, state.shift_px)
    assert (after.n_clicks, after.n_used) == (2, 1)


def test_clicks_never_shift_by_more_than_three_degrees() -> None:
    state = ClickCorrection.none()
    for _ in range(100):
        state, _ = click(state, (250.0, 0.0))
    assert np.hypot(*state.shift_px) <= 3.0 * PX_PER_DEG + 1e-6


def test_without_gaze_before_it_a_click_tells_nothing() -> None:
    state = ClickCorrection.none()
    assert click(state, (10.0, 0.0), n=2)[1] is None
    lost = np.full((8, 2), np.nan)
    found = state.clicked(np.zeros(2), lost, uncertainty_px=70.0, px_per_deg=PX_PER_DEG)
    assert found[1] is None
