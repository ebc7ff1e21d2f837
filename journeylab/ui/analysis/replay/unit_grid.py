"""All action units that are measured, as compact bars in two columns."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from journeylab.analysis.replay_events import EventKind
from journeylab.theme import LIGHT, Palette
from journeylab.ui.analysis.replay.marks import token_of
from journeylab.ui.widgets.card import tooltip
from journeylab.ui.widgets.style import SECTION_PX, colour, font
from journeylab.vocabulary import ACTION_UNIT_COLUMNS, ACTION_UNIT_NAMES

N_COLUMNS: Final = 2
_ROW_PX: Final = 16
_LABEL_PX: Final = 44
_FIGURE_PX: Final = 24
_GAP_PX: Final = 14
_BAR_PX: Final = 5
_TONED: Final = frozenset({"AU04", "AU06", "AU12", "AU14", "AU15", "AU24"})
"""Those the map's rules read a mood from; the sides of one count as the unit does."""
_OPEN: Final = frozenset({"AU01", "AU02", "AU05"})


def unit_label(code: str) -> str:
    """A unit's short name: AU4, AU12L."""
    return f"AU{int(code[2:4])}{code[4:]}"


def unit_name(code: str) -> str:
    """A unit's whole name; its sides are the participant's own."""
    side = {"L": ", her left side", "R": ", her right side"}.get(code[4:], "")
    return f"{unit_label(code)} {ACTION_UNIT_NAMES[code[:4]]}{side}"


def _figure(level: float) -> str:
    if not math.isfinite(level):
        return "–"
    return "1.0" if level >= 0.995 else f"{max(level, 0.0):.2f}"[1:]


class UnitGrid(QWidget):
    """Bars that move thirty times a second and figures that change less often."""

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        self.setMouseTracking(True)
        self._palette = palette
        self._levels = np.full(len(ACTION_UNIT_COLUMNS), np.nan)
        self._figures = ["–"] * len(ACTION_UNIT_COLUMNS)
        self._steps: list[int] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Action units")

    def sizeHint(self) -> QSize:
        return QSize(252, self._n_rows * _ROW_PX)

    @property
    def _n_rows(self) -> int:
        return math.ceil(len(ACTION_UNIT_COLUMNS) / N_COLUMNS)

    @property
    def labels(self) -> tuple[str, ...]:
        """The units' short names, column by column."""
        return tuple(unit_label(code) for code in ACTION_UNIT_COLUMNS)

    @property
    def figures(self) -> tuple[str, ...]:
        """The figures as shown, in the order of the labels."""
        return tuple(self._figures)

    def set_levels(self, levels: NDArray[np.floating] | None) -> None:
        """Move the bars to the units (22,) of one face; None when there is no face."""
        n = len(ACTION_UNIT_COLUMNS)
        self._levels = np.full(n, np.nan) if levels is None else np.asarray(levels, dtype=float)
        known = np.nan_to_num(np.clip(self._levels, 0.0, 1.0), nan=-0.01)
        steps = [round(level * 100) for level in known.tolist()]
        if steps != self._steps:  # a still face costs nothing
            self._steps = steps
            self.update()

    def refresh_figures(self) -> None:
        """Let the figures say what the bars show now."""
        figures = [_figure(level) for level in self._levels.tolist()]
        if figures != self._figures:
            self._figures = figures
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        code = self._code_at(event.position().toPoint())
        self.setToolTip(tooltip(unit_name(code)) if code else "")

    def _code_at(self, place: QPoint) -> str:
        column = int(place.x() // ((self.width() + _GAP_PX) / N_COLUMNS))
        number = column * self._n_rows + int(place.y() // _ROW_PX)
        is_inside = 0 <= column < N_COLUMNS and 0 <= place.y() < self._n_rows * _ROW_PX
        return ACTION_UNIT_COLUMNS[number] if is_inside and number < len(self._steps) else ""

    def paintEvent(self, _event: QPaintEvent) -> None:
        width = (self.width() - _GAP_PX * (N_COLUMNS - 1)) / N_COLUMNS
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(font(SECTION_PX))
            for number, code in enumerate(ACTION_UNIT_COLUMNS):
                column, place = divmod(number, self._n_rows)
                row = QRectF(column * (width + _GAP_PX), place * _ROW_PX, width, _ROW_PX)
                self._paint_unit(painter, row, number, code)

    def _paint_unit(self, painter: QPainter, row: QRectF, number: int, code: str) -> None:
        palette = self._palette
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(colour(palette.text))
        painter.drawText(row, middle | Qt.AlignmentFlag.AlignLeft, unit_label(code))
        painter.setPen(colour(palette.quiet_text))
        painter.drawText(row, middle | Qt.AlignmentFlag.AlignRight, self._figures[number])
        trough = QRectF(
            row.left() + _LABEL_PX,
            row.center().y() - _BAR_PX / 2,
            max(10.0, row.width() - _LABEL_PX - _FIGURE_PX),
            _BAR_PX,
        )
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(palette.raised))
        painter.drawRoundedRect(trough, 2, 2)
        level = self._levels[number]
        if math.isfinite(level) and level > 0:
            unit = code[:4]
            is_toned = unit in _TONED or unit in _OPEN
            token = token_of(EventKind.UNIT, unit) if is_toned else "neutral"
            trough.setWidth(max(2.0, trough.width() * min(float(level), 1.0)))
            painter.setBrush(colour(getattr(palette, token)))
            painter.drawRoundedRect(trough, 2, 2)
