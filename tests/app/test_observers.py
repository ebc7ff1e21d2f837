"""The observers' page on a running server, asked as browser, guesser and foreign site would."""

from __future__ import annotations

import http.client
import json
import select
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from journeylab.app.observers import COOKIE, ObserverServer, local_addresses
from journeylab.bundle.header import ScreenGeometry
from journeylab.bundle.reader import Bundle
from journeylab.clock import SessionClock
from journeylab.errors import DeviceError
from journeylab.session.controller import SessionController
from journeylab.session.observing import ObserverRoom, observed
from journeylab.study.folder import save_study
from journeylab.study.model import Step, Stimulus, Study


@dataclass
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def values(self) -> dict:
        return json.loads(self.body)


class Lab:
    """A recording session without devices, its room and its server on this machine."""

    def __init__(self, folder: Path) -> None:
        clock = SessionClock()
        step = Step(id="ad", title="Ad", stimulus=Stimulus(kind="instruction", text="Look."))
        study = save_study(folder, Study(id="kettles", title="Kettles", steps=(step,)))
        self.controller = SessionController(
            study,
            sources=(),
            analyser_factory=lambda: pytest.fail("there is no camera"),
            clock=clock,
            screen=ScreenGeometry(1920, 1080),
        )
        self.controller.start_recording("P01", segments={}, consent={})
        self.room = ObserverRoom(observed(self.controller), clock=clock)
        self.server = ObserverServer(self.room, address="127.0.0.1", port=0)
        self.server.start()
        self.host = f"127.0.0.1:{self.server.port}"

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=10)
        sent = {name.replace("_", "-"): value for name, value in headers.items() if value}
        try:
            connection.request(method, path, body=body, headers=sent)
            response = connection.getresponse()
            return Reply(response.status, dict(response.headers), response.read())
        finally:
            connection.close()

    def post(self, path: str, values: object, **headers: str) -> Reply:
        usual = {"Origin": f"http://{self.host}", "Content_Type": "application/json"}
        return self.ask("POST", path, json.dumps(values).encode(), **{**usual, **headers})

    def join(self, name: str = "Anna") -> str:
        """The cookie of one who was let in."""
        reply = self.post("/join", {"name": name, "code": self.room.open_code()})
        assert reply.status == 200
        return reply.headers["Set-Cookie"].split(";")[0]


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    before = set(threading.enumerate())
    made = Lab(tmp_path / "study")
    yield made
    made.server.stop()
    made.controller.close()
    assert not [one for one in set(threading.enumerate()) - before if one.is_alive()]


def test_a_code_opens_the_session_and_a_note_reaches_the_bundle(lab: Lab) -> None:
    code = lab.room.open_code()
    reply = lab.post("/join", {"name": "Anna", "code": code})
    assert reply.status == 200
    cookie = reply.headers["Set-Cookie"]
    assert cookie.endswith("; HttpOnly; SameSite=Strict; Path=/")
    token = cookie.split(";")[0]
    assert token.startswith(f"{COOKIE}=") and len(token) > len(COOKIE) + 40
    state = lab.ask("GET", "/state", Cookie=token).values
    assert (state["study"], state["participant"], state["step"]) == ("Kettles", "P01", "Ad")
    assert lab.ask("GET", "/trace?after=1.5", Cookie=token).values == {"points": []}
    assert lab.post("/notes", {"text": "frowns"}, Cookie=token).status == 200
    lab.controller.stop_recording()
    with Bundle.open(lab.controller.finalise()) as bundle:
        notes = bundle.table("notes")
        assert (list(notes["text"]), list(notes["author"])) == (["frowns"], ["observer Anna"])


def test_a_used_code_and_a_wrong_one_let_nobody_in(lab: Lab) -> None:
    code = lab.room.open_code()
    assert lab.post("/join", {"name": "Anna", "code": code}).status == 200
    again = lab.post("/join", {"name": "Eve", "code": code})
    assert (again.status, "Set-Cookie" in again.headers) == (403, False)
    standing = lab.room.open_code()
    wrong = "1" * 8 if standing != "1" * 8 else "2" * 8
    statuses = [lab.post("/join", {"name": "Eve", "code": wrong}).status for _ in range(5)]
    assert statuses == [403] * 4 + [429]  # the used one counted as well
    assert lab.post("/join", {"name": "Eve", "code": standing}).status == 429


@pytest.mark.parametrize("path", ["/state", "/trace"])
@pytest.mark.parametrize("cookie", ["", f"{COOKIE}=made-up", f"{COOKIE}=", "][; =,\\"])
def test_nothing_of_the_session_is_told_without_a_token(lab: Lab, path: str, cookie: str) -> None:
    lab.join()
    reply = lab.ask("GET", path, Cookie=cookie)
    assert reply.status == 401
    assert b"Kettles" not in reply.body and b"P01" not in reply.body


def test_the_page_itself_tells_nothing_and_asks_no_other_host(lab: Lab) -> None:
    for path, kind in {
        "/": "text/html",
        "/observer.js": "text/javascript",
        "/observer.css": "text/css",
    }.items():
        reply = lab.ask("GET", path)
        assert reply.status == 200
        assert reply.headers["Content-Type"].startswith(kind)
        assert b"Kettles" not in reply.body
        assert b"http://" not in reply.body and b"https://" not in reply.body
        assert b"innerHTML" not in reply.body and b"<script>" not in reply.body


def test_every_answer_carries_the_headers_that_keep_other_sites_out(lab: Lab) -> None:
    for reply in (lab.ask("GET", "/"), lab.ask("GET", "/state"), lab.ask("GET", "/nothing")):
        policy = reply.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Cache-Control"] == "no-store"
        assert "Access-Control-Allow-Origin" not in reply.headers
        assert reply.headers["Server"].strip() == "JourneyLab"


def test_another_name_for_this_machine_is_refused(lab: Lab) -> None:
    cookie = lab.join()
    for host in ("evil.example", f"evil.example:{lab.server.port}", "127.0.0.1", ""):
        reply = lab.ask("GET", "/state", Cookie=cookie, Host=host or "x")
        assert reply.status == 421
    reply = lab.ask("GET", "/state", Cookie=cookie, Host=f"localhost:{lab.server.port}")
    assert reply.status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": ""},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
def test_a_foreign_site_can_neither_join_nor_write(lab: Lab, headers: dict[str, str]) -> None:
    cookie, code = lab.join(), lab.room.open_code()
    assert lab.post("/join", {"name": "Eve", "code": code}, **headers).status == 403
    assert lab.post("/notes", {"text": "x"}, Cookie=cookie, **headers).status == 403
    assert lab.room.code == code
    if headers.get("Origin"):
        assert lab.ask("GET", "/state", Cookie=cookie, **headers).status == 403


def test_what_is_too_long_or_no_json_is_refused(lab: Lab) -> None:
    cookie = lab.join()
    assert lab.post("/notes", {"text": "x" * 1001}, Cookie=cookie).status == 413
    assert lab.post("/notes", {"text": "x" * 9000}, Cookie=cookie).status == 413
    assert lab.post("/notes", ["text"], Cookie=cookie).status == 400
    assert lab.post("/notes", {"text": ["x"]}, Cookie=cookie).status == 400
    assert lab.post("/notes", {"text": "x"}, Cookie=cookie, Content_Type="text/plain").status == 415
    origin = f"http://{lab.host}"
    for length in ("-1", "1e3", "0" * 20 + "99999", "99999999999999999999"):
        reply = lab.ask("POST", "/notes", Origin=origin, Cookie=cookie, Content_Length=length)
        assert reply.status in (411, 413)
    body = b'{"text": ' + b"[" * 4000
    kind = "application/json"
    reply = lab.ask("POST", "/notes", body, Origin=origin, Cookie=cookie, Content_Type=kind)
    assert reply.status == 400


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "PATCH"])
def test_other_methods_do_nothing(lab: Lab, method: str) -> None:
    reply = lab.ask(method, "/state", Cookie=lab.join())
    assert reply.status == 501
    assert b"Kettles" not in reply.body


@pytest.mark.parametrize(
    "path",
    [
        "/..",
        "/../study.toml",
        "/observer",
        "/observer.html",
        "/%2e%2e/x",
        "/state/",
        "/notes",
    ],
)
def test_there_is_nothing_else_to_get(lab: Lab, path: str) -> None:
    assert lab.ask("GET", path, Cookie=lab.join()).status == 404


def test_ending_it_cuts_off_who_is_connected_and_frees_the_port(lab: Lab) -> None:
    cookie = lab.join()
    watching = http.client.HTTPConnection("127.0.0.1", lab.server.port, timeout=10)
    watching.request("GET", "/state", headers={"Cookie": cookie})
    assert watching.getresponse().read()
    idle = socket.create_connection(("127.0.0.1", lab.server.port), timeout=10)
    lab.room.close()
    lab.server.stop()
    lab.server.stop()
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        watching.request("GET", "/state", headers={"Cookie": cookie})
        watching.getresponse()
    assert _ended([idle]) == [idle]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", lab.server.port), timeout=2)
    watching.close()
    idle.close()


def test_a_crowd_of_connections_from_one_place_does_not_become_a_crowd_of_threads(lab: Lab) -> None:
    place = ("127.0.0.1", lab.server.port)
    crowd = [socket.create_connection(place, timeout=5) for _ in range(40)]
    ended = _ended(crowd)
    for one in crowd:
        one.close()
    assert len(ended) == 40 - 24
    # And there is room again once they are gone.
    time.sleep(1.0)
    assert lab.ask("GET", "/").status == 200


def _ended(connections: list[socket.socket]) -> list[socket.socket]:
    """Those the server has let go; it has nothing to say to the others."""
    time.sleep(1.0)
    return select.select(connections, [], [], 0)[0]


def test_an_address_that_is_not_ours_is_refused_in_words(lab: Lab) -> None:
    with pytest.raises(DeviceError, match="Choose another address"):
        ObserverServer(lab.room, address="192.0.2.1")


def test_a_taken_port_is_no_hindrance(lab: Lab) -> None:
    other = ObserverServer(lab.room, address="127.0.0.1", port=lab.server.port)
    assert other.port != lab.server.port
    assert other.url == f"http://127.0.0.1:{other.port}/"
    other.stop()


def test_addresses_of_this_machine_have_loopback_last() -> None:
    addresses = local_addresses()
    assert addresses[-1] == "127.0.0.1"
    assert len(set(addresses)) == len(addresses)
