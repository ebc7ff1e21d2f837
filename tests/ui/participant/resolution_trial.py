"""Run on an X display of its own: changes the resolution of the participant's display.

``python resolution_trial.py STUDY``. One JSON object a line: where the window is, where gaze and
mouse are counted from, and what was told. The modes are those of ``test_displays``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtTest import QTest

from journeylab.app.application import open_application
from journeylab.app.devices import screen_geometry, screen_origin_px
from journeylab.clock import SessionClock
from journeylab.streams import Row
from journeylab.study.folder import load_study
from journeylab.ui.participant.window import ParticipantWindow


def say(**values: object) -> None:
    print(json.dumps(values), flush=True)


def main(study: Path) -> None:
    application = open_application()
    folder = load_study(study)
    window = ParticipantWindow(folder, clock=SessionClock())

    def take(sample: object) -> None:
        if isinstance(sample, Row) and sample.stream == "health":
            say(health=list(sample.values[:2]), words=str(sample.values[3]))

    def tell_screen(screen: QScreen) -> None:
        geometry = screen_geometry(screen)
        say(
            moved=geometry.name,
            size=[geometry.width_px, geometry.height_px],
            scale=geometry.scale,
            mm=[geometry.width_mm, geometry.height_mm],
            origin=list(screen_origin_px(screen)),
        )

    def place() -> None:
        QTest.qWait(900)
        box, ratio = window.geometry(), window.devicePixelRatioF()
        say(place=[round(box.width() * ratio), round(box.height() * ratio)])

    window.sample.connect(take)
    window.display.moved.connect(tell_screen)
    assert isinstance(application, QGuiApplication)
    window.show_on(application.primaryScreen())
    window.show_step(folder.study.steps[0])
    place()
    for mode in ("smaller", "1920x1080"):
        subprocess.run(["xrandr", "--output", "screen", "--mode", mode], check=True)
        place()
    say(step=window.step is not None)
    window.close_for_good()
    QTest.qWait(100)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
