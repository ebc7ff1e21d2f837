"""What the map's place shows while there is no map: no study, none recorded, reading, failed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from journeylab.analysis.journey_builder import SESSIONS_SHARE
from journeylab.ui.widgets.card import Label
from journeylab.ui.widgets.notices import EmptyState
from journeylab.ui.widgets.waiting import WaitingPage


class MapStates(QStackedWidget):
    """Shows the views of a map, or in words why there are none yet."""

    record_asked = Signal()
    """The empty study's one thing to do next."""
    retry_asked = Signal()
    stop_asked = Signal()
    """The sessions are to be read no further."""

    def __init__(self, views: QWidget) -> None:
        super().__init__()
        self._views = views
        self.waiting = WaitingPage()
        self._heading = Label("", role="heading")
        self._words = Label("", role="quiet", wrap=True)
        self._retry = QPushButton("Read again")
        self._failed = _centred(self._heading, self._words, self._retry)
        self._empty = EmptyState(
            "No session has been recorded yet",
            detail="Record the first one; its journey appears here as soon as it is finished.",
            action="Record a session",
        )
        self._no_study = EmptyState(
            "No study is open", detail="Open a study to see its sessions and its journey map."
        )
        for state in (self._no_study, self._empty, self.waiting, self._failed, views):
            self.addWidget(state)
        self._empty.acted.connect(self.record_asked)
        self._retry.clicked.connect(self.retry_asked)
        self.waiting.stopped.connect(self.stop_asked)

    @property
    def shows_views(self) -> bool:
        """Whether a map is on show."""
        return self.currentWidget() is self._views

    def show_no_study(self) -> None:
        """No study is open."""
        self.setCurrentWidget(self._no_study)

    def show_empty(self) -> None:
        """Nothing was recorded yet."""
        self.setCurrentWidget(self._empty)

    def show_views(self) -> None:
        """A map is there."""
        self.setCurrentWidget(self._views)

    def wait(self) -> None:
        """The sessions are being read."""
        self.waiting.wait_for("Reading the sessions")
        self.setCurrentWidget(self.waiting)

    def advance(self, share: float) -> None:
        """This share of reading and of all that follows, 0..1, is done."""
        self.waiting.advance(share)
        if share >= SESSIONS_SHARE:
            self.waiting.rename("Looking for what they have in common")

    def say_instead(self, heading: str, words: str) -> None:
        """Why there is no map; reading can be tried again."""
        self._heading.show_text(heading)
        self._words.show_text(words)
        self.setCurrentWidget(self._failed)


def _centred(*widgets: QWidget) -> QWidget:
    # The column has the width, not the labels: only so do wrapped words get their height.
    column = QWidget()
    column.setFixedWidth(480)
    inner = QVBoxLayout(column)
    inner.setContentsMargins(0, 0, 0, 0)
    inner.setSpacing(14)
    for widget in widgets:
        if isinstance(widget, Label):
            widget.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        if isinstance(widget, QPushButton):
            inner.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        else:
            inner.addWidget(widget)
    box = QWidget()
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(column)  # an aligned widget would be given its shortest height
    row.addStretch(1)
    layout = QVBoxLayout(box)
    layout.addStretch(1)
    layout.addLayout(row)
    layout.addStretch(1)
    return box
