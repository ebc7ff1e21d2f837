"""Work beside the window: the latest request only, told on the GUI thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from journeylab.errors import AnalysisError
from journeylab.ui.analysis.background import Background, Progress


@pytest.fixture
def background(qtbot: QtBot) -> Iterator[Background]:
    made = Background("planted work")
    yield made
    made.close()
    assert not made.is_busy


def test_a_result_arrives_on_the_gui_thread_with_its_progress(
    qtbot: QtBot, background: Background
) -> None:
    threads, shares = [], []
    background.progressed.connect(shares.append)
    background.finished.connect(lambda _result: threads.append(threading.current_thread()))

    def work(progress: Progress) -> object:
        assert threading.current_thread() is not threading.main_thread()
        progress(0.5)
        return 42

    with qtbot.waitSignal(background.finished) as caught:
        background.run(work)
    assert caught.args == [42]
    assert shares == [0.5]
    assert threads == [threading.main_thread()]
    qtbot.waitUntil(lambda: not background.is_busy)


def test_a_newer_request_ends_the_older_and_skips_the_waiting(
    qtbot: QtBot, background: Background
) -> None:
    may_go, started, done = threading.Event(), threading.Event(), []
    background.finished.connect(done.append)

    def slow(progress: Progress) -> object:
        started.set()
        may_go.wait(5)
        progress(0.9)
        pytest.fail("a cancelled piece of work went on")

    background.run(slow)
    assert started.wait(5)
    background.run(lambda _progress: "skipped")
    background.run(lambda _progress: "latest")
    may_go.set()
    qtbot.waitUntil(lambda: bool(done))
    qtbot.waitUntil(lambda: not background.is_busy)
    assert done == ["latest"]


def test_an_error_arrives_in_words_and_the_next_request_runs(
    qtbot: QtBot, background: Background, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_progress: Progress) -> object:
        raise AnalysisError("Too little data.", remedy="Record more.")

    def crash(_progress: Progress) -> object:
        raise ZeroDivisionError

    with qtbot.waitSignal(background.failed) as caught:
        background.run(fail)
    assert caught.args == ["Too little data. Record more."]
    with qtbot.waitSignal(background.failed) as caught:
        background.run(crash)
    assert caught.args == ["Planted work failed. The log says more."]
    assert "ZeroDivisionError" in caplog.text
    with qtbot.waitSignal(background.finished):
        background.run(lambda _progress: 1)


def test_closing_waits_for_the_thread(background: Background) -> None:
    may_go = threading.Event()

    def slow(progress: Progress) -> object:
        may_go.wait(5)
        progress(0.5)
        return None

    background.run(slow)
    threading.Timer(0.05, may_go.set).start()
    background.close()
    assert not background.is_busy
