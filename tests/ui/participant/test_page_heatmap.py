"""What the browser view tells of a page leads a place of the screen back to the page."""

from __future__ import annotations

import math

import numpy as np
import pytest
from analysis.planted import PlantedTable
from PySide6.QtCore import QPoint

from journeylab.analysis.heatmap_pages import PAGE_COLUMNS, page_track
from participant.conftest import Open, Participant, Write
from participant.sites import Site, button, page, step_on


def _rows(participant: Participant) -> PlantedTable:
    told = participant.told("page")
    columns = {name: np.array([row[name] for row in told], dtype=object) for name in PAGE_COLUMNS}
    return PlantedTable(np.array([row["t_ns"] for row in told], dtype=np.int64), columns)


@pytest.mark.parametrize("device", ["desktop", "mobile"])
def test_a_look_at_the_pressed_button_lies_on_the_button_far_down_the_page(
    open_window: Open, write_study: Write, site: Site, device: str
) -> None:
    site.pages["/long"] = page("<p>Long</p>" + button("end", 150, 5000), height=6000)
    shop = open_window(write_study(step_on(f"{site.url}/long"), {}), device=device)
    shop.show("one")
    shop.run("scrollTo(0, 4800) || 1")
    shop.wait_for("page", kind="scroll")
    on_page = shop.click("#end")
    click = shop.wait_for("page", kind="click")
    # Where the press was on the participant's screen, as gaze would be told.
    view = shop.page.view
    zoom = view.zoomFactor()
    scroll_px = (float(str(click["scroll_x_px"])), float(str(click["scroll_y_px"])))
    inside = [round((at - by) * zoom) for at, by in zip(on_page, scroll_px, strict=True)]
    on_screen = view.mapTo(shop.page, QPoint(*inside))
    track = page_track(_rows(shop), scale=1.0)
    assert track is not None
    t_ns = np.array([click["t_ns"]], dtype=np.int64)
    urls, page_px = track.to_page(t_ns, np.array([[on_screen.x(), on_screen.y()]], dtype=float))
    assert str(urls[0]).endswith("/long")
    assert tuple(page_px[0]) == pytest.approx(on_page, abs=2)
    assert page_px[0, 1] > 4900
    tall_px = shop.run("document.documentElement.scrollHeight")
    assert track.sizes[str(urls[0])][1] == pytest.approx(tall_px, abs=1)
    last_ns = int(str(click["t_ns"])) + 1
    seen = track.seen_to_px([(0, last_ns)])[str(urls[0])]
    visible_px = view.height() / zoom
    assert seen == pytest.approx(scroll_px[1] + visible_px, abs=2)
    beside = np.array([[shop.page.width() + 50.0, 10.0]])
    assert math.isnan(float(track.to_page(t_ns, beside)[1][0, 0]))
