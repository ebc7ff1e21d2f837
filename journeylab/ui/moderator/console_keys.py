"""The console's keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from journeylab.study.model import MarkerKey


class ConsoleKeys:
    """Keys of a page, and the marker keys of the study it shows; silent while a note is typed."""

    def __init__(self, page: QWidget, acts: Iterable[tuple[str, Callable[[], None]]]) -> None:
        self._page = page
        self._fixed = [self._shortcut(key, act) for key, act in acts]
        self._markers: list[QShortcut] = []

    def show_markers(self, markers: Iterable[MarkerKey], *, act: Callable[[str], None]) -> None:
        """Listen to another study's marker keys."""
        for shortcut in self._markers:
            shortcut.setEnabled(False)
            shortcut.deleteLater()
        self._markers = [self._shortcut(one.key, partial(act, one.label)) for one in markers]

    def set_enabled(self, is_enabled: bool) -> None:
        """Listen, or leave the keys to a text field."""
        for shortcut in (*self._fixed, *self._markers):
            shortcut.setEnabled(is_enabled)

    def _shortcut(self, key: str, act: Callable[[], None]) -> QShortcut:
        shortcut = QShortcut(QKeySequence(key), self._page)
        # The participant's click takes the keyboard to her window; the keys stay the moderator's.
        shortcut.setContext(Qt.ShortcutContext.ApplicationShortcut)
        shortcut.setAutoRepeat(False)  # a key held down must not run through the steps
        shortcut.activated.connect(act)
        return shortcut
