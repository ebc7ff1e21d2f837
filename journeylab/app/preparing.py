"""What the set-up page is told before a session: how far the study has come."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Slot

from journeylab.app.counting import ParticipantCounter
from journeylab.study.quotas import StudyTally
from journeylab.ui.moderator.window import MainWindow
from journeylab.ui.widgets.background import Background


class CountWiring(QObject):
    """Counts the open study's participants whenever its set-up page is shown. GUI thread only."""

    def __init__(self, window: MainWindow, *, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._window = window
        self._background = background
        self._counter = ParticipantCounter()
        window.preview_requested.connect(self._count)
        window.study_unlocked.connect(self._count)

    @Slot()
    def _count(self) -> None:
        folder = self._window.folder
        if folder is not None:
            self._background.run(
                partial(self._counter.count, folder),
                done=partial(self._show, folder.path),
                failed=self._window.say,
            )

    def _show(self, study: Path, tally: StudyTally) -> None:
        folder = self._window.folder
        if folder is not None and folder.path == study:  # no other was opened meanwhile
            self._window.setup.participant.show_tally(tally)
