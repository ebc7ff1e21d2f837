"""Whole pictures of pages: as they stood, to the pixel, and nothing that was typed."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest

from journeylab.streams import Picture
from participant.conftest import Open, Participant, Values, Write
from participant.sites import Site, button, page, step_on


def _page_picture(person: Participant, url: str) -> tuple[Picture, Values]:
    row = person.wait_for("page", kind="picture", url=url)
    (picture,) = [
        one for one in person.pictures if one.stream == "pages" and one.t_ns == row["t_ns"]
    ]
    return picture, row


def test_a_long_page_is_pictured_whole_as_it_stood_without_another_load(
    open_window: Open, write_study: Write, site: Site
) -> None:
    site.pages["/"] = page(
        "<div style='position:fixed;top:0;left:0;width:100%;height:50px;background:#ff0000'></div>"
        "<div style='height:100vh'>first</div>"
        "<div style='position:absolute;top:9000px;width:100%;height:100px;background:#0000ff'>"
        "</div>"
        "<p id=cart>empty</p><input id=secret style='position:absolute;top:300px;width:300px'>",
        height=10_000,
    )
    person = open_window(write_study(step_on(site.url + "/"), {}))
    person.show("one")
    style = "position:absolute;top:5000px;width:100%;height:100px;background:#00ff00"
    person.run(f"(document.querySelector('#cart').style.cssText = '{style}') && 1")
    picture, row = _page_picture(person, site.url + "/")
    assert str(row["detail"]).startswith("1265x10000 px, as it stood ")
    assert picture.step_id == "one"
    image = QImage.fromData(picture.data)
    assert (image.width(), image.height()) == (picture.width_px, picture.height_px)
    scale = image.width() / 1265
    assert image.height() == pytest.approx(10_000 * scale, abs=2)

    def colour(y_px: float) -> str:
        pixel = QColor(image.pixel(image.width() // 2, round(y_px * scale)))
        sides = (pixel.red(), pixel.green(), pixel.blue())
        return "".join(name for name, side in zip("rgb", sides, strict=True) if side > 128)

    assert [colour(y) for y in (25, 5050, 9050)] == ["r", "g", "b"]
    # The bar is where it stood, once; below it lies the page alone.
    assert all(colour(y) == "rgb" for y in range(745, 9000, 720) if not 4990 < y < 5110)
    assert site.asked.count("/") == 1
    assert person.sentences == []


def test_a_page_that_is_covered_is_copied_when_it_is_seen_again(
    open_window: Open, write_study: Write, site: Site
) -> None:
    site.pages["/"] = page("<p>kettles</p>")
    person = open_window(write_study(step_on(site.url + "/"), {}))
    person.show("one")
    person.window.stage.hold(True)
    QTest.qWait(2500)
    assert not person.told("page", kind="picture")
    person.window.stage.hold(False)
    _page_picture(person, site.url + "/")


def test_each_distinct_page_is_pictured_once_and_a_place_on_it_is_none(
    open_window: Open, write_study: Write, site: Site
) -> None:
    push = "history.pushState({}, &#39;&#39;, &#39;/cart&#39;)"
    site.pages["/"] = page(
        "<p>Shop</p>"
        + button("cart", 100, 100, on=push)
        + button("place", 300, 100, on="location.hash = &#39;offer&#39;")
    )
    person = open_window(write_study(step_on(site.url + "/"), {}))
    person.show("one")
    _page_picture(person, site.url + "/")
    person.click("#cart")
    _page_picture(person, site.url + "/cart")
    person.click("#place")
    person.wait_for("page", kind="url", url=site.url + "/cart#offer")
    QTest.qWait(2500)
    assert len(person.told("page", kind="picture")) == 2


def test_what_was_typed_is_on_no_picture_of_the_page(
    open_window: Open, write_study: Write, site: Site
) -> None:
    site.pages["/"] = page(
        "<p>Card</p><input id=card style='position:absolute;left:0;top:200px;width:600px;"
        "height:200px;font:120px monospace;border:0;background:#ffffff;outline:0'>"
    )
    person = open_window(write_study(step_on(site.url + "/"), {}))
    person.show("one")
    person.click("#card")
    person.type("#card", "4000056655665556")
    picture, _ = _page_picture(person, site.url + "/")
    image = QImage.fromData(picture.data)
    scale = image.width() / 1280
    field = image.copy(0, round(210 * scale), round(590 * scale), round(180 * scale))
    places = itertools.product(range(0, field.width(), 3), range(0, field.height(), 3))
    darkest = min(QColor(field.pixel(x, y)).lightness() for x, y in places)
    assert darkest > 200


def test_what_was_refused_to_a_page_is_not_told_again_for_its_picture(
    open_window: Open, write_study: Write, site: Site
) -> None:
    site.pages["/"] = page("<p>Shop</p><img src='https://elsewhere.example/pixel.png'>")
    person = open_window(write_study(step_on(site.url + "/"), {}))
    person.show("one")
    _page_picture(person, site.url + "/")
    assert len(person.told("page", kind="refused")) == 1


def test_a_page_that_has_become_much_longer_is_pictured_again(
    open_window: Open, write_study: Write, site: Site
) -> None:
    site.pages["/"] = page("<p>Shop</p><div id=more></div>", height=0)
    person = open_window(write_study(step_on(site.url + "/"), {}))
    person.show("one")
    _page_picture(person, site.url + "/")
    person.run("(document.querySelector('#more').style.height = '4000px') && 1")
    person.wait(lambda: len(person.told("page", kind="picture")) == 2)
    pages = [picture for picture in person.pictures if picture.stream == "pages"]
    assert pages[1].height_px > 4 * pages[0].height_px


def test_styles_that_scripts_wrote_are_on_the_picture(
    open_window: Open, write_study: Write, site: Site
) -> None:
    site.pages["/"] = page(
        """<p>Shop</p><style id=own></style><shop-card></shop-card><script>
        own.sheet.insertRule('body { background: #0000ff }');
        customElements.define('shop-card', class extends HTMLElement {
          constructor() {
            super().attachShadow({mode: 'open'}).innerHTML =
              '<div style="position:absolute;top:300px;left:0;width:400px;height:200px;' +
              'background:#ff0000"></div>';
          }
        });</script>"""
    )
    person = open_window(write_study(step_on(site.url + "/"), {}))
    person.show("one")
    picture, _ = _page_picture(person, site.url + "/")
    image = QImage.fromData(picture.data)
    scale = image.width() / 1280
    inside = QColor(image.pixel(round(200 * scale), round(400 * scale)))
    outside = QColor(image.pixel(round(800 * scale), round(400 * scale)))
    assert inside.red() > 200 and inside.blue() < 60
    assert outside.blue() > 200 and outside.red() < 60


def test_a_page_that_does_not_move_is_pictured_as_far_as_it_is_seen(
    open_window: Open, write_study: Write, site: Site
) -> None:
    site.pages["/"] = page(
        "<style>html, body { overflow: hidden; height: 100% }</style><p>Shop</p>"
        "<div style='position:absolute;top:0;left:0;width:100%;height:3000px;background:#0000ff'>"
        "</div>",
        height=720,
    )
    person = open_window(write_study(step_on(site.url + "/"), {}))
    person.show("one")
    picture, _ = _page_picture(person, site.url + "/")
    image = QImage.fromData(picture.data)
    pixels = (QColor(image.pixel(9, y)) for y in range(5, image.height() - 5, 7))
    assert all(pixel.blue() > 200 and pixel.red() < 60 for pixel in pixels)


def test_a_page_that_grows_while_it_is_drawn_breaks_nothing_and_is_drawn_again(
    open_window: Open, write_study: Write, site: Site
) -> None:
    site.pages["/"] = page("<p>short</p>", height=600)
    person = open_window(write_study(step_on(site.url + "/"), {}))
    person.show("one")
    pictures = person.page._pages
    person.wait(lambda: pictures.is_busy)
    pictures.see(site.url + "/", viewport=person.page.view.size(), height_px=3000.0)
    person.wait_for("page", kind="picture")
    pictures.see(site.url + "/", viewport=person.page.view.size(), height_px=3000.0)
    person.wait(lambda: len(person.told("page", kind="picture")) == 2)
