"""The replay's side: moments by severity, all events by time, and the researcher's annotations."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from journeylab.analysis.replay_annotations import AnnotationState
from journeylab.analysis.replay_axis import time_words
from journeylab.analysis.replay_events import EventKind, ReplayEvent
from journeylab.analysis.replay_index import SessionIndex
from journeylab.analysis.replay_moments import ReplayMoment
from journeylab.analysis.severity import NOTABLE, SEVERE
from journeylab.clock import NS_PER_S
from journeylab.theme import LIGHT, Palette
from journeylab.ui.analysis.replay.annotation_panel import AnnotationPanel
from journeylab.ui.analysis.replay.marks import token_of
from journeylab.ui.analysis.replay.timed_list import TimedList, TimedRow
from journeylab.ui.widgets.card import Label

MOST_MOMENTS = 60
MOMENTS, EVENTS, ANNOTATIONS = range(3)


class ReplaySide(QWidget):
    """Three lists of which one is shown; a row that is clicked asks for its time."""

    sought = Signal(object)
    """Session time, ns."""

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        self.moments = TimedList("Moments by severity", palette=palette)
        self.events = TimedList("Events by time", palette=palette)
        self.annotations = AnnotationPanel(palette=palette)
        self._moments_words = Label("", role="small", wrap=True)
        self._start_ns = 0
        self._stack = QStackedWidget()
        self._tabs = QButtonGroup(self)
        self._tabs.setExclusive(True)
        self._build()
        self.moments.chosen.connect(self._seek)
        self.events.chosen.connect(self._seek)
        self.annotations.chosen.connect(self._seek)
        self._tabs.idClicked.connect(self.show_list)

    def _build(self) -> None:
        moments = QWidget()
        inner = QVBoxLayout(moments)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(6)
        inner.addWidget(self._moments_words)
        inner.addWidget(self.moments, 1)
        tabs = QHBoxLayout()
        tabs.setSpacing(12)
        for place, name in enumerate(("Moments", "Events", "Mine")):
            button = QPushButton(name)
            button.setProperty("role", "tab")
            button.setCheckable(True)
            button.setChecked(place == MOMENTS)
            button.setStyleSheet("min-height: 30px;")
            self._tabs.addButton(button, place)
            tabs.addWidget(button)
        tabs.addStretch(1)
        for page in (moments, self.events, self.annotations):
            self._stack.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(tabs)
        layout.addWidget(self._stack, 1)

    def show_list(self, place: int) -> None:
        """Show one of the three lists."""
        self._tabs.button(place).setChecked(True)
        self._stack.setCurrentIndex(place)

    def expect(self, start_ns: int) -> None:
        """Another session, whose events are being read, began at a time."""
        self._start_ns = start_ns
        for one in (self.moments, self.events):
            one.show_rows(())
        self._moments_words.show_text("Reading the events …")
        self._moments_words.show()
        self.show_list(MOMENTS)

    def show_index(self, index: SessionIndex) -> None:
        """List moments and events."""
        shown = index.moments[:MOST_MOMENTS]
        self.moments.show_rows([self._moment_row(moment) for moment in shown])
        self.events.show_rows([self._event_row(event) for event in index.events.events])
        words = "" if shown else "Nothing in this session speaks of trouble."
        if len(index.moments) > len(shown):
            words = f"The {len(shown)} severest of {len(index.moments)}"
        self._moments_words.show_text(words)
        self._moments_words.setVisible(bool(words))

    def show_annotations(self, state: AnnotationState) -> None:
        """List annotations."""
        self.annotations.show_state(state, start_ns=self._start_ns)
        n_annotations = len(state.document.annotations)
        self._tabs.button(ANNOTATIONS).setText(f"Mine {n_annotations}" if n_annotations else "Mine")

    def begin_annotation(self, t_ns: int) -> None:
        """Let an annotation be written at a time."""
        self.show_list(ANNOTATIONS)
        if self.annotations.add.isEnabled():
            self.annotations.begin(t_ns, start_ns=self._start_ns)

    def select_annotation(self, annotation_id: str) -> None:
        """Show an annotation in its list."""
        self.show_list(ANNOTATIONS)
        self.annotations.select(annotation_id)

    def delete_selected(self) -> None:
        """Ask for the selected annotation to be deleted, while it is seen."""
        if self._stack.currentIndex() == ANNOTATIONS:
            self.annotations.delete_selected()

    def choose_beside(self, direction: int) -> None:
        """Go to the next or previous row of the list that is shown."""
        lists = (self.moments, self.events, self.annotations.list)
        lists[self._stack.currentIndex()].choose_beside(direction)

    def _seek(self, row: TimedRow) -> None:
        self.sought.emit(row.t_ns)

    def _time(self, t_ns: int) -> str:
        return time_words((t_ns - self._start_ns) / NS_PER_S)

    def _moment_row(self, moment: ReplayMoment) -> TimedRow:
        token = "neutral"
        if moment.severity >= NOTABLE:
            token = "negative" if moment.severity >= SEVERE else "warning"
        return TimedRow(
            moment.start_ns,
            self._time(moment.start_ns),
            moment.step_title or "Between two steps",
            moment.words,
            token,
            moment.severity,
            end=moment.severity_words,
            key=str(moment.start_ns),
        )

    def _event_row(self, event: ReplayEvent) -> TimedRow:
        lasts_s = (event.end_ns - event.t_ns) / NS_PER_S
        end = f"{lasts_s:.1f} s" if lasts_s > 0 and event.kind is not EventKind.CLICKS else ""
        return TimedRow(
            event.t_ns,
            self._time(event.t_ns),
            event.words,
            event.detail,
            token_of(event.kind, event.key),
            end=end,
            key=f"{event.kind}{event.key}{event.t_ns}",
        )
