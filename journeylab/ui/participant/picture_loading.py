"""Pictures of a study, read away from the GUI thread."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal
from PySide6.QtGui import QImage, QImageReader


class _Read(QRunnable):
    def __init__(self, request: int, path: Path, loader: PictureLoader) -> None:
        super().__init__()
        self._request = request
        self._path = path
        self._loader = loader

    def run(self) -> None:
        reader = QImageReader(str(self._path))
        reader.setAutoTransform(True)
        image = reader.read()
        if image.isNull():
            self._loader.loaded.emit(self._request, self._path, None, reader.errorString())
        else:
            self._loader.loaded.emit(self._request, self._path, image, "")


class PictureLoader(QObject):
    """Reads pictures one request at a time; what an earlier request asked for is left out.

    ``read`` tells of a picture that is there, ``unreadable`` of one that is not and why, both on
    the GUI thread.
    """

    loaded = Signal(int, object, object, str)  # request, Path, QImage or None, what went wrong
    read = Signal(object, object)  # Path, QImage
    unreadable = Signal(object, str)  # Path, what went wrong

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._request = 0
        self.loaded.connect(self._take)

    def ask(self, *paths: Path) -> None:
        """Read these pictures, the first one first; earlier requests are forgotten."""
        self._request += 1
        for path in paths:
            QThreadPool.globalInstance().start(_Read(self._request, path, self))

    def forget(self) -> None:
        """Nothing asked for until now is wanted any more."""
        self._request += 1

    def _take(self, request: int, path: Path, image: QImage | None, problem: str) -> None:
        if request != self._request:
            return
        if image is None:
            self.unreadable.emit(path, problem)
        else:
            self.read.emit(path, image)
