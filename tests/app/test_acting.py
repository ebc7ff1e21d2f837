"""What the console says of its acts is what the session made of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from journeylab.app.window import Composition
from journeylab.clock import SessionClock
from journeylab.study.folder import StudyFolder, save_study
from journeylab.study.model import Step, Stimulus, Study
from journeylab.ui.moderator.recents import RecentStudies
from journeylab.vocabulary import StimulusKind

_WAIT_MS = 40_000


@pytest.fixture
def study(tmp_path: Path) -> StudyFolder:
    stimulus = Stimulus(kind=StimulusKind.INSTRUCTION, text="Please look.")
    steps = tuple(Step(id=name, title=name.title(), stimulus=stimulus) for name in ("look", "end"))
    return save_study(tmp_path / "study", Study(id="acts", title="Acts", steps=steps))


@pytest.fixture
def app(qtbot: QtBot, study: StudyFolder, tmp_path: Path) -> Iterator[Composition]:
    """The application, which shows the console of a session that does not record yet."""
    home = tmp_path / "home"
    RecentStudies(home / "recent-studies.json").remember(study.path)
    app = Composition(clock=SessionClock(), home=home)
    window = app.window
    window.show()
    assert window.open_study(study.path)
    qtbot.waitUntil(lambda: app._are_devices_known, timeout=_WAIT_MS)
    camera = window.setup.devices.camera
    camera.setCurrentIndex(camera.findText("Simulated participant"))
    camera.activated.emit(camera.currentIndex())
    qtbot.waitUntil(lambda: bool(app._session and app._session.controller), timeout=_WAIT_MS)
    window.show_console(window.setup.choice())
    left: list[bool] = []
    app.left.connect(lambda: left.append(True))
    yield app
    app.interrupt()
    window._places.go_to(window.studies)
    window.close()
    qtbot.waitUntil(lambda: bool(left), timeout=_WAIT_MS)
    window.deleteLater()
    app.deleteLater()
    qtbot.wait(20)


def test_what_the_session_refuses_is_not_said_to_be_kept(qtbot: QtBot, app: Composition) -> None:
    console = app.window.console
    said: list[str] = []
    console.said.connect(lambda words, _level: said.append(words))
    row = console.parts.markers.rows[0]
    qtbot.mouseClick(row, Qt.MouseButton.LeftButton)
    assert console.parts.markers.said == "" and not row.is_lit
    assert len(said) == 1 and "is in preview" in said[0]
    console.note_requested.emit("She looks puzzled", 5)
    assert console.parts.markers.said == ""
    assert console.parts.markers.field.text() == "She looks puzzled", "nothing is lost"
    console.acts.skip_requested.emit()
    assert "is in preview" in said[-1]
