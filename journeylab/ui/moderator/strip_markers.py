"""The marker keys in the strip, without their words: the participant may read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from journeylab.study.model import MarkerKey
from journeylab.theme import DARK, Palette
from journeylab.ui.widgets.card import Label, tooltip
from journeylab.ui.widgets.style import SECTION_PX, colour, font

_CAP_PX, _GAP_PX = 24, 4
_LEAST: Final = 3
_LIT_MS: Final = 900


class MarkerCap(QLabel):
    """A marker's key; lights up when the marker was set."""

    def __init__(self, key: str, *, palette: Palette) -> None:
        super().__init__(key)
        self.setTextFormat(Qt.TextFormat.PlainText)  # the study names the keys
        self.setFixedSize(_CAP_PX, _CAP_PX)
        self._palette = palette
        self._flash = QTimer(self)
        self._flash.setSingleShot(True)
        self._flash.setInterval(_LIT_MS)
        self._flash.timeout.connect(self.update)

    @property
    def is_lit(self) -> bool:
        return self._flash.isActive()

    def light_up(self) -> None:
        """Confirm that the marker was set."""
        self._flash.start()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        palette = self._palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour(palette.accent if self.is_lit else palette.line), 1))
        painter.setBrush(colour(palette.accent if self.is_lit else palette.ground))
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, 5, 5)
        painter.setPen(colour(palette.on_accent if self.is_lit else palette.quiet_text))
        painter.setFont(font(SECTION_PX, weight=600))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()


class StripMarkers(QWidget):
    """As many keys as there is room for, and how many there are beside."""

    def __init__(self, *, palette: Palette = DARK) -> None:
        super().__init__()
        self._palette = palette
        self._caps: list[MarkerCap] = []
        self._more = Label("", role="small")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(_GAP_PX)
        self._row.addWidget(self._more)
        self._more.hide()

    @property
    def caps(self) -> tuple[MarkerCap, ...]:
        """The keys that are shown."""
        return tuple(self._caps)

    @property
    def more_text(self) -> str:
        """What it says of the keys that are not shown."""
        return "" if self._more.isHidden() else self._more.text()

    def show_markers(self, markers: Sequence[MarkerKey], *, room_px: int) -> None:
        """Show the keys of a study's markers."""
        for cap in self._caps:
            self._row.removeWidget(cap)
            cap.hide()
            cap.deleteLater()
        most = max(_LEAST, room_px // (_CAP_PX + _GAP_PX))
        self._caps = [MarkerCap(marker.key, palette=self._palette) for marker in markers[:most]]
        for place, cap in enumerate(self._caps):
            self._row.insertWidget(place, cap)
            cap.show()  # at once: what is hidden takes no room
        rest = markers[most:]
        self._more.show_text(f"+{len(rest)}")
        self._more.setToolTip(tooltip(f"Also: {' '.join(one.key for one in rest)}"))
        self._more.setVisible(bool(rest))

    def light_up(self, key: str) -> None:
        """The marker with that key was set."""
        for cap in self._caps:
            if cap.text() == key:
                cap.light_up()
