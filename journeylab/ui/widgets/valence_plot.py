"""The live valence trace: one line the eye can rest on, and everything else quiet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QPen, QResizeEvent
from PySide6.QtWidgets import QGraphicsItem, QGraphicsView, QVBoxLayout, QWidget

from journeylab.theme import DARK, Palette
from journeylab.ui.widgets.style import colour, font
from journeylab.ui.widgets.trace_end import TraceEnd
from journeylab.ui.widgets.trace_marks import (
    LABEL_PX,
    LANE_PX,
    MARKER_LANES,
    STEP_LANES,
    TraceMarks,
)
from journeylab.ui.widgets.trace_model import pieces, thin, tone_of, visible_window

Mark = tuple[float, str]
"""Time since recording began, s, and a name."""

_WIDTH_PX = 2.2
_BUCKETS = 900
_TAIL_POINTS = 60
_LEFT_PX, _BOTTOM_PX = 38, 22
_MOST = 103.0
"""Valence at which the lanes begin: the trace with its width stays below."""


def _hairline(token: str, alpha: float = 1.0) -> QPen:
    pen = QPen(colour(token, alpha), 1)
    pen.setCosmetic(True)  # the view's units are seconds and valence, not pixels
    return pen


def _trace_pen(token: str) -> QPen:
    pen = QPen(colour(token), _WIDTH_PX)
    pen.setCosmetic(True)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


class ValencePlot(QWidget):
    """Valence from -100 to +100 over the session, drawn while it is recorded.

    What lies behind is drawn once and kept as a picture; thirty times a second only the last
    seconds are drawn anew, so the cost does not grow with the session.
    """

    def __init__(self, *, palette: Palette = DARK) -> None:
        super().__init__()
        self._palette = palette
        self._plot = pg.PlotWidget(background=colour(palette.surface))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._plot)
        self._window_s = (-1.0, -1.0)
        self._settled_until = 0
        self._steps: tuple[Mark, ...] = ()
        self._markers: tuple[Mark, ...] = ()
        self._limits = (0.0, 0.0)
        self._marks = TraceMarks(palette)
        self._plot.scene().addItem(self._marks)
        self._prepare_view()
        self._prepare_axes()
        tones = {1: palette.joy, -1: palette.negative, 0: palette.neutral}
        pens = {tone: _trace_pen(token) for tone, token in tones.items()}
        self._settled = {tone: self._curve(pen) for tone, pen in pens.items()}
        rim = QPen(colour(palette.surface), 1)
        self._end = TraceEnd(pens, dot=(QBrush(colour(palette.text)), rim))
        self._end.setZValue(20)
        self._plot.addItem(self._end, ignoreBounds=True)
        self._show_window(visible_window(0.0))
        self.setAccessibleName("Valence over the session, from minus 100 to plus 100")

    def _prepare_view(self) -> None:
        plot = self._plot
        plot.setAntialiasing(True)
        plot.setMenuEnabled(False)
        plot.setMouseEnabled(x=False, y=False)
        plot.hideButtons()
        plot.disableAutoRange()
        plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        plot.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setMinimumHeight(140)
        plot.setStyleSheet("border: 0;")
        plot.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        plot.plotItem.setContentsMargins(0, 0, 0, 0)
        plot.plotItem.vb.setBorder(None)

    def _prepare_axes(self) -> None:
        palette, plot = self._palette, self._plot
        for name in ("left", "bottom"):
            axis = plot.getAxis(name)
            axis.setPen(QPen(Qt.PenStyle.NoPen))
            axis.setTextPen(colour(palette.quiet_text))
            axis.setStyle(
                tickLength=0,
                tickAlpha=0,  # a tick without length is still a dot
                tickFont=font(LABEL_PX),
                tickTextOffset=6,
                hideOverlappingLabels=False,
            )
        plot.getAxis("left").setWidth(_LEFT_PX)
        plot.getAxis("bottom").setHeight(_BOTTOM_PX)
        plot.getAxis("left").setTicks(
            [[(100, "+100"), (50, "+50"), (0, "0"), (-50, "−50"), (-100, "−100")]]
        )
        for level in (-100, -50, 50, 100):
            plot.addItem(pg.InfiniteLine(pos=level, angle=0, pen=_hairline(palette.line)))
        zero = _hairline(palette.quiet_text, 0.7)
        zero.setDashPattern([4, 4])
        plot.addItem(pg.InfiniteLine(pos=0, angle=0, pen=zero))

    def _curve(self, pen: QPen) -> pg.PlotCurveItem:
        curve = pg.PlotCurveItem(pen=pen, antialias=True, skipFiniteCheck=True)
        curve.setSegmentedLineMode("off")
        curve.setZValue(10)
        curve.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self._plot.addItem(curve)
        return curve

    def set_trace(
        self, t_s: NDArray[np.float64], valence: NDArray[np.float64], *, now_s: float | None = None
    ) -> None:
        """Show the trace; called thirty times a second.

        Parameters
        ----------
        t_s, valence
            Shape (n,): time since recording began and valence, NaN where no face was found.
        now_s
            The present, s; the last sample's time when left out.
        """
        last_s = float(t_s[-1]) if len(t_s) else 0.0
        window_s = visible_window(max(last_s, now_s or 0.0))
        if window_s != self._window_s:
            self._show_window(window_s)
        start_s, end_s = window_s
        x, y = thin(
            t_s,
            valence,
            start_s=start_s,
            bucket_s=(end_s - start_s) / _BUCKETS,
            n_buckets=_BUCKETS,
        )
        tone = tone_of(y)
        if len(x) < self._settled_until:  # another session began
            self._settled_until = 0
        if len(x) - self._settled_until > 2 * _TAIL_POINTS or self._settled_until == 0:
            self._settled_until = max(0, len(x) - _TAIL_POINTS)
            self._settle(x[: self._settled_until], y[: self._settled_until], tone)
        end = slice(max(0, self._settled_until - 1), None)
        self._end.set_points(x[end], y[end], tone[end])

    def _settle(
        self, x: NDArray[np.float64], y: NDArray[np.float64], tone: NDArray[np.int8]
    ) -> None:
        drawable = np.nan_to_num(y)  # a gap is not joined; its place must still be a number
        for of, curve in self._settled.items():
            curve.setData(x, drawable, connect=pieces(y, tone[: len(y)], of=of))

    def set_steps(self, steps: Sequence[Mark]) -> None:
        """Show where each step began, with its name."""
        if tuple(steps) != self._steps:
            self._steps = tuple(steps)
            self._decorate()

    def set_markers(self, markers: Sequence[Mark]) -> None:
        """Show the moderator's markers."""
        if tuple(markers) != self._markers:
            self._markers = tuple(markers)
            self._decorate()

    def clear_trace(self) -> None:
        """Forget everything, for the next session."""
        self.set_steps(())
        self.set_markers(())
        self.set_trace(np.empty(0), np.empty(0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._decorate()

    def _show_window(self, window_s: tuple[float, float]) -> None:
        self._window_s = window_s
        self._settled_until = 0
        self._plot.setXRange(*window_s, padding=0)
        start_s, end_s = window_s
        pace_s = {60.0: 15, 120.0: 30, 180.0: 30, 300.0: 60}.get(end_s - start_s, 120)
        ticks = np.arange(np.ceil(start_s / pace_s) * pace_s, end_s + 0.1, pace_s)
        labels = [(t, f"{int(t) // 60}:{int(t) % 60:02d}") for t in ticks]
        # The last would be cut in half by the edge.
        self._plot.getAxis("bottom").setTicks([[label for label in labels if label[0] < end_s]])
        self._decorate()

    def _decorate(self) -> None:
        """Draw step and marker lines, and their names in the lanes above and below the trace."""
        self._fit_lanes()
        start_s, end_s = self._window_s
        area = QRectF(_LEFT_PX, 0, self.width() - _LEFT_PX, self.height() - _BOTTOM_PX)
        px_per_s = max(1.0, area.width()) / (end_s - start_s)
        steps, markers = (
            [
                ((t_s - start_s) * px_per_s, name)
                for t_s, name in self._shown(marks, is_step=is_step)
            ]
            for marks, is_step in ((self._steps, True), (self._markers, False))
        )
        self._marks.show_marks(steps, markers, area=area)

    def _fit_lanes(self) -> None:
        """Scale valence so that the lanes have their height in pixels, whatever the plot's."""
        height_px = max(60.0, float(self.height() - _BOTTOM_PX))
        valence_a_px = 2 * _MOST / max(20.0, height_px - LANE_PX * (STEP_LANES + MARKER_LANES))
        lane = LANE_PX * valence_a_px
        limits = (-_MOST - MARKER_LANES * lane, _MOST + STEP_LANES * lane)
        if limits != self._limits:
            self._limits = limits
            self._plot.setYRange(*limits, padding=0)

    def _shown(self, marks: tuple[Mark, ...], *, is_step: bool) -> list[Mark]:
        start_s, end_s = self._window_s
        shown = [mark for mark in marks if start_s <= mark[0] <= end_s]
        before = [mark for mark in marks if mark[0] < start_s]
        if is_step and before:  # the step in which the window begins is named at its edge
            shown.insert(0, (start_s, before[-1][1]))
        return shown

    def label_boxes(self) -> list[QRectF]:
        """Where the names stand, px."""
        return [name.box for name in self._marks.names]

    def trace_box(self) -> QRectF:
        """Where the trace may run, px."""
        view = self._plot.plotItem.vb
        top, bottom = (view.mapViewToScene(QPointF(0.0, level)).y() for level in (100, -100))
        return QRectF(_LEFT_PX, top, self.width() - _LEFT_PX, bottom - top)
