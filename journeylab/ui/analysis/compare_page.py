"""Comparing two studies or rounds: the other one is chosen, and the difference map is shown."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from journeylab.analysis.compared_studies import ComparedPair
from journeylab.analysis.comparing import Comparison
from journeylab.analysis.moments import MomentChoice
from journeylab.theme import LIGHT, Palette
from journeylab.ui.analysis.comparison_area import ComparisonArea, MomentsOf
from journeylab.ui.analysis.export_bar import WITHOUT_FACES, ExportBar
from journeylab.ui.analysis.map_side import MapSide
from journeylab.ui.widgets.card import ElidedLabel, Label
from journeylab.ui.widgets.notices import EmptyState
from journeylab.ui.widgets.style import set_role
from journeylab.ui.widgets.waiting import WaitingPage


class ComparePage(QWidget):
    """Shows a Comparison; asks for the other study, for turning it around, and for files."""

    choose_asked = Signal()
    turn_asked = Signal()
    stop_asked = Signal()
    """Reading the two studies is to be stopped."""
    replay_asked = Signal(object)
    """A ReplayTarget."""

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        self.setProperty("role", "page")
        self._pair: ComparedPair | None = None
        self.other = ElidedLabel("", role="quiet")
        self._status = Label("", role="small")
        self.choose = QPushButton("Choose study …")
        self.choose.setToolTip("Choose the folder of another study, or of another round (Ctrl+O)")
        self.turn = QPushButton("Turn around")
        self.turn.setToolTip("Set the earlier one against the later one instead")
        self.export = ExportBar(WITHOUT_FACES)
        self.area = ComparisonArea(palette=palette)
        self.side = MapSide(palette=palette)
        self.side.list.back.setText("‹  Comparison")
        self._empty = EmptyState(
            "Compare with another study, or with another round",
            detail="Both traces appear on one map, with what got better, what got worse and how "
            "sure that is. Steps are matched by their id.",
            action="Choose study …",
        )
        self.waiting = WaitingPage()
        self._failed = EmptyState("These cannot be compared", detail="", action="Choose study …")
        self._states = QStackedWidget()
        self._build()
        self.choose.clicked.connect(self.choose_asked)
        self._empty.acted.connect(self.choose_asked)
        self._failed.acted.connect(self.choose_asked)
        self.turn.clicked.connect(self.turn_asked)
        self.waiting.stopped.connect(self.stop_asked)
        self.area.moments_asked.connect(self.open_moments)
        self.side.marked.connect(self._follow_mark)
        self.side.replay_asked.connect(self.replay_asked)
        self.show_nothing()

    @property
    def comparison(self) -> Comparison | None:
        """What is on show."""
        return None if self._pair is None else self._pair.comparison

    @property
    def failure(self) -> str:
        """Why nothing can be shown; empty where something is."""
        return self._failure if self._states.currentWidget() is self._failed else ""

    def show_nothing(self) -> None:
        """No study was chosen yet."""
        self._take(None, "")
        self._states.setCurrentWidget(self._empty)

    def show_loading(self, path: str) -> None:
        """Both studies are being read."""
        self._take(None, path)
        self.waiting.wait_for("Reading both studies")
        self._states.setCurrentWidget(self.waiting)

    def show_progress(self, share: float) -> None:
        """This share, 0..1, is read."""
        self.waiting.advance(share)

    def show_pair(self, pair: ComparedPair) -> None:
        """Show the difference map."""
        self._take(pair, self.other.text())
        self.area.show_pair(pair)
        self._states.setCurrentWidget(self.area)

    def show_failure(self, words: str) -> None:
        """Say why the two cannot be compared."""
        self._take(None, self.other.text())
        self._failure = words
        self._failed.show_detail(words)
        self._states.setCurrentWidget(self._failed)

    def say(self, words: str, *, tone: str = "") -> None:
        """Show a status beside the buttons."""
        self._status.show_text(words)
        set_role(self._status, tone=tone)

    def open_moments(self, moments: MomentsOf) -> None:
        """List the moments of a place of one side beside the comparison."""
        self.side.show_journey(moments.folder, moments.journey)
        if not self.side.open(moments.target):
            self.say("No session reached this moment")

    def shut_down(self) -> None:
        """End all work beside the window."""
        self.side.shut_down()

    def _follow_mark(self, choice: MomentChoice | None) -> None:
        self.side.setVisible(choice is not None)

    def _take(self, pair: ComparedPair | None, path: str) -> None:
        self._pair = pair
        self._failure = ""
        self.side.show_sessions()
        self.other.show_text(path)
        self.say("")
        self._bar.setVisible(bool(path))
        self.turn.setEnabled(pair is not None)
        self.export.setEnabled(pair is not None)

    def _build(self) -> None:
        self._bar = QFrame()
        self._bar.setProperty("role", "bar")
        self._bar.setProperty("edge", "bottom")
        row = QHBoxLayout(self._bar)
        row.setContentsMargins(16, 8, 16, 8)
        row.setSpacing(12)
        row.addWidget(Label("Compared with", role="strong"))
        row.addWidget(self.other, 1)
        row.addWidget(self._status)
        row.addWidget(self.turn)
        row.addWidget(self.choose)
        row.addWidget(self.export)
        for state in (self._empty, self.waiting, self._failed, self.area):
            self._states.addWidget(state)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        body = QHBoxLayout()
        body.setSpacing(0)
        body.addWidget(self._states, 1)
        body.addWidget(self.side)
        layout.addWidget(self._bar)
        layout.addLayout(body, 1)
