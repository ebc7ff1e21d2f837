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

_WAIT_S = float(os.environ.get("JOURNEYLAB_WAIT_S", "40"))  # a busy machine needs more
_MOST_TABS = 90
_TAB_S = 20.0
_LIST_S, _OPENING_S = 0.6, 8.0
_WHEEL_DOWN, _WHEEL_UP = "5", "4"
_EMPTY = {
    "page": "",
    "windows": [],
    "places": {},
    "hers": {},
    "names": {},
    "beyond": {},
    "said": [],
    "focus": [],
    "owner": "",
}


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
            return dict(_EMPTY)

    def wait(self, what: str, holds: Callable[[dict], object]) -> dict:
        deadline = time.monotonic() + _WAIT_S
        while time.monotonic() < deadline:
            state = self.state()
            if holds(state):
                return state
            assert self.process.poll() is None, f"the app ended before {what}"
            time.sleep(0.1)
        raise AssertionError(f"no {what} after {_WAIT_S:.0f} s: {self.state()}")

    def wait_a_while(self, holds: Callable[[dict], object]) -> bool:
        """Whether it came to hold within some seconds."""
        deadline = time.monotonic() + _OPENING_S
        while time.monotonic() < deadline:
            if holds(self.state()):
                return True
            time.sleep(0.1)
        return False

    def wait_for(self, words: str) -> None:
        self.wait(words, lambda state: words in state["places"])

    def have_the_keyboard(self) -> None:
        """The app's window gets the keyboard, as every desktop gives it to one that opens."""
        self.wait("window", lambda state: "MainWindow" in state["windows"])
        self.do("search", "--sync", "--onlyvisible", "--name", "JourneyLab", "windowfocus")
        self.wait("keyboard", lambda state: state["focus"])

    def wait_for_stage(self, stage: str, step_id: str = "") -> None:
        """Till the participant sees a stage, for a step where one is named."""
        name = f"{stage} {step_id}"
        self.wait(name, lambda state: any(one.startswith(name) for one in state["windows"]))

    def wait_till_said(self, words: str) -> None:
        """Till the moderator reads these words somewhere."""
        self.wait(words, lambda state: any(words in one for one in state["said"]))

    def wait_for_page(self, page: str) -> None:
        self.wait(page, lambda state: state["page"] == page)

    def click(self, words: str) -> None:
        self.wait_for(words)
        self.click_at(*self.state()["places"][words])

    def click_at(self, x_px: int, y_px: int) -> None:
        self.do("mousemove", str(x_px), str(y_px), "click", "1")

    def key(self, *keys: str) -> None:
        self.do("key", *keys)

    def type(self, text: str) -> None:
        self.do("type", "--delay", "40", text)

    def do(self, *act: str, pause_s: float = 0.4) -> None:
        subprocess.run(["xdotool", *act], env=self.environment, check=True, timeout=10)
        time.sleep(pause_s)  # people are not faster


@dataclass
class Mouse:
    """A moderator's right hand: it presses the left button and turns the wheel, no key ever."""

    hand: Hand

    def click(self, words: str) -> None:
        """Press a button, a box or a list's first row, scrolled to where it is out of sight."""
        there = ("places", "beyond")
        self.hand.wait(words, lambda state: any(words in state[one] for one in there))
        for _ in range(30):
            state = self.hand.state()
            if words in state["places"]:
                self.hand.click_at(*state["places"][words])
                return
            self._scroll_to(state, words)
        raise AssertionError(f"{words} cannot be scrolled to")

    def choose(self, box: str, item: str) -> None:
        """Open a box of choices and press one of them."""
        words, chosen = f"item {item}", f"choice {item}"
        deadline = time.monotonic() + _WAIT_S
        while time.monotonic() < deadline:
            # So soon after the press that opened a list, Qt takes a release for that press's end;
            # on a busy machine the click that opens it may choose what was chosen before.
            time.sleep(_LIST_S)
            state = self.hand.state()
            if chosen in state["names"].get(box, []):
                return
            if words in state["places"]:
                self.hand.click_at(*state["places"][words])
                self.hand.wait_a_while(lambda state: chosen in state["names"].get(box, []))
            else:
                self.click(box)
                self.hand.wait_a_while(lambda state: words in state["places"])
        raise AssertionError(f"{item} could not be chosen of {box}: {self.hand.state()}")

    def _scroll_to(self, state: dict, words: str) -> None:
        x, y = state["beyond"].get(words, (0, 0))
        for left, top, width, height in state.get("areas", ()):
            if left <= x < left + width:
                turn = _WHEEL_DOWN if y > top + height / 2 else _WHEEL_UP
                middle = (str(left + width // 2), str(top + height // 2))
                self.hand.do("mousemove", *middle, "click", turn)
                return


@dataclass
class Keys:
    """A moderator's ten fingers: she never touches the mouse."""

    hand: Hand

    def press(self, *keys: str) -> None:
        self.hand.key(*keys)

    def type(self, text: str) -> None:
        self.hand.type(text)

    def choose(self, box: str, item: str, key: str) -> None:
        """Press a key on a box of choices till it has this one."""
        chosen = f"choice {item}"
        for _ in range(5):
            self.tab_to(box)
            self.press(key)
            if self.hand.wait_a_while(lambda state: chosen in state["names"].get(box, [])):
                return
        raise AssertionError(f"{item} could not be chosen of {box}: {self.hand.state()}")

    def tab_to(self, words: str) -> None:
        """Press Tab till something of this name has the keyboard."""
        for _ in range(_MOST_TABS):
            before = self.hand.state()["focus"]
            if words in before:
                return
            self.hand.do("key", "Tab", pause_s=0.0)
            deadline = time.monotonic() + _TAB_S
            while self.hand.state()["focus"] == before and time.monotonic() < deadline:
                time.sleep(0.02)
        raise AssertionError(f"Tab does not reach {words}: {self.hand.state()}")


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
