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
    ``changed`` when :attr:`problem` or :attr:`is_listening` changed.

    The microphone is listened to only where the moderator asks for it, or the participant said yes
    to her voice; its level is shown, and nothing of it kept.
    """

    delay_asked = Signal()
    changed = Signal()

    def __init__(self, *, palette: Palette = DARK) -> None:
        super().__init__("Check", spacing_px=6)
        self.verdict = HealthRow(palette=palette)
        self.header.insertWidget(1, self.verdict)
        self.header.insertSpacing(1, 8)
        self._is_measuring = self._is_listening = False
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
        self.listen_button = KeyButton("Check microphone", key="F3", palette=palette)
        self.listen_button.setToolTip(
            "Listen until somebody answers. The level is shown, not kept."
        )
        self.delay_button = KeyButton("Measure screen delay", key="F7", palette=palette)
        line = QHBoxLayout()
        line.addWidget(self.delay, 1)
        for button in (self.listen_button, self.delay_button):
            line.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(line)
        self.listen_button.clicked.connect(self.ask_to_listen)
        self.delay_button.clicked.connect(self.ask_for_delay)
        self.forget_delay()

    def ask_for_delay(self) -> None:
        """As the button does, where there is a session to measure in."""
        if self.delay_button.isEnabled():
            self.delay_asked.emit()

    def ask_to_listen(self) -> None:
        """As the button does: listen to the microphone, or no more."""
        if self.listen_button.isEnabled():
            self._listen(not self._is_listening)

    @property
    def is_listening(self) -> bool:
        """Whether the moderator asked for the microphone, with nobody having answered yet."""
        return self._is_listening

    def end_listening(self) -> None:
        """The participant answers, or other devices come: what was asked for is over."""
        self._listen(False)

    def _listen(self, is_on: bool) -> None:
        if is_on is not self._is_listening:
            self._is_listening = is_on
            self.listen_button.show_words("End the check" if is_on else "Check microphone")
            self.changed.emit()

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

    def set_open(self, is_open: bool, *, can_listen: bool = False) -> None:
        """Whether there is a session to measure in, and a microphone nobody was asked about."""
        self.listen_button.setEnabled(can_listen)
        self.delay_button.setEnabled(is_open)

    def show_session(
        self, session: SessionPort | None, *, has_microphone: bool, n_displays: int, voice: str = ""
    ) -> None:
        """Judge what the devices give now; twice a second. ``voice`` is the participant's yes or
        no to her voice, empty while she has not answered."""
        readings = _readings(session, has_microphone=has_microphone, voice=voice)
        readings["Displays"] = displays_verdict(n_displays)
        for name, reading in readings.items():
            self.rows[name].show_reading(reading)
        self.verdict.show_reading(overall_verdict(readings))


def _readings(
    session: SessionPort | None, *, has_microphone: bool, voice: str
) -> dict[str, Reading]:
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
            stream_health(view, "microphone"), live.microphone_level_dbfs(), voice=voice
        ),
        "Disk": disk_verdict(view.free_disk_bytes, view.disk_hours_left),
    }
