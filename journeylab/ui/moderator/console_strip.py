"""The console as a narrow strip over everything, or not to be seen at all: for one display.

The strip lies on the display the participant sees, so it shows nothing that is inferred: step,
time, the acts with their keys, the marker keys without their words, and a light that says only
that the console has something to tell.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from journeylab.study.model import MarkerKey
from journeylab.theme import DARK, Palette
from journeylab.ui.widgets.card import Label
from journeylab.ui.widgets.health import Level, StatusDot
from journeylab.ui.widgets.keys import KeyButton, KeyCap
from journeylab.ui.widgets.style import set_role

STRIP_PX = 52
_TITLE_PX = 240
_KEYS_MOST = 9
_EDGE_PX = 16


class ConsoleStrip(QFrame):
    """Frameless and on top; it may be drawn elsewhere with the mouse."""

    next_clicked = Signal()
    pause_clicked = Signal()
    stop_clicked = Signal()
    keep_going_clicked = Signal()
    console_clicked = Signal()
    moved = Signal(QPoint)

    def __init__(self, *, palette: Palette = DARK) -> None:
        super().__init__(
            None,
            Qt.WindowType.Tool
            | Qt.WindowType.FramelessWindowHint
            | Qt.WindowType.WindowStaysOnTopHint,
        )
        self.setWindowTitle("JourneyLab")
        self.setProperty("role", "bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground, True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._grip: QPoint | None = None
        self._is_hidden = False
        self.light = StatusDot(palette=palette)
        self._title = Label("", role="strong")
        self._title.setFixedWidth(_TITLE_PX)
        self._time = Label("", role="quiet")
        self._time.setMinimumWidth(110)
        self.next = KeyButton("Next step", key="→", primary=True, palette=palette)
        self.pause = KeyButton("Pause", key="P", palette=palette)
        self.stop = KeyButton("Stop", key="Esc", palette=palette)
        self.keep_going = KeyButton("Keep going", key="Esc", palette=palette)
        self.console = KeyButton("Console", key="F10", palette=palette)
        self._markers = QHBoxLayout()
        self._markers.setSpacing(4)
        self._content = QWidget()
        row = QHBoxLayout(self._content)
        row.setContentsMargins(14, 0, 10, 0)
        row.setSpacing(8)
        for part in (self.light, self._title, self._time, self.next, self.pause, self.stop):
            row.addWidget(part)
        row.addWidget(self.keep_going)
        row.addSpacing(6)
        row.addLayout(self._markers)
        row.addSpacing(6)
        row.addWidget(self.console)
        frame = QHBoxLayout(self)
        frame.setContentsMargins(0, 0, 0, 0)
        frame.addWidget(self._content)
        self.keep_going.hide()
        self.next.clicked.connect(self.next_clicked)
        self.pause.clicked.connect(self.pause_clicked)
        self.stop.clicked.connect(self.stop_clicked)
        self.keep_going.clicked.connect(self.keep_going_clicked)
        self.console.clicked.connect(self.console_clicked)

    def show_markers(self, markers: Sequence[MarkerKey]) -> None:
        """Show the keys of another study's markers."""
        while (item := self._markers.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for marker in markers[:_KEYS_MOST]:
            self._markers.addWidget(KeyCap(marker.key))

    def show_step(self, title: str, *, time: str, tone: str) -> None:
        """Show which step runs and its time."""
        shown = self._title.fontMetrics().elidedText(
            title or "No step yet", Qt.TextElideMode.ElideRight, _TITLE_PX - 4
        )
        self._title.show_text(shown)
        self._time.show_text(time)
        set_role(self._time, tone=tone)

    def show_light(self, level: Level) -> None:
        """Say whether the console has something to tell."""
        self.light.set_level(level)
        self.light.setToolTip(
            "" if level is Level.RECORDING else "The console has something to say"
        )

    def show_state(self, *, is_paused: bool, is_last: bool, is_asking: bool) -> None:
        """Show what may be done now."""
        self.pause.show_words("Go on" if is_paused else "Pause", primary=is_paused)
        self.next.show_words("Finish" if is_last else "Next step", primary=not is_paused)
        self.next.setEnabled(not is_paused)
        for part in (self.next, self.pause):
            part.setVisible(not is_asking)
        self.keep_going.setVisible(is_asking)
        self.stop.show_words("Stop and save" if is_asking else "Stop", primary=is_asking)
        self.stop.show_key("⏎" if is_asking else "Esc")
        if not self._is_hidden:
            self.adjustSize()

    def appear(self, at: QPoint | None) -> None:
        """Show the strip there, or at the bottom of its display."""
        self._is_hidden = False
        self._content.show()
        self.setMinimumSize(0, STRIP_PX)
        self.setMaximumSize(16_777_215, STRIP_PX)
        self.adjustSize()
        screen = self.screen() or QGuiApplication.primaryScreen()
        room = screen.availableGeometry()
        corner = QPoint(room.center().x() - self.width() // 2, room.bottom() - STRIP_PX - _EDGE_PX)
        place = corner if at is None else at
        # A display may have gone since: never stand where nobody sees it.
        if not any(one.geometry().contains(place) for one in QGuiApplication.screens()):
            place = corner
        self.move(place)
        self._take_keys()

    def vanish(self) -> None:
        """Be a single dot at the display's corner: what has the keys must be somewhere."""
        self._is_hidden = True
        self._content.hide()
        self.setFixedSize(1, 1)
        screen = self.screen() or QGuiApplication.primaryScreen()
        self.move(screen.geometry().bottomRight())
        self._take_keys()

    def stay_on_top(self) -> None:
        """Come back over a window that was raised since."""
        if self.isVisible():
            self.raise_()

    def _take_keys(self) -> None:
        self.show()
        self.raise_()
        self.activateWindow()
        self.setFocus()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._grip = event.globalPosition().toPoint() - self.pos()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None:
            self.move(event.globalPosition().toPoint() - self._grip)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        if self._grip is not None:
            self._grip = None
            self.moved.emit(self.pos())
