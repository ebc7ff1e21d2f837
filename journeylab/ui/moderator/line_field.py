"""A line that is typed during a session: it knows when it was begun, and holds on to its keys."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QGuiApplication, QKeyEvent, QWindow
from PySide6.QtWidgets import QApplication, QLineEdit

from journeylab.clock import Clock
from journeylab.ui.widgets.key_owner import stage_of

_LOOK_MS: Final = 80
"""A page tells that a field of its own has the caret within this time of the click."""


class Line(StrEnum):
    """What a line is for."""

    NOTE = "note"
    TITLE = "title"


class FirstKey(QObject):
    """When what stands in a field was begun: the time of its first key, on the session clock."""

    def __init__(self, field: QLineEdit, *, clock: Clock) -> None:
        super().__init__(field)
        self._clock = clock
        self._began_ns: int | None = None
        field.textEdited.connect(self._edited)

    def take_ns(self) -> int:
        """The time, which is forgotten; the present where nothing was typed."""
        began_ns, self._began_ns = self._began_ns, None
        return self._clock.now_ns() if began_ns is None else began_ns

    def put_ns(self, began_ns: int) -> None:
        """What stands in the field now was begun then."""
        self._began_ns = began_ns

    def _edited(self, text: str) -> None:
        if not text:
            self._began_ns = None
        elif self._began_ns is None:
            self._began_ns = self._clock.now_ns()


class LineField(QLineEdit):
    """One line of text: Enter keeps it, Esc leaves it; says when it has the keyboard.

    ``submitted`` goes out with the text and the time of its first key, ns. Where the participant's
    click takes the keyboard away in the middle of a line, the rest of it must neither act on the
    session nor be lost: the line counts as being typed until it has the keyboard back, which it
    takes. Only where she types into a text herself it is hers, and ``given_up`` goes out.
    """

    submitted = Signal(str, object)
    typing_changed = Signal(bool)
    given_up = Signal()

    def __init__(self, hint: str, *, name: str, clock: Clock) -> None:
        super().__init__()
        self.setPlaceholderText(hint)
        self.setMaxLength(500)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._first_key = FirstKey(self, clock=clock)
        self._is_typing = False
        self._look_soon = QTimer(self)
        self._look_soon.setSingleShot(True)
        self._look_soon.setInterval(_LOOK_MS)
        self._look_soon.timeout.connect(self._look)
        application = QApplication.instance()
        if isinstance(application, QGuiApplication):
            application.focusWindowChanged.connect(self._window_changed)

    @property
    def is_typing(self) -> bool:
        """True from the moment it gets the keyboard until it is kept or left."""
        return self._is_typing

    def begin(self) -> None:
        """Take the keyboard, from another window too."""
        self.window().activateWindow()
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def put(self, text: str, began_ns: int | None) -> None:
        """Have a text that was begun at that time, if it is known."""
        self.reset()
        self.setText(text)
        if began_ns is not None:
            self._first_key.put_ns(began_ns)

    def reset(self) -> None:
        """Have no text: what was begun in another session is no line of this one."""
        self._first_key.take_ns()
        self.clear()

    def hand_over(self, other: LineField) -> None:
        """Let another field have what stands here, with the time at which it was begun."""
        if self.text():
            other.put(self.text(), self._first_key.take_ns())
            self.reset()

    def keep(self, otherwise: str = "") -> None:
        """Keep what stands here, as Enter does; ``otherwise`` where nothing does."""
        text, began_ns = self.text().strip() or otherwise, self._first_key.take_ns()
        self.clear()
        self.clearFocus()
        if text:
            self.submitted.emit(text, began_ns)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.keep()
        elif event.key() == Qt.Key.Key_Escape:
            self.clearFocus()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._look_soon.stop()
        self._set_typing(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        reason = event.reason()
        if reason is Qt.FocusReason.ActiveWindowFocusReason and self.isVisible():
            self._look_soon.start()
        elif reason is not Qt.FocusReason.PopupFocusReason:
            self._set_typing(False)

    def _set_typing(self, is_typing: bool) -> None:
        if is_typing != self._is_typing:
            self._is_typing = is_typing
            self.typing_changed.emit(is_typing)

    def _window_changed(self, _window: QWindow | None) -> None:
        if self._is_typing and not self.hasFocus():
            self._look_soon.start()

    def _look(self) -> None:
        """The keyboard went to another window: take it back, unless somebody types there."""
        if not self._is_typing or self.hasFocus():
            return
        window = QApplication.activeWindow()
        stage = stage_of(window)
        if not self.isVisible():
            self._set_typing(False)
        elif stage is not None and stage.is_typed_into:
            self._set_typing(False)
            self.given_up.emit()
        elif window is not None:  # else it is another program's, and so is what is typed
            self.begin()
