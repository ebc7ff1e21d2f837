"""Whose a key is while a page is shown: the participant's, or an act of the session."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QChildEvent, QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from journeylab.study.model import MarkerKey
from journeylab.ui.participant.web_page import Browser
from journeylab.ui.widgets.key_owner import is_for_the_moderator

_CARET: Final = '{"kind":"caret"'
"""How a page begins to say what has its focus: nothing, something, or something typed into."""
_TYPED: Final = "typed"
"""What a page says of its focus where keys write or choose: a text, a list, a date, a slider."""
_HELD: Final = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.MetaModifier


class PageKeys(QObject):
    """Keeps what the participant presses in a page's view from leading the session on.

    Qt asks the view, then ``stage`` whose a key is before it is an act of the session: all are
    hers but those that are the moderator's whoever has the keyboard, and but the markers while
    nothing on the page has the focus, for then a letter or digit means nothing to it. GUI thread
    only.
    """

    def __init__(self, browser: Browser, view: QWebEngineView, stage: QWidget) -> None:
        super().__init__(stage)
        self._view = view
        self._markers: frozenset[str] = frozenset()
        self._focused = ""  # what the page says of the element that has its focus
        stage.installEventFilter(self)
        view.installEventFilter(self)
        browser.told.connect(self._take_message)

    def show_markers(self, markers: Iterable[MarkerKey]) -> None:
        """The markers that the moderator may set meanwhile."""
        self._markers = frozenset(one.pressed for one in markers)

    def _take_message(self, message: str) -> None:
        # At once, and of a page that is read ahead as well: whatever has the focus when it is seen.
        if message.startswith(_CARET):
            said = json.loads(message).get("detail")
            self._focused = said if isinstance(said, str) else ""

    @property
    def holds_keys(self) -> bool:
        """Whether the view has the keyboard, or a list that it opened."""
        proxy = self._view.focusProxy()
        return self._has_list or (proxy is not None and proxy.hasFocus())

    @property
    def is_typed_into(self) -> bool:
        """Whether the caret stands in a text of the page, or a list of it is chosen from."""
        proxy = self._view.focusProxy()
        if self._has_list:
            return True
        if proxy is None or not proxy.hasFocus():
            return False
        is_text = bool(proxy.inputMethodQuery(Qt.InputMethodQuery.ImEnabled))
        return is_text or self._focused == _TYPED

    @property
    def _has_list(self) -> bool:
        # The engine opens lists and calendars as windows of their own, which have no parent to ask.
        popup = QApplication.activePopupWidget()
        return popup is not None and popup.parentWidget() is self._view

    def _are_hers(self, event: QKeyEvent) -> bool:
        if not self.holds_keys or is_for_the_moderator(event):
            return False
        if self._focused or self.is_typed_into or event.modifiers() & _HELD:
            return True
        return event.text().casefold() not in self._markers

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._view:
            if event.type() is QEvent.Type.ChildPolished and isinstance(event, QChildEvent):
                self._watch_list(event.child())
            return False
        is_asked = event.type() is QEvent.Type.ShortcutOverride
        if is_asked and isinstance(event, QKeyEvent) and self._are_hers(event):
            event.accept()
            return True
        return False

    def _watch_list(self, child: QObject) -> None:
        if isinstance(child, QWidget) and child.isWindow() and not isinstance(child, QDialog):
            child.installEventFilter(self)
