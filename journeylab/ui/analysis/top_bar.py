"""The analysis tab's bar: which sessions, and what to do with the map."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton

from journeylab.study.model import Study
from journeylab.theme import LIGHT, Palette
from journeylab.ui.analysis.export_bar import ExportBar
from journeylab.ui.widgets.card import Label, SectionLabel

DEVICE = "device"


class TopBar(QFrame):
    """Segment filter, status in words, and export."""

    segment_chosen = Signal(object)
    """A dict with one segment's value, empty for all sessions."""
    refresh_asked = Signal()

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        self.setProperty("role", "bar")
        self.setProperty("edge", "bottom")
        self._palette = palette
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._group.buttonClicked.connect(self._choose)
        self._filter = QHBoxLayout()
        self._filter.setSpacing(0)
        self._label = SectionLabel("Device")
        self._label.hide()
        self._status = Label("", role="quiet")
        self.refresh = QPushButton("Read again")
        self.refresh.setToolTip("Read all sessions of the study again (F5)")
        self.refresh.setShortcut("F5")
        self.refresh.clicked.connect(self.refresh_asked)
        self.export = ExportBar()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 8, 16, 8)
        layout.setSpacing(12)
        layout.addWidget(self._label)
        layout.addLayout(self._filter)
        layout.addWidget(self._status, 1)
        layout.addWidget(self.refresh)
        layout.addWidget(self.export)
        self._values: dict[int, dict[str, str]] = {}

    def show_study(self, study: Study | None) -> None:
        """Offer the study's devices, or no filter where it knows none."""
        for button in self._group.buttons():
            self._group.removeButton(button)
            self._filter.removeWidget(button)
            button.deleteLater()
        self._values.clear()
        devices = next(
            (
                segment.values
                for segment in (study.segments if study else ())
                if segment.name == DEVICE
            ),
            (),
        )
        self._label.setVisible(bool(devices))
        choices: list[tuple[str, dict[str, str]]] = [("All", {})] if devices else []
        choices += [(value.capitalize(), {DEVICE: value}) for value in devices]
        for place, (words, segment) in enumerate(choices):
            button = QPushButton(words)
            button.setCheckable(True)
            button.setChecked(place == 0)
            button.setStyleSheet(self._segment_sheet(place, len(choices)))
            self._group.addButton(button, place)
            self._values[place] = segment
            self._filter.addWidget(button)

    def choose(self, segment: dict[str, str]) -> None:
        """Press the button of a segment, as a click would."""
        for place, value in self._values.items():
            if value == segment:
                self._group.button(place).click()

    def say(self, words: str, *, tone: str = "") -> None:
        """Show a status; ``tone`` may be joy or negative."""
        self._status.show_text(words)
        self._status.setProperty("tone", tone)
        self._status.style().unpolish(self._status)
        self._status.style().polish(self._status)

    @property
    def status(self) -> str:
        return self._status.text()

    def _choose(self, button: QPushButton) -> None:
        self.segment_chosen.emit(dict(self._values[self._group.id(button)]))

    def _segment_sheet(self, place: int, count: int) -> str:
        left = 7 if place == 0 else 0
        right = 7 if place == count - 1 else 0
        palette = self._palette
        return (
            "QPushButton {"
            f"border-top-left-radius: {left}px; border-bottom-left-radius: {left}px;"
            f"border-top-right-radius: {right}px; border-bottom-right-radius: {right}px;"
            f"background: {palette.ground}; border: 1px solid {palette.line};"
            f"{'' if place == 0 else 'border-left: 0;'} font-weight: 500; }}"
            f"QPushButton:checked {{ background: {palette.accent_tint}; color: {palette.accent};"
            "font-weight: 600; }"
            f"QPushButton:focus {{ border-color: {palette.accent}; }}"
        )
