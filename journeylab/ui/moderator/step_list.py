"""The steps of the journey down the console's side: done, skipped, running, to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from journeylab.theme import DARK, Palette
from journeylab.ui.moderator.words import minutes
from journeylab.ui.widgets.style import SECTION_PX, SMALL_PX, colour, font
from journeylab.vocabulary import TaskOutcome

_ROW_PX = 34
_SIGN_PX = 24.0
_BADGE_PX, _BADGE_INSET_PX, _BADGE_GAP_PX = 17.0, 5.0, 7.0
_BADGE_WORDS_PX = 48


class StepState(StrEnum):
    """Where a step stands."""

    TO_COME = "to come"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step as listed; ``planned_s`` is None where nothing was planned."""

    title: str
    planned_s: float | None
    spent_s: float = 0.0
    state: StepState = StepState.TO_COME
    outcome: TaskOutcome | None = None
    version: str = ""
    """Which version of it this participant meets; empty where there is only one."""

    @property
    def name(self) -> str:
        """Its title, and which version of it."""
        return f"{self.title}, version {self.version.upper()}" if self.version else self.title

    @property
    def is_current(self) -> bool:
        return self.state in (StepState.RUNNING, StepState.PAUSED)

    @property
    def over_s(self) -> float:
        """By how much it is over its plan, s; 0 when it is not, or is not the current one."""
        if self.planned_s is None or not self.is_current:
            return 0.0
        over_s = self.spent_s - self.planned_s
        return over_s if over_s >= 1 else 0.0

    @property
    def words(self) -> str:
        """Its time, and what became of it."""
        if self.state is StepState.TO_COME:
            return "" if self.planned_s is None else f"{minutes(self.planned_s)} planned"
        if self.state is StepState.PAUSED:
            return f"{self.state} · {minutes(self.spent_s)}"
        said = [str(self.state)] if self.state is StepState.SKIPPED else []
        if self.outcome is not None and not self.over_s:  # else there is no room for its title
            said.append(str(self.outcome))
        said.append(minutes(self.spent_s))
        if self.over_s:
            said.append(f"{minutes(self.over_s)} over")
        return " · ".join(said)


class StepList(QWidget):
    """Each step with its time; the running one on a tinted ground with a bar at its left."""

    def __init__(self, *, palette: Palette = DARK) -> None:
        super().__init__()
        self._palette = palette
        self._lines: tuple[StepLine, ...] = ()
        self._shown: list[tuple[str, str, StepState]] = []
        # Made once: a font costs as much as the line that is drawn in it.
        self._small, self._plain, self._bold = font(SMALL_PX), font(), font(weight=600)
        self._tiny = font(SECTION_PX, weight=600)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(200, _ROW_PX * max(1, len(self._lines)))

    @property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """Title and words of each line, as shown."""
        return tuple((line.title, line.words) for line in self._lines)

    @property
    def lines(self) -> tuple[StepLine, ...]:
        """What is listed."""
        return self._lines

    @property
    def current(self) -> int | None:
        """Place of the running or paused line."""
        return next((i for i, line in enumerate(self._lines) if line.is_current), None)

    def row_box(self, index: int) -> QRectF:
        """Where a step is drawn, to scroll it into view."""
        return QRectF(0, index * _ROW_PX, self.width(), _ROW_PX)

    def show_steps(self, lines: Sequence[StepLine]) -> None:
        """Show the steps."""
        before = self._shown
        self._lines = tuple(lines)
        self._shown = [(line.name, line.words, line.state) for line in self._lines]
        if before == self._shown:
            return
        self.setAccessibleName(
            "; ".join(f"{title}, {state}, {words}" for title, words, state in self._shown)
        )
        if len(before) != len(self._shown):
            self.updateGeometry()
            self.update()
            return
        for index, (was, now) in enumerate(zip(before, self._shown, strict=True)):
            if was != now:
                self.update(self.row_box(index).toAlignedRect())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        # Of a long list only what is in sight, and of that what has changed.
        first, last = event.rect().top() // _ROW_PX, event.rect().bottom() // _ROW_PX
        for index, line in enumerate(self._lines[first : last + 1], start=first):
            self._paint_line(painter, line, self.row_box(index).adjusted(0, 1.5, 0, -1.5))

    def _paint_line(self, painter: QPainter, line: StepLine, row: QRectF) -> None:
        palette = self._palette
        if line.is_current:
            bar = palette.accent if line.state is StepState.RUNNING else palette.warning
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour(bar))
            painter.drawRoundedRect(row, 7, 7)
            painter.setBrush(colour(palette.accent_tint))
            painter.drawRoundedRect(row.adjusted(3, 0, 0, 0), 6, 6)
        self._paint_sign(painter, line, QPointF(row.left() + 14, row.center().y()))
        text = row.adjusted(_SIGN_PX, 0, -8, 0)
        words_font = self._small
        words_px = QFontMetrics(words_font).horizontalAdvance(line.words)
        is_loud = bool(line.over_s) or line.state is StepState.PAUSED
        painter.setFont(words_font)
        painter.setPen(colour(palette.warning_text if is_loud else palette.quiet_text))
        if line.is_current and not is_loud:
            painter.setPen(colour(palette.text))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(text, Qt.AlignmentFlag.AlignRight | middle, line.words)
        title_font = self._bold if line.is_current else self._plain
        painter.setFont(title_font)
        is_over = line.state in (StepState.DONE, StepState.SKIPPED)
        painter.setPen(colour(palette.quiet_text if is_over else palette.text))
        metrics = QFontMetrics(title_font)
        badge_px = self._badge_px(line)
        title = metrics.elidedText(
            line.title,
            Qt.TextElideMode.ElideRight,
            int(text.width() - words_px - badge_px - 10),
        )
        painter.drawText(text, Qt.AlignmentFlag.AlignLeft | middle, title)
        if line.version:
            left = text.left() + metrics.horizontalAdvance(title) + _BADGE_GAP_PX
            self._paint_badge(painter, line, QPointF(left, row.center().y()))

    def _badge_px(self, line: StepLine) -> float:
        if not line.version:
            return 0.0
        words_px = QFontMetrics(self._tiny).horizontalAdvance(self._badge_words(line))
        return words_px + 2 * _BADGE_INSET_PX + _BADGE_GAP_PX

    def _badge_words(self, line: StepLine) -> str:
        elide = Qt.TextElideMode.ElideRight
        return QFontMetrics(self._tiny).elidedText(line.version.upper(), elide, _BADGE_WORDS_PX)

    def _paint_badge(self, painter: QPainter, line: StepLine, at: QPointF) -> None:
        """The version in a frame, its left at this point."""
        palette = self._palette
        width_px = self._badge_px(line) - _BADGE_GAP_PX
        box = QRectF(at.x(), at.y() - _BADGE_PX / 2, width_px, _BADGE_PX)
        painter.setPen(QPen(colour(palette.quiet_text), 1))
        painter.setBrush(colour(palette.ground))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setPen(colour(palette.text if line.is_current else palette.quiet_text))
        painter.setFont(self._tiny)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._badge_words(line))

    def _paint_sign(self, painter: QPainter, line: StepLine, at: QPointF) -> None:
        """A tick for done, a dash for skipped, two bars for paused, a dot for running."""
        palette = self._palette
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour(palette.quiet_text), 1.6))
        match line.state:
            case StepState.DONE:
                corners = (QPointF(-4, 0), QPointF(-1, 3), QPointF(4, -3))
                painter.drawPolyline([at + corner for corner in corners])
            case StepState.SKIPPED:
                painter.drawLine(at + QPointF(-4, 0), at + QPointF(4, 0))
            case StepState.PAUSED:
                painter.setPen(QPen(colour(palette.warning), 2))
                for x in (-2.5, 2.5):
                    painter.drawLine(at + QPointF(x, -4), at + QPointF(x, 4))
            case StepState.RUNNING:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour(palette.accent))
                painter.drawEllipse(at, 3.5, 3.5)
            case StepState.TO_COME:
                painter.setPen(QPen(colour(palette.line), 1.4))
                painter.drawEllipse(at, 3.0, 3.0)
