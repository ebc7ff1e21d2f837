"""Opens, reads and decodes a session beside the window: of requests only the latest is done."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from journeylab.analysis.replay import ReplayTrack, read_track
from journeylab.analysis.replay_events import NO_QUESTIONS, questions_of
from journeylab.analysis.replay_index import IndexReader
from journeylab.analysis.replay_sound import USUAL_RATE_HZ, Stretcher, placed_pcm
from journeylab.analysis.replay_view import ReplayReader, ReplayView
from journeylab.bundle.reader import Bundle
from journeylab.errors import JourneyLabError
from journeylab.logs import logger
from journeylab.opencv import cv2
from journeylab.study.folder import StudyFolder
from journeylab.ui.analysis.replay.stimulus_video import StimulusVideos

_log = logger(__name__)
_MUCH_SMALLER: Final = 0.45


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """A session to open; its study's ``folder`` has the videos that were watched in it."""

    path: Path
    folder: StudyFolder | None = None


@dataclass(frozen=True, slots=True)
class ViewRequest:
    """What to show at ``t_ns``: ``face_px`` and ``screen_px`` are the room for each, device px.

    ``whole_page`` shows a page instead of the screen in steps that have one.
    """

    t_ns: int
    blurs: bool
    face_px: tuple[int, int]
    screen_px: tuple[int, int]
    whole_page: bool = False


@dataclass(frozen=True, slots=True)
class SoundRequest:
    """Sound from ``start_ns`` to before ``end_ns``, ``speed`` times as fast; requests of one
    ``run`` follow each other without a gap."""

    run: int
    start_ns: int
    end_ns: int
    speed: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """What a request brought: samples (n,), silence where nothing was recorded."""

    request: SoundRequest
    pcm: NDArray[np.int16]
    rate_hz: int


@dataclass(frozen=True, slots=True, eq=False)
class PaintedView:
    """A view and its pictures, as large as there is room. ``screen`` is None where the picture of
    the screen is the one before."""

    view: ReplayView
    face: QImage | None
    screen: QImage | None


class _Opened:
    """A session that is open, and what was read of it; lives in the worker's thread."""

    def __init__(self, bundle: Bundle, request: SessionRequest) -> None:
        self.bundle = bundle
        self.track: ReplayTrack = read_track(bundle)
        self.videos = None if request.folder is None else StimulusVideos(request.folder)
        self.reader = ReplayReader(bundle, self.track, stimuli=self.videos)
        questions = NO_QUESTIONS if request.folder is None else questions_of(request.folder.study)
        self.index = IndexReader(bundle, self.track, questions)
        self.screen_shown: tuple[int, tuple[int, int]] | None = None
        self.rate_hz = bundle.header.microphone_rate_hz or USUAL_RATE_HZ
        self.stretching: tuple[int, Stretcher] | None = None

    def painted(self, request: ViewRequest) -> PaintedView:
        """The view of a request, with pictures made to measure."""
        view = self.reader.view(request.t_ns, blurs=request.blurs, whole_page=request.whole_page)
        face = None if view.face is None else _fitted(view.face, request.face_px)
        screen = None
        shown = (view.screen_key, request.screen_px)
        if view.screen is not None and shown != self.screen_shown:
            screen = _fitted(view.screen, request.screen_px)
        self.screen_shown = shown
        # The pixels were copied; what is sent on must not keep a frame of 3 MB alive.
        return PaintedView(replace(view, face=None, screen=None), face, screen)

    def close(self) -> None:
        """Let go of all files."""
        self.bundle.close()
        if self.videos is not None:
            self.videos.close()

    def sound(self, request: SoundRequest) -> Sound:
        """The sound of a request, at its speed."""
        block = self.bundle.audio(start_ns=request.start_ns, end_ns=request.end_ns)
        if block is not None:
            self.rate_hz = block.rate_hz
        if self.stretching is None or self.stretching[0] != request.run:
            self.stretching = (request.run, Stretcher(self.rate_hz, request.speed))
        span_ns = request.start_ns, request.end_ns
        pcm = self.stretching[1].stretched(placed_pcm(block, *span_ns, rate_hz=self.rate_hz))
        return Sound(request, pcm, self.rate_hz)


class ReplayWorker(QObject):
    """One thread that reads one session at a time.

    Used from the GUI thread; signals arrive there. A view asked for replaces the one that waits;
    what belongs to a session that was left is not told any more. The thread starts with the first
    session and ends with :meth:`close`.
    """

    opened = Signal(object)
    """A ReplayTrack."""
    viewed = Signal(object)
    """A PaintedView."""
    indexed = Signal(object)
    """A SessionIndex."""
    sounded = Signal(object)
    """A Sound."""
    failed = Signal(str)
    """Why the session cannot be opened."""
    troubled = Signal(str)
    """What could not be read of an opened session."""
    _told = Signal(int, str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wakes = threading.Condition()
        self._thread: threading.Thread | None = None
        self._session = 0  # which session is meant; counted up when another is asked for
        self._wanted: SessionRequest | None = None
        self._is_new = False
        self._is_closing = False
        self._view: ViewRequest | None = None
        self._sound: SoundRequest | None = None
        self._told.connect(self._deliver)

    def open(self, request: SessionRequest) -> None:
        """Open another session and let go of the one before."""
        self._go_to(request)

    def leave(self) -> None:
        """Let go of the session."""
        if self._thread is not None:
            self._go_to(None)

    def ask_view(self, request: ViewRequest) -> None:
        """Show this next, instead of what was asked for before."""
        with self._wakes:
            self._view = request
            self._wakes.notify()

    def ask_sound(self, request: SoundRequest) -> None:
        """Read this sound next."""
        with self._wakes:
            self._sound = request
            self._wakes.notify()

    def close(self, *, timeout_s: float = 10.0) -> None:
        """End the thread and wait for it; at the end of the window."""
        with self._wakes:
            self._is_closing = True
            self._session += 1
            self._wakes.notify()
        if self._thread is not None:
            self._thread.join(timeout_s)
            self._thread = None

    def _go_to(self, request: SessionRequest | None) -> None:
        with self._wakes:
            self._session += 1
            self._wanted, self._is_new = request, True
            self._view = self._sound = None
            self._wakes.notify()
        if self._thread is None and not self._is_closing:
            self._thread = threading.Thread(target=self._run, name="replay", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        """Top of the thread."""
        opened: _Opened | None = None
        try:
            while True:
                with self._wakes:
                    while not self._has_work(opened):
                        self._wakes.wait()
                    if self._is_closing:
                        return
                    session, wanted, is_new = self._session, self._wanted, self._is_new
                    self._is_new = False
                    view, self._view = self._view, None
                    sound = None
                    if view is None:
                        sound, self._sound = self._sound, None
                if is_new:
                    if opened is not None:
                        opened.close()
                    opened = self._opened(session, wanted)
                if opened is not None:
                    self._work(session, opened, view, sound)
        finally:
            if opened is not None:
                opened.close()

    def _has_work(self, opened: _Opened | None) -> bool:
        if self._is_closing or self._is_new:
            return True
        if opened is None:
            self._view = self._sound = None
            return False
        wanted = self._view is not None or self._sound is not None
        return wanted or not opened.index.is_done

    def _opened(self, session: int, request: SessionRequest | None) -> _Opened | None:
        if request is None:
            return None
        bundle: Bundle | None = None
        try:
            bundle = Bundle.open(request.path)
            opened = _Opened(bundle, request)
        except Exception as error:  # noqa: BLE001 - top of a thread: logged, and told in words
            if bundle is not None:
                bundle.close()
            self._tell(session, "failed", _words_of(error, "opening"))
            return None
        self._tell(session, "opened", opened.track)
        return opened

    def _work(
        self,
        session: int,
        opened: _Opened,
        view: ViewRequest | None,
        sound: SoundRequest | None,
    ) -> None:
        """One thing: what is looked at first, then what is heard, then what is listed."""
        try:
            if view is not None:
                self._tell(session, "viewed", opened.painted(view))
            elif sound is not None:
                self._tell(session, "sounded", opened.sound(sound))
            else:
                index = opened.index.read_on()
                if index is not None:
                    self._tell(session, "indexed", index)
        except Exception as error:  # noqa: BLE001 - top of a thread: logged, and told in words
            self._tell(session, "troubled", _words_of(error, "reading"))

    def _tell(self, session: int, what: str, value: object) -> None:
        try:
            self._told.emit(session, what, value)
        except RuntimeError:
            self._is_closing = True  # the window was deleted: there is nobody left to tell

    def _deliver(self, session: int, what: str, value: object) -> None:
        if session != self._session:
            return
        getattr(self, what).emit(value)


def _words_of(error: Exception, doing: str) -> str:
    if isinstance(error, JourneyLabError):
        return str(error)
    _log.exception("%s a session for its replay failed", doing)
    return f"The session cannot be shown: {doing} it failed. The log says more."


def _fitted(bgr: NDArray[np.uint8], room_px: tuple[int, int]) -> QImage:
    """The picture as large as fits into the room, never larger than it is."""
    height_px, width_px = bgr.shape[:2]
    scale = min(room_px[0] / width_px, room_px[1] / height_px, 1.0)
    if 0 < scale < 1:
        size = max(1, round(width_px * scale)), max(1, round(height_px * scale))
        # Means over areas cost four times as much, and differ only where much is made small;
        # there every other pixel is enough to begin with.
        every = max(1, int(_MUCH_SMALLER / scale))
        way = cv2.INTER_AREA if scale < _MUCH_SMALLER else cv2.INTER_LINEAR
        bgr = np.asarray(cv2.resize(bgr[::every, ::every], size, interpolation=way), dtype=np.uint8)
        height_px, width_px = bgr.shape[:2]
    # As a window keeps its pixels: painting it converts nothing.
    pixels = cv2.cvtColor(bgr, cv2.COLOR_BGR2BGRA)
    image = QImage(pixels.data, width_px, height_px, 4 * width_px, QImage.Format.Format_RGB32)
    return image.copy()
