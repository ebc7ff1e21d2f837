"""What lies over the participant's screen while the session is paused."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from journeylab.theme import LIGHT
from journeylab.ui.participant.window import ParticipantWindow
from journeylab.ui.widgets.style import colour, font

PAUSE_TEXT: Final = "A short break. We go on in a moment."
_WORDS_PX: Final = 28


class PauseCover(QWidget):
    """Covers a window with a few quiet words; the step beneath is not left, only held.

    Mouse and keyboard stop at it. GUI thread only.
    """

    def __init__(self, window: ParticipantWindow) -> None:
        super().__init__(window)
        self._window = window
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(PAUSE_TEXT)
        window.installEventFilter(self)
        self.hide()

    def lay(self) -> None:
        """Cover the screen and hold what plays there."""
        self._window.stage.hold(True)
        self.setGeometry(self._window.rect())
        self.raise_()
        self.show()
        self.setFocus()

    def lift(self) -> None:
        """Show the step again, and let it go on; nothing happens where nothing is covered."""
        if not self.isHidden():
            self.hide()
            self._window.stage.setFocus()
            self._window.stage.hold(False)
            self._window.stage.view_changed.emit()  # a picture that was due meanwhile is not kept

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize and watched is self._window:
            self.setGeometry(QRect(0, 0, self._window.width(), self._window.height()))
        return super().eventFilter(watched, event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(LIGHT.surface))
        painter.setPen(colour(LIGHT.text))
        painter.setFont(font(_WORDS_PX))
        where = self.rect().adjusted(80, 80, -80, -80)
        painter.drawText(where, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, PAUSE_TEXT)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.accept()
