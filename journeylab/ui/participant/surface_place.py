"""Where a device frame lies on the participant's screen, and how it is drawn."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from journeylab.study.device_frame import WHOLE_SCREEN, DeviceFrame, Surface, surface_of
from journeylab.theme import LIGHT
from journeylab.ui.participant.picture_loading import fitted, room_of

_MARGIN_PX: Final = 20


def framed(size_px: tuple[int, int], width_px: int, height_px: int) -> tuple[QRect, float]:
    """Where a frame of ``size_px`` CSS px lies on a screen of this width and height, and its zoom.

    A page always finds all of its CSS px; on a small screen they are drawn smaller.
    """
    room = (width_px - 2 * _MARGIN_PX, height_px - 2 * _MARGIN_PX)
    zoom = min(1.0, room[0] / size_px[0], room[1] / size_px[1])
    zoom = max(zoom, 0.25)  # the engine draws nothing smaller
    # Rounded up: a page counts whole CSS px, and must find all of them.
    width, height = (math.ceil(side * zoom) for side in size_px)
    return QRect((width_px - width) // 2, (height_px - height) // 2, width, height), zoom


def paint_frame(painter: QPainter, inside: QRect) -> None:
    """The edge of a device around what is shown inside."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(LIGHT.neutral), 1.0))
    painter.setBrush(QColor(LIGHT.ground))
    painter.drawRoundedRect(inside.adjusted(-7, -7, 7, 7), 12, 12)
    painter.restore()


class PicturePlace:
    """Where the pictures of a step lie in a stage: edge to edge, or in a device frame.

    ``device`` is the participant's, as the segment of that name says.
    """

    def __init__(self, widget: QWidget, *, device: str | None) -> None:
        self._widget = widget
        self._device = device
        self._surface = WHOLE_SCREEN

    def begin(self, frame: DeviceFrame) -> None:
        """The step that comes is shown in this frame."""
        self._surface = surface_of(frame, self._device)

    def room(self, frame: DeviceFrame | None = None) -> QSize:
        """Device px there are for a picture: of the running step, or of one with this frame."""
        surface = self._surface if frame is None else surface_of(frame, self._device)
        window = self._widget.window().size()
        inside = _inside(surface, window)
        if inside is None:
            return room_of(self._widget)
        ratio = self._widget.devicePixelRatioF()
        return QSize(round(inside.width() * ratio), round(inside.height() * ratio))

    def of(self, size: QSize) -> QRectF:
        """Where a picture of that size, device px, lies in the widget; in logical px."""
        inside = _inside(self._surface, self._widget.size())
        if inside is None:
            return fitted(size, self._widget)
        ratio = self._widget.devicePixelRatioF()
        room = QSize(round(inside.width() * ratio), round(inside.height() * ratio))
        fit = size.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
        left = round(inside.x() * ratio) + (room.width() - fit.width()) // 2
        top = round(inside.y() * ratio) + (room.height() - fit.height()) // 2
        return QRectF(left / ratio, top / ratio, fit.width() / ratio, fit.height() / ratio)

    def paint(self, painter: QPainter) -> None:
        """Draw the frame, where there is one."""
        inside = _inside(self._surface, self._widget.size())
        if inside is not None:
            painter.fillRect(self._widget.rect(), QColor(LIGHT.raised))
            paint_frame(painter, inside)


def _inside(surface: Surface, size: QSize) -> QRect | None:
    if surface.size_px is None:
        return None
    return framed(surface.size_px, size.width(), size.height())[0]
