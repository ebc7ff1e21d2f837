"""Whether the console is in sight, and where its parts are shown while it is not."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from journeylab.ui.moderator.console_overlay import KeySheet


class ConsoleSight(QObject):
    """Knows whether a page is in sight: it may be hidden, or the participant's window over it.

    Nothing done by key brings it into sight by itself, for the participant looks at that display:
    the sheet of keys lies over the strip's display then, and ``keyboard_wanted`` goes out instead
    of the page's taking the keyboard.
    """

    keyboard_wanted = Signal()

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self._page = page
        self._strip: QWidget | None = None
        self._is_covered: Callable[[], bool] = lambda: False
        self.key_sheet = KeySheet(page)

    def be_beside(self, strip: QWidget, *, is_covered: Callable[[], bool]) -> None:
        """There is a strip for while the page is out of sight."""
        self._strip, self._is_covered = strip, is_covered

    @property
    def is_clear(self) -> bool:
        """Whether the page is in sight."""
        return self._page.isVisible() and not self._is_covered()

    def toggle_sheet(self) -> None:
        """Open the sheet of keys where she looks, or close it."""
        self.key_sheet.float_over(None if self.is_clear else self._strip)
        self.key_sheet.toggle()

    def take_keyboard(self) -> None:
        """Take the keyboard back from the participant."""
        if self.is_clear:
            self._page.window().activateWindow()
            self._page.setFocus()
        else:
            self.keyboard_wanted.emit()
