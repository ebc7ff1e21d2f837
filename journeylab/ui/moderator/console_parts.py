"""The console's parts and where they stand."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from journeylab.theme import CARD_PADDING_PX, GAP_PX, Palette
from journeylab.ui.moderator.console_header import ConsoleHeader
from journeylab.ui.moderator.health_bar import HealthBar
from journeylab.ui.moderator.marker_panel import MarkerPanel
from journeylab.ui.moderator.step_list import StepList
from journeylab.ui.widgets.action_unit_bars import ActionUnitBars
from journeylab.ui.widgets.camera_preview import CameraPreview
from journeylab.ui.widgets.card import Card, Figure, Label, SectionLabel
from journeylab.ui.widgets.keys import KeyButton
from journeylab.ui.widgets.notices import Banner
from journeylab.ui.widgets.screen_copy import ScreenCopy
from journeylab.ui.widgets.valence_plot import ValencePlot

_STEPS_PX = 232
_SIDE_PX = 304
_CAPTION_PX = 26


class ConsoleParts:
    """Makes the console's widgets and lays them out in a page: steps, centre, face and markers."""

    def __init__(self, page: QWidget, *, palette: Palette) -> None:
        self.header = ConsoleHeader(palette=palette)
        self.steps = StepList(palette=palette)
        self.guide = Label("", role="quiet", wrap=True)
        self.screen_copy = ScreenCopy(palette=palette)
        self.valence = ValencePlot(palette=palette)
        self.valence_figure = Label("–", role="figure")
        self.no_emotion = Label("", role="quiet", wrap=True)
        self.no_emotion.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.no_emotion.hide()
        self.mouse, self.page, self.step = Figure("Mouse"), Figure("Page"), Figure("Step")
        self.camera = CameraPreview(palette=palette)
        self.alert = Banner(can_dismiss=False, palette=palette)
        self.bars = ActionUnitBars(palette=palette)
        self.markers = MarkerPanel(palette=palette)
        self.check_gaze = KeyButton("Check gaze", key="F8", palette=palette)
        self.recentre = KeyButton("Re-centre", key="F9", palette=palette)
        self.health = HealthBar(palette=palette)
        columns = QHBoxLayout()
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(0)
        columns.addWidget(self._steps_column())
        columns.addLayout(self._centre_column(), 1)
        columns.addWidget(self._side_column())
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addLayout(columns, 1)
        layout.addWidget(self.health)

    def _steps_column(self) -> QWidget:
        column = QFrame()
        column.setProperty("role", "side")
        column.setProperty("edge", "right")
        column.setFixedWidth(_STEPS_PX)
        self.steps_scroll = QScrollArea()
        self.steps_scroll.setWidgetResizable(True)
        self.steps_scroll.setFrameShape(QFrame.Shape.NoFrame)
        self.steps_scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.steps_scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        stack = QVBoxLayout(inner)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.addWidget(self.steps)
        stack.addSpacing(12)
        self.guide_label = SectionLabel("Guide")
        stack.addWidget(self.guide_label)
        stack.addWidget(self.guide)
        stack.addStretch(1)
        self.steps_scroll.setWidget(inner)
        layout = QVBoxLayout(column)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(8)
        layout.addWidget(SectionLabel("Steps"))
        layout.addWidget(self.steps_scroll, 1)
        return column

    def _centre_column(self) -> QVBoxLayout:
        screen = Card("Participant's screen")
        for button in (self.check_gaze, self.recentre):
            screen.header.addWidget(button)
        screen.body.addWidget(self.screen_copy, 1)
        trace = Card("Valence", spacing_px=2)
        trace.header.addWidget(self.valence_figure)
        trace.body.addWidget(self.valence, 1)
        trace.body.addWidget(self.no_emotion, 1)
        figures = Card()
        row = QHBoxLayout()
        row.setSpacing(GAP_PX)
        for figure in (self.mouse, self.page, self.step):
            row.addWidget(figure, 1)
        figures.body.addLayout(row)
        column = QVBoxLayout()
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(GAP_PX)
        column.addWidget(screen, 5)
        column.addWidget(trace, 4)
        column.addWidget(figures)
        return column

    def _side_column(self) -> QWidget:
        column = QFrame()
        column.setProperty("role", "side")
        column.setProperty("edge", "left")
        column.setFixedWidth(_SIDE_PX)
        camera = Card()
        # Room for a whole 16:9 picture where there is any; on a low screen it gives way first.
        self.camera.setMinimumHeight(96)
        picture_px = round((_SIDE_PX - 34 - 2 * CARD_PADDING_PX) * 9 / 16)
        camera.setMaximumHeight(picture_px + _CAPTION_PX + CARD_PADDING_PX + 8)
        camera.body.setContentsMargins(CARD_PADDING_PX, CARD_PADDING_PX, CARD_PADDING_PX, 6)
        camera.body.addWidget(self.camera)
        units = Card("Action units")
        units.body.addWidget(self.bars)
        self._units = units
        layout = QVBoxLayout(column)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(GAP_PX)
        layout.addWidget(camera, 100)
        layout.addWidget(self.alert)
        layout.addWidget(units)
        layout.addWidget(self.markers)
        layout.addStretch(1)
        return column

    def show_emotion(self, *, unless: str) -> None:
        """Show trace and action units, or say why there are none."""
        self.no_emotion.show_text(unless)
        self.no_emotion.setVisible(bool(unless))
        for widget in (self.valence, self.valence_figure, self._units):
            widget.setVisible(not unless)

    def keep_step_in_sight(self, index: int) -> None:
        """Scroll the list of steps so that one of them is seen."""
        box = self.steps.row_box(index)
        middle_px = int(box.center().y())
        self.steps_scroll.ensureVisible(0, middle_px, 0, int(box.height()))
