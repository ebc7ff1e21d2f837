"""Pictures of the participant's screen: one when a step comes on, one when its view changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QIODevice,
    QObject,
    QRunnable,
    Qt,
    QThreadPool,
    QTimer,
    Signal,
)
from PySide6.QtGui import QImage, QImageWriter
from PySide6.QtWidgets import QWidget

from journeylab.clock import NS_PER_MS, Clock
from journeylab.streams import Picture

WIDEST_PX: Final = 960
_QUALITY: Final = 80
_INTERVAL_MS: Final = 1000
_LOOKS_AGAIN: Final = 2
_SETTLE_MS: Final = 120  # lets a change finish drawing before it is taken


def encode_picture(image: QImage, t_ns: int, *, step_id: str) -> Picture:
    """JPEG of an image, at most :data:`WIDEST_PX` wide."""
    if image.width() > WIDEST_PX:
        image = image.scaledToWidth(WIDEST_PX, Qt.TransformationMode.SmoothTransformation)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(b"jpg"))
    writer.setQuality(_QUALITY)
    writer.write(image.convertToFormat(QImage.Format.Format_RGB32))
    buffer.close()
    return Picture(t_ns, step_id, image.width(), image.height(), "image/jpeg", bytes(data.data()))


class _Work(QRunnable):
    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__()
        self._work = work

    def run(self) -> None:
        self._work()


class PictureEncoder(QObject):
    """Scales and encodes images away from the GUI thread, one after the other.

    ``done`` goes out on the GUI thread with the picture and with what was given ``about`` it.
    """

    done = Signal(object, object)  # Picture, anything

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)

    def encode(self, image: QImage, t_ns: int, *, step_id: str, about: object = None) -> None:
        """Encode an image that nobody changes any more."""

        def work() -> None:
            self.done.emit(encode_picture(image, t_ns, step_id=step_id), about)

        self._pool.start(_Work(work))

    def close(self) -> None:
        """Wait for the picture in hand."""
        self._pool.waitForDone()


class ScreenPictures(QObject):
    """Takes pictures of a widget when asked, at most once per second, and encodes them aside.

    The grab is stamped when it is made; the picture arrives a few milliseconds later through
    ``taken``, on the GUI thread. A picture equal to the one before it in the same step is left
    out. As long as it was not, the widget is looked at again, twice at most: a browser tells that
    a page is painted before it is on the screen.
    """

    taken = Signal(object)  # a Picture

    def __init__(self, widget: QWidget, *, clock: Clock) -> None:
        super().__init__(widget)
        self._widget = widget
        self._clock = clock
        self._step_id = ""
        self._last_ns: int | None = None
        self._last: Picture | None = None
        self._looks_left = 0
        self._encoder = PictureEncoder(self)
        self._encoder.done.connect(self._pass_on)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)  # others come up to 5 % early
        self._timer.timeout.connect(self._take)

    def begin_step(self, step_id: str) -> None:
        """A step's stimulus is on its way: its onset is pictured without the usual pause."""
        self._timer.stop()
        self._step_id = step_id
        self._last_ns = None

    def end_step(self) -> None:
        """Nothing of a study is on the screen any more."""
        self._timer.stop()
        self._step_id = ""

    def ask(self) -> None:
        """The view changed: take a picture as soon as the pace allows."""
        self._looks_left = _LOOKS_AGAIN
        if not self._step_id or self._timer.isActive():
            return
        wait_ms = _SETTLE_MS
        if self._last_ns is not None:
            since_ms = (self._clock.now_ns() - self._last_ns) // NS_PER_MS
            wait_ms = max(_SETTLE_MS, _INTERVAL_MS - int(since_ms))
        self._timer.start(wait_ms)

    def ask_at_once(self) -> None:
        """Another screen came on: it is pictured without the usual pause."""
        self._timer.stop()
        self._last_ns = None
        self.ask()

    def close(self) -> None:
        """Wait for the picture in hand; nothing is taken afterwards."""
        self.end_step()
        self._encoder.close()

    def _take(self) -> None:
        if not self._step_id or not self._widget.isVisible():
            return
        t_ns = self._clock.now_ns()
        self._last_ns = t_ns
        image = self._widget.grab().toImage()
        self._encoder.encode(image, t_ns, step_id=self._step_id)

    def _pass_on(self, picture: Picture, _about: object) -> None:
        last = self._last
        if last is not None and (last.step_id, last.data) == (picture.step_id, picture.data):
            return
        self._last = picture
        self.taken.emit(picture)
        if picture.step_id == self._step_id and self._looks_left and not self._timer.isActive():
            self._looks_left -= 1
            self._timer.start(_INTERVAL_MS)
