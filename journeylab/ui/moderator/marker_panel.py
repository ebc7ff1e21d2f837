"""The study's markers with their keys and counts, and the field for a note."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QHBoxLayout, QSizePolicy

from journeylab.clock import Clock
from journeylab.study.model import MarkerKey
from journeylab.theme import DARK, Palette
from journeylab.ui.moderator.line_field import LineField
from journeylab.ui.widgets.card import Card, Label
from journeylab.ui.widgets.keys import KeyButton, KeyCap
from journeylab.ui.widgets.style import BODY_PX, SECTION_PX, SMALL_PX, colour, font

_FLASH_MS = 900
_ROW_PX = 30
_CAP_PX = 22
_MOST_IN_A_COLUMN = 5


class MarkerRow(QAbstractButton):
    """One marker: its key, its name, how often it was set. Lights up when it is set."""

    def __init__(self, marker: MarkerKey, *, palette: Palette = DARK) -> None:
        super().__init__()
        self._marker = marker
        self._palette = palette
        self._count = 0
        self._hovered = False
        self._flash = QTimer(self)
        self._flash.setSingleShot(True)
        self._flash.setInterval(_FLASH_MS)
        self._flash.timeout.connect(self.update)
        self.setText(marker.label)
        self.setAccessibleName(f"Marker {marker.label}, key {marker.key}")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    @property
    def marker(self) -> MarkerKey:
        return self._marker

    @property
    def count_text(self) -> str:
        return f"×{self._count}" if self._count else ""

    @property
    def is_lit(self) -> bool:
        return self._flash.isActive()

    def sizeHint(self) -> QSize:
        return QSize(200, _ROW_PX)

    def show_count(self, count: int) -> None:
        if count != self._count:
            self._count = count
            self.update()

    def light_up(self) -> None:
        """Confirm, at once, that the marker was set."""
        self._flash.start()
        self.update()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hovered = True
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = False
        self.update()
        super().leaveEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        palette = self._palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row = QRectF(self.rect())
        if self.is_lit or self._hovered or self.hasFocus():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour(palette.warning_tint if self.is_lit else palette.raised))
            painter.drawRoundedRect(row.adjusted(-0.5, 1, 0.5, -1), 7, 7)
        cap = QRectF(4, (row.height() - _CAP_PX) / 2, _CAP_PX, _CAP_PX)
        ink = palette.warning_text if self.is_lit else palette.quiet_text
        painter.setPen(QPen(colour(ink if self.is_lit else palette.line), 1))
        painter.setBrush(colour(palette.ground))
        painter.drawRoundedRect(cap.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        painter.setPen(colour(ink))
        painter.setFont(font(SECTION_PX, weight=600))
        painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, self._marker.key)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(font(SMALL_PX))
        painter.drawText(
            row.adjusted(0, 0, -6, 0), Qt.AlignmentFlag.AlignRight | middle, self.count_text
        )
        painter.setFont(font(BODY_PX))
        painter.setPen(colour(palette.text))
        words = row.adjusted(cap.right() + 9, 0, -36, 0)
        label = QFontMetrics(font(BODY_PX)).elidedText(
            self._marker.label, Qt.TextElideMode.ElideRight, int(words.width())
        )
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | middle, label)


class MarkerPanel(Card):
    """Markers and notes; emits what was asked for, shows what was counted.

    Nothing is said to be kept before the session has accepted it: see :meth:`confirm`.
    """

    marker_requested = Signal(str)
    note_requested = Signal(str, object)
    typing_changed = Signal(bool)

    def __init__(self, *, clock: Clock, palette: Palette = DARK) -> None:
        super().__init__("Markers", spacing_px=2)
        self._palette = palette
        self._rows: list[MarkerRow] = []
        self.field = LineField("Write a note, Enter keeps it", name="Note", clock=clock)
        self._note_cap = KeyCap("N")
        self.undo = KeyButton("Take the last back", key="Ctrl+Z", palette=palette)
        self.undo.setFixedHeight(28)
        self._said = Label("", role="small")
        self.header.addWidget(self._said)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(4)
        self._grid.setVerticalSpacing(2)
        self.body.addLayout(self._grid)
        note_line = QHBoxLayout()
        note_line.setContentsMargins(4, 6, 0, 0)
        note_line.setSpacing(9)
        note_line.addWidget(self._note_cap)
        note_line.addWidget(self.field, 1)
        self.body.addLayout(note_line)
        undo_line = QHBoxLayout()
        undo_line.setContentsMargins(4, 4, 0, 0)
        undo_line.addWidget(self.undo)
        undo_line.addStretch(1)
        self.body.addLayout(undo_line)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.field.submitted.connect(self.note_requested)
        self.field.typing_changed.connect(self.typing_changed)

    @property
    def rows(self) -> tuple[MarkerRow, ...]:
        return tuple(self._rows)

    @property
    def said(self) -> str:
        """The last confirmation."""
        return self._said.text()

    def show_markers(self, markers: Sequence[MarkerKey]) -> None:
        """Show another study's markers."""
        for row in self._rows:
            row.hide()
            row.deleteLater()
        self._rows = [MarkerRow(marker, palette=self._palette) for marker in markers]
        n_columns = 1 if len(self._rows) <= _MOST_IN_A_COLUMN else 2
        for position, row in enumerate(self._rows):
            self._grid.addWidget(row, position // n_columns, position % n_columns)
            row.clicked.connect(self._clicked)
        self._said.show_text("")

    def show_counts(self, counts: Mapping[str, int]) -> None:
        for row in self._rows:
            row.show_count(counts.get(row.marker.label, 0))

    def set_marker(self, label: str) -> None:
        """Ask for a marker, as its key and its row do."""
        self.marker_requested.emit(label)

    def confirm(self, label: str) -> None:
        """Show that a marker was set: its row lights up."""
        for row in self._rows:
            if row.marker.label == label:
                row.light_up()
        self._said.show_text(f"{label} marked")

    def show_note_key(self, key: str) -> None:
        """Write the note's key beside its field."""
        self._note_cap.show_key(key)

    def say(self, words: str) -> None:
        """Say what became of the last marker."""
        self._said.show_text(words)

    def begin_note(self) -> None:
        """Give the note field the keyboard."""
        self.field.begin()

    def _clicked(self) -> None:
        row = self.sender()
        if isinstance(row, MarkerRow):
            self.set_marker(row.marker.label)
