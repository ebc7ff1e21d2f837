"""Finds words that do not fit into their widgets, and widgets that stick out of their parents."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QRect
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from journeylab.ui.widgets.card import tooltip

_SLACK_PX = 1


def clipped(window: QWidget) -> list[str]:
    """A line for each visible widget whose words are cut off, or that sticks out of its parent."""
    for _ in range(4):  # a layout inside a layout is asked for once more each time
        QApplication.sendPostedEvents()
    return [line for widget in _visible(window) for line in _faults(widget)]


def _visible(window: QWidget) -> Iterator[QWidget]:
    for widget in [window, *window.findChildren(QWidget)]:
        # What a scroll area holds may be longer than it: that is what it is for.
        if widget.isVisibleTo(window) and widget.window() is window and widget.width() > 0:
            yield widget


def _faults(widget: QWidget) -> Iterator[str]:
    name = f"{type(widget).__name__} {_words(widget)[:60]!r}"
    if isinstance(widget, QLabel):
        yield from _label_faults(widget, name)
    elif isinstance(widget, QAbstractButton) and widget.text():
        wanted = widget.minimumSizeHint()
        if widget.width() + _SLACK_PX < wanted.width():
            yield f"{name}: {widget.width()} px wide, needs {wanted.width()}"
        if widget.height() + _SLACK_PX < widget.fontMetrics().height():
            yield f"{name}: {widget.height()} px high"
    elif isinstance(widget, QLineEdit) and not isinstance(widget.parent(), QComboBox):
        words = widget.placeholderText() if not widget.text() else ""
        room_px = widget.contentsRect().width() - 16
        if words and widget.fontMetrics().horizontalAdvance(words) > room_px:
            yield f"{name}: its hint does not fit into {room_px} px"
    parent = widget.parentWidget()
    if parent is not None and not widget.isWindow() and not _is_scrolled(widget):
        outside = QRect(widget.geometry()).united(parent.rect()) != parent.rect()
        if outside and parent.width() > 0:
            yield f"{name}: at {widget.geometry().getRect()} outside of {parent.rect().getRect()}"


def _label_faults(label: QLabel, name: str) -> Iterator[str]:
    if not label.text() or label.pixmap().width():
        return
    if label.minimumSizeHint().width() == 0 and label.toolTip() == tooltip(label.text()):
        return  # it gives way, with dots at its end, and says all in its tooltip
    room = label.contentsRect()
    metrics = label.fontMetrics()
    if label.wordWrap():
        needed = label.heightForWidth(label.width())
        if label.height() + _SLACK_PX < needed:
            yield f"{name}: {label.height()} px high, needs {needed}"
        return
    needed = max(metrics.horizontalAdvance(line) for line in label.text().splitlines() or [""])
    if room.width() + _SLACK_PX < needed:
        yield f"{name}: {room.width()} px wide, needs {needed}"
    if room.height() + _SLACK_PX < metrics.height():
        yield f"{name}: {room.height()} px high, needs {metrics.height()}"


def _is_scrolled(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QAbstractScrollArea) and not isinstance(parent, QPlainTextEdit):
            return True
        parent = parent.parentWidget()
    return False


def _words(widget: QWidget) -> str:
    if isinstance(widget, QLabel | QAbstractButton | QCheckBox | QLineEdit):
        return widget.text() or widget.accessibleName()
    return widget.accessibleName() or widget.objectName()
