"""Run on a display of its own: pulls and plugs the participant's display, and prints what happens.

One JSON object a line. A process of its own, because Qt's platform is chosen once.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QRect
from PySide6.QtGui import QScreen
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from journeylab.clock import SessionClock
from journeylab.streams import Row
from journeylab.study.folder import load_study
from journeylab.ui.participant.window import ParticipantWindow

PARTICIPANTS = ("--setmonitor", "R", "800/211x600/158+1000+0", "none")


def say(**values: object) -> None:
    print(json.dumps(values), flush=True)


def place(widget: QWidget) -> list[int]:
    box: QRect = widget.geometry()
    return [box.x(), box.y(), box.width(), box.height()]


def main(study: Path) -> None:
    subprocess.run(["xrandr", *PARTICIPANTS], check=True)
    application = QApplication([])
    folder = load_study(study)
    moderators = QWidget()
    moderators.setGeometry(100, 100, 400, 300)
    moderators.show()
    window = ParticipantWindow(folder, clock=SessionClock())

    def take(sample: object) -> None:
        if isinstance(sample, Row) and sample.stream == "health":
            say(health=list(sample.values[:2]), words=str(sample.values[3]))

    def tell_screen(screen: QScreen) -> None:
        say(moved=screen.name())

    window.sample.connect(take)
    window.display.moved.connect(tell_screen)
    screens = {screen.name(): screen for screen in application.screens()}
    window.show_on(screens["R"])
    window.show_step(folder.study.steps[0])
    QTest.qWait(300)
    say(place=place(window))
    subprocess.run(["xrandr", "--delmonitor", "R"], check=True)
    QTest.qWait(700)
    say(place=place(window), visible=window.isVisible(), step=window.step is not None)
    window.show_on(screens["R"])  # as the application does, which knows no better
    QTest.qWait(100)
    say(place=place(window))
    subprocess.run(["xrandr", *PARTICIPANTS], check=True)
    QTest.qWait(700)
    say(place=place(window))
    # Once more while the window is hidden, as between calibration and recording.
    window.hide()
    subprocess.run(["xrandr", "--delmonitor", "R"], check=True)
    QTest.qWait(700)
    say(hidden=window.isHidden())
    window.show_on(application.screens()[0])
    QTest.qWait(300)
    say(place=place(window))
    subprocess.run(["xrandr", *PARTICIPANTS], check=True)
    QTest.qWait(700)
    say(place=place(window))
    window.close_for_good()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
