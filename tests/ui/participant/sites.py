"""Sites of the shapes real ones have, served on this machine."""

from __future__ import annotations

import http.server
import ssl
import threading
from collections.abc import Callable

_BUTTON = "style='position:absolute;left:{x}px;top:{y}px;width:120px;height:60px'"


def button(id_: str, x: int, y: int, *, on: str = "") -> str:
    """A button of 120 x 60 px at a place of the page."""
    return f'<button id={id_} {_BUTTON.format(x=x, y=y)} onclick="{on}">{id_}</button>'


def page(body: str, *, height: int = 600) -> str:
    """A page of that height, without margins."""
    return (
        "<!doctype html><title>site</title>"
        f"<body style='margin:0;height:{height}px;position:relative'>{body}"
    )


def step_on(url: str, *, stimulus: str = "") -> str:
    """A step that shows a site, as in the study file."""
    return f"""
[[steps]]
id = "one"
title = "One"
[steps.stimulus]
kind = "page"
url = "{url}"
{stimulus}"""


class Site:
    """One server; ``pages`` and ``files`` by path, ``asked`` the paths that were asked for."""

    def __init__(
        self, host: str = "127.0.0.1", *, certificate: ssl.SSLContext | None = None
    ) -> None:
        self.pages: dict[str, str | Callable[[], str]] = {}
        self.files: dict[str, tuple[str, bytes]] = {}  # kind of content, content
        self.redirects: dict[str, str] = {}
        self.headers: dict[str, tuple[str, str]] = {}
        self.status: dict[str, int] = {}
        self.asked: list[str] = []
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.split("?")[0]
                site.asked.append(path)
                if path in site.files:
                    kind, content = site.files[path]
                    self.send_response(200)
                    self.send_header("Content-Type", kind)
                    self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)
                    return
                found = site.pages.get(path)
                if path in site.redirects:
                    self.send_response(302)
                    self.send_header("Location", site.redirects[path])
                    self.end_headers()
                    return
                self.send_response(site.status.get(path, 200 if found is not None else 404))
                if path in site.headers:
                    self.send_header(*site.headers[path])
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                text = found() if callable(found) else found
                self.wfile.write((text or "not here").encode())

            def log_message(self, *_args: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer((host, 0), Handler)
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        if certificate is not None:
            self._server.socket = certificate.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_port
        self.url = f"http{'' if certificate is None else 's'}://{host}:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
