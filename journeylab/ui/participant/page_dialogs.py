"""Keeps the engine's own dialogs, such as that for a colour, from the participant's screen."""

from __future__ import annotations

from PySide6.QtCore import QChildEvent, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QDialog


class DialogGuard(QObject):
    """Turns every dialog of a view away before it is seen.

    They are windows of their own and hold up all others, the moderator's too. ``refused`` tells
    what it was, as a page that asks for one would be told.
    """

    refused = Signal(str)

    def __init__(self, view: QWebEngineView, parent: QObject) -> None:
        super().__init__(parent)
        view.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ChildPolished and isinstance(event, QChildEvent):
            dialog = event.child()
            if isinstance(dialog, QDialog):
                dialog.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
                dialog.setWindowModality(Qt.WindowModality.NonModal)
                QTimer.singleShot(0, dialog, dialog.reject)
                kind = type(dialog).__name__.removeprefix("Q").removesuffix("Dialog")
                self.refused.emit(f"dialog {kind.lower()}")
        return False
