"""The mouse as the participant's window sees it, where the system's cannot be watched (Wayland)."""

from __future__ import annotations

import threading
from typing import Final

import shiboken6
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication, QMouseEvent, QWheelEvent, QWindow

from journeylab.capture.pointer.motion import PointerSample, PointerSpeed, pointer_row
from journeylab.capture.source import Emit, SourceStatus
from journeylab.capture.tally import Tally
from journeylab.clock import Clock
from journeylab.vocabulary import PointerAction, PointerButton

_DEGREES_PER_NOTCH = 120.0
_SEEK_MS: Final = 200
_BUTTONS = {
    Qt.MouseButton.LeftButton: PointerButton.LEFT,
    Qt.MouseButton.RightButton: PointerButton.RIGHT,
    Qt.MouseButton.MiddleButton: PointerButton.MIDDLE,
    Qt.MouseButton.NoButton: PointerButton.NONE,
}
_ACTIONS = {
    QEvent.Type.MouseMove: PointerAction.MOVE,
    QEvent.Type.MouseButtonPress: PointerAction.PRESS,
    QEvent.Type.MouseButtonDblClick: PointerAction.PRESS,
    QEvent.Type.MouseButtonRelease: PointerAction.RELEASE,
}


class WindowPointer(QObject):
    """A pointer source fed by Qt's own mouse events of full-screen windows.

    Made on the GUI thread, which stamps the events as they arrive: late where that thread is
    busy, which the system-wide source is not. Started once, and stopped, from any thread.
    """

    stream = "pointer"
    label = "mouse over the participant's window"
    is_simulated = False

    # Emitted from any thread; event filters and timers are the GUI thread's alone.
    _listening_wanted = Signal(bool)

    def __init__(self, *, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._speed = PointerSpeed()
        self._tally = Tally()
        self._life = threading.Lock()
        self._emit: Emit | None = None
        self._is_stopped = False
        self._windows: list[QWindow] = []
        self._seek = QTimer(self)
        self._seek.setInterval(_SEEK_MS)
        self._seek.timeout.connect(self._watch_new_windows)
        self._listening_wanted.connect(self._listen)  # queued where another thread emits it

    def start(self, emit: Emit) -> None:
        """Begin to emit, from the GUI thread. Called once, from any thread."""
        with self._life:
            if self._emit is not None or self._is_stopped:
                raise RuntimeError(f"{self.label}: a source starts once, and not after its stop")
            self._emit = emit
        self._listening_wanted.emit(True)

    def stop(self) -> None:
        """End. From any thread; twice is harmless."""
        with self._life:
            self._is_stopped = True
            was_started, self._emit = self._emit is not None, None
        if was_started:
            self._listening_wanted.emit(False)

    def status(self) -> SourceStatus:
        """How it fares; from any thread."""
        return self._tally.status()

    @Slot(bool)
    def _listen(self, is_wanted: bool) -> None:
        if is_wanted:
            self._watch_new_windows()
            self._seek.start()
            return
        self._seek.stop()
        for window in self._windows:
            if shiboken6.isValid(window):
                window.removeEventFilter(self)
        self._windows = []

    @Slot()
    def _watch_new_windows(self) -> None:
        # Windows alone, not the application: a filter in Python on all events makes a wrapper for
        # each item of a page's scene, and the process dies of that as the mouse enters a page.
        for window in QGuiApplication.topLevelWindows():
            if window not in self._windows:
                window.installEventFilter(self)
                self._windows.append(window)
        self._windows = [one for one in self._windows if shiboken6.isValid(one)]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self._emit is not None and isinstance(watched, QWindow) and _is_full_screen(watched):
            if isinstance(event, QWheelEvent):
                self._give_scroll(watched, event)
            elif isinstance(event, QMouseEvent) and event.type() in _ACTIONS:
                button = _BUTTONS.get(event.button(), PointerButton.OTHER)
                self._give(watched, event.globalPosition(), _ACTIONS[event.type()], button=button)
        return False

    def _give(
        self, window: QWindow, position: QPointF, action: PointerAction, *, button: PointerButton
    ) -> None:
        self._send(
            PointerSample(
                self._clock.now_ns(),
                *_on_screen_px(window, position),
                action=action,
                button=button,
            )
        )

    def _give_scroll(self, window: QWindow, event: QWheelEvent) -> None:
        notches = event.angleDelta()
        self._send(
            PointerSample(
                self._clock.now_ns(),
                *_on_screen_px(window, event.globalPosition()),
                action=PointerAction.SCROLL,
                scroll_dx=notches.x() / _DEGREES_PER_NOTCH,
                scroll_dy=notches.y() / _DEGREES_PER_NOTCH,
            )
        )

    def _send(self, sample: PointerSample) -> None:
        emit = self._emit
        if emit is not None:
            emit(pointer_row(sample, self._speed))
            self._tally.add_sample()


def _is_full_screen(window: QWindow) -> bool:
    return bool(window.windowStates() & Qt.WindowState.WindowFullScreen)


def _on_screen_px(window: QWindow, position: QPointF) -> tuple[float, float]:
    corner = window.screen().geometry().topLeft()
    ratio = window.devicePixelRatio()
    return (position.x() - corner.x()) * ratio, (position.y() - corner.y()) * ratio
