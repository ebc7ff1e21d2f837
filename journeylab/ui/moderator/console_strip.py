"""The console as a narrow strip over everything, or not to be seen at all: for one display.

The strip lies on the display the participant sees, so it shows nothing that is inferred or judged:
step, time, the acts with their keys, the marker keys without their words, a light for the health
of the recording, and for a moment what was done. A line to type in opens beneath when it is asked
for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from journeylab.clock import Clock
from journeylab.study.model import MarkerKey
from journeylab.theme import DARK, Palette
from journeylab.ui.moderator.console_keys import WITH_PARTICIPANT
from journeylab.ui.moderator.line_field import Line
from journeylab.ui.moderator.strip_line import StripLine
from journeylab.ui.moderator.strip_markers import StripMarkers
from journeylab.ui.widgets.card import Label, tooltip
from journeylab.ui.widgets.health import Level, StatusDot
from journeylab.ui.widgets.keys import KeyButton
from journeylab.ui.widgets.style import set_role

STRIP_PX = 52
_TITLE_PX, _SHORT_TITLE_PX, _TIME_PX, _GAP_PX = 240, 130, 110, 8
_WITHOUT_MARKERS_PX = 960  # with a title of full length
_NARROW_PX = 1200
_TOAST_PX = 420
_EDGE_PX = 16
_SAID_MS: Final = 2500


class ConsoleStrip(QFrame):
    """Frameless and on top; it may be drawn elsewhere with the mouse.

    Where the console is hidden it is a single dot, which says what was done in a few words for a
    moment, and becomes the line while one is typed.
    """

    next_clicked = Signal()
    pause_clicked = Signal()
    stop_clicked = Signal()
    keep_going_clicked = Signal()
    console_clicked = Signal()
    moved = Signal(QPoint)

    def __init__(self, *, clock: Clock, palette: Palette = DARK) -> None:
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
        self._is_dot = False
        self._place: QPoint | None = None  # of the bar, without the line
        self._is_line_open = False
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(_SAID_MS)
        self._quiet.timeout.connect(self._arrange)
        self.light = StatusDot(palette=palette)
        self._title, self._time = Label("", role="strong"), Label("", role="quiet")
        self._words, self._toast = Label("", role="strong"), Label("", role="strong")
        self._alt = Label(f"{WITH_PARTICIPANT} +", role="small")
        self.next = KeyButton("Next step", key="→", primary=True, palette=palette)
        self.pause = KeyButton("Pause", key="P", palette=palette)
        self.stop = KeyButton("Stop", key="Esc", palette=palette)
        self.keep_going = KeyButton("Keep going", key="Esc", palette=palette)
        self.console = KeyButton("Console", key="F10", palette=palette)
        self.markers = StripMarkers(palette=palette)
        self.line = StripLine(clock=clock)
        self._lay_out()
        self.next.clicked.connect(self.next_clicked)
        self.pause.clicked.connect(self.pause_clicked)
        self.stop.clicked.connect(self.stop_clicked)
        self.keep_going.clicked.connect(self.keep_going_clicked)
        self.console.clicked.connect(self.console_clicked)
        self.line.typing_changed.connect(self._line_changed)

    def _lay_out(self) -> None:
        self._time.setFixedWidth(_TIME_PX)
        self._set_title_px(_TITLE_PX)
        self._toast.setContentsMargins(14, 8, 14, 8)
        policy = self._alt.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._alt.setSizePolicy(policy)
        self._alt.setToolTip("The participant has the keyboard")
        self._content = QWidget()
        self._content.setFixedHeight(STRIP_PX)
        row = QHBoxLayout(self._content)
        row.setContentsMargins(14, 0, 10, 0)
        row.setSpacing(_GAP_PX)
        said = (self.light, self._title, self._time, self._words, self._alt)
        for widget in (*said, self.next, self.pause, self.stop, self.keep_going):
            row.addWidget(widget)
        row.addSpacing(6)
        row.addWidget(self.markers)
        row.addSpacing(6)
        row.addWidget(self.console)
        frame = QVBoxLayout(self)
        frame.setContentsMargins(0, 0, 0, 0)
        frame.setSpacing(0)
        frame.addWidget(self._content)
        frame.addWidget(self.line)
        frame.addWidget(self._toast)
        self.keep_going.hide()
        for hidden in (self._words, self._alt, self._toast):
            hidden.hide()
        self.line.hide()

    # -- what it shows -----------------------------------------------------------------------

    def show_markers(self, markers: Sequence[MarkerKey]) -> None:
        """Show the keys of another study's markers, as many as the display has room for."""
        width_px = self._room().width()
        title_px = _SHORT_TITLE_PX if width_px < _NARROW_PX else _TITLE_PX
        self._set_title_px(title_px)
        without_px = _WITHOUT_MARKERS_PX - _TITLE_PX + title_px
        self.markers.show_markers(markers, room_px=width_px - 2 * _EDGE_PX - without_px)

    def _set_title_px(self, width_px: int) -> None:
        self._title.setFixedWidth(width_px)
        self._words.setFixedWidth(width_px + _GAP_PX + _TIME_PX)

    def show_step(self, title: str, *, time: str, tone: str) -> None:
        """Show which step runs and its time."""
        shown = self._title.fontMetrics().elidedText(
            title or "No step yet", Qt.TextElideMode.ElideRight, self._title.width() - 4
        )
        self._title.show_text(shown)
        self._time.show_text(time)
        set_role(self._time, tone=tone)

    def show_light(self, level: Level, *, sentence: str = "") -> None:
        """Say how the recording fares; ``sentence`` is what is wrong with it."""
        self.light.set_level(level)
        self.light.setToolTip(tooltip(sentence))

    def show_keyboard(self, *, is_participants: bool) -> None:
        """Say that plain keys are the participant's now."""
        self._alt.setVisible(is_participants)

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
        self._arrange()

    def say(self, words: str, *, level: Level = Level.GOOD) -> None:
        """Say for a moment what was done, or why it was not; as a dot too."""
        for label, room_px in ((self._words, self._words.width()), (self._toast, _TOAST_PX)):
            label.show_text(
                label.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room_px)
            )
            label.setToolTip(tooltip(words))
            set_role(label, tone="" if level in (Level.GOOD, Level.OFF) else "warning")
        self._quiet.start()
        self._arrange()
        if not self.isVisible():
            self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating, True)
            self.show()
        self.raise_()

    @property
    def said(self) -> str:
        """What it says of the last act; empty when it was said long enough."""
        return self._words.text() if self._quiet.isActive() else ""

    # -- where it is, and as what ------------------------------------------------------------

    def appear(self, at: QPoint | None) -> None:
        """Show the strip there, or at the bottom of its display."""
        # A display may have gone since: never stand where nobody sees it.
        screens = QGuiApplication.screens()
        is_seen = at is not None and any(one.geometry().contains(at) for one in screens)
        self._place = at if is_seen else None
        self._become(is_dot=False)
        self.take_keyboard()

    def vanish(self) -> None:
        """Be a single dot at the display's corner: what has the keys must be somewhere."""
        self._become(is_dot=True)
        self.take_keyboard()

    def be_dot(self) -> None:
        """Be that dot as soon as there is something to say; the keyboard stays where it is."""
        if not self._is_dot:
            self._become(is_dot=True)

    def begin_line(self, line: Line) -> None:
        """Open the line beneath, or as a dot alone, and give it the keyboard."""
        self._is_line_open = True
        self._arrange()
        self.take_keyboard()
        self.line.begin(line)

    def stay_on_top(self) -> None:
        """Come back over a window that was raised since."""
        if self.isVisible():
            self.raise_()

    def take_keyboard(self) -> None:
        """Have the keyboard, in sight or as a dot."""
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating, False)
        self.show()
        self.raise_()
        self.activateWindow()
        self.setFocus()

    def _become(self, *, is_dot: bool) -> None:
        self._is_dot = is_dot
        self._is_line_open = False
        self._quiet.stop()
        self._arrange()

    def _line_changed(self, is_typing: bool) -> None:
        self._is_line_open = is_typing
        self._arrange()
        if not is_typing and self.isActiveWindow():
            self.setFocus()

    def _arrange(self) -> None:
        """Show what there is to be seen now, as large as that needs."""
        is_saying = self._quiet.isActive()
        self._content.setVisible(not self._is_dot)
        self.line.stand(alone=self._is_dot)
        self.line.setVisible(self._is_line_open)
        self._toast.setVisible(self._is_dot and is_saying and not self._is_line_open)
        for part in (self._title, self._time):
            part.setVisible(not is_saying)
        self._words.setVisible(is_saying)
        for box in (self._content, self):  # what is within has changed since the layout asked
            layout = box.layout()
            assert layout is not None
            layout.invalidate()
            layout.activate()
        is_nothing = self._is_dot and not is_saying and not self._is_line_open
        size = QSize(1, 1) if is_nothing else self.sizeHint()
        if size != self.size():
            self.setFixedSize(size)
        if self._grip is None:
            self.move(self._corner(size))

    def _corner(self, size: QSize) -> QPoint:
        room = self._room()
        lowest_px = room.bottom() - size.height() - _EDGE_PX
        if self._is_dot and size.width() == 1:
            return (self.screen() or QGuiApplication.primaryScreen()).geometry().bottomRight()
        if self._is_dot:
            return QPoint(room.right() - size.width() - _EDGE_PX, lowest_px)
        if self._place is None:
            return QPoint(room.center().x() - size.width() // 2, lowest_px)
        top_px = self._place.y()
        return QPoint(self._place.x(), min(top_px, lowest_px) if self._is_line_open else top_px)

    def _room(self) -> QRect:
        return (self.screen() or QGuiApplication.primaryScreen()).availableGeometry()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._grip = event.globalPosition().toPoint() - self.pos()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None:
            self.move(event.globalPosition().toPoint() - self._grip)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        if self._grip is not None:
            self._grip = None
            self._place = self.pos()
            self.moved.emit(self.pos())
