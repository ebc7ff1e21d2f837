"""Runs the app itself, and writes beside it what stands where, for a hand that only has X.

``python watched_app.py STATE.json``: four times a second the file says which windows are open and
where their buttons, fields and lists are, in pixels of the screen.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QWidget,
)

from journeylab.app.application import open_application
from journeylab.app.running import run_app
from journeylab.ui.moderator.window import MainWindow


def _centre(widget: QWidget) -> list[int]:
    point = widget.mapToGlobal(widget.rect().center())
    return [point.x(), point.y()]


def _words(widget: QWidget) -> str:
    if isinstance(widget, QAbstractButton):
        return widget.text()
    if isinstance(widget, QComboBox):
        return f"choice {widget.currentText()}"
    return widget.accessibleName() or "field"


def _state() -> dict[str, object]:
    places: dict[str, list[int]] = {}
    page, windows = "", []
    for window in QApplication.topLevelWidgets():
        if not window.isVisible():
            continue
        windows.append(type(window).__name__)
        if isinstance(window, MainWindow):
            page = type(window.page).__name__
        for kind in (QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit):
            for widget in window.findChildren(kind):
                if widget.isVisible() and widget.isEnabled():
                    places[_words(widget)] = _centre(widget)
        for listing in window.findChildren(QListWidget):
            if listing.isVisible() and listing.count():
                first = listing.visualItemRect(listing.item(0)).center()
                point = listing.viewport().mapToGlobal(QPoint(first))
                places[listing.accessibleName()] = [point.x(), point.y()]
    return {"page": page, "windows": windows, "places": places}


def main(path: Path) -> int:
    """Run the app and keep the file."""
    open_application()

    def write() -> None:
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps(_state()), encoding="utf-8")
        draft.replace(path)

    timer = QTimer()
    timer.timeout.connect(write)
    timer.start(250)
    return run_app()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
