"""One whole picture of each distinct page a participant meets, for the map."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QObject, QSize, QTimer, QUrl, Signal
from PySide6.QtGui import QImage

from journeylab.clock import NS_PER_S, Clock
from journeylab.streams import Picture
from journeylab.ui.participant.page_copy import CopyPainter, PageCopy, read_page_copy
from journeylab.ui.participant.page_words import shown_address, too_large
from journeylab.ui.participant.screen_pictures import PictureEncoder
from journeylab.ui.participant.web_page import Browser

MOST_IN_A_STEP: Final = 30
_MOST_OF_A_PAGE: Final = 4
_SETTLE_MS: Final = 900
_WORTH_ANOTHER: Final = 1.25  # how much longer a page has become


class PagePictures(QObject):
    """Has each distinct page (its address without fragment) drawn once it stands still.

    The page itself is left alone: its elements are copied as they stand, with whatever cart or
    login they show but nothing that was typed, and the copy is drawn out of sight. A page that
    has become much longer is drawn again. ``taken`` tells of a picture (its time is still to be
    set), the page's address and what is to be said of it; ``missed`` that a page is too
    large for one.
    """

    taken = Signal(object, str, str)  # Picture, url, detail
    missed = Signal(str)  # a sentence

    def __init__(self, browser: Browser, *, clock: Clock, parent: QObject) -> None:
        super().__init__(parent)
        self._browser = browser
        self._clock = clock
        self._viewport = QSize()
        self._step_id = ""
        self._heights: dict[str, list[float]] = {}  # of the pictures taken, by address
        self._wanted = ""
        self._token = 0
        self._is_held = False
        self._copied_ns = 0
        self._drawn_step_id = ""
        self._drawn_url = ""
        self._painter = CopyPainter(browser.profile, self)
        self._painter.painted.connect(self._take_image)
        self._painter.given_up.connect(self._look_again)
        self._browser.handed.connect(self._take_copy)
        self._encoder = PictureEncoder(self)
        self._encoder.done.connect(self._pass_on)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._ask)

    @property
    def is_busy(self) -> bool:
        """Whether a copy is being drawn, and loads what the page had loaded before."""
        return self._painter.is_busy

    def begin_step(self, step_id: str) -> None:
        """The pages met from now on are this step's."""
        self._step_id = step_id
        self._heights = {}

    def end_step(self) -> None:
        """No page of a step is shown any more; a copy that was taken is still drawn."""
        self._step_id = ""
        self._timer.stop()

    def see(self, url: str, *, viewport: QSize, height_px: float = 0.0) -> None:
        """The participant sees this page, so tall, in a view of this size (CSS px)."""
        key = page_key(url)
        if not self._step_id or not self._is_worth_a_picture(key, height_px):
            return
        self._viewport = viewport
        self._wanted = key
        self._timer.start(_SETTLE_MS)

    def hold(self, is_held: bool) -> None:
        """Copy no page while it is covered; one that was copied before is still drawn."""
        self._is_held = is_held

    def close(self) -> None:
        """Leave off, before the browser goes."""
        self.end_step()
        self._painter.close()
        self._encoder.close()

    def _is_worth_a_picture(self, key: str, height_px: float) -> bool:
        heights = self._heights.get(key)
        if heights is None:
            return sum(map(len, self._heights.values())) < MOST_IN_A_STEP
        if not heights:
            return False  # its first picture is being drawn
        return len(heights) < _MOST_OF_A_PAGE and height_px > _WORTH_ANOTHER * max(heights)

    def _ask(self) -> None:
        if self._is_held or self._painter.is_busy:
            self._timer.start(_SETTLE_MS)
            return
        self._token += 1
        self._browser.run(f"window.__journeylab && window.__journeylab.copy({self._token})")

    def _take_copy(self, message: str) -> None:
        copy = read_page_copy(message)
        if copy is None or copy.token != self._token or self._painter.is_busy:
            return
        if self._is_held:  # the pause began while it was on its way
            self._timer.start(_SETTLE_MS)
            return
        if not self._step_id or page_key(copy.url) != self._wanted:
            return  # left meanwhile
        self._token += 1  # one request, one copy
        if copy.too_large:
            self._heights[self._wanted] = []  # it would be too large again
            self.missed.emit(too_large(copy.too_large))
            return
        self._begin(copy)

    def _begin(self, copy: PageCopy) -> None:
        self._copied_ns = self._clock.now_ns()
        self._drawn_step_id = self._step_id
        self._drawn_url = page_key(copy.url)
        self._heights.setdefault(self._drawn_url, [])
        self._painter.paint(copy, self._viewport)

    def _take_image(self, image: QImage, size: QSize) -> None:
        if self._drawn_step_id == self._step_id:
            self._heights.setdefault(self._drawn_url, []).append(float(size.height()))
        page = (self._drawn_url, size)
        # Stamped when it is written down, like the row that goes with it.
        self._encoder.encode(image, 0, step_id=self._drawn_step_id, about=page)

    def _look_again(self) -> None:
        self._heights.pop(self._drawn_url, None)  # the next sight of it may do better

    def _pass_on(self, picture: Picture, page: tuple[str, QSize]) -> None:
        url, size = page
        since_s = (self._clock.now_ns() - self._copied_ns) / NS_PER_S
        detail = f"{size.width()}x{size.height()} px, as it stood {since_s:.1f} s before"
        self.taken.emit(replace(picture, stream="pages"), url, detail)


def page_key(url: str) -> str:
    """What makes a page distinct: its address without the fragment."""
    bare = QUrl(shown_address(QUrl(url)))
    fragment = bare.fragment()
    # Routes of older single-page apps live in the fragment: #/cart is a page, #top is a place.
    if not fragment.startswith(("/", "!")):
        bare.setFragment("")
        return bare.toString().removesuffix("#")
    return bare.toString()
