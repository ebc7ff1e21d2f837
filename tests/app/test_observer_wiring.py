"""Observers come in at the moderator's word and are gone with hers, or with the session."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from journeylab.app.observer_wiring import ObserverWiring
from journeylab.bundle.header import ScreenGeometry
from journeylab.clock import SessionClock
from journeylab.session.controller import SessionController
from journeylab.study.folder import save_study
from journeylab.study.model import Step, Stimulus, Study
from journeylab.study.privacy import Privacy
from journeylab.ui.moderator.recents import RecentStudies
from journeylab.ui.moderator.window import MainWindow


class Console:
    """The moderator's window, a session without devices, and the wiring between them."""

    def __init__(self, qtbot: QtBot, folder: Path, *, observers: bool = True) -> None:
        clock = SessionClock()
        privacy = Privacy(observers=observers)
        step = Step(id="ad", title="Ad", stimulus=Stimulus(kind="instruction", text="Look."))
        study = save_study(
            folder / "study", Study(id="k", title="Kettles", steps=(step,), privacy=privacy)
        )
        self.controller = SessionController(
            study,
            sources=(),
            analyser_factory=lambda: pytest.fail("there is no camera"),
            clock=clock,
            screen=ScreenGeometry(1920, 1080),
        )
        self.session: SimpleNamespace | None = SimpleNamespace(controller=self.controller)
        self.window = MainWindow(
            analysis=QWidget(),
            recents=RecentStudies(folder / "recent.json"),
            clock=clock,
            studies_folder=folder,
        )
        qtbot.addWidget(self.window)
        self.panel = self.window.console.observers
        self.wiring = ObserverWiring(
            self.window,
            session=lambda: self.session,  # type: ignore[arg-type,return-value]
            clock=clock,
            parent=self.window,
        )

    def ask(self, path: str, values: dict | None = None, cookie: str = "") -> tuple[int, str]:
        """Status and cookie of one request to the address the panel shows."""
        place = urlsplit(self.panel.url.text())
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=10)
        headers = {"Origin": f"http://{place.netloc}", "Cookie": cookie}
        try:
            if values is None:
                connection.request("GET", path, headers=headers)
            else:
                headers["Content-Type"] = "application/json"
                connection.request("POST", path, json.dumps(values).encode(), headers)
            response = connection.getresponse()
            response.read()
            return response.status, (response.headers["Set-Cookie"] or "").split(";")[0]
        finally:
            connection.close()

    def join(self) -> str:
        code = self.panel.code.text()
        status, cookie = self.ask("/join", {"name": "Anna", "code": code})
        assert status == 200
        return cookie


@pytest.fixture
def console(qtbot: QtBot, tmp_path: Path) -> Iterator[Console]:
    before = set(threading.enumerate())
    made = Console(qtbot, tmp_path)
    yield made
    made.wiring.end()
    made.controller.close()
    assert not [one for one in set(threading.enumerate()) - before if one.is_alive()]


def _turn_on(console: Console) -> None:
    console.controller.start_recording("P01", segments={}, consent={})
    console.panel.opened.emit()
    console.panel.start_requested.emit("127.0.0.1")
    assert console.panel.url.text().startswith("http://127.0.0.1:")


def test_nothing_listens_before_a_session_is_recorded(console: Console) -> None:
    console.panel.start_requested.emit("127.0.0.1")
    assert "while a session is recorded" in console.panel.banner.text
    assert console.panel.url.text() == ""
    assert not [one for one in threading.enumerate() if one.name == "observers"]


def test_a_study_that_tells_its_participants_of_no_observers_has_none(
    qtbot: QtBot, tmp_path: Path
) -> None:
    console = Console(qtbot, tmp_path, observers=False)
    try:
        console.controller.start_recording("P01", segments={}, consent={})
        console.panel.start_requested.emit("127.0.0.1")
        assert "Allow observers" in console.panel.banner.text
        assert not [one for one in threading.enumerate() if one.name == "observers"]
    finally:
        console.wiring.end()
        console.controller.close()


def test_who_joins_is_named_and_the_next_code_is_another(qtbot: QtBot, console: Console) -> None:
    _turn_on(console)
    first = console.panel.code.text()
    cookie = console.join()
    assert console.ask("/state", cookie=cookie)[0] == 200
    bar = console.window.console.parts.health
    qtbot.waitUntil(lambda: bar.watching_text == "Anna watches", timeout=5000)
    console.panel.opened.emit()
    assert console.panel.code.text() not in ("–", first)


def test_her_word_ends_it_at_once(console: Console) -> None:
    _turn_on(console)
    cookie = console.join()
    place = urlsplit(console.panel.url.text())
    console.panel.end_requested.emit()
    assert console.panel.url.text() == ""
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection(place.hostname or "", place.port, timeout=5).request("GET", "/")
    # And a new one does not know who was in before.
    console.panel.start_requested.emit("127.0.0.1")
    assert console.ask("/state", cookie=cookie)[0] == 401


@pytest.mark.parametrize("end", ["stops", "fails", "is closed", "window closes"])
def test_it_ends_with_the_session(qtbot: QtBot, console: Console, end: str) -> None:
    _turn_on(console)
    match end:
        case "stops":
            console.controller.stop_recording()
        case "fails":
            console.controller._announcer.fail("The disk is gone.")
        case "is closed":
            console.session = None
        case "window closes":
            console.window.closed.emit()
    qtbot.waitUntil(lambda: console.panel.url.text() == "", timeout=5000)
    assert not [one for one in threading.enumerate() if one.name == "observers"]
