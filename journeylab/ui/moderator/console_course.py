"""The console's left column: the steps, the guide, how the task ended, and what else to do."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QSpacerItem,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from journeylab.clock import Clock
from journeylab.theme import DARK, Palette
from journeylab.ui.moderator.console_guide import StepGuide
from journeylab.ui.moderator.line_field import LineField
from journeylab.ui.moderator.step_list import StepList
from journeylab.ui.widgets.card import Label, SectionLabel, tooltip
from journeylab.ui.widgets.health import Level
from journeylab.ui.widgets.keys import KeyButton
from journeylab.ui.widgets.style import BODY_PX, SECTION_PX, colour, font, set_role
from journeylab.vocabulary import TaskOutcome

COLUMN_PX = 280
UNTITLED = "Unplanned step"
_OUTCOME_PX = 30
_CAP_PX = 24


class OutcomeButton(QAbstractButton):
    """One way a task may end, with its key; the chosen one is outlined and ticked."""

    def __init__(self, outcome: TaskOutcome, key: str, *, palette: Palette = DARK) -> None:
        super().__init__()
        self.outcome = outcome
        self._key = key
        self._palette = palette
        self.setText(str(outcome).capitalize())
        self.setAccessibleName(f"Task {outcome}, key {key}")
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        return QSize(116, _OUTCOME_PX)

    def nextCheckState(self) -> None:  # noqa: N802  Qt's name
        """The session says what is chosen, not the click."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        palette = self._palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        is_lit = self.isChecked() or self.underMouse() or self.hasFocus()
        painter.setPen(QPen(colour(palette.accent if is_lit else palette.line), 1))
        painter.setBrush(colour(palette.accent_tint if self.isChecked() else palette.raised))
        painter.drawRoundedRect(box, 7, 7)
        cap = QRectF(5, (self.height() - 20) / 2, _CAP_PX, 20)
        painter.setPen(colour(palette.quiet_text))
        painter.setFont(font(SECTION_PX, weight=600))
        words = "✓" if self.isChecked() else self._key
        painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, words)
        painter.setPen(colour(palette.text))
        painter.setFont(font(BODY_PX, weight=600 if self.isChecked() else 400))
        rest = QRectF(cap.right() + 5, 0, self.width() - cap.right() - 8, self.height())
        painter.drawText(
            rest, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self.text()
        )


class CourseColumn(QFrame):
    """Shows where the session is and asks for what leads it on."""

    outcome_chosen = Signal(object)
    typing_changed = Signal(bool)

    def __init__(
        self, keys: dict[TaskOutcome, str], *, clock: Clock, palette: Palette = DARK
    ) -> None:
        super().__init__()
        self.setProperty("role", "side")
        self.setProperty("edge", "right")
        self.setFixedWidth(COLUMN_PX)
        self.steps = StepList(palette=palette)
        self.guide = StepGuide()
        self.said = Label("", role="small")
        self.outcomes = {one: OutcomeButton(one, key, palette=palette) for one, key in keys.items()}
        self.skip = KeyButton("Skip", key="S", palette=palette)
        self.redo = KeyButton("Redo", key="R", palette=palette)
        self.unplanned = KeyButton("Unplanned step", key="U", palette=palette)
        self.title_field = LineField("What is it about?", name="Title of the step", clock=clock)
        # By mouse alone there is nothing to type with.
        self.begin_it = KeyButton("Begin", key="⏎", palette=palette)
        self.begin_it.clicked.connect(lambda: self.title_field.keep(UNTITLED))
        self.title_field.setMaxLength(80)
        self._lay_out()
        for button in self.outcomes.values():
            button.clicked.connect(self._choose)
        self.title_field.typing_changed.connect(self._show_field)
        self.title_field.typing_changed.connect(self.typing_changed)

    def _lay_out(self) -> None:
        self.steps_scroll = QScrollArea()
        self.steps_scroll.setWidgetResizable(True)
        self.steps_scroll.setFrameShape(QFrame.Shape.NoFrame)
        self.steps_scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.steps_scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        stack = QVBoxLayout(inner)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.addWidget(self.steps)
        stack.addStretch(1)
        self.steps_scroll.setWidget(inner)
        outcomes = QGridLayout()
        outcomes.setSpacing(6)
        for place, button in enumerate(self.outcomes.values()):
            outcomes.addWidget(button, place // 2, place % 2)
        acts = QHBoxLayout()
        acts.setSpacing(6)
        acts.addWidget(self.skip)
        acts.addWidget(self.redo)
        acts.addStretch(1)
        switch = QWidget()
        switch.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._switch = QStackedLayout(switch)
        self._title_row = QWidget()
        titling = QHBoxLayout(self._title_row)
        titling.setContentsMargins(0, 0, 0, 0)
        titling.setSpacing(6)
        titling.addWidget(self.title_field, 1)
        titling.addWidget(self.begin_it)
        for widget in (self.unplanned, self._title_row):
            self._switch.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(8)
        layout.addWidget(SectionLabel("Steps"))
        layout.addWidget(self.steps_scroll, 3)
        layout.addWidget(self.guide, 4)
        layout.addItem(QSpacerItem(0, 0, QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Expanding))
        layout.addWidget(self.said)
        layout.addWidget(SectionLabel("How the task ended"))
        layout.addLayout(outcomes)
        layout.addSpacing(4)
        layout.addLayout(acts)
        layout.addWidget(switch)

    def keep_in_sight(self, index: int) -> None:
        """Scroll the list of steps so that one of them is seen."""
        box = self.steps.row_box(index)
        self.steps_scroll.ensureVisible(0, int(box.center().y()), 0, int(box.height()))

    def fit_steps(self) -> None:
        """Give the list the height its steps need, where there is so much."""
        self.steps_scroll.setMaximumHeight(self.steps.sizeHint().height() + 2)

    def show_outcome(self, outcome: TaskOutcome | None) -> None:
        """Mark how the task of the step ended, as far as it was said."""
        for one, button in self.outcomes.items():
            button.setChecked(one is outcome)

    def show_said(self, sentence: str, *, level: Level) -> None:
        """Say what was just done."""
        self.said.setToolTip(tooltip(sentence))
        room_px = COLUMN_PX - 34
        self.said.show_text(
            self.said.fontMetrics().elidedText(sentence, Qt.TextElideMode.ElideRight, room_px)
        )
        set_role(self.said, tone="" if level is Level.GOOD else "warning")

    def begin_title(self) -> None:
        """Ask for the title of an unplanned step."""
        self._switch.setCurrentWidget(self._title_row)
        self.title_field.begin()

    def _show_field(self, is_typing: bool) -> None:
        self._switch.setCurrentWidget(self._title_row if is_typing else self.unplanned)

    def _choose(self) -> None:
        button = self.sender()
        if isinstance(button, OutcomeButton):
            self.outcome_chosen.emit(button.outcome)
