"""One video file in a player of its own, which shows its first frame and waits."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QImage
from PySide6.QtMultimedia import (
    QAudioOutput,
    QMediaDevices,
    QMediaPlayer,
    QVideoFrame,
    QVideoSink,
)

from journeylab.ui.participant.video_frames import image_of

_US_PER_S: Final = 1_000_000


class Reel(QObject):
    """Opens a file and stands still on its first frame until it is to run. GUI thread only.

    ``came`` goes out with each frame, which is then in ``image`` and its position in ``media_s``;
    ``ended`` after the last one; ``broke`` once, when the file cannot be played, with what is
    wrong, which stays in ``problem``.
    """

    came = Signal()
    ended = Signal()
    broke = Signal(str)

    def __init__(self, path: Path, parent: QObject) -> None:
        super().__init__(parent)
        self.path = path
        self.image: QImage | None = None
        self.media_s = 0.0
        self.problem = ""
        self._audio: QAudioOutput | None = None
        self._sink = QVideoSink(self)
        self._player = QMediaPlayer(self)
        self._player.setVideoSink(self._sink)
        self._sink.videoFrameChanged.connect(self._take_frame)
        self._player.mediaStatusChanged.connect(self._take_status)
        self._player.errorOccurred.connect(self._take_error)
        self._player.setSource(QUrl.fromLocalFile(str(path)))
        self._player.pause()  # paused, it gives its first frame

    def run(self) -> None:
        """Play on, unless it broke or is through."""
        if not (self.problem or self.has_ended):
            self._player.play()

    def stand_still(self) -> None:
        """Hold the frame that is shown."""
        self._player.pause()

    @property
    def has_ended(self) -> bool:
        """Whether the last frame was shown."""
        return self._player.mediaStatus() is QMediaPlayer.MediaStatus.EndOfMedia

    def connect_sound(self) -> None:
        """Let it be heard; a sound card may come and go between steps."""
        if self._audio is None and not QMediaDevices.defaultAudioOutput().isNull():
            self._audio = QAudioOutput(self)
            self._player.setAudioOutput(self._audio)

    def close(self) -> None:
        """Let the file go; nothing is told afterwards."""
        self.blockSignals(True)
        self._player.stop()
        self._player.setSource(QUrl())
        self.image = None
        self.deleteLater()

    def _take_frame(self, frame: QVideoFrame) -> None:
        if not frame.isValid():
            return  # Qt sends an empty frame when a source is let go of
        image = image_of(frame)
        if image.isNull():
            return
        self.image = image
        self.media_s = max(0, frame.startTime()) / _US_PER_S
        self.came.emit()

    def _take_status(self, status: QMediaPlayer.MediaStatus) -> None:
        if status is QMediaPlayer.MediaStatus.EndOfMedia:
            self.ended.emit()
        elif status is QMediaPlayer.MediaStatus.LoadedMedia and not self._player.hasVideo():
            self._break("it holds no picture")

    def _take_error(self, _error: QMediaPlayer.Error, text: str) -> None:
        self._break(text or "the file cannot be read")

    def _break(self, problem: str) -> None:
        # Qt reports one broken file several times, and once more when it lets go of it.
        if not self.problem and not self._player.source().isEmpty():
            self.problem = problem
            self.broke.emit(problem)
