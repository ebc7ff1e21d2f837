"""The steps of the journey down the console's side: done, running, to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from journeylab.theme import DARK, Palette
from journeylab.ui.moderator.words import minutes
from journeylab.ui.widgets.style import BODY_PX, SMALL_PX, colour, font

_ROW_PX = 38


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step as listed."""

    title: str
    planned_s: float
    spent_s: float = 0.0


class StepList(QWidget):
    """Each step with its time; the running one on a tinted ground with a bar at its left."""

    def __init__(self, *, palette: Palette = DARK) -> None:
        super().__init__()
        self._palette = palette
        self._lines: tuple[StepLine, ...] = ()
        self._current: int | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(200, _ROW_PX * max(1, len(self._lines)))

    @property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """Title and time of each line, as shown."""
        return tuple((line.title, self._time(i, line)) for i, line in enumerate(self._lines))

    @property
    def current(self) -> int | None:
        return self._current

    def row_box(self, index: int) -> QRectF:
        """Where a step is drawn, to scroll it into view."""
        return QRectF(0, index * _ROW_PX, self.width(), _ROW_PX)

    def show_steps(self, lines: Sequence[StepLine], *, current: int | None) -> None:
        """Show the steps; ``current`` is the running one."""
        before = (self.texts, self._current)
        n_before = len(self._lines)
        self._lines = tuple(lines)
        self._current = current
        if n_before != len(self._lines):
            self.updateGeometry()
        if before != (self.texts, self._current):
            self.setAccessibleName("; ".join(" ".join(text) for text in self.texts))
            self.update()

    def _time(self, index: int, line: StepLine) -> str:
        if index == self._current or line.spent_s > 0:
            return minutes(line.spent_s)
        return f"{minutes(line.planned_s)} planned"

    def paintEvent(self, _event: QPaintEvent) -> None:
        palette = self._palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index, line in enumerate(self._lines):
            row = self.row_box(index).adjusted(0, 1.5, 0, -1.5)
            is_current = index == self._current
            is_over = is_current and line.spent_s > line.planned_s
            if is_current:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour(palette.accent))
                painter.drawRoundedRect(row, 7, 7)
                painter.setBrush(colour(palette.accent_tint))
                painter.drawRoundedRect(row.adjusted(3, 0, 0, 0), 6, 6)
            text = row.adjusted(12, 0, -12, 0)
            time_font = font(SMALL_PX)
            time_text = self._time(index, line)
            time_px = QFontMetrics(time_font).horizontalAdvance(time_text)
            painter.setFont(time_font)
            painter.setPen(colour(palette.warning if is_over else palette.quiet_text))
            if is_current and not is_over:
                painter.setPen(colour(palette.text))
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(text, Qt.AlignmentFlag.AlignRight | middle, time_text)
            title_font = font(BODY_PX, weight=600 if is_current else 400)
            painter.setFont(title_font)
            is_done = not is_current and line.spent_s > 0
            painter.setPen(colour(palette.quiet_text if is_done else palette.text))
            room_px = int(text.width() - time_px - 10)
            title = QFontMetrics(title_font).elidedText(
                line.title, Qt.TextElideMode.ElideRight, room_px
            )
            painter.drawText(text, Qt.AlignmentFlag.AlignLeft | middle, title)
