"""Run on a display of its own: drags a step and draws an area with a real mouse, and prints both.

One JSON object a line. A process of its own, because Qt's platform is chosen once.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from journeylab.study.templates import templates
from journeylab.theme import DARK
from journeylab.ui.moderator.study_editor.dialog import StudyEditor
from journeylab.ui.widgets.style import apply_style

_SETTLE_MS = 1500
_PATIENCE_MS = 40_000


def main(where: Path) -> None:
    application = QApplication([])
    apply_style(application, DARK)
    editor = StudyEditor(where=where)
    editor.setGeometry(0, 0, 1318, 720)
    editor.show()
    editor.begin_with(templates()[2])
    drags: list[subprocess.Popen[bytes]] = []
    steps, areas = editor.steps.list, editor.step_page.areas

    def drag_step() -> None:
        first, fourth = (steps.visualItemRect(steps.item(row)).center() for row in (0, 3))
        # Below the middle of the fourth: it goes behind it.
        drags.append(drag(steps.viewport(), first, fourth + QPoint(0, 14)))

    def draw_area() -> None:
        editor.show_step([step.id for step in editor.desk.study.steps].index("ad"))
        editor.step_page.show_tab(2)
        QTimer.singleShot(_SETTLE_MS, pull)

    def pull() -> None:
        start, end = (areas.canvas.to_widget(*at).toPoint() for at in ((200, 100), (600, 400)))
        drags.append(drag(areas.canvas, start, end))

    def look() -> None:
        """Go on when what the mouse was to do has been done."""
        study = editor.desk.study
        ids = [step.id for step in study.steps]
        if not drags or drags[-1].poll() is None:
            return
        if len(drags) == 1 and ids[0] != "ad":
            print(json.dumps({"steps": ids, "chosen": editor.steps.index}), flush=True)
            drags.append(drags[0])
            draw_area()
        aois = study.steps[ids.index("ad")].aois
        if aois:
            print(json.dumps({"box": aois[0].box}), flush=True)
            editor._discard()
            application.quit()

    ticks = QTimer()
    ticks.timeout.connect(look)
    ticks.start(100)
    QTimer.singleShot(_SETTLE_MS, drag_step)
    QTimer.singleShot(_PATIENCE_MS, application.quit)
    application.exec()


def drag(widget: QWidget, start: QPoint, end: QPoint) -> subprocess.Popen[bytes]:
    """Press, move in steps as a hand does, and release."""
    begin, finish = widget.mapToGlobal(start), widget.mapToGlobal(end)
    words = ["xdotool"]
    places = [begin, begin + QPoint(4, 14), finish - QPoint(4, 8), finish]
    for number, point in enumerate(places):
        words += ["mousemove", str(point.x()), str(point.y()), "sleep", "0.3"]
        words += ["mousedown", "1", "sleep", "0.3"] if number == 0 else []
    return subprocess.Popen([*words, "sleep", "0.4", "mouseup", "1"])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
