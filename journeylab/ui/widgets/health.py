"""Health at a glance: a mark whose shape and colour say the level, and the words beside it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from journeylab.theme import DARK, Palette
from journeylab.ui.widgets.card import Label
from journeylab.ui.widgets.style import colour, set_role


class Level(StrEnum):
    """How something fares."""

    GOOD = "good"
    WARNING = "warning"
    FAULT = "fault"
    OFF = "off"  # not in use, or not known yet
    RECORDING = "recording"


_TONES = {
    Level.GOOD: "joy",
    Level.WARNING: "warning",
    Level.FAULT: "negative",
    Level.OFF: "",
    Level.RECORDING: "negative",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One line of health: its level, a few plain words, and fewer for where room is short."""

    level: Level
    text: str
    brief: str = ""


class StatusDot(QWidget):
    """Dot good, triangle warning, square fault, ring off: readable without colour."""

    def __init__(self, *, palette: Palette = DARK) -> None:
        super().__init__()
        self._palette = palette
        self._level = Level.OFF
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(12, 12)

    def set_level(self, level: Level) -> None:
        """Show another level."""
        if level is not self._level:
            self._level = level
            self.update()

    @property
    def level(self) -> Level:
        return self._level

    def paintEvent(self, _event: QPaintEvent) -> None:
        palette = self._palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        centre = QRectF(self.rect()).center()
        painter.setPen(Qt.PenStyle.NoPen)
        match self._level:
            case Level.GOOD:
                painter.setBrush(colour(palette.joy))
                painter.drawEllipse(centre, 4.5, 4.5)
            case Level.RECORDING:
                painter.setBrush(colour(palette.negative))
                painter.drawEllipse(centre, 5.0, 5.0)
            case Level.WARNING:
                painter.setBrush(colour(palette.warning))
                corners = [QPointF(0, -5), QPointF(5.2, 4), QPointF(-5.2, 4)]
                painter.drawPolygon(QPolygonF([centre + corner for corner in corners]))
            case Level.FAULT:
                painter.setBrush(colour(palette.negative))
                painter.drawRoundedRect(QRectF(centre.x() - 4.5, centre.y() - 4.5, 9, 9), 1.5, 1.5)
            case Level.OFF:
                painter.setPen(QPen(colour(palette.quiet_text), 1.4))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(centre, 3.8, 3.8)


class HealthRow(QWidget):
    """A status dot and its words."""

    def __init__(
        self,
        *,
        tinted: bool = True,
        wrap: bool = False,
        has_dot_when_good: bool = True,
        palette: Palette = DARK,
    ) -> None:
        super().__init__()
        self._has_dot_when_good = has_dot_when_good
        self._dot = StatusDot(palette=palette)
        self._label = Label("", role="quiet", wrap=wrap)
        self._tinted = tinted
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6 if not wrap else 10)
        top = Qt.AlignmentFlag.AlignVCenter
        layout.addWidget(self._dot, 0, top)
        layout.addWidget(self._label, 1 if wrap else 0, top)

    def show_reading(self, reading: Reading) -> None:
        """Show a line of health; good and off stay quiet where the row is not tinted."""
        self._dot.set_level(reading.level)
        is_calm = reading.level in (Level.GOOD, Level.OFF)
        self._dot.setVisible(self._has_dot_when_good or not is_calm)
        self._label.show_text(reading.text)
        loud = self._tinted or reading.level in (Level.WARNING, Level.FAULT)
        set_role(self._label, tone=_TONES[reading.level] if loud else "")

    @property
    def text(self) -> str:
        return self._label.text()

    @property
    def level(self) -> Level:
        return self._dot.level
