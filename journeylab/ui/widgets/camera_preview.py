"""What the camera sees, with the mesh drawn on it so lightly that the face stays the picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from journeylab.opencv import cv2
from journeylab.theme import DARK, Palette
from journeylab.ui.widgets.face_contours import CONTOURS
from journeylab.ui.widgets.picture_frame import paint_words
from journeylab.ui.widgets.style import SMALL_PX, colour, font

_CAPTION_PX = 26
_RADIUS_PX = 8
_MESH_WEIGHT = 0.75
_SUBPIXEL_BITS = 4


class CameraPreview(QWidget):
    """The latest frame, its mesh and a caption such as "30 fps · quality .94".

    The frame is reduced to the widget's size first, and the mesh drawn into its pixels: thirty
    times a second OpenCV does both for a tenth of what painting costs.
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
        joy = colour(palette.joy)
        self._mesh_bgr = (joy.blue(), joy.green(), joy.red())
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setSizePolicy(policy)
        self.setMinimumSize(200, 130)
        self.setAccessibleName("Camera preview")
        # It lies on a card. What paints all of itself spares the card's painting beneath.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

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
        if index is not None and index == self._shown_index and mesh_xyz is self._mesh_xyz:
            return
        self._shown_index, self._mesh_xyz = index, mesh_xyz
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
        pixels = _resized(image, target)
        if self._mesh_xyz is not None:
            pixels = self._with_mesh(pixels, self._mesh_xyz, width_px=max(1, round(ratio)))
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
        # On whole pixels, so that painting copies and does not scale once more.
        left = round(room.center().x() - width_px / 2)
        top = round(room.top() + (room.height() - height_px) / 2)
        return QRectF(left, top, int(width_px), int(height_px))

    def paintEvent(self, _event: QPaintEvent) -> None:
        palette = self._palette
        painter = QPainter(self)
        painter.fillRect(self.rect(), colour(palette.surface))
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
        painter.restore()
        if self._caption:
            painter.setPen(colour(palette.quiet_text))
            painter.setFont(font(SMALL_PX))
            line = QRectF(box.left(), box.bottom() + 4, self.width(), _CAPTION_PX - 4)
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
            painter.drawText(line, flags, self._caption)

    def _with_mesh(
        self, pixels: NDArray[np.uint8], xyz: NDArray[np.float32], *, width_px: int
    ) -> NDArray[np.uint8]:
        """The picture with the contours on it, lightly."""
        height, width = pixels.shape[:2]
        drawn = pixels.copy()
        points = xyz[:, :2] * (width, height) * (1 << _SUBPIXEL_BITS)
        lines = [np.rint(points[contour]).astype(np.int32) for contour in CONTOURS]
        cv2.polylines(
            drawn, lines, False, self._mesh_bgr, width_px, cv2.LINE_AA, shift=_SUBPIXEL_BITS
        )
        return np.asarray(cv2.addWeighted(drawn, _MESH_WEIGHT, pixels, 1.0 - _MESH_WEIGHT, 0.0))


def _resized(image: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """The picture at ``size`` (width, height), each of its pixels counted.

    It is halved by averaging as often as it may be: the nearest pixels alone would make an edge
    crawl, and averaging over areas of any size costs fifteen times as much.
    """
    height, width = image.shape[:2]
    while width >= 2 * size[0] and height >= 2 * size[1]:
        width, height = width // 2, height // 2
        even = image[: 2 * height, : 2 * width]
        image = np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_LINEAR))
