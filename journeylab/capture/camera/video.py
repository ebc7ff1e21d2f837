"""Reading a video file frame by frame, with a clear word when it cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from journeylab.clock import NS_PER_S
from journeylab.errors import VideoError

# Where a file does not say its rate (raw streams, some screen recordings).
_FALLBACK_RATE_HZ = 30.0
_CONVERT = "Convert it, for example with: ffmpeg -i FILE -c:v libx264 -pix_fmt yuv420p out.mp4"


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What a video file holds; sizes as shown, that is after its rotation was applied."""

    width_px: int
    height_px: int
    rate_hz: float


@dataclass(frozen=True, slots=True, eq=False)
class DecodedImage:
    """One image of a file, shape (height, width, 3), BGR; ``pts_ns`` counts from its first."""

    pts_ns: int
    image: NDArray[np.uint8]


class VideoReader:
    """Decodes the first video stream of a file.

    Damaged packets are skipped and counted; time stamps strictly increase, whatever the file
    says.

    Parameters
    ----------
    path
        Any file FFmpeg reads.

    Raises
    ------
    VideoError
        When the file is missing, unreadable, empty, or has no images in it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._container, self._stream = _open(path)
        self._rate = self._stream.average_rate or self._stream.guessed_rate
        self._damaged = 0
        try:
            self._images = self._decode()
            first = next(self._images, None)
        except VideoError:
            self.close()
            raise
        if first is None:
            self.close()
            raise VideoError(f"{path} holds no image that can be decoded.", remedy=_CONVERT)
        self._first: DecodedImage | None = first
        height_px, width_px = first.image.shape[:2]
        self._facts = VideoFacts(width_px, height_px, self._rate_hz)

    @property
    def facts(self) -> VideoFacts:
        """Size and rate."""
        return self._facts

    @property
    def frame_ns(self) -> int:
        """Nominal duration of a frame."""
        return round(NS_PER_S / self._rate_hz)

    @property
    def damaged(self) -> int:
        """Packets skipped so far because they could not be decoded."""
        return self._damaged

    def __iter__(self) -> Iterator[DecodedImage]:
        """The images in order of presentation, once."""
        if self._first is not None:
            first, self._first = self._first, None
            yield first
        yield from self._images

    def close(self) -> None:
        """Close the file; twice is harmless."""
        self._container.close()

    @property
    def _rate_hz(self) -> float:
        rate_hz = float(self._rate) if self._rate else 0.0
        return rate_hz if 0.1 <= rate_hz <= 1000 else _FALLBACK_RATE_HZ

    def _decode(self) -> Iterator[DecodedImage]:
        first_ns: int | None = None
        last_ns = -self.frame_ns
        for frame in self._frames():
            at_ns = _pts_ns(frame, self._stream.time_base)
            if at_ns is not None and first_ns is None:
                first_ns = at_ns
            if at_ns is None or first_ns is None or at_ns - first_ns <= last_ns:
                pts_ns = last_ns + self.frame_ns
            else:
                pts_ns = at_ns - first_ns
            last_ns = pts_ns
            yield DecodedImage(pts_ns, _upright(frame))

    def _frames(self) -> Iterator[VideoFrame]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except av.error.FFmpegError as error:
                raise VideoError(
                    f"{self._path} cannot be read to its end ({error.strerror}).", remedy=_CONVERT
                ) from error
            if packet is None:
                return
            try:
                frames = self._stream.decode(packet)
            except av.error.EOFError:
                return
            except av.error.FFmpegError:
                self._damaged += 1
                continue
            yield from frames


def _open(path: Path) -> tuple[InputContainer, VideoStream]:
    if not path.exists():
        raise VideoError(f"There is no video file {path}.", remedy="Check the name and folder.")
    if path.is_dir():
        raise VideoError(f"{path} is a folder, not a video file.", remedy="Name a file in it.")
    if path.stat().st_size == 0:
        raise VideoError(f"{path} is empty (0 bytes).", remedy="Copy or record it again.")
    try:
        container = av.open(str(path))
    except PermissionError as error:
        raise VideoError(
            f"{path} may not be read by this account.", remedy=f"Run: chmod u+r {path}"
        ) from error
    except (av.error.FFmpegError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise VideoError(f"{path} is not a readable video ({reason}).", remedy=_CONVERT) from error
    streams = [stream for stream in container.streams.video if not _is_cover(stream)]
    if not streams:
        container.close()
        raise VideoError(
            f"{path} has no video in it, only sound.", remedy="Choose a file with images."
        )
    stream = streams[0]
    stream.thread_type = "AUTO"  # slices and frames: 1080p and up decodes on all cores
    return container, stream


def _is_cover(stream: VideoStream) -> bool:
    """A music file's cover picture calls itself a video stream."""
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _pts_ns(frame: VideoFrame, time_base: Fraction | None) -> int | None:
    base = frame.time_base or time_base
    if frame.pts is None or base is None:
        return None
    return frame.pts * base.numerator * NS_PER_S // base.denominator


def _upright(frame: VideoFrame) -> NDArray[np.uint8]:
    """The image as BGR, turned as a phone's display matrix asks."""
    image = frame.to_ndarray(format="bgr24").astype(np.uint8, copy=False)
    quarter_turns = round(getattr(frame, "rotation", 0) / 90) % 4
    return np.ascontiguousarray(np.rot90(image, quarter_turns)) if quarter_turns else image
