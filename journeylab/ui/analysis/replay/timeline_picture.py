"""What does not move of the replay's timeline: steps, trace, events and ticks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from journeylab.analysis.replay import ReplayTrack
from journeylab.analysis.replay_axis import TimeAxis
from journeylab.analysis.replay_events import EventIndex, EventKind
from journeylab.clock import NS_PER_S
from journeylab.theme import Palette
from journeylab.ui.analysis.replay.marks import paint_mark, token_of
from journeylab.ui.widgets.style import SECTION_PX, colour, font
from journeylab.ui.widgets.trace_model import pieces, thin, tone_of

LEFT_PX: Final = 44.0
RIGHT_PX: Final = 12.0
STEPS_PX, EVENTS_PX, UNITS_PX, FLAGS_PX, TICKS_PX = 20.0, 16.0, 14.0, 18.0, 18.0
QUIET: Final = frozenset({EventKind.UNIT})
"""Kinds with a lane of their own: there are many of them."""


@dataclass(frozen=True, slots=True)
class TimelinePicture:
    """Where the lanes of a timeline of that size lie, and how they are painted."""

    palette: Palette
    axis: TimeAxis
    events: EventIndex
    width_px: float
    height_px: float

    @property
    def trace_box(self) -> QRectF:
        """Where the trace runs."""
        below = EVENTS_PX + UNITS_PX + FLAGS_PX + TICKS_PX
        height = max(24.0, self.height_px - STEPS_PX - below)
        return QRectF(LEFT_PX, STEPS_PX, self.axis.width_px, height)

    @property
    def flags_y(self) -> float:
        """Where the flags of annotations stand."""
        return float(self.trace_box.bottom()) + EVENTS_PX + UNITS_PX + FLAGS_PX - 2

    def paint(self, painter: QPainter, track: ReplayTrack) -> None:
        """Paint everything that does not move."""
        box = self.trace_box
        self._paint_levels(painter, box)
        self._paint_steps(painter, track, box)
        painter.save()
        painter.setClipRect(QRectF(LEFT_PX, 0, self.axis.width_px, self.height_px))
        self._paint_trace(painter, track, box)
        self._paint_events(painter, box)
        painter.restore()
        self._paint_ticks(painter)

    def _paint_levels(self, painter: QPainter, box: QRectF) -> None:
        palette = self.palette
        painter.setFont(font(SECTION_PX))
        for share, words in ((0.0, "+100"), (0.5, "0"), (1.0, "−100")):
            y = round(box.top() + 4 + share * (box.height() - 8)) + 0.5
            pen = QPen(colour(palette.quiet_text if share == 0.5 else palette.line), 1)
            if share == 0.5:
                pen.setDashPattern([4, 4])
            painter.setPen(pen)
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
            painter.setPen(colour(palette.quiet_text))
            place = QRectF(0, y - 8, LEFT_PX - 8, 16)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(place, right, words)
        lanes = (("Events", EVENTS_PX), ("AUs", UNITS_PX), ("Mine", FLAGS_PX))
        top = box.bottom()
        for words, height in lanes:
            painter.drawText(QRectF(0, top, LEFT_PX - 8, height), right, words)
            top += height

    def _paint_steps(self, painter: QPainter, track: ReplayTrack, box: QRectF) -> None:
        palette, small = self.palette, font(SECTION_PX, weight=600)
        metrics = QFontMetricsF(small)
        painter.setFont(small)
        for place, step in enumerate(track.steps):
            left = max(0.0, self.axis.x_of(step.start_ns))
            right = min(self.axis.width_px, self.axis.x_of(step.end_ns))
            if right <= 0 or left >= self.axis.width_px or right - left < 1:
                continue
            cell = QRectF(LEFT_PX + left, 0, right - left, STEPS_PX - 3).adjusted(0.5, 0, -0.5, 0)
            painter.setPen(Qt.PenStyle.NoPen)
            tints = palette.stage_tints
            painter.setBrush(colour(tints[place % len(tints)]))
            painter.drawRoundedRect(cell, 4, 4)
            painter.setPen(QPen(colour(palette.line), 1))
            painter.drawLine(QLineF(cell.left(), STEPS_PX, cell.left(), box.bottom()))
            room = cell.width() - 10
            if room > 16:
                visit = f" ({step.visit})" if step.visit > 1 else ""
                words = metrics.elidedText(step.title + visit, Qt.TextElideMode.ElideRight, room)
                painter.setPen(colour(palette.text))
                flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
                painter.drawText(cell.adjusted(5, 0, 0, 0), flags, words)

    def _paint_trace(self, painter: QPainter, track: ReplayTrack, box: QRectF) -> None:
        if not len(track.t_ns):
            painter.setPen(colour(self.palette.quiet_text))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "No valence was measured")
            return
        n_buckets = max(2, round(box.width() / 1.5))
        axis = self.axis
        first, last = np.searchsorted(track.t_ns, (axis.first_ns, axis.last_ns))
        t_s = (track.t_ns[first:last] - track.start_ns) / NS_PER_S
        start_s = (axis.first_ns - track.start_ns) / NS_PER_S
        x_s, valence = thin(
            t_s,
            track.valence[first:last].astype(np.float64),
            start_s=start_s,
            bucket_s=self.axis.length_ns / NS_PER_S / n_buckets,
            n_buckets=n_buckets,
        )
        x = box.left() + (x_s - start_s) * NS_PER_S / self.axis.length_ns * box.width()
        y = box.top() + 4 + (100.0 - np.nan_to_num(valence)) / 200.0 * (box.height() - 8)
        tone = tone_of(valence)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for of, token in ((0, "neutral"), (1, "joy"), (-1, "negative")):
            joined = pieces(valence, tone, of=of)
            if joined.any():
                painter.setPen(QPen(colour(getattr(self.palette, token)), 1.6))
                painter.drawPath(pg.arrayToQPath(x, y, connect=joined, finiteCheck=False))

    def _paint_events(self, painter: QPainter, box: QRectF) -> None:
        middle = box.bottom() + EVENTS_PX / 2
        units = box.bottom() + EVENTS_PX + UNITS_PX / 2
        axis = self.axis
        for event in self.events.events:
            if event.end_ns < axis.first_ns or event.t_ns > axis.last_ns:
                continue
            left, right = LEFT_PX + axis.x_of(event.t_ns), LEFT_PX + axis.x_of(event.end_ns)
            ink = colour(getattr(self.palette, token_of(event.kind, event.key)), 0.75)
            if event.kind in QUIET or right - left > 8:
                y = units if event.kind in QUIET else middle
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(ink)
                painter.drawRoundedRect(QRectF(left, y - 2, max(2.0, right - left), 4), 2, 2)
            if event.kind not in QUIET:
                centre = QPointF(left, middle)
                paint_mark(painter, centre, event.kind, key=event.key, palette=self.palette)

    def _paint_ticks(self, painter: QPainter) -> None:
        painter.setFont(font(SECTION_PX))
        painter.setPen(colour(self.palette.quiet_text))
        top = self.height_px - TICKS_PX
        for t_ns, words in self.axis.ticks():
            centre = LEFT_PX + self.axis.x_of(t_ns)
            left = min(max(centre - 30, LEFT_PX - 30), self.width_px - 60)
            painter.drawText(QRectF(left, top, 60, 16), Qt.AlignmentFlag.AlignCenter, words)
