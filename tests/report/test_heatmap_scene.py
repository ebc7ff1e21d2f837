"""One heatmap drawn: its words, its base, what is missing, how far gaze is off."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from journeylab.analysis.heatmaps import (
    HeatKind,
    Heatmap,
    Marks,
    OnSurface,
    Surface,
    heatmap_of,
)
from journeylab.opencv import cv2
from journeylab.report.heatmap_scene import lay_out_heatmap, notes_of_heatmap, peak_of
from journeylab.report.raster import write_png
from journeylab.report.scene import Circle, Density, Image, Line, Polyline, Scene, Text


def _marks(x: float, y: float) -> Marks:
    return Marks(np.array([[x, y]]), np.array([2.0]), 2.0, 40.0)


def _page(n: int = 6, *, height_px: float = 4000.0, url: str = "https://a/") -> Surface:
    sessions = tuple(
        OnSurface(
            f"P{k}",
            f"s{k}",
            {"device": "desktop", "age": "young" if k % 2 else "old"},
            {HeatKind.GAZE: _marks(640.0, 3000.0), HeatKind.CLICKS: _marks(200.0, 500.0)},
            1000.0 + 500.0 * k,
            64.0,
        )
        for k in range(n)
    )
    picture = np.full((800, 256, 3), 230, np.uint8)
    return Surface(url, "desktop", 1280.0, height_px, picture, sessions)


def _scene(heat: Heatmap, **changes: object) -> Scene:
    wanted: dict[str, object] = {"title": "Shop · Product", "segment": {}, "width_px": 900.0}
    return lay_out_heatmap(heat, **(wanted | changes))  # type: ignore[arg-type]


def _words(scene: Scene) -> str:
    return "\n".join(item.text for item in scene.items if isinstance(item, Text))


def test_it_says_what_it_shows_of_whom_and_how_sure() -> None:
    heat = heatmap_of(_page(), HeatKind.GAZE)
    words = _words(_scene(heat))
    assert "Where they looked · Shop · Product" in words
    assert "desktop · 6 of 6 participants · 12 s of fixation · gaze error 64 px" in words
    assert notes_of_heatmap(heat) == ()


def test_a_small_group_is_marked_not_hidden() -> None:
    heat = heatmap_of(_page(), HeatKind.GAZE, segment={"age": "old"})
    scene = _scene(heat, segment={"age": "old"})
    assert "age old · 3 of 3 participants" in _words(scene)
    assert "Only 3 participants: an impression, no finding." in _words(scene)
    assert any(isinstance(item, Density) for item in scene.items)


def test_picture_and_heat_lie_on_each_other_at_the_pages_shape() -> None:
    scene = _scene(heatmap_of(_page(), HeatKind.GAZE))
    image = next(item for item in scene.items if isinstance(item, Image))
    heat = next(item for item in scene.items if isinstance(item, Density))
    assert (image.x, image.y, image.width, image.height) == (
        heat.x,
        heat.y,
        heat.width,
        heat.height,
    )
    assert image.height / image.width == pytest.approx(4000 / 1280)
    assert scene.height_px > image.y + image.height


def test_the_gaze_error_is_drawn_on_demand_at_its_size() -> None:
    heat = heatmap_of(_page(), HeatKind.GAZE)
    assert not any(isinstance(item, Polyline) for item in _scene(heat).items)
    scene = _scene(heat, shows_error=True)
    box = next(item for item in scene.items if isinstance(item, Density))
    (ring,) = [item for item in scene.items if isinstance(item, Polyline)]
    x, y = np.array(ring.points).T
    assert np.ptp(x) == pytest.approx(2 * 0.05 * box.width, rel=0.01)
    peak = peak_of(heat)
    assert y.mean() == pytest.approx(box.y + peak[1] * box.height, abs=2)
    assert "one standard deviation" in _words(scene)
    clicks = _scene(heatmap_of(_page(), HeatKind.CLICKS), shows_error=True)
    assert not any(isinstance(item, Polyline) for item in clicks.items)


def test_each_click_is_a_dot_on_its_place() -> None:
    scene = _scene(heatmap_of(_page(2), HeatKind.CLICKS))
    box = next(item for item in scene.items if isinstance(item, Density))
    dots = [item for item in scene.items if isinstance(item, Circle) and item.centre[1] > box.y]
    inside = [dot for dot in dots if dot.centre[1] < box.y + box.height]
    assert len(inside) == 2
    assert inside[0].centre[0] == pytest.approx(box.x + 200 / 1280 * box.width)
    assert inside[0].centre[1] == pytest.approx(box.y + 500 / 4000 * box.height)


def test_scroll_depth_draws_where_people_stopped() -> None:
    # Seen down to 1000, 1500, 2000, 2500, 3000 and 3500 px.
    scene = _scene(heatmap_of(_page(), HeatKind.SCROLL))
    box = next(item for item in scene.items if isinstance(item, Density))
    lines = [item for item in scene.items if isinstance(item, Line)]
    depths = [(line.start[1] - box.y) / box.height * 4000 for line in lines]
    assert depths == pytest.approx([1500.0, 2500.0, 3000.0], abs=4000 / 300)
    words = _words(scene)
    assert "83 % saw this far" in words and "50 % saw this far" in words


def test_what_is_missing_is_said() -> None:
    screen = _page(url="")
    assert "known of web pages only" in _words(
        _scene(heatmap_of(Surface("", "", 1280, 800, None, ()), HeatKind.SCROLL))
    )
    assert "Nobody frowned" in _words(_scene(heatmap_of(screen, HeatKind.FROWN)))
    bare = Surface("https://a/", "", 1280.0, 900.0, None, _page().sessions)
    assert "No picture of the whole page" in _words(_scene(heatmap_of(bare, HeatKind.GAZE)))


def test_a_screen_fits_its_window_and_a_page_only_when_wanted() -> None:
    screen = _page(url="", height_px=800.0)
    assert _scene(heatmap_of(screen, HeatKind.GAZE), height_px=500.0).height_px == 500.0
    page = heatmap_of(_page(), HeatKind.GAZE)
    assert _scene(page, height_px=500.0).height_px > 2000
    assert _scene(page, height_px=500.0, fits_page=True).height_px == pytest.approx(500.0, abs=1)


def test_it_is_written_as_a_picture(tmp_path: Path) -> None:
    scene = _scene(heatmap_of(_page(), HeatKind.GAZE))
    path = write_png(scene, tmp_path / "heat.png", scale=1.0)
    image = cv2.imread(str(path))
    assert image.shape[1] == 900
    red = (image[:, :, 2].astype(int) - image[:, :, 0]).max(axis=1)
    box = next(item for item in scene.items if isinstance(item, Density))
    assert int(red.argmax()) == pytest.approx(box.y + 0.75 * box.height, abs=60)


def test_a_phones_page_is_not_blown_up() -> None:
    phone = Surface("https://a/", "mobile", 390.0, 9000.0, None, _page().sessions)
    scene = _scene(heatmap_of(phone, HeatKind.CLICKS), width_px=1280.0)
    (heat,) = (item for item in scene.items if isinstance(item, Density) and item.height > 100)
    assert (heat.width, heat.height) == (390.0, 9000.0)
    assert heat.x == pytest.approx((1280 - 390) / 2)  # in the middle of its drawing
