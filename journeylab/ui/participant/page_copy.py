"""A copy of a page as it stands, drawn once in full, out of sight."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

import psutil
import shiboken6
from PySide6.QtCore import QObject, QPoint, QRect, QRectF, QSize, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWebEngineCore import (
    QWebEnginePage,
    QWebEngineProfile,
    QWebEngineScript,
    QWebEngineSettings,
)
from PySide6.QtWebEngineWidgets import QWebEngineView

from journeylab.logs import logger
from journeylab.theme import LIGHT

_log = logger(__name__)

TALLEST_PX: Final = 20_000
_WORLD: Final = QWebEngineScript.ScriptWorldId.ApplicationWorld.value
_LARGEST_COPY: Final = 16 << 20
_LONGEST_URL: Final = 4096
_POLL_MS: Final = 60
_BETWEEN_TILES_MS: Final = 120  # leaves the processor to the recording
_LONGEST_MS: Final = 60_000
_NICE: Final = 15
_MOST_POLLS: Final = 80  # a picture of the page that never comes is not waited for
_SAME_COLOUR: Final = 8

_WRITE: Final = """(() => {
    if (window.__journeylab) window.__journeylab.stop();
    document.open(); document.write(%s); document.close();
})()"""
# Without scripts a browser shows what is meant for browsers without scripts.
_PREPARE: Final = """(() => {
    for (const one of document.querySelectorAll("noscript")) one.remove();
    const style = document.createElement("style");
    style.textContent = %s + "\\nhtml { scroll-behavior: auto !important; " +
        "scroll-snap-type: none !important }";
    (document.head || document.documentElement).append(style);
    for (const one of document.querySelectorAll("video, audio")) one.removeAttribute("autoplay");
    for (const one of document.querySelectorAll("img[loading=lazy]")) one.loading = "eager";
})()"""
_IS_READY: Final = """(() => {
    const images = Array.from(document.images);
    return document.readyState === "complete" && images.every((image) => image.complete);
})()"""
_SIZE: Final = """(() => {
    const root = document.documentElement;
    return JSON.stringify([root.clientWidth || innerWidth, innerHeight,
                           Math.max(root.scrollHeight, innerHeight)]);
})()"""
# What stays in its place while one scrolls would else be on every tile.
_UNSTICK: Final = """(() => {
    for (const one of document.querySelectorAll("*")) {
        const position = getComputedStyle(one).position;
        if (position === "fixed") one.style.setProperty("visibility", "hidden", "important");
        if (position === "sticky") one.style.setProperty("position", "relative", "important");
        if (position === "sticky") one.style.setProperty("inset", "auto", "important");
    }
})()"""
# A frame takes a while from the engine's process to the view, and the view may still show the one
# before. A mark that comes with the move, and then goes, says which frame is seen.
_MOVE: Final = """(() => {
    scrollTo(0, %d);
    const mark = document.createElement("div");
    mark.id = "journeylab-mark";
    mark.style.cssText = "all:initial;position:fixed;left:0;top:0;width:8px;height:8px;" +
        "z-index:2147483647;background:rgb(%d,%d,%d)";
    document.documentElement.append(mark);
    return scrollY;
})()"""
_UNMARK: Final = 'document.getElementById("journeylab-mark").remove()'
_MARK_PX: Final = 4  # a place inside the mark


@dataclass(frozen=True, slots=True)
class PageCopy:
    """A page's elements and styles as they stood; nothing of it runs any more.

    ``url`` and ``base_url`` are where it lay and where its own links begin, ``css`` the rules its
    scripts had written, ``token`` the request it answers. Of a page that is too large to be copied
    ``too_large`` is its length in characters, and the rest is empty.
    """

    token: int
    url: str
    base_url: str
    html: str
    css: str
    too_large: int = 0


def read_page_copy(message: str) -> PageCopy | None:
    """Read what the watching script handed over; None when it is none of ours."""
    if len(message) > _LARGEST_COPY:
        return None
    try:
        values = json.loads(message)
        if "too_large" in values:
            values = {"base": "", "html": "", "css": "", **values}
        copy = PageCopy(
            token=int(values["token"]),
            url=str(values["url"])[:_LONGEST_URL],
            base_url=str(values["base"])[:_LONGEST_URL],
            html=str(values["html"]),
            css=str(values["css"]),
            too_large=int(values.get("too_large", 0)),
        )
    except (ValueError, RecursionError, KeyError, TypeError):
        return None
    return copy


class _StillPage(QWebEnginePage):
    """Holds a copy: no scripts, no sound, and nothing leads away from it."""

    def acceptNavigationRequest(
        self, url: QUrl | str, _kind: QWebEnginePage.NavigationType, is_main_frame: bool
    ) -> bool:
        return not is_main_frame or QUrl(url).scheme() == "data"

    def javaScriptConsoleMessage(self, *_args: object) -> None:
        """Nothing runs here."""


class CopyPainter(QObject):
    """Draws copies of pages, one at a time, in a view of its own that nobody sees.

    The view is as large as the participant's, and the page is moved through it: it keeps its
    layout to the pixel, which a view as tall as the page would not (a page may fill "the whole
    screen" with its first picture). ``painted`` tells of the picture and the size of the page in
    CSS px, ``given_up`` that there is none. GUI thread only; each stretch of work is short.
    """

    painted = Signal(object, object)  # QImage, QSize
    given_up = Signal()

    def __init__(self, profile: QWebEngineProfile, parent: QObject) -> None:
        super().__init__(parent)
        self._profile = profile
        self._view: QWebEngineView | None = None
        self._page: _StillPage | None = None
        self._copy: PageCopy | None = None
        self._viewport = QSize()
        self._page_px = QSize()
        self._image = QImage()
        self._next_px = 0
        self._covered_px = 0.0  # how far down the picture holds something
        self._at_px = 0.0  # where the tile in hand begins
        self._mark = QColor()
        self._polls = 0
        self._run_number = 0

    @property
    def is_busy(self) -> bool:
        """Whether a copy is being drawn."""
        return self._copy is not None

    def paint(self, copy: PageCopy, viewport: QSize) -> None:
        """Begin to draw a copy in a view of this size, CSS px."""
        self._copy = copy
        self._run_number += 1
        self._polls = 0
        view = self._open_view()
        view.resize(viewport)
        view.show()
        self._viewport = viewport
        number = self._run_number
        view.page().loadFinished.connect(
            lambda _ok: self._step(number, self._write), Qt.ConnectionType.SingleShotConnection
        )
        empty = b"<!doctype html><title></title>"
        view.page().setContent(empty, "text/html", QUrl(copy.base_url))
        QTimer.singleShot(_LONGEST_MS, self, lambda: self._expire(number))

    def stop(self) -> None:
        """Leave off; nothing is told of the copy in hand."""
        self._copy = None
        self._run_number += 1
        self._image = QImage()
        if self._view is not None:
            self._view.hide()

    def close(self) -> None:
        """Take view and page down, before their profile goes."""
        self.stop()
        if self._view is not None and self._page is not None:
            # The page first, as with every page: it lets go of its view by itself.
            shiboken6.delete(self._page)
            shiboken6.delete(self._view)
            self._view = None

    def _open_view(self) -> QWebEngineView:
        if self._view is not None:
            return self._view
        page = _StillPage(self._profile)
        page.settings().setAttribute(QWebEngineSettings.WebAttribute.JavascriptEnabled, False)
        page.setAudioMuted(True)
        page.setBackgroundColor(QColor(LIGHT.ground))
        view = QWebEngineView()
        view.setPage(page)
        for attribute in (
            Qt.WidgetAttribute.WA_DontShowOnScreen,
            Qt.WidgetAttribute.WA_ShowWithoutActivating,
        ):
            view.setAttribute(attribute)
        view.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._view, self._page = view, page
        return view

    # Each step answers to the copy it was begun for, and to no later one.

    def _step(self, number: int, do: object, *values: object) -> None:
        if shiboken6.isValid(self) and number == self._run_number and self._copy is not None:
            do(*values)  # type: ignore[operator]

    def _ask(self, script: str, then: object) -> None:
        assert self._view is not None
        number = self._run_number
        self._view.page().runJavaScript(
            script, _WORLD, lambda answer: self._step(number, then, answer)
        )

    def _later(self, wait_ms: int, do: object) -> None:
        number = self._run_number
        QTimer.singleShot(wait_ms, self, lambda: self._step(number, do))

    def _expire(self, number: int) -> None:
        self._step(number, self._give_up)

    def _give_up(self) -> None:
        self.stop()
        self.given_up.emit()

    def _write(self) -> None:
        assert self._copy is not None
        self._ask(_WRITE % json.dumps(self._copy.html), self._prepare)

    def _prepare(self, _answer: object) -> None:
        assert self._copy is not None
        _give_way(self._page)
        self._ask(_PREPARE % json.dumps(self._copy.css), self._wait_until_ready)

    def _wait_until_ready(self, is_ready: object = False) -> None:
        self._polls += 1
        if is_ready is True or self._polls > _MOST_POLLS:
            self._ask(_SIZE, self._begin_image)
            return
        self._later(_POLL_MS, lambda: self._ask(_IS_READY, self._wait_until_ready))

    def _begin_image(self, answer: object) -> None:
        try:
            width, height, whole = (int(side) for side in json.loads(str(answer)))
        except (ValueError, TypeError):
            self._give_up()
            return
        whole = min(whole, TALLEST_PX)
        if width < 1 or height < 1 or whole < 1:
            self._give_up()
            return
        self._viewport = QSize(width, height)
        self._page_px = QSize(width, whole)
        # As large as the page: it is made smaller where it is encoded, away from the GUI thread.
        self._image = QImage(width, whole, QImage.Format.Format_RGB32)
        self._covered_px = 0.0
        self._next_px = 0
        self._move()

    def _move(self) -> None:
        # Another colour each time, and none that pages like.
        self._mark = QColor(3, 250, 7 + 31 * (self._next_px // self._viewport.height()) % 240)
        mark = (self._mark.red(), self._mark.green(), self._mark.blue())
        self._ask(_MOVE % (self._next_px, *mark), self._wait_for_mark)

    def _wait_for_mark(self, at_px: object) -> None:
        if not isinstance(at_px, int | float):
            self._give_up()
            return
        self._at_px = float(at_px)
        self._polls = 0
        self._later(_POLL_MS, self._look_for_mark)

    def _look_for_mark(self) -> None:
        self._polls += 1
        if self._is_marked():
            self._polls = 0
            self._ask(_UNMARK, lambda _answer: self._later(_POLL_MS, self._look_for_tile))
        elif self._polls > _MOST_POLLS:
            self._give_up()
        else:
            self._later(_POLL_MS, self._look_for_mark)

    def _look_for_tile(self) -> None:
        self._polls += 1
        if not self._is_marked():
            self._take_tile(self._grab())
        elif self._polls > _MOST_POLLS:
            self._give_up()
        else:
            self._later(_POLL_MS, self._look_for_tile)

    def _grab(self) -> QImage:
        assert self._view is not None
        return self._view.grab().toImage()

    def _is_marked(self) -> bool:
        """Whether the mark is seen; only its corner is drawn for that."""
        assert self._view is not None
        tile = self._view.grab(QRect(0, 0, 2 * _MARK_PX, 2 * _MARK_PX)).toImage()
        place = round(_MARK_PX * tile.devicePixelRatio())
        if not tile.valid(place, place):
            return False
        seen, mark = QColor(tile.pixel(place, place)), self._mark
        apart = (
            abs(seen.red() - mark.red()),
            abs(seen.green() - mark.green()),
            abs(seen.blue() - mark.blue()),
        )
        return max(apart) <= _SAME_COLOUR

    def _take_tile(self, tile: QImage) -> None:
        width, height = self._viewport.width(), self._viewport.height()
        ratio, at_px = tile.devicePixelRatio(), self._at_px
        painter = QPainter(self._image)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, ratio != 1.0)
        seen = QRectF(0.0, 0.0, width * ratio, height * ratio)
        if at_px > self._covered_px:  # the page went further than it was asked to
            gap = QRectF(0.0, self._covered_px, width, at_px - self._covered_px)
            painter.fillRect(gap, QColor(LIGHT.ground))
        painter.drawImage(QRectF(0.0, at_px, width, height), tile, seen)
        painter.end()
        self._covered_px = max(self._covered_px, at_px + height)
        is_first = self._next_px == 0
        self._next_px += height
        if self._next_px >= self._page_px.height() or at_px + height >= self._page_px.height():
            self._finish()
        elif is_first:
            self._ask(_UNSTICK, lambda _answer: self._move())
        else:
            self._later(_BETWEEN_TILES_MS, self._move)

    def _finish(self) -> None:
        # A page that does not let itself be moved is pictured as far as it goes.
        covered_px = min(self._page_px.height(), int(self._covered_px))
        size = QSize(self._page_px.width(), covered_px)
        is_whole = covered_px == self._image.height()
        image = self._image if is_whole else self._image.copy(QRect(QPoint(0, 0), size))
        self.stop()
        self.painted.emit(image, size)


def _give_way(page: QWebEnginePage | None) -> None:
    """Let the process that draws a copy yield to all else: a picture may wait, frames may not."""
    pid = 0 if page is None else int(page.renderProcessPid())
    try:
        if pid > 0:
            psutil.Process(pid).nice(_NICE)
    except (psutil.Error, OSError) as error:
        _log.info("the copy of a page is drawn like all else: %s", error)
