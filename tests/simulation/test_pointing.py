"""The hand: smooth moves, arriving in time, clicks where it points."""

from __future__ import annotations

import numpy as np
import pytest

from journeylab.simulation.pointing import Aim, PointerTrack, track_of
from journeylab.vocabulary import PointerAction


def _track(*aims: Aim) -> PointerTrack:
    return track_of(aims, start_px=(100.0, 100.0), rng=np.random.default_rng(0))


def test_a_move_arrives_at_its_aim_in_time_with_one_peak_of_speed() -> None:
    samples = _track(Aim(2.0, 900.0, 500.0)).samples
    assert (samples[-1].x_px, samples[-1].y_px) == (900.0, 500.0)
    assert samples[-1].t_ns == pytest.approx(2.0e9, abs=1e6)
    t_s = np.array([s.t_ns for s in samples]) / 1e9
    way = np.hypot(*np.diff([(s.x_px, s.y_px) for s in samples], axis=0).T)
    speed = way / np.diff(t_s)
    peak = int(speed.argmax())
    assert 0.3 < peak / len(speed) < 0.7, "minimum jerk: fastest in the middle"
    assert speed[0] < 0.2 * speed.max()
    assert speed[-1] < 0.2 * speed.max()


def test_far_and_small_targets_take_longer() -> None:
    def duration_s(aim: Aim) -> float:
        samples = _track(aim).samples
        return (samples[-1].t_ns - samples[0].t_ns) / 1e9

    near = duration_s(Aim(5.0, 200.0, 100.0))
    assert duration_s(Aim(5.0, 1500.0, 100.0)) > near
    assert duration_s(Aim(5.0, 200.0, 100.0, target_px=8.0)) > near


def test_a_click_is_a_press_and_a_release_on_the_spot() -> None:
    samples = _track(Aim(1.0, 300.0, 300.0, click=True)).samples
    assert [s.action for s in samples[-2:]] == [PointerAction.PRESS, PointerAction.RELEASE]
    assert all((s.x_px, s.y_px) == (300.0, 300.0) for s in samples[-3:])


def test_time_never_goes_back_however_crowded_the_aims() -> None:
    rng = np.random.default_rng(3)
    aims = [
        Aim(float(t), *rng.uniform(0, 1000, 2).tolist(), click=bool(i % 3 == 0))
        for i, t in enumerate(np.sort(rng.uniform(0, 20, 120)))
    ]
    times = [s.t_ns for s in _track(*aims).samples]
    assert times == sorted(times)


def test_adjoining_intervals_give_each_sample_once() -> None:
    track = _track(Aim(1.0, 900.0, 500.0, click=True), Aim(2.0, 50.0, 70.0))
    pieces = [s for i in range(125 * 3) for s in track.between(i / 125, (i + 1) / 125)]
    assert pieces == list(track.samples)
