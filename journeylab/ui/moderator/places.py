"""Which page is shown, and the one timer that keeps it fresh."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPushButton, QStackedWidget, QWidget

from journeylab.ui.moderator.heartbeat import Heartbeat
from journeylab.ui.moderator.navigation import NavigationBar


class Places(QStackedWidget):
    """A stack of pages under the navigation bar.

    A page that polls is registered with its refreshers; the timer beats only while such a page
    is shown, and refreshes no other.
    """

    def __init__(self, navigation: NavigationBar, *, analysis: QWidget) -> None:
        super().__init__()
        self._navigation = navigation
        self._analysis = analysis
        self._polling: list[QWidget] = []
        self._without_navigation: list[QWidget] = []
        self._sessions: QWidget | None = None
        self.heartbeat = Heartbeat(self)
        self.addWidget(analysis)

    def add_page(self, page: QWidget, *, has_navigation: bool = True) -> None:
        """Add a page that needs no refreshing."""
        self.addWidget(page)
        if not has_navigation:
            self._without_navigation.append(page)

    def poll(self, page: QWidget, *, curves: Callable[[], None], text: Callable[[], None]) -> None:
        """Refresh a page while it is shown: curves at each beat, text at every fifteenth."""
        self._polling.append(page)
        self.heartbeat.curves.connect(partial(self._refresh, page, curves))
        self.heartbeat.text.connect(partial(self._refresh, page, text))

    @property
    def page(self) -> QWidget:
        """The page that is shown."""
        return self.currentWidget() or self._analysis

    @property
    def sessions_page(self) -> QWidget | None:
        """Where the tab Sessions leads: the page last shown there."""
        return self._sessions

    def go_to(self, page: QWidget) -> None:
        """Show a page."""
        is_analysis = page is self._analysis
        if not is_analysis:
            self._sessions = page
        self.setCurrentWidget(page)
        # While a session runs there is one thing to look at, and one way out.
        self._navigation.setVisible(page not in self._without_navigation)
        self._navigation.show_place(is_analysis=is_analysis)
        if page in self._polling:
            self.heartbeat.start()
        else:
            self.heartbeat.stop()

    def _refresh(self, page: QWidget, refresh: Callable[[], None]) -> None:
        if self.page is page:
            refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Qt presses the button that has the focus on Space only; a hurried hand takes Enter.
        button = self.window().focusWidget()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(button, QPushButton):
            button.click()
        else:
            super().keyPressEvent(event)
