"""The console's bottom line."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout

from journeylab.theme import DARK, Palette
from journeylab.ui.widgets.card import ElidedLabel, tooltip
from journeylab.ui.widgets.health import HealthRow, Level, Reading
from journeylab.ui.widgets.keys import KeyButton

BAR_PX = 36
_BUTTON_PX = 28
_GAPS_PX = (22, 14, 10)
_LIGHTS = frozenset({"camera", "mesh", "gaze", "mouse", "microphone"})


class HealthBar(QFrame):
    """Readings from left to right, one more at the far right.

    Where they need more room than there is they move together, then say less: the last reading
    goes while it is calm, and each has its brief words.
    """

    def __init__(self, *, palette: Palette = DARK) -> None:
        super().__init__()
        self.setProperty("role", "bar")
        self.setProperty("edge", "top")
        self.setFixedHeight(BAR_PX)
        self._palette = palette
        self._rows: dict[str, HealthRow] = {}
        self._left = QHBoxLayout()
        self._left.setSpacing(_GAPS_PX[0])
        self._readings: Mapping[str, Reading] = {}
        self._last_reading = Reading(Level.OFF, "")
        self._last = HealthRow(tinted=False, has_dot_when_good=False, palette=palette)
        self.observers = KeyButton("Observers", key="F6", palette=palette)
        self.observers.setFixedHeight(_BUTTON_PX)
        self._watching = ElidedLabel("", role="strong")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(20, 0, 20, 0)
        layout.addLayout(self._left)
        layout.addStretch(1)
        layout.addSpacing(_GAPS_PX[1])
        layout.addWidget(self._last)
        layout.addSpacing(_GAPS_PX[1])
        layout.addWidget(self._watching)
        layout.addSpacing(6)
        layout.addWidget(self.observers)

    def show_readings(self, readings: Mapping[str, Reading], *, last: Reading) -> None:
        """Show the readings, each in the row of its key."""
        for key in readings:
            if key not in self._rows:
                is_light = key in _LIGHTS
                self._rows[key] = HealthRow(
                    tinted=is_light, has_dot_when_good=is_light, palette=self._palette
                )
                self._left.addWidget(self._rows[key])
                self._rows[key].show()  # at once: what is hidden takes no room
        if readings != self._readings or last != self._last_reading:
            self._readings, self._last_reading = dict(readings), last
            self._last.show_reading(last)
            self._fit()

    def show_observers(self, words: str, *, n_watching: int | None) -> None:
        """Say who watches, and how many on the button itself, which never gives way; nothing and
        None while nobody may."""
        title = "Observers" if n_watching is None else f"Observers: {n_watching}"
        self.observers.show_words(title, primary=False)
        self._watching.show_text(words)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """As wide as the window lets it be: what does not fit says less."""
        return QSize(0, BAR_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Say as much as there is room for."""
        is_calm = self._last_reading.level in (Level.GOOD, Level.OFF)
        for gap_px, is_brief in ((_GAPS_PX[0], False), (_GAPS_PX[1], False), (_GAPS_PX[2], True)):
            self._left.setSpacing(gap_px)
            self._last.setVisible(not (is_brief and is_calm))
            for key, reading in self._readings.items():
                words = reading.brief if is_brief and reading.brief else reading.text
                self._rows[key].show_reading(Reading(reading.level, words))
                self._rows[key].setToolTip(tooltip(reading.text))
            if self._needed_px() <= self.width():
                return

    def _needed_px(self) -> int:
        """The width at which nothing is cut off but who watches, which gives way."""
        layout = self.layout()
        assert layout is not None
        for row in (*self._rows.values(), self._last):
            row.updateGeometry()  # what its label says has changed since the layout asked
        self._left.invalidate()
        layout.invalidate()
        return layout.minimumSize().width()

    @property
    def watching_text(self) -> str:
        """Who is said to watch."""
        return self._watching.text()

    @property
    def texts(self) -> dict[str, str]:
        """What each row says."""
        return {key: row.text for key, row in self._rows.items()}

    @property
    def rows(self) -> dict[str, HealthRow]:
        """The rows by what they are about."""
        return dict(self._rows)
