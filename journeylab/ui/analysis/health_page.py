"""Study health: which sessions carry the map, how many more are wanted, and when it is enough."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from journeylab.analysis.exclusions import LONGEST_REASON, can_be_included
from journeylab.analysis.journey import SessionSummary
from journeylab.analysis.saturation import Saturation
from journeylab.analysis.study_health import StudyHealth
from journeylab.theme import LIGHT, Palette
from journeylab.ui.analysis.health_cards import GradesCard, ParticipantsCard
from journeylab.ui.analysis.saturation_plot import SaturationPlot
from journeylab.ui.analysis.session_list import SUMMARY_ROLE, SessionList
from journeylab.ui.widgets.card import Card, Label
from journeylab.ui.widgets.style import set_role
from journeylab.ui.widgets.waiting import PatientProgress


class HealthPage(QWidget):
    """Shows a StudyHealth and asks for decisions about its sessions; keeps nothing itself."""

    decision_asked = Signal(object, bool, str)
    """A SessionSummary, whether it is to be excluded, and why."""
    forget_asked = Signal()
    """Decisions about sessions that are gone are to be taken out of the file."""
    replay_asked = Signal(object)
    """A SessionSummary."""
    retry_asked = Signal()
    stop_asked = Signal()
    """Reading the sessions is to be stopped."""
    trying_stop_asked = Signal()
    """Trying the detectors on fewer participants is to be stopped."""

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        self.setProperty("role", "page")
        self._health: StudyHealth | None = None
        self.sessions = SessionList(palette=palette)
        self._count = Label("", role="small")
        self.progress = PatientProgress(of="reading the sessions", stop_hint="Read no further")
        self._chosen = Label("Choose a session to exclude it, or to include it again.", wrap=True)
        self.reason = QLineEdit()
        self.reason.setMaxLength(LONGEST_REASON)
        self.reason.setAccessibleName("Reason")
        self.decide = QPushButton("Exclude")
        self._gone = Label("", role="small", wrap=True)
        self.forget = QPushButton("Forget them")
        self._message = Label("", role="small", wrap=True)
        self.retry = QPushButton("Read again")
        self.participants = ParticipantsCard()
        self.grades = GradesCard()
        self._meaning = Label("", wrap=True)
        self.plot = SaturationPlot(palette=palette)
        self.trying = PatientProgress(
            of="trying the detectors on fewer participants", stop_hint="Try no further"
        )
        self._build()
        self.reason.returnPressed.connect(self.decide.click)
        self.reason.textChanged.connect(self._offer)
        self.decide.clicked.connect(self._ask)
        self.forget.clicked.connect(self.forget_asked)
        self.retry.clicked.connect(self.retry_asked)
        self.progress.stopped.connect(self.stop_asked)
        self.trying.stopped.connect(self.trying_stop_asked)
        self.sessions.opened.connect(self.replay_asked)
        self.sessions.selectionModel().currentChanged.connect(self._choose)
        self._offer()

    @property
    def chosen(self) -> SessionSummary | None:
        """The session a decision would be about."""
        index = self.sessions.currentIndex()
        return index.data(SUMMARY_ROLE) if index.isValid() else None

    @property
    def message(self) -> str:
        """What went wrong or is being done, in a sentence."""
        return self._message.text()

    def show_health(self, health: StudyHealth) -> None:
        """Show a study's health; the session chosen before stays chosen."""
        chosen = self.chosen
        self.progress.end()
        self._health = health
        self.sessions.show_sessions(health.sessions)
        if chosen is not None:
            self.sessions.select_session(chosen)
        n = len(health.sessions)
        words = f"{health.n_usable} of {n} in the map" if n else "none recorded yet"
        self._count.show_text(words)
        self.participants.show_health(health)
        self.grades.show_health(health)
        self.show_saturation(health.saturation)
        self._gone.show_text(health.gone_words)
        self._gone_box.setVisible(bool(health.gone_words))
        self.say("")
        self._choose()

    def show_saturation(self, saturation: Saturation) -> None:
        """Show the curves alone: those of the findings come later than the rest."""
        self.trying.end()
        self._meaning.show_text(saturation.words)
        self.plot.show_saturation(saturation)
        self.plot.setVisible(len(saturation.people) >= 3)

    def begin_reading(self) -> None:
        """The sessions are being read; what was read before stays on show."""
        self._count.show_text("reading …")
        self.progress.begin()

    def say(self, words: str, *, tone: str = "", can_retry: bool = False) -> None:
        """Show a sentence above everything; none where empty."""
        self.progress.end()
        self._message.show_text(words)
        set_role(self._message_box, level="fault" if tone == "negative" else "note")
        self.retry.setVisible(can_retry)
        self._message_box.setVisible(bool(words))

    def _build(self) -> None:
        sessions = Card("Sessions")
        sessions.header.addWidget(self._count)
        sessions.header.addWidget(self.progress)
        sessions.body.addWidget(self.sessions, 1)
        sessions.body.addWidget(_rule())
        sessions.body.addWidget(self._chosen)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.reason, 1)
        row.addWidget(self.decide)
        sessions.body.addLayout(row)
        self._gone_box = _boxed(self._gone, self.forget)
        sessions.body.addWidget(self._gone_box)
        self._gone_box.hide()
        saturation = Card("Saturation")
        saturation.header.addWidget(self.trying)
        saturation.body.addWidget(self._meaning)
        saturation.body.addWidget(self.plot, 1)
        key = Label(
            "Left: how far one more participant moves the trace, mean over many orders and eight "
            "of ten of them (grey). Right: how many of the findings the detectors find when they "
            "run on the first so many participants alone (line), and on as many in other orders "
            "(dashed, mean).",
            role="small",
            wrap=True,
        )
        saturation.body.addWidget(key)
        beside = QWidget()
        column = QVBoxLayout(beside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.participants)
        column.addWidget(self.grades)
        column.addWidget(saturation, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(beside)
        columns = QHBoxLayout()
        columns.setSpacing(12)
        columns.addWidget(sessions, 5)
        columns.addWidget(area, 6)
        self._message_box = _boxed(self._message, self.retry)
        self._message_box.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(self._message_box)
        layout.addLayout(columns, 1)

    def _choose(self, *_indexes: object) -> None:
        summary = self.chosen
        self.reason.clear()
        if summary is None:
            words = "Choose a session to exclude it from the map, or to include it again."
        elif not summary.session_id:
            words = f"{summary.path.name} cannot be opened, so there is nothing to decide."
        elif summary.is_usable:
            words = f"{summary.participant_id} is in the map, graded {summary.grade}."
        elif can_be_included(summary):
            own = "by its grade" if not summary.decision else "by decision"
            words = f"{summary.participant_id} is left out {own}. It can be included."
        else:
            words = f"Nothing of {summary.participant_id} can be placed on the map."
        if summary is not None and summary.decision:
            words += f" {summary.decision}"
        self._chosen.show_text(words)
        self._offer()

    def _offer(self, *_text: object) -> None:
        summary = self.chosen
        excludes = summary is None or summary.is_usable
        self.decide.setText("Exclude" if excludes else "Include")
        can = summary is not None and bool(summary.session_id)
        can = can and (excludes or (summary is not None and can_be_included(summary)))
        self.reason.setEnabled(can)
        self.reason.setPlaceholderText(
            "Reason, such as: talked on the phone" if excludes else "Reason for including it"
        )
        self.decide.setEnabled(can and bool(self.reason.text().strip()))

    def _ask(self) -> None:
        summary = self.chosen
        if summary is not None and self.decide.isEnabled():
            self.decision_asked.emit(summary, summary.is_usable, self.reason.text())


def _boxed(words: Label, button: QPushButton) -> QFrame:
    box = QFrame()
    box.setProperty("role", "banner")
    box.setProperty("level", "warning")
    row = QHBoxLayout(box)
    row.setContentsMargins(12, 8, 8, 8)
    row.setSpacing(12)
    row.addWidget(words, 1)
    row.addWidget(button)
    return box


def _rule() -> QFrame:
    line = QFrame()
    line.setProperty("role", "bar")
    line.setProperty("edge", "bottom")
    line.setFixedHeight(1)
    return line
