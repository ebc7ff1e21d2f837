"""A still picture as stimulus, as large as the screen or a device's frame allows."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from journeylab.clock import Clock
from journeylab.study.model import Step
from journeylab.study.stimulus import Aoi
from journeylab.ui.participant.aoi_tracker import AoiTracker, boxes_on_picture
from journeylab.ui.participant.picture_loading import PictureLoader, ShownPicture
from journeylab.ui.participant.stage import Stage
from journeylab.ui.participant.surface_place import PicturePlace


class ImageStage(Stage):
    """Shows a picture whole, centred, its proportions kept."""

    def __init__(
        self, *, clock: Clock, device: str | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(clock=clock, parent=parent)
        self._place = PicturePlace(self, device=device)
        self._picture: ShownPicture | None = None
        self._aois: tuple[Aoi, ...] = ()
        self._tracker = AoiTracker(self, clock=clock, write=self.sample.emit)
        self._loader = PictureLoader(self)
        self._loader.read.connect(self._take)
        self._loader.unreadable.connect(self._take_problem)

    def prepare(self, step: Step, path: Path) -> None:
        """Read the picture of the step that comes next: it is there at once then."""
        self._loader.prepare(path, room=self._place.room(step.stimulus.frame))

    def show_step(self, step: Step, path: Path) -> None:
        """Load and show the picture; its onset is its first painting."""
        self._expect(step.id, step.stimulus.path or path.name)
        self._picture = None
        self._aois = step.aois
        self._place.begin(step.stimulus.frame)
        self._tracker.begin(step.id)
        self.update()
        self._loader.ask(path, room=self._place.room())

    def leave(self) -> None:
        super().leave()
        self._tracker.end()
        self._loader.forget()
        self._picture = None

    def _take(self, picture: ShownPicture) -> None:
        self._picture = picture
        self.update()

    def _take_problem(self, path: Path, problem: str) -> None:
        self._fail(
            f"The picture {path} cannot be shown ({problem}). "
            "Save it as PNG or JPEG, or go on to the next step.",
            detail=f"{self._detail}: {problem}",
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        picture = self._picture
        if picture is not None and picture.room != self._place.room():
            self._loader.ask(picture.path, room=self._place.room())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._paint_ground(painter)
        self._place.paint(painter)
        picture = self._picture
        if picture is None:
            painter.end()
            return
        shown = self._place.of(picture.image.size())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(shown, picture.image)
        painter.end()
        painted_ns = self._clock.now_ns()
        self._stamp_onset(painted_ns)
        boxes = boxes_on_picture(self._aois, picture_px=picture.size_px, shown=shown)
        self._tracker.show(boxes, painted_ns)
