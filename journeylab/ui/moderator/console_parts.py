"""The console's parts and where they stand."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from journeylab.clock import Clock
from journeylab.theme import CARD_PADDING_PX, GAP_PX, Palette
from journeylab.ui.moderator.console_acts import OUTCOME_KEYS
from journeylab.ui.moderator.console_alerts import AlertBanner, HappeningList
from journeylab.ui.moderator.console_course import CourseColumn
from journeylab.ui.moderator.console_header import ConsoleHeader
from journeylab.ui.moderator.health_bar import HealthBar
from journeylab.ui.moderator.marker_panel import MarkerPanel
from journeylab.ui.widgets.action_unit_bars import ActionUnitBars
from journeylab.ui.widgets.camera_preview import CameraPreview
from journeylab.ui.widgets.card import Card, Figure, Label
from journeylab.ui.widgets.health import Level
from journeylab.ui.widgets.keys import KeyButton
from journeylab.ui.widgets.notices import Banner
from journeylab.ui.widgets.screen_copy import ScreenCopy
from journeylab.ui.widgets.valence_plot import ValencePlot

_SIDE_PX = 304
_CAPTION_PX = 26


class ConsoleParts:
    """Makes the console's widgets and lays them out in a page: steps, centre, face and markers."""

    def __init__(self, page: QWidget, *, clock: Clock, palette: Palette) -> None:
        self.header = ConsoleHeader(palette=palette)
        self.course = CourseColumn(OUTCOME_KEYS, clock=clock, palette=palette)
        self.steps, self.guide = self.course.steps, self.course.guide
        self.paused = Banner(can_dismiss=False, palette=palette)
        self.screen_copy = ScreenCopy(palette=palette)
        self.valence = ValencePlot(palette=palette)
        self.valence_figure = Label("–", role="figure")
        self.no_emotion = Label("", role="quiet", wrap=True)
        self.no_emotion.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.no_emotion.hide()
        self.mouse, self.page, self.step = Figure("Mouse"), Figure("Page"), Figure("Step")
        self.camera = CameraPreview(palette=palette)
        self.alert = Banner(can_dismiss=False, palette=palette)
        self.said_alert = AlertBanner(palette=palette)
        self.happenings = HappeningList()
        self.bars = ActionUnitBars(palette=palette)
        self.markers = MarkerPanel(clock=clock, palette=palette)
        self.check_gaze = KeyButton("Check gaze", key="F8", palette=palette)
        self.recentre = KeyButton("Re-centre", key="F9", palette=palette)
        self.calibrate = KeyButton("Face and gaze", palette=palette)
        self.health = HealthBar(palette=palette)
        columns = QHBoxLayout()
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(0)
        columns.addWidget(self.course)
        columns.addLayout(self._centre_column(), 1)
        columns.addWidget(self._side_column())
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addLayout(columns, 1)
        layout.addWidget(self.health)

    def _centre_column(self) -> QVBoxLayout:
        screen = Card("Participant's screen")
        screen.header.setSpacing(6)  # on the smallest window there is no more for its buttons
        for button in (self.check_gaze, self.recentre, self.calibrate):
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
        row.addWidget(self.happenings, 2)
        figures.body.addLayout(row)
        column = QVBoxLayout()
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(GAP_PX)
        column.addWidget(self.paused)
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
        self.camera.setMinimumHeight(76)
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
        layout.addWidget(self.said_alert)
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

    def show_paused(self, is_paused: bool) -> None:
        """Say plainly, over everything else, that nothing is kept."""
        self.paused.say(
            "Paused. Nothing of the participant is kept, and their screen is covered."
            if is_paused
            else "",
            level=Level.WARNING,
        )
