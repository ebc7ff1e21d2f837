"""What the map shows besides: other lines of the trace, the gaze error, and the ways taken."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QPushButton

from journeylab.report.map_lines import TraceLine

_LINES: Final = (
    ("Mean and its band", TraceLine.MEAN, "M"),
    ("Median", TraceLine.MEDIAN, "D"),
    ("Each participant", TraceLine.PARTICIPANTS, "P"),
)


class ShowMenu(QPushButton):
    """A button with a menu of what may be shown or not."""

    lines_changed = Signal(object, bool)
    """A frozenset of TraceLine, and whether the gaze error is shown."""
    seconds_wanted = Signal(bool)
    """Whether time within a step is counted in real seconds."""
    ways_asked = Signal()

    def __init__(self) -> None:
        super().__init__("Show ▾")
        # Qt's own arrow is drawn over the words.
        self.setStyleSheet("QPushButton::menu-indicator { image: none; width: 0; }")
        self.setAccessibleName("Show")
        self.setToolTip("Lines of the trace, gaze error, ways through the steps")
        menu = QMenu(self)
        self.lines: dict[TraceLine, QAction] = {}
        for words, line, key in _LINES:
            action = menu.addAction(words)
            action.setCheckable(True)
            action.setChecked(line is TraceLine.MEAN)
            action.setShortcut(f"Ctrl+Shift+{key}")
            action.toggled.connect(self._tell)
            self.lines[line] = action
        menu.addSeparator()
        self.gaze_error = menu.addAction("Gaze error on the heatmaps")
        self.gaze_error.setCheckable(True)
        self.gaze_error.toggled.connect(self._tell)
        self.seconds = menu.addAction("Time within steps in real seconds")
        self.seconds.setCheckable(True)
        self.seconds.toggled.connect(self.seconds_wanted)
        menu.addSeparator()
        self.ways = menu.addAction("Ways through the steps")
        self.ways.setShortcut("Ctrl+Shift+W")
        self.ways.triggered.connect(self.ways_asked)
        self.setMenu(menu)

    def _tell(self) -> None:
        wanted = frozenset(line for line, action in self.lines.items() if action.isChecked())
        self.lines_changed.emit(wanted, self.gaze_error.isChecked())
