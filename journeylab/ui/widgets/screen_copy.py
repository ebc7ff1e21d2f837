"""A small copy of the participant's screen, with the point of gaze on it."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from journeylab.theme import DARK, Palette
from journeylab.ui.widgets.style import BODY_PX, colour, font

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
        self._text = "The participant's screen appears here with the first step."
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(280, 150)
        self.setAccessibleName("Copy of the participant's screen")

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

    def show_text(self, text: str) -> None:
        """Show a sentence instead, such as that this step is camera only."""
        self._source = self._scaled = None
        self._text = text
        self.update()

    def show_gaze(self, x_px: float, y_px: float) -> None:
        """Place the point of gaze, in pixels of the participant's screen; NaN hides it."""
        width_px, height_px = self._screen_px
        gaze = None
        if math.isfinite(x_px) and 0 <= x_px <= width_px and 0 <= y_px <= height_px:
            gaze = QPointF(x_px / width_px, y_px / height_px)
        if gaze != self._gaze and self._source is not None:
            for place in (self._gaze, gaze):
                if place is not None:
                    self.update(self._gaze_box(place).toAlignedRect())
        self._gaze = gaze

    def _picture_box(self) -> QRectF:
        width_px, height_px = self._screen_px
        scale = min(self.width() / max(1, width_px), self.height() / max(1, height_px))
        size = (width_px * scale, height_px * scale)
        return QRectF((self.width() - size[0]) / 2, (self.height() - size[1]) / 2, *size)

    def _gaze_box(self, gaze: QPointF) -> QRectF:
        box = self._picture_box()
        centre = box.topLeft() + QPointF(gaze.x() * box.width(), gaze.y() * box.height())
        return QRectF(centre.x() - 28, centre.y() - 28, 56, 56)

    def paintEvent(self, _event: QPaintEvent) -> None:
        palette = self._palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._source is None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour(palette.ground))
            painter.drawRoundedRect(QRectF(self.rect()), _RADIUS_PX, _RADIUS_PX)
            painter.setPen(colour(palette.quiet_text))
            painter.setFont(font(BODY_PX))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(24, 0, -24, 0), flags, self._text)
            return
        box = self._picture_box()
        clip = QPainterPath()
        clip.addRoundedRect(box, _RADIUS_PX, _RADIUS_PX)
        painter.setClipPath(clip)
        painter.drawPixmap(box.topLeft(), self._picture(self._source, box))
        if self._gaze is not None:
            spot = self._gaze_box(self._gaze)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour(palette.accent, 0.25))
            painter.drawEllipse(spot.center(), 26, 26)
            painter.setBrush(colour(palette.accent))
            painter.drawEllipse(spot.center(), 6, 6)

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
