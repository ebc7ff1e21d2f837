"""Action units as bars: name, intensity, figure."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from journeylab.theme import DARK, Palette
from journeylab.ui.widgets.style import SMALL_PX, colour, font

_ROW_PX = 21
_FIGURE_PX = 34
_BAR_HEIGHT_PX = 6


@dataclass(frozen=True, slots=True)
class BarSpec:
    """One bar: the action units it shows the strongest of, and the palette token of its tone."""

    label: str
    codes: tuple[str, ...]
    tone: str


CONSOLE_BARS = (
    BarSpec("AU4 brow lowerer", ("AU04",), "negative"),
    BarSpec("AU12 lip corner puller", ("AU12",), "joy"),
    BarSpec("AU1+2 brow raiser", ("AU01", "AU02"), "accent"),
    BarSpec("AU24 lip presser", ("AU24",), "warning"),
    BarSpec("AU6 cheek raiser", ("AU06",), "joy"),
    BarSpec("AU15 lip corner depr.", ("AU15",), "negative"),
)
"""What a moderator watches: confusion, joy, surprise, frustration, a felt smile, sadness."""


class ActionUnitBars(QWidget):
    """Bars that move thirty times a second and figures that change twice a second."""

    def __init__(
        self, bars: tuple[BarSpec, ...] = CONSOLE_BARS, *, palette: Palette = DARK
    ) -> None:
        super().__init__()
        self._bars = bars
        self._palette = palette
        self._values = [math.nan] * len(bars)
        self._figures = ["–"] * len(bars)
        self._bar_steps = [-1] * len(bars)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(200)
        self.setAccessibleName("Action units")

    def sizeHint(self) -> QSize:
        return QSize(252, _ROW_PX * len(self._bars))

    def set_intensities(self, intensity_of: Callable[[str], float] | None) -> None:
        """Move the bars; ``intensity_of`` gives 0..1 (or NaN) by code, None when no face."""
        for index, bar in enumerate(self._bars):
            values = [intensity_of(code) for code in bar.codes] if intensity_of else []
            finite = [value for value in values if math.isfinite(value)]
            self._values[index] = max(finite) if finite else math.nan
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
                painter.setBrush(colour(getattr(palette, bar.tone)))
                trough.setWidth(max(3.0, bar_width_px * share))
                painter.drawRoundedRect(trough, 3, 3)
