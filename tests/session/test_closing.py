"""Closing a session that is about to begin."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from session_fakes import FakeAnalyser, FakeSource, frame, wait_until

from journeylab.bundle.header import ScreenGeometry, SessionHeader
from journeylab.clock import Clock, SessionClock
from journeylab.errors import SessionError
from journeylab.session.consent import AGREED_TO_ALL
from journeylab.session.controller import SessionController
from journeylab.session.recorder import Writer
from journeylab.session.states import SessionState
from journeylab.study.folder import StudyFolder

_CONSENT = dict(AGREED_TO_ALL)


def test_closed_while_the_model_loads_it_never_begins_to_record(folder: StudyFolder) -> None:
    clock = SessionClock()
    is_loaded = threading.Event()
    opened: list[Path] = []

    def load() -> FakeAnalyser:
        is_loaded.wait(5)
        return FakeAnalyser()

    def open_writer(path: Path, header: SessionHeader, *, clock: Clock) -> Writer:
        opened.append(path)
        raise AssertionError

    controller = SessionController(
        folder,
        sources=(FakeSource("camera", frame, rate_hz=60, clock=clock),),
        analyser_factory=load,
        clock=clock,
        screen=ScreenGeometry(1920, 1080),
        open_writer=open_writer,
    )
    said: list[SessionError] = []

    def start() -> None:
        with pytest.raises(SessionError) as caught:
            controller.start_recording("P01", segments={}, consent=_CONSENT)
        said.append(caught.value)

    starting = threading.Thread(target=start)
    starting.start()
    wait_until(lambda: controller.state is SessionState.PREVIEW)
    closing = threading.Thread(target=controller.close)
    closing.start()
    wait_until(lambda: controller.state is SessionState.CLOSED)
    is_loaded.set()
    starting.join(5)
    closing.join(5)
    assert opened == []
    assert "is closed" in str(said[0])
