"""The trace as it is drawn: thinned without shimmer, gaps kept, each piece in its tone."""

from __future__ import annotations

import numpy as np

from journeylab.ui.widgets.trace_model import pieces, thin, tone_of, visible_window


def _trace(n: int) -> tuple[np.ndarray, np.ndarray]:
    t_s = np.arange(n) / 30.0
    return t_s, 50 * np.sin(t_s / 7)


def test_what_was_drawn_does_not_change_when_more_comes() -> None:
    t_s, valence = _trace(18_000)
    whole = thin(t_s, valence, start_s=0, bucket_s=600 / 900, n_buckets=900)
    part = thin(t_s[:9000], valence[:9000], start_s=0, bucket_s=600 / 900, n_buckets=900)
    for longer, shorter in zip(whole, part, strict=True):
        np.testing.assert_array_equal(longer[: len(shorter) - 1], shorter[:-1])


def test_the_mean_of_a_bucket_is_the_mean_of_its_samples() -> None:
    t_s, valence = _trace(900)
    x, y = thin(t_s, valence, start_s=0, bucket_s=1.0, n_buckets=60)
    np.testing.assert_allclose(y, valence.reshape(30, 30).mean(axis=1))
    np.testing.assert_allclose(x, np.arange(30) + 0.5)


def test_lost_samples_leave_a_gap_and_are_not_bridged() -> None:
    t_s, valence = _trace(900)
    valence[300:400] = np.nan
    _, y = thin(t_s, valence, start_s=0, bucket_s=1.0, n_buckets=60)
    assert np.isnan(y[10:13]).all()
    assert np.isfinite(y[:10]).all()
    assert np.isfinite(y[13:]).all()
    joined = sum(pieces(y, tone_of(y), of=tone) for tone in (-1, 0, 1))
    assert joined[8] == joined[13] == 1
    assert joined[9:13].sum() == 0, "9 to 12 lead into the gap or lie in it"


def test_samples_sparser_than_buckets_make_no_gap() -> None:
    _, y = thin(np.array([0.0, 1.0, 2.0]), np.ones(3), start_s=0, bucket_s=0.1, n_buckets=600)
    assert len(y) == 3
    assert np.isfinite(y).all()


def test_each_join_has_exactly_one_tone() -> None:
    _, valence = _trace(3000)
    tone = tone_of(valence)
    joined = np.stack([pieces(valence, tone, of=one) for one in (-1, 0, 1)]).sum(axis=0)
    assert (joined[:-1] == 1).all()
    assert joined[-1] == 0
    assert set(np.unique(tone)) == {-1, 0, 1}


def test_the_window_grows_in_steps_and_then_moves_on() -> None:
    assert visible_window(0.0) == (0.0, 60.0)
    assert visible_window(58.0) == (0.0, 120.0)
    start_s, end_s = visible_window(3600.0)
    assert end_s - start_s == 600.0
    assert start_s < 3600.0 < end_s
    changes = {visible_window(t) for t in np.arange(0, 3600, 0.5)}
    assert len(changes) < 65


def test_an_empty_trace_is_empty() -> None:
    x, y = thin(np.empty(0), np.empty(0), start_s=0, bucket_s=1, n_buckets=60)
    assert len(x) == len(y) == 0
