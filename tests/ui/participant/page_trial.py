"""Run on an X display of its own: presses what is on pages with the real mouse, prints the clicks.

``python page_trial.py STUDY DEVICE``. One JSON object a line: what was pressed, where its box lies
on the full page, and the click that was written. A process of its own, because Qt's platform is
chosen once.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

# Before the application exists: Chromium wants to share its OpenGL contexts.
import PySide6.QtWebEngineWidgets  # noqa: F401
from PySide6.QtCore import QPointF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from journeylab.clock import SessionClock
from journeylab.streams import STREAMS, Row
from journeylab.study.folder import load_study
from journeylab.ui.participant.page_stage import PageStage
from journeylab.ui.participant.window import ParticipantWindow

_COLUMNS = [column.name for column in STREAMS["page"].columns]
# Where an element lies, through frames of this origin and open shadow roots: on the page, and in
# the view.
_FIND = """(() => {
    let root = document, at = [0, 0], element = null;
    for (const part of %s.split(" >>> ")) {
        element = root.querySelector(part);
        const box = element.getBoundingClientRect();
        at = [at[0] + box.left, at[1] + box.top, box.width, box.height];
        if (element.localName === "iframe") {
            at = [at[0] + element.clientLeft, at[1] + element.clientTop];
            root = element.contentDocument;
        } else {
            if (element.shadowRoot) at = [0, 0];
            root = element.shadowRoot || element;
        }
    }
    return JSON.stringify([at, [scrollX, scrollY]]);
})()"""


class Trial:
    """A window on a study's steps, the rows it wrote, and X's own mouse."""

    def __init__(self, study: Path, device: str) -> None:
        self.folder = load_study(study)
        self.window = ParticipantWindow(self.folder, clock=SessionClock(), device=device)
        self.rows: list[Row] = []
        self.window.sample.connect(self.rows.append)

    def told(self, kind: str) -> list[dict[str, object]]:
        rows = [row for row in self.rows if isinstance(row, Row) and row.stream == "page"]
        told = [dict(zip(_COLUMNS, row.values, strict=True)) for row in rows]
        return [row for row in told if row["kind"] == kind]

    def run(self, script: str) -> str:
        stage = self.window.stage
        assert isinstance(stage, PageStage)
        answers: list[object] = []
        stage.view.page().runJavaScript(script, 0, answers.append)
        until(lambda: answers)
        return str(answers[0])

    def press(self, step_id: str, selector: str, scroll_px: int) -> None:
        n_onsets = self.n_onsets
        self.window.show_step(self.folder.study.step(step_id))
        until(lambda: self.n_onsets > n_onsets)
        self.run(f"scrollTo(0, {scroll_px})")
        QTest.qWait(800)
        (left, top, width, height), scroll = json.loads(self.run(_FIND % json.dumps(selector)))
        stage = self.window.stage
        assert isinstance(stage, PageStage)
        zoom = stage.view.zoomFactor()
        in_view = QPointF((left + width * 0.7) * zoom, (top + height * 0.4) * zoom)
        at = stage.view.mapToGlobal(in_view).toPoint()
        n_clicks = len(self.told("click"))
        mouse = ["xdotool", "mousemove", str(at.x()), str(at.y()), "sleep", "0.05", "click", "1"]
        subprocess.run(mouse, check=True)
        until(lambda: len(self.told("click")) > n_clicks)
        box = [left + scroll[0], top + scroll[1], width, height]
        say(pressed=selector, box=box, clicks=self.told("click")[n_clicks:])

    @property
    def n_onsets(self) -> int:
        rows = [row for row in self.rows if isinstance(row, Row) and row.stream == "stimulus"]
        return sum(row.values[1] == "onset" for row in rows)


def say(**values: object) -> None:
    print(json.dumps(values), flush=True)


def until(holds: Callable[[], object]) -> None:
    for _ in range(600):
        if holds():
            return
        QTest.qWait(25)
    raise SystemExit("it never came")


def main(study: Path, device: str) -> None:
    application = QApplication([])
    trial = Trial(study, device)
    trial.window.show_on(application.primaryScreen())
    QTest.qWait(500)
    for step in trial.folder.study.steps:
        selector, scroll_px = step.guide.rsplit(" @ ", 1)
        trial.press(step.id, selector, int(scroll_px))
    trial.window.close_for_good()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
