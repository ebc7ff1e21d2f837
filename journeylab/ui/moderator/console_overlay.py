"""All keys of the console on one sheet, over it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from journeylab.ui.moderator.console_keys import WITH_PARTICIPANT, ConsoleKeys
from journeylab.ui.widgets.card import Label, SectionLabel
from journeylab.ui.widgets.keys import KeyCap

_MARKERS = "Markers and notes"
_ROWS_MOST = 12


class KeySheet(QFrame):
    """What each key does, by group; a click, Esc or the key that opened it closes it.

    ``texts`` holds what it says to each key.
    """

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self.setProperty("role", "sheet")
        self._page = page
        self._frame = QVBoxLayout(self)
        self._frame.setContentsMargins(24, 20, 24, 20)
        self._body: QWidget | None = None
        self.texts: dict[str, str] = {}
        self.setAccessibleName("All keys")
        page.installEventFilter(self)
        self.hide()

    def show_keys(self, keys: ConsoleKeys) -> None:
        """List the keys anew: a study's markers may have taken some."""
        if self._body is not None:
            self._body.hide()
            self._body.deleteLater()
        groups: dict[str, list[tuple[str, str]]] = {}
        for act in keys.acts:
            groups.setdefault(act.group, []).append((keys.shown_key(act.name), act.words))
        own = [(one.key, one.label) for one in keys.markers[:_ROWS_MOST]]
        if own:
            alt = f"{WITH_PARTICIPANT}+{own[0][0]}"
            own.append((alt, "The same while the participant\nanswers by keys or types"))
        groups[_MARKERS] = own + groups.get(_MARKERS, [])
        self.texts = dict(line for lines in groups.values() for line in lines)
        self._body = QWidget()
        columns = QHBoxLayout(self._body)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(36)
        for title, lines in groups.items():
            columns.addWidget(self._column(title, lines), 0, Qt.AlignmentFlag.AlignTop)
        self._frame.addWidget(self._body)

    @staticmethod
    def _column(title: str, lines: list[tuple[str, str]]) -> QWidget:
        column = QWidget()
        grid = QGridLayout(column)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(6)
        grid.addWidget(SectionLabel(title), 0, 0, 1, 2)
        for row, (key, words) in enumerate(lines, start=1):
            grid.addWidget(KeyCap(key), row, 0, Qt.AlignmentFlag.AlignRight)
            grid.addWidget(Label(words), row, 1)
        return column

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
        self.move(
            max(0, (self._page.width() - self.width()) // 2),
            max(0, (self._page.height() - self.height()) // 2),
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize and self.isVisible():
            self._centre()
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()
        self.hide()
