"""The browser view on real pages in the real engine: what it writes, what it refuses."""

from __future__ import annotations

import http.server
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from journeylab.ui.participant.surface_place import framed
from journeylab.ui.participant.text_stage import TextStage
from participant.conftest import Open, Write

ONE_PAGE = """
[[steps]]
id = "one"
title = "One"
[steps.stimulus]
kind = "page"
path = "stimuli/one.html"
"""


def test_a_click_on_a_link_is_told_with_selector_and_place_and_leads_on(open_window: Open) -> None:
    shop = open_window()
    shop.show("landing")
    x_px, y_px = shop.click("#see-pour")
    click = shop.wait_for("page", kind="click")
    shop.wait(lambda: len(shop.told("page", kind="load")) == 2)
    first, *_, last = [str(row["url"]) for row in shop.told("page", kind="url")]
    assert click["selector"] == "#see-pour"
    assert (click["page_x_px"], click["page_y_px"]) == pytest.approx((x_px, y_px), abs=1.0)
    assert click["detail"] == "a See the Pour"
    assert str(click["url"]).endswith("index.html")
    assert first.endswith("index.html")
    assert last.endswith("product.html")
    times = [row["t_ns"] for row in shop.told("page")]
    assert times == sorted(times)


def test_a_click_on_a_scrolled_page_has_its_place_on_the_full_page(open_window: Open) -> None:
    shop = open_window()
    shop.show("compare")
    shop.run("scrollTo(0, 400) || 1")
    scroll = shop.wait_for("page", kind="scroll")
    place = shop.click("#pick-lift")
    click = shop.wait_for("page", kind="click")
    assert scroll["scroll_y_px"] == pytest.approx(click["scroll_y_px"], abs=1.0)
    assert float(str(click["scroll_y_px"])) > 100
    assert (click["page_x_px"], click["page_y_px"]) == pytest.approx(place, abs=1.0)
    assert click["selector"] == "#pick-lift"


def test_the_onset_follows_the_load_and_each_step_ends_before_the_next(open_window: Open) -> None:
    shop = open_window()
    shop.show("landing")
    shop.show("cart")
    what = [(row["step_id"], row["what"]) for row in shop.told("stimulus")]
    assert what == [("landing", "onset"), ("landing", "end"), ("cart", "onset")]
    load, onset = shop.told("page", kind="load")[0], shop.told("stimulus")[0]
    assert 0 <= int(str(onset["t_ns"])) - int(str(load["t_ns"])) < 1_000_000_000


def test_a_page_the_participant_stands_on_already_is_not_loaded_again(open_window: Open) -> None:
    shop = open_window()
    shop.show("landing")
    shop.click("#see-pour")
    shop.wait(lambda: len(shop.told("page", kind="load")) == 2)
    shop.run("document.querySelector('#colour-name').textContent = 'kept'")
    shop.show("product")
    assert shop.run("document.querySelector('#colour-name').textContent") == "kept"
    assert len(shop.told("page", kind="load")) == 2


def test_a_refused_form_is_told_field_by_field_and_never_what_was_typed(open_window: Open) -> None:
    shop = open_window()
    shop.show("checkout")
    shop.type("#card-number", "4000 0566 5566 5556")
    shop.click("#pay")
    invalid = shop.wait_for("page", kind="invalid")
    change = shop.wait_for("page", kind="change", selector="#card-number")
    assert invalid["selector"] == "#card-number"
    assert invalid["detail"]
    assert change["detail"] == "field: text, 19 characters"
    shop.wait_for("page", kind="invalid", selector="#terms")
    assert not any("0566" in str(value) for row in shop.rows for value in row.values)


def test_one_press_on_a_label_is_one_click(open_window: Open) -> None:
    shop = open_window()
    shop.show("checkout")
    shop.click(".tick span")
    shop.wait_for("page", kind="change", selector="#terms")
    assert len(shop.told("page", kind="click")) == 1


def test_a_press_on_a_disabled_button_is_kept(open_window: Open, write_study: Write) -> None:
    page = "<!doctype html><button id=buy disabled style='width:200px;height:80px'>Buy</button>"
    shop = open_window(write_study(ONE_PAGE, {"stimuli/one.html": page}))
    shop.show("one")
    shop.click("#buy")
    click = shop.wait_for("page", kind="click")
    assert (click["selector"], click["detail"]) == ("#buy", "disabled button Buy")


@pytest.mark.parametrize(
    "address",
    ["https://example.com/", "file:///etc/hostname", "ftp://127.0.0.1/x", "chrome://version/"],
)
def test_a_way_out_of_the_study_is_refused_and_told(
    open_window: Open, write_study: Write, address: str
) -> None:
    page = f"<!doctype html><a id=out href='{address}'>out</a>"
    shop = open_window(write_study(ONE_PAGE, {"stimuli/one.html": page}))
    shop.show("one")
    before = shop.page.view.url()
    shop.click("#out")
    shop.wait_for("page", kind="click")
    assert shop.wait_for("page", kind="refused")["url"] == address
    assert shop.told("page", kind="refused")[0]["detail"] == "page"
    assert shop.run("document.querySelector('#out').textContent") == "out"
    assert shop.page.view.url() == before
    assert shop.sentences == []


def test_other_peoples_sessions_are_not_read_by_a_page(
    open_window: Open, write_study: Write
) -> None:
    page = "<!doctype html><iframe src='../sessions/P01.h5'></iframe><img src='../note.png'>"
    files = {"stimuli/one.html": page, "sessions/P01.h5": "private", "note.png": "x"}
    shop = open_window(write_study(ONE_PAGE, files))
    shop.show("one")
    refused = shop.wait_for("page", kind="refused")
    assert str(refused["url"]).endswith("sessions/P01.h5")
    assert not [row for row in shop.told("page", kind="refused") if "note" in str(row["url"])]


def test_foreign_pictures_scripts_and_requests_are_refused_and_told(
    open_window: Open, write_study: Write
) -> None:
    page = """<!doctype html><img src="http://example.com/pixel.png">
        <script src="https://example.com/track.js"></script>
        <script>fetch("https://example.com/beacon").catch(() => {})</script>
        <img id=own src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='7'/>">"""
    shop = open_window(write_study(ONE_PAGE, {"stimuli/one.html": page}))
    shop.show("one")
    shop.wait(lambda: len(shop.told("page", kind="refused")) >= 3)
    refused = {str(row["url"]).rsplit("/", 1)[1]: row["detail"] for row in shop.told("page")
               if row["kind"] == "refused"}  # fmt: skip
    assert refused == {
        "pixel.png": "resource Image",
        "track.js": "resource Script",
        "beacon": "resource Xhr",
    }
    assert shop.run("document.querySelector('#own').naturalWidth") == 7


def test_windows_and_downloads_are_refused_and_told(open_window: Open, write_study: Write) -> None:
    page = """<!doctype html><p><a id=new target=_blank href="one.html">new</a></p>
        <p><a id=get download href="things.bin">get</a></p>
        <p><input type=file id=file style="width:300px;height:40px"></p>"""
    files = {"stimuli/one.html": page, "stimuli/things.bin": "x"}
    shop = open_window(write_study(ONE_PAGE, files))
    shop.show("one")
    for selector in ("#new", "#get", "#file"):
        shop.click(selector)
    for what in ("window", "download", "file"):
        shop.wait_for("page", kind="refused", detail=what)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A site of one page on this machine, that changes its address without loading."""
    page = """<!doctype html><title>app</title><button id=on style="width:200px;height:80px"
        onclick="history.pushState({}, '', '/basket?n=1')">on</button>"""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_args: object) -> None:
            pass

    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}/"
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def test_a_site_on_this_machine_is_shown_and_its_pushed_addresses_told(
    open_window: Open, write_study: Write, server: str
) -> None:
    steps = ONE_PAGE.replace('path = "stimuli/one.html"', f'url = "{server}"')
    shop = open_window(write_study(steps, {}))
    shop.show("one")
    shop.click("#on")
    shop.wait_for("page", kind="url", url=f"{server}basket?n=1")
    assert len(shop.told("page", kind="load")) == 1


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("https://nowhere.invalid/", "nobody knows that name"),
        ("http://127.0.0.1:1/", "that port is not for pages"),
        ("http://127.0.0.1:9999/", "no server answers there"),
    ],
)
def test_a_site_that_cannot_be_reached_fails_with_a_sentence(
    open_window: Open, write_study: Write, address: str, reason: str
) -> None:
    steps = ONE_PAGE.replace('path = "stimuli/one.html"', f'url = "{address}"')
    shop = open_window(write_study(steps, {}))
    shop.window.show_step(shop.step("one"))
    shop.wait(lambda: bool(shop.sentences))
    assert f"{address} could not be loaded: {reason}" in shop.sentences[0]
    assert shop.told("stimulus", what="failure")
    assert isinstance(shop.window.stage, TextStage)  # and not a blank page


def test_what_is_no_address_of_a_page_is_refused(open_window: Open, write_study: Write) -> None:
    steps = ONE_PAGE.replace('path = "stimuli/one.html"', 'url = "javascript:alert(1)"')
    shop = open_window(write_study(steps, {}))
    shop.window.show_step(shop.step("one"))
    assert "is no page" in shop.sentences[0]
    assert shop.told("stimulus", what="failure")
    assert shop.told("page", kind="refused", detail="page")


def test_a_broken_engine_is_told_and_the_page_loaded_once_more(open_window: Open) -> None:
    shop = open_window()
    shop.show("landing")
    for n_loads in (2, 3):
        page = shop.page.view.page()
        os.kill(page.renderProcessPid(), signal.SIGKILL)
        shop.wait(lambda n=n_loads: len(shop.told("health", kind="fault")) >= n - 1)
        if n_loads == 2:
            shop.wait(lambda: shop.run("document.title") != "" and len(
                shop.told("page", kind="load")) >= 3)  # fmt: skip
    health = [(row["kind"], row["detail"]) for row in shop.told("health", of_stream="page")]
    assert [kind for kind, _ in health[:3]] == ["fault", "recovered", "fault"]
    assert "is loaded again" in str(health[0][1])
    (sentence,) = shop.sentences
    assert "broke down again" in sentence
    assert shop.told("stimulus", what="failure")
    shop.wait(lambda: shop.told("health")[-1]["kind"] == "recovered")
    shop.show("product")


def test_the_phone_sees_its_own_width_and_calls_itself_a_phone(open_window: Open) -> None:
    shop = open_window(device="mobile", size=(1366, 768))
    shop.show("landing")
    shop.wait(lambda: shop.run("[innerWidth, innerHeight]") == [390, 844])
    assert "Mobile" in str(shop.run("navigator.userAgent"))
    frame = shop.page.view.geometry()
    assert abs(frame.center().x() - 1366 / 2) <= 1
    assert frame.top() > 0 and frame.bottom() < 768
    place = shop.click("#see-pour")
    click = shop.wait_for("page", kind="click")
    assert click["selector"] == "#see-pour"
    assert (click["page_x_px"], click["page_y_px"]) == pytest.approx(place, abs=1.5)


def test_the_page_sees_nothing_of_the_watcher(open_window: Open) -> None:
    shop = open_window()
    shop.show("landing")
    seen = shop.run("[typeof window.__journeylab, typeof window.qt, typeof window.QWebChannel]")
    assert seen == ["undefined", "undefined", "undefined"]
    assert "QtWebEngine" not in str(shop.run("navigator.userAgent"))
    assert shop.page.view.page().profile().isOffTheRecord()


@pytest.mark.parametrize(
    ("screen", "zoom"), [((1920, 1080), 1.0), ((1366, 768), 728 / 844), ((1280, 720), 680 / 844)]
)
def test_the_phone_frame_is_centred_and_keeps_its_proportions(
    screen: tuple[int, int], zoom: float
) -> None:
    frame, found_zoom = framed((390, 844), *screen)
    assert found_zoom == pytest.approx(zoom)
    assert frame.width() / frame.height() == pytest.approx(390 / 844, rel=0.005)
    assert abs(frame.left() - (screen[0] - 1 - frame.right())) <= 1
    assert abs(frame.top() - (screen[1] - 1 - frame.bottom())) <= 1


def test_an_address_is_never_left_by_a_script(open_window: Open, write_study: Write) -> None:
    page = "<!doctype html><body>stay<script>location = 'https://example.com/'</script>"
    shop = open_window(write_study(ONE_PAGE, {"stimuli/one.html": page}))
    shop.window.show_step(shop.step("one"))
    shop.wait_for("page", kind="refused", url="https://example.com/")
    shop.wait_for("stimulus", what="onset")
    assert shop.page.view.url().isLocalFile()
    assert shop.page.view.url().fileName() == "one.html"
    assert shop.run("document.body.innerText") == "stay"
    assert shop.sentences == []
