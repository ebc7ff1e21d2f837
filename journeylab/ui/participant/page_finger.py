"""A mouse that acts as a finger: pages in a phone's frame receive real touches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QPointingDevice

_FINGER: Final = 1
_DEVICES: list[QPointingDevice] = []  # a touch screen once made stays for the whole run


class Finger(QObject):
    """Turns a widget's mouse events into touches: press, drag and let go are tap and swipe.

    The mouse's wheel stays. A pointer that only moves is nowhere: a finger in the air is not
    seen, and nothing hovers. While ``is_on`` is false the mouse stays a mouse.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.is_on = True
        self._is_down = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not self.is_on or not isinstance(event, QMouseEvent):
            return False
        if not isinstance(watched, QWidget):
            return False
        kind = event.type()
        is_left = event.button() is Qt.MouseButton.LeftButton
        at = event.position().toPoint()
        if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            if is_left and not self._is_down:
                self._is_down = True
                watched.setFocus(Qt.FocusReason.MouseFocusReason)
                _touch(watched, "press", at)
        elif kind is QEvent.Type.MouseMove:
            if self._is_down:
                _touch(watched, "move", at)
        elif kind is QEvent.Type.MouseButtonRelease and is_left and self._is_down:
            self._is_down = False
            _touch(watched, "release", at)
        return True


def _touch(widget: QWidget, what: str, at: QPoint) -> None:
    # Qt offers no other way to make a touch with a place from Python.
    from PySide6.QtTest import QTest

    if not _DEVICES:
        _DEVICES.append(QTest.createTouchDevice())
    sequence = QTest.touchEvent(widget, _DEVICES[0], False)
    getattr(sequence, what)(_FINGER, at, widget)
    sequence.commit(False)
