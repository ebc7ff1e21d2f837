"""Cameras: a video file played at its own pace, and a real device."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from journeylab.capture.camera.device import DeviceCamera
from journeylab.capture.camera.video import DecodedImage, VideoReader
from journeylab.capture.source import Gap
from journeylab.capture.threaded import ThreadedSource
from journeylab.clock import NS_PER_MS, Clock
from journeylab.errors import VideoError
from journeylab.logs import logger
from journeylab.streams import Frame

__all__ = ["DeviceCamera", "VideoFileCamera", "read_frames"]

# Decoded images held ready: a third of a second at 30 Hz bridges the slowest key frame and a
# busy machine, and costs 28 MB at 1280x720.
_AHEAD: Final = 10
# A frame this late is no longer what a camera would show now; it is dropped and counted.
_TOO_LATE_NS: Final = 500 * NS_PER_MS
_POLL_S: Final = 0.05

_log = logger(__name__)


def read_frames(path: Path) -> Iterator[Frame]:
    """Frames of a video file as fast as the machine decodes; ``t_ns`` counts from the first.

    Raises
    ------
    VideoError
        At the first step, when the file cannot be read or has no images; later, when it breaks
        off in a way that cannot be skipped.
    """
    reader = VideoReader(path)
    try:
        for index, decoded in enumerate(reader):
            yield Frame(decoded.pts_ns, index, decoded.image)
    finally:
        reader.close()


class VideoFileCamera(ThreadedSource):
    """A video file as a camera: its frames at their times, from the moment it is started.

    One thread decodes ahead into a small buffer, another hands out each frame at its absolute
    deadline, so neither a slow key frame nor the time ``emit`` takes ever adds up to a drift.
    ``t_ns`` of a frame is the start plus its time in the file. Played in real time, a file that
    goes away (a drive pulled, a share lost) faults the status and is opened again when it is
    back: where it would be by now, or anew from its beginning when it loops.

    Parameters
    ----------
    path
        The file.
    real_time
        False hands frames out as fast as they decode; their time stamps stay those of the file.
    loop
        Begin again at the end; time stamps go on, one frame after the last.

    Raises
    ------
    VideoError
        When the file cannot be read, is empty or has no images in it.
    """

    def __init__(
        self, path: Path, *, clock: Clock, real_time: bool = True, loop: bool = False
    ) -> None:
        super().__init__("camera", label=f"video file {path.name}", clock=clock)
        self._path = path
        self._real_time = real_time
        self._loop = loop
        self._reader = VideoReader(path)
        self._facts = self._reader.facts
        self._late = 0
        self._start_ns = 0
        self._is_back = False
        self._is_used = False
        # None marks the end; an exception what ended it early.
        self._ready: queue.Queue[DecodedImage | Exception | None] = queue.Queue(_AHEAD)

    @property
    def width_px(self) -> int:
        """Width of every frame."""
        return self._facts.width_px

    @property
    def height_px(self) -> int:
        """Height of every frame."""
        return self._facts.height_px

    @property
    def rate_hz(self) -> float:
        """Nominal rate of the file."""
        return self._facts.rate_hz

    @property
    def late(self) -> int:
        """Frames handed out more than one frame's duration after their time, so far."""
        return self._late

    def _run(self) -> None:
        self._start_ns = self._clock.now_ns()
        decoder = threading.Thread(target=self._decode, name="camera decoder", daemon=True)
        decoder.start()
        try:
            self._hand_out()
        finally:
            self._stopping.set()  # also frees a decoder that waits for room
            decoder.join()

    def _hand_out(self) -> None:
        start_ns = last_ns = self._start_ns
        frame_ns = self._reader.frame_ns
        index = -1
        while not self._stopping.is_set():
            try:
                decoded = self._ready.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            if isinstance(decoded, Exception):
                raise decoded
            if decoded is None:
                self._tally.set_ended()
                return
            index += 1
            t_ns = start_ns + decoded.pts_ns
            if self._real_time:
                if not self._wait_until_ns(t_ns):
                    return
                behind_ns = self._clock.now_ns() - t_ns
                if behind_ns > _TOO_LATE_NS:
                    self._tally.add_lost(1)
                    continue
                self._late += behind_ns > frame_ns
            if self._tally.status().fault is not None and self._is_back:
                missing = max(0, round((t_ns - last_ns) / frame_ns) - 1)
                index += missing
                self._tally.end_fault(Gap(last_ns, t_ns, missing))
            self._give(Frame(t_ns, index, decoded.image, arrived_ns=self._clock.now_ns()))
            last_ns = t_ns

    def _decode(self) -> None:
        """Fill the buffer; the body of the decoder's thread."""
        try:
            self._decode_rounds()
            self._put(None)
        except Exception as error:  # noqa: BLE001  top of a thread: handed to the other one
            _log.warning("%s: decoding ended early: %s", self._label, error)
            self._put(error)

    def _decode_rounds(self) -> None:
        """Every round of the file: one, or without end when it loops."""
        offset_ns = after_ns = 0
        while not self._stopping.is_set():
            try:
                if self._is_used:
                    self._reader.close()
                    self._reader = VideoReader(self._path)
                self._is_used = True
                for end_ns in self._decode_round(offset_ns, after_ns):
                    after_ns = end_ns
            except VideoError as error:
                if not self._real_time:
                    raise
                if not self._come_back(error):
                    return
                after_ns = self._clock.now_ns() - self._start_ns
                offset_ns = after_ns if self._loop else 0
                continue
            if not self._loop:
                return
            offset_ns = after_ns

    def _decode_round(self, offset_ns: int, after_ns: int) -> Iterator[int]:
        """Decode the file once, all that lies at or after ``after_ns``; the end of each frame."""
        damaged = 0
        for decoded in self._reader:
            pts_ns = offset_ns + decoded.pts_ns
            self._tally.add_lost(self._reader.damaged - damaged)
            damaged = self._reader.damaged
            if pts_ns < after_ns:
                continue
            if not self._put(DecodedImage(pts_ns, decoded.image)):
                return
            yield pts_ns + self._reader.frame_ns
        self._tally.add_lost(self._reader.damaged - damaged)

    def _come_back(self, error: VideoError) -> bool:
        """Wait until the file can be read again and is not the one that broke."""
        _log.warning("%s: %s", self._label, error)
        self._is_back = False
        self._tally.set_fault(f"{error.what.rstrip('.')}. It is tried again by itself.")
        broken = self._signature()
        self._is_used = self._retry(lambda: self._signature() not in (None, broken))
        self._is_back = self._is_used
        return self._is_used

    def _signature(self) -> tuple[int, int, int] | None:
        """What tells this file from another of its name; None while there is none."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns

    def _put(self, item: DecodedImage | Exception | None) -> bool:
        """Wait for room; False when the source is being stopped."""
        while not self._stopping.is_set():
            try:
                self._ready.put(item, timeout=_POLL_S)
            except queue.Full:
                continue
            return True
        return False

    def _close(self) -> None:
        self._reader.close()
