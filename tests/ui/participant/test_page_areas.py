"""Areas of interest on pages: they lie on the screen where their elements are seen."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QPoint

from participant.conftest import Open, Participant, Write
from participant.sites import Site, page, step_on

AREAS = """
[[steps.aois]]
name = "Offer"
selector = "#offer"
[[steps.aois]]
name = "Menu"
selector = "#menu"
[[steps.aois]]
name = "Nothing"
selector = "#nowhere"
"""


def _box(person: Participant, name: str) -> list[float]:
    row = person.told("aois", name=name)[-1]
    return [float(str(row[key])) for key in ("x_px", "y_px", "width_px", "height_px")]


def _on_screen(person: Participant, box: tuple[float, float, float, float]) -> list[float]:
    """A box of the view (CSS px) in px of the screen."""
    view = person.page.view
    screen = view.screen().geometry().topLeft()
    corner = view.mapToGlobal(QPoint(0, 0)) - screen
    zoom, ratio = view.zoomFactor(), view.devicePixelRatioF()
    left, top, width, height = (side * zoom for side in box)
    return [ratio * side for side in (corner.x() + left, corner.y() + top, width, height)]


@pytest.mark.parametrize("device", [None, "mobile"])
def test_areas_are_followed_while_the_page_scrolls_and_changes(
    open_window: Open, write_study: Write, site: Site, device: str | None
) -> None:
    site.pages["/"] = page(
        "<p style='margin:0'>Shop</p>"
        "<div id=offer style='position:absolute;left:50px;top:700px;width:200px;height:100px'>"
        "</div>"
        "<div id=menu style='position:absolute;left:10px;top:60px;width:90px;height:40px'></div>",
        height=3000,
    )
    person = open_window(write_study(step_on(site.url + "/") + AREAS, {}), device=device)
    person.show("one")
    person.wait_for("aois", name="Menu")
    assert _box(person, "Menu") == pytest.approx(_on_screen(person, (10, 60, 90, 40)), abs=1)
    person.run("scrollTo(0, 300) || 1")
    expected = _on_screen(person, (50, 400, 200, 100))
    person.wait(lambda: _box(person, "Offer") == pytest.approx(expected, abs=1))
    person.wait(lambda: math.isnan(_box(person, "Menu")[0]))
    person.run("(document.querySelector('#offer').style.left = '80px') && 1")
    moved = _on_screen(person, (80, 400, 200, 100))
    person.wait(lambda: _box(person, "Offer") == pytest.approx(moved, abs=1))
    person.run("(document.querySelector('#offer').style.display = 'none') && 1")
    person.wait(lambda: math.isnan(_box(person, "Offer")[0]))
    assert person.told("aois", name="Nothing") == []
    person.window.show_waiting()
    assert {row["step_id"] for row in person.told("aois")} == {"one"}


def test_an_area_that_glides_is_told_at_least_ten_times_a_second(
    open_window: Open, write_study: Write, site: Site
) -> None:
    site.pages["/"] = page(
        "<p style='margin:0'>Shop</p><div id=offer style='position:absolute;left:0;top:100px;"
        "width:90px;height:90px;"
        "transition:left 2s linear'></div>"
    )
    person = open_window(write_study(step_on(site.url + "/") + AREAS, {}))
    person.show("one")
    person.wait_for("aois", name="Offer")
    person.run("(document.querySelector('#offer').style.left = '1000px') && 1")
    left = _on_screen(person, (1000, 100, 90, 90))[0]
    person.wait(lambda: _box(person, "Offer")[0] == pytest.approx(left, abs=1))
    times = np.array([row["t_ns"] for row in person.told("aois", name="Offer")][1:])
    assert np.median(np.diff(times)) <= 100_000_000
    assert np.all(np.diff(times) >= 0)


INNER_AREAS = """
[[steps.aois]]
name = "Offer"
selector = "#frame >>> #inner"
[[steps.aois]]
name = "Menu"
selector = "#card >>> #inner"
"""


def test_areas_in_frames_and_shadow_roots_are_followed_and_cut_off_at_their_edges(
    open_window: Open, write_study: Write, site: Site
) -> None:
    box = "position:absolute;left:20px;width:100px;height:100px"
    site.pages["/in"] = page(f"<div id=inner style='top:150px;{box}'></div>", height=900)
    site.pages["/"] = page(
        "<p style='margin:0'>Shop</p><iframe id=frame src=/in width=300 height=200 "
        "style='position:absolute;left:50px;top:100px;border:10px solid'></iframe>"
        "<div id=card style='position:absolute;left:600px;top:50px'></div><script>"
        "card.attachShadow({mode: 'open'}).innerHTML = "
        f'`<div id=inner style="top:0;{box}"></div>`</script>'
    )
    person = open_window(write_study(step_on(site.url + "/") + INNER_AREAS, {}))
    person.show("one")
    person.wait_for("aois", name="Menu")
    assert _box(person, "Menu") == pytest.approx(_on_screen(person, (620, 50, 100, 100)), abs=1)
    person.wait_for("aois", name="Offer")
    # 50 of its 100 px: the frame's 200 px end there.
    assert _box(person, "Offer") == pytest.approx(_on_screen(person, (80, 260, 100, 50)), abs=1)
    frame = person.page.view.page().mainFrame().children()[0]
    frame.runJavaScript("scrollTo(0, 100)", 0, lambda _answer: None)
    whole = _on_screen(person, (80, 160, 100, 100))
    person.wait(lambda: _box(person, "Offer") == pytest.approx(whole, abs=1))
