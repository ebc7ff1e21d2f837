"""The heatmaps of a step: gaze, frowns, clicks, moves and scrolling, on its screen or its pages."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from PySide6.QtCore import QRect, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QKeySequence, QPainter, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from journeylab.analysis.heatmap_reading import StepHeat
from journeylab.analysis.heatmaps import HeatKind, Surface
from journeylab.analysis.journey import JourneyMap, MapStep
from journeylab.analysis.step_gaze import DEVICE
from journeylab.report.export import segment_parts
from journeylab.report.files import written_words
from journeylab.study.folder import StudyFolder
from journeylab.theme import LIGHT, Palette
from journeylab.ui.analysis.background import Background
from journeylab.ui.analysis.choice_row import ChoiceRow
from journeylab.ui.analysis.heatmap_requests import (
    HeatmapWish,
    heat_export_work,
    heat_picture_work,
    heat_work,
)
from journeylab.ui.widgets.card import ElidedLabel
from journeylab.ui.widgets.inputs import CheckBox, ComboBox
from journeylab.ui.widgets.waiting import WaitingPage
from journeylab.vocabulary import StimulusKind

KINDS = (
    ("Gaze", HeatKind.GAZE),
    ("Frowning", HeatKind.FROWN),
    ("Clicks", HeatKind.CLICKS),
    ("Moves", HeatKind.MOVES),
    ("Scrolling", HeatKind.SCROLL),
)
_WIDEST_PX = 1280
_SETTLE_MS = 80


class PictureCanvas(QWidget):
    """Shows one painted picture at its own size."""

    def __init__(self) -> None:
        super().__init__()
        self.image: QImage | None = None

    def show_image(self, image: QImage, *, words: str) -> None:
        """Show a picture; ``words`` tell it to those who cannot see it."""
        self.image = image
        self.setFixedSize(image.size() / image.devicePixelRatio())
        self.setAccessibleName(words)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.image is None:
            return
        ratio = self.image.devicePixelRatio()
        box = event.rect()
        source = QRect(
            round(box.x() * ratio),
            round(box.y() * ratio),
            round(box.width() * ratio),
            round(box.height() * ratio),
        )
        with QPainter(self) as painter:
            painter.drawImage(box, self.image, source)


class HeatmapView(QWidget):
    """Reads a step's heatmaps beside the window and shows the one that is chosen."""

    back_asked = Signal()
    written = Signal(object)
    """The Path of the picture that was written."""
    drawn = Signal()
    """What was asked for is on show."""

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        self._palette = palette
        self._folder: StudyFolder | None = None
        self._journey: JourneyMap | None = None
        self._step: MapStep | None = None
        self._heat: StepHeat | None = None
        self._known: dict[str, StepHeat] = {}
        self._reads = Background("reading the heatmaps", self)
        self._paints = Background("drawing the heatmap", self)
        self._exports = Background("writing the heatmap", self)
        self.back = QPushButton("‹  Map")
        self.title = ElidedLabel("", role="heading")
        self.previous_step = QPushButton("‹")
        self.next_step = QPushButton("›")
        self.status = ElidedLabel("", role="quiet")
        self.export = QPushButton("Picture (PNG)")
        self.kinds = ChoiceRow(palette=palette)
        self.surfaces = ComboBox(palette=palette)
        self.segments = ComboBox(palette=palette)
        self.whole = CheckBox("Whole page", palette=palette)
        self.error = CheckBox("Gaze error", palette=palette)
        self.canvas = PictureCanvas()
        self._area = QScrollArea()
        self.waiting = WaitingPage()
        self._states = QStackedWidget()
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._dress()
        self._build()
        self._wire()

    @property
    def heat(self) -> StepHeat | None:
        """What was read of the step on show."""
        return self._heat

    def open(self, folder: StudyFolder, journey: JourneyMap, step_id: str) -> None:
        """Read and show the heatmaps of a step of a map."""
        if journey is not self._journey:
            self._known.clear()
        self._folder, self._journey = folder, journey
        self._step = next(step for step in journey.steps if step.step_id == step_id)
        self._heat = None
        self.title.show_text(self._step.title)
        for button, direction in ((self.previous_step, -1), (self.next_step, 1)):
            button.setEnabled(self._beside(direction) is not None)
        self.status.show_text("")
        self.export.setEnabled(False)
        self.waiting.wait_for(f"Reading the heatmaps of {self._step.title}")
        self._states.setCurrentWidget(self.waiting)
        self._paints.cancel()
        if step_id in self._known:
            self._reads.cancel()
            self._show_heat(self._known[step_id])
            return
        self._reads.run(heat_work(folder, journey, step_id))

    def leave(self) -> None:
        """Forget what was asked for and read."""
        self._reads.cancel()
        self._paints.cancel()
        self._heat = None

    def shut_down(self) -> None:
        """End all work beside the window."""
        for background in (self._reads, self._paints, self._exports):
            background.close()

    def wish(self) -> HeatmapWish | None:
        """The heatmap that is chosen; None while nothing can be shown."""
        surface = self.surfaces.currentData()
        if self._step is None or self._journey is None or not isinstance(surface, Surface):
            return None
        title = f"{self._journey.study_title} · {self._step.title}"
        segment = dict(self._journey.segment) | (self.segments.currentData() or {})
        kind = self.kinds.value
        assert isinstance(kind, HeatKind)
        return HeatmapWish(
            surface, kind, title, segment, self.error.isChecked(), self.whole.isChecked()
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._settle.start()

    def _dress(self) -> None:
        self.back.setProperty("role", "quiet")
        self.back.setToolTip("Back to the map (Esc)")
        self.previous_step.setToolTip("The step before")
        self.next_step.setToolTip("The next step")
        self.export.setToolTip("Write what is shown into the study's exports")
        self.whole.setToolTip("Make the whole page fit into the window")
        self.error.setToolTip("Draw how far the point of gaze is off, one standard deviation")
        self.surfaces.setAccessibleName("Screen or page")
        self.surfaces.setToolTip("Screen or page the heatmap lies on")
        self.segments.setAccessibleName("Participants")
        self.segments.setToolTip("Whose heatmap it is")
        self.kinds.offer(KINDS)

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.back)
        for button in (self.previous_step, self.next_step):
            button.setFixedWidth(36)
            button.setStyleSheet("padding: 0;")
            button.setAccessibleName(button.toolTip())
            head.addWidget(button)
        head.addWidget(self.title, 1)
        head.addWidget(self.status, 2)
        head.addWidget(self.export)
        choices = QHBoxLayout()
        choices.setSpacing(12)
        choices.addWidget(self.kinds)
        choices.addWidget(self.surfaces, 3)
        choices.addWidget(self.segments, 2)
        choices.addWidget(self.whole)
        choices.addWidget(self.error)
        bar = QFrame()
        bar.setProperty("edge", "bottom")
        lines = QVBoxLayout(bar)
        lines.setContentsMargins(16, 10, 16, 10)
        lines.setSpacing(10)
        lines.addLayout(head)
        lines.addLayout(choices)
        self._area.setWidget(self.canvas)
        self._area.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._states.addWidget(self.waiting)
        self._states.addWidget(self._area)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(bar)
        outer.addWidget(self._states, 1)

    def _wire(self) -> None:
        self.back.clicked.connect(self.back_asked)
        leave = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        leave.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        leave.activated.connect(self.back_asked)
        self.previous_step.clicked.connect(self._open_previous)
        self.next_step.clicked.connect(self._open_next)
        self.kinds.chosen.connect(self._draw)
        self.surfaces.activated.connect(self._draw)
        self.segments.activated.connect(self._draw)
        self.error.toggled.connect(self._draw)
        self.whole.toggled.connect(self._draw)
        self.export.clicked.connect(self._write)
        self._settle.timeout.connect(self._draw)
        self._reads.finished.connect(self._show_heat)
        self._reads.progressed.connect(self.waiting.advance)
        self.waiting.stopped.connect(self.back_asked)
        self._reads.failed.connect(self._say)
        self._paints.finished.connect(self._show_picture)
        self._paints.failed.connect(self._say)
        self._exports.finished.connect(self._tell_written)
        self._exports.failed.connect(self.status.show_text)

    def _open_previous(self) -> None:
        self._open_beside(-1)

    def _open_next(self) -> None:
        self._open_beside(1)

    def _open_beside(self, direction: int) -> None:
        step = self._beside(direction)
        if step is not None and self._folder is not None and self._journey is not None:
            self.open(self._folder, self._journey, step.step_id)

    def _beside(self, direction: int) -> MapStep | None:
        """The next step with something to look at; None at either end."""
        if self._journey is None or self._step is None:
            return None
        place = self._journey.steps.index(self._step)
        others = (
            self._journey.steps[place + 1 :]
            if direction > 0
            else (self._journey.steps[:place][::-1])
        )
        return next((one for one in others if one.kind != StimulusKind.CAMERA_ONLY), None)

    def _show_heat(self, heat: StepHeat) -> None:
        self._heat = self._known[heat.step_id] = heat
        self.surfaces.clear()
        for surface in heat.surfaces:
            self.surfaces.addItem(_surface_words(surface), surface)
        self._offer_segments(heat)
        if heat.unread:
            self.status.show_text(f"Not readable: {', '.join(heat.unread)}")
        if not heat.surfaces:
            self._say("No session has anything to look at on this step.")
            return
        self._draw()

    def _offer_segments(self, heat: StepHeat) -> None:
        self.segments.clear()
        self.segments.addItem("All participants", {})
        found = {
            (name, value)
            for surface in heat.surfaces
            for session in surface.sessions
            for name, value in session.segments.items()
            if name != DEVICE  # a surface has one device only
        }
        for name, value in sorted(found):
            self.segments.addItem(f"{name}: {value}", {name: value})
        self.segments.setVisible(self.segments.count() > 1)

    def _draw(self) -> None:
        wish = self.wish()
        if wish is None or self._heat is None:
            return
        self.error.setEnabled(wish.kind in (HeatKind.GAZE, HeatKind.FROWN))
        self.whole.setVisible(wish.surface.is_page)
        room = self._area.viewport().size()
        if room.width() < 200:
            return
        self._paints.run(
            heat_picture_work(
                wish,
                width_px=min(self._states.width() - 12, _WIDEST_PX),
                height_px=self._states.height() - 2,
                ratio=self.devicePixelRatioF(),
                palette=self._palette,
            )
        )

    def _show_picture(self, image: QImage) -> None:
        wish = self.wish()
        words = "" if wish is None else f"{wish.kind} heatmap of {wish.title}"
        self.canvas.show_image(image, words=words)
        self._states.setCurrentWidget(self._area)
        self.export.setEnabled(True)
        self.drawn.emit()

    def _say(self, words: str) -> None:
        self.waiting.say(words)
        self._states.setCurrentWidget(self.waiting)

    def _write(self) -> None:
        wish = self.wish()
        if wish is None or self._folder is None or self._step is None:
            return
        self.status.show_text("Writing the picture …")
        path = self._folder.exports_path / _file_name(self._folder, self._step, wish)
        self._exports.run(heat_export_work(wish, path, self._folder))

    def _tell_written(self, path: Path) -> None:
        if self._folder is not None:
            self.status.show_text(written_words(path, self._folder))
        self.written.emit(path)


def _surface_words(surface: Surface) -> str:
    """Which surface it is, and how many participants were on it."""
    where = "Screen"
    if surface.is_page:
        parts = urlsplit(surface.url)
        name = parts.path.rsplit("/", 1)[-1] or parts.netloc
        query = f"?{parts.query}" if parts.query else ""
        where = f"Page {name}{query}"
    device = f" · {surface.device}" if surface.device else ""
    variant = f" · version {surface.variant}" if surface.variant else ""
    n = len({one.participant_id for one in surface.sessions})
    return f"{where}{device}{variant} · {n}"


def _file_name(folder: StudyFolder, step: MapStep, wish: HeatmapWish) -> str:
    surface = wish.surface
    values = segment_parts(wish.segment)
    if surface.device and surface.device not in values:
        values.append(surface.device)
    if surface.variant:
        values.append(surface.variant)
    if surface.is_page:
        values.append(urlsplit(surface.url).path.rsplit("/", 1)[-1] or "page")
    parts = [folder.study.id, step.step_id, str(wish.kind), *values]
    return "-".join("".join(c if c.isalnum() or c in "-." else "_" for c in p) for p in parts) + (
        ".png"
    )
