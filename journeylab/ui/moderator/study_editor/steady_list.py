"""A list that shows which of its rows is open, and opens none by taking the keyboard."""

from __future__ import annotations

from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QListWidget


class SteadyList(QListWidget):
    """Keeps its row, or that none is chosen, when the keyboard comes to it."""

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Take the keyboard; Qt would choose the first row, and so leave what is open."""
        chosen = self.currentRow()
        self.blockSignals(True)
        super().focusInEvent(event)
        if chosen < 0:
            self.setCurrentRow(-1)
        self.blockSignals(False)
