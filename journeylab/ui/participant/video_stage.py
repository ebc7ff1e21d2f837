"""A video as stimulus: played by Qt, painted here, every painted frame stamped."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QRectF, QTimer, QUrl
from PySide6.QtGui import QColorConstants, QImage, QPainter, QPaintEvent
from PySide6.QtMultimedia import (
    QAudioOutput,
    QMediaDevices,
    QMediaPlayer,
    QVideoFrame,
    QVideoSink,
)
from PySide6.QtWidgets import QWidget

from journeylab.clock import Clock
from journeylab.study.model import Step
from journeylab.study.stimulus import Aoi
from journeylab.ui.participant.aoi_tracker import AoiTracker, boxes_on_picture
from journeylab.ui.participant.picture_loading import fitted
from journeylab.ui.participant.stage import Stage
from journeylab.ui.participant.video_frames import image_of

_US_PER_S: Final = 1_000_000
_PAINTED_BY_MS: Final = 1500


class VideoStage(Stage):
    """Plays a video once, edge to edge, and holds its last frame.

    Each painted frame gives a ``stimulus`` row with its position in the video and the time it
    was painted; the first is the onset. Without a sound card it plays in silence.
    """

    def __init__(self, *, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(clock=clock, parent=parent)
        self._path = Path()
        self._image: QImage | None = None
        self._media_s = 0.0
        self._is_new = False
        self._aois: tuple[Aoi, ...] = ()
        self._tracker = AoiTracker(self, clock=clock, write=self.sample.emit)
        self._sink = QVideoSink(self)
        self._player = QMediaPlayer(self)
        self._player.setVideoSink(self._sink)
        self._audio: QAudioOutput | None = None
        self._start = QTimer(self)
        self._start.setSingleShot(True)
        self._start.timeout.connect(self._player.play)
        self._sink.videoFrameChanged.connect(self._take_frame)
        self._player.mediaStatusChanged.connect(self._take_status)
        self._player.errorOccurred.connect(self._take_error)

    def show_step(self, step: Step, path: Path) -> None:
        """Start to play; the onset is the first painted frame."""
        self._expect(step.id, step.stimulus.path or path.name)
        self._path = path
        self._image = None
        self._is_new = False
        self._aois = step.aois
        self._tracker.begin(step.id)
        self._connect_sound()
        self._player.setSource(QUrl.fromLocalFile(str(path)))
        # Paused, it shows its first frame; it runs once that is painted, so none is lost. A
        # window that is covered paints nothing: then it runs all the same.
        self._player.pause()
        self._start.start(_PAINTED_BY_MS)
        self.update()

    def hold(self, is_held: bool) -> None:
        if is_held:
            self._start.stop()
            self._player.pause()
        elif self._can_go_on:
            self._player.play()

    @property
    def _can_go_on(self) -> bool:
        has_ended = self._player.mediaStatus() is QMediaPlayer.MediaStatus.EndOfMedia
        return not (self._has_failed or has_ended or self._player.source().isEmpty())

    def leave(self) -> None:
        self._start.stop()
        self._player.stop()
        self._player.setSource(QUrl())
        self._image = None
        if self._is_on:
            self._end(media_s=self._media_s)
        super().leave()
        self._tracker.end()

    def _connect_sound(self) -> None:
        """A sound card may come and go between steps."""
        has_sound = not QMediaDevices.defaultAudioOutput().isNull()
        if has_sound and self._audio is None:
            self._audio = QAudioOutput(self)
            self._player.setAudioOutput(self._audio)

    def _take_frame(self, frame: QVideoFrame) -> None:
        if not frame.isValid():
            return  # Qt sends an empty frame when a source is let go of
        image = image_of(frame)
        if image.isNull():
            return
        self._image = image
        self._media_s = max(0, frame.startTime()) / _US_PER_S
        self._is_new = True
        self.update()

    def _take_status(self, status: QMediaPlayer.MediaStatus) -> None:
        if status is QMediaPlayer.MediaStatus.EndOfMedia:
            self._end(media_s=self._media_s)
        elif status is QMediaPlayer.MediaStatus.LoadedMedia and not self._player.hasVideo():
            self._report("it holds no picture")

    def _take_error(self, _error: QMediaPlayer.Error, text: str) -> None:
        self._report(text or "the file cannot be read")

    def _report(self, problem: str) -> None:
        if self._has_failed or self._player.source().isEmpty():
            return  # Qt reports one broken file several times, and once more when it lets go of it
        self._start.stop()
        self._fail(
            f"The video {self._path} cannot be played ({problem.rstrip('.')}). "
            "Save it as MP4 with H.264, or go on to the next step.",
            detail=f"{self._detail}: {problem}",
        )

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._image is None:
            self._paint_ground(painter)
        else:
            box = fitted(self._image.size(), self)
            if box != QRectF(self.rect()):
                painter.fillRect(self.rect(), QColorConstants.Black)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(box, self._image)
        painter.end()
        if self._image is not None:
            painted_ns = self._clock.now_ns()
            if self._is_new:
                self._is_new = False
                self._stamp_frame(painted_ns)
            self._track_areas(self._image, painted_ns)

    def _track_areas(self, image: QImage, t_ns: int) -> None:
        size = (image.width(), image.height())
        boxes = boxes_on_picture(self._aois, picture_px=size, shown=fitted(image.size(), self))
        gone = {one.name: None for one in self._aois if not one.lies_there_at(self._media_s)}
        self._tracker.show(boxes | gone, t_ns)

    def _stamp_frame(self, t_ns: int) -> None:
        if self._awaits_onset:
            self._stamp_onset(t_ns, media_s=self._media_s)
            self._start.start(0)
        if self._is_on:
            self._write(t_ns, "frame", media_s=self._media_s)
            self.view_changed.emit()
