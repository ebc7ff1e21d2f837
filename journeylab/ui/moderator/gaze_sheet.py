"""Neutral face and calibration while a session is recorded, on a sheet over the console."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from journeylab.theme import DARK, Palette
from journeylab.ui.moderator.gaze_card import GazeCard
from journeylab.ui.widgets.card import Label
from journeylab.ui.widgets.keys import KeyButton

NEUTRAL_KEY: Final = "Shift+F8"
CALIBRATE_KEY: Final = "Shift+F9"
_WIDTH_PX: Final = 780
_MARGIN_PX: Final = 40
_FOOT_PX: Final = 60  # low: the dots are seen above it, on the copy of the participant's screen
_HELD: Final = (
    "The session is held meanwhile and goes on by itself; one that is paused stays paused."
)


class GazeSheet(QFrame):
    """Shows the card that the set-up page has, over the lower half of the page.

    The keys ask for neutral face and calibration whether the sheet can be seen or not: on the only
    display nothing is laid over what the participant sees.
    """

    def __init__(self, page: QWidget, *, palette: Palette = DARK) -> None:
        super().__init__(page)
        self.setProperty("role", "sheet")
        self.setAccessibleName("Face and gaze")
        self._page = page
        keys = (NEUTRAL_KEY, CALIBRATE_KEY)
        self.card = GazeCard(keys=keys, hears_escape=False, palette=palette)
        self.card.set_open(True)
        self.close_button = KeyButton("Close", key="Esc", palette=palette)
        foot = QHBoxLayout()
        foot.addWidget(Label(_HELD, role="quiet", wrap=True), 1)
        foot.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignVCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(self.card)
        layout.addLayout(foot)
        self.close_button.clicked.connect(self.hide)
        self.card.changed.connect(self._place)
        page.installEventFilter(self)
        self.hide()

    def toggle(self) -> None:
        """Open, or close; what runs goes on."""
        if self.isVisible():
            self.hide()
        else:
            self._open()

    def ask_for_neutral(self) -> None:
        """Ask for the neutral face."""
        self._open()
        self.card.neutral.ask()

    def ask_to_calibrate(self) -> None:
        """Ask for a calibration."""
        self._open()
        self.card.ask()

    def escape(self) -> bool:
        """Break off what runs, else close; False when there was nothing to do."""
        if self.card.problem:
            self.card.broken_off.emit()
            return True
        was_open = self.isVisible()
        self.hide()
        return was_open

    def _open(self) -> None:
        if self._page.isVisible():
            self.show()  # first: only what is shown knows its letters, and so its size
            self._place()
            self.raise_()

    def _place(self) -> None:
        self.close_button.show_key("" if self.card.problem else "Esc")
        if not self.isVisible():
            return
        self.setFixedWidth(min(_WIDTH_PX, self._page.width() - 2 * _MARGIN_PX))
        self.adjustSize()
        self.move(
            max(0, (self._page.width() - self.width()) // 2),
            max(0, self._page.height() - self.height() - _FOOT_PX),
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)
