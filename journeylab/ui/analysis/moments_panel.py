"""What stands behind a peak, a cluster, an insight or a point: who, when, how sure, the moments."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from journeylab.analysis.moment_signs import SeenMoment
from journeylab.analysis.signed import signed
from journeylab.report.evidence import clock_words
from journeylab.report.found_place import FoundPlace
from journeylab.theme import LIGHT, Palette
from journeylab.ui.analysis.insight_box import InsightBox
from journeylab.ui.analysis.replay.timed_list import TimedList, TimedRow
from journeylab.ui.widgets.card import Label, SectionLabel, tooltip
from journeylab.ui.widgets.style import set_role

_LINE_PX = 250
_BESIDE = ", beside “"
"""What follows tells of the label it stands beside, which is on show already."""


class MomentsPanel(QWidget):
    """Lists the moments behind a place of the map, the most severe first."""

    back_asked = Signal()
    chosen = Signal(object)
    """The MomentChoice to look at."""
    replay_asked = Signal(object)
    """The MomentChoice whose replay is wanted."""
    place_asked = Signal(object)
    """The FoundPlace, of those beside this one, that is wanted."""

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        self._moments: tuple[SeenMoment, ...] = ()
        self._kind = ""
        self.back = QPushButton("‹  Sessions")
        self.back.setProperty("role", "quiet")
        self.title = Label("", role="heading", wrap=True)
        self.text = Label("", wrap=True)
        self.insight = InsightBox()
        self.base = Label("", role="small", wrap=True)
        self.status = Label("", role="small", wrap=True)
        self.list = TimedList("Moments", palette=palette)
        self.list.setToolTip("Time into the step; the bar is how severe it is, by the rule")
        self.replay = QPushButton("Open replay")
        self.replay.setToolTip("Play the session of the selected moment from there on")
        self._count = Label("", role="small")
        self.beside = QVBoxLayout()
        self.beside.setSpacing(2)
        self._build()
        self.back.clicked.connect(self.back_asked)
        self.replay.clicked.connect(self._ask_replay)
        self.list.chosen.connect(self._choose)

    @property
    def moments(self) -> tuple[SeenMoment, ...]:
        """What is listed, in its order."""
        return self._moments

    def show_place(self, place: FoundPlace, *, is_read: bool = False) -> None:
        """Show what is known of a place at once; its moments are read afterwards, if not yet."""
        self._kind = place.kind
        self.title.show_text(place.title)
        tone = {"joy": "joy", "negative": "negative", "warning": "warning"}.get(place.kind, "")
        set_role(self.title, tone=tone)
        self.text.show_text(place.text)
        self.text.setVisible(not place.is_insight)
        self.insight.setVisible(place.is_insight)
        if place.is_insight:
            self.insight.show_insight(place.step.insight)
        parts = (place.who, place.when, place.how_sure)
        self.base.show_text("\n".join(part for part in parts if part))
        self._show_beside(place.beside)
        if not is_read:
            self.say("Reading what was seen …" if place.choices else "")

    def show_moments(self, moments: Sequence[SeenMoment]) -> None:
        """List the moments in the order given."""
        self._moments = tuple(moments)
        self._count.show_text(str(len(moments)))
        self.replay.setEnabled(bool(moments))
        self.list.show_rows([_row(one, n, self._kind) for n, one in enumerate(self._moments)])
        if self._moments and self.list.selected() is None:
            self.list.select_key("0")

    def say(self, words: str) -> None:
        """Say what is being read, or why it cannot be."""
        self.status.show_text(words)
        self.status.setVisible(bool(words))

    def _build(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.back)
        head.addStretch(1)
        moments = QHBoxLayout()
        moments.addWidget(SectionLabel("Moments"))
        moments.addStretch(1)
        moments.addWidget(self._count)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self.title)
        layout.addWidget(self.text)
        layout.addWidget(self.insight)
        layout.addWidget(self.base)
        layout.addLayout(self.beside)
        layout.addSpacing(4)
        layout.addLayout(moments)
        layout.addWidget(self.status)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.replay)
        self.base.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)

    def _show_beside(self, places: Sequence[FoundPlace]) -> None:
        """One line for each finding that has no label of its own; a click shows its moments."""
        while (item := self.beside.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        if places:
            self.beside.addWidget(SectionLabel("Also here"))
        for place in places:
            words = f"{place.title}, {place.text.partition(_BESIDE)[0]}"
            line = QPushButton()
            line.setProperty("role", "quiet")
            line.setStyleSheet("text-align: left; padding: 0 4px; min-height: 26px;")
            line.setToolTip(tooltip(f"{words}: show the moments behind it"))
            line.setAccessibleName(words)
            short = line.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, _LINE_PX)
            line.setText(f"{short}  ›")
            line.clicked.connect(partial(self._ask_place, place))
            self.beside.addWidget(line)

    def _ask_place(self, place: FoundPlace, _is_checked: bool = False) -> None:
        self.place_asked.emit(place)

    def _choose(self, row: TimedRow) -> None:
        self.chosen.emit(self._moments[int(row.key)].choice)

    def _ask_replay(self) -> None:
        row = self.list.selected()
        if row is not None:
            self.replay_asked.emit(self._moments[int(row.key)].choice)


def _row(moment: SeenMoment, place: int, kind: str) -> TimedRow:
    choice = moment.choice
    summary = choice.summary
    title = " · ".join([summary.participant_id, *summary.segments.values()])
    known = math.isfinite(choice.valence)
    tone = "joy" if kind == "joy" or (not kind and known and choice.valence > 6) else "negative"
    if not known and moment.severity == 0:
        tone = "neutral"
    strength = moment.severity or (abs(choice.valence) / 100 if known else 0.0)
    return TimedRow(
        t_ns=choice.t_ns,
        time_words=clock_words(moment.into_step_s) if math.isfinite(moment.into_step_s) else "",
        title=title,
        detail=moment.words or choice.step_title,
        token=tone,
        strength=strength,
        end=signed(choice.valence) if known else "–",
        key=str(place),
    )
