"""Keeps the participant's window on a display, whatever is pulled and plugged in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import shiboken6
from PySide6.QtCore import QObject, QRect, Qt, Signal
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QApplication, QWidget

from journeylab.clock import Clock
from journeylab.session.rows import health_row

_SCREEN: Final = "screen"


class DisplayKeeper(QObject):
    """Shows a window on a display, edge to edge, and moves it when that display goes away.

    The window then fills what is left, a display without another window of ours where there is
    one, and goes back as soon as the lost display is there again. Both are told through
    ``told``, as rows of stream health. GUI thread only.
    """

    told = Signal(object)  # a Row
    moved = Signal(object)  # the QScreen the window is on from now on

    def __init__(self, window: QWidget, *, clock: Clock) -> None:
        super().__init__(window)
        self._window = window
        self._clock = clock
        self._name = ""  # of the display asked for
        self._is_away = False
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        application.screenRemoved.connect(self._screen_gone)
        application.screenAdded.connect(self._screen_came)

    def show_on(self, screen: QScreen) -> None:
        """Fill a display; one that was pulled meanwhile gives its place to what is left."""
        if shiboken6.isValid(screen):
            # While the display asked for is away, the one in its place does not become it.
            if not self._is_away:
                self._name = screen.name()
            elif screen.name() == self._name:
                self._is_away = False
            self._fill(screen)
            return
        left = QGuiApplication.screens()
        back = [one for one in left if one.name() == self._name]
        if back or left:
            self._fill((back or self._best_first(left))[0])

    def _fill(self, screen: QScreen) -> None:
        window = self._window
        # A window manager moves no window that is full-screen.
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowFullScreen)
        window.setScreen(screen)
        window.setGeometry(screen.geometry())
        window.showFullScreen()
        window.raise_()

    def _screen_gone(self, screen: QScreen) -> None:
        if screen.name() != self._name or self._is_away:
            return
        self._is_away = True
        left = [one for one in QGuiApplication.screens() if one is not screen and _is_real(one)]
        if not left:
            self._tell(
                "fault", f"The participant's display {self._name} is gone. No other is left."
            )
            return
        other = self._best_first(left)[0]
        if self._window.isVisible():  # else it is filled when there is something to show
            self._fill(other)
        self._tell(
            "fault",
            f"The participant's display {self._name} is gone; the stimulus is shown on "
            f"{other.name()}, for which gaze is not calibrated. Connect it again: the stimulus "
            "goes back by itself.",
        )
        self.moved.emit(other)

    def _screen_came(self, screen: QScreen) -> None:
        if not self._is_away or screen.name() != self._name:
            return
        self._is_away = False
        if self._window.isVisible():
            self._fill(screen)
        self._tell("recovered", f"The participant's display {self._name} is back.")
        self.moved.emit(screen)

    def _best_first(self, screens: Sequence[QScreen]) -> list[QScreen]:
        taken = [
            widget.screen()
            for widget in QApplication.topLevelWidgets()
            if widget.isVisible() and widget is not self._window
        ]
        return sorted(screens, key=lambda screen: screen in taken)

    def _tell(self, kind: str, sentence: str) -> None:
        self.told.emit(
            health_row(self._clock.now_ns(), _SCREEN, kind=kind, count=0, detail=sentence)
        )


def _is_real(screen: QScreen) -> bool:
    """Where the last display goes, Qt puts up one without a size or a name."""
    return bool(screen.name()) and screen.geometry() != QRect()
