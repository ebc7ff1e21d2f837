"""The browser view on sites of real shapes: every click has its element and its place."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog

from journeylab.ui.participant.text_stage import TextStage
from participant.conftest import Open, Participant, Values, Write
from participant.sites import Site, button, page, step_on


def press(person: Participant, x: float, y: float) -> None:
    """Press the mouse at a place of the view, CSS px."""
    target = person.page.view.focusProxy()
    assert target is not None
    zoom = person.page.view.zoomFactor()
    at = QPoint(round(x * zoom), round(y * zoom))
    QTest.mouseClick(target, Qt.MouseButton.LeftButton, pos=at)


def _more(person: Participant, kind: str, *, than: int) -> Callable[[], bool]:
    return lambda: len(person.told("page", kind=kind)) > than


def is_inside(click: Values, box: tuple[float, float, float, float]) -> bool:
    """Whether a click lies in an element's box (left, top, width, height) on the full page."""
    x, y = float(str(click["page_x_px"])), float(str(click["page_y_px"]))
    return box[0] <= x <= box[0] + box[2] and box[1] <= y <= box[1] + box[3]


def test_a_single_page_app_tells_its_addresses_and_where_it_was_clicked(
    open_window: Open, write_study: Write, site: Site
) -> None:
    script = """<script>
      function go(to) { history.pushState({}, '', to); draw(); }
      function draw() {
        document.querySelector('#view').textContent = location.pathname + location.hash;
      }
      addEventListener('popstate', draw);
    </script><p id=view>start</p>"""
    site.pages["/"] = page(
        button("cart", 100, 100, on="go('/cart')")
        + button("place", 300, 100, on="location.hash = 'offer'")
        + button("back", 500, 100, on="history.back()")
        + script
    )
    person = open_window(write_study(step_on(site.url + "/"), {}))
    person.show("one")
    for name, left, address, detail in (
        ("cart", 100, "/cart", ""),
        ("place", 300, "/cart#offer", ""),
        ("back", 500, "/cart", "back"),
    ):
        n_urls = len(person.told("page", kind="url"))
        person.click(f"#{name}")
        click = person.wait_for("page", kind="click", selector=f"#{name}")
        assert is_inside(click, (left, 100, 120, 60))
        person.wait(_more(person, "url", than=n_urls))
        told = person.told("page", kind="url")[-1]
        assert (told["url"], told["detail"]) == (site.url + address, detail)
    assert len(person.told("page", kind="load")) == 1
    assert site.asked.count("/") == 1  # no second load for the page's picture


def test_a_click_far_down_an_infinite_scroll_has_its_place_on_the_whole_page(
    open_window: Open, write_study: Write, site: Site
) -> None:
    site.pages["/"] = page(
        """<div id=list></div><script>
        let n = 0;
        function more() {
          for (let k = 0; k < 10; k++) {
            const card = document.createElement('div');
            card.id = 'card' + n; card.textContent = 'card ' + n++;
            card.style.cssText = 'height:200px;outline:1px solid';
            list.append(card);
          }
        }
        more();
        addEventListener('scroll', () => {
          if (scrollY + innerHeight > document.body.scrollHeight - 400) more();
        });
        </script>""",
        height=0,
    )
    person = open_window(write_study(step_on(site.url + "/"), {}))
    person.show("one")
    for _ in range(3):
        n_scrolls = len(person.told("page", kind="scroll"))
        person.run("scrollTo(0, document.body.scrollHeight) || 1")
        person.wait(_more(person, "scroll", than=n_scrolls))
    person.run("document.querySelector('#card25').scrollIntoView({block: 'center'}) || 1")
    QTest.qWait(300)
    person.click("#card25")
    click = person.wait_for("page", kind="click")
    assert click["selector"] == "#card25"
    assert is_inside(click, (0, 25 * 200, 1280, 200))
    person.wait(lambda: any(str(row["detail"]).startswith("page: ")
                            for row in person.told("page", kind="change")))  # fmt: skip


def test_a_click_at_the_end_of_a_page_of_10000_px_lies_in_what_was_clicked(
    open_window: Open, write_study: Write, site: Site
) -> None:
    site.pages["/"] = page(button("end", 300, 9700), height=10_000)
    person = open_window(write_study(step_on(site.url + "/"), {}))
    person.show("one")
    person.run("scrollTo(0, 9500) || 1")
    person.wait(lambda: person.run("scrollY") == 10_000 - 720)
    person.click("#end")
    click = person.wait_for("page", kind="click")
    assert click["selector"] == "#end"
    assert is_inside(click, (300, 9700, 120, 60))
    assert click["scroll_y_px"] == 10_000 - 720


@pytest.mark.parametrize("device", [None, "mobile"])
@pytest.mark.parametrize("is_foreign", [False, True])
def test_a_click_in_a_frame_has_the_frames_selector_and_its_place_on_the_page(
    open_window: Open, write_study: Write, site: Site, is_foreign: bool, device: str | None
) -> None:
    # Another host is another origin: the page itself may not look into that frame.
    host = site.url.replace("127.0.0.1", "localhost") if is_foreign else site.url
    site.pages["/in"] = page(button("pay", 60, 1000), height=2000)
    site.pages["/"] = page(
        f"<iframe id=bank src='{host}/in' width=250 height=200 "
        "style='position:absolute;left:80px;top:900px;border:5px solid'></iframe>",
        height=3000,
    )
    person = open_window(write_study(step_on(site.url + "/"), {}), device=device)
    person.show("one")
    person.run("scrollTo(0, 600) || 1")
    person.wait(lambda: abs(float(str(person.run("scrollY"))) - 600) < 1)
    frame = person.page.view.page().mainFrame().children()[0]
    frame.runJavaScript("scrollTo(0, 950)", 0, lambda _answer: None)
    person.wait_for("page", kind="scroll", selector="#bank", detail="frame at 0,950")
    # Where a frame of another process lies is known to the display a picture after it scrolled.
    QTest.qWait(400)
    # The button's middle, seen: frame + border + place in the frame - scroll of both.
    press(person, 80 + 5 + 60 + 60, 900 + 5 + 1000 + 30 - 950 - 600)
    click = person.wait_for("page", kind="click")
    assert click["selector"] == "#bank >>> #pay"
    assert click["detail"] == "button pay"
    assert is_inside(click, (80 + 5 + 60, 900 + 5 + 1000 - 950, 120, 60))
    assert click["url"] == site.url + "/"
    QTest.qWait(700)  # a frame that never answered would be told once more by then
    assert len(person.told("page", kind="click")) == 1


def test_a_click_that_leads_a_frame_away_is_kept(
    open_window: Open, write_study: Write, site: Site
) -> None:
    site.pages["/in"] = page("<a href=/out style='display:block;height:200px'>leave</a>")
    site.pages["/out"] = page("gone")
    site.pages["/"] = page("<iframe id=ad src=/in width=300 height=200 style='border:0'></iframe>")
    person = open_window(write_study(step_on(site.url + "/"), {}))
    person.show("one")
    press(person, 100, 100)
    click = person.wait_for("page", kind="click")
    assert str(click["selector"]).startswith("#ad")
    assert (click["page_x_px"], click["page_y_px"]) == pytest.approx((100, 100), abs=1.0)


def test_a_click_in_a_shadow_root_names_what_was_clicked_inside(
    open_window: Open, write_study: Write, site: Site
) -> None:
    site.pages["/"] = page(
        """<shop-card id=card style="position:absolute;left:200px;top:300px"></shop-card><script>
        customElements.define('shop-card', class extends HTMLElement {
          connectedCallback() {
            const root = this.attachShadow({mode: 'open'});
            root.innerHTML = `<button id=buy style="width:150px;height:70px">Buy</button>
              <input id=code style="width:150px" required>
              <div id=box style="height:80px;overflow:auto"><p style="height:900px">long</p></div>`;
          }
        });
        </script>"""
    )
    person = open_window(write_study(step_on(site.url + "/"), {}))
    person.show("one")
    press(person, 275, 335)
    click = person.wait_for("page", kind="click")
    assert click["selector"] == "#card >>> #buy"
    assert is_inside(click, (200, 300, 150, 70))
    person.run(
        "document.querySelector('#card').shadowRoot.querySelector('#box').scrollTo(0, 50) || 1"
    )
    person.wait_for("page", kind="scroll", selector="#card >>> #box", detail="element at 0,50")
    person.run("document.querySelector('#card').shadowRoot.querySelector('#code').reportValidity()")
    person.wait_for("page", kind="invalid", selector="#card >>> #code")


def test_a_form_that_refuses_says_so_by_the_browser_and_by_its_own_script(
    open_window: Open, write_study: Write, site: Site
) -> None:
    site.pages["/"] = page(
        """<form onsubmit="event.preventDefault(); later()">
        <input id=mail type=email required style="width:300px;height:40px">
        <input id=post style="width:300px;height:40px" aria-describedby=why><p id=why></p>
        <button id=send style="width:200px;height:50px">Send</button></form><script>
        function later() {
          post.setAttribute('aria-invalid', 'true');
          why.textContent = 'Five digits, please.';
        }
        </script>"""
    )
    person = open_window(write_study(step_on(site.url + "/"), {}))
    person.show("one")
    person.click("#send")
    assert person.wait_for("page", kind="invalid")["selector"] == "#mail"
    person.type("#mail", "a@b.example")
    person.click("#send")
    refused = person.wait_for("page", kind="invalid", selector="#post")
    assert refused["detail"] == "Five digits, please."
    person.click("#send")
    QTest.qWait(200)
    assert len(person.told("page", kind="invalid", selector="#post")) == 1  # told once


def _doing(script: str) -> str:
    return page(button("do", 100, 100, on=script))


@pytest.mark.parametrize(
    ("script", "detail"),
    [
        ("window.open('/x')", "window"),
        ("print()", "print"),
        ("alert('Hello')", "dialog alert: Hello"),
        ("document.title = confirm('Sure?')", "dialog confirm, answered yes: Sure?"),
        ("document.title = prompt('Name?')", "dialog prompt, not answered: Name?"),
        ("document.documentElement.requestFullscreen()", "full screen"),
        ("navigator.geolocation.getCurrentPosition(() => {})", "permission Geolocation"),
        ("Notification.requestPermission()", "permission Notifications"),
        ("location = 'mailto:a@b.example'", "page"),
        ("location = 'chrome://version'", "page"),
        ("location = 'file:///etc/hostname'", "page"),
        ("location = 'https://elsewhere.example/'", "page"),
        ("new WebSocket('ws://elsewhere.example/')", "resource WebSocket"),
        ("navigator.sendBeacon('https://elsewhere.example/')", "resource Ping"),
    ],
)
def test_what_would_lead_out_of_the_session_is_refused_and_told(
    open_window: Open, write_study: Write, site: Site, script: str, detail: str
) -> None:
    site.pages["/"] = _doing(script.replace("'", "&#39;"))
    person = open_window(write_study(step_on(site.url + "/"), {}))
    person.show("one")
    person.click("#do")
    person.wait_for("page", kind="refused", detail=detail)
    assert person.page.view.url().toString() == site.url + "/"
    assert person.run("1 + 1") == 2  # the page is not held up
    assert person.sentences == []


def test_a_window_that_opens_by_itself_is_refused_and_told(
    open_window: Open, write_study: Write, site: Site
) -> None:
    site.pages["/"] = page("<script>window.open('/ad')</script>")
    person = open_window(write_study(step_on(site.url + "/"), {}))
    person.show("one")
    assert person.wait_for("page", kind="refused")["detail"] == "window"
    assert "/ad" not in site.asked


def test_a_page_that_asks_whether_to_be_left_is_left(
    open_window: Open, write_study: Write, site: Site
) -> None:
    site.pages["/"] = page(
        "<p>Your order</p><input id=text style='width:300px;height:50px'>"
        "<script>addEventListener('beforeunload', (e) => { e.preventDefault(); })</script>"
    )
    site.pages["/two"] = page("two")
    two = step_on(site.url + "/two").replace('"one"', '"two"')
    person = open_window(write_study(step_on(site.url + "/") + two, {}))
    person.show("one")
    person.click("#text")
    person.type("#text", "half an order")
    person.show("two")
    assert person.page.view.url().toString() == site.url + "/two"


def test_a_live_site_loads_what_the_study_allows_and_nothing_of_this_machine(
    open_window: Open, write_study: Write, site: Site, elsewhere: Site
) -> None:
    cdn = f"http://cdn.localhost:{site.port}"
    elsewhere.pages["/"] = page(
        f"<script src='{cdn}/a.js'></script><script src='{site.url}/b.js'></script>"
        f"<a id=next href='{cdn}/next' style='display:block;height:80px'>next</a>"
        f"<a id=private href='{site.url}/next' style='display:block;height:80px'>private</a>"
    )
    site.pages["/a.js"] = "window.a = 1"
    site.pages["/b.js"] = "window.b = 1"
    site.pages["/next"] = page("next")
    allow = 'allow_resources = ["*.localhost"]\n'
    person = open_window(write_study(step_on(elsewhere.url + "/", stimulus=allow), {}))
    person.show("one")
    assert person.run("[window.a ?? 0, window.b ?? 0]") == [1, 0]
    refused = person.wait_for("page", kind="refused")
    assert (refused["url"], refused["detail"]) == (f"{site.url}/b.js", "resource Script")
    for selector in ("#next", "#private"):  # a host of resources is none of pages
        person.click(selector)
    person.wait(lambda: len(person.told("page", kind="refused", detail="page")) == 2)
    assert "/next" not in site.asked
    assert person.page.view.url().toString() == elsewhere.url + "/"


def test_a_live_site_leads_to_the_hosts_the_study_allows(
    open_window: Open, write_study: Write, site: Site, elsewhere: Site
) -> None:
    shop = f"http://shop.localhost:{site.port}/"
    elsewhere.pages["/"] = page(
        f"<a id=next href='{shop}' style='display:block;height:80px'>next</a>"
    )
    site.pages["/"] = page("the shop")
    allow = 'allow = ["*.localhost"]\n'
    person = open_window(write_study(step_on(elsewhere.url + "/", stimulus=allow), {}))
    person.show("one")
    person.click("#next")
    person.wait_for("page", kind="load", url=shop)


def test_a_site_that_leads_elsewhere_at_once_is_told_with_what_to_allow(
    open_window: Open, write_study: Write, site: Site, elsewhere: Site
) -> None:
    elsewhere.redirects["/"] = site.url + "/login"
    person = open_window(write_study(step_on(elsewhere.url + "/"), {}))
    person.window.show_step(person.step("one"))
    person.wait(lambda: bool(person.sentences))
    assert f"leads on to {site.url}/login" in person.sentences[0]
    assert "Add 127.0.0.1 to the step's “allow”" in person.sentences[0]
    assert person.told("stimulus", what="failure")
    assert site.asked == []


def test_a_step_whose_site_was_down_shows_it_when_asked_again(
    open_window: Open, write_study: Write, site: Site
) -> None:
    person = open_window(write_study(step_on(site.url + "/"), {}))
    person.window.show_step(person.step("one"))
    stage = person.page
    person.wait(lambda: bool(person.sentences))
    assert "its server answered with the error 404" in person.sentences[0]
    person.wait(lambda: stage.view.url().toString() == "about:blank")
    site.pages["/"] = page("here again")
    person.show("one")
    assert person.run("document.body.innerText") == "here again"


def test_a_phone_is_touched_and_swiped(open_window: Open, write_study: Write, site: Site) -> None:
    site.pages["/"] = page(
        """<script>window.seen = [];
        for (const kind of ['touchstart', 'touchend', 'click'])
          addEventListener(kind, (e) => seen.push(kind + (e.pointerType ? ' by touch' : '')))
        </script>"""
        + button("buy", 100, 200),
        height=3000,
    )
    person = open_window(write_study(step_on(site.url + "/"), {}), device="mobile")
    person.show("one")
    assert person.run("[navigator.maxTouchPoints > 0, 'ontouchstart' in window]") == [True, True]
    person.click("#buy")
    click = person.wait_for("page", kind="click")
    assert is_inside(click, (100, 200, 120, 60))
    assert person.run("seen") == ["touchstart", "touchend", "click by touch"]
    target = person.page.view.focusProxy()
    assert target is not None
    QTest.mousePress(target, Qt.MouseButton.LeftButton, pos=QPoint(200, 500))
    for y in range(480, 180, -20):
        QTest.mouseMove(target, QPoint(200, y), delay=16)
    QTest.mouseRelease(target, Qt.MouseButton.LeftButton, pos=QPoint(200, 180))
    person.wait(lambda: float(str(person.run("scrollY"))) > 100)
    assert len(person.told("page", kind="click")) == 1  # a swipe is no click


@pytest.fixture
def distrusted(tmp_path: Path) -> Iterator[Site]:
    """A site that vouches for itself, as a forgotten test server does."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    key, own = tmp_path / "key.pem", tmp_path / "own.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", str(key), "-out", str(own)],
        check=True,
        capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own, key)
    served = Site(certificate=context)
    served.pages["/"] = page("secret")
    yield served
    served.close()


def test_a_certificate_nobody_vouches_for_is_told_in_words_and_the_session_goes_on(
    open_window: Open, write_study: Write, distrusted: Site, site: Site
) -> None:
    site.pages["/"] = page("fine")
    two = step_on(site.url + "/").replace('"one"', '"two"')
    person = open_window(write_study(step_on(distrusted.url + "/") + two, {}))
    person.window.show_step(person.step("one"))
    person.wait(lambda: bool(person.sentences))
    assert "its certificate is not to be trusted" in person.sentences[0]
    assert isinstance(person.window.stage, TextStage)
    assert person.window.stage.text == "One moment, please."
    refused = person.wait_for("page", kind="refused")
    assert str(refused["detail"]).startswith("certificate: ")
    assert person.told("stimulus", what="failure", step_id="one")
    assert distrusted.asked == []
    person.show("two")
    assert person.run("document.body.innerText") == "fine"


def test_a_picture_over_a_distrusted_line_is_refused_and_the_page_goes_on(
    open_window: Open, write_study: Write, distrusted: Site, site: Site
) -> None:
    site.pages["/"] = page(f"<p>Shop</p><img src='{distrusted.url}/logo.png'>")
    person = open_window(write_study(step_on(site.url + "/"), {}))
    person.show("one")
    refused = person.wait_for("page", kind="refused")
    assert refused["url"] == f"{distrusted.url}/logo.png"
    assert str(refused["detail"]).startswith("certificate: ")
    assert person.sentences == []


def test_no_dialog_of_the_engine_is_seen(open_window: Open, write_study: Write, site: Site) -> None:
    site.pages["/"] = page(
        "<p>Paint</p><input type=color id=colour style='width:300px;height:100px'>"
    )
    person = open_window(write_study(step_on(site.url + "/"), {}))
    person.show("one")
    person.click("#colour")
    assert person.wait_for("page", kind="refused")["detail"] == "dialog color"
    # Asked for anew each time: one that was closed may be gone by then.
    person.wait(lambda: not any(one.isVisible() for one in person.page.findChildren(QDialog)))
    person.click("#colour")  # neither the page nor anybody else is held up
    person.wait(lambda: len(person.told("page", kind="refused", detail="dialog color")) == 2)


def test_a_file_that_a_server_sends_for_keeping_is_refused(
    open_window: Open, write_study: Write, site: Site
) -> None:
    site.pages["/"] = page("<a id=get href=/bill style='display:block;height:80px'>bill</a>")
    site.pages["/bill"] = "a bill"
    site.headers["/bill"] = ("Content-Disposition", "attachment; filename=bill.txt")
    person = open_window(write_study(step_on(site.url + "/"), {}))
    person.show("one")
    person.click("#get")
    assert person.wait_for("page", kind="refused", detail="download")["url"] == f"{site.url}/bill"
    assert person.page.view.url().toString() == site.url + "/"


def test_a_site_that_wants_a_password_is_told_and_asks_nobody(
    open_window: Open, write_study: Write, site: Site
) -> None:
    site.pages["/"] = page("who are you")
    site.status["/"] = 401
    site.headers["/"] = ("WWW-Authenticate", 'Basic realm="staging"')
    person = open_window(write_study(step_on(site.url + "/"), {}))
    person.window.show_step(person.step("one"))
    person.wait(lambda: bool(person.sentences))
    assert "it asks for a password" in person.sentences[0]
    assert len(person.told("page", kind="refused", detail="password")) == 1
