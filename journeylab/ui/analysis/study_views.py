"""The analysis tab's views of a study: its map, its health, a comparison, what was expected."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from journeylab.theme import LIGHT, Palette
from journeylab.ui.analysis.compare_page import ComparePage
from journeylab.ui.analysis.expected_page import ExpectedPage
from journeylab.ui.analysis.health_page import HealthPage
from journeylab.ui.analysis.replay.rooms import AnalysisRooms
from journeylab.ui.widgets.card import tooltip
from journeylab.ui.widgets.style import apply_style


class StudyView(IntEnum):
    """One of the views, by its place."""

    MAP = 0
    HEALTH = 1
    COMPARE = 2
    EXPECTED = 3


_TITLES: Final = {
    StudyView.MAP: ("Map", "The journey map, its sessions and moments"),
    StudyView.HEALTH: ("Study health", "Grades, exclusions, quotas, and when it is enough"),
    StudyView.COMPARE: ("Compare", "The difference to another study, or to another round"),
    StudyView.EXPECTED: ("Expected map", "What the team believes before it is measured"),
}
_STRIP_PX: Final = 36


class StudyViews(QWidget):
    """A strip of names over the views; while a session is replayed the strip is away."""

    shown = Signal(int)
    """The StudyView that came on show."""

    def __init__(self, rooms: AnalysisRooms, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        apply_style(self, palette)
        self.rooms = rooms
        self._before = StudyView.MAP
        self.health = HealthPage(palette=palette)
        self.compare = ComparePage(palette=palette)
        self.expected = ExpectedPage(palette=palette)
        self._stack = QStackedWidget()
        for page in (rooms, self.health, self.compare, self.expected):
            self._stack.addWidget(page)
        self._strip = QFrame()
        self._strip.setProperty("role", "bar")
        self._strip.setProperty("edge", "bottom")
        self._buttons = QButtonGroup(self)
        self._buttons.setExclusive(True)
        row = QHBoxLayout(self._strip)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(20)
        for view, (title, hint) in _TITLES.items():
            button = QPushButton(title)
            button.setCheckable(True)
            button.setProperty("role", "tab")
            button.setStyleSheet(f"min-height: {_STRIP_PX - 2}px;")
            button.setShortcut(f"Ctrl+{view + 1}")
            button.setToolTip(tooltip(f"{hint} (Ctrl+{view + 1})"))
            self._buttons.addButton(button, view)
            row.addWidget(button)
        row.addStretch(1)
        self._buttons.button(StudyView.MAP).setChecked(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._strip)
        layout.addWidget(self._stack, 1)
        self._buttons.idClicked.connect(self.show_view)
        rooms.currentChanged.connect(self._follow_room)

    @property
    def view(self) -> StudyView:
        """What is on show."""
        return StudyView(self._stack.currentIndex())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.view is not StudyView.MAP:
            self.shown.emit(self.view)  # a session may have been recorded meanwhile

    def show_view(self, view: int) -> None:
        """Go to one of the views."""
        self._buttons.button(view).setChecked(True)
        self._stack.setCurrentIndex(view)
        self.shown.emit(view)

    def _follow_room(self, _index: int) -> None:
        is_replaying = self.rooms.is_replaying
        self._strip.setVisible(not is_replaying)
        if is_replaying:
            self._before = self.view
            self.show_view(StudyView.MAP)
        elif self._before is not StudyView.MAP:
            self.show_view(self._before)  # where the replay was opened from
            self._before = StudyView.MAP
