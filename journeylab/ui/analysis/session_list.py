"""The sessions of a study: who, when, how long, and how far each can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape

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
from PySide6.QtWidgets import (
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from journeylab.analysis.journey import SessionSummary
from journeylab.report.map_header import duration_words
from journeylab.theme import LIGHT, Palette
from journeylab.ui.widgets.style import font

SUMMARY_ROLE = Qt.ItemDataRole.UserRole + 1
_BADGE_PX = 28.0
_ROW_PX = 58
_TEXT_LEFT_PX = 8 + _BADGE_PX + 10


class SessionModel(QAbstractListModel):
    """Summaries as rows; usable ones first, then by participant."""

    def __init__(self) -> None:
        super().__init__()
        self._summaries: tuple[SessionSummary, ...] = ()

    def show_sessions(self, summaries: Sequence[SessionSummary]) -> None:
        """Replace all rows."""
        self.beginResetModel()
        self._summaries = tuple(
            sorted(summaries, key=lambda s: (not s.is_usable, s.participant_id, s.created_utc))
        )
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._summaries)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if not index.isValid():
            return None
        summary = self._summaries[index.row()]
        if role == SUMMARY_ROLE:
            return summary
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{summary.participant_id}, {' '.join(detail_words(summary))}"
        if role == Qt.ItemDataRole.ToolTipRole:
            # Qt guesses whether a tooltip is markup; names come from outside, so escape them.
            return f"<p>{escape(summary.path.name)}<br>{escape(summary.reason)}</p>"
        return None


class SessionDelegate(QStyledItemDelegate):
    """Paints one session: grade, participant and segments, figures, and the reason if not A."""

    def __init__(self, view: QListView, *, palette: Palette = LIGHT) -> None:
        super().__init__(view)
        self._view = view
        self._palette = palette

    def sizeHint(
        self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        summary: SessionSummary = index.data(SUMMARY_ROLE)
        if summary.grade == "A":
            return QSize(200, _ROW_PX)
        room = self._view.viewport().width() - _TEXT_LEFT_PX - 8
        wrapped = QFontMetricsF(font(12)).boundingRect(
            QRectF(0, 0, room, 400), int(Qt.TextFlag.TextWordWrap), summary.reason
        )
        head = _ROW_PX if detail_words(summary) else _ROW_PX - 20
        return QSize(200, head + round(wrapped.height()) + 2)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        summary: SessionSummary = index.data(SUMMARY_ROLE)
        rect = QRectF(getattr(option, "rect")).adjusted(0, 1, 0, -1)  # noqa: B009 - a Qt field
        state = getattr(option, "state")  # noqa: B009 - a Qt field without a stub
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if state & QStyle.StateFlag.State_Selected:
            painter.setBrush(QColor(self._palette.accent_tint))
            painter.drawRoundedRect(rect, 7, 7)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(QColor(self._palette.raised))
            painter.drawRoundedRect(rect, 7, 7)
        self._paint_badge(painter, summary, rect)
        self._paint_words(painter, summary, rect)
        painter.restore()

    def _paint_badge(self, painter: QPainter, summary: SessionSummary, rect: QRectF) -> None:
        tint, ink = {
            "A": (self._palette.joy_tint, self._palette.joy_text),
            "B": (self._palette.accent_tint, self._palette.accent_text),
            "C": (self._palette.warning_tint, self._palette.warning_text),
        }.get(summary.grade, (self._palette.negative_tint, self._palette.negative_text))
        badge = QRectF(rect.left() + 8, rect.top() + 13, _BADGE_PX, _BADGE_PX)
        painter.setBrush(QColor(tint))
        painter.drawRoundedRect(badge, 7, 7)
        painter.setPen(QColor(ink))
        painter.setFont(font(13, weight=700))
        letter = summary.grade if summary.is_usable else "×"
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, letter)

    def _paint_words(self, painter: QPainter, summary: SessionSummary, rect: QRectF) -> None:
        left = rect.left() + _TEXT_LEFT_PX
        room = rect.right() - left - 8
        name_font, small = font(13, weight=600), font(12)
        painter.setFont(name_font)
        painter.setPen(QColor(self._palette.text))
        name = QFontMetricsF(name_font).elidedText(
            summary.participant_id, Qt.TextElideMode.ElideRight, room
        )
        line = QRectF(left, rect.top() + 8, room, 20)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        used = QFontMetricsF(name_font).horizontalAdvance(name) + 8
        painter.setFont(small)
        painter.setPen(QColor(self._palette.quiet_text))
        beside = [*summary.segments.values(), *(["simulated"] if summary.simulated else [])]
        left_middle = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        metrics = QFontMetricsF(small)
        box = QRectF(left + used, rect.top() + 8, room - used, 20)
        beside_words = metrics.elidedText(
            " · ".join(beside), Qt.TextElideMode.ElideRight, box.width()
        )
        painter.drawText(box, left_middle, beside_words)
        y = rect.top() + 28
        details = " · ".join(detail_words(summary))
        if details:
            painter.drawText(
                QRectF(left, y, room, 20),
                left_middle,
                metrics.elidedText(details, Qt.TextElideMode.ElideRight, room),
            )
            y += 20
        if summary.grade != "A":
            painter.drawText(
                QRectF(left, y, room, rect.bottom() - y),
                int(Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap),
                summary.reason,
            )


class SessionList(QListView):
    """The list itself; a double click or Enter asks for the replay of a session."""

    opened = Signal(object)
    """A SessionSummary."""

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        self._model = SessionModel()
        self.setModel(self._model)
        self.setItemDelegate(SessionDelegate(self, palette=palette))
        self.setMouseTracking(True)
        self.setUniformItemSizes(False)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Sessions")
        self.activated.connect(self._open)

    def show_sessions(self, summaries: Sequence[SessionSummary]) -> None:
        """Replace all rows."""
        self._model.show_sessions(summaries)

    def open_selected(self) -> None:
        """Ask for the replay of the selected session, or of the first."""
        index = self.currentIndex()
        self._open(index if index.isValid() else self._model.index(0))

    def _open(self, index: QModelIndex) -> None:
        summary = index.data(SUMMARY_ROLE)
        if summary is not None:
            self.opened.emit(summary)

    def select_session(self, summary: SessionSummary | None) -> None:
        """Select the row of a session, or none."""
        self.clearSelection()
        for place in range(self._model.rowCount()):
            index = self._model.index(place)
            shown: SessionSummary = index.data(SUMMARY_ROLE)
            if summary is not None and shown.path == summary.path:
                self.setCurrentIndex(index)
                return


def detail_words(summary: SessionSummary) -> list[str]:
    """Date, duration and face share, as far as they are known."""
    words = []
    try:
        created = datetime.fromisoformat(summary.created_utc).astimezone()
        words.append(f"{created.day} {created:%b, %H:%M}")
    except ValueError:
        pass
    if summary.duration_s > 0:
        words.append(duration_words(summary.duration_s))
        words.append(f"face {summary.face_share * 100:.0f} %")
    return words
