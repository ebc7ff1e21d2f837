"""Camera frames as H.264 packets and back."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final

import av
import numpy as np
from av.error import FFmpegError
from av.video.frame import PictureType
from numpy.typing import NDArray

from journeylab.errors import VideoError
from journeylab.opencv import cv2
from journeylab.streams import Frame

GOP_FRAMES: Final = 30
MAX_SIDE_PX: Final = 4096  # seventeen frames of that size, as H.264 may keep, fit into 430 MB
# The cheapest preset with the two tools that repay their cost, entropy coding and deblocking: half
# the time of "veryfast" at its crf 23, files of its size, and faces not to be told apart.
_PRESET: Final = "ultrafast"
_CRF: Final = "25"
# zerolatency has no B-frames and no look-ahead: each frame's packet is there at once, and in the
# journal within the tick. One thread: the same frames always give the same bytes.
_X264: Final = (
    f"keyint={GOP_FRAMES}:min-keyint={GOP_FRAMES}:scenecut=0:bframes=0:repeat-headers=1:threads=1"
    ":cabac=1:deblock=0,0"
)
_TV_RANGE: Final = 1
_BT601: Final = 6  # what OpenCV's conversions use

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Packet:
    """One access unit and the frame it came from; ``size_px`` is width and height."""

    t_ns: int
    arrived_ns: int | None
    frame: int
    size_px: tuple[int, int]
    is_key: bool = False
    data: bytes = b""


class FrameEncoder:
    """Encodes frames one by one; called from one thread.

    A change of size begins a new sequence, which the decoder follows. Odd sizes gain a row or
    column of pixels that the decoder cuts off again.
    """

    def __init__(self) -> None:
        self.cpu_s = 0.0
        self._context: Any = None
        self._size_px: tuple[int, int] | None = None
        self._count = 0
        self._is_key_wanted = False
        self._waiting: dict[int, Packet] = {}

    def want_key(self) -> None:
        """Make the next frame a keyframe, since a packet before it was lost."""
        self._is_key_wanted = True

    def encode(self, frame: Frame) -> list[Packet]:
        """Packets that became ready; with this encoder, one for every frame.

        Raises
        ------
        ValueError
            When the image is not (height, width, 3) uint8, or too large.
        VideoError
            When the encoder fails.
        """
        size_px = _check_image(frame.image)
        began_s = time.thread_time()
        packets: list[Packet] = []
        try:
            if self._size_px != size_px:
                packets += self.flush()
                self._context = _open_encoder(*(side + side % 2 for side in size_px))
                self._size_px = size_px
            picture = av.VideoFrame.from_ndarray(_to_yuv(frame.image), format="yuv420p")
            picture.pts = self._count
            if self._is_key_wanted:
                picture.pict_type = PictureType.I
                self._is_key_wanted = False
            self._waiting[self._count] = Packet(frame.t_ns, frame.arrived_ns, frame.index, size_px)
            self._count += 1
            packets += self._ready(self._context.encode(picture))
        except FFmpegError as error:
            raise VideoError(f"The camera's video cannot be encoded ({error}).") from error
        self.cpu_s += time.thread_time() - began_s
        return packets

    def flush(self) -> list[Packet]:
        """What was still held back; the next frame begins a new sequence."""
        packets = [] if self._context is None else self._ready(self._context.encode(None))
        self._context = self._size_px = None
        return packets

    def _ready(self, units: list[Any]) -> list[Packet]:
        return [
            replace(self._waiting.pop(unit.pts), is_key=bool(unit.is_keyframe), data=bytes(unit))
            for unit in units
        ]


class FrameDecoder:
    """Decodes packets in their order, beginning with a keyframe; called from one thread.

    After a packet that is damaged there are no frames up to the next keyframe: what H.264 makes
    of them would look like a picture, and be none.
    """

    def __init__(self) -> None:
        self._context: Any = av.CodecContext.create("h264", "r")
        self._context.thread_count = 1
        # A forged packet may claim any size, and the decoder would make room for it.
        self._context.options = {"max_pixels": str(MAX_SIDE_PX**2)}
        self._is_key_awaited = True

    def decode(
        self, packet: bytes, *, number: int, size_px: tuple[int, int], is_key: bool
    ) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        """Frames that became ready, each with the number of its packet: (height, width, 3) BGR.

        ``packet`` is empty when it is damaged; ``size_px`` is the frame's width and height before
        the encoder made them even.
        """
        for frame in self.pictures(packet, number=number, is_key=is_key):
            yield frame.pts, bgr_of(frame, size_px)

    def pictures(self, packet: bytes, *, number: int, is_key: bool) -> Iterator[Any]:
        """The same as FFmpeg's frames, for :func:`bgr_of`: on the way to a frame from its keyframe
        the colours of those before it are not wanted, and cost as much as decoding."""
        if not packet or (self._is_key_awaited and not is_key):
            self._is_key_awaited = True
            return
        unit = av.Packet(packet)
        unit.pts = unit.dts = number
        try:
            frames = self._context.decode(unit)
        except FFmpegError as error:
            _log.warning("frame %d cannot be decoded: %s", number, error)
            self._is_key_awaited = True
            return
        self._is_key_awaited = False
        yield from frames


def bgr_of(frame: Any, size_px: tuple[int, int]) -> NDArray[np.uint8]:
    """A decoded frame as (height, width, 3) BGR of ``size_px``, width and height.

    Raises
    ------
    VideoError
        When it is larger than any camera's.
    """
    width_px, height_px = size_px
    return np.ascontiguousarray(_to_bgr(frame)[:height_px, :width_px])


def _to_bgr(frame: Any) -> NDArray[np.uint8]:
    if frame.width > MAX_SIDE_PX or frame.height > MAX_SIDE_PX:
        raise VideoError(f"A frame of {frame.width}x{frame.height} px is too large.")
    yuv = frame.to_ndarray(format="yuv420p")
    return np.asarray(cv2.cvtColor(yuv, cv2.COLOR_YUV2BGR_I420), dtype=np.uint8)


def _check_image(image: NDArray[np.uint8]) -> tuple[int, int]:
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or not image.size:
        raise ValueError(
            f"a frame is (height, width, 3) uint8, not {image.shape} {image.dtype.name}"
        )
    height_px, width_px = image.shape[:2]
    if max(height_px, width_px) > MAX_SIDE_PX:
        raise ValueError(
            f"a frame of {width_px}x{height_px} px is too large, {MAX_SIDE_PX} is most"
        )
    return width_px, height_px


def _to_yuv(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height_px, width_px = image.shape[:2]
    if height_px % 2 or width_px % 2:
        image = cv2.copyMakeBorder(image, 0, height_px % 2, 0, width_px % 2, cv2.BORDER_REPLICATE)
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420), dtype=np.uint8)


def _open_encoder(width_px: int, height_px: int) -> Any:
    context: Any = av.CodecContext.create("libx264", "w")
    context.width, context.height = width_px, height_px
    context.pix_fmt = "yuv420p"
    context.time_base = Fraction(1, 30)  # of the rate control only: times stand in the index
    context.framerate = Fraction(30)
    context.thread_count = 1
    context.color_range = _TV_RANGE
    context.colorspace = context.color_primaries = context.color_trc = _BT601
    context.options = {
        "preset": _PRESET,
        "tune": "zerolatency",
        "crf": _CRF,
        "forced-idr": "1",
        "x264-params": _X264,
    }
    return context
