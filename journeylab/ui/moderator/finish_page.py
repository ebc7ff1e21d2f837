"""After a session: writing the bundle, then what came of it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from journeylab.analysis.journey import SessionSummary
from journeylab.analysis.recap import Recap
from journeylab.theme import DARK, GAP_PX, Palette
from journeylab.ui.moderator.recap_panel import RecapPanel
from journeylab.ui.moderator.words import minutes, plural, shown_path
from journeylab.ui.widgets.card import Card, Figure, Label
from journeylab.ui.widgets.health import Level
from journeylab.ui.widgets.notices import Banner

_WIDTH_PX = 940


class FinishPage(QWidget):
    """Progress while the bundle is written, the session's summary when it is, or what failed."""

    analysis_requested = Signal(Path)
    next_participant_requested = Signal()

    def __init__(self, *, palette: Palette = DARK) -> None:
        super().__init__()
        self.setProperty("role", "page")
        self._path: Path | None = None
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self._percent = Label("0 %", role="strong")
        self._title = Label("", role="title", wrap=True)
        self._where = Label("", role="quiet", wrap=True)
        self._where.setObjectName("where")
        self._where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.banner = Banner(can_dismiss=False, palette=palette)
        self.figures = {
            name: Figure(name) for name in ("Duration", "Face found", "Quality", "Lost", "Steps")
        }
        self.open_button = QPushButton("Open analysis")
        self.open_button.setProperty("role", "primary")
        self.next_button = QPushButton("Next participant")
        self.recap = RecapPanel(palette=palette)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._writing())
        self._stack.addWidget(self._written())
        self.reason = Banner(palette=palette)
        column = QWidget()
        rows = QVBoxLayout(column)
        rows.addWidget(self.reason)
        rows.addLayout(self._stack)
        column.setMaximumWidth(_WIDTH_PX)
        layout = QHBoxLayout(self)
        layout.addStretch(1)
        layout.addWidget(column, 10)
        layout.addStretch(1)
        self.open_button.clicked.connect(self._open)
        self.next_button.clicked.connect(self.next_participant_requested)

    def _writing(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setSpacing(GAP_PX)
        layout.addStretch(2)
        layout.addWidget(Label("Writing the session", role="title"))
        layout.addWidget(
            Label(
                "The recording is complete and safe on this disk. It is now put into one file "
                "and read back to check it.",
                role="quiet",
                wrap=True,
            )
        )
        line = QHBoxLayout()
        line.setSpacing(GAP_PX)
        line.addWidget(self.progress, 1)
        line.addWidget(self._percent)
        layout.addLayout(line)
        layout.addStretch(3)
        return page

    def _written(self) -> QWidget:
        page = QWidget()
        card = Card()
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        for column, figure in enumerate(self.figures.values()):
            grid.addWidget(figure, 0, column)
        card.body.addLayout(grid)
        self._summary_card = card
        acts = QHBoxLayout()
        acts.setSpacing(GAP_PX)
        acts.addWidget(self.open_button)
        acts.addWidget(self.next_button)
        acts.addStretch(1)
        layout = QVBoxLayout(page)
        layout.setSpacing(GAP_PX)
        layout.addStretch(1)
        layout.addWidget(self._title)
        layout.addWidget(self._where)
        layout.addWidget(self.banner)
        layout.addWidget(card)
        layout.addWidget(self.recap, 40)
        layout.addSpacing(4)
        layout.addLayout(acts)
        layout.addStretch(1)
        self.recap.hide()
        return page

    def show_finalising(self) -> None:
        """The recording has stopped; the bundle is being written."""
        self._path = None
        self.reason.dismiss()
        self.recap.hide()
        self.show_progress(0.0)
        self._stack.setCurrentIndex(0)

    def show_reason(self, sentence: str) -> None:
        """Say why the session stopped by itself; it stays until the next one is finished."""
        self.reason.say(sentence, level=Level.WARNING)

    def show_progress(self, share: float) -> None:
        """How much of the bundle is written, 0 to 1."""
        self.progress.setValue(round(1000 * min(1.0, max(0.0, share))))
        self._percent.show_text(f"{100 * share:.0f} %")

    def show_summary(self, summary: SessionSummary, *, n_steps: int) -> None:
        """The bundle is written; say what is in it."""
        self._path = summary.path
        practice = " · simulated" if summary.simulated else ""
        self._title.show_text(f"{summary.participant_id} is saved{practice}")
        self._where.show_text(shown_path(summary.path))
        self._show_figures(summary, n_steps=n_steps)
        self.banner.say(
            f"Grade {summary.grade}" if summary.is_usable else "Excluded from the map",
            detail=summary.reason,
            level=_level_of(summary),
        )
        self._summary_card.show()
        self.open_button.setEnabled(True)
        self.open_button.show()
        self._stack.setCurrentIndex(1)
        self.open_button.setFocus()

    def show_recap(self, recap: Recap) -> None:
        """What the session that is summed up brought."""
        self.recap.show_recap(recap)
        self.recap.show()

    def show_practice(self, summary: SessionSummary, *, n_steps: int) -> None:
        """A practice session is over: what it was like, and that nothing of it is kept."""
        self.show_summary(summary, n_steps=n_steps)
        self._path = None
        self._title.show_text("Practice is over")
        self._where.show_text("Nothing of it is kept, and it counts nowhere.")
        self.open_button.hide()
        self.next_button.setFocus()

    def _show_figures(self, summary: SessionSummary, *, n_steps: int) -> None:
        reached = len(summary.steps_reached)
        self.figures["Duration"].show_values(minutes(summary.duration_s), detail="min:s")
        self.figures["Face found"].show_values(
            f"{100 * summary.face_share:.0f}", unit="%", detail="of frames"
        )
        self.figures["Quality"].show_values(f"{summary.mean_quality:.2f}", detail="mean, 0 to 1")
        self.figures["Lost"].show_values(str(summary.lost), detail="samples")
        self.figures["Steps"].show_values(str(reached), detail=f"of {plural(n_steps, 'step')}")

    def show_unread(self, path: Path, sentence: str) -> None:
        """The bundle is written, but cannot be summed up; say why."""
        self._path = path
        self._title.show_text("The session is saved")
        self._where.show_text(shown_path(path))
        self.banner.say(sentence)
        self._summary_card.hide()
        self.open_button.setEnabled(True)
        self._stack.setCurrentIndex(1)

    def show_failure(self, sentence: str, *, journal: Path | None = None) -> None:
        """The bundle could not be written; say what was kept."""
        self._path = None
        self._title.show_text("The session could not be written yet")
        kept = ""
        if journal is not None:
            kept = f"Nothing is lost: the recording is kept in {shown_path(journal)}"
        self._where.show_text(kept)
        self.banner.say(sentence)
        self._summary_card.hide()
        self.open_button.setEnabled(False)
        self._stack.setCurrentIndex(1)

    def _open(self) -> None:
        if self._path is not None:
            self.analysis_requested.emit(self._path)


def _level_of(summary: SessionSummary) -> Level:
    if not summary.is_usable:
        return Level.FAULT
    return Level.GOOD if summary.grade == "A" else Level.WARNING
