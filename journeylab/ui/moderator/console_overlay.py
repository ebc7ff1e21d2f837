"""All keys of the console on one sheet, over it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QFontMetrics, QMouseEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from journeylab.ui.moderator.console_keys import REMARKS, WITH_PARTICIPANT, ConsoleKeys
from journeylab.ui.widgets.card import Label, SectionLabel
from journeylab.ui.widgets.keys import KeyCap
from journeylab.ui.widgets.style import BODY_PX, font

_ROWS_MOST: Final = 18
_ROWS_TOGETHER: Final = 12
"""Groups share a column up to so many rows."""
_WORDS_PX: Final = 170
_HOW: Final = (
    "While the participant has the keyboard, plain keys are hers: hold {alt}, or press a function "
    "key. Where nothing on her page has the caret, markers need no {alt}. {keys} takes the "
    "keyboard back."
)

_SQUARE: Final = 'QFrame[role="sheet"] { border-radius: 0; }'

_Line = tuple[str, str, str]
"""A key, the one that acts whoever has the keyboard where it is another, and the words."""


class KeySheet(QFrame):
    """What each key does, by group; a click, Esc or the key that opened it closes it.

    It lies over the page, or where that cannot be seen over the display: see :meth:`float_over`.
    It says nothing that is inferred or that was done, so the participant may see it. ``texts``
    holds what it says to each key.
    """

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self.setProperty("role", "sheet")
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating, True)
        self._page = page
        self._strip: QWidget | None = None
        self._frame = QVBoxLayout(self)
        self._frame.setContentsMargins(24, 20, 24, 20)
        self._frame.setSpacing(16)
        self._body: QWidget | None = None
        self.texts: dict[str, str] = {}
        self.setAccessibleName("All keys")
        page.installEventFilter(self)
        self.hide()

    def float_over(self, strip: QWidget | None) -> None:
        """Lie over the display of a strip, as a window of its own; with None over the page."""
        if strip is self._strip:
            return
        self._strip = strip
        self.hide()
        # A window has corners, and what is behind round ones would be black.
        self.setStyleSheet("" if strip is None else _SQUARE)
        if strip is None:
            self.setParent(self._page)
            return
        kind = Qt.WindowType
        flags = kind.Tool | kind.FramelessWindowHint | kind.WindowStaysOnTopHint
        # The keyboard stays where it is: its keys are what the sheet is about.
        self.setParent(None, flags | kind.WindowDoesNotAcceptFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground, True)

    def show_keys(self, keys: ConsoleKeys) -> None:
        """List the keys anew: a study's markers may have taken some."""
        if self._body is not None:
            self._body.hide()
            self._body.deleteLater()
        groups: dict[str, list[_Line]] = {}
        for act in keys.acts:
            key, lasting = keys.shown_key(act.name), keys.lasting_key(act.name)
            line = (key, "" if lasting == key else lasting, act.words)
            groups.setdefault(act.group, []).append(line)
        own = [(one.key, f"{WITH_PARTICIPANT}+{one.key}", one.label) for one in keys.markers]
        groups[REMARKS] = own + groups.get(REMARKS, [])
        self.texts = {
            key: words for lines in groups.values() for *both, words in lines for key in both if key
        }
        self._body = QWidget()
        rows = QVBoxLayout(self._body)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(16)
        columns = QHBoxLayout()
        columns.setSpacing(28)
        for parts in _columns(groups):
            columns.addWidget(_column(parts), 0, Qt.AlignmentFlag.AlignTop)
        rows.addLayout(columns)
        how = _HOW.format(alt=WITH_PARTICIPANT, keys=keys.shown_key("keyboard"))
        rows.addWidget(Label(how, role="quiet", wrap=True))
        self._frame.addWidget(self._body)

    def toggle(self) -> None:
        """Open, or close."""
        if self.isVisible():
            self.hide()
        else:
            self.show()  # first: only what is shown knows its letters, and so its size
            self._centre()
            self.raise_()

    def _centre(self) -> None:
        self.adjustSize()
        room = QRect(0, 0, self._page.width(), self._page.height())
        if self._strip is not None:
            room = self._strip.screen().availableGeometry()
        self.move(
            max(room.left(), room.left() + (room.width() - self.width()) // 2),
            max(room.top(), room.top() + (room.height() - self.height()) // 2),
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize and self.isVisible() and self._strip is None:
            self._centre()
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()
        self.hide()


def _columns(groups: Mapping[str, Sequence[_Line]]) -> Iterator[list[tuple[str, Sequence[_Line]]]]:
    """The groups in columns: small ones together, a large one in as many as it needs."""
    column: list[tuple[str, Sequence[_Line]]] = []
    n_rows = 0
    for title, lines in groups.items():
        for begin in range(0, len(lines), _ROWS_MOST):
            part = lines[begin : begin + _ROWS_MOST]
            if column and n_rows + 1 + len(part) > _ROWS_TOGETHER:
                yield column
                column, n_rows = [], 0
            column.append(("" if begin else title, part))
            n_rows += 1 + len(part)
    if column:
        yield column


def _column(parts: Sequence[tuple[str, Sequence[_Line]]]) -> QWidget:
    column = QWidget()
    grid = QGridLayout(column)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(6)
    grid.setVerticalSpacing(6)
    metrics = QFontMetrics(font(BODY_PX))
    row = 0
    for title, lines in parts:
        if row:
            grid.setRowMinimumHeight(row, 6)
            row += 1
        grid.addWidget(SectionLabel(title), row, 0, 1, 3)
        for key, lasting, words in lines:
            row += 1
            grid.addWidget(KeyCap(key), row, 0, Qt.AlignmentFlag.AlignRight)
            if lasting:
                grid.addWidget(KeyCap(lasting), row, 1)
            elided = metrics.elidedText(words, Qt.TextElideMode.ElideRight, _WORDS_PX)
            grid.addWidget(Label(elided), row, 2)
        row += 1
    return column
