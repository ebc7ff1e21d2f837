"""What the camera sees, with the mesh drawn on it so lightly that the face stays the picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from journeylab.opencv import cv2
from journeylab.theme import DARK, Palette
from journeylab.ui.widgets.face_contours import CONTOURS
from journeylab.ui.widgets.picture_frame import paint_words
from journeylab.ui.widgets.style import SMALL_PX, colour, font

_CAPTION_PX = 26
_RADIUS_PX = 8


class CameraPreview(QWidget):
    """The latest frame, its mesh and a caption such as "30 fps · quality .94".

    The frame is reduced to the widget's size first and only then converted: a 1280x720 frame
    costs about a millisecond.
    """

    def __init__(
        self, *, waiting_text: str = "Waiting for the camera", palette: Palette = DARK
    ) -> None:
        super().__init__()
        self._palette = palette
        self._waiting_text = waiting_text
        self._pixels: NDArray[np.uint8] | None = None
        self._image: QImage | None = None
        self._aspect = 16 / 9
        self._mesh_xyz: NDArray[np.float32] | None = None
        self._caption = ""
        self._shown_index: int | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setSizePolicy(policy)
        self.setMinimumSize(200, 130)
        self.setAccessibleName("Camera preview")

    def sizeHint(self) -> QSize:
        return QSize(256, 170)

    @property
    def caption(self) -> str:
        return self._caption

    @property
    def has_frame(self) -> bool:
        return self._image is not None

    def show_frame(
        self,
        image: NDArray[np.uint8],
        *,
        index: int | None = None,
        mesh_xyz: NDArray[np.float32] | None = None,
    ) -> None:
        """Show a frame.

        Parameters
        ----------
        image
            BGR, shape (height, width, 3).
        index
            The frame's own number: the same frame is not converted twice.
        mesh_xyz
            Shape (478, 3), x and y as shares of the image's width and height; None without a
            face.
        """
        self._mesh_xyz = mesh_xyz
        if index is None or index != self._shown_index:
            self._shown_index = index
            self._convert(image)
        self.update()

    def show_caption(self, text: str) -> None:
        """Change the line under the picture."""
        if text != self._caption:
            self._caption = text
            self.update()

    def show_waiting(self, text: str) -> None:
        """Drop the picture and say what is being waited for."""
        self._waiting_text = text
        self._image = self._pixels = self._mesh_xyz = self._shown_index = None
        self.update()

    def _convert(self, image: NDArray[np.uint8]) -> None:
        height_px, width_px = image.shape[:2]
        self._aspect = width_px / height_px
        box = self._picture_box()
        ratio = self.devicePixelRatioF()
        target = (max(2, int(box.width() * ratio)), max(2, int(box.height() * ratio)))
        if target[0] < width_px:
            # Area averaging: the nearest pixel alone would make an edge crawl.
            image = cv2.resize(image, target, interpolation=cv2.INTER_AREA)
        pixels = np.ascontiguousarray(image)
        self._pixels = pixels  # QImage does not own its memory
        self._image = QImage(
            pixels.data,
            pixels.shape[1],
            pixels.shape[0],
            pixels.strides[0],
            QImage.Format.Format_BGR888,
        )

    def _picture_box(self) -> QRectF:
        """Where the whole picture fits, its aspect kept."""
        room = QRectF(self.rect()).adjusted(0, 0, 0, -_CAPTION_PX if self._caption else 0)
        width_px = min(room.width(), room.height() * self._aspect)
        height_px = width_px / self._aspect
        return QRectF(
            room.center().x() - width_px / 2,
            room.top() + (room.height() - height_px) / 2,
            width_px,
            height_px,
        )

    def paintEvent(self, _event: QPaintEvent) -> None:
        palette = self._palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._image is None:
            paint_words(
                painter,
                self.rect(),
                self._waiting_text,
                palette=palette,
                radius_px=_RADIUS_PX,
                margin_px=16,
            )
            return
        box = self._picture_box()
        clip = QPainterPath()
        clip.addRoundedRect(box, _RADIUS_PX, _RADIUS_PX)
        painter.save()
        painter.setClipPath(clip)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(box, self._image)
        if self._mesh_xyz is not None:
            self._draw_mesh(painter, box, self._mesh_xyz)
        painter.restore()
        if self._caption:
            painter.setPen(colour(palette.quiet_text))
            painter.setFont(font(SMALL_PX))
            line = QRectF(box.left(), box.bottom() + 4, self.width(), _CAPTION_PX - 4)
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
            painter.drawText(line, flags, self._caption)

    def _draw_mesh(self, painter: QPainter, box: QRectF, xyz: NDArray[np.float32]) -> None:
        points = xyz[:, :2] * (box.width(), box.height()) + (box.left(), box.top())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour(self._palette.joy, 0.75), 1.1))
        for contour in CONTOURS:
            line = QPolygonF([QPointF(x, y) for x, y in points[contour].tolist()])
            painter.drawPolyline(line)
