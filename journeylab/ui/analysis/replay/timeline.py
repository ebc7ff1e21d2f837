"""The timeline of a replay: steps, trace, events, annotations, and the playhead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from journeylab.analysis.replay import ReplayTrack
from journeylab.analysis.replay_annotations import Annotation
from journeylab.analysis.replay_axis import TimeAxis, time_words
from journeylab.analysis.replay_events import EventIndex, ReplayEvent
from journeylab.clock import NS_PER_S
from journeylab.theme import LIGHT, Palette
from journeylab.ui.analysis.replay.marks import paint_flag
from journeylab.ui.analysis.replay.timeline_picture import (
    EVENTS_PX,
    LEFT_PX,
    QUIET,
    RIGHT_PX,
    TICKS_PX,
    UNITS_PX,
    TimelinePicture,
)
from journeylab.ui.widgets.card import tooltip
from journeylab.ui.widgets.style import SECTION_PX, colour, font

_REACH_PX = 7.0
_ZOOM = 0.8


class ReplayTimeline(QWidget):
    """Shows a session over time; a press or drag seeks, a flag is dragged, the wheel zooms.

    What does not move is painted once into a picture; the playhead is painted over it.
    """

    sought = Signal(object)
    """Session time, ns: somebody pressed or dragged."""
    annotation_chosen = Signal(str)
    annotation_moved = Signal(str, object)
    """An annotation's id and its new session time."""

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        self._palette = palette
        self._track: ReplayTrack | None = None
        self._axis = TimeAxis(0, 1, 0, 1, 1.0)
        self._events = EventIndex()
        self._annotations: tuple[Annotation, ...] = ()
        self._chosen = ""
        self._at_ns = 0
        self._span_ns: tuple[int, int] | None = None
        self._dragged: Annotation | None = None
        self._dragged_ns = 0
        self._still: QPixmap | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setAccessibleName("Timeline of the session")

    def sizeHint(self) -> QSize:
        return QSize(900, 170)

    @property
    def axis(self) -> TimeAxis:
        """What of the session is seen."""
        return self._axis

    def show_track(self, track: ReplayTrack | None) -> None:
        """Show another session, all of it."""
        self._track = track
        self._events, self._annotations, self._span_ns = EventIndex(), (), None
        self._chosen, self._dragged = "", None
        if track is not None:
            times = (track.start_ns, track.end_ns, track.start_ns, track.end_ns)
            self._axis = TimeAxis(*times, max(1.0, self.width() - LEFT_PX - RIGHT_PX))
            self._at_ns = track.start_ns
        self._repaint_all()

    def show_events(self, events: EventIndex) -> None:
        """Show what happened."""
        self._events = events
        self._repaint_all()

    def show_annotations(self, annotations: Sequence[Annotation], *, chosen: str = "") -> None:
        """Show the researcher's flags, one of them chosen."""
        self._annotations, self._chosen = tuple(annotations), chosen
        self.update()

    def show_position(self, t_ns: int) -> None:
        """Move the playhead."""
        if t_ns == self._at_ns:
            return
        before = self._axis.x_of(self._at_ns)
        self._at_ns = t_ns
        axis = self._axis.following(t_ns)
        if axis != self._axis:
            self._axis = axis
            self._repaint_all()
            return
        for x in (before, axis.x_of(t_ns)):
            self.update(round(LEFT_PX + x) - 8, 0, 17, self.height())

    def show_span(self, span_ns: tuple[int, int] | None) -> None:
        """Shade the span a clip is to be made of."""
        self._span_ns = span_ns
        self.update()

    def zoom(self, factor: float) -> None:
        """Look closer (below 1) or see more, the playhead in its place."""
        self._zoom(factor, self._at_ns)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._axis = replace(self._axis, width_px=max(1.0, self.width() - LEFT_PX - RIGHT_PX))
        self._repaint_all()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._track is None or event.button() != Qt.MouseButton.LeftButton:
            return
        flag = self._flag_at(event.position())
        if flag is not None:
            self._dragged, self._dragged_ns, self._chosen = flag, flag.t_ns, flag.id
            self.annotation_chosen.emit(flag.id)
            return
        self.sought.emit(self._time_at(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._track is None:
            return
        if self._dragged is not None:
            self._dragged_ns = self._time_at(event.position())
            self.update()
        elif event.buttons() & Qt.MouseButton.LeftButton:
            self.sought.emit(self._time_at(event.position()))
        else:
            self.setToolTip(tooltip(self.words_at(event.position())))
            is_on_flag = self._flag_at(event.position()) is not None
            shape = Qt.CursorShape.SizeHorCursor if is_on_flag else Qt.CursorShape.ArrowCursor
            self.setCursor(shape)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        dragged, self._dragged = self._dragged, None
        if dragged is not None:
            if dragged.t_ns != self._dragged_ns:
                self.annotation_moved.emit(dragged.id, self._dragged_ns)
            self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120
        if self._track is not None and notches:
            self._zoom(_ZOOM**notches, self._time_at(event.position()))
            event.accept()

    def words_at(self, place: QPointF) -> str:
        """What lies under the pointer, in words; empty where nothing does."""
        flag = self._flag_at(place)
        if flag is not None:
            return f"{flag.text}\n{flag.author}"
        event = self._event_at(place)
        if event is None:
            return ""
        return f"{event.words}\n{event.detail}".strip()

    # -- where things lie ----------------------------------------------------------------------

    def _time_at(self, place: QPointF) -> int:
        return self._axis.time_at(place.x() - LEFT_PX)

    def _picture(self) -> TimelinePicture:
        return TimelinePicture(self._palette, self._axis, self._events, self.width(), self.height())

    def _flag_foot(self, annotation: Annotation) -> QPointF:
        dragged = self._dragged
        t_ns = annotation.t_ns
        if dragged is not None and dragged.id == annotation.id:
            t_ns = self._dragged_ns
        return QPointF(LEFT_PX + self._axis.x_of(t_ns), self._picture().flags_y)

    def _flag_at(self, place: QPointF) -> Annotation | None:
        for annotation in reversed(self._annotations):
            foot = self._flag_foot(annotation)
            if -3 <= place.x() - foot.x() <= 11 and -15 <= place.y() - foot.y() <= 3:
                return annotation
        return None

    def _event_at(self, place: QPointF) -> ReplayEvent | None:
        box = self._picture().trace_box
        if not box.bottom() <= place.y() <= box.bottom() + EVENTS_PX + UNITS_PX:
            return None
        is_unit = place.y() > box.bottom() + EVENTS_PX
        reach_ns = round(_REACH_PX / self._axis.width_px * self._axis.length_ns)
        t_ns = self._time_at(place)
        near = [
            event
            for event in self._events.events
            if (event.kind in QUIET) is is_unit
            and event.t_ns - reach_ns <= t_ns <= event.end_ns + reach_ns
        ]
        return min(near, key=lambda event: abs(event.t_ns - t_ns), default=None)

    def _zoom(self, factor: float, about_ns: int) -> None:
        axis = self._axis.zoomed(factor, about_ns)
        if axis != self._axis:
            self._axis = axis
            self._repaint_all()

    # -- painting ------------------------------------------------------------------------------

    def _repaint_all(self) -> None:
        self._still = None
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._track is None:
            return
        ratio = self.devicePixelRatioF()
        if self._still is None or self._still.devicePixelRatio() != ratio:
            self._still = QPixmap(self.size() * ratio)
            self._still.setDevicePixelRatio(ratio)
            self._still.fill(colour(self._palette.ground))
            with QPainter(self._still) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                self._picture().paint(painter, self._track)
        with QPainter(self) as painter:
            painter.drawPixmap(0, 0, self._still)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_span(painter)
            for annotation in self._annotations:
                if 0 <= self._axis.x_of(annotation.t_ns) <= self._axis.width_px:
                    is_chosen = annotation.id == self._chosen
                    foot = self._flag_foot(annotation)
                    paint_flag(painter, foot, palette=self._palette, is_chosen=is_chosen)
            self._paint_playhead(painter)

    def _paint_span(self, painter: QPainter) -> None:
        if self._span_ns is None:
            return
        left, right = (
            LEFT_PX + min(max(self._axis.x_of(t), 0.0), self._axis.width_px) for t in self._span_ns
        )
        box = self._picture().trace_box
        painter.fillRect(
            QRectF(left, box.top(), right - left, box.height()), colour(self._palette.accent, 0.14)
        )
        painter.setPen(QPen(colour(self._palette.accent), 1.5))
        for x in (left, right):
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
        first, last = (time_words((t - self._axis.start_ns) / NS_PER_S) for t in self._span_ns)
        place = QRectF(min(left + 4, box.right() - 110), box.top() + 2, 110, 16)
        painter.setFont(font(SECTION_PX, weight=600))
        painter.setPen(colour(self._palette.accent_text))
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, f"Clip {first}–{last}")

    def _paint_playhead(self, painter: QPainter) -> None:
        x = LEFT_PX + self._axis.x_of(self._at_ns)
        ink = colour(self._palette.text)
        painter.setPen(QPen(ink, 1.4))
        painter.drawLine(QPointF(x, 6), QPointF(x, self.height() - TICKS_PX))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawEllipse(QPointF(x, 6), 4.5, 4.5)
