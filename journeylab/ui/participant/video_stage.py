"""A video as stimulus: played by Qt, painted here, every painted frame stamped."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QRectF, QTimer
from PySide6.QtGui import QColorConstants, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from journeylab.clock import Clock
from journeylab.study.model import Step
from journeylab.study.stimulus import Aoi
from journeylab.ui.participant.aoi_tracker import AoiTracker, boxes_on_picture
from journeylab.ui.participant.picture_loading import fitted
from journeylab.ui.participant.stage import Stage
from journeylab.ui.participant.video_reel import Reel

_PAINTED_BY_MS: Final = 1500


class VideoStage(Stage):
    """Plays a video once, edge to edge, and holds its last frame.

    Each painted frame gives a ``stimulus`` row with its position in the video and the time it
    was painted; the first is the onset. Without a sound card it plays in silence.
    """

    def __init__(self, *, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(clock=clock, parent=parent)
        self._reel: Reel | None = None
        self._ahead: Reel | None = None  # of the step that comes next
        self._is_new = False
        self._aois: tuple[Aoi, ...] = ()
        self._tracker = AoiTracker(self, clock=clock, write=self.sample.emit)
        self._start = QTimer(self)
        self._start.setSingleShot(True)
        self._start.timeout.connect(self._run)

    def prepare(self, path: Path) -> None:
        """Open the video of the step that comes next, and have its first frame ready."""
        if self._ahead is not None and self._ahead.path == path and not self._ahead.problem:
            return
        self._drop_ahead()
        self._ahead = Reel(path, self)

    def show_step(self, step: Step, path: Path) -> None:
        """Start to play; the onset is the first painted frame."""
        self._expect(step.id, step.stimulus.path or path.name)
        self._aois = step.aois
        self._tracker.begin(step.id)
        self._drop_reel()
        reel = self._reel = self._take_ahead(path) or Reel(path, self)
        reel.came.connect(self._take_frame)
        reel.ended.connect(self._take_end)
        reel.broke.connect(self._report)
        reel.connect_sound()
        self._is_new = reel.image is not None
        if reel.problem:  # told before anybody could hear it
            self._report(reel.problem)
            return
        # Paused, it shows its first frame; it runs once that is painted, so none is lost. A
        # window that is covered paints nothing: then it runs all the same.
        self._start.start(_PAINTED_BY_MS)
        self.update()

    def hold(self, is_held: bool) -> None:
        if self._reel is None:
            return
        if is_held:
            self._start.stop()
            self._reel.stand_still()
        elif not self._has_failed:
            self._reel.run()

    def leave(self) -> None:
        self._start.stop()
        media_s = 0.0 if self._reel is None else self._reel.media_s
        self._drop_reel()
        if self._is_on:
            self._end(media_s=media_s)
        super().leave()
        self._tracker.end()

    def _take_ahead(self, path: Path) -> Reel | None:
        """The reel that was prepared, where it is this file's and nothing is wrong with it."""
        ahead = self._ahead
        if ahead is None or ahead.path != path or ahead.problem:
            self._drop_ahead()
            return None
        self._ahead = None
        return ahead

    def _drop_ahead(self) -> None:
        if self._ahead is not None:
            self._ahead.close()
            self._ahead = None

    def _drop_reel(self) -> None:
        if self._reel is not None:
            self._reel.close()
            self._reel = None

    def _run(self) -> None:
        if self._reel is not None:
            self._reel.run()

    def _take_frame(self) -> None:
        self._is_new = True
        self.update()

    def _take_end(self) -> None:
        if self._reel is not None:
            self._end(media_s=self._reel.media_s)

    def _report(self, problem: str) -> None:
        path = "" if self._reel is None else self._reel.path
        self._start.stop()
        self._fail(
            f"The video {path} cannot be played ({problem.rstrip('.')}). "
            "Save it as MP4 with H.264, or go on to the next step.",
            detail=f"{self._detail}: {problem}",
        )

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        reel = self._reel
        image = None if reel is None else reel.image
        if image is None:
            self._paint_ground(painter)
        else:
            box = fitted(image.size(), self)
            if box != QRectF(self.rect()):
                painter.fillRect(self.rect(), QColorConstants.Black)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(box, image)
        painter.end()
        if reel is not None and image is not None:
            painted_ns = self._clock.now_ns()
            if self._is_new:
                self._is_new = False
                self._stamp_frame(painted_ns, media_s=reel.media_s)
            self._track_areas(image, painted_ns, media_s=reel.media_s)

    def _track_areas(self, image: QImage, t_ns: int, *, media_s: float) -> None:
        size = (image.width(), image.height())
        boxes = boxes_on_picture(self._aois, picture_px=size, shown=fitted(image.size(), self))
        gone = {one.name: None for one in self._aois if not one.lies_there_at(media_s)}
        self._tracker.show(boxes | gone, t_ns)

    def _stamp_frame(self, t_ns: int, *, media_s: float) -> None:
        if self._awaits_onset:
            self._stamp_onset(t_ns, media_s=media_s)
            self._start.start(0)
        if self._is_on:
            self._write(t_ns, "frame", media_s=media_s)
            self.view_changed.emit()
