"""Action units and the study's own expressions as bars: name, intensity, figure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPixmap, QResizeEvent
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
    return CONSOLE_BARS + own_bars_of(expressions)


def own_bars_of(expressions: Sequence[Expression]) -> tuple[BarSpec, ...]:
    """Bars of the first of a study's own expressions."""
    return tuple(
        BarSpec(one.name, (), "accent", one.intensity, one.threshold)
        for one in expressions[:MOST_OWN]
    )


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
        # It lies on a card. What paints all of itself spares the card's painting beneath.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def sizeHint(self) -> QSize:
        return QSize(252, _ROW_PX * len(self._bars))

    def show_bars(self, bars: tuple[BarSpec, ...]) -> None:
        """Show other bars, without values yet."""
        self._bars = bars
        self._values = [math.nan] * len(bars)
        self._figures = ["–"] * len(bars)
        self._bar_steps = [-1] * len(bars)
        self._still: tuple[QPixmap, tuple[QRectF, ...]] | None = None
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
            self._still = None
            self.update()

    @property
    def figures(self) -> tuple[str, ...]:
        """The figures as shown, in the order of the bars."""
        return tuple(self._figures)

    def _in_pixels(self, value: float) -> int:
        return round(min(1.0, max(0.0, value)) * 100) if math.isfinite(value) else -1

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._still is None:
            self._still = self._draw_still()
        picture, troughs = self._still
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPixmap(0, 0, picture)
        painter.setPen(Qt.PenStyle.NoPen)
        for bar, step, trough in zip(self._bars, self._bar_steps, troughs, strict=True):
            share = max(0, step) / 100
            if share > 0:
                tone = bar.tone if share >= bar.threshold else "neutral"
                painter.setBrush(colour(getattr(self._palette, tone)))
                filled = QRectF(trough)
                filled.setWidth(max(3.0, trough.width() * share))
                painter.drawRoundedRect(filled, 3, 3)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._still = None

    def _draw_still(self) -> tuple[QPixmap, tuple[QRectF, ...]]:
        """What changes twice a second at most: names, figures, and what the bars run in; and
        where the bars run."""
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(colour(self._palette.surface))
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(SMALL_PX))
        metrics = QFontMetrics(font(SMALL_PX))
        widest_px = max(metrics.horizontalAdvance(bar.label) for bar in self._bars)
        label_px = min(widest_px, int(self.width() * 0.58))
        left_px = label_px + 14
        width_px = max(20, self.width() - left_px - _FIGURE_PX - 6)
        middle = Qt.AlignmentFlag.AlignVCenter
        troughs = []
        for index, (bar, figure) in enumerate(zip(self._bars, self._figures, strict=True)):
            row = QRectF(0, index * _ROW_PX, self.width(), _ROW_PX)
            painter.setPen(colour(self._palette.text))
            label = metrics.elidedText(bar.label, Qt.TextElideMode.ElideRight, label_px)
            painter.drawText(row, Qt.AlignmentFlag.AlignLeft | middle, label)
            painter.setPen(colour(self._palette.quiet_text))
            painter.drawText(row, Qt.AlignmentFlag.AlignRight | middle, figure)
            top_px = row.center().y() - _BAR_HEIGHT_PX / 2
            trough = QRectF(left_px, top_px, width_px, _BAR_HEIGHT_PX)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour(self._palette.raised))
            painter.drawRoundedRect(trough, 3, 3)
            troughs.append(trough)
        painter.end()
        return picture, tuple(troughs)
