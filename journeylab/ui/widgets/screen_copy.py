"""A small copy of the participant's screen, with the point of gaze and the cursor on it."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from journeylab.theme import DARK, Palette
from journeylab.ui.widgets.picture_frame import paint_words
from journeylab.ui.widgets.style import colour

_RADIUS_PX = 6


class ScreenCopy(QWidget):
    """Shows the last picture of the participant's screen; scaled once, not once a paint."""

    def __init__(self, *, palette: Palette = DARK) -> None:
        super().__init__()
        self._palette = palette
        self._source: QImage | None = None
        self._scaled: QPixmap | None = None
        self._screen_px = (1920, 1080)
        self._gaze: QPointF | None = None
        self._cursor: QPointF | None = None
        self._text = "The participant's screen appears here with the first step."
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(280, 150)
        self.setAccessibleName("Copy of the participant's screen")
        # It lies on a card. What paints all of itself spares the card's painting beneath.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def sizeHint(self) -> QSize:
        return QSize(640, 360)

    @property
    def has_picture(self) -> bool:
        return self._source is not None

    def show_picture(self, image: QImage, *, screen_px: tuple[int, int] | None = None) -> None:
        """Show a picture of a screen of ``screen_px`` (the picture's own size when left out)."""
        self._source = image
        self._screen_px = screen_px or (image.width(), image.height())
        self._scaled = None
        self.update()

    @property
    def text(self) -> str:
        """What it says in place of a picture."""
        return self._text

    def show_text(self, text: str) -> None:
        """Show a sentence instead, such as that this step is camera only."""
        self._source = self._scaled = None
        self._text = text
        self.update()

    def show_gaze(self, x_px: float, y_px: float) -> None:
        """Place the point of gaze, in pixels of the participant's screen; NaN hides it."""
        gaze = self._share(x_px, y_px)
        self._touch(self._gaze, gaze)
        self._gaze = gaze

    def show_cursor(self, x_px: float, y_px: float) -> None:
        """Place the mouse cursor, in pixels of the participant's screen; NaN hides it."""
        cursor = self._share(x_px, y_px)
        self._touch(self._cursor, cursor)
        self._cursor = cursor

    def _share(self, x_px: float, y_px: float) -> QPointF | None:
        width_px, height_px = self._screen_px
        if not (math.isfinite(x_px) and math.isfinite(y_px)):
            return None
        if not (0 <= x_px <= width_px and 0 <= y_px <= height_px):
            return None
        return QPointF(x_px / width_px, y_px / height_px)

    def _touch(self, before: QPointF | None, after: QPointF | None) -> None:
        """Repaint only where a mark was and where it is now."""
        if before != after and self._source is not None:
            for place in (before, after):
                if place is not None:
                    self.update(self._spot_box(place).toAlignedRect())

    def _picture_box(self) -> QRectF:
        width_px, height_px = self._screen_px
        scale = min(self.width() / max(1, width_px), self.height() / max(1, height_px))
        size = (width_px * scale, height_px * scale)
        return QRectF((self.width() - size[0]) / 2, (self.height() - size[1]) / 2, *size)

    def _spot_box(self, place: QPointF) -> QRectF:
        box = self._picture_box()
        centre = box.topLeft() + QPointF(place.x() * box.width(), place.y() * box.height())
        return QRectF(centre.x() - 28, centre.y() - 28, 56, 56)

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = self._palette
        painter = QPainter(self)
        painter.fillRect(event.rect(), colour(palette.surface))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._source is None:
            paint_words(
                painter,
                self.rect(),
                self._text,
                palette=palette,
                radius_px=_RADIUS_PX,
                margin_px=24,
            )
            return
        box = self._picture_box()
        clip = QPainterPath()
        clip.addRoundedRect(box, _RADIUS_PX, _RADIUS_PX)
        painter.setClipPath(clip)
        painter.drawPixmap(box.topLeft(), self._picture(self._source, box))
        if self._gaze is not None:
            spot = self._spot_box(self._gaze)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour(palette.accent, 0.25))
            painter.drawEllipse(spot.center(), 26, 26)
            painter.setBrush(colour(palette.accent))
            painter.drawEllipse(spot.center(), 6, 6)
        if self._cursor is not None:
            self._draw_cursor(painter, self._spot_box(self._cursor).center())

    def _draw_cursor(self, painter: QPainter, tip: QPointF) -> None:
        corners = ((0, 0), (0, 17), (4, 13.2), (6.8, 19.4), (9.4, 18.2), (6.7, 12.4), (12, 12))
        painter.setPen(QPen(colour(self._palette.on_accent), 1.2))
        painter.setBrush(colour(self._palette.ground))
        painter.drawPolygon(QPolygonF([tip + QPointF(x, y) for x, y in corners]))

    def _picture(self, source: QImage, box: QRectF) -> QPixmap:
        ratio = self.devicePixelRatioF()
        wanted = (box.size() * ratio).toSize()
        if self._scaled is None or self._scaled.size() != wanted:
            scaled = source.scaled(
                wanted,
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            self._scaled = QPixmap.fromImage(scaled)
            self._scaled.setDevicePixelRatio(ratio)
        return self._scaled
