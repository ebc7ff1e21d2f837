"""The camera's video as MP4, without encoding it again.

The packets hold their parameter sets before every keyframe and keep them in the MP4, so that
decoding can begin at any of them. A file is decoded in full before it is kept: a look at its
header is fooled by packets that are not whole.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import av
from av.error import FFmpegError

from journeylab.bundle.reader import Bundle
from journeylab.bundle.video import FrameDecoder
from journeylab.bundle.video_track import StoredPacket
from journeylab.clock import NS_PER_S
from journeylab.errors import StorageError, VideoError

Progress = Callable[[float], None]

_TIME_BASE: Final = Fraction(1, 90_000)
_WRITING_SHARE: Final = 0.3  # decoding is the rest


@dataclass(frozen=True, slots=True)
class WrittenVideo:
    """A file, its frames, and how many packets were damaged and left out."""

    path: Path
    frames: int
    left_out: int


def write_mp4(
    bundle: Bundle, path: Path, *, progress: Progress | None = None
) -> tuple[WrittenVideo, ...]:
    """Write the camera's video; one file per frame size, ``x.mp4``, ``x-2.mp4`` and so on.

    The first frame of a file is at 0. Nothing is written for a session without video.

    Raises
    ------
    VideoError
        When what was written does not decode.
    StorageError
        When it cannot be written.
    BundleError
        When the bundle is damaged.
    """
    told = progress or (lambda _share: None)
    total = len(bundle.frame_times_ns()) or 1
    written: list[WrittenVideo] = []
    done = 0
    for _, group in groupby(_decodable(bundle.packets()), key=lambda packet: packet.size_px):
        number = len(written) + 1
        target = path if number == 1 else path.with_stem(f"{path.stem}-{number}")
        video = _write_one(target, group, lambda n, done=done: told((done + n) / total))  # type: ignore[misc]
        done += video.frames + video.left_out
        written.append(video)
    return tuple(written)


def _decodable(packets: Iterator[StoredPacket]) -> Iterator[StoredPacket]:
    """Packets with their keyframe; what follows a damaged one is emptied up to the next key."""
    is_key_awaited = True
    for packet in packets:
        is_key_awaited = not packet.data or (is_key_awaited and not packet.is_key)
        yield packet.without_data() if is_key_awaited else packet


def _write_one(
    path: Path, packets: Iterator[StoredPacket], told: Callable[[float], None]
) -> WrittenVideo:
    partial = path.with_suffix(".mp4.partial")
    try:
        try:
            written, left_out = _mux(partial, packets, told)
            decoded = _decoded_frames(partial) if written else 0
        except FFmpegError as error:
            raise VideoError(f"{path} cannot be made ({error}).") from error
        except OSError as error:
            raise StorageError(
                f"{path} cannot be written ({error.strerror or error}).",
                remedy="Free some space, or choose another folder.",
            ) from error
        if decoded != written:
            raise VideoError(f"{path}: only {decoded} of {written} frames decode.")
        if written:
            partial.replace(path)
        told(written + left_out)
        return WrittenVideo(path, written, left_out)
    finally:
        partial.unlink(missing_ok=True)


def _mux(
    path: Path, packets: Iterator[StoredPacket], told: Callable[[float], None]
) -> tuple[int, int]:
    """Number of packets written and left out."""
    written = left_out = 0
    output: Any = None
    stream: Any = None
    start_ns, last_pts = 0, -1
    try:
        for packet in packets:
            if not packet.data:
                left_out += 1
                continue
            if output is None:
                output = av.open(str(path), "w", format="mp4")
                stream = _stream_like(output, packet)
                start_ns = packet.t_ns
            pts = round((packet.t_ns - start_ns) * _TIME_BASE.denominator / NS_PER_S)
            last_pts = max(pts, last_pts + 1)
            output.mux(_unit(packet, stream, last_pts))
            written += 1
            told(_WRITING_SHARE * (written + left_out))
    finally:
        if output is not None:
            output.close()
    return written, left_out


def _stream_like(output: Any, key: StoredPacket) -> Any:
    """A stream with the parameters that FFmpeg finds in a keyframe."""
    # Our decoder refuses a forged size, which FFmpeg's probing would make room for.
    first = FrameDecoder().decode(key.data, number=0, size_px=key.size_px, is_key=True)
    if next(first, None) is None:
        raise VideoError("The first frame of the video cannot be decoded.")
    with av.open(io.BytesIO(key.data), "r", format="h264") as source:
        stream = output.add_stream_from_template(source.streams.video[0])
    stream.time_base = _TIME_BASE
    return stream


def _unit(packet: StoredPacket, stream: Any, pts: int) -> Any:
    unit = av.Packet(packet.data)
    unit.stream = stream
    unit.time_base = _TIME_BASE
    unit.pts = unit.dts = pts
    unit.is_keyframe = packet.is_key
    return unit


def _decoded_frames(path: Path) -> int:
    with av.open(str(path)) as source:
        return sum(1 for _ in source.decode(source.streams.video[0]))
