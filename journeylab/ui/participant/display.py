"""Keeps the participant's window on a display, whatever is pulled and plugged in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import shiboken6
from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import QGuiApplication, QScreen, QWindow
from PySide6.QtWidgets import QApplication, QWidget

from journeylab.clock import Clock
from journeylab.session.health import SESSION
from journeylab.session.rows import health_row
from journeylab.ui.participant.front import bring_to_front

_SCREEN: Final = "screen"
_RETURN_MS: Final = 150
_SETTLE_MS: Final = 150  # a change of resolution is told in several steps
_Shape = tuple[QRect, float]


class DisplayKeeper(QObject):
    """Shows a window on a display, edge to edge, and moves it when that display goes away.

    The window then fills what is left, a display without another window of ours where there is
    one, and goes back as soon as the lost display is there again. When its display changes its
    resolution, scale or place on the desktop, the window fills it anew. All of it is told through
    ``told``, as rows of stream health. GUI thread only.

    While ``is_needed``, the window comes back when the window manager made it small, and lies on
    top again when another program was brought before it (Alt+Tab and the like, which no program
    can forbid). Where there is one display it takes the keyboard as well then: else what the
    participant types would go to a program she cannot see. Our own windows are not fought.
    """

    told = Signal(object)  # a Row
    moved = Signal(object)  # the QScreen the window is on, or that is another now

    def __init__(
        self, window: QWidget, *, clock: Clock, is_needed: Callable[[], bool] = lambda: False
    ) -> None:
        super().__init__(window)
        self._window = window
        self._clock = clock
        self._name = ""  # of the display asked for
        self._is_needed = is_needed
        self._is_away = False
        self._watched: QScreen | None = None
        self._shape: _Shape | None = None
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self._fit_anew)
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        application.screenRemoved.connect(self._screen_gone)
        application.screenAdded.connect(self._screen_came)
        self._return = QTimer(self)
        self._return.setSingleShot(True)
        self._return.setInterval(_RETURN_MS)
        self._return.timeout.connect(self._come_back)
        application.focusWindowChanged.connect(self._focus_went)
        window.installEventFilter(self)

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
        self._watch(screen)

    def _watch(self, screen: QScreen) -> None:
        """Hear of it when this display, and no other, changes."""
        if self._watched is not None and shiboken6.isValid(self._watched):
            for change in _changes_of(self._watched):
                change.disconnect(self._settle.start)
        self._watched, self._shape = screen, _shape_of(screen)
        for change in _changes_of(screen):
            change.connect(self._settle.start)

    def _fit_anew(self) -> None:
        screen, before = self._watched, self._shape
        if screen is None or not shiboken6.isValid(screen) or before is None:
            return
        after = _shape_of(screen)
        if after == before or not _is_real(screen):
            return
        self._shape = after
        if self._window.isVisible():  # else it is filled when there is something to show
            self._fill(screen)
        name = screen.name()
        if _size_words(before) != _size_words(after):
            sentence = (
                f"The participant's display {name} changed from {_size_words(before)} to "
                f"{_size_words(after)}. The stimulus fills it again."
            )
        else:
            sentence = f"The participant's display {name} stands elsewhere on the desktop now."
        self._tell("warning", sentence, of=SESSION)  # it happened and is over
        self.moved.emit(screen)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.WindowStateChange and self._window.isMinimized():
            self._return.start()
        return super().eventFilter(watched, event)

    def _focus_went(self, to: QWindow | None) -> None:
        if to is None:
            self._return.start()
        else:
            self._return.stop()  # between two windows of ours there is a moment without

    def _come_back(self) -> None:
        window = self._window
        if not self._is_needed() or not (window.isVisible() or window.isMinimized()):
            return
        if window.isMinimized():
            window.showFullScreen()
        is_only_display = len(QGuiApplication.screens()) == 1
        if is_only_display and QGuiApplication.focusWindow() is None:
            bring_to_front(window)
        else:
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

    def _tell(self, kind: str, sentence: str, *, of: str = _SCREEN) -> None:
        self.told.emit(health_row(self._clock.now_ns(), of, kind=kind, count=0, detail=sentence))


def _is_real(screen: QScreen) -> bool:
    """Where the last display goes, Qt puts up one without a size or a name."""
    return bool(screen.name()) and screen.geometry() != QRect()


def _changes_of(screen: QScreen) -> tuple[SignalInstance, ...]:
    return (
        screen.geometryChanged,
        screen.physicalDotsPerInchChanged,
        screen.logicalDotsPerInchChanged,
        screen.physicalSizeChanged,
    )


def _shape_of(screen: QScreen) -> _Shape:
    return QRect(screen.geometry()), screen.devicePixelRatio()


def _size_words(shape: _Shape) -> str:
    box, scale = shape
    size = f"{box.width() * scale:.0f} × {box.height() * scale:.0f} px"
    return size if scale == 1.0 else f"{size} at {scale:.0%}"
