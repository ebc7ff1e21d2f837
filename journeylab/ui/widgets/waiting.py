"""While something is read or written: what, how far it is, and a way to stop it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from journeylab.ui.widgets.card import Label, tooltip

SHOWN_AFTER_MS: Final = 1000
"""What is done sooner needs no progress shown."""
_BAR_PX: Final = 360
_SMALL_BAR_PX: Final = 120


class PatientProgress(QWidget):
    """A small bar with Stop beside what is on show; only for what takes longer."""

    stopped = Signal()

    def __init__(self, *, of: str, stop_hint: str) -> None:
        super().__init__()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(_SMALL_BAR_PX)
        self.bar.setAccessibleName(f"Progress of {of}")
        self.stop = QPushButton("Stop")
        self.stop.setToolTip(tooltip(stop_hint))
        self.stop.clicked.connect(self.stopped)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(SHOWN_AFTER_MS)
        self._patience.timeout.connect(self.show)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self.bar)
        layout.addWidget(self.stop)
        self.hide()

    def begin(self) -> None:
        """Something is being done from now on."""
        self.bar.setValue(0)
        self._patience.start()

    def advance(self, share: float) -> None:
        """This share of it, 0..1, is done."""
        self.bar.setValue(round(share * 100))

    def end(self) -> None:
        """Nothing is being done any more."""
        self._patience.stop()
        self.hide()


class WaitingPage(QWidget):
    """Tells of work beside the window, or of why nothing can be shown."""

    stopped = Signal()
    """The work is not wanted any more."""

    def __init__(self, *, can_stop: bool = True) -> None:
        super().__init__()
        self._can_stop = can_stop
        self._words = Label("", role="heading", wrap=True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setFixedWidth(_BAR_PX)
        self._progress.setAccessibleName("How far it is")
        self.stop = QPushButton("Stop")
        self.stop.clicked.connect(self.stopped)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(80, 0, 80, 0)
        layout.setSpacing(14)
        centre = Qt.AlignmentFlag.AlignHCenter
        layout.addStretch(1)
        layout.addWidget(self._words)
        layout.addWidget(self._progress, 0, centre)
        layout.addWidget(self.stop, 0, centre)
        layout.addStretch(1)

    @property
    def words(self) -> str:
        """What it says."""
        return self._words.text()

    def wait_for(self, words: str) -> None:
        """Something is being done from now on."""
        self._show(words, is_busy=True)

    def say(self, words: str) -> None:
        """Nothing is being done; say why nothing is shown."""
        self._show(words, is_busy=False)

    def rename(self, words: str) -> None:
        """It has come to something else, still under way."""
        if words != self.words:
            self._words.show_text(words)

    def advance(self, share: float) -> None:
        """This share of it, 0..1, is done."""
        self._progress.setValue(round(share * 100))

    def _show(self, words: str, *, is_busy: bool) -> None:
        self._words.show_text(words)
        self._progress.setValue(0)
        self._progress.setVisible(is_busy)
        self.stop.setVisible(is_busy and self._can_stop)
