"""Runs the app itself, and writes beside it what stands where, for a hand that only has X.

``python watched_app.py STATE.json``: four times a second, and whenever the keyboard goes to another
field, the file says which windows are open, what they say, which field has the keyboard, and where
buttons, fields and lists are, in pixels of the screen. What must be scrolled to is told apart.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QWidget,
)

from journeylab.app.application import open_application
from journeylab.app.running import run_app
from journeylab.ui.moderator.window import MainWindow
from journeylab.ui.participant.window import ParticipantWindow

_KINDS = (QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit)
_POPUP_ITEM = "item {}"


def _names(widget: QWidget) -> list[str]:
    """What a widget is called: by its words, and to a screen reader."""
    if isinstance(widget, QAbstractButton):
        return [widget.text(), widget.accessibleName()]
    if isinstance(widget, QComboBox):
        return [f"choice {widget.currentText()}", widget.accessibleName()]
    return [widget.accessibleName() or "field"]


def _spot(widget: QWidget) -> QPoint:
    """Where one presses it: of a line of words its beginning."""
    middle = widget.rect().center()
    is_check = isinstance(widget, QAbstractButton) and widget.isCheckable()
    return QPoint(12, middle.y()) if is_check and widget.width() > 200 else middle


def _is_in_sight(widget: QWidget, spot: QPoint) -> bool:
    return widget.visibleRegion().contains(spot)


def _names_of(window: QWidget) -> dict[str, list[str]]:
    boxes = [one for one in window.findChildren(QComboBox) if one.isVisible()]
    return {one.accessibleName(): _names(one) for one in boxes}


def _take_places(
    window: QWidget, places: dict[str, list[int]], beyond: dict[str, list[int]]
) -> None:
    for kind in _KINDS:
        for widget in window.findChildren(kind):
            if not (widget.isVisible() and widget.isEnabled()):
                continue
            spot = _spot(widget)
            at = widget.mapToGlobal(spot)
            found = places if _is_in_sight(widget, spot) else beyond
            for name in filter(None, _names(widget)):
                found[name] = [at.x(), at.y()]
    for view in window.findChildren(QAbstractItemView):
        if view.isVisible() and view.model().rowCount():
            is_list = isinstance(view, QListWidget)
            for row in range(1 if is_list else view.model().rowCount()):
                index = view.model().index(row, 0)
                at = view.viewport().mapToGlobal(view.visualRect(index).center())
                name = view.accessibleName() if is_list else _POPUP_ITEM.format(index.data())
                places[name] = [at.x(), at.y()]


def _scroll_areas(window: QWidget) -> list[list[int]]:
    areas = [one for one in window.findChildren(QAbstractScrollArea) if one.isVisible()]
    moving = [one for one in areas if one.verticalScrollBar().maximum() > 0]
    return [_on_screen(one.viewport()) for one in moving]


def _on_screen(widget: QWidget) -> list[int]:
    corner = widget.mapToGlobal(QPoint(0, 0))
    return [corner.x(), corner.y(), widget.width(), widget.height()]


def _state() -> dict[str, object]:
    places: dict[str, list[int]] = {}
    hers: dict[str, list[int]] = {}
    beyond: dict[str, list[int]] = {}
    names: dict[str, list[str]] = {}
    page, windows, said = "", [], []
    areas: list[list[int]] = []
    for window in QApplication.topLevelWidgets():
        if not window.isVisible():
            continue
        windows.append(type(window).__name__)
        if isinstance(window, ParticipantWindow):
            _take_places(window, hers, {})
            windows.append(
                f"{type(window.stage).__name__} {'' if window.step is None else window.step.id}"
            )
            continue
        if isinstance(window, MainWindow):
            page = type(window.page).__name__
            said = [one.text() for one in window.findChildren(QLabel) if one.isVisible()]
        _take_places(window, places, beyond)
        areas += _scroll_areas(window)
        names |= _names_of(window)
    focus = QApplication.focusWidget()
    return {
        "page": page,
        "windows": windows,
        "places": hers | places,
        "hers": hers,
        "beyond": beyond,
        "names": names,
        "areas": areas,
        "said": said,
        "owner": "" if focus is None else type(focus.window()).__name__,
        "focus": [] if focus is None else [*_names(focus), type(focus).__name__],
    }


def main(path: Path) -> int:
    """Run the app and keep the file."""
    application = open_application()

    def write() -> None:
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps(_state()), encoding="utf-8")
        draft.replace(path)

    timer = QTimer()
    timer.timeout.connect(write)
    timer.start(250)
    application.focusChanged.connect(lambda *_: QTimer.singleShot(0, write))
    return run_app()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
