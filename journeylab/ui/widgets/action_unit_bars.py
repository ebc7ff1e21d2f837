"""Action units and the study's own expressions as bars: name, intensity, figure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from journeylab.study.formula import Formula
from journeylab.study.model import Expression
from journeylab.theme import DARK, Palette
from journeylab.ui.widgets.style import SMALL_PX, colour, font
from journeylab.vocabulary import ACTION_UNIT_COLUMNS

_ROW_PX = 21
_FIGURE_PX = 34
_BAR_HEIGHT_PX = 6


@dataclass(frozen=True, slots=True)
class BarSpec:
    """One bar: the action units it shows the strongest of, and the palette token of its tone.

    Of an expression of the study's own, ``formula`` instead of ``codes``; it has its tone from
    ``threshold`` on, and is neutral below.
    """

    label: str
    codes: tuple[str, ...]
    tone: str
    formula: Formula | None = None
    threshold: float = 0.0

    def intensity(self, action_units: NDArray[np.floating]) -> float:
        """0..1 of one face's action units (22,); NaN where not measured."""
        if self.formula is not None:
            return float(self.formula(action_units[None, :])[0])
        values = action_units[[ACTION_UNIT_COLUMNS.index(code) for code in self.codes]]
        finite = values[np.isfinite(values)]
        return float(finite.max()) if len(finite) else math.nan


CONSOLE_BARS = (
    BarSpec("AU4 brow lowerer", ("AU04",), "negative"),
    BarSpec("AU12 lip corner puller", ("AU12",), "joy"),
    BarSpec("AU1+2 brow raiser", ("AU01", "AU02"), "accent"),
    BarSpec("AU24 lip presser", ("AU24",), "warning"),
    BarSpec("AU6 cheek raiser", ("AU06",), "joy"),
    BarSpec("AU15 lip corner depr.", ("AU15",), "negative"),
)
"""What a moderator watches: confusion, joy, surprise, frustration, a felt smile, sadness."""

MOST_OWN = 4
"""Of the study's own expressions the first few: the console of a small laptop has no more room."""


def bars_of(expressions: Sequence[Expression]) -> tuple[BarSpec, ...]:
    """The console's bars for a study: the usual ones, then the first of its own."""
    own = tuple(
        BarSpec(one.name, (), "accent", one.intensity, one.threshold)
        for one in expressions[:MOST_OWN]
    )
    return CONSOLE_BARS + own


class ActionUnitBars(QWidget):
    """Bars that move thirty times a second and figures that change twice a second."""

    def __init__(
        self, bars: tuple[BarSpec, ...] = CONSOLE_BARS, *, palette: Palette = DARK
    ) -> None:
        super().__init__()
        self._palette = palette
        self.show_bars(bars)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(200)
        self.setAccessibleName("Action units")

    def sizeHint(self) -> QSize:
        return QSize(252, _ROW_PX * len(self._bars))

    def show_bars(self, bars: tuple[BarSpec, ...]) -> None:
        """Show other bars, without values yet."""
        self._bars = bars
        self._values = [math.nan] * len(bars)
        self._figures = ["–"] * len(bars)
        self._bar_steps = [-1] * len(bars)
        self.updateGeometry()
        self.update()

    @property
    def labels(self) -> tuple[str, ...]:
        """The bars' names, from the top."""
        return tuple(bar.label for bar in self._bars)

    def set_intensities(self, action_units: NDArray[np.floating] | None) -> None:
        """Move the bars to the action units (22,) of one face; None when there is no face."""
        for index, bar in enumerate(self._bars):
            self._values[index] = math.nan if action_units is None else bar.intensity(action_units)
        steps = [self._in_pixels(value) for value in self._values]
        if steps != self._bar_steps:  # a still face costs nothing
            self._bar_steps = steps
            self.update()

    def refresh_figures(self) -> None:
        """Let the figures say what the bars show now."""
        figures = [f"{value:.2f}" if math.isfinite(value) else "–" for value in self._values]
        if figures != self._figures:
            self._figures = figures
            self.update()

    @property
    def figures(self) -> tuple[str, ...]:
        """The figures as shown, in the order of the bars."""
        return tuple(self._figures)

    def _in_pixels(self, value: float) -> int:
        return round(min(1.0, max(0.0, value)) * 100) if math.isfinite(value) else -1

    def paintEvent(self, _event: QPaintEvent) -> None:
        palette = self._palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(SMALL_PX))
        metrics = QFontMetrics(font(SMALL_PX))
        widest_px = max(metrics.horizontalAdvance(bar.label) for bar in self._bars)
        label_px = min(widest_px, int(self.width() * 0.58))
        bar_left_px = label_px + 14
        bar_width_px = max(20, self.width() - bar_left_px - _FIGURE_PX - 6)
        middle = Qt.AlignmentFlag.AlignVCenter
        for index, bar in enumerate(self._bars):
            row = QRectF(0, index * _ROW_PX, self.width(), _ROW_PX)
            painter.setPen(colour(palette.text))
            words = metrics.elidedText(bar.label, Qt.TextElideMode.ElideRight, label_px)
            painter.drawText(row, Qt.AlignmentFlag.AlignLeft | middle, words)
            painter.setPen(colour(palette.quiet_text))
            painter.drawText(row, Qt.AlignmentFlag.AlignRight | middle, self._figures[index])
            trough = QRectF(
                bar_left_px, row.center().y() - _BAR_HEIGHT_PX / 2, bar_width_px, _BAR_HEIGHT_PX
            )
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour(palette.raised))
            painter.drawRoundedRect(trough, 3, 3)
            share = max(0, self._bar_steps[index]) / 100
            if share > 0:
                tone = bar.tone if share >= bar.threshold else "neutral"
                painter.setBrush(colour(getattr(palette, tone)))
                trough.setWidth(max(3.0, bar_width_px * share))
                painter.drawRoundedRect(trough, 3, 3)
