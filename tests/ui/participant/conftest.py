"""A participant's window on the demo shop, and ears for what it tells."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

# Before the application exists: Chromium wants to share its OpenGL contexts.
import PySide6.QtWebEngineWidgets  # noqa: F401
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from journeylab.assets import asset
from journeylab.clock import SessionClock
from journeylab.streams import STREAMS, Picture, Row
from journeylab.study.folder import StudyFolder, load_study
from journeylab.study.model import Step
from journeylab.ui.participant.page_stage import PageStage
from journeylab.ui.participant.window import ParticipantWindow
from participant.sites import Site

Values = dict[str, object]


class Participant:
    """A shown window, all it told, and hands to act with."""

    def __init__(self, qtbot: QtBot, window: ParticipantWindow, folder: StudyFolder) -> None:
        self.window = window
        self.folder = folder
        self.rows: list[Row] = []
        self.pictures: list[Picture] = []
        self.sentences: list[str] = []
        self._qtbot = qtbot
        window.sample.connect(self._take)
        window.failed.connect(self.sentences.append)

    def _take(self, sample: object) -> None:
        if isinstance(sample, Picture):
            self.pictures.append(sample)
        else:
            assert isinstance(sample, Row)
            self.rows.append(sample)

    def step(self, step_id: str) -> Step:
        return self.folder.study.step(step_id)

    def told(self, stream: str, **wanted: object) -> list[Values]:
        """Rows of a stream as dictionaries, those with the wanted values, ``t_ns`` included."""
        names = [column.name for column in STREAMS[stream].columns]
        rows = [
            {"t_ns": row.t_ns, **dict(zip(names, row.values, strict=True))}
            for row in self.rows
            if row.stream == stream
        ]
        return [row for row in rows if all(row[key] == value for key, value in wanted.items())]

    def wait_for(self, stream: str, **wanted: object) -> Values:
        """The first such row, once it came."""
        self._qtbot.waitUntil(lambda: bool(self.told(stream, **wanted)), timeout=10_000)
        return self.told(stream, **wanted)[0]

    def wait(self, is_so: Callable[[], bool]) -> None:
        self._qtbot.waitUntil(is_so, timeout=10_000)

    def show(self, step_id: str) -> None:
        """Show a step and wait for its onset."""
        n_before = len(self.told("stimulus", step_id=step_id, what="onset"))
        self.window.show_step(self.step(step_id))
        self.wait(lambda: len(self.told("stimulus", step_id=step_id, what="onset")) > n_before)

    @property
    def page(self) -> PageStage:
        stage = self.window.stage
        assert isinstance(stage, PageStage)
        return stage

    def run(self, script: str) -> object:
        """Value of a line of script in the page's own world."""
        answers: list[object] = []
        # As text: lists do not come through as such.
        self.page.view.page().runJavaScript(f"JSON.stringify({script})", 0, answers.append)
        self.wait(lambda: bool(answers))
        return json.loads(str(answers[0]) or "null")

    def middle_of(self, selector: str) -> tuple[float, float]:
        """Middle of an element on the full page, CSS px."""
        box = self.run(
            f"(() => {{ const b = document.querySelector({selector!r}).getBoundingClientRect();"
            "return [b.left + b.width / 2 + scrollX, b.top + b.height / 2 + scrollY]; })()"
        )
        assert isinstance(box, list)
        return float(box[0]), float(box[1])

    def click(self, selector: str) -> tuple[float, float]:
        """Press the mouse on an element; where that is on the full page."""
        x_px, y_px = self.middle_of(selector)
        scroll = self.run("[scrollX, scrollY]")
        assert isinstance(scroll, list)
        zoom = self.page.view.zoomFactor()
        target = self.page.view.focusProxy()
        assert target is not None
        at = QPoint(round((x_px - scroll[0]) * zoom), round((y_px - scroll[1]) * zoom))
        QTest.mouseClick(target, Qt.MouseButton.LeftButton, pos=at)
        return x_px, y_px

    def type(self, selector: str, text: str) -> None:
        self.run(f"document.querySelector({selector!r}).focus() || 1")
        target = self.page.view.focusProxy()
        assert target is not None
        QTest.keyClicks(target, text)
        self.wait(lambda: self.run(f"document.querySelector({selector!r}).value") == text)


Open = Callable[..., Participant]
Write = Callable[[str, dict[str, str]], StudyFolder]


@pytest.fixture
def open_window(qtbot: QtBot) -> Iterator[Open]:
    """Opens a participant's window, and sees that all of it is gone afterwards."""
    opened: list[Participant] = []

    def open_it(
        folder: StudyFolder | None = None,
        *,
        device: str | None = None,
        size: tuple[int, int] = (1280, 720),
    ) -> Participant:
        folder = folder or load_study(asset("demo-study"))
        window = ParticipantWindow(folder, clock=SessionClock(), device=device)
        window.resize(*size)
        window.show()
        qtbot.waitExposed(window)
        participant = Participant(qtbot, window, folder)
        opened.append(participant)
        return participant

    yield open_it
    for participant in opened:
        participant.window.close_for_good()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def write_study(tmp_path: Path) -> Write:
    """Writes a study of given steps (TOML) and stimulus files into a folder of its own."""

    def write(steps: str, files: dict[str, str]) -> StudyFolder:
        folder = tmp_path / "study"
        for name, text in {"study.toml": f'id = "s"\ntitle = "S"\n{steps}', **files}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return load_study(folder)

    return write


@pytest.fixture
def site() -> Iterator[Site]:
    served = Site()
    yield served
    served.close()


@pytest.fixture
def elsewhere() -> Iterator[Site]:
    """A site on another host: no pages or files of this machine are within its reach."""
    served = Site("127.0.0.2")
    yield served
    served.close()
