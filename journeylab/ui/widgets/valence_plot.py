"""The live valence trace: one line the eye can rest on, and everything else quiet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QFontMetricsF, QPen, QResizeEvent
from PySide6.QtWidgets import QGraphicsItem, QGraphicsView, QVBoxLayout, QWidget

from journeylab.theme import DARK, Palette
from journeylab.ui.widgets.style import colour, font
from journeylab.ui.widgets.trace_end import TraceEnd
from journeylab.ui.widgets.trace_labels import LaneMark, LanePlace, place_in_lanes
from journeylab.ui.widgets.trace_model import pieces, thin, tone_of, visible_window

Mark = tuple[float, str]
"""Time since recording began, s, and a name."""

_WIDTH_PX = 2.2
_BUCKETS = 900
_TAIL_POINTS = 60
_LABEL_PX = 11
_LEFT_PX, _BOTTOM_PX = 38, 22
_LANE_PX = 17
_STEP_LANES, _MARKER_LANES = 1, 2
_MOST = 103.0
"""Valence at which the lanes begin: the trace with its width stays below."""
_LEAST_WORDS_PX = 40.0
_MARGIN_PX = 1.0


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
        self._decorations: list[pg.GraphicsObject] = []
        self._labels: list[pg.TextItem] = []
        self._valence_a_px = 1.0
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
                tickFont=font(_LABEL_PX),
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
        for item in self._decorations:
            self._plot.removeItem(item)
        self._decorations.clear()
        self._labels.clear()
        self._fit_lanes()
        palette = self._palette
        self._lines(self._steps, palette.quiet_text, alpha=0.45, is_top=True)
        self._lines(self._markers, palette.warning, alpha=0.9, is_top=False)

    def _fit_lanes(self) -> None:
        """Scale valence so that the lanes have their height in pixels, whatever the plot's."""
        height_px = max(60.0, float(self.height() - _BOTTOM_PX))
        lanes_px = _LANE_PX * (_STEP_LANES + _MARKER_LANES)
        self._valence_a_px = 2 * _MOST / max(20.0, height_px - lanes_px)
        lane = _LANE_PX * self._valence_a_px
        self._plot.setYRange(-_MOST - _MARKER_LANES * lane, _MOST + _STEP_LANES * lane, padding=0)

    def _shown(self, marks: tuple[Mark, ...], *, is_top: bool) -> list[Mark]:
        start_s, end_s = self._window_s
        shown = [mark for mark in marks if start_s <= mark[0] <= end_s]
        before = [mark for mark in marks if mark[0] < start_s]
        if is_top and before:  # the step in which the window begins is named at its edge
            shown.insert(0, (start_s, before[-1][1]))
        return shown

    def _lines(self, marks: tuple[Mark, ...], token: str, *, alpha: float, is_top: bool) -> None:
        start_s, end_s = self._window_s
        width_px = max(1.0, float(self.width() - _LEFT_PX))
        px_per_s = width_px / (end_s - start_s)
        shown = self._shown(marks, is_top=is_top)
        # A line ends where the other kind's names begin.
        lane = _LANE_PX * self._valence_a_px
        whole = 2 * _MOST + (_STEP_LANES + _MARKER_LANES) * lane
        above, below = _STEP_LANES * lane / whole, _MARKER_LANES * lane / whole
        span = (below, 1.0) if is_top else (0.0, 1.0 - above)
        for t_s, _ in shown:
            line = pg.InfiniteLine(pos=t_s, angle=90, pen=_hairline(token, alpha), span=span)
            line.setZValue(5)
            self._add(line)
        metrics = QFontMetricsF(font(_LABEL_PX))
        wanted = [
            LaneMark(
                (t_s - start_s) * px_per_s,
                _words_px(metrics, name),
                _LEAST_WORDS_PX,
                _words_px(metrics, _key_of(name)) if not is_top and _key_of(name) else 0.0,
            )
            for t_s, name in shown
        ]
        places = place_in_lanes(
            wanted, n_lanes=_STEP_LANES if is_top else _MARKER_LANES, right_px=width_px
        )
        for (_, name), place in zip(shown, places, strict=True):
            if place is not None:
                words = _key_of(name) if place.is_short else name
                x_s = start_s + place.left_px / px_per_s
                self._name(metrics, words, token, place=place, x_s=x_s, is_top=is_top)

    def _name(
        self,
        metrics: QFontMetricsF,
        words: str,
        token: str,
        *,
        place: LanePlace,
        x_s: float,
        is_top: bool,
    ) -> None:
        shown = words
        if _words_px(metrics, words) > place.width_px:
            room_px = place.width_px - 2 * _MARGIN_PX
            shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, room_px)
        # On the plot's ground, so that the lines of others end at its edges.
        ground = QBrush(colour(self._palette.surface))
        label = pg.TextItem(shown, color=colour(token), anchor=(0, 0), fill=ground)
        label.setFont(font(_LABEL_PX))
        label.textItem.document().setDocumentMargin(_MARGIN_PX)
        label.updateTextPos()
        lane = _LANE_PX * self._valence_a_px
        top = _MOST + _STEP_LANES * lane if is_top else -_MOST - place.lane * lane
        label.setPos(x_s, top)
        label.setZValue(6)
        self._add(label)
        self._labels.append(label)

    def _add(self, item: pg.GraphicsObject) -> None:
        self._plot.addItem(item, ignoreBounds=True)
        self._decorations.append(item)

    def label_boxes(self) -> list[QRectF]:
        """Where the names stand, px in the plot's viewport."""
        return [
            self._plot.mapFromScene(one.textItem.sceneBoundingRect()).boundingRect().toRectF()
            for one in self._labels
        ]

    def trace_box(self) -> QRectF:
        """Where the trace may run, px in the plot's viewport."""
        view = self._plot.plotItem.vb
        top, bottom = (view.mapViewToScene(QPointF(0.0, level)).y() for level in (100, -100))
        return QRectF(_LEFT_PX, top, self.width() - _LEFT_PX, bottom - top)


def _words_px(metrics: QFontMetricsF, words: str) -> float:
    return metrics.horizontalAdvance(words) + 2 * _MARGIN_PX


def _key_of(name: str) -> str:
    """The key a marker's name begins with: a single character before a space."""
    key, _, rest = name.partition(" ")
    return key if len(key) == 1 and rest else ""
