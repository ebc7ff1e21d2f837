"""A comparison on screen: fitted to its width; a place leads to the moments of either side."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QMenu, QScrollArea, QWidget

from journeylab.analysis.compared_studies import ComparedPair
from journeylab.analysis.journey import JourneyMap
from journeylab.report.compared_place import place_on
from journeylab.report.comparison_layout import lay_out_comparison
from journeylab.report.scene import MomentTarget, Scene
from journeylab.study.folder import StudyFolder
from journeylab.theme import LIGHT, Palette
from journeylab.ui.analysis.scene_painter import paint_scene
from journeylab.ui.widgets.card import tooltip
from journeylab.ui.widgets.style import load_fonts


@dataclass(frozen=True, slots=True, eq=False)
class MomentsOf:
    """A place of one side's map."""

    folder: StudyFolder
    journey: JourneyMap
    target: MomentTarget


class ComparisonView(QWidget):
    """Paints a comparison's scene; what a step's difference is worth shows under the pointer.

    A click, or ← → and Enter, choose a place.
    """

    chosen = Signal(object, object)
    """A MomentTarget on the comparison's axis, and the global QPoint it was chosen at."""

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        load_fonts()
        self._palette = palette
        self._scene: Scene | None = None
        self._painted: QPixmap | None = None
        self._ringed: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Difference map")

    @property
    def scene(self) -> Scene | None:
        """What is shown."""
        return self._scene

    def show_scene(self, scene: Scene | None) -> None:
        """Show a scene in its own size, or nothing."""
        self._scene, self._painted, self._ringed = scene, None, None
        if scene is not None:
            width, height = scene.width_px, scene.height_px
            self.setFixedSize(QSize(math.ceil(width - 0.01), math.ceil(height - 0.01)))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._scene is None:
            return
        ratio = self.devicePixelRatioF()
        if self._painted is None or self._painted.devicePixelRatio() != ratio:
            self._painted = QPixmap(self.size() * ratio)
            self._painted.setDevicePixelRatio(ratio)
            self._painted.fill(QColor(self._palette.ground))
            with QPainter(self._painted) as painter:
                paint_scene(painter, self._scene, self._palette)
        with QPainter(self) as painter:
            painter.drawPixmap(0, 0, self._painted)
            if self._ringed is not None and self.hasFocus():
                hit = self._scene.hits[self._ringed]
                painter.setPen(QPen(QColor(self._palette.accent), 2.0))
                painter.drawRect(QRectF(hit.x, hit.y, hit.width, hit.height))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = event.position()
        scene = self._scene
        hit = scene.hit_at(place.x(), place.y()) if scene is not None else None
        leads = scene is not None and scene.target_at(place.x(), place.y()) is not None
        self.setToolTip(tooltip(f"{hit.hint}\nClick for the moments.") if hit is not None else "")
        shape = Qt.CursorShape.PointingHandCursor if leads else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._scene is None:
            return
        target = self._scene.target_at(event.position().x(), event.position().y())
        if isinstance(target, MomentTarget):
            self.chosen.emit(target, event.globalPosition().toPoint())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        hits = self._scene.hits if self._scene is not None else ()
        turn = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if hits and turn is not None:
            at = -1 if self._ringed is None and turn > 0 else self._ringed or 0
            self._ringed = min(max(at + turn, 0), len(hits) - 1)
            self.update()
        elif self._ringed is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            hit = hits[self._ringed]
            middle = QPoint(round(hit.x + hit.width / 2), round(hit.y + hit.height / 2))
            self.chosen.emit(hit.target, self.mapToGlobal(middle))
        else:
            super().keyPressEvent(event)


class ComparisonArea(QScrollArea):
    """The view fitted to its width; a long comparison scrolls instead of shrinking."""

    moments_asked = Signal(object)
    """A MomentsOf: a side was chosen for a place that was clicked."""

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        self.view = ComparisonView(palette=palette)
        self._pair: ComparedPair | None = None
        self._fitted_for: tuple[int, int] | None = None
        self._shows_traces = True
        self.setWidget(self.view)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.view.chosen.connect(self._offer)

    def show_pair(self, pair: ComparedPair | None) -> None:
        """Show a comparison, or nothing."""
        self._pair, self._fitted_for = pair, None
        if pair is None:
            self.view.show_scene(None)
        self._fit()

    def show_strip_only(self, is_only: bool) -> None:
        """Leave the traces out, where both maps are shown beside this."""
        if self._shows_traces == is_only:
            self._shows_traces, self._fitted_for = not is_only, None
            self._fit()

    def sides_at(self, target: MomentTarget) -> list[tuple[str, MomentsOf]]:
        """Both sides' names and moments of a place; a side without that step is left out."""
        if self._pair is None:
            return []
        pair, comparison = self._pair, self._pair.comparison
        sides = (comparison.first, comparison.second)
        found = []
        for side, journey, folder in zip(sides, pair.journeys, pair.folders, strict=True):
            place = place_on(journey, comparison, target)
            if place is not None:
                found.append((side.name, MomentsOf(folder, journey, place)))
        return found

    def _offer(self, target: MomentTarget, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name, moments in self.sides_at(target):
            action = menu.addAction(f"Moments of {name.replace('&', '&&')}")
            action.triggered.connect(partial(self._ask, moments))
        menu.popup(at)

    def _ask(self, moments: MomentsOf, _checked: bool = False) -> None:
        self.moments_asked.emit(moments)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        size = (self.width(), self.height())
        if self._pair is None or size == self._fitted_for:
            return
        self._fitted_for = size
        comparison = self._pair.comparison
        lay_out = partial(
            lay_out_comparison, comparison, height_px=size[1], shows_traces=self._shows_traces
        )
        scene = lay_out(width_px=size[0])
        if scene.height_px > size[1] and scene.width_px <= size[0]:
            scene = lay_out(width_px=size[0] - self.verticalScrollBar().sizeHint().width())
        self.view.show_scene(scene)
