"""The technical check: a verdict in one line, a line for each thing, and the screen's delay."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout

from journeylab.session.flash_test import ScreenDelay
from journeylab.theme import DARK, Palette
from journeylab.ui.moderator.ports import SessionPort
from journeylab.ui.moderator.verdicts import (
    camera_verdict,
    disk_verdict,
    displays_verdict,
    microphone_verdict,
    overall_verdict,
    picture_verdicts,
    stream_health,
)
from journeylab.ui.widgets.card import Card
from journeylab.ui.widgets.health import HealthRow, Level, Reading
from journeylab.ui.widgets.keys import KeyButton

_LINES = ("Camera", "Face", "Light", "Sharpness", "Glasses", "Microphone", "Disk", "Displays")
_COLUMNS = 2
_MEASURING = "The screen flashes, to measure its delay."
_NO_DELAY = Reading(Level.OFF, "Screen delay: not measured. The screen flashes for ten seconds.")


class CheckCard(Card):
    """Emits ``delay_asked`` when the delay from screen to camera is to be measured, and
    ``changed`` when :attr:`problem` changed."""

    delay_asked = Signal()
    changed = Signal()

    def __init__(self, *, palette: Palette = DARK) -> None:
        super().__init__("Check", spacing_px=6)
        self.verdict = HealthRow(palette=palette)
        self.header.insertWidget(1, self.verdict)
        self.header.insertSpacing(1, 8)
        self._is_measuring = False
        self.rows = {name: HealthRow(tinted=False, wrap=True, palette=palette) for name in _LINES}
        grid = QGridLayout()
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(4)
        for place, row in enumerate(self.rows.values()):
            grid.addWidget(
                row, place % (len(_LINES) // _COLUMNS), place // (len(_LINES) // _COLUMNS)
            )
        for column in range(_COLUMNS):
            grid.setColumnStretch(column, 1)
        self.body.addLayout(grid)
        self.delay = HealthRow(tinted=False, wrap=True, palette=palette)
        self.delay_button = KeyButton("Measure screen delay", key="F7", palette=palette)
        line = QHBoxLayout()
        line.addWidget(self.delay, 1)
        line.addWidget(self.delay_button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(line)
        self.delay_button.clicked.connect(self.ask_for_delay)
        self.forget_delay()

    def ask_for_delay(self) -> None:
        """As the button does, where there is a session to measure in."""
        if self.delay_button.isEnabled():
            self.delay_asked.emit()

    @property
    def problem(self) -> str:
        """Why the session cannot start meanwhile, or empty."""
        return _MEASURING if self._is_measuring else ""

    def forget_delay(self) -> None:
        """The delay of these devices is not known yet."""
        self._show_delay(_NO_DELAY)

    def show_measuring(self) -> None:
        """The participant's screen flashes."""
        self._show_delay(Reading(Level.OFF, _MEASURING), is_measuring=True)

    def show_delay(self, delay: ScreenDelay) -> None:
        """It is measured, and kept in the session."""
        words = (
            f"Screen delay: {delay.delay_ms:.0f} ± {delay.uncertainty_ms:.0f} ms from screen to "
            f"camera, {delay.n_changes} flashes"
        )
        self._show_delay(Reading(Level.GOOD, words))

    def show_no_delay(self, sentence: str) -> None:
        """It could not be measured, and why."""
        self._show_delay(Reading(Level.WARNING, sentence))

    def _show_delay(self, reading: Reading, *, is_measuring: bool = False) -> None:
        was_measuring, self._is_measuring = self._is_measuring, is_measuring
        self.delay.show_reading(reading)
        if was_measuring is not is_measuring:
            self.changed.emit()

    def set_open(self, is_open: bool) -> None:
        """Whether there is a session to measure in."""
        self.delay_button.setEnabled(is_open)

    def show_session(
        self, session: SessionPort | None, *, has_microphone: bool, n_displays: int
    ) -> None:
        """Judge what the devices give now; twice a second."""
        readings = _readings(session, has_microphone=has_microphone)
        readings["Displays"] = displays_verdict(n_displays)
        for name, reading in readings.items():
            self.rows[name].show_reading(reading)
        self.verdict.show_reading(overall_verdict(readings))


def _readings(session: SessionPort | None, *, has_microphone: bool) -> dict[str, Reading]:
    if session is None:
        waiting = Reading(Level.OFF, "Microphone: waiting for the first sound")
        return {
            "Camera": camera_verdict(None),
            **picture_verdicts(None, None),
            "Microphone": waiting if has_microphone else microphone_verdict(None, math.nan),
            "Disk": disk_verdict(None, None),
        }
    view, live = session.view(), session.live
    return {
        "Camera": camera_verdict(stream_health(view, "camera")),
        **picture_verdicts(session.picture.picture, live.latest_measures()),
        "Microphone": microphone_verdict(
            stream_health(view, "microphone"), live.microphone_level_dbfs()
        ),
        "Disk": disk_verdict(view.free_disk_bytes, view.disk_hours_left),
    }
