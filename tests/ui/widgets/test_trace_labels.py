"""Names in their lanes: none over another, whole where there is room, thinned evenly where not."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from journeylab.ui.widgets.trace_labels import GAP_PX, LaneMark, LanePlace, place_in_lanes

_FULL, _LEAST, _SHORT = 70.0, 40.0, 10.0


def _marks(*x_px: float) -> list[LaneMark]:
    return [LaneMark(x, _FULL, _LEAST, _SHORT) for x in x_px]


def _check(places: list[LanePlace | None], *, n_lanes: int, right_px: float) -> None:
    for lane in range(n_lanes):
        row = [one for one in places if one is not None and one.lane == lane]
        for before, after in pairwise(row):
            assert after.left_px - before.right_px >= GAP_PX
        assert all(one.right_px <= right_px for one in row)


def test_names_with_room_are_whole() -> None:
    places = place_in_lanes(_marks(0, 100, 200), n_lanes=1, right_px=400)
    assert [one.width_px for one in places if one] == [_FULL] * 3
    assert all(one is not None and one.lane == 0 for one in places)


def test_neighbours_take_the_second_lane_before_they_are_cut() -> None:
    places = place_in_lanes(_marks(0, 40, 200), n_lanes=2, right_px=400)
    assert [(one.lane, one.width_px) for one in places if one] == [(0, 70), (1, 70), (0, 70)]


def test_a_crowd_shows_keys_and_never_overlaps() -> None:
    rng = np.random.default_rng(7)
    for n in (3, 10, 30, 100):
        for _ in range(50):
            x_px = np.sort(rng.uniform(0, 700, n))
            places = place_in_lanes(_marks(*x_px), n_lanes=2, right_px=700)
            assert len(places) == n
            _check(places, n_lanes=2, right_px=700)


def test_thirty_evenly_spread_marks_all_keep_at_least_their_key() -> None:
    places = place_in_lanes(_marks(*np.linspace(0, 670, 30)), n_lanes=2, right_px=700)
    assert None not in places


def test_a_name_at_the_edge_is_short_or_left_out() -> None:
    (key,) = place_in_lanes(_marks(380.0), n_lanes=1, right_px=400)
    assert key is not None
    assert key.is_short
    assert place_in_lanes(_marks(396.0), n_lanes=1, right_px=400) == [None]
