"""A headless Chromium under a test's hand: real clicks and keys, and all that it asked for.

It is spoken to over the pipe of its DevTools protocol: no port, no driver, no other package.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")


def browser() -> str | None:
    """Path of an installed Chromium, None without one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Tab:
    """One page; ``events`` is all that Chromium told of it."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to, self._from = to_browser, from_browser
        self._number = 0
        self._session: str | None = None
        self._rest = b""
        self.events: list[dict[str, Any]] = []

    def open(self, url: str) -> None:
        """Attach to a page and load an address."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        attached = self.ask("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.ask(f"{domain}.enable")
        self.ask("Page.navigate", url=url)
        self.wait_until("document.readyState === 'complete'")

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return dict(answer["result"])
            self.events.append(answer)

    def value(self, expression: str) -> Any:
        """Value of an expression in the page."""
        result = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def wait_until(self, expression: str, *, timeout_s: float = 20.0) -> None:
        """Wait until an expression holds in the page."""
        deadline = time.monotonic() + timeout_s
        while not self.value(f"Boolean({expression})"):
            assert time.monotonic() < deadline, expression
            time.sleep(0.05)

    def centre(self, element: str) -> tuple[float, float]:
        """Middle of an element on the screen; ``element`` is an expression."""
        box = self.value(
            f"(() => {{ const e = {element}; e.scrollIntoView({{block: 'nearest'}});"
            " const b = e.getBoundingClientRect();"
            " return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        return float(box[0]), float(box[1])

    def move(self, x: float, y: float, *, buttons: int = 0) -> None:
        """Move the mouse."""
        self.ask("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y, buttons=buttons)

    def press(self, kind: str, x: float, y: float) -> None:
        """Press or release the left button: ``mousePressed`` or ``mouseReleased``."""
        self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def click(self, element: str) -> None:
        """Click the middle of an element."""
        x, y = self.centre(element)
        self.click_at(x, y)

    def click_at(self, x: float, y: float) -> None:
        """Click a place."""
        self.move(x, y)
        self.press("mousePressed", x, y)
        self.press("mouseReleased", x, y)

    def key(self, name: str) -> None:
        """Press and release a key."""
        for kind in ("keyDown", "keyUp"):
            self.ask("Input.dispatchKeyEvent", type=kind, key=name)

    def photograph(self, path: Path) -> None:
        """Write what is shown as PNG."""
        data = self.ask("Page.captureScreenshot", format="png")["data"]
        path.write_bytes(base64.b64decode(data))

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._from], [], [], 30)
            assert ready, "Chromium does not answer"
            part = os.read(self._from, 1 << 16)
            assert part, "Chromium has ended"
            self._rest += part
        line, _, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(line))


def _raised(descriptor: int) -> int:
    higher = fcntl.fcntl(descriptor, fcntl.F_DUPFD, 10)
    os.close(descriptor)
    return higher


@contextmanager
def opened(url: str, *, profile: Path, size: tuple[int, int] = (1600, 900)) -> Iterator[Tab]:
    """A page in a browser of its own, ended at the end."""
    path = browser()
    assert path is not None
    to_read, to_write = os.pipe()
    from_read, from_write = os.pipe()
    # Away from 3 and 4 themselves: the one redirection must not undo the other.
    to_read, from_write = _raised(to_read), _raised(from_write)
    command = [
        path,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--hide-scrollbars",
        f"--window-size={size[0]},{size[1]}",
        f"--user-data-dir={profile}",
        "--remote-debugging-pipe",
        "about:blank",
    ]

    # Chromium reads commands from descriptor 3 and answers on 4; the shell puts the pipes there.
    place = f'exec "$@" 3<&{to_read} 4>&{from_write}'
    started = subprocess.Popen(
        ["bash", "-c", place, "bash", *command],
        pass_fds=(to_read, from_write),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(to_read)
    os.close(from_write)
    try:
        tab = Tab(to_write, from_read)
        tab.open(url)
        yield tab
    finally:
        started.terminate()
        started.wait(20)
        os.close(to_write)
        os.close(from_read)
