"""The window's top line: where one is, and the other place to go."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton

from journeylab.ui.moderator.appearance import Appearance, AppearanceButton
from journeylab.ui.widgets.card import Label

BAR_PX = 50


class NavigationBar(QFrame):
    """Two tabs, Sessions and Analysis, the study that is open, and how it all looks."""

    sessions_chosen = Signal()
    analysis_chosen = Signal()
    appearance_chosen = Signal(object)  # an Appearance

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.setProperty("role", "bar")
        self.setProperty("edge", "bottom")
        self.setFixedHeight(BAR_PX)
        self.sessions = self._tab("Sessions")
        self.analysis = self._tab("Analysis")
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._study = Label("", role="quiet")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(24, 0, 24, 0)
        layout.setSpacing(22)
        layout.addWidget(Label("JourneyLab", role="heading"))
        layout.addSpacing(8)
        for tab in (self.sessions, self.analysis):
            self._group.addButton(tab)
            layout.addWidget(tab)
        layout.addStretch(1)
        layout.addWidget(self._study)
        self.appearance = AppearanceButton(appearance)
        layout.addWidget(self.appearance)
        self.appearance.chosen.connect(self.appearance_chosen)
        self.sessions.clicked.connect(self.sessions_chosen)
        self.analysis.clicked.connect(self.analysis_chosen)

    @staticmethod
    def _tab(words: str) -> QPushButton:
        tab = QPushButton(words)
        tab.setProperty("role", "tab")
        tab.setCheckable(True)
        return tab

    def show_place(self, *, is_analysis: bool) -> None:
        """Mark the tab one is on."""
        (self.analysis if is_analysis else self.sessions).setChecked(True)

    def show_study(self, title: str) -> None:
        """Name the open study; without one there is nothing to analyse."""
        self._study.show_text(title)
        self.analysis.setEnabled(bool(title))
        self.analysis.setToolTip("" if title else "Open a study first")
