"""A still picture as stimulus, as large as the screen allows."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from journeylab.clock import Clock
from journeylab.study.model import Step
from journeylab.study.stimulus import Aoi
from journeylab.ui.participant.aoi_tracker import AoiTracker, boxes_on_picture
from journeylab.ui.participant.picture_loading import PictureLoader
from journeylab.ui.participant.stage import Stage


class ImageStage(Stage):
    """Shows a picture whole, centred, its proportions kept."""

    def __init__(self, *, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(clock=clock, parent=parent)
        self._image: QImage | None = None
        self._aois: tuple[Aoi, ...] = ()
        self._tracker = AoiTracker(self, clock=clock, write=self.sample.emit)
        self._loader = PictureLoader(self)
        self._loader.read.connect(self._take)
        self._loader.unreadable.connect(self._take_problem)

    def show_step(self, step: Step, path: Path) -> None:
        """Load and show the picture; its onset is its first painting."""
        self._expect(step.id, step.stimulus.path or path.name)
        self._image = None
        self._aois = step.aois
        self._tracker.begin(step.id)
        self.update()
        self._loader.ask(path)

    def leave(self) -> None:
        super().leave()
        self._tracker.end()
        self._loader.forget()
        self._image = None

    def _take(self, _path: Path, image: QImage) -> None:
        self._image = image
        self.update()

    def _take_problem(self, path: Path, problem: str) -> None:
        self._fail(
            f"The picture {path} cannot be shown ({problem}). "
            "Save it as PNG or JPEG, or go on to the next step.",
            detail=f"{self._detail}: {problem}",
        )

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._paint_ground(painter)
        image = self._image
        if image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(fitted(image, self), image)
        painter.end()
        if image is not None:
            painted_ns = self._clock.now_ns()
            self._stamp_onset(painted_ns)
            size = (image.width(), image.height())
            boxes = boxes_on_picture(self._aois, picture_px=size, shown=fitted(image, self))
            self._tracker.show(boxes, painted_ns)


def fitted(image: QImage, widget: QWidget) -> QRectF:
    """Largest rectangle of the image's proportions, centred in the widget, logical px."""
    size = image.size().scaled(widget.size(), Qt.AspectRatioMode.KeepAspectRatio)
    return QRectF(
        (widget.width() - size.width()) / 2,
        (widget.height() - size.height()) / 2,
        size.width(),
        size.height(),
    )
