"""Heatmaps of known answers: where a click lands, who saw how far down, what a frown weighs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from analysis.planted import PlantedTable

from journeylab.analysis.heatmap_pages import PAGE_COLUMNS, PageTrack, page_key, page_track
from journeylab.analysis.heatmaps import (
    HeatKind,
    Marks,
    OnSurface,
    Surface,
    depth_of,
    frown_weight,
    heatmap_of,
    mean_within,
    seen_share,
)
from journeylab.clock import NS_PER_S

PAGE_PX = (1280.0, 6400.0)


def _marks(
    places: list[tuple[float, float]],
    weights: list[float] | None = None,
    *,
    base: float = 1.0,
    sigma_px: float = 15.0,
) -> Marks:
    weight = np.ones(len(places)) if weights is None else np.array(weights)
    return Marks(np.array(places, dtype=np.float64), weight, base, sigma_px)


def _session(name: str, device: str = "desktop", **kinds: Marks) -> OnSurface:
    marks = {HeatKind(kind): one for kind, one in kinds.items()}
    return OnSurface(name, f"{name}-1", {"device": device}, marks, gaze_error_px=64.0)


def _page(*sessions: OnSurface) -> Surface:
    return Surface("https://shop.example/", "", *PAGE_PX, None, sessions)


def test_a_click_far_down_the_page_lands_on_its_row() -> None:
    clicked = _session("P01", clicks=_marks([(640.0, 5000.0)]))
    heat = heatmap_of(_page(clicked), HeatKind.CLICKS)
    assert heat.values.shape == (480, 96)
    row, column = np.unravel_index(int(heat.values.argmax()), heat.values.shape)
    # The cell of y 5000 of 6400 in 480 rows is 375; x 640 begins column 48 of 96.
    assert (row, column) == (375, 48)
    assert heat.points.tolist() == [[0.5, 0.78125]]
    assert heat.amount == 1.0


def test_the_kernel_loses_nothing_over_the_edge() -> None:
    from journeylab.analysis.heatmaps import density

    marks = _marks([(1.0, 1.0), (1279.0, 6399.0)], [2.0, 3.0], sigma_px=200.0)
    assert density(marks, _page()).sum() == pytest.approx(5.0)


def test_marks_beside_the_page_are_left_out_and_counted() -> None:
    session = _session("P01", clicks=_marks([(640.0, 100.0), (1400.0, 100.0), (10.0, 9000.0)]))
    heat = heatmap_of(_page(session), HeatKind.CLICKS)
    assert (heat.amount, heat.n_beside, len(heat.points)) == (1.0, 2, 1)


def test_each_participant_looks_for_the_same_time() -> None:
    long = _session("P01", gaze=_marks([(200.0, 200.0)], [90.0], base=90.0))
    short = _session("P02", gaze=_marks([(1000.0, 3000.0)], [1.0], base=1.0))
    heat = heatmap_of(_page(long, short), HeatKind.GAZE)
    assert heat.values[15, 15] == pytest.approx(heat.values[225, 75], rel=1e-3)
    assert (heat.n, heat.n_here) == (2, 2)
    assert heat.gaze_error == pytest.approx(0.05)


def test_a_frown_weighs_where_they_looked_meanwhile() -> None:
    # Nine seconds of calm at the top, one second of a frown of 0.8 at the foot.
    looked = _marks([(640.0, 100.0), (640.0, 6000.0)], [9.0, 1.0], base=10.0)
    frowned = _marks([(640.0, 100.0), (640.0, 6000.0)], [0.0, 0.8], base=10.0)
    calm = _session("P02", gaze=_marks([(640.0, 100.0)], [5.0], base=5.0))
    page = _page(_session("P01", gaze=looked, frown=frowned), calm)
    gaze, frown = heatmap_of(page, HeatKind.GAZE), heatmap_of(page, HeatKind.FROWN)
    assert int(gaze.values.max(axis=1).argmax()) == 7
    assert int(frown.values.max(axis=1).argmax()) == 450
    assert frown.values[7].max() == 0.0
    assert (frown.n, frown.n_here) == (1, 2)
    assert frown.amount == pytest.approx(0.8)


def test_frowns_below_their_thresholds_weigh_nothing() -> None:
    brow = np.array([0.29, 0.30, 0.9, math.nan])
    states = np.array([[0.1, 0.2], [0.1, 0.7], [0.2, 0.1], [math.nan, math.nan]])
    weight = frown_weight(brow, states, brow_from=0.30, state_from=0.5)
    assert weight.tolist() == [0.0, 0.7, 0.9, 0.0]


def test_means_within_spans() -> None:
    t_ns = np.array([0, 10, 20, 30], dtype=np.int64)
    values = np.array([0.0, 1.0, 0.5, 9.0])
    start_ns, end_ns = np.array([10, 31], dtype=np.int64), np.array([20, 40], dtype=np.int64)
    assert mean_within(t_ns, values, start_ns, end_ns).tolist() == [0.75, 0.0]


def test_a_segments_heatmap_is_of_its_sessions_alone() -> None:
    page = _page(
        _session("P01", clicks=_marks([(100.0, 100.0)])),
        _session("P02", "mobile", clicks=_marks([(100.0, 5000.0)])),
    )
    heat = heatmap_of(page, HeatKind.CLICKS, segment={"device": "mobile"})
    assert (heat.n, heat.n_here, heat.amount) == (1, 1, 1.0)
    assert heat.values[7].max() == 0.0
    assert heatmap_of(page, HeatKind.CLICKS, segment={"device": "tablet"}).n_here == 0


def test_scroll_depth_is_the_share_who_saw_each_row() -> None:
    share = seen_share([800.0, 1600.0, 1600.0, 3200.0, math.nan], height_px=3200.0, rows=4)
    assert share.tolist() == [1.0, 0.75, 0.25, 0.25]
    assert depth_of(0.5, [800.0, 1600.0, 1600.0, 3200.0]) == 1600.0
    assert depth_of(1.0, [800.0, 1600.0, 1600.0, 3200.0]) == 800.0
    assert math.isnan(depth_of(0.5, [math.nan]))


def _track(*rows: tuple[float, str, str, float, str]) -> PageTrack | None:
    """A track of (second, kind, url, scroll_y_px, detail)."""
    values = [
        (kind, url, math.nan, math.nan, 0.0 if math.isfinite(y) else math.nan, y, detail)
        for _, kind, url, y, detail in rows
    ]
    columns = {
        name: np.array([row[place] for row in values], dtype=object)
        for place, name in enumerate(PAGE_COLUMNS)
    }
    t_ns = np.array([round(row[0] * NS_PER_S) for row in rows], dtype=np.int64)
    return page_track(PlantedTable(t_ns, columns), scale=2.0)


def test_a_place_of_the_screen_is_followed_through_frame_zoom_and_scroll() -> None:
    where = "1000x5000 px in 80 ms, view 800x600 at 100,50, zoom 0.800"
    track = _track(
        (1.0, "load", "https://a/#top", 0.0, where),
        (2.0, "scroll", "https://a/", 3000.0, ""),
        (3.0, "url", "https://a/b", math.nan, ""),
    )
    assert track is not None
    t_ns = (np.array([0.5, 1.5, 2.5, 2.5, 3.5]) * NS_PER_S).astype(np.int64)
    # Device px at a scale of 2: (900, 500) is (450, 250), in the view (350, 200), of zoom 0.8.
    place_px = np.array([[900, 500], [900, 500], [900, 500], [100, 500], [900, 500]], float)
    urls, page_px = track.to_page(t_ns, place_px)
    assert urls.tolist() == ["", "https://a/", "https://a/", "", "https://a/b"]
    assert page_px[1] == pytest.approx((437.5, 250.0))
    assert page_px[2] == pytest.approx((437.5, 3250.0))
    assert np.isnan(page_px[[0, 3]]).all()
    assert page_px[4] == pytest.approx((437.5, 250.0))
    assert track.sizes["https://a/"] == (1000.0, 5000.0)
    seen = track.seen_to_px([(round(1.1 * NS_PER_S), round(2.9 * NS_PER_S))])
    assert seen == {"https://a/": 3750.0}


def test_without_the_frame_of_the_view_no_place_is_guessed() -> None:
    assert _track((1.0, "load", "shop/index.html", 0.0, "")) is None


def test_a_fragment_makes_no_other_page_unless_it_is_a_route() -> None:
    assert page_key("https://a/b?c=1#top") == "https://a/b?c=1"
    assert page_key("https://a/#/cart") == "https://a/#/cart"


def test_who_came_twice_counts_once() -> None:
    there, here = _marks([(100.0, 100.0)]), _marks([(900.0, 5000.0)])
    again = OnSurface("P01", "P01-2", {"device": "desktop"}, {HeatKind.GAZE: there}, 900.0)
    page = _page(_session("P01", gaze=there), again, _session("P02", gaze=here))
    heat = heatmap_of(page, HeatKind.GAZE)
    assert heat.n == 2
    assert heat.values[:20].sum() == pytest.approx(heat.values[300:].sum(), rel=1e-3)
    scrolled = [
        OnSurface(name, f"{name}-{n}", {}, {}, seen_to_px=seen)
        for n, (name, seen) in enumerate((("P01", 900.0), ("P01", 6400.0), ("P02", 900.0)))
    ]
    share = heatmap_of(_page(*scrolled), HeatKind.SCROLL).values[:, 0]
    assert share[-1] == pytest.approx(0.5)


def test_a_rage_clicker_weighs_no_more_than_the_others() -> None:
    raging = _marks([(100.0, 100.0)] * 20, base=20.0)
    page = _page(
        _session("P01", clicks=raging),
        _session("P02", clicks=_marks([(900.0, 5000.0)])),
        _session("P03", clicks=_marks([(900.0, 5000.0)])),
    )
    heat = heatmap_of(page, HeatKind.CLICKS)
    row, _ = np.unravel_index(int(heat.values.argmax()), heat.values.shape)
    assert row == 375
    assert heat.amount == 22
