"""The steps in order, at the left of the editor: chosen, moved, copied, removed."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QDropEvent, QFontMetrics, QKeySequence, QPainter, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from journeylab.study.editing import copy_of, inserted, moved, new_step, removed
from journeylab.theme import Palette
from journeylab.ui.moderator.study_editor.desk import Desk
from journeylab.ui.moderator.study_editor.steady_list import SteadyList
from journeylab.ui.moderator.study_editor.stimulus_form import KIND_WORDS
from journeylab.ui.moderator.words import minutes
from journeylab.ui.widgets.keys import KeyButton
from journeylab.ui.widgets.style import BODY_PX, SMALL_PX, colour, font
from journeylab.vocabulary import StimulusKind

_ROW_PX: Final = 46
_FACTS: Final = Qt.ItemDataRole.UserRole


class StepDelegate(QStyledItemDelegate):
    """One step: number, title, what it shows and how long; a sign when something is wrong."""

    def __init__(self, parent: QWidget, *, palette: Palette) -> None:
        super().__init__(parent)
        self._palette = palette

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(super().sizeHint(option, index).width(), _ROW_PX)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        title, detail, has_problem = index.data(_FACTS)
        palette = self._palette
        box = QRectF(option.rect).adjusted(0, 1, -2, -1)
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        is_hot = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if is_chosen or is_hot:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour(palette.accent_tint if is_chosen else palette.raised))
            painter.drawRoundedRect(box, 7, 7)
        if is_chosen:
            painter.setBrush(colour(palette.accent))
            painter.drawRoundedRect(QRectF(box.left(), box.top() + 8, 3, box.height() - 16), 1, 1)
        small, strong = font(SMALL_PX), font(BODY_PX, weight=600)
        painter.setFont(small)
        painter.setPen(colour(palette.quiet_text))
        vertical = Qt.AlignmentFlag.AlignVCenter
        number = QRectF(box.left() + 8, box.top(), 20, box.height())
        painter.drawText(number, Qt.AlignmentFlag.AlignRight | vertical, f"{index.row() + 1}")
        words = box.adjusted(38, 5, -24, -5)
        elide, room = Qt.TextElideMode.ElideRight, int(words.width())
        painter.drawText(
            words,
            Qt.AlignmentFlag.AlignBottom,
            QFontMetrics(small).elidedText(detail, elide, room),
        )
        painter.setFont(strong)
        painter.setPen(colour(palette.text))
        painter.drawText(
            words, Qt.AlignmentFlag.AlignTop, QFontMetrics(strong).elidedText(title, elide, room)
        )
        if has_problem:
            painter.setPen(colour(palette.warning_text))
            sign = QRectF(box.right() - 24, box.top(), 18, box.height())
            painter.drawText(sign, Qt.AlignmentFlag.AlignCenter, "⚠")
        painter.restore()


class _List(SteadyList):
    """Lets its rows be dragged to another place, and says which."""

    dragged = Signal(int, int)

    def __init__(self) -> None:
        super().__init__()
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Steps")

    def dropEvent(self, event: QDropEvent) -> None:
        target = self.indexAt(event.position().toPoint())
        to = target.row() if target.isValid() else self.count()
        below = QAbstractItemView.DropIndicatorPosition.BelowItem
        if target.isValid() and self.dropIndicatorPosition() == below:
            to += 1
        start = self.currentRow()
        # The study moves its step, and the list is shown anew: Qt moves nothing itself.
        event.setDropAction(Qt.DropAction.IgnoreAction)
        event.accept()
        self.setState(QAbstractItemView.State.NoState)
        self.viewport().update()
        self.dragged.emit(start, to - 1 if to > start else to)


class StepList(QWidget):
    """The steps and their buttons; ``chosen`` goes out with the number of the step to be shown."""

    chosen = Signal(int)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        palette = desk.palette
        self.list = _List()
        self.list.setItemDelegate(StepDelegate(self.list, palette=palette))
        self.add_button = KeyButton("Add", key="Ctrl N", palette=palette)
        self.copy_button = KeyButton("Copy", key="Ctrl D", palette=palette)
        self.up_button = KeyButton("Up", key="Alt ↑", palette=palette)
        self.down_button = KeyButton("Down", key="Alt ↓", palette=palette)
        self.remove_button = KeyButton("Remove", key="Del", palette=palette)
        acts = QGridLayout()
        acts.setSpacing(6)
        for place, one in enumerate((self.add_button, self.copy_button, self.up_button,
                                     self.down_button, self.remove_button)):  # fmt: skip
            one.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            acts.addWidget(one, place // 2, place % 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.list, 1)
        layout.addLayout(acts)
        self._connect()

    def _connect(self) -> None:
        self.list.currentRowChanged.connect(self._choose)
        self.list.itemClicked.connect(self._click)
        self.list.dragged.connect(self.move_step)
        within = Qt.ShortcutContext.WidgetWithChildrenShortcut
        for one, act, key in (
            (self.add_button, self.add_step, ""),
            (self.copy_button, self.copy_step, ""),
            (self.up_button, self.move_up, "Alt+Up"),
            (self.down_button, self.move_down, "Alt+Down"),
            (self.remove_button, self.remove_step, "Delete"),
        ):
            one.clicked.connect(act)
            if key:  # a field has its own use for these: they act while the list has the keyboard
                QShortcut(QKeySequence(key), self.list, context=within).activated.connect(act)

    @property
    def index(self) -> int:
        """The number of the chosen step, from 0; -1 when none is."""
        return self.list.currentRow()

    def show_steps(self, chosen: int) -> None:
        """Show the study's steps, one of them chosen (-1 for none)."""
        self.list.blockSignals(True)
        steps = self.desk.study.steps
        while self.list.count() > len(steps):
            self.list.takeItem(self.list.count() - 1)
        while self.list.count() < len(steps):
            QListWidgetItem(self.list)
        for index, step in enumerate(steps):
            kind = KIND_WORDS[StimulusKind(step.stimulus.kind)]
            parts = [kind, minutes(step.planned_s), step.stage]
            sentence, is_problem = self.desk.remark(("steps", index))
            title = step.title or "No title yet"
            facts = (title, " · ".join(filter(None, parts)), bool(sentence) and is_problem)
            item = self.list.item(index)
            if item.data(_FACTS) != facts:
                item.setData(_FACTS, facts)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, f"Step {index + 1}: {title}")
        self.list.setCurrentRow(chosen)
        if chosen < 0:
            self.list.clearSelection()
        self.list.blockSignals(False)
        has_one = 0 <= chosen < len(steps)
        self.copy_button.setEnabled(has_one)
        self.remove_button.setEnabled(has_one)
        self.up_button.setEnabled(has_one and chosen > 0)
        self.down_button.setEnabled(has_one and chosen < len(steps) - 1)

    # -- acts ----------------------------------------------------------------------------------

    def add_step(self) -> None:
        """Put a new step below the chosen one, or at the end."""
        study = self.desk.study
        at = self.index + 1 if self.index >= 0 else len(study.steps)
        self._do(inserted(study, ("steps", at), new_step(study)), "add step", at)

    def copy_step(self) -> None:
        """Put a copy of the chosen step below it."""
        study, at = self.desk.study, self.index
        if at >= 0:
            fresh = copy_of(study.steps[at], study)
            self._do(inserted(study, ("steps", at + 1), fresh), "copy step", at + 1)

    def move_step(self, start: int, to: int) -> None:
        """Move a step to another place among the steps."""
        if 0 <= to < len(self.desk.study.steps) and start != to >= 0:
            self._do(moved(self.desk.study, ("steps", start), to), "move step", to)

    def move_up(self) -> None:
        """Move the chosen step up."""
        self.move_step(self.index, self.index - 1)

    def move_down(self) -> None:
        """Move the chosen step down."""
        self.move_step(self.index, self.index + 1)

    def remove_step(self) -> None:
        """Remove the chosen step; undo brings it back."""
        at = self.index
        if at >= 0:
            left = len(self.desk.study.steps) - 2
            self._do(removed(self.desk.study, ("steps", at)), "remove step", min(at, left))

    def _do(self, study: object, act: str, chosen: int) -> None:
        self.chosen.emit(chosen)  # first, so that what is shown on the change is the right one
        self.desk.do(study, act)  # type: ignore[arg-type]

    def _choose(self, row: int) -> None:
        if row >= 0:
            self.chosen.emit(row)

    def _click(self, item: QListWidgetItem) -> None:
        self.chosen.emit(self.list.row(item))
