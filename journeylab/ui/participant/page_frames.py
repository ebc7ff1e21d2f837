"""What happens in a page's frames: fetched from each, and put in its place on the page."""

from __future__ import annotations

import json
import math
from typing import Final

import shiboken6
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWebEngineCore import QWebEngineFrame, QWebEngineScript
from PySide6.QtWebEngineWidgets import QWebEngineView

_WORLD: Final = QWebEngineScript.ScriptWorldId.ApplicationWorld.value
_AFTER_INPUT_MS: Final = (0, 60, 150, 300, 600)
_AT_REST_MS: Final = 500
_STILL_A_CLICK_PX: Final = 6
_DEEPEST: Final = 4
_MOST_FRAMES: Final = 40
_LONGEST_ANSWER: Final = 1 << 18
_HANDS: Final = frozenset(
    {
        QEvent.Type.MouseButtonRelease,
        QEvent.Type.KeyRelease,
        QEvent.Type.Wheel,
        QEvent.Type.TouchEnd,
    }
)


class PageFrames(QObject):
    """Fetches the events of a view's frames, wherever their pages come from.

    Frames have no line to us. Right after each press, key and turn of the wheel they are asked,
    and twice a second otherwise; the watching script of the page completes what they tell.
    ``finger`` filters the view's mouse, whatever widget the engine takes it with.
    """

    def __init__(
        self, view: QWebEngineView, parent: QObject, *, finger: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._view = view
        self._zoom = 1.0
        self._watched: QObject | None = None
        self._finger = finger
        self._pressed = QPointF()
        self._timer = QTimer(self)
        self._timer.setInterval(_AT_REST_MS)
        self._timer.timeout.connect(self.fetch)

    def begin(self, zoom: float) -> None:
        """A page is there, drawn at this zoom."""
        self._zoom = zoom
        hands = self._view.focusProxy()
        if hands is not None and hands is not self._watched:
            # The last one comes first: what becomes a finger's was the mouse's for us.
            if self._finger is not None:
                hands.installEventFilter(self._finger)
            hands.installEventFilter(self)
            self._watched = hands
        self._timer.start()

    def end(self) -> None:
        """No page is shown."""
        self._timer.stop()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if isinstance(event, QMouseEvent) and kind is QEvent.Type.MouseButtonPress:
            self._pressed = event.position()
        if kind in _HANDS and self._frames():
            if isinstance(event, QMouseEvent) and event.button() is Qt.MouseButton.LeftButton:
                self._tell_pressed(event.position())
            for wait_ms in _AFTER_INPUT_MS:
                QTimer.singleShot(wait_ms, self, self.fetch)
        return False

    def fetch(self) -> None:
        """Ask every frame for what happened in it."""
        for frame in self._frames():
            frame.runJavaScript(
                "window.__journeylab ? window.__journeylab.drain() : ''", _WORLD, self._take
            )

    def _tell_pressed(self, at: QPointF) -> None:
        if (at - self._pressed).manhattanLength() <= _STILL_A_CLICK_PX:
            x, y = at.x() / self._zoom, at.y() / self._zoom
            self._run(f"window.__journeylab.pressed({x:.2f}, {y:.2f})")

    def _frames(self) -> list[QWebEngineFrame]:
        if not shiboken6.isValid(self._view) or self._view.page() is None:
            return []
        found: list[QWebEngineFrame] = []
        layer = [self._view.page().mainFrame()]
        for _ in range(_DEEPEST):
            layer = [child for frame in layer if frame.isValid() for child in frame.children()]
            found += layer
        return found[:_MOST_FRAMES]

    def _take(self, answer: object) -> None:
        if not isinstance(answer, str) or not answer or len(answer) > _LONGEST_ANSWER:
            return
        if not shiboken6.isValid(self) or not shiboken6.isValid(self._view):
            return  # it came after the window had gone
        try:
            told = json.loads(answer)
            path, messages = told["path"], told["messages"]
        except (ValueError, RecursionError, KeyError, TypeError):
            return
        for message in messages if isinstance(messages, list) else []:
            if isinstance(message, dict) and isinstance(path, list):
                at = self._in_view(message.pop("screen", None))
                # Twice JSON: a text of the page never becomes a script of ours.
                call = ", ".join(json.dumps(json.dumps(part)) for part in (path, at, message))
                self._run(f"window.__journeylab.place(...[{call}].map(JSON.parse))")

    def _in_view(self, on_screen: object) -> tuple[float, float] | None:
        """A place of the screen in CSS px of the view."""
        if not isinstance(on_screen, list) or len(on_screen) != 2:
            return None
        if not all(isinstance(side, int | float) and math.isfinite(side) for side in on_screen):
            return None
        local = self._view.mapFromGlobal(QPointF(*on_screen))
        return local.x() / self._zoom, local.y() / self._zoom

    def _run(self, script: str) -> None:
        self._view.page().runJavaScript(f"window.__journeylab && {script}", _WORLD)
