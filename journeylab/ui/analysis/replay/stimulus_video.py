"""Frames of a study's own videos, for the steps in which one was watched."""

from __future__ import annotations

from typing import Any, Final

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from journeylab.errors import StudyError
from journeylab.logs import logger
from journeylab.study.folder import StudyFolder

WIDEST_PX: Final = 1280
_FURTHEST_S: Final = 2.0
"""Further on than this it is quicker to begin at a keyframe than to decode all between."""
_SAME_S: Final = 0.001

_log = logger(__name__)


class StimulusVideos:
    """Decodes the study's videos by position; one file is open at a time. Used from one thread.

    A file that is gone or cannot be decoded gives no frames: what was pictured of the screen is
    shown instead.
    """

    def __init__(self, folder: StudyFolder) -> None:
        self._folder = folder
        self._file = ""
        self._container: Any = None
        self._stream: Any = None
        self._frames: Any = None
        self._frame: Any = None
        self._ahead: Any = None
        self._image: tuple[float, NDArray[np.uint8]] | None = None
        self._unfit: set[str] = set()

    def frame_at(self, file: str, media_s: float) -> NDArray[np.uint8] | None:
        """The frame of a video, named as in the study file, at a position; BGR (h, w, 3)."""
        if not file or file in self._unfit:
            return None
        try:
            if file != self._file:
                self._open(file)
            return self._at(media_s)
        except (StudyError, FFmpegError, OSError, ValueError, IndexError, TypeError) as error:
            _log.info("the video %s is not shown in the replay: %s", file, error)
            self._unfit.add(file)
            self.close()
            return None

    def close(self) -> None:
        """Let go of the file; may be called twice."""
        if self._container is not None:
            self._container.close()
        self._container = self._stream = self._frames = self._frame = self._ahead = None
        self._image = None
        self._file = ""

    def _open(self, file: str) -> None:
        self.close()
        self._container = av.open(str(self._folder.stimulus_path(file)))
        self._stream = self._container.streams.video[0]
        self._frames = self._container.decode(self._stream)
        self._file = file

    def _at(self, media_s: float) -> NDArray[np.uint8] | None:
        shown_s = None if self._frame is None else self._time_s(self._frame)
        if shown_s is None or not shown_s - _SAME_S <= media_s <= shown_s + _FURTHEST_S:
            self._seek(media_s)
        while True:
            following = self._ahead if self._ahead is not None else next(self._frames, None)
            self._ahead = None
            if following is None:
                break
            if self._frame is not None and self._time_s(following) > media_s + _SAME_S:
                self._ahead = following
                break
            self._frame = following
        return None if self._frame is None else self._picture(self._frame)

    def _seek(self, media_s: float) -> None:
        begin = self._stream.start_time or 0
        offset = begin + int(max(media_s, 0.0) / float(self._stream.time_base))
        self._container.seek(offset, stream=self._stream)
        self._frames = self._container.decode(self._stream)
        self._frame = self._ahead = None

    def _time_s(self, frame: Any) -> float:
        begin = self._stream.start_time or 0
        return float((frame.pts - begin) * self._stream.time_base)

    def _picture(self, frame: Any) -> NDArray[np.uint8]:
        time_s = self._time_s(frame)
        if self._image is None or self._image[0] != time_s:
            scale = min(1.0, WIDEST_PX / frame.width)
            size = {"width": round(frame.width * scale), "height": round(frame.height * scale)}
            image = frame.reformat(**size, format="bgr24").to_ndarray()
            self._image = (time_s, np.asarray(image, dtype=np.uint8))
        return self._image[1]
