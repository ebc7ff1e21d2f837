"""Cards, section labels and the small text blocks that fill them."""

from __future__ import annotations

import html

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from journeylab.theme import CARD_PADDING_PX
from journeylab.ui.widgets.style import SECTION_PX, font, set_role

TRACKING_PERCENT = 8.0


def tooltip(text: str) -> str:
    """A text to be set as a tooltip, which Qt would otherwise read as markup if it looks so."""
    if "<" not in text and "&" not in text:
        return text
    return f'<p style="white-space: pre-wrap">{html.escape(text)}</p>'


class Label(QLabel):
    """Plain text in a role of the style sheet: title, heading, strong, figure, unit, quiet."""

    def __init__(self, text: str = "", *, role: str = "", wrap: bool = False) -> None:
        super().__init__(text)
        # Names of studies and files come from outside: never read them as markup.
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        if role:
            self.setProperty("role", role)

    def show_text(self, text: str) -> None:
        """Set the text only when it differs: most of twice a second nothing has changed."""
        if text != self.text():
            self.setText(text)


class ElidedLabel(Label):
    """One line that gives way where room is short, with dots at its end; its tooltip is whole."""

    def show_text(self, text: str) -> None:
        super().show_text(text)
        self.setToolTip(tooltip(text))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        words = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, self.width()
        )
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, words)
        painter.end()


class SectionLabel(Label):
    """A small heading in tracked capitals."""

    def __init__(self, text: str) -> None:
        super().__init__(text.upper(), role="section")
        self.setFont(font(SECTION_PX, weight=600, tracking_percent=TRACKING_PERCENT))


class Card(QFrame):
    """A quiet panel with an optional section label; ``body`` takes its contents."""

    def __init__(self, title: str = "", *, spacing_px: int = 8) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(*(CARD_PADDING_PX,) * 4)
        self.body.setSpacing(spacing_px)
        self.header = QHBoxLayout()
        self.header.setSpacing(8)
        if title:
            self.header.addWidget(SectionLabel(title))
            self.header.addStretch(1)
            self.body.addLayout(self.header)


class Figure(QWidget):
    """One quantity: a section label, a large figure with its unit, a line of detail."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._figure = Label("–", role="figure")
        self._unit = Label("", role="unit")
        self._detail = ElidedLabel("", role="quiet")
        line = QHBoxLayout()
        line.setSpacing(6)
        for label in (self._figure, self._unit):
            line.addWidget(label, 0, Qt.AlignmentFlag.AlignBaseline)
        line.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(SectionLabel(title))
        layout.addLayout(line)
        layout.addWidget(self._detail)
        self.setAccessibleName(title)

    def show_values(self, figure: str, *, unit: str = "", detail: str = "", tone: str = "") -> None:
        """Show a figure; ``tone`` may colour it (joy, negative, warning)."""
        self._figure.show_text(figure)
        self._unit.show_text(unit)
        self._detail.show_text(detail)
        set_role(self._figure, tone=tone)

    @property
    def text(self) -> str:
        """All it says, for tests and screen readers."""
        return " ".join(part.text() for part in (self._figure, self._unit, self._detail)).strip()
