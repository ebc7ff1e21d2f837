"""Video and audio inside a page: they stand still while the session is paused."""

from __future__ import annotations

from typing import Final

import shiboken6
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWebEngineCore import QWebEngineFrame, QWebEnginePage, QWebEngineScript

_WORLD: Final = QWebEngineScript.ScriptWorldId.ApplicationWorld.value
_AGAIN_MS: Final = 300
_DEEPEST: Final = 4


class PageMedia(QObject):
    """Holds the media elements of a page and its frames, and lets those that played go on.

    While they are held the page is silent, and what it or a new frame begins to play is held too.
    GUI thread only.
    """

    def __init__(self, page: QWebEnginePage, parent: QObject) -> None:
        super().__init__(parent)
        self._page = page
        self._is_held = False
        self._again = QTimer(self)
        self._again.setInterval(_AGAIN_MS)
        self._again.timeout.connect(self._tell)

    @property
    def is_held(self) -> bool:
        """Whether nothing may play now."""
        return self._is_held

    def hold(self, is_held: bool) -> None:
        """Hold what plays, or let it go on."""
        if is_held == self._is_held or not shiboken6.isValid(self._page):
            return
        self._is_held = is_held
        self._page.setAudioMuted(is_held)  # sounds that are no element of the page
        if is_held:
            self._again.start()
        else:
            self._again.stop()
        self._tell()

    def close(self) -> None:
        """Leave off, before the page goes."""
        self._again.stop()

    def _tell(self) -> None:
        if not shiboken6.isValid(self._page):
            return
        word = "true" if self._is_held else "false"
        script = f"window.__journeylabHold && window.__journeylabHold({word})"
        layer: list[QWebEngineFrame] = [self._page.mainFrame()]
        for _ in range(_DEEPEST + 1):
            layer = [frame for frame in layer if frame.isValid()]
            for frame in layer:
                frame.runJavaScript(script, _WORLD)
            layer = [child for frame in layer for child in frame.children()]
