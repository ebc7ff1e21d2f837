"""A whole session, from the list of studies to the bundle: with the mouse alone, with keys alone.

The camera is the simulated participant; the rest is what ships.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QCheckBox, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from journeylab.app.window import Composition
from journeylab.bundle.reader import Bundle
from journeylab.clock import SessionClock
from journeylab.study.folder import StudyFolder, save_study
from journeylab.study.model import Segment, Step, Stimulus, Study
from journeylab.ui.moderator.recents import RecentStudies
from journeylab.vocabulary import StimulusKind

_WAIT_MS = 60_000
_LEFT = Qt.MouseButton.LeftButton
_STEPS = ("read", "look", "open", "end")


@pytest.fixture
def study(tmp_path: Path) -> StudyFolder:
    steps = tuple(
        Step(
            id=name,
            title=name.title(),
            planned_s=1.0,
            task="Do it.",
            stimulus=Stimulus(kind=StimulusKind.INSTRUCTION, text=f"Please {name}."),
        )
        for name in _STEPS
    )
    segments = (Segment(name="device", values=("desktop", "mobile")),)
    return save_study(
        tmp_path / "study", Study(id="whole", title="Whole", steps=steps, segments=segments)
    )


@pytest.fixture
def app(qtbot: QtBot, study: StudyFolder, tmp_path: Path) -> Iterator[Composition]:
    home = tmp_path / "home"
    RecentStudies(home / "recent-studies.json").remember(study.path)
    composition = Composition(clock=SessionClock(), home=home)
    composition.window.show()
    composition.window.activateWindow()
    qtbot.waitUntil(composition.window.isActiveWindow)
    left: list[bool] = []
    composition.left.connect(lambda: left.append(True))
    yield composition
    composition.interrupt()
    qtbot.waitUntil(lambda: bool(left), timeout=_WAIT_MS)
    composition.window.deleteLater()
    composition.deleteLater()
    qtbot.wait(20)


def _until(qtbot: QtBot, holds: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(holds()), timeout=_WAIT_MS)


def _step_of(app: Composition) -> str:
    """The step that runs; empty when none does."""
    session = app._session
    if session is None or session.controller is None:
        return ""
    step = session.controller.current_step
    return "" if step is None else step.title


class Mouse:
    """Left clicks, and nothing else."""

    def __init__(self, qtbot: QtBot) -> None:
        self._qtbot = qtbot

    def click(self, widget: QWidget) -> None:
        self._qtbot.waitUntil(lambda: widget.isVisible() and widget.isEnabled(), timeout=_WAIT_MS)
        spot = QPoint(10, widget.height() // 2) if isinstance(widget, QCheckBox) else QPoint()
        self._qtbot.mouseClick(widget, _LEFT, pos=spot)

    def choose(self, box: QComboBox, row: int) -> None:
        self.click(box)
        view = box.view()
        self._qtbot.waitUntil(view.isVisible)
        # So soon after the press that opened it, Qt takes a release for the end of that press.
        self._qtbot.wait(QApplication.doubleClickInterval() + 50)
        spot = view.visualRect(box.model().index(row, 0)).center()
        self._qtbot.mouseClick(view.viewport(), _LEFT, pos=spot)
        self._qtbot.waitUntil(lambda: box.currentIndex() == row)


class Keys:
    """Keys to whatever has the keyboard, and nothing else."""

    def __init__(self, qtbot: QtBot, window: QWidget) -> None:
        self._qtbot = qtbot
        self._window = window

    def press(self, *keys: Qt.Key, with_ctrl: bool = False) -> None:
        held = Qt.KeyboardModifier.ControlModifier if with_ctrl else Qt.KeyboardModifier.NoModifier
        for key in keys:
            QTest.keyClick(QApplication.focusWidget() or self._window, key, held)
            self._qtbot.wait(5)

    def type(self, text: str) -> None:
        QTest.keyClicks(QApplication.focusWidget(), text)

    def tab_to(self, widget: QWidget) -> None:
        self._qtbot.waitUntil(lambda: widget.isVisible() and widget.isEnabled(), timeout=_WAIT_MS)
        for _ in range(80):
            if QApplication.focusWidget() is widget:
                return
            self.press(Qt.Key.Key_Tab)
        raise AssertionError(f"Tab does not reach {widget.accessibleName() or widget}")


def _rows(bundle: Bundle, stream: str, *columns: str) -> list[tuple[str, ...]]:
    table = bundle.table(stream)
    return [
        tuple(str(one) for one in row) for row in zip(*(table[c] for c in columns), strict=True)
    ]


def _bundle(qtbot: QtBot, app: Composition, study: StudyFolder) -> Path:
    window = app.window
    _until(qtbot, lambda: window.page is window.finish)
    _until(qtbot, window.finish.open_button.isVisible)
    (path,) = study.bundles()
    return path


def _boxes(app: Composition) -> list[QAbstractButton]:
    card = app.window.setup.consent
    return [card.agrees, *card.streams.values()]


def test_a_session_with_the_mouse_alone(qtbot: QtBot, app: Composition, study: StudyFolder) -> None:
    window, mouse = app.window, Mouse(qtbot)
    listing = window.studies.list
    spot = listing.visualItemRect(listing.item(0)).center()
    qtbot.mouseClick(listing.viewport(), _LEFT, pos=spot)
    _until(qtbot, lambda: window.page is window.setup)
    mouse.click(window.setup.participant.suggestion)
    mouse.choose(window.setup.participant.segment_boxes["device"], 1)
    for box in _boxes(app):
        mouse.click(box)
    mouse.click(window.setup.start_button)
    _until(qtbot, lambda: window.page is window.console and _step_of(app) == "Read")
    parts = window.console.parts
    mouse.click(parts.markers.rows[0])
    mouse.click(parts.markers.rows[2])
    mouse.click(parts.markers.undo)
    outcome_buttons = list(parts.course.outcomes.values())
    mouse.click(outcome_buttons[1])
    mouse.click(parts.header.next)
    _until(qtbot, lambda: _step_of(app) == "Look")
    mouse.click(parts.course.redo)
    mouse.click(parts.header.back)
    _until(qtbot, lambda: _step_of(app) == "Read")
    mouse.click(parts.header.next)
    mouse.click(parts.course.skip)
    _until(qtbot, lambda: _step_of(app) == "Open")
    mouse.click(parts.header.pause)
    _until(qtbot, parts.paused.isVisible)
    mouse.click(parts.header.pause)
    _until(qtbot, lambda: not parts.paused.isVisible())
    mouse.click(parts.header.next)
    _until(qtbot, lambda: _step_of(app) == "End")
    mouse.click(parts.header.next)
    mouse.click(parts.header.confirm)
    with Bundle.open(_bundle(qtbot, app, study)) as bundle:
        assert bundle.header.participant_id == "P01"
        assert bundle.header.segments["device"] == "mobile"
        assert _rows(bundle, "markers", "label") == [("confusion",), ("delight",)]
        assert _rows(bundle, "withdrawals", "of_stream") == [("markers",)]
        assert _rows(bundle, "acts", "act", "step_id") == [
            ("outcome", "read"),
            ("redo", "look"),
            ("skip", "look"),
            ("pause", "open"),
            ("resume", "open"),
        ]
        steps = bundle.table("steps")
        begun = list(steps["step_id"][steps["phase"] == "start"])
        assert begun == ["read", "look", "look", "read", "look", "open", "open", "end"]
        assert len(bundle.frame_times_ns()) > 0
    mouse.click(window.finish.open_button)
    assert window.page.isAncestorOf(app.analysis) and app.analysis.isVisible()


def _start_with_keys(qtbot: QtBot, app: Composition, keys: Keys) -> None:
    window, key = app.window, Qt.Key
    keys.tab_to(window.studies.list)
    if window.studies.list.currentRow() < 0:
        keys.press(key.Key_Down)
    keys.press(key.Key_Return)
    _until(qtbot, lambda: window.page is window.setup)
    form = window.setup.participant
    keys.tab_to(form.participant_id)
    keys.type("P07")
    keys.tab_to(form.segment_boxes["device"])
    keys.press(key.Key_Down)
    for box in _boxes(app):
        keys.tab_to(box)
        keys.press(key.Key_Space)
    keys.tab_to(window.setup.start_button)
    keys.press(key.Key_Return)
    _until(qtbot, lambda: window.page is window.console and _step_of(app) == "Read")


def test_a_session_with_keys_alone(qtbot: QtBot, app: Composition, study: StudyFolder) -> None:
    window, keys, key = app.window, Keys(qtbot, app.window), Qt.Key
    _start_with_keys(qtbot, app, keys)
    keys.press(key.Key_1, key.Key_3)
    keys.press(key.Key_Z, with_ctrl=True)
    keys.press(key.Key_F1, key.Key_N)
    keys.type("1 she sighs")
    keys.press(key.Key_Return, key.Key_Right)
    _until(qtbot, lambda: _step_of(app) == "Look")
    keys.press(key.Key_R, key.Key_U)
    keys.type("Phone rings")
    keys.press(key.Key_Return)
    _until(qtbot, lambda: _step_of(app) == "Phone rings")
    keys.press(key.Key_Left)
    _until(qtbot, lambda: _step_of(app) == "Look")
    keys.press(key.Key_S)
    _until(qtbot, lambda: _step_of(app) == "Open")
    keys.press(key.Key_P)
    _until(qtbot, window.console.parts.paused.isVisible)
    keys.press(key.Key_P)
    _until(qtbot, lambda: not window.console.parts.paused.isVisible())
    keys.press(key.Key_F10)
    _until(qtbot, window.modes.strip.isVisible)
    keys.press(key.Key_2, key.Key_Right)
    _until(qtbot, lambda: _step_of(app) == "End")
    keys.press(key.Key_F10, key.Key_Right)
    assert window.console.is_asking_to_stop
    keys.press(key.Key_Return)
    with Bundle.open(_bundle(qtbot, app, study)) as bundle:
        assert bundle.header.participant_id == "P07"
        labels = [("confusion",), ("delight",), ("frustration",)]
        assert _rows(bundle, "markers", "label") == labels
        assert _rows(bundle, "withdrawals", "of_stream") == [("markers",)]
        assert _rows(bundle, "notes", "text") == [("1 she sighs",)]
        assert _rows(bundle, "acts", "act", "step_id", "value") == [
            ("outcome", "read", "success"),
            ("redo", "look", ""),
            ("unplanned", "unplanned-1", "Phone rings"),
            ("skip", "look", ""),
            ("pause", "open", ""),
            ("resume", "open", ""),
        ]
    keys.tab_to(window.finish.open_button)
    keys.press(key.Key_Return)
    assert window.page.isAncestorOf(app.analysis) and app.analysis.isVisible()
