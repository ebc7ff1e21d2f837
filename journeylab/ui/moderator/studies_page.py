"""The first page: the studies opened lately, and the ways to another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QShortcut
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from journeylab.theme import DARK, GAP_PX, Palette
from journeylab.ui.moderator.ports import StudyListing
from journeylab.ui.moderator.words import plural, shown_path
from journeylab.ui.widgets.card import Card, Label, SectionLabel, tooltip
from journeylab.ui.widgets.keys import KeyButton
from journeylab.ui.widgets.notices import Banner, EmptyState
from journeylab.ui.widgets.style import SMALL_PX, colour, font

_ROW_PX = 66
_EDIT_PX = 88
_LISTING = Qt.ItemDataRole.UserRole

ChooseFolder = Callable[[QWidget], Path | None]


def ask_for_study(parent: QWidget) -> Path | None:
    """Let the moderator pick a study folder; None when she does not."""
    name = QFileDialog.getExistingDirectory(parent, "Open a study folder", str(Path.home()))
    return Path(name) if name else None


class StudyDelegate(QStyledItemDelegate):
    """One study: title, goal, folder, and how much is in it."""

    def __init__(self, parent: QWidget, *, palette: Palette) -> None:
        super().__init__(parent)
        self._palette = palette

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(super().sizeHint(option, index).width(), _ROW_PX + 8)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        listing = index.data(_LISTING)
        palette = self._palette
        state, rect = option.state, QRectF(option.rect)
        is_hot = bool(state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_Selected))
        box = rect.adjusted(0.5, 0.5, -8.5, -8.5)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(colour(palette.accent if is_hot else palette.line))
        painter.setBrush(colour(palette.surface))
        painter.drawRoundedRect(box, 10, 10)
        text = box.adjusted(16, 12, -16, -12)
        figures = ""
        if not listing.problem:
            steps, sessions = plural(listing.n_steps, "step"), plural(listing.n_sessions, "session")
            figures = f"{sessions} · {steps}"
        small, strong = font(SMALL_PX), font(15, weight=600)
        self._paint_edit(painter, box, is_hot=is_hot, is_possible=not listing.problem)
        figures_px = QFontMetrics(small).horizontalAdvance(figures)
        top = Qt.AlignmentFlag.AlignTop
        painter.setFont(small)
        painter.setPen(colour(palette.quiet_text))
        painter.drawText(text.adjusted(0, 2, 0, 0), Qt.AlignmentFlag.AlignRight | top, figures)
        painter.setFont(strong)
        painter.setPen(colour(palette.text))
        room_px = int(text.width()) - figures_px - 24
        elide = Qt.TextElideMode.ElideRight
        painter.drawText(text, top, QFontMetrics(strong).elidedText(listing.title, elide, room_px))
        where = shown_path(listing.path)
        second = f"{listing.goal} · {where}" if listing.goal else where
        if listing.problem:
            painter.setPen(colour(palette.warning_text))
            second = f"Cannot be opened: {listing.problem}"
        elif listing.reminder:
            painter.setPen(colour(palette.warning_text))
            second = f"⚠ {listing.reminder}"
        else:
            painter.setPen(colour(palette.quiet_text))
        painter.setFont(small)
        room_px = int(text.width() - _EDIT_PX - 12)
        second = QFontMetrics(small).elidedText(second, elide, room_px)
        painter.drawText(text, Qt.AlignmentFlag.AlignBottom, second)
        painter.restore()

    def _paint_edit(
        self, painter: QPainter, box: QRectF, *, is_hot: bool, is_possible: bool
    ) -> None:
        """The key that edits the study, at the right; a click on it does the same."""
        if not is_possible:
            return
        palette, place = self._palette, edit_box(box)
        cap = QRectF(place.left(), place.top(), 22, place.height())
        painter.setPen(colour(palette.accent if is_hot else palette.line))
        painter.setBrush(colour(palette.ground))
        painter.drawRoundedRect(cap.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        painter.setPen(colour(palette.text if is_hot else palette.quiet_text))
        painter.setFont(font(SMALL_PX, weight=600))
        painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, "E")
        words = place.adjusted(28, 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, "Edit study")
        painter.setBrush(Qt.BrushStyle.NoBrush)


def edit_box(box: QRectF) -> QRectF:
    """Where in a study's row its way to the editor is drawn."""
    return QRectF(box.right() - 16 - _EDIT_PX, box.bottom() - 12 - 20, _EDIT_PX, 22)


class StudyList(QListWidget):
    """The list itself; a click or Enter opens, E or a click on its words edits."""

    chosen = Signal(object)
    edited = Signal(object)

    def __init__(self, *, palette: Palette) -> None:
        super().__init__()
        self.setItemDelegate(StudyDelegate(self, palette=palette))
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Recent studies")
        self._released = QPointF(-1, -1)
        self.itemClicked.connect(self._click)

    def show_listings(self, listings: Sequence[StudyListing]) -> None:
        """Show these studies."""
        self.clear()
        for listing in listings:
            item = QListWidgetItem(self)
            item.setData(_LISTING, listing)
            item.setData(
                Qt.ItemDataRole.AccessibleTextRole, f"{listing.title} {listing.reminder}".strip()
            )
            item.setToolTip(tooltip(listing.problem or listing.reminder or str(listing.path)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentItem() is not None:
            self._choose(self.currentItem())
        elif event.key() == Qt.Key.Key_E and self.currentItem() is not None:
            self._edit(self.currentItem())
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._released = event.position()
        super().mouseReleaseEvent(event)

    def _click(self, item: QListWidgetItem) -> None:
        row = QRectF(self.visualItemRect(item)).adjusted(0.5, 0.5, -8.5, -8.5)
        if edit_box(row).contains(self._released) and not item.data(_LISTING).problem:
            self._edit(item)
        else:
            self._choose(item)

    def _edit(self, item: QListWidgetItem) -> None:
        self.edited.emit(item.data(_LISTING).path)

    def _choose(self, item: QListWidgetItem) -> None:
        self.chosen.emit(item.data(_LISTING).path)


class StudiesPage(QWidget):
    """Lists studies and asks for one to be opened, made, or for the demo."""

    study_chosen = Signal(object)
    new_study_requested = Signal()
    edit_requested = Signal(object)
    demo_requested = Signal()

    def __init__(
        self, *, choose_folder: ChooseFolder = ask_for_study, palette: Palette = DARK
    ) -> None:
        super().__init__()
        self.setProperty("role", "page")
        self._choose_folder = choose_folder
        self.banner = Banner(palette=palette)
        self.list = StudyList(palette=palette)
        self.new_button = KeyButton("New study", key="N", primary=True, palette=palette)
        self.open_button = KeyButton("Open folder…", key="O", palette=palette)
        self.demo_button = QPushButton("Open the demo")
        empty = EmptyState(
            "No study yet",
            detail="A study is a folder with its steps, its stimuli and its sessions. Make one, "
            "open one, or look at the demo first.",
        )
        framed = QFrame()
        framed.setProperty("role", "card")
        framed.setFixedHeight(200)
        framed_layout = QVBoxLayout(framed)
        framed_layout.addWidget(empty)
        nothing = QWidget()
        nothing_layout = QVBoxLayout(nothing)
        nothing_layout.setContentsMargins(0, 0, 0, 0)
        nothing_layout.addWidget(framed)
        nothing_layout.addStretch(1)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.list)
        self._stack.addWidget(nothing)
        self._build()
        self.list.chosen.connect(self.study_chosen)
        self.list.edited.connect(self.edit_requested)
        self.new_button.clicked.connect(self.new_study_requested)
        self.open_button.clicked.connect(self._open_folder)
        self.demo_button.clicked.connect(self.demo_requested)
        for one, key in ((self.new_button, "N"), (self.open_button, "O")):
            QShortcut(QKeySequence(key), self).activated.connect(one.click)

    def _demo(self) -> Card:
        card = Card("Demo study")
        card.setFixedWidth(300)
        card.body.addWidget(Label("See it work first", role="heading"))
        card.body.addWidget(
            Label(
                "A short ad, a small shop and an unboxing, ready to run. Practise with a "
                "simulated participant and read your sessions on the journey map.",
                role="quiet",
                wrap=True,
            )
        )
        card.body.addSpacing(4)
        card.body.addWidget(self.demo_button, 0, Qt.AlignmentFlag.AlignLeft)
        return card

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(GAP_PX)
        top.addWidget(Label("Studies", role="title"), 1)
        top.addWidget(self.open_button)
        top.addWidget(self.new_button)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(SectionLabel("Recent"))
        left.addWidget(self._stack, 1)
        columns = QHBoxLayout()
        columns.setSpacing(16)
        columns.addLayout(left, 1)
        aside = QVBoxLayout()
        aside.addSpacing(22)
        aside.addWidget(self._demo())
        aside.addStretch(1)
        columns.addLayout(aside)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(16)
        layout.addLayout(top)
        layout.addWidget(self.banner)
        layout.addLayout(columns, 1)

    def show_listings(self, listings: Sequence[StudyListing]) -> None:
        """Show the studies opened lately."""
        self.list.show_listings(listings)
        self._stack.setCurrentIndex(0 if listings else 1)

    def show_problem(self, sentence: str) -> None:
        """Say why a study could not be opened; nothing else changes."""
        self.banner.say(sentence)

    def _open_folder(self) -> None:
        path = self._choose_folder(self)
        if path is not None:
            self.study_chosen.emit(path)
