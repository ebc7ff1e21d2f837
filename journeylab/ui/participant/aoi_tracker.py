"""Where the areas of interest lie on the participant's screen, written down when they move."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import QWidget

from journeylab.clock import Clock
from journeylab.streams import Row
from journeylab.study.stimulus import Aoi
from journeylab.ui.participant.rows import aoi_row

_TENTHS = 10  # boxes nearer to each other than a tenth of a pixel are the same


class AoiTracker:
    """Writes rows of stream ``aois`` for one step after the other, a row for each that changed.

    Boxes are told in logical px of ``widget`` and written in device px of its screen.
    """

    def __init__(self, widget: QWidget, *, clock: Clock, write: Callable[[Row], None]) -> None:
        self._widget = widget
        self._clock = clock
        self._write = write
        self._step_id = ""
        self._boxes: dict[str, tuple[float, ...] | None] = {}

    def begin(self, step_id: str) -> None:
        """The areas told from now on are this step's."""
        self.end()
        self._step_id = step_id

    def end(self) -> None:
        """Nothing of the step is on the screen any more."""
        self.show(dict.fromkeys(self._boxes), self._clock.now_ns())
        self._boxes = {}

    def show(self, boxes: Mapping[str, QRectF | None], t_ns: int) -> None:
        """Areas as they lie since ``t_ns``, by name; None for one that cannot be seen."""
        for name, box in boxes.items():
            on_screen = None if box is None or box.isEmpty() else self._on_screen(box)
            if name in self._boxes and self._boxes[name] == on_screen:
                continue
            if on_screen is None and name not in self._boxes:
                self._boxes[name] = None
                continue  # it has not been seen yet
            self._boxes[name] = on_screen
            self._write(aoi_row(t_ns, self._step_id, name=name, box_px=on_screen))

    def _on_screen(self, box: QRectF) -> tuple[float, ...]:
        screen = self._widget.screen().geometry().topLeft()
        corner = QPointF(self._widget.mapToGlobal(box.topLeft())) - QPointF(screen)
        scale = self._widget.devicePixelRatioF()
        values = (corner.x(), corner.y(), box.width(), box.height())
        return tuple(round(value * scale * _TENTHS) / _TENTHS for value in values)


def boxes_on_picture(
    aois: tuple[Aoi, ...], *, picture_px: tuple[int, int], shown: QRectF, screen: str = ""
) -> dict[str, QRectF | None]:
    """Areas drawn on a picture, where the picture is shown.

    Those of another screen of the step are None, unless one of the same name lies on this screen.
    What juts out of the picture is cut off.
    """
    zoom = shown.width() / picture_px[0] if picture_px[0] else 0.0
    found: dict[str, QRectF | None] = {}
    for aoi in aois:
        if aoi.box is None:
            continue
        if aoi.screen not in ("", screen):
            found.setdefault(aoi.name, None)
            continue
        x, y, width, height = (side * zoom for side in aoi.box)
        box = QRectF(shown.x() + x, shown.y() + y, width, height).intersected(shown)
        found[aoi.name] = box
    return found
