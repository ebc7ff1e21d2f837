"""The analysis tab's two rooms: the study's map, and the replay of one session."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget

from journeylab.ui.analysis.page import AnalysisPage
from journeylab.ui.analysis.replay.page import ReplayPage


class AnalysisRooms(QStackedWidget):
    """Shows the map, or a replay instead of it."""

    def __init__(self, analysis: AnalysisPage, replay: ReplayPage) -> None:
        super().__init__()
        self.analysis = analysis
        self.replay = replay
        self.addWidget(analysis)
        self.addWidget(replay)

    @property
    def is_replaying(self) -> bool:
        """Whether the replay is shown."""
        return self.currentWidget() is self.replay

    def show_map(self) -> None:
        """Go to the map."""
        self.setCurrentWidget(self.analysis)
        if self.isVisible():
            self.analysis.setFocus()

    def show_replay(self) -> None:
        """Go to the replay."""
        self.setCurrentWidget(self.replay)
        self.replay.setFocus()
