"""The line that is typed in the strip: a note, or the title of an unplanned step."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedLayout, QWidget

from journeylab.clock import Clock
from journeylab.ui.moderator.line_field import Line, LineField
from journeylab.ui.widgets.card import Label
from journeylab.ui.widgets.keys import KeyCap

_FIELD_PX: Final = 40
_GAP_PX: Final = 8
_WIDTH_PX: Final = 460


class StripLine(QFrame):
    """A field for each kind of line, one of them shown; ``typing_changed`` when one is typed in."""

    typing_changed = Signal(bool)

    def __init__(self, *, clock: Clock) -> None:
        super().__init__()
        self.fields = {
            Line.NOTE: LineField("Write a note, Enter keeps it", name="Note", clock=clock),
            Line.TITLE: LineField(
                "What is the unplanned step about? Enter begins it",
                name="Title of the step",
                clock=clock,
            ),
        }
        self.fields[Line.TITLE].setMaxLength(80)
        stack = QWidget()
        stack.setMinimumWidth(_WIDTH_PX)
        self._stack = QStackedLayout(stack)
        for field in self.fields.values():
            self._stack.addWidget(field)
            field.typing_changed.connect(self.typing_changed)
        row = self._row = QHBoxLayout(self)
        row.setSpacing(_GAP_PX)
        row.addWidget(stack, 1)
        for key, words in (("⏎", "keep"), ("Esc", "close")):
            row.addWidget(KeyCap(key))
            row.addWidget(Label(words, role="small"))
        self.stand(alone=False)

    def stand(self, *, alone: bool) -> None:
        """Be laid out beneath the strip, or alone where it is hidden."""
        top_px = _GAP_PX if alone else 0
        self._row.setContentsMargins(14, top_px, 14, _GAP_PX)
        self.setFixedHeight(_FIELD_PX + top_px + _GAP_PX)

    def begin(self, line: Line) -> None:
        """Show a field and give it the keyboard; the strip is seen by then."""
        self._stack.setCurrentWidget(self.fields[line])
        self.fields[line].begin()

    @property
    def is_typing(self) -> bool:
        """Whether a line is being typed."""
        return any(field.is_typing for field in self.fields.values())
