"""Run on an X display with a window manager: tries every way out of the participant's window.

``python leaving_trial.py STUDY``. Keys and mouse are X's own. One JSON object a line: what was
tried, and how things stand afterwards.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from Xlib.display import Display
from Xlib.X import ZPixmap

from journeylab.app.application import open_application
from journeylab.clock import SessionClock
from journeylab.streams import Row
from journeylab.study.folder import load_study
from journeylab.ui.participant.page_stage import PageStage
from journeylab.ui.participant.window import ParticipantWindow

OTHERS_COLOUR = (255, 0, 255)
WAYS = {
    "Alt+F4": ("key", "alt+F4"),
    "Escape": ("key", "Escape"),
    "F11": ("key", "F11"),
    "close the tab": ("key", "ctrl+w"),
    "quit": ("key", "ctrl+q"),
    "new window": ("key", "ctrl+n"),
    "new tab": ("key", "ctrl+t"),
    "open a file": ("key", "ctrl+o"),
    "save the page": ("key", "ctrl+s"),
    "print": ("key", "ctrl+p"),
    "source": ("key", "ctrl+u"),
    "find": ("key", "ctrl+f"),
    "address": ("key", "ctrl+l"),
    "tools": ("key", "F12"),
    "tools by letters": ("key", "ctrl+shift+i"),
    "console": ("key", "ctrl+shift+j"),
    "help": ("key", "F1"),
    "caret": ("key", "F7"),
    "menu key": ("key", "Menu"),
    "menu by shift": ("key", "shift+F10"),
    "back": ("key", "alt+Left"),
    "home": ("key", "alt+Home"),
    "Meta": ("key", "super"),
    "larger": ("key", "ctrl+plus"),
    "smaller": ("key", "ctrl+minus"),
    "larger by wheel": ("keydown", "ctrl", "click", "4", "click", "4", "keyup", "ctrl"),
    "right click": ("click", "3"),
    "middle click": ("click", "2"),
    "back button": ("click", "8"),
    "drag the link out": (
        *("mousemove", "200", "60", "sleep", "0.2", "mousedown", "1", "sleep", "0.2"),
        *("mousemove", "400", "300", "sleep", "0.3", "mousemove", "700", "500", "sleep", "0.3"),
        *("mouseup", "1"),
    ),
}


def _has_keys() -> bool:
    return QGuiApplication.focusWindow() is not None


def say(**values: object) -> None:
    print(json.dumps(values), flush=True)


class Trial:
    """The participant's window on a page, in the middle of a step."""

    def __init__(self, study: Path) -> None:
        self.application = open_application()
        folder = load_study(study)
        self.eye = Display()
        self.rows: list[Row] = []
        self.window = ParticipantWindow(folder, clock=SessionClock())
        self.window.sample.connect(self._take)
        self.window.show_on(self.application.primaryScreen())
        self.window.show_step(folder.study.steps[0])
        for _ in range(400):
            if any(one.values[1] == "onset" for one in self.rows if one.stream == "stimulus"):
                break
            QTest.qWait(25)
        stage = self.window.stage
        assert isinstance(stage, PageStage)
        self.stage = stage
        self.address = stage.view.url()

    def _take(self, sample: object) -> None:
        if isinstance(sample, Row):
            self.rows.append(sample)

    def does(self, *act: str) -> None:
        # Not waited for while the window stands still: a drag needs both at once.
        hand = subprocess.Popen(["xdotool", *act])
        while hand.poll() is None:
            QTest.qWait(10)
        QTest.qWait(350)

    def sees_other(self) -> bool:
        """Whether the other program is what the X display shows in its middle."""
        image = self.eye.screen().root.get_image(600, 400, 1, 1, ZPixmap, 0xFFFFFFFF)
        blue, green, red = image.data[:3]
        return (red, green, blue) == OTHERS_COLOUR

    def tell(self, way: str) -> None:
        windows = [
            one
            for one in QApplication.topLevelWidgets()
            if one.isVisible() and not one.testAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        ]
        say(
            way=way,
            is_full=self.window.isFullScreen() and self.window.isVisible(),
            windows=[type(one).__name__ for one in windows],
            popups=QApplication.activePopupWidget() is not None,
            is_same_page=self.stage.view.url() == self.address,
            zoom=round(self.stage.view.zoomFactor(), 3),
            step=self.window.step is not None,
        )

    def run(self) -> None:
        self.does("mousemove", "600", "400", "click", "1")
        for way, act in WAYS.items():
            self.does(*act)
            self.tell(way)
            self.does("mousemove", "600", "400")
        self.meet_another_program(when="in a step")
        self.be_made_small()
        self.window.show_waiting()
        self.meet_another_program(when="between steps")
        self.window.close_for_good()
        QTest.qWait(100)

    def meet_another_program(self, *, when: str) -> None:
        """As Alt+Tab does: a window of another program comes to the front and has the keys."""
        code = (
            "from PySide6.QtWidgets import QApplication, QWidget; app = QApplication([]);"
            "w = QWidget(); w.setWindowTitle('another program'); w.showFullScreen();"
            f"w.setStyleSheet('background: rgb{OTHERS_COLOUR}');"
            "w.raise_(); w.activateWindow(); app.exec()"
        )
        other = subprocess.Popen([sys.executable, "-c", code])
        self.does(
            "search", "--sync", "--onlyvisible", "--name", "another program", "windowactivate"
        )
        QTest.qWait(1500)
        say(when=when, other_is_seen=self.sees_other(), has_keys=_has_keys())
        self.does("key", "alt+Tab")
        QTest.qWait(900)
        say(when=f"{when}, Alt+Tab", other_is_seen=self.sees_other(), has_keys=_has_keys())
        other.kill()
        other.wait()
        QTest.qWait(300)

    def be_made_small(self) -> None:
        number = str(int(self.window.winId()))
        subprocess.run(["xdotool", "windowminimize", number], check=True)
        was_small = False
        for _ in range(40):
            QTest.qWait(10)
            was_small = was_small or self.window.isMinimized()
        QTest.qWait(1200)
        say(
            was_small=was_small,
            is_full_again=self.window.isFullScreen() and not self.window.isMinimized(),
        )


if __name__ == "__main__":
    Trial(Path(sys.argv[1])).run()
