"""Video frames as images, fast enough for the GUI thread on a machine without a graphics card.

Qt's own conversion goes through OpenGL and back: 20 ms a frame at 1280x720 where OpenGL is
software. These take 1 to 5 ms there; formats they do not know are left to Qt.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage
from PySide6.QtMultimedia import QtVideo, QVideoFrame, QVideoFrameFormat

from journeylab.opencv import cv2

_Format = QVideoFrameFormat.PixelFormat
_Space = QVideoFrameFormat.ColorSpace
_KNOWN: Final = (_Format.Format_YUV420P, _Format.Format_NV12)

# Kr and Kb of the standards; what a file does not tell is taken as BT.601, as Qt does.
_BT601: Final = (0.299, 0.114)
_BT709: Final = (0.2126, 0.0722)


def image_of(frame: QVideoFrame) -> QImage:
    """The frame as an image of its own memory; a null image when it cannot be had."""
    is_plain = frame.rotation() is QtVideo.Rotation.None_ and not frame.mirrored()
    is_even = frame.width() % 2 == 0 and frame.height() % 2 == 0
    if frame.pixelFormat() not in _KNOWN or not is_plain or not is_even:
        return frame.toImage()
    space = frame.surfaceFormat().colorSpace()
    if space not in (_Space.ColorSpace_Undefined, _Space.ColorSpace_BT601, _Space.ColorSpace_BT709):
        return frame.toImage()
    if not frame.map(QVideoFrame.MapMode.ReadOnly):
        return frame.toImage()
    try:
        bgra = _to_bgra(
            _planes(frame),
            is_bt709=space is _Space.ColorSpace_BT709,
            is_full=frame.surfaceFormat().colorRange()
            is QVideoFrameFormat.ColorRange.ColorRange_Full,
        )
    finally:
        frame.unmap()
    height_px, width_px = bgra.shape[:2]
    # The copy makes the image outlive the array.
    return QImage(
        bgra.data, width_px, height_px, bgra.strides[0], QImage.Format.Format_RGB32
    ).copy()


def _planes(frame: QVideoFrame) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    """Luma (h, w) and the two chroma planes (h/2, w/2), views on the mapped frame."""
    height_px, width_px = frame.height(), frame.width()

    def plane(index: int, rows: int, columns: int) -> NDArray[np.uint8]:
        stride = frame.bytesPerLine(index)
        data = np.frombuffer(frame.bits(index), np.uint8)[: rows * stride]
        return data.reshape(rows, stride)[:, :columns]

    luma = plane(0, height_px, width_px)
    if frame.pixelFormat() == _Format.Format_NV12:
        both = plane(1, height_px // 2, width_px)
        return luma, both[:, 0::2], both[:, 1::2]
    half = (height_px // 2, width_px // 2)
    return luma, plane(1, *half), plane(2, *half)


def _to_bgra(
    planes: tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]],
    *,
    is_bt709: bool,
    is_full: bool,
) -> NDArray[np.uint8]:
    luma, blue, red = planes
    height_px, width_px = luma.shape
    if not is_bt709 and not is_full:
        packed = np.empty((height_px * 3 // 2, width_px), np.uint8)
        packed[:height_px] = luma
        chroma = packed[height_px:].reshape(2, height_px // 2, width_px // 2)
        chroma[0], chroma[1] = blue, red
        return np.asarray(cv2.cvtColor(packed, cv2.COLOR_YUV2BGRA_I420))
    size = (width_px, height_px)
    merged = cv2.merge(
        [
            np.ascontiguousarray(luma),
            cv2.resize(np.ascontiguousarray(blue), size, interpolation=cv2.INTER_LINEAR),
            cv2.resize(np.ascontiguousarray(red), size, interpolation=cv2.INTER_LINEAR),
        ]
    )
    return np.asarray(
        cv2.transform(merged, yuv_to_bgra(_BT709 if is_bt709 else _BT601, is_full=is_full))
    )


def yuv_to_bgra(standard: tuple[float, float], *, is_full: bool) -> NDArray[np.float64]:
    """Matrix (4, 4) from 8-bit Y, Cb, Cr and 1 to B, G, R, A (ITU-R BT.601-7, BT.709-6)."""
    k_red, k_blue = standard
    k_green = 1.0 - k_red - k_blue
    luma, chroma, black = (1.0, 1.0, 0.0) if is_full else (255 / 219, 255 / 224, 16.0)
    from_blue = np.array([2 * (1 - k_blue), -2 * k_blue * (1 - k_blue) / k_green, 0.0])
    from_red = np.array([0.0, -2 * k_red * (1 - k_red) / k_green, 2 * (1 - k_red)])
    matrix = np.zeros((4, 4))
    matrix[:3, 0] = luma
    matrix[:3, 1] = chroma * from_blue
    matrix[:3, 2] = chroma * from_red
    matrix[:3, 3] = -luma * black - 128 * chroma * (from_blue + from_red)
    matrix[3, 3] = 255.0
    return matrix
