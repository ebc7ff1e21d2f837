"""The window's own mouse events as a pointer source, as on Wayland."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent, QWindow
from pytestqt.qtbot import QtBot

from journeylab.app.window_pointer import WindowPointer
from journeylab.clock import SessionClock
from journeylab.streams import STREAMS, Row, Sample
from journeylab.vocabulary import PointerAction, PointerButton

_COLUMNS = STREAMS["pointer"].columns
_LEFT, _NO_BUTTON = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
_PLAIN = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[QWindow]:
    """A full-screen window, as the participant's is."""
    window = QWindow()
    window.showFullScreen()
    yield window
    window.destroy()


@pytest.fixture
def rows() -> list[Row]:
    return []


@pytest.fixture
def pointer(qtbot: QtBot, rows: list[Row]) -> Iterator[WindowPointer]:
    """A source that runs and gives into ``rows``."""
    pointer = WindowPointer(clock=SessionClock())
    pointer.start(_into(rows))
    yield pointer
    pointer.stop()


def _into(rows: list[Row]):  # type: ignore[no-untyped-def]
    def emit(sample: Sample) -> None:
        assert isinstance(sample, Row)
        rows.append(sample)

    return emit


def _mouse(
    window: QWindow, kind: QEvent.Type, x_px: float, y_px: float, *, button: Qt.MouseButton
) -> None:
    held = _LEFT if kind is QEvent.Type.MouseButtonPress else _NO_BUTTON
    at = QPointF(x_px, y_px)
    QCoreApplication.sendEvent(window, QMouseEvent(kind, at, at, at, button, held, _PLAIN))


def _move(window: QWindow, x_px: float, y_px: float) -> None:
    _mouse(window, QEvent.Type.MouseMove, x_px, y_px, button=_NO_BUTTON)


def _column(rows: list[Row], name: str) -> list[object]:
    at = [column.name for column in _COLUMNS].index(name)
    return [row.values[at] for row in rows]


def test_moves_over_the_full_screen_window_become_rows(
    window: QWindow, pointer: WindowPointer, rows: list[Row]
) -> None:
    for x_px in (10.0, 60.0, 110.0):
        _move(window, x_px, 20.0)
    assert [row.stream for row in rows] == ["pointer"] * 3
    assert all(len(row.values) == len(_COLUMNS) for row in rows)
    ratio = window.devicePixelRatio()
    assert _column(rows, "x_px") == [10.0 * ratio, 60.0 * ratio, 110.0 * ratio]
    assert _column(rows, "y_px") == [20.0 * ratio] * 3
    assert _column(rows, "action") == [PointerAction.MOVE] * 3
    assert [row.t_ns for row in rows] == sorted(row.t_ns for row in rows)
    assert pointer.status().samples == 3
    assert pointer.status().fault is None


def test_a_click_is_a_press_and_a_release_of_its_button(
    window: QWindow, pointer: WindowPointer, rows: list[Row]
) -> None:
    _mouse(window, QEvent.Type.MouseButtonPress, 5.0, 5.0, button=_LEFT)
    _mouse(window, QEvent.Type.MouseButtonRelease, 5.0, 5.0, button=_LEFT)
    assert _column(rows, "action") == [PointerAction.PRESS, PointerAction.RELEASE]
    assert _column(rows, "button") == [PointerButton.LEFT] * 2


def test_a_notch_of_the_wheel_is_one_unit_of_scroll(
    window: QWindow, pointer: WindowPointer, rows: list[Row]
) -> None:
    at = QPointF(5.0, 5.0)
    event = QWheelEvent(
        *(at, at, QPoint(), QPoint(0, -120), _NO_BUTTON, _PLAIN),
        *(Qt.ScrollPhase.NoScrollPhase, False),
    )
    QCoreApplication.sendEvent(window, event)
    assert _column(rows, "action") == [PointerAction.SCROLL]
    assert _column(rows, "scroll_dy") == [-1.0]


def test_the_moderators_window_is_not_the_participants(
    qtbot: QtBot, pointer: WindowPointer, rows: list[Row]
) -> None:
    ordinary = QWindow()
    ordinary.show()
    _move(ordinary, 10.0, 20.0)
    ordinary.destroy()
    assert rows == []


def test_a_window_that_opens_later_is_followed_too(
    qtbot: QtBot, pointer: WindowPointer, rows: list[Row]
) -> None:
    later = QWindow()
    later.showFullScreen()
    qtbot.wait(400)
    _move(later, 30.0, 40.0)
    assert len(rows) == 1
    later.destroy()
    qtbot.wait(300)  # and is forgotten when it is gone


def test_nothing_comes_before_the_start_or_after_the_stop(qtbot: QtBot, window: QWindow) -> None:
    rows: list[Row] = []
    pointer = WindowPointer(clock=SessionClock())
    _move(window, 1.0, 1.0)
    pointer.start(_into(rows))
    _move(window, 2.0, 2.0)
    pointer.stop()
    pointer.stop()
    _move(window, 3.0, 3.0)
    assert len(rows) == 1
    assert pointer.status().samples == 1


def test_it_starts_once_and_not_after_its_stop(pointer: WindowPointer) -> None:
    with pytest.raises(RuntimeError, match="starts once"):
        pointer.start(lambda _: None)
    pointer.stop()
    with pytest.raises(RuntimeError, match="starts once"):
        pointer.start(lambda _: None)


def test_it_may_be_started_and_stopped_from_another_thread(qtbot: QtBot, window: QWindow) -> None:
    rows: list[Row] = []
    pointer = WindowPointer(clock=SessionClock())

    def elsewhere(act: object) -> None:
        thread = threading.Thread(target=act)  # type: ignore[arg-type]
        thread.start()
        thread.join()
        QCoreApplication.processEvents()

    elsewhere(lambda: pointer.start(_into(rows)))
    _move(window, 2.0, 2.0)
    assert len(rows) == 1
    elsewhere(pointer.stop)
    _move(window, 3.0, 3.0)
    assert len(rows) == 1
