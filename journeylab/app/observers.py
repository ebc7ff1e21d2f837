"""A read-only page of the running session on the local network, for observers with a code."""

from __future__ import annotations

import json
import math
import socket
import threading
from dataclasses import fields
from functools import cache
from http.cookies import CookieError, SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address, ip_address
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import psutil

from journeylab.assets import asset
from journeylab.errors import DeviceError
from journeylab.logs import logger
from journeylab.session.observing import Answer, ObserverRoom
from journeylab.theme import DARK, LIGHT, Palette

PORT: Final = 8642
COOKIE: Final = "journeylab_observer"
_LONGEST_BODY: Final = 8192
_MOST_CONNECTIONS: Final = 64
_MOST_OF_ONE: Final = 24  # one address cannot keep all others out
_IDLE_S: Final = 10.0
_FILES: Final = {
    "/": ("observer.html", "text/html; charset=utf-8"),
    "/observer.js": ("observer.js", "text/javascript; charset=utf-8"),
    "/observer.css": ("observer.css", "text/css; charset=utf-8"),
}
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}

_log = logger(__name__)


def local_addresses() -> list[str]:
    """This machine's IPv4 addresses, those of a private network first, loopback last."""
    stats = psutil.net_if_stats()
    found = {
        one.address
        for name, addresses in psutil.net_if_addrs().items()
        if name in stats and stats[name].isup
        for one in addresses
        if one.family is socket.AF_INET
    }
    kinds = [IPv4Address(one) for one in found]
    kinds.sort(key=lambda one: (one.is_loopback, one.is_link_local, not one.is_private, one))
    return [str(one) for one in kinds]


class ObserverServer:
    """Serves one room on one address, from :meth:`start` to :meth:`stop`.

    Made, started and stopped by one thread; requests are answered on threads of their own.

    Raises
    ------
    DeviceError
        When the address cannot be listened on.
    """

    def __init__(self, room: ObserverRoom, *, address: str, port: int = PORT) -> None:
        try:
            self._server = _open(room, address, port=port)
        except OSError as error:
            raise DeviceError(
                f"Observers cannot be let in at {address}: {error.strerror or error}.",
                remedy="Choose another address of this computer.",
            ) from error
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """What observers type."""
        return f"http://{self._server.server_address[0]!s}:{self.port}/"

    def start(self) -> None:
        """Answer from now on. Called once."""
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="observers"
        )
        self._thread.start()

    def stop(self) -> None:
        """Listen no more and cut off who is connected; waits for that. Twice is harmless."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._server.shutdown()
            thread.join()
        self._server.cut_off()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    """Knows its connections, so that it can end them and refuse too many."""

    daemon_threads = False  # joined when it closes
    request_queue_size = 16
    allow_reuse_address = True

    def __init__(self, room: ObserverRoom, address: tuple[str, int]) -> None:
        self.room = room
        self._open: dict[socket.socket, str] = {}
        self._open_lock = threading.Lock()
        super().__init__(address, _Handler)
        host, port = self.server_address[0], self.server_address[1]
        names = {str(host)} | ({"localhost"} if ip_address(str(host)).is_loopback else set())
        # Any other name that leads here is a site that had its name point to this machine.
        self.hosts: frozenset[str] = frozenset(f"{name}:{port}" for name in names)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            address = str(client_address[0])
            n_own = sum(one == address for one in self._open.values())
            is_full = len(self._open) >= _MOST_CONNECTIONS or n_own >= _MOST_OF_ONE
            if not is_full:
                self._open[request] = address
        if is_full:
            super().shutdown_request(request)
        else:
            super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.pop(request, None)
        super().shutdown_request(request)

    def cut_off(self) -> None:
        """End every connection."""
        with self._open_lock:
            left = list(self._open)
        for one in left:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it is gone already

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        _log.info("a connection of %s broke off", client_address[0], exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    """Answers one connection. Only what is listed here is there; nothing is read from a path."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "JourneyLab", ""
    timeout = _IDLE_S
    server: _Server

    def do_GET(self) -> None:
        if not self._comes_from_our_page(is_post=False):
            return
        address = urlsplit(self.path)
        room = self.server.room
        if address.path in _FILES:
            self._send_file(address.path)
        elif address.path not in ("/state", "/trace"):
            self._answer(Answer(404, "There is nothing here."))
        elif not room.admits(self._token()):
            self._answer(Answer(401, "Please join with a code."))
        elif address.path == "/state":
            self._send_json(200, room.state())
        else:
            self._send_json(200, room.trace(_seconds(address.query)))

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        if not self._comes_from_our_page(is_post=True):
            return
        if path not in ("/join", "/notes"):
            self._refuse(404, "There is nothing here.")
            return
        words = self._words()
        if words is None:
            return
        room = self.server.room
        if path == "/join":
            address = str(self.client_address[0])
            code, name = words.get("code", ""), words.get("name", "")
            self._answer(room.join(code, name=name, address=address))
        else:
            self._answer(room.note(self._token(), words.get("text", "")))

    def _comes_from_our_page(self, *, is_post: bool) -> bool:
        """Whether the request was made by our own page, or for it; refuses it otherwise."""
        host = self.headers.get("Host", "").lower()
        if host not in self.server.hosts:
            self._refuse(421, "This is not the address the moderator told you.")
            return False
        origin = self.headers.get("Origin")
        is_ours = origin == f"http://{host}" or (origin is None and not is_post)
        site = self.headers.get("Sec-Fetch-Site", "none")
        if not is_ours or site not in ("same-origin", "none"):
            self._refuse(403, "This was asked by another site.")
            return False
        return True

    def _words(self) -> dict[str, str] | None:
        """The texts of the request's JSON object; None when it was refused."""
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()) or "Transfer-Encoding" in self.headers:
            self._refuse(411, "The length is missing.")
            return None
        if len(length) > 9 or int(length) > _LONGEST_BODY:
            self._refuse(413, "That is too long.")
            return None
        body = self.rfile.read(int(length))
        if self.headers.get_content_type() != "application/json":
            self._refuse(415, "Only JSON is understood.")
            return None
        try:
            values = json.loads(body)
        except (ValueError, RecursionError):
            values = None
        if not isinstance(values, dict):
            self._refuse(400, "This is not understood.")
            return None
        return {key: value for key, value in values.items() if isinstance(value, str)}

    def _token(self) -> str:
        try:
            cookies = SimpleCookie(self.headers.get("Cookie", ""))
        except CookieError:
            return ""
        return cookies[COOKIE].value if COOKIE in cookies else ""

    def _answer(self, answer: Answer) -> None:
        cookie = f"{COOKIE}={answer.token}; HttpOnly; SameSite=Strict; Path=/"
        self._send_json(
            answer.status,
            {"sentence": answer.sentence},
            headers={"Set-Cookie": cookie} if answer.token else {},
        )

    def _refuse(self, status: int, sentence: str) -> None:
        """Answer without having read on: what follows on this connection means nothing."""
        self.close_connection = True
        self._send_json(status, {"sentence": sentence}, headers={"Connection": "close"})

    def _send_file(self, path: str) -> None:
        name, media_type = _FILES[path]
        self._send(200, _file(name), media_type=media_type, headers={})

    def _send_json(
        self, status: int, values: object, *, headers: dict[str, str] | None = None
    ) -> None:
        body = json.dumps(values, ensure_ascii=False, allow_nan=False).encode()
        self._send(status, body, media_type="application/json", headers=headers or {})

    def _send(self, status: int, body: bytes, *, media_type: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**_HEADERS, **headers, "Content-Type": media_type}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def send_error(
        self,
        code: int,
        message: str | None = None,
        explain: str | None = None,  # noqa: ARG002
    ) -> None:
        """What the standard library refuses, such as other methods, without its page."""
        self._refuse(code, message or "This is not understood.")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Nothing of what observers ask is logged."""


def _open(room: ObserverRoom, address: str, *, port: int) -> _Server:
    try:
        return _Server(room, (address, port))
    except OSError:
        if port == 0:
            raise
        return _Server(room, (address, 0))  # its usual port is taken


def _seconds(query: str) -> float:
    try:
        seconds = float(parse_qs(query).get("after", ["-1"])[0])
    except ValueError:
        return -1.0
    return seconds if math.isfinite(seconds) else -1.0


@cache
def _file(name: str) -> bytes:
    text = asset("observer", name).read_text(encoding="utf-8")
    if name.endswith(".css"):
        dark = f"@media (prefers-color-scheme: dark) {{ :root {{ {_tokens(DARK)} }} }}"
        text = f":root {{ {_tokens(LIGHT)} }}\n{dark}\n{text}"
    return text.encode()


def _tokens(palette: Palette) -> str:
    return " ".join(
        f"--{one.name.replace('_', '-')}: {value};"
        for one in fields(palette)
        if isinstance(value := getattr(palette, one.name), str)
    )
