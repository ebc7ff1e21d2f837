"""A list of things that have a time: moments by severity, events, annotations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetricsF, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from journeylab.theme import LIGHT, Palette
from journeylab.ui.widgets.card import tooltip
from journeylab.ui.widgets.style import SMALL_PX, colour, font

ROW_ROLE = Qt.ItemDataRole.UserRole + 1
_LEFT_PX: Final = 14.0
_TIME_PX: Final = 46.0
_MOST_LINES: Final = 3
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class TimedRow:
    """One row: ``token`` is the palette's colour of its bar, ``strength`` 0..1 how far the bar is
    filled; ``end`` stands at the right of the title; ``key`` tells rows apart."""

    t_ns: int
    time_words: str
    title: str
    detail: str
    token: str
    strength: float = 1.0
    end: str = ""
    key: str = ""


class TimedModel(QAbstractListModel):
    """Rows in the order they are given."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: tuple[TimedRow, ...] = ()

    def show_rows(self, rows: Sequence[TimedRow]) -> None:
        """Replace all rows."""
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return " ".join(part for part in (row.time_words, row.title, row.detail) if part)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(f"{row.title}\n{row.detail}".strip())
        return None


class TimedDelegate(QStyledItemDelegate):
    """Paints a row: a bar for its strength, time and title, and the detail beneath."""

    def __init__(self, view: QListView, *, palette: Palette = LIGHT) -> None:
        super().__init__(view)
        self._view = view
        self._palette = palette

    def sizeHint(self, _option: QStyleOptionViewItem, index: _Index) -> QSize:
        row: TimedRow = index.data(ROW_ROLE)
        return QSize(120, 30 + round(self._detail_px(row)) + (4 if row.detail else 0))

    def _detail_px(self, row: TimedRow) -> float:
        if not row.detail:
            return 0.0
        metrics = QFontMetricsF(font(SMALL_PX))
        room = self._view.viewport().width() - _LEFT_PX - 10
        wrapped = metrics.boundingRect(
            QRectF(0, 0, room, 4000), int(Qt.TextFlag.TextWordWrap), row.detail
        )
        return min(wrapped.height(), _MOST_LINES * metrics.lineSpacing())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row: TimedRow = index.data(ROW_ROLE)
        palette = self._palette
        rect = QRectF(getattr(option, "rect")).adjusted(0, 1, -2, -1)  # noqa: B009 - a Qt field
        state = getattr(option, "state")  # noqa: B009 - a Qt field without a stub
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if state & QStyle.StateFlag.State_Selected:
            painter.setBrush(QColor(palette.accent_tint))
            painter.drawRoundedRect(rect, 7, 7)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(QColor(palette.raised))
            painter.drawRoundedRect(rect, 7, 7)
        bar = QRectF(rect.left() + 4, rect.top() + 5, 4, rect.height() - 10)
        ink = colour(getattr(palette, row.token))
        painter.setBrush(colour(palette.line))
        painter.drawRoundedRect(bar, 2, 2)
        filled = bar.height() * min(max(row.strength, 0.0), 1.0)
        painter.setBrush(ink)
        painter.drawRoundedRect(QRectF(bar.left(), bar.bottom() - filled, 4, filled), 2, 2)
        self._paint_words(painter, rect, row)
        painter.restore()

    def _paint_words(self, painter: QPainter, rect: QRectF, row: TimedRow) -> None:
        palette = self._palette
        left, room = rect.left() + _LEFT_PX, rect.width() - _LEFT_PX - 6
        line = QRectF(left, rect.top() + 4, room, 20)
        small, strong = font(SMALL_PX), font(SMALL_PX, weight=600)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(small)
        painter.setPen(colour(palette.quiet_text))
        painter.drawText(line, middle | Qt.AlignmentFlag.AlignLeft, row.time_words)
        end_px = QFontMetricsF(small).horizontalAdvance(row.end) + 6 if row.end else 0.0
        painter.drawText(line, middle | Qt.AlignmentFlag.AlignRight, row.end)
        painter.setFont(strong)
        painter.setPen(colour(palette.text))
        title_px = room - _TIME_PX - end_px
        title = QFontMetricsF(strong).elidedText(row.title, Qt.TextElideMode.ElideRight, title_px)
        painter.drawText(line.adjusted(_TIME_PX, 0, 0, 0), middle, title)
        if row.detail:
            painter.setFont(small)
            painter.setPen(colour(palette.quiet_text))
            place = QRectF(left, rect.top() + 25, room, self._detail_px(row))
            painter.setClipRect(place)
            painter.drawText(place, int(Qt.TextFlag.TextWordWrap), row.detail)


class TimedList(QListView):
    """The list itself; a click or Enter asks for the row's time."""

    chosen = Signal(object)
    """A TimedRow."""

    def __init__(self, name: str, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        self._model = TimedModel()
        self.setModel(self._model)
        self.setItemDelegate(TimedDelegate(self, palette=palette))
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setAccessibleName(name)
        self.clicked.connect(self._choose)
        self.activated.connect(self._choose)

    @property
    def rows(self) -> tuple[TimedRow, ...]:
        """What is listed."""
        return self._model.rows

    def show_rows(self, rows: Sequence[TimedRow]) -> None:
        """Replace all rows; one that stays keeps being selected."""
        if tuple(rows) == self._model.rows:
            return
        selected = self.selected()
        self._model.show_rows(rows)
        if selected is not None:
            self.select_key(selected.key)

    def selected(self) -> TimedRow | None:
        """The selected row."""
        index = self.currentIndex()
        return index.data(ROW_ROLE) if index.isValid() else None

    def select_key(self, key: str) -> None:
        """Select the row of a key, or none."""
        for place, row in enumerate(self._model.rows):
            if row.key == key:
                self.setCurrentIndex(self._model.index(place))
                return
        self.clearSelection()
        self.setCurrentIndex(QModelIndex())

    def choose_beside(self, direction: int) -> None:
        """Choose the next row, or the one before."""
        n_rows = len(self._model.rows)
        if n_rows:
            index = self.currentIndex()
            place = index.row() + direction if index.isValid() else 0
            index = self._model.index(min(max(place, 0), n_rows - 1))
            self.setCurrentIndex(index)
            self._choose(index)

    def _choose(self, index: QModelIndex) -> None:
        row = index.data(ROW_ROLE)
        if row is not None:
            self.chosen.emit(row)
