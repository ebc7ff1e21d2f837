"""Words on the participant's screen: instructions, waiting, thanks, camera-only steps."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QPointF
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QFont,
    QPainter,
    QPaintEvent,
    QPalette,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QWidget

from journeylab.clock import Clock
from journeylab.study.model import Step
from journeylab.theme import FONT_FAMILY, LIGHT
from journeylab.ui.participant.stage import Stage

CAMERA_ONLY_TEXT: Final = "Please carry on with what is in front of you. Take the time you need."

_FONT_SHARE: Final = 0.03  # of the screen's height
_FONT_LEAST_PX, _FONT_MOST_PX = 22, 42
_COLUMN_EM: Final = 24.0  # about 50 characters a line, which reads easily
_LINE_HEIGHT_PERCENT: Final = 145.0
_EVEN_PX: Final = 4.0


class TextStage(Stage):
    """A few lines in large type on a quiet ground; nothing on it moves or has a colour."""

    def __init__(self, *, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(clock=clock, parent=parent)
        self._text = ""

    @property
    def text(self) -> str:
        """What it says now."""
        return self._text

    def show_step(self, step: Step) -> None:
        """Show an instruction, or the text of a camera-only step."""
        self._expect(step.id, str(step.stimulus.kind))
        self._set_text(step.stimulus.text or CAMERA_ONLY_TEXT)

    def show_text(self, text: str) -> None:
        """Show words that belong to no step; nothing is stamped."""
        self.leave()
        self._set_text(text)

    def _set_text(self, text: str) -> None:
        self._text = text
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._paint_ground(painter)
        document = self._lay_out()
        size = document.size()
        # A little above the middle looks centred.
        painter.translate(
            QPointF((self.width() - size.width()) / 2, (self.height() - size.height()) * 0.46)
        )
        context = QAbstractTextDocumentLayout.PaintContext()
        context.palette.setColor(QPalette.ColorRole.Text, QColor(LIGHT.text))
        document.documentLayout().draw(painter, context)
        painter.end()
        self._stamp_onset(self._clock.now_ns())

    def _lay_out(self) -> QTextDocument:
        font = QFont(FONT_FAMILY)
        font.setPixelSize(
            round(min(_FONT_MOST_PX, max(_FONT_LEAST_PX, _FONT_SHARE * self.height())))
        )
        document = QTextDocument()
        document.setDefaultFont(font)
        document.setDocumentMargin(0)
        document.setPlainText(self._text)
        document.setTextWidth(min(0.84 * self.width(), _COLUMN_EM * font.pixelSize()))
        block = QTextBlockFormat()
        block.setLineHeight(
            _LINE_HEIGHT_PERCENT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value
        )
        cursor = QTextCursor(document)
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.mergeBlockFormat(block)
        _even_out(document)
        return document


def _even_out(document: QTextDocument) -> None:
    """Make it as narrow as its number of lines allows: no word is left alone on the last one, and
    the words stand in the middle, not their column."""
    height_px = document.size().height()
    too_narrow_px, wide_px = 0.0, document.idealWidth()
    while wide_px - too_narrow_px > _EVEN_PX:
        width_px = (too_narrow_px + wide_px) / 2
        document.setTextWidth(width_px)
        if document.size().height() > height_px or document.idealWidth() > width_px:
            too_narrow_px = width_px
        else:
            wide_px = width_px
    document.setTextWidth(math.ceil(wide_px))
