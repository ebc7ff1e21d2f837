"""The console's bottom line."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout

from journeylab.theme import DARK, Palette
from journeylab.ui.widgets.card import Label, tooltip
from journeylab.ui.widgets.health import HealthRow, Reading
from journeylab.ui.widgets.keys import KeyButton

BAR_PX = 36
_BUTTON_PX = 28
_LIGHTS = frozenset({"camera", "mesh", "gaze", "mouse", "microphone"})


class _Watching(Label):
    """One line that gives way where the bar is full, and is whole in its tooltip."""

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        metrics = self.fontMetrics()
        words = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, words)
        painter.end()


class HealthBar(QFrame):
    """Readings from left to right, one more at the far right."""

    def __init__(self, *, palette: Palette = DARK) -> None:
        super().__init__()
        self.setProperty("role", "bar")
        self.setProperty("edge", "top")
        self.setFixedHeight(BAR_PX)
        self._palette = palette
        self._rows: dict[str, HealthRow] = {}
        self._left = QHBoxLayout()
        self._left.setSpacing(22)
        self._last = HealthRow(tinted=False, has_dot_when_good=False, palette=palette)
        self.observers = KeyButton("Observers", key="F6", palette=palette)
        self.observers.setFixedHeight(_BUTTON_PX)
        self._watching = _Watching("", role="strong")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(20, 0, 20, 0)
        layout.addLayout(self._left)
        layout.addStretch(1)
        layout.addWidget(self._last)
        layout.addSpacing(14)
        layout.addWidget(self._watching)
        layout.addSpacing(6)
        layout.addWidget(self.observers)

    def show_readings(self, readings: Mapping[str, Reading], *, last: Reading) -> None:
        """Show the readings, each in the row of its key."""
        for key, reading in readings.items():
            if key not in self._rows:
                is_light = key in _LIGHTS
                self._rows[key] = HealthRow(
                    tinted=is_light, has_dot_when_good=is_light, palette=self._palette
                )
                self._left.addWidget(self._rows[key])
            self._rows[key].show_reading(reading)
        self._last.show_reading(last)

    def show_observers(self, words: str, *, n_watching: int | None) -> None:
        """Say who watches, and how many on the button itself, which never gives way; nothing and
        None while nobody may."""
        title = "Observers" if n_watching is None else f"Observers: {n_watching}"
        self.observers.show_words(title, primary=False)
        self._watching.show_text(words)
        self._watching.setToolTip(tooltip(words))

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
