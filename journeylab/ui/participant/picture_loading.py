"""Pictures of a study, read and made as large as they are shown, away from the GUI thread."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QRectF, QRunnable, QSize, Qt, QThreadPool, Signal
from PySide6.QtGui import QImage, QImageReader
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True, slots=True, eq=False)
class ShownPicture:
    """A picture as large as it fits into ``room``, both in device px; ``size_px`` is the file's.

    What is painted has its size already: to shrink a photograph costs more than to paint it, and
    comes out finer this way.
    """

    path: Path
    image: QImage
    size_px: tuple[int, int]
    room: QSize


class _Teller(QObject):
    """Takes what was read to the GUI thread. It lives as long as a reading needs it: the loader
    may be gone by then, with the window it belonged to."""

    loaded = Signal(
        int, object, object, str
    )  # request, Path, ShownPicture or None, what went wrong


class _Read(QRunnable):
    def __init__(self, request: int, path: Path, room: QSize, teller: _Teller) -> None:
        super().__init__()
        self._request = request
        self._path = path
        self._room = room
        self._teller = teller

    def run(self) -> None:
        reader = QImageReader(str(self._path))
        reader.setAutoTransform(True)
        image = reader.read()
        if image.isNull():
            self._teller.loaded.emit(self._request, self._path, None, reader.errorString())
            return
        size_px = (image.width(), image.height())
        kept = Qt.AspectRatioMode.KeepAspectRatio
        if not self._room.isEmpty() and image.size() != image.size().scaled(self._room, kept):
            image = image.scaled(self._room, kept, Qt.TransformationMode.SmoothTransformation)
        has_alpha = image.hasAlphaChannel()
        formats = QImage.Format
        image = image.convertToFormat(
            formats.Format_ARGB32_Premultiplied if has_alpha else formats.Format_RGB32
        )
        picture = ShownPicture(self._path, image, size_px, self._room)
        self._teller.loaded.emit(self._request, self._path, picture, "")


class PictureLoader(QObject):
    """Reads pictures one request at a time; what an earlier request asked for is left out.

    ``read`` tells of a picture that is there, ``unreadable`` of one that is not and why, both on
    the GUI thread. A picture that was prepared is there at once, before :meth:`ask` returns.
    """

    read = Signal(object)  # a ShownPicture
    unreadable = Signal(object, str)  # Path, what went wrong

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._count = 0
        self._request = 0
        self._preparation = 0
        self._prepared: ShownPicture | None = None
        self._teller = _Teller()
        self._teller.loaded.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def prepare(self, path: Path, *, room: QSize) -> None:
        """Read a picture that will be asked for next; the one prepared before is let go."""
        self._prepared = None
        self._preparation = self._start(path, room)

    def ask(self, *paths: Path, room: QSize) -> None:
        """Read these pictures, the first one first; earlier requests are forgotten."""
        self.forget()
        prepared, self._prepared = self._prepared, None
        for path in paths:
            if prepared is not None and (prepared.path, prepared.room) == (path, room):
                self.read.emit(prepared)
            else:
                self._start(path, room, request=self._request)

    def forget(self) -> None:
        """Nothing asked for until now is wanted any more; what was prepared still is."""
        self._count += 1
        self._request = self._count

    def _start(self, path: Path, room: QSize, *, request: int | None = None) -> int:
        if request is None:
            self._count += 1
            request = self._count
        QThreadPool.globalInstance().start(_Read(request, path, room, self._teller))
        return request

    def _take(self, request: int, path: Path, picture: ShownPicture | None, problem: str) -> None:
        if request == self._preparation:
            self._prepared = picture  # one that cannot be read is told of when it is due
        elif request != self._request:
            return
        elif picture is None:
            self.unreadable.emit(path, problem)
        else:
            self.read.emit(picture)


def room_of(widget: QWidget) -> QSize:
    """Device px there are for a picture in the window a widget fills."""
    ratio = widget.devicePixelRatioF()
    size = widget.window().size()
    return QSize(round(size.width() * ratio), round(size.height() * ratio))


def fitted(size: QSize, widget: QWidget) -> QRectF:
    """Largest rectangle of a size's proportions, centred in the widget, on whole device px; in
    logical px."""
    ratio = widget.devicePixelRatioF()
    room = QSize(round(widget.width() * ratio), round(widget.height() * ratio))
    fit = size.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
    left, top = (room.width() - fit.width()) // 2, (room.height() - fit.height()) // 2
    return QRectF(left / ratio, top / ratio, fit.width() / ratio, fit.height() / ratio)
