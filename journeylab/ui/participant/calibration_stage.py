"""The dot the participant follows while her gaze is calibrated."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt, QVariantAnimation
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from journeylab.clock import Clock
from journeylab.theme import LIGHT
from journeylab.ui.participant.stage import Stage

_DOT_RADIUS_PX: Final = 7.0
_RING_FROM_PX, _RING_TO_PX = 44.0, 14.0
_RING_MS: Final = 700


class CalibrationStage(Stage):
    """One dot at a time; a ring closes around it to draw the eye, then all is still."""

    def __init__(self, *, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(clock=clock, parent=parent)
        self._point = QPointF()
        self._ring_px = _RING_TO_PX
        self._ring = QVariantAnimation(self)
        self._ring.setStartValue(_RING_FROM_PX)
        self._ring.setEndValue(_RING_TO_PX)
        self._ring.setDuration(_RING_MS)
        self._ring.valueChanged.connect(self._shrink)

    @property
    def point(self) -> QPointF:
        """Where the dot is, logical px of this widget."""
        return self._point

    def show_point(self, x_px: float, y_px: float) -> None:
        """Show the dot at a place of the screen, in its device pixels."""
        ratio = self.devicePixelRatioF()
        self._point = QPointF(x_px / ratio, y_px / ratio)
        self._ring.stop()
        self._ring.start()
        self.update()

    def leave(self) -> None:
        self._ring.stop()
        super().leave()

    def _shrink(self, radius_px: float) -> None:
        self._ring_px = radius_px
        reach_px = _RING_FROM_PX + 4
        self.update(
            QRectF(
                self._point.x() - reach_px, self._point.y() - reach_px, 2 * reach_px, 2 * reach_px
            ).toAlignedRect()
        )

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._paint_ground(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(LIGHT.quiet_text), 2.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(self._point, self._ring_px, self._ring_px)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(LIGHT.text))
        painter.drawEllipse(self._point, _DOT_RADIUS_PX, _DOT_RADIUS_PX)
        painter.setBrush(QColor(LIGHT.ground))
        painter.drawEllipse(self._point, 2.0, 2.0)
        painter.end()
