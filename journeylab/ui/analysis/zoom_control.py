"""Buttons for the map's zoom: smaller, the whole, larger."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from journeylab.ui.analysis.zoom import LARGEST, STEP

_BUTTON_PX = 34
_SCALE_PX = 64


class ZoomControl(QWidget):
    """Shows the scale and asks for another."""

    zoom_asked = Signal(float)
    """A factor."""
    fit_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.smaller = QPushButton("−")
        self.larger = QPushButton("+")
        self.whole = QPushButton("100 %")
        self.smaller.setToolTip("Smaller (−, or Ctrl and the wheel)")
        self.larger.setToolTip("Larger (+, or Ctrl and the wheel); drag to move about")
        self.whole.setToolTip("Show the whole map (0)")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for button, width in (
            (self.smaller, _BUTTON_PX),
            (self.whole, _SCALE_PX),
            (self.larger, _BUTTON_PX),
        ):
            button.setFixedWidth(width)
            button.setStyleSheet("padding: 0; font-weight: 500;")
            button.setAccessibleName(button.toolTip())
            layout.addWidget(button)
        self.smaller.clicked.connect(self._ask_smaller)
        self.larger.clicked.connect(self._ask_larger)
        self.whole.clicked.connect(self.fit_asked)
        self.show_scale(1.0)

    def show_scale(self, scale: float) -> None:
        """Show how large the map is drawn."""
        self.whole.setText(f"{100 * scale:.0f} %")
        self.smaller.setEnabled(scale > 1.0)
        self.larger.setEnabled(scale < LARGEST)

    def _ask_smaller(self) -> None:
        self.zoom_asked.emit(1.0 / STEP)

    def _ask_larger(self) -> None:
        self.zoom_asked.emit(STEP)
