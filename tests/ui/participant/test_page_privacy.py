"""What a page must not give away: what was typed, passwords in addresses, a line past the gate."""

from __future__ import annotations

import itertools
import socket
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest

from journeylab.streams import Picture
from journeylab.ui.participant import page_pictures
from journeylab.ui.participant.page_words import shown_address
from participant.conftest import Open, Participant, Values, Write
from participant.sites import Site, button, page, step_on

_BOX = (
    "position:absolute;left:0;top:200px;width:600px;height:200px;margin:0;padding:0;"
    "font:120px monospace;border:0;background:#ffffff;color:#000000;outline:0;resize:none;"
    "caret-color:transparent"
)


def _page_picture(person: Participant, url: str) -> tuple[Picture, Values]:
    row = person.wait_for("page", kind="picture", url=url)
    (picture,) = [
        one for one in person.pictures if one.stream == "pages" and one.t_ns == row["t_ns"]
    ]
    return picture, row


def _darkest(picture: Picture) -> int:
    """Lightness of the darkest pixel of the box, 0 to 255."""
    image = QImage.fromData(picture.data)
    scale = image.width() / 1280
    field = image.copy(0, round(210 * scale), round(590 * scale), round(180 * scale))
    places = itertools.product(range(0, field.width(), 2), range(0, field.height(), 2))
    return min(QColor(field.pixel(x, y)).lightness() for x, y in places)


def _is_seen(person: Participant) -> bool:
    """Whether something stands in the box on the participant's screen."""
    seen = person.page.view.grab().toImage()
    places = itertools.product(range(0, 590, 2), range(210, 390, 2))
    return min(QColor(seen.pixel(x, y)).lightness() for x, y in places) < 100


MIRROR = "this.setAttribute('value', this.value)"
WRITTEN = {
    "an input that mirrors its value": (
        f'<input id=field style="{_BOX}" oninput="{MIRROR}">',
        "field.value = '40000566'; field.dispatchEvent(new Event('input'))",
    ),
    "a field the server filled in again": (f'<input value=40000566 style="{_BOX}">', "1"),
    "a text area that mirrors its text": (
        f'<textarea id=field style="{_BOX}"></textarea>',
        "field.value = field.defaultValue = '40000566'",
    ),
    "editable text": (
        f'<div id=field contenteditable style="{_BOX}"></div>',
        "field.append('40000566')",
    ),
    "editable text of another kind": (
        f'<div id=field contenteditable=plaintext-only style="{_BOX}"></div>',
        "field.append('40000566')",
    ),
    "a field in a shadow root": (
        "<div id=host></div>",
        "host.attachShadow({mode: 'open'}).innerHTML = "
        f"'<input value=40000566 style=\"{_BOX}\">'",
    ),
    "a choice that is mirrored": (
        f'<select id=field style="{_BOX};appearance:none">'
        "<option value=a>&nbsp;</option><option id=b>40000566</option></select>",
        "field.value = '40000566'; b.setAttribute('selected', '')",
    ),
}


@pytest.mark.parametrize("how", WRITTEN)
def test_what_was_typed_is_on_no_picture_however_the_page_keeps_it(
    open_window: Open, write_study: Write, site: Site, how: str
) -> None:
    elements, script = WRITTEN[how]
    site.pages["/"] = page(f"{elements}<script>{script}</script>")
    person = open_window(write_study(step_on(site.url + "/"), {}))
    person.show("one")
    person.wait(lambda: _is_seen(person))
    picture, _ = _page_picture(person, site.url + "/")
    assert _darkest(picture) > 200


def test_what_the_page_itself_says_stays_on_its_picture(
    open_window: Open, write_study: Write, site: Site
) -> None:
    site.pages["/"] = page(f'<div contenteditable=false style="{_BOX}">KETTLES</div>')
    person = open_window(write_study(step_on(site.url + "/"), {}))
    person.show("one")
    picture, _ = _page_picture(person, site.url + "/")
    assert _darkest(picture) < 100


def test_the_page_itself_is_left_as_it_was(
    open_window: Open, write_study: Write, site: Site
) -> None:
    site.pages["/"] = page(
        "<script>let made = 0; customElements.define('x-box', class extends HTMLElement {"
        "constructor() { super(); made += 1; } });</script>"
        "<x-box></x-box><input id=field value=kept checked><div id=text contenteditable>kept</div>"
    )
    person = open_window(write_study(step_on(site.url + "/"), {}))
    person.show("one")
    _page_picture(person, site.url + "/")
    shown = "[field.getAttribute('value'), field.value, text.textContent, made]"
    assert person.run(shown) == ["kept", "kept", "kept", 1]


def test_a_page_of_large_pictures_is_pictured_without_them(
    open_window: Open, write_study: Write, site: Site
) -> None:
    large = "data:image/png;base64," + "A" * 7_000_000
    site.pages["/"] = page(
        f'<img src="{large}" style="position:absolute;left:700px;top:0;width:9px;height:9px">'
        f'<div style="{_BOX}">KETTLES</div>'
    )
    person = open_window(write_study(step_on(site.url + "/"), {}))
    person.show("one")
    picture, _ = _page_picture(person, site.url + "/")
    assert _darkest(picture) < 100


def test_a_page_too_large_to_be_pictured_is_told_once(
    open_window: Open, write_study: Write, site: Site
) -> None:
    site.pages["/"] = page("<p hidden>" + "x" * 7_000_000 + "</p>" + button("more", 100, 100))
    person = open_window(write_study(step_on(site.url + "/"), {}))
    person.show("one")
    row = person.wait_for("health", kind="warning")
    assert "too large to be pictured whole (7 million characters)" in str(row["detail"])
    person.click("#more")
    QTest.qWait(2 * page_pictures._SETTLE_MS)
    assert len(person.told("health")) == 1
    assert not person.told("page", kind="picture")


@pytest.mark.parametrize(
    "address",
    ["http://ada:lovelace@shop.example/a?b=c", "http://ada:love%40lace@shop.example/a?b=c"],
)
def test_an_address_is_written_down_without_name_and_password(address: str) -> None:
    assert shown_address(QUrl(address)) == "http://shop.example/a?b=c"


def test_no_refused_address_keeps_a_password(
    open_window: Open, write_study: Write, site: Site
) -> None:
    secret = "http://ada:lovelace@elsewhere.example"
    site.pages["/"] = page(
        f"<img src='{secret}/pixel.png'><iframe src='{secret}/frame'></iframe>"
        f"<a id=leave href='{secret}/out' style='position:absolute;left:0;top:300px'>leave</a>"
        f"<a id=window href='{secret}/window' target=_blank "
        "style='position:absolute;left:0;top:400px'>window</a>"
    )
    person = open_window(write_study(step_on(site.url + "/"), {}))
    person.show("one")
    person.click("#leave")
    person.click("#window")
    wanted = {"/out", "/window"}  # the engine itself stops what a page loads by such addresses
    person.wait(lambda: wanted <= {QUrl(str(one["url"])).path() for one in person.told("page")})
    assert all("lovelace" not in str(one["url"]) for one in person.told("page"))


def test_an_address_with_a_password_is_shown_and_written_down_without_it(
    open_window: Open, write_study: Write, site: Site
) -> None:
    site.pages["/"] = page(button("stay", 100, 100))
    address = site.url.replace("http://", "http://ada:lovelace@") + "/"
    person = open_window(write_study(step_on(address), {}))
    person.show("one")
    person.click("#stay")
    person.wait_for("page", kind="click", selector="#stay", url=site.url + "/")
    _page_picture(person, site.url + "/")
    told = person.told("page") + person.told("stimulus")
    assert all("lovelace" not in str(one.values()) for one in told)


# Each gets hold of a window in its own way, and tries to send by it.
WINDOWS = {
    "the page": "window",
    "a frame": "frames[0]",
    "a frame made at once": "(() => { const one = document.createElement('iframe');"
    "document.body.append(one); return one.contentWindow; })()",
    "a frame reached by its page": "(() => { const one = document.createElement('iframe');"
    "document.body.append(one); return one.contentDocument.defaultView; })()",
    "a frame of written text": "(() => { const one = document.createElement('iframe');"
    "one.srcdoc = 'x'; document.body.append(one); return one.contentWindow; })()",
}


def _try_to_talk(person: Participant, window: str) -> tuple[object, int]:
    """Have a page send by WebRTC; what kinds of things it found, and how much was heard."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("0.0.0.0", 0))
        port = ear.getsockname()[1]
        tried = person.run(
            f"(() => {{ const world = {window};"
            "const Peer = world.RTCPeerConnection || world.webkitRTCPeerConnection;"
            "const said = [typeof Peer, typeof world.WebTransport];"
            "if (Peer) {"
            f"const line = new Peer({{iceServers: [{{urls: 'stun:127.0.0.1:{port}'}}]}});"
            "line.createDataChannel('out'); line.createOffer().then((it) => "
            "line.setLocalDescription(it)); }"
            "return said; })()"
        )
        QTest.qWait(1500)
        ear.setblocking(False)
        try:
            return tried, len(ear.recv(2048))
        except BlockingIOError:
            return tried, 0


@pytest.mark.parametrize("whose", WINDOWS)
def test_no_page_talks_past_the_gate(
    open_window: Open, write_study: Write, site: Site, whose: str
) -> None:
    site.pages["/in"] = page("inside")
    site.pages["/"] = page("<iframe src='/in'></iframe>")
    person = open_window(write_study(step_on(site.url + "/"), {}))
    person.show("one")
    assert _try_to_talk(person, WINDOWS[whose]) == (["undefined", "undefined"], 0)


def test_what_gets_around_the_seal_sends_nothing_by_udp(
    open_window: Open, write_study: Write, site: Site
) -> None:
    site.pages["/"] = page("outside")
    person = open_window(write_study(step_on(site.url + "/"), {}))
    person.show("one")
    by_number = (
        "(() => { document.body.append(document.createElement('iframe')); return window[0]; })()"
    )
    (kinds, n_heard) = _try_to_talk(person, by_number)
    assert kinds == ["function", "function"]  # it is whole in the instant it is made
    assert n_heard == 0
    assert person.run("typeof window[0].RTCPeerConnection") == "undefined"


def test_going_forward_loading_again_and_taking_a_place_are_told_apart(
    open_window: Open, write_study: Write, site: Site
) -> None:
    site.pages["/"] = page(
        button("push", 0, 0, on="history.pushState({}, &#39;&#39;, &#39;/pushed&#39;)")
        + button("replace", 150, 0, on="history.replaceState({}, &#39;&#39;, &#39;/placed&#39;)")
        + button("back", 300, 0, on="history.back()")
        + button("forward", 450, 0, on="history.forward()")
        + button("again", 600, 0, on="location.reload()")
        + "<a id=link href=/next style='position:absolute;left:750px;top:0'>next</a>"
    )
    site.pages["/placed"] = site.pages["/"]
    site.pages["/next"] = page(button("back", 300, 0, on="history.back()"))
    person = open_window(write_study(step_on(site.url + "/"), {}))
    person.show("one")
    for pressed, path, detail in (
        ("push", "/pushed", ""),
        ("back", "/", "back"),
        ("forward", "/pushed", "forward"),
        ("replace", "/placed", "replace"),
        ("back", "/", "back"),
        ("push", "/pushed", ""),  # those after it are gone: it is new
        ("replace", "/placed", "replace"),
        ("again", "/placed", "reload"),
        ("link", "/next", ""),
        ("back", "/placed", "back"),
    ):
        n_urls = len(person.told("page", kind="url"))
        n_loads = len(person.told("page", kind="load"))
        person.click(f"#{pressed}")
        person.wait(lambda n=n_urls: len(person.told("page", kind="url")) > n)
        told = person.told("page", kind="url")[-1]
        assert (told["url"], told["detail"]) == (site.url + path, detail), pressed
        if pressed in ("again", "link") or (pressed, path) == ("back", "/placed"):
            person.wait(lambda n=n_loads: len(person.told("page", kind="load")) > n)
        QTest.qWait(200)
        assert len(person.told("page", kind="url")) == n_urls + 1, pressed


@pytest.mark.parametrize("is_foreign", [False, True])
def test_what_changes_in_a_frame_is_told_with_the_frame_and_where_it_is_from(
    open_window: Open, write_study: Write, site: Site, is_foreign: bool
) -> None:
    host = site.url.replace("127.0.0.1", "localhost") if is_foreign else site.url
    site.pages["/in"] = page(
        "<div id=total style='position:absolute;left:20px;top:30px;width:60px;height:40px'></div>"
        "<script>setTimeout(() => total.append('12'), 1200)</script>"
    )
    site.pages["/"] = page(
        f"<iframe id=bank src='{host}/in' width=250 height=200 "
        "style='position:absolute;left:80px;top:100px;border:5px solid'></iframe>"
    )
    person = open_window(write_study(step_on(site.url + "/"), {}))
    person.show("one")
    row = person.wait_for("page", kind="change", selector="#bank >>> #total")
    assert row["detail"] == f"frame of {host}: 1 added, 0 removed, 0 restyled"
    assert (row["page_x_px"], row["page_y_px"]) == (80 + 5 + 50, 100 + 5 + 50)
    assert row["url"] == site.url + "/"


def test_the_seal_is_part_of_the_package() -> None:
    folder = Path(page_pictures.__file__).parent
    assert (folder / "page_seal.js").is_file()
