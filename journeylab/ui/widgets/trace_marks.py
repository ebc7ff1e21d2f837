"""The lines of steps and markers behind the live trace, and their names in lanes beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QStaticText
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from journeylab.theme import Palette
from journeylab.ui.widgets.style import colour, font
from journeylab.ui.widgets.trace_labels import LaneMark, LanePlace, place_in_lanes

LABEL_PX: Final = 11
LANE_PX: Final = 17
STEP_LANES: Final = 1
"""Lanes above the trace."""
MARKER_LANES: Final = 2
"""Lanes below the trace."""
_LEAST_WORDS_PX: Final = 40.0
_MARGIN_PX: Final = 1.0
_STEP_ALPHA, _MARKER_ALPHA = 0.45, 0.9


@dataclass(frozen=True, slots=True)
class PlacedName:
    """A name as it is drawn."""

    box: QRectF
    words: str
    token: str


class TraceMarks(QGraphicsItem):
    """Paints all marks as one item, in pixels of the plot, and only when they change.

    An item of the plot for each line and each name costs milliseconds every time one is added;
    a session has dozens.
    """

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self._palette = palette
        self._area = QRectF()
        self._lines: dict[tuple[str, float], list[QLineF]] = {}
        self.names: list[PlacedName] = []
        self._font = font(LABEL_PX)
        self._metrics = QFontMetricsF(self._font)
        # The same few names come again and again: each is measured and laid out once.
        self._widths_px: dict[str, float] = {}
        self._texts: dict[str, QStaticText] = {}
        self.setZValue(-1)  # behind the trace
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    def show_marks(
        self,
        steps: Sequence[tuple[float, str]],
        markers: Sequence[tuple[float, str]],
        *,
        area: QRectF,
    ) -> None:
        """Show marks at these x, px from the left of ``area``, which trace and lanes fill."""
        if area != self._area:
            self.prepareGeometryChange()
            self._area = area
        self._lines.clear()
        self.names.clear()
        self._add(steps, "quiet_text", alpha=_STEP_ALPHA, is_above=True)
        self._add(markers, "warning", alpha=_MARKER_ALPHA, is_above=False)
        self.update()

    def _add(
        self, marks: Sequence[tuple[float, str]], token: str, *, alpha: float, is_above: bool
    ) -> None:
        area = self._area
        # A line ends where the other kind's names begin.
        top = area.top() + (0 if is_above else STEP_LANES * LANE_PX)
        bottom = area.bottom() - (MARKER_LANES * LANE_PX if is_above else 0)
        wanted = []
        last_x = -1.0
        for x_px, name in marks:
            x = round(area.left() + x_px) + 0.5
            if x != last_x:  # a long session has more marks than the plot has columns
                last_x = x
                self._lines.setdefault((token, alpha), []).append(QLineF(x, top, x, bottom))
            key = "" if is_above else key_of(name)
            short_px = self._words_px(key) if key else 0.0
            wanted.append(LaneMark(x_px, self._words_px(name), _LEAST_WORDS_PX, short_px))
        lanes = STEP_LANES if is_above else MARKER_LANES
        places = place_in_lanes(wanted, n_lanes=lanes, right_px=area.width())
        for (_, name), place in zip(marks, places, strict=True):
            if place is not None:
                self.names.append(self._placed(name, place, token=token, is_above=is_above))

    def _placed(self, name: str, place: LanePlace, *, token: str, is_above: bool) -> PlacedName:
        area = self._area
        words = key_of(name) if place.is_short else name
        if self._words_px(words) > place.width_px:
            room_px = place.width_px - 2 * _MARGIN_PX
            words = self._metrics.elidedText(words, Qt.TextElideMode.ElideRight, room_px)
        first_top = area.top() if is_above else area.bottom() - MARKER_LANES * LANE_PX
        box = QRectF(
            area.left() + place.left_px,
            first_top + place.lane * LANE_PX,
            place.width_px,
            LANE_PX - 1.0,
        )
        return PlacedName(box, words, self._palette.ink(token))

    def _words_px(self, words: str) -> float:
        width_px = self._widths_px.get(words)
        if width_px is None:
            width_px = self._metrics.horizontalAdvance(words) + 2 * _MARGIN_PX
            self._widths_px[words] = width_px
        return width_px

    def _laid_out(self, words: str) -> QStaticText:
        text = self._texts.get(words)
        if text is None:
            text = QStaticText(words)
            text.setTextFormat(Qt.TextFormat.PlainText)
            text.prepare(font=self._font)
            self._texts[words] = text
        return text

    def boundingRect(self) -> QRectF:  # noqa: N802  Qt's name
        return self._area

    def paint(
        self,
        painter: QPainter,
        _option: QStyleOptionGraphicsItem,
        _widget: QWidget | None = None,
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # upright: it blurs them
        for (token, alpha), lines in self._lines.items():
            painter.setPen(QPen(colour(getattr(self._palette, token), alpha), 1))
            painter.drawLines(lines)
        painter.setFont(self._font)
        ground = colour(self._palette.surface)
        for name in self.names:
            painter.fillRect(name.box, ground)  # the lines of others end at its edges
            painter.setPen(colour(name.token))
            words = self._laid_out(name.words)
            down_px = (name.box.height() - words.size().height()) / 2
            painter.drawStaticText(name.box.topLeft() + QPointF(_MARGIN_PX, down_px), words)


def key_of(name: str) -> str:
    """The key a marker's name begins with: a single character before a space."""
    key, _, rest = name.partition(" ")
    return key if len(key) == 1 and rest else ""
