"""A sequence of screenshots whose hotspots lead from one to another."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from journeylab.clock import Clock
from journeylab.study.folder import StudyFolder
from journeylab.study.model import Step
from journeylab.study.stimulus import Hotspot, Screen
from journeylab.ui.participant.aoi_tracker import AoiTracker, boxes_on_picture
from journeylab.ui.participant.picture_loading import PictureLoader, ShownPicture
from journeylab.ui.participant.rows import page_row
from journeylab.ui.participant.stage import Stage
from journeylab.ui.participant.surface_place import PicturePlace


class ScreensStage(Stage):
    """Shows one screenshot at a time, whole and centred; a click on a hotspot shows the next.

    Clicks and changes of the screen are rows of stream ``page``, as those of a browser are: the
    address is ``screens:<step>/<screen>``, places are pixels of the screenshot. Each screen has
    an onset of its own, stamped when it is painted.
    """

    screen_came = Signal()  # another screen has been painted for the first time

    def __init__(
        self,
        folder: StudyFolder,
        *,
        clock: Clock,
        device: str | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(clock=clock, parent=parent)
        self._place = PicturePlace(self, device=device)
        self._folder = folder
        self._step: Step | None = None
        self._screen: Screen | None = None
        self._pictures: dict[Path, ShownPicture] = {}
        self._paths: dict[str, Path] = {}
        self._pressed: QPointF | None = None
        self._tracker = AoiTracker(self, clock=clock, write=self.sample.emit)
        self._loader = PictureLoader(self)
        self._loader.read.connect(self._take)
        self._loader.unreadable.connect(self._take_problem)

    @property
    def screen_id(self) -> str:
        """The screenshot that is shown; empty when none is."""
        return self._screen.id if self._screen is not None else ""

    def prepare(self, step: Step) -> None:
        """Read the first screen of the step that comes next; raises as :meth:`show_step`."""
        path = self._folder.stimulus_path(step.stimulus.screens[0].path)
        self._loader.prepare(path, room=self._place.room(step.stimulus.frame))

    def show_step(self, step: Step) -> None:
        """Begin at the step's first screen.

        Raises
        ------
        StudyError
            When a screenshot is missing or outside the study folder.
        """
        screens = step.stimulus.screens
        paths = {screen.id: self._folder.stimulus_path(screen.path) for screen in screens}
        self._step = step
        self._paths = paths
        self._pictures = {}
        self._pressed = None
        self._place.begin(step.stimulus.frame)
        self._tracker.begin(step.id)
        # All at once: a hotspot must lead on without a pause.
        self._read_all()
        self._go_to(screens[0])

    def leave(self) -> None:
        super().leave()
        self._tracker.end()
        self._loader.forget()
        self._pictures = {}
        self._step = self._screen = None

    def _read_all(self) -> None:
        self._loader.ask(*dict.fromkeys(self._paths.values()), room=self._place.room())

    def _go_to(self, screen: Screen) -> None:
        self._screen = screen
        self._expect(self._step_id_of(), self._address)
        self.sample.emit(page_row(self._clock.now_ns(), "url", url=self._address))
        self.update()

    def _step_id_of(self) -> str:
        return self._step.id if self._step is not None else ""

    @property
    def _address(self) -> str:
        return f"screens:{self._step_id_of()}/{self.screen_id}"

    @property
    def _picture(self) -> ShownPicture | None:
        return self._pictures.get(self._paths.get(self.screen_id, Path()))

    def _take(self, picture: ShownPicture) -> None:
        self._pictures[picture.path] = picture
        self.update()

    def _take_problem(self, path: Path, problem: str) -> None:
        sentence = f"The screenshot {path} cannot be shown ({problem}). Save it as PNG or JPEG"
        if self._paths.get(self.screen_id) == path:
            self._fail(
                f"{sentence}, or go on to the next step.", detail=f"{self._detail}: {problem}"
            )
            return
        # The screen that is shown can still be tested; the way to this one is closed.
        self._paths = {id_: own for id_, own in self._paths.items() if own != path}
        self.failed.emit(f"{sentence}; until then the hotspots that lead to it do nothing.")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed = event.position()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)  # two quick clicks are two clicks

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton or self._pressed is None:
            return
        pressed, self._pressed = self._pressed, None
        # Before the screen was painted nobody could aim at it.
        if self._picture is None or not self._is_on:
            return
        x, y = self._on_picture(pressed)
        hotspot = self._hotspot_at(x, y)
        if hotspot is not None and hotspot != self._hotspot_at(*self._on_picture(event.position())):
            hotspot = None  # pressed here and let go elsewhere, as one takes a click back
        self._write_click((x, y), hotspot)
        if hotspot is None or self._step is None or hotspot.leads_to not in self._paths:
            return
        self._go_to(next(s for s in self._step.stimulus.screens if s.id == hotspot.leads_to))

    def _write_click(self, at: tuple[float, float], hotspot: Hotspot | None) -> None:
        selector = "" if hotspot is None else f"hotspot:{hotspot.leads_to}"
        detail = "" if hotspot is not None else "missed"
        self.sample.emit(
            page_row(
                self._clock.now_ns(),
                "click",
                url=self._address,
                selector=selector,
                page_px=at,
                scroll_px=(0.0, 0.0),
                detail=detail,
            )
        )

    def _hotspot_at(self, x: float, y: float) -> Hotspot | None:
        if self._screen is None:
            return None
        # The one drawn last lies on top.
        for hotspot in reversed(self._screen.hotspots):
            left, top, width, height = hotspot.box
            if left <= x < left + width and top <= y < top + height:
                return hotspot
        return None

    def _shown(self) -> tuple[QRectF, float]:
        """Where the screenshot lies, logical px, and its zoom."""
        picture = self._picture
        if picture is None:
            return QRectF(), 1.0
        shown = self._place.of(picture.image.size())
        return shown, shown.width() / picture.size_px[0]

    def _on_picture(self, at: QPointF) -> tuple[float, float]:
        """A place of the widget in pixels of the screenshot; beside it, below 0 or past its end."""
        shown, zoom = self._shown()
        return (at.x() - shown.x()) / zoom, (at.y() - shown.y()) / zoom

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        picture = self._picture
        if picture is not None and picture.room != self._place.room():
            self._read_all()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._paint_ground(painter)
        self._place.paint(painter)
        picture = self._picture
        shown, zoom = self._shown()
        if picture is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(shown, picture.image)
        painter.end()
        if picture is not None:
            self._tell_painted(picture.size_px, shown, zoom)

    def _tell_painted(self, size_px: tuple[int, int], shown: QRectF, zoom: float) -> None:
        painted_ns = self._clock.now_ns()
        if self._awaits_onset:
            where = (
                f"{size_px[0]}x{size_px[1]} px, view {round(shown.width())}x"
                f"{round(shown.height())} at {round(shown.x())},{round(shown.y())}, "
                f"zoom {zoom:.3f}"
            )
            row = page_row(
                painted_ns, "load", url=self._address, scroll_px=(0.0, 0.0), detail=where
            )
            self.sample.emit(row)
            self._stamp_onset(painted_ns)
            self.screen_came.emit()
        if self._step is not None:
            boxes = boxes_on_picture(
                self._step.aois, picture_px=size_px, shown=shown, screen=self.screen_id
            )
            self._tracker.show(boxes, painted_ns)
