"""A chosen second of a video as a picture, for areas to be drawn on."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QImage
from PySide6.QtMultimedia import QMediaPlayer, QVideoFrame, QVideoSink
from PySide6.QtWidgets import QHBoxLayout, QSlider, QWidget

from journeylab.ui.participant.video_frames import image_of
from journeylab.ui.widgets.card import Label

_STEP_MS: Final = 100
_PAGE_MS: Final = 1000
_LAST_MS: Final = 50  # at the very end there is no picture to stand on
_TIME_PX: Final = 120


class VideoScrubber(QWidget):
    """A slider over a video. ``shown`` goes out with the image at its place, ``unreadable`` when
    the file is no video.

    The player that shows the video to participants decodes it here too, so that a pixel is the
    same one for both; without sound. :meth:`let_go` frees the file.
    """

    shown = Signal(QImage)
    unreadable = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._file: tuple[Path | None, float] = (None, 0.0)
        self._sink = QVideoSink(self)
        self._player = QMediaPlayer(self)
        self._player.setVideoSink(self._sink)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setSingleStep(_STEP_MS)
        self.slider.setPageStep(_PAGE_MS)
        self.slider.setAccessibleName("Second of the video")
        self.time = Label("", role="small")
        self.time.setFixedWidth(_TIME_PX)
        self.time.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.slider, 1)
        row.addWidget(self.time)
        self.slider.valueChanged.connect(self._go_to)
        self._sink.videoFrameChanged.connect(self._take_frame)
        self._player.durationChanged.connect(self._take_duration)
        self._player.errorOccurred.connect(self._take_problem)

    @property
    def media_s(self) -> float:
        """The place of the slider, s."""
        return self.slider.value() / 1000

    def show_video(self, path: Path, changed: float) -> None:
        """Show a video, from its beginning when it is another one; ``changed`` is its time of
        change, s."""
        if (path, changed) != self._file:
            self._file = (path, changed)
            self.slider.setValue(0)
            self._show_time()
            self._player.setSource(QUrl.fromLocalFile(str(path)))
            self._player.pause()

    def let_go(self) -> None:
        """Close the file."""
        self._file = (None, 0.0)
        self._player.setSource(QUrl())

    def _go_to(self, place_ms: int) -> None:
        self._player.setPosition(place_ms)
        self._show_time()

    def _take_duration(self, duration_ms: int) -> None:
        self.slider.setMaximum(max(duration_ms - _LAST_MS, 0))
        self._show_time()

    def _show_time(self) -> None:
        whole_s = self._player.duration() / 1000
        self.time.show_text(f"{self.media_s:.1f} of {whole_s:.1f} s" if whole_s > 0 else "")

    def _take_frame(self, frame: QVideoFrame) -> None:
        if frame.isValid() and self._file[0] is not None:
            image = image_of(frame)
            if not image.isNull():
                self.shown.emit(image)

    def _take_problem(self, *_: object) -> None:
        if self._file[0] is not None:
            self.unreadable.emit()
