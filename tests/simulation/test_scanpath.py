"""Eye movements: fixations that rest, saccades that are quick, blinks that close."""

from __future__ import annotations

import numpy as np

from journeylab.simulation.places import Place
from journeylab.simulation.scanpath import Fixation, Rectangle, blinks_over, gaze_over, wander

_ON = Rectangle(100.0, 50.0, 800.0, 600.0)
_PLACES = (Place(0.25, 0.25, 0.05, 0.05, 3.0), Place(0.75, 0.75, 0.05, 0.05, 1.0))


def _many() -> list[Fixation]:
    return wander(_PLACES, on=_ON, start_s=2.0, end_s=302.0, rng=np.random.default_rng(1))


def test_fixations_last_as_in_scene_viewing_and_lie_on_their_places() -> None:
    fixations = _many()
    starts = np.array([f.start_s for f in fixations])
    assert starts[0] == 2.0
    assert starts[-1] < 302.0
    assert 0.25 < np.median(np.diff(starts)) < 0.38
    shares = np.array([((f.x_px - 100) / 800, (f.y_px - 50) / 600) for f in fixations])
    near = [np.all(np.abs(shares - (p.x, p.y)) <= 0.0501, axis=1) for p in _PLACES]
    assert np.all(near[0] | near[1])
    assert near[0].sum() > near[1].sum(), "what weighs more is looked at more"


def test_gaze_rests_between_quick_saccades() -> None:
    fixations = [Fixation(0.0, 0.0, 0.0), Fixation(1.0, 500.0, 0.0)]
    t_s = np.arange(0, 2, 0.001)
    gaze = gaze_over(t_s, fixations, px_per_deg=50.0)
    assert np.all(gaze[t_s < 1.0] == 0)
    # 10 degrees take 21 + 22 ms.
    assert np.allclose(gaze[t_s >= 1.044], (500, 0))
    assert 0 < gaze[np.searchsorted(t_s, 1.02), 0] < 500


def test_blinks_come_at_their_rate_close_fully_and_spare_what_they_must() -> None:
    t_s = np.arange(0, 600, 0.01)
    closure = blinks_over(t_s, per_min=15.0, spared=[(100.0, 160.0)], rng=np.random.default_rng(2))
    starts = np.flatnonzero((closure[1:] > 0) & (closure[:-1] == 0))
    assert 110 < len(starts) < 180
    peaks = [closure[i : i + 40].max() for i in starts]
    assert min(peaks) > 0.9
    assert closure[(t_s > 100.0) & (t_s < 160.0)].max() == 0
    assert closure.max() <= 1.0
    assert np.all(np.diff(starts) > 100), "no two within a second"
