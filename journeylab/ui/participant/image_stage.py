"""A still picture as stimulus, as large as the screen allows."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QRectF, QRunnable, Qt, QThreadPool, Signal
from PySide6.QtGui import QImage, QImageReader, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from journeylab.clock import Clock
from journeylab.study.model import Step
from journeylab.ui.participant.stage import Stage


class _Loaded(QObject):
    done = Signal(int, object, str)  # request, QImage or None, what went wrong


class _Load(QRunnable):
    """Reads one picture away from the GUI thread."""

    def __init__(self, request: int, path: Path, loaded: _Loaded) -> None:
        super().__init__()
        self._request = request
        self._path = path
        self._loaded = loaded

    def run(self) -> None:
        reader = QImageReader(str(self._path))
        reader.setAutoTransform(True)
        image = reader.read()
        if image.isNull():
            self._loaded.done.emit(self._request, None, reader.errorString())
        else:
            self._loaded.done.emit(self._request, image, "")


class ImageStage(Stage):
    """Shows a picture whole, centred, its proportions kept."""

    def __init__(self, *, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(clock=clock, parent=parent)
        self._image: QImage | None = None
        self._path = Path()
        self._request = 0
        self._loaded = _Loaded(self)
        self._loaded.done.connect(self._take)

    def show_step(self, step: Step, path: Path) -> None:
        """Load and show the picture; its onset is its first painting."""
        self._expect(step.id, step.stimulus.path or path.name)
        self._image = None
        self._path = path
        self._request += 1
        self.update()
        QThreadPool.globalInstance().start(_Load(self._request, path, self._loaded))

    def leave(self) -> None:
        super().leave()
        self._request += 1
        self._image = None

    def _take(self, request: int, image: QImage | None, problem: str) -> None:
        if request != self._request:
            return  # another step has taken its place meanwhile
        if image is None:
            self._fail(
                f"The picture {self._path} cannot be shown ({problem}). "
                "Save it as PNG or JPEG, or go on to the next step.",
                detail=f"{self._detail}: {problem}",
            )
            return
        self._image = image
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._paint_ground(painter)
        if self._image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(fitted(self._image, self), self._image)
        painter.end()
        if self._image is not None:
            self._stamp_onset(self._clock.now_ns())


def fitted(image: QImage, widget: QWidget) -> QRectF:
    """Largest rectangle of the image's proportions, centred in the widget, logical px."""
    size = image.size().scaled(widget.size(), Qt.AspectRatioMode.KeepAspectRatio)
    return QRectF(
        (widget.width() - size.width()) / 2,
        (widget.height() - size.height()) / 2,
        size.width(),
        size.height(),
    )
