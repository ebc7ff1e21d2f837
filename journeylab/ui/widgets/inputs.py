"""Form controls whose marks Qt's style sheets cannot draw: a chevron and a tick."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionButton,
    QWidget,
)

from journeylab.theme import DARK, Palette
from journeylab.ui.widgets.style import colour


def _mark(widget: QWidget, token: str, width: float) -> QPainter:
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(colour(token), width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    return painter


class ComboBox(QComboBox):
    """A combo box with the house's chevron; the wheel scrolls the page, not its value."""

    def __init__(self, *, palette: Palette = DARK) -> None:
        super().__init__()
        self._palette = palette
        # Without its own delegate the popup ignores the style sheet's item padding.
        self.setItemDelegate(QStyledItemDelegate(self))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumContentsLength(6)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = _mark(self, self._palette.quiet_text, 1.5)
        x, y = self.width() - 15.0, self.height() / 2
        painter.drawPolyline([QPointF(x - 4, y - 2), QPointF(x, y + 2), QPointF(x + 4, y - 2)])


class CheckBox(QCheckBox):
    """A check box with the house's tick."""

    def __init__(self, text: str = "", *, palette: Palette = DARK) -> None:
        super().__init__(text)
        self._palette = palette

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.isChecked():
            return
        option = QStyleOptionButton()
        self.initStyleOption(option)
        box = QRectF(
            self.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, self)
        )
        painter = _mark(self, self._palette.on_accent, 1.8)
        centre = box.center()
        painter.drawPolyline(
            [centre + QPointF(-3.6, 0.2), centre + QPointF(-1.0, 2.8), centre + QPointF(3.8, -2.8)]
        )
