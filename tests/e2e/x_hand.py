"""The app on an X display, and a hand that has nothing but mouse and keyboard."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from journeylab.study.folder import StudyFolder
from journeylab.ui.moderator.recents import RecentStudies

_WAIT_S = 40.0


@dataclass
class Hand:
    """Mouse and keyboard of the display, and an eye for what stands where."""

    state_file: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes]

    def state(self) -> dict:
        try:
            return json.loads(self.state_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {"page": "", "windows": [], "places": {}}

    def wait(self, what: str, holds: Callable[[dict], object]) -> dict:
        deadline = time.monotonic() + _WAIT_S
        while time.monotonic() < deadline:
            state = self.state()
            if holds(state):
                return state
            assert self.process.poll() is None, f"the app ended before {what}"
            time.sleep(0.1)
        raise AssertionError(f"no {what} after {_WAIT_S:.0f} s: {self.state()}")

    def wait_for(self, words: str) -> None:
        self.wait(words, lambda state: words in state["places"])

    def wait_for_page(self, page: str) -> None:
        self.wait(page, lambda state: state["page"] == page)

    def click(self, words: str) -> None:
        self.wait_for(words)
        self.click_at(*self.state()["places"][words])

    def click_at(self, x_px: int, y_px: int) -> None:
        self._do("mousemove", str(x_px), str(y_px), "click", "1")

    def key(self, *keys: str) -> None:
        self._do("key", *keys)

    def type(self, text: str) -> None:
        self._do("type", "--delay", "40", text)

    def _do(self, *act: str) -> None:
        subprocess.run(["xdotool", *act], env=self.environment, check=True, timeout=10)
        time.sleep(0.4)  # people are not faster


@contextmanager
def open_app(study: StudyFolder, *, display: str, folder: Path) -> Iterator[Hand]:
    """The app, open on its list of studies, with a home of its own under ``folder``."""
    home = folder / "home"
    RecentStudies(home / "Documents" / "JourneyLab" / "recent-studies.json").remember(study.path)
    environment = {
        **os.environ,
        "DISPLAY": display,
        "HOME": str(home),
        "QT_QPA_PLATFORM": "xcb",
        "LIBGL_ALWAYS_SOFTWARE": "1",
    }
    for name in ("WAYLAND_DISPLAY", "XDG_CONFIG_HOME", "PULSE_SERVER"):
        environment.pop(name, None)
    log, state = folder / "log.txt", folder / "state.json"
    program = Path(__file__).with_name("watched_app.py")
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, str(program), str(state)], env=environment, stdout=out, stderr=out
        )
        try:
            yield Hand(state, environment, process)
            process.terminate()
            assert process.wait(20) == 0, log.read_text()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait(10)
    assert "Traceback" not in log.read_text()
