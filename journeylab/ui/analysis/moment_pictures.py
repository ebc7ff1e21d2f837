"""Two pictures of a moment: the face, and the screen with the point of gaze on it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from journeylab.theme import LIGHT, Palette
from journeylab.ui.analysis.scene_painter import to_image
from journeylab.ui.widgets.style import font

_RADIUS_PX = 8.0


class MomentPicture(QWidget):
    """A picture in its own proportions, or the words why there is none."""

    def __init__(self, missing: str, *, aspect: float, palette: Palette = LIGHT) -> None:
        super().__init__()
        self._palette = palette
        self._missing = missing
        self._aspect = self._default_aspect = aspect
        self._image: QImage | None = None
        self._gaze: tuple[float, float] | None = None
        self._spread: tuple[float, float] | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(missing)

    @property
    def has_picture(self) -> bool:
        """Whether a picture is shown."""
        return self._image is not None

    def show_picture(
        self,
        bgr: NDArray[np.uint8] | None,
        *,
        gaze: tuple[float, float] | None = None,
        spread: tuple[float, float] | None = None,
    ) -> None:
        """Show a BGR picture, with the point of gaze and its spread as shares of its sides."""
        self._image = None if bgr is None else to_image(bgr[:, :, ::-1])
        self._gaze, self._spread = gaze, spread
        self._aspect = self._default_aspect if bgr is None else bgr.shape[1] / bgr.shape[0]
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return round(width / max(self._aspect, 0.9))

    def sizeHint(self) -> QSize:
        return QSize(288, self.heightForWidth(288))

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.setPen(QPen(QColor(self._palette.line), 1))
            painter.setBrush(QColor(self._palette.raised))
            painter.drawRoundedRect(box, _RADIUS_PX, _RADIUS_PX)
            if self._image is None:
                painter.setPen(QColor(self._palette.quiet_text))
                painter.setFont(font(12))
                flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
                painter.drawText(box.adjusted(12, 0, -12, 0), flags, self._missing)
                return
            self._paint_picture(painter, box)

    def _paint_picture(self, painter: QPainter, box: QRectF) -> None:
        assert self._image is not None
        width = min(box.width(), box.height() * self._aspect)
        height = width / self._aspect
        place = QRectF(box.center().x() - width / 2, box.center().y() - height / 2, width, height)
        path = QPainterPath()
        path.addRoundedRect(box, _RADIUS_PX, _RADIUS_PX)
        painter.setClipPath(path)
        ratio = self.devicePixelRatioF()
        scaled = self._image.scaled(
            max(1, round(width * ratio)),
            max(1, round(height * ratio)),
            Qt.AspectRatioMode.IgnoreAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        painter.drawImage(place, scaled)
        if self._gaze is not None:
            self._paint_gaze(painter, place)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(self._palette.line), 1))
        painter.drawRoundedRect(box, _RADIUS_PX, _RADIUS_PX)

    def _paint_gaze(self, painter: QPainter, place: QRectF) -> None:
        assert self._gaze is not None
        centre = QPointF(
            place.left() + self._gaze[0] * place.width(),
            place.top() + self._gaze[1] * place.height(),
        )
        accent = QColor(self._palette.accent)
        painter.setPen(Qt.PenStyle.NoPen)
        if self._spread is not None:
            halo = QColor(accent)
            halo.setAlphaF(0.24)
            painter.setBrush(halo)
            painter.drawEllipse(
                centre,
                max(self._spread[0] * place.width(), 6.0),
                max(self._spread[1] * place.height(), 6.0),
            )
        painter.setBrush(accent)
        painter.setPen(QPen(QColor(self._palette.on_accent), 1.5))
        painter.drawEllipse(centre, 5.0, 5.0)
